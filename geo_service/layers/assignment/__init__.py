"""Assignment: the owner of a point, the rule that found it, how sure it is, and the reason."""
