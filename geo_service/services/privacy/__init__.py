"""What is private of issues: how long it stays, and erasing it so that nothing else changes."""
