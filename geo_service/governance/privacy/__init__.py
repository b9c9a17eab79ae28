"""What is private of an issue: how long it is kept, and what is left when it was erased."""
