"""From lines as people draw them to new arcs: read, noded with borders, cut."""
