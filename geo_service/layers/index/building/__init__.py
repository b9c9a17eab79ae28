"""From outlines to an index: distinct edges, cells and their parts, and whether areas overlap."""

from geo_service.layers.index.building.linework import CrowdedEdge, Linework, linework
from geo_service.layers.index.building.soundness import find_overlaps
from geo_service.layers.index.building.tables import built

__all__ = ["CrowdedEdge", "Linework", "built", "find_overlaps", "linework"]
