"""The exact index: whose is this point, for one coverage, at memory speed.

The only place that knows numba. Method: a table of cells over the edges, each distinct edge once
with the areas on its two sides; see ``cells`` and ``lookup``.
"""

from geo_service.layers.index.cells import Words, is_whole
from geo_service.layers.index.chains import ChainColumn, Chains
from geo_service.layers.index.coverage_index import CoverageIndex, coverage_index
from geo_service.layers.index.distances.discs import (
    Edges,
    edges_of,
    shares_of_disc,
    shares_of_discs,
)
from geo_service.layers.index.family_index import FamilyIndex, Level, family_index
from geo_service.layers.index.overlay_index import OverlayIndex, overlay_index

__all__ = [
    "ChainColumn",
    "Chains",
    "CoverageIndex",
    "Edges",
    "FamilyIndex",
    "Level",
    "OverlayIndex",
    "Words",
    "coverage_index",
    "edges_of",
    "family_index",
    "is_whole",
    "overlay_index",
    "shares_of_disc",
    "shares_of_discs",
]
