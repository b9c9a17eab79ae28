"""Fictional registers of the demo streets: organisations, units, sites, and what they do."""
