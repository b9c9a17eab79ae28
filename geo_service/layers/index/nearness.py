"""The borders near a point: wider and wider boxes until nothing nearer can come.

Distances here are those of a flat map around the point, whose scales are the ellipsoid's: short
ones are right to a millionth per meter, and equally wrong in all directions to far better than
that. They choose; what is told is measured in a metric frame.
"""

import math

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.frames.edge import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from geo_service.layers.index.cells import WORDS_PER_EDGE, Tables, Words, opened
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.lattice import Lattice
from geo_service.layers.index.linework import Counts

_LOW_HALF = 0xFFFFFFFF
_TIE_M = 1e-6
_LATEST = 32
"""So many labels are looked through for one that is there already; of more, doubles go at last."""
_BEND = 4e-7
"""Per meter, relative: more than two directions of the flat map differ from a conformal one."""


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
    tables = opened(index)
    around = _around(x, y)
    clear_m = min(reach_m, around[2] * tables.lattice.side_x, around[3] * tables.lattice.side_y)
    nothing = np.empty((0, 5))
    while True:
        least_m, _ = _scan(tables, around, clear_m, -1.0, nothing)
        if least_m <= clear_m:
            break
        if clear_m >= reach_m:
            return nothing
        clear_m = min(reach_m, 2.0 * clear_m)
    return _within(tables, around, least_m * (1.0 + _BEND * least_m) + _TIE_M)


@compiled
def edges_near_each(index: Words, x: Floats, y: Floats, reach_m: float) -> tuple[Counts, Floats]:
    """Return ``edges_near`` for many points, and which point each row is of."""
    point = np.empty(len(x), dtype=np.int64)
    rows = np.empty((len(x), 5))
    count = 0
    for i in range(len(x)):
        found = edges_near(index, x[i], y[i], reach_m)
        if count + len(found) > len(rows):
            more = len(rows) + len(found)
            point = np.concatenate((point, np.empty(more, dtype=np.int64)))
            rows = np.concatenate((rows, np.empty((more, 5))))
        point[count : count + len(found)] = i
        rows[count : count + len(found)] = found
        count += len(found)
    return point[:count], rows[:count]


@compiled
def labels_within_each(
    index: Words, x: Floats, y: Floats, reach_m: Floats
) -> tuple[Counts, Counts]:
    """Return the labels whose border comes within each point's own reach on the flat map.

    Parameters
    ----------
    x, y
        Degrees, shape ``(n,)``, finite.
    reach_m
        Meters, shape ``(n,)``.

    Returns
    -------
    tuple[Counts, Counts]
        Point and label, one pair per row: by point, each once, in no order.
    """
    tables = opened(index)
    point, label = np.empty(2 * len(x), dtype=np.int64), np.empty(2 * len(x), dtype=np.int64)
    count, own = 0, np.empty(4, dtype=np.int64)
    for i in range(len(x)):
        own, found = _labels_within(tables, _around(x[i], y[i]), reach_m[i], own)
        while count + found > len(point):
            point = np.concatenate((point, np.empty_like(point)))
            label = np.concatenate((label, np.empty_like(label)))
        point[count : count + found] = i
        label[count : count + found] = own[:found]
        count += found
    return point[:count], label[:count]


@compiled
def _labels_within(
    tables: Tables, around: tuple[float, float, float, float], reach_m: float, labels: Counts
) -> tuple[Counts, int]:
    """Write the labels within a reach into ``labels``, or a longer one; return it and how many."""
    south, north, west, east = _block(tables.lattice, around, reach_m)
    count = 0
    for row in range(south, north + 1):
        for column in range(west, east + 1):
            if tables.cells[row, column] >= 0:
                continue
            head = ~int(tables.cells[row, column])
            end = head + 1 + WORDS_PER_EDGE * (tables.words[head] >> 32)
            for at in range(head + 1, end, WORDS_PER_EDGE):
                first, second = tables.words[at + 4] & _LOW_HALF, tables.words[at + 4] >> 32
                latest = labels[max(0, count - _LATEST) : count]
                has_first, has_second = _is_known(latest, first), _is_known(latest, second)
                if has_first and has_second:
                    continue
                if _foot(tables.numbers, at, around)[2] > reach_m:
                    continue
                if count + 2 > len(labels):
                    labels = np.concatenate((labels, np.empty_like(labels)))
                if not has_first:
                    labels[count] = first
                    count += 1
                if not has_second:
                    labels[count] = second
                    count += 1
    if count > _LATEST:
        distinct = np.unique(labels[:count])
        return distinct, len(distinct)
    return labels, count


@compiled
def _is_known(labels: Counts, label: int) -> bool:
    """Tell whether a label is there already; nobody's, 0, always is."""
    if label == 0:
        return True
    for each in labels:
        if each == label:
            return True
    return False


@compiled
def _around(x: float, y: float) -> tuple[float, float, float, float]:
    """Return a point with the meters per degree of longitude and latitude around it.

    Snyder, Map Projections: A Working Manual, 1987, formulas 4-18 and 4-19, ellipsoid of CGCS2000.
    """
    squared = 1.0 - ECCENTRICITY_SQUARED * math.sin(math.radians(y)) ** 2
    along = SEMI_MAJOR_M * math.cos(math.radians(y)) / math.sqrt(squared)
    across = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / squared**1.5
    return x, y, math.radians(max(along, 1.0)), math.radians(across)


@compiled
def _within(tables: Tables, around: tuple[float, float, float, float], limit_m: float) -> Floats:
    _, count = _scan(tables, around, limit_m, limit_m, np.empty((0, 5)))
    found = np.empty((count, 5))
    _, count = _scan(tables, around, limit_m, limit_m, found)
    return found[:count]


@compiled
def _block(
    lattice: Lattice, around: tuple[float, float, float, float], reach_m: float
) -> tuple[int, int, int, int]:
    """Return the first and last row, then column, of the cells within a reach; maybe none."""
    x, y, scale_x, scale_y = around
    width, height = reach_m / scale_x, reach_m / scale_y
    last_row, last_column = lattice.rows - 1.0, lattice.columns - 1.0
    south = max(0.0, math.floor((y - height) / lattice.side_y) - lattice.first_y)
    north = min(last_row, math.floor((y + height) / lattice.side_y) - lattice.first_y)
    west = max(0.0, math.floor((x - width) / lattice.side_x) - lattice.first_x)
    east = min(last_column, math.floor((x + width) / lattice.side_x) - lattice.first_x)
    return int(south), int(north), int(west), int(east)


@compiled
def _scan(
    tables: Tables,
    around: tuple[float, float, float, float],
    reach_m: float,
    limit_m: float,
    found: Floats,
) -> tuple[float, int]:
    """Return the least distance in the cells within a reach, and how many edges keep the limit.

    As many of these as ``found`` has room for are written there, each once; without room they are
    counted once per cell.
    """
    south, north, west, east = _block(tables.lattice, around, reach_m)
    least_m, count = math.inf, 0
    for row in range(south, north + 1):
        for column in range(west, east + 1):
            if tables.cells[row, column] < 0:
                head = ~int(tables.cells[row, column])
                nearest_m, count = _scan_cell(tables, head, around, limit_m, found, count)
                least_m = min(least_m, nearest_m)
    return least_m, count


@compiled
def _scan_cell(
    tables: Tables,
    head: int,
    around: tuple[float, float, float, float],
    limit_m: float,
    found: Floats,
    count: int,
) -> tuple[float, int]:
    words, least_m = tables.words, math.inf
    for at in range(head + 1, head + 1 + WORDS_PER_EDGE * (words[head] >> 32), WORDS_PER_EDGE):
        foot_x, foot_y, distance_m = _foot(tables.numbers, at, around)
        least_m = min(least_m, distance_m)
        if distance_m > limit_m:
            continue
        if len(found) == 0:
            count += 1
            continue
        edge = (foot_x, foot_y, float(words[at + 4] & _LOW_HALF), float(words[at + 4] >> 32))
        if not _is_there(found, count, edge):
            for k in range(4):
                found[count, k] = edge[k]
            found[count, 4] = distance_m
            count += 1
    return least_m, count


@compiled
def _is_there(found: Floats, count: int, edge: tuple[float, float, float, float]) -> bool:
    for i in range(count):
        if (
            found[i, 0] == edge[0]
            and found[i, 1] == edge[1]
            and found[i, 2] == edge[2]
            and found[i, 3] == edge[3]
        ):
            return True
    return False


@compiled
def _foot(
    numbers: Floats, at: int, around: tuple[float, float, float, float]
) -> tuple[float, float, float]:
    """Return the point of an edge that is nearest to the middle, and how far that is."""
    x, y, scale_x, scale_y = around
    ax, ay, bx, by = numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]
    off_x, off_y = (x - ax) * scale_x, (y - ay) * scale_y
    along_x, along_y = (bx - ax) * scale_x, (by - ay) * scale_y
    share = (off_x * along_x + off_y * along_y) / (along_x * along_x + along_y * along_y)
    if share <= 0.0:
        foot_x, foot_y = ax, ay
    elif share >= 1.0:
        foot_x, foot_y = bx, by
    else:
        foot_x, foot_y = ax + share * (bx - ax), ay + share * (by - ay)
    return foot_x, foot_y, math.hypot((foot_x - x) * scale_x, (foot_y - y) * scale_y)
