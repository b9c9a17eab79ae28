"""Which ground and whose residents went where, between two editions."""
