"""What a planner may be offered: new codes, balanced parts, fixes for what the review found."""
