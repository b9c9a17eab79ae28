"""Issues in, assigned, listed and counted again."""
