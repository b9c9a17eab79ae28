"""Webhooks: who is told of events, and telling them."""
