"""The parts of ``bench.locate``: points, one point at a time, the index itself."""
