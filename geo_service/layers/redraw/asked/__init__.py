"""What planners ask for, and the borders that they are handed: by keys and names, not numbers."""
