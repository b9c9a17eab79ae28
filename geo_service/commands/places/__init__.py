"""Places at the terminal: whose they are, and the indexes that tell it."""
