"""Issues that come one by one, and share their commits."""
