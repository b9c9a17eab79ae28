"""Ticket lists from files: every row is stored or stands in the report with its reason."""
