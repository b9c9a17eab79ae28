"""What drafts look like and what differs in them, as values that are kept from step to step."""
