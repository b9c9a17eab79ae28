"""Building lists: read from files, areas derived from them, told and written out again."""
