"""Party organisations, units and service sites: what is known of them, and what they cover."""
