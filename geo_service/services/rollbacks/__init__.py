"""Taking publications back: all of an older edition again, or one edition's changes undone."""
