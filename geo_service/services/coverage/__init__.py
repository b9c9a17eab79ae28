"""Who answers for each polygon and unit on a day, and what is to be done about it."""
