"""The coverage desk: what its page shows, and the registers behind its cards and symbols."""
