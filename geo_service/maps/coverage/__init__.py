"""The coverage desk: who answers for each polygon, on a map and in tables."""
