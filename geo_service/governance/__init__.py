"""Who and how: the profile and the life of an issue; pure."""
