"""Profiles, calendars and the handling of issues on the command line."""
