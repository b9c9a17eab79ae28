"""Many points at once, in columns: what was sent, whose they are, and the answer as a table."""
