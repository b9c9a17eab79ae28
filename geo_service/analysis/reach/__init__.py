"""What service circles reach: shares of ground and of residents, exactly, and the gaps."""
