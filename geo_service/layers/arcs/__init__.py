"""Boundaries as arcs between junctions: extracted, edited, and put together to areas again."""

from geo_service.layers.arcs.arc import Arc, Chain, Place
from geo_service.layers.arcs.coverage import Area, AreaKey, Coverage
from geo_service.layers.arcs.extraction import extract

__all__ = ["Arc", "Area", "AreaKey", "Chain", "Coverage", "Place", "extract"]
