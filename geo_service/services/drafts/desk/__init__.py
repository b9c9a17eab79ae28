"""What the planner desk shows: its page, both sides of a change, how even areas are."""
