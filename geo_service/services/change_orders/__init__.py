"""变更单: what a redraw changes, gathered for one printable sheet."""
