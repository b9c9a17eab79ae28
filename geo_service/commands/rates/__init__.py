"""Rates and their sheets at the terminal."""
