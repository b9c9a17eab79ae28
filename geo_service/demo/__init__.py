"""Synthetic cities, issues and organisations from a seed; every place is fictional."""
