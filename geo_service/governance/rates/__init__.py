"""What rates are made of: the rules of a profile, what the events of an issue add up to, shares."""
