"""The sheet of one area: its issues, organisations, sites, borders and history."""
