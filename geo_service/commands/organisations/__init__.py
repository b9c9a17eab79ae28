"""Registers and coverage at the terminal."""
