"""Photos of issues: attached, shown, and removed when nobody names them."""
