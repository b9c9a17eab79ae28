"""The land a demo city stands on: blocks between roads, arcs, nested groups, buildings, names."""
