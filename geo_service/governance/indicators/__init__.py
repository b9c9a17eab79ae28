"""What an office counts itself by: indicators with their targets, and when it looks at them."""
