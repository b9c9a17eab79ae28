"""What lists of any kind have in common: reading their rows, telling what was rejected."""
