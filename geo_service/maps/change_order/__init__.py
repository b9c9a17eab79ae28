"""The sheet of a change of boundaries: 变更单, for signatures."""
