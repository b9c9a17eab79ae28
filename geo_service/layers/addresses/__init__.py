"""Addresses: what a text says of a place, and which known places it names."""
