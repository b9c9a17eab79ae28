"""The terminal in, the terminal out."""
