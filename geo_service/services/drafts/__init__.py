"""Redrawing boundaries in drafts: done step by step, checked, published, never live before."""
