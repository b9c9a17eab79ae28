"""Many things in one request, each with its own result."""
