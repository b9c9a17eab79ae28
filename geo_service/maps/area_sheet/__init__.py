"""The page of one area: both halves of its governance on one sheet."""
