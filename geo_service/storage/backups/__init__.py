"""Backups: one moment of a database of either kind, in one file that proves itself."""
