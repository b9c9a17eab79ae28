"""The lattice of cells over a layer: sides are powers of two, so no cell border is ever rounded."""

import math
from typing import NamedTuple

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.index.compiling import compiled

_BORDER_SHARE = 0.06
"""Cells that a border touches: points there take ten times as long."""
_CELLS_PER_EDGE = 9
_LEAST_CELLS = 2**19
"""Two megabytes: small layers are as fast as caches are."""
_FINEST = -38
"""2**-38 degrees are less than a micrometer."""


class Lattice(NamedTuple):
    """Cell (column, row) spans [first + column, first + column + 1) times the side, in degrees."""

    side_x: float
    side_y: float
    first_x: float
    first_y: float
    columns: int
    rows: int


def lattice_for(ends: Floats) -> Lattice:
    """Return the lattice that answers fastest within the memory that an index may take.

    Cells are halved across the direction that more borders cross, until borders touch few of them
    or the table would outgrow what its edges allow.

    Parameters
    ----------
    ends
        Distinct edges, shape ``(m, 4)``, degrees.
    """
    if len(ends) == 0:
        return Lattice(1.0, 1.0, 0.0, 0.0, 1, 1)
    (west, south, east, north), (length_x, length_y) = _extents(ends)
    powers = [_power_over(east - west), _power_over(north - south)]
    limit = max(_LEAST_CELLS, _CELLS_PER_EDGE * len(ends))
    box = (west, south, east, north)
    lattice = _lattice(box, powers)
    while True:
        # an edge touches as many cells as it passes columns and rows
        share_x = length_x / lattice.side_x / (lattice.columns * lattice.rows)
        share_y = length_y / lattice.side_y / (lattice.columns * lattice.rows)
        if share_x + share_y <= _BORDER_SHARE:
            return lattice
        powers[0 if share_x <= share_y else 1] -= 1
        finer = _lattice(box, powers)
        if min(powers) < _FINEST or finer.columns * finer.rows > limit:
            return lattice
        lattice = finer


def _power_over(extent: float) -> int:
    return max(_FINEST, math.frexp(extent)[1])


def _lattice(box: tuple[float, float, float, float], powers: list[int]) -> Lattice:
    west, south, east, north = box
    side_x, side_y = 2.0 ** powers[0], 2.0 ** powers[1]
    first_x, first_y = math.floor(west / side_x), math.floor(south / side_y)
    columns = math.floor(east / side_x) - first_x + 1
    rows = math.floor(north / side_y) - first_y + 1
    return Lattice(side_x, side_y, float(first_x), float(first_y), columns, rows)


@compiled
def _extents(
    ends: Floats,
) -> tuple[tuple[float, float, float, float], tuple[float, float]]:
    """Return the box of all edges, and their extents in both directions, summed."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    length_x, length_y = 0.0, 0.0
    for i in range(len(ends)):
        west, east = min(west, ends[i, 0]), max(east, ends[i, 2])
        low, high = min(ends[i, 1], ends[i, 3]), max(ends[i, 1], ends[i, 3])
        south, north = min(south, low), max(north, high)
        length_x += ends[i, 2] - ends[i, 0]
        length_y += high - low
    return (west, south, east, north), (length_x, length_y)


@compiled
def row_of(lattice: Lattice, y: float) -> int:
    """Return the row that holds a latitude inside the lattice."""
    return int(np.floor(y / lattice.side_y) - lattice.first_y)


@compiled
def column_of(lattice: Lattice, x: float) -> int:
    """Return the column that holds a longitude inside the lattice."""
    return int(np.floor(x / lattice.side_x) - lattice.first_x)
