"""geo_service · 网格一张图: dated grid boundaries, exact owners, honest maps."""

__version__ = "0.1.0"
