"""Folders that others put ticket lists into: taken in by themselves, and moved aside."""
