"""Where: frames, areas, topology, the locator and files; pure but for files."""
