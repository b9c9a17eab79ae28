"""Sheets of rates as pages that print on A4 and need nothing beside themselves."""
