"""Features in and out, in every format that boundaries come in: one module for each."""
