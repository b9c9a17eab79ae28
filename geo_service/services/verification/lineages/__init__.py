"""What was written down with each edition: whether lineages add up, 四至 fit their ground."""
