"""Sheets of rates by day, week, month and quarter: drawn, signed, printed again."""
