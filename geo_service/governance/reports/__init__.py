"""Many reports at once, column by column: read, fingerprinted, begun."""
