"""Time limits: which days are worked, how time counts, when something is due."""
