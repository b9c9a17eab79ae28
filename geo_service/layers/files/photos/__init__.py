"""Photos from strangers: what they are, their pixels, and nothing else of them."""
