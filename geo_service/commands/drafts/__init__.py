"""`geo-service drafts`: boundaries redrawn at the terminal."""
