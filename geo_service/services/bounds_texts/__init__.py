"""四至: generated from what runs along the borders, and what people wrote instead."""
