"""Commands of the planner on what became of areas, and on taking publications back."""
