"""The planner desk."""
