"""Use cases: one method is one transaction, the caller comes first."""
