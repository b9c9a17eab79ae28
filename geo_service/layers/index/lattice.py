"""The lattice of cells over a layer: sides are powers of two, so no cell border is ever rounded."""

import math
from typing import NamedTuple

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.index.compiling import compiled

PARTS_X, PARTS_Y = 16, 8
"""Columns and rows of parts in a cell: two bits for each fill half a line of memory."""

_BORDER_SHARE = 0.0015
"""Parts that a border touches: points there take tens of times as long."""
_CELLS_PER_EDGE = 3
_CELLS_IN_CACHE = 2**22
"""Up to so many cells a layer may have twice as many: caches hold them."""
_CELLS_IN_NEAR_CACHE, _CELLS_PER_EDGE_THERE = 2**19, 64
"""Two megabytes: small layers are as fast as caches are."""
_FINEST = -34
"""2**-34 degrees are some micrometers; parts are finer."""


class Lattice(NamedTuple):
    """Cell (column, row) spans [first + column, first + column + 1) times the side, in degrees."""

    side_x: float
    side_y: float
    first_x: float
    first_y: float
    columns: int
    rows: int


def lattice_for(ends: Floats, *, is_brief: bool = False) -> Lattice:
    """Return the lattice that answers fastest within the memory that an index may take.

    Cells are halved across the direction that more borders cross, until borders touch few of their
    parts or the table would outgrow what its edges allow.

    Parameters
    ----------
    ends
        Distinct edges, shape ``(m, 4)``, degrees.
    is_brief
        Few points are asked: as many cells as edges, which are soon laid out.
    """
    if len(ends) == 0:
        return Lattice(1.0, 1.0, 0.0, 0.0, 1, 1)
    (west, south, east, north), (length_x, length_y) = _extents(ends)
    powers = [_power_over(east - west), _power_over(north - south)]
    cells = _CELLS_PER_EDGE * len(ends)
    least = min(_CELLS_IN_NEAR_CACHE, _CELLS_PER_EDGE_THERE * len(ends))
    limit = len(ends) if is_brief else max(least, cells + min(cells, _CELLS_IN_CACHE))
    box = (west, south, east, north)
    lattice = _lattice(box, powers)
    while True:
        # an edge touches as many parts as it passes columns and rows of them
        parts = lattice.columns * lattice.rows * PARTS_X * PARTS_Y
        share_x = length_x / (lattice.side_x / PARTS_X) / parts
        share_y = length_y / (lattice.side_y / PARTS_Y) / parts
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


@compiled
def lattice_of_parts(lattice: Lattice) -> Lattice:
    """Return the lattice of the parts of all cells."""
    return Lattice(
        lattice.side_x / PARTS_X,
        lattice.side_y / PARTS_Y,
        lattice.first_x * PARTS_X,
        lattice.first_y * PARTS_Y,
        lattice.columns * PARTS_X,
        lattice.rows * PARTS_Y,
    )
