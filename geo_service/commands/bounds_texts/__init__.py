"""The terminal: 四至 of areas, as they are published and in drafts."""
