"""From an address to a place: lists of addresses in, places found by name, issues located so."""
