"""Lineages: whether what was written down with each edition adds up."""
