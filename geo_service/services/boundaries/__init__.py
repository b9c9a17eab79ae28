"""Boundaries in, checked as a whole, and published as editions."""
