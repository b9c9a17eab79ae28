"""Numbers over areas and time; pure."""
