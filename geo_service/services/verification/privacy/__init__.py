"""Whether photos and erasures are what events say, and what is said where they are not."""
