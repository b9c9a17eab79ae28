"""The life of an issue between report and closing: states, steps, tiers, and who must have come."""
