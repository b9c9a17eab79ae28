"""Rates by area, period, category and source; sheets of them that are signed."""
