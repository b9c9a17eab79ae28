"""What goes out of what happened, where to, in which order, and when it is tried again."""
