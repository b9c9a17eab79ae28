"""How far borders are from a point, and how much of a circle around it they leave to each side."""
