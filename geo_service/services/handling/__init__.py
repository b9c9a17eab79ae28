"""Issues between report and closing: steps, where each stands, deadlines."""
