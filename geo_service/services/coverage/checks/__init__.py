"""What somebody has to decide or do: the ladder, what is due, sites, old bindings; as tables."""
