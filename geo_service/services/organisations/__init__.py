"""Registers of organisations, units and sites, and what they cover."""
