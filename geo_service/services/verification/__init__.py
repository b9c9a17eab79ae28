"""Verifying: whether a database still keeps every law that data can break; nothing is repaired."""
