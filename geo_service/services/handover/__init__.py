"""Handovers: what whoever goes off duty leaves to whoever comes on."""
