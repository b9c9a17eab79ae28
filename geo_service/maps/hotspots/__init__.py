"""The hotspot desk: where it is bad, on a map, in a list and in a table."""
