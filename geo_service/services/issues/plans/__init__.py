"""What intake will write, planned before anything is written."""
