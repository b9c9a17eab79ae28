"""What border agreements mean in one edition: corridors, the areas they favor, the ground moved."""
