"""The sheet of a handover, on one A4."""
