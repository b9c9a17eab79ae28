"""Redraws at the terminal: what they would change."""
