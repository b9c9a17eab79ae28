"""Redrawing by buildings: the ground around each, moved to a neighbor or put together by lists."""
