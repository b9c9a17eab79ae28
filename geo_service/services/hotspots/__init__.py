"""The hotspot desk: its numbers and its pages."""
