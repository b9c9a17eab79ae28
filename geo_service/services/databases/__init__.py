"""Whole databases: copied into another one, kept in a file, brought back."""
