"""Frames in question: what trusted boundaries, and points by the batch, say about them."""
