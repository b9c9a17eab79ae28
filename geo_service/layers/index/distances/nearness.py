"""The borders nearest to a point, on the flat map: wider and wider rings of cells around it."""

import math

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.index.building.linework import Counts
from geo_service.layers.index.cells import (
    Tables,
    Words,
    border_at,
    edge_of,
    entries_of,
    opened,
)
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.distances.flat_map import Around, around_of, block_of, foot_on
from geo_service.layers.index.lattice import Lattice

_LOW_HALF = 0xFFFFFFFF
_TIE_M = 1e-6
_BEND = 4e-7
"""Per meter, relative: more than two directions of the flat map differ from a conformal one."""
_ROOM = 8
"""Rows for the edges of one point: few lie equally near."""

_RINGS = 32.0
"""From far away the first ring is so many times narrower than what lies before the lattice."""
_AT_ONCE = 32
"""Cells that are asked together whether a border touches any."""

Flags = NDArray[np.bool_]


@compiled
def edges_near(index: Words, x: float, y: float, reach_m: float) -> Floats:
    """Return the edges that may be the nearest to a point.

    Parameters
    ----------
    x, y
        Degrees; the point may lie outside the lattice.
    reach_m
        No edge further away on the flat map is looked for.

    Returns
    -------
    Floats
        One row per edge, shape ``(n, 5)``: the edge's point that is nearest (degrees; exactly the
        vertex where it is one), two labels, the distance on the flat map (meters).
    """
    everybody = np.empty(0, dtype=np.bool_)
    rows = np.empty((_ROOM, 5))
    rows, count = _add_near(opened(index), around_of(x, y), reach_m, everybody, rows, 0)
    return rows[:count]


@compiled
def edges_near_each(
    index: Words, x: Floats, y: Floats, reach_m: float, is_asked: Flags
) -> tuple[Counts, Floats]:
    """Return ``edges_near`` for many points, and which point each row is of.

    ``is_asked`` tells for each area, label 1 first, whether its edges count; empty for all.
    """
    tables = opened(index)
    per_point = np.empty(len(x), dtype=np.int64)
    rows = np.empty((_ROOM + len(x), 5))
    count = 0
    for i in range(len(x)):
        first = count
        rows, count = _add_near(tables, around_of(x[i], y[i]), reach_m, is_asked, rows, first)
        per_point[i] = count - first
    return np.repeat(np.arange(len(x)), per_point), rows[:count]


@compiled
def _add_near(
    tables: Tables, around: Around, reach_m: float, is_asked: Flags, rows: Floats, first: int
) -> tuple[Floats, int]:
    """Write the edges near a point from row ``first`` on; return the rows and where they end.

    Every cell is looked at once, in wider and wider rings.
    """
    gap_m = _gap_m(tables.lattice, around)
    if gap_m > reach_m:
        return rows, first
    cell_m = min(around[2] * tables.lattice.side_x, around[3] * tables.lattice.side_y)
    width_m = max(cell_m, gap_m / _RINGS)
    inner_m, count, least_m = -1.0, first, math.inf
    while least_m > inner_m and inner_m < reach_m:
        outer_m = min(reach_m, gap_m + width_m)
        rows, count, least_m = _add_ring(
            tables, around, (inner_m, outer_m), is_asked, rows, first, count, least_m
        )
        inner_m = outer_m
        width_m *= 2.0
    if least_m > reach_m:
        return rows, first
    if _limit_m(least_m) > inner_m:
        ring = (inner_m, _limit_m(least_m))
        rows, count, least_m = _add_ring(
            tables, around, ring, is_asked, rows, first, count, least_m
        )
    return rows, _kept(rows, first, count, _limit_m(least_m))


@compiled
def _limit_m(least_m: float) -> float:
    """Return how far an edge may lie that is the nearest in another direction of the plane."""
    return least_m * (1.0 + _BEND * least_m) + _TIE_M


@compiled
def _gap_m(lattice: Lattice, around: Around) -> float:
    """Return how far outside the lattice a point lies."""
    x, y, scale_x, scale_y = around
    west, south = lattice.first_x * lattice.side_x, lattice.first_y * lattice.side_y
    east, north = west + lattice.columns * lattice.side_x, south + lattice.rows * lattice.side_y
    off_x, off_y = max(west - x, 0.0, x - east), max(south - y, 0.0, y - north)
    return math.hypot(off_x * scale_x, off_y * scale_y)


@compiled
def _add_ring(
    tables: Tables,
    around: Around,
    ring: tuple[float, float],
    is_asked: Flags,
    rows: Floats,
    first: int,
    count: int,
    least_m: float,
) -> tuple[Floats, int, float]:
    """Add the edges in the cells that one circle reaches and a smaller one does not.

    Rows are taken from the point's on, so that near edges soon leave out what is further away.
    """
    inner_m, outer_m = ring
    lattice = tables.lattice
    south, north, _, _ = block_of(lattice, around, outer_m)
    middle = np.floor(around[1] / lattice.side_y) - lattice.first_y
    start = int(min(max(middle, float(south)), float(north)))
    for k in range(2 * (north - south + 1)):
        row = start - k // 2 - 1 if k % 2 == 1 else start + k // 2
        if row < south or row > north:
            continue
        off_m = _row_gap_m(lattice, around, row)
        if off_m > _limit_m(least_m):
            continue
        west, east = _span(lattice, around, off_m, outer_m)
        if west > east:
            continue
        done = _span(lattice, around, off_m, inner_m)
        pieces = ((west, east), (0, -1))
        if done[0] <= done[1]:
            pieces = ((west, done[0] - 1), (done[1] + 1, east))
        for begin, end in pieces:
            for west in range(begin, end + 1, _AT_ONCE):
                east = min(end, west + _AT_ONCE - 1)
                if _has_border(tables, row, west, east):
                    rows, count, least_m = _add_cells(
                        tables, around, (row, west, east), is_asked, rows, first, count, least_m
                    )
    return rows, count, least_m


@compiled
def _add_cells(
    tables: Tables,
    around: Around,
    place: tuple[int, int, int],
    is_asked: Flags,
    rows: Floats,
    first: int,
    count: int,
    least_m: float,
) -> tuple[Floats, int, float]:
    """Add the edges in some cells of a row."""
    row, west, east = place
    off_m = _row_gap_m(tables.lattice, around, row)
    for column in range(west, east + 1):
        border = border_at(tables, row, column)
        if border >= 0 and _cell_gap_m(tables.lattice, around, off_m, column) <= _limit_m(least_m):
            rows, count, least_m = _add_cell(
                tables, border, around, is_asked, rows, first, count, least_m
            )
    return rows, count, least_m


@compiled
def _row_gap_m(lattice: Lattice, around: Around, row: int) -> float:
    """Return what is not more than the distance of a row of cells."""
    south = (lattice.first_y + row) * lattice.side_y
    off = max(south - around[1], 0.0, around[1] - south - lattice.side_y)
    return max(0.0, off * around[3] - _TIE_M)


@compiled
def _span(lattice: Lattice, around: Around, off_m: float, reach_m: float) -> tuple[int, int]:
    """Return the first and last column of a row that a circle reaches; maybe none."""
    if off_m > reach_m:
        return 0, -1
    width = (math.sqrt(reach_m * reach_m - off_m * off_m) + _TIE_M) / around[2]
    west = max(0.0, math.floor((around[0] - width) / lattice.side_x) - lattice.first_x)
    last = math.floor((around[0] + width) / lattice.side_x) - lattice.first_x
    east = min(lattice.columns - 1.0, last)
    return int(west), int(east)


@compiled
def _has_border(tables: Tables, row: int, start: int, stop: int) -> bool:
    """Tell whether a border touches some cells of a row: many at once, without a branch."""
    columns = tables.lattice.columns
    every = np.int32(0)
    for value in tables.cells[row * columns + start : row * columns + stop + 1]:
        every |= value
    return bool(every < 0)


@compiled
def _cell_gap_m(lattice: Lattice, around: Around, off_y_m: float, column: int) -> float:
    """Return what is not more than the distance of a cell in a row at some distance."""
    west = (lattice.first_x + column) * lattice.side_x
    off = max(west - around[0], 0.0, around[0] - west - lattice.side_x)
    off_x_m = off * around[2]
    return math.sqrt(off_x_m * off_x_m + off_y_m * off_y_m) - _TIE_M


@compiled
def _add_cell(
    tables: Tables,
    border: int,
    around: Around,
    is_asked: Flags,
    rows: Floats,
    first: int,
    count: int,
    least_m: float,
) -> tuple[Floats, int, float]:
    """Add the edges of a cell that no edge known so far is clearly nearer than."""
    words = tables.words
    start, stop = entries_of(tables, border)
    for entry in range(start, stop):
        at = edge_of(tables, entry)
        one, other = words[at + 4] & _LOW_HALF, words[at + 4] >> 32
        if len(is_asked) > 0 and not (_is_in(is_asked, one) or _is_in(is_asked, other)):
            continue
        foot_x, foot_y, distance_m = foot_on(tables.numbers, at, around)
        if distance_m > _limit_m(least_m):
            continue
        least_m = min(least_m, distance_m)
        edge = (foot_x, foot_y, float(one), float(other))
        if _is_there(rows, first, count, edge):
            continue
        if count == len(rows):
            count = _kept(rows, first, count, _limit_m(least_m))
        if count == len(rows):
            rows = np.concatenate((rows, np.empty_like(rows)))
        for k in range(4):
            rows[count, k] = edge[k]
        rows[count, 4] = distance_m
        count += 1
    return rows, count, least_m


@compiled
def _is_in(is_asked: Flags, label: int) -> bool:
    return label > 0 and is_asked[label - 1]


@compiled
def _kept(rows: Floats, first: int, count: int, limit_m: float) -> int:
    """Close up the rows from ``first`` on that keep the limit; return where they end."""
    end = first
    for i in range(first, count):
        if rows[i, 4] <= limit_m:
            for k in range(5):
                rows[end, k] = rows[i, k]
            end += 1
    return end


@compiled
def _is_there(
    rows: Floats, first: int, count: int, edge: tuple[float, float, float, float]
) -> bool:
    for i in range(first, count):
        if (
            rows[i, 0] == edge[0]
            and rows[i, 1] == edge[1]
            and rows[i, 2] == edge[2]
            and rows[i, 3] == edge[3]
        ):
            return True
    return False
