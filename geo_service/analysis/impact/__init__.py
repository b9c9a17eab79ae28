"""What a redraw does to areas, as numbers: who moves where, how even areas are, their shape."""

from geo_service.analysis.impact.balance import Balance, balance
from geo_service.analysis.impact.shape import compactness
from geo_service.analysis.impact.sharing import (
    Shared,
    crossings_m2,
    dwelling_weights,
    shared,
    transfers,
)

__all__ = [
    "Balance",
    "Shared",
    "balance",
    "compactness",
    "crossings_m2",
    "dwelling_weights",
    "shared",
    "transfers",
]
