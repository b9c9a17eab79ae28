"""Is the linework a coverage? No two areas may hold the same ground.

Two checks together find every overlap, and nothing else. No two edges may cross properly: both then
lie in one cell, so pairs within cells are enough. And around every vertex, the two sides of every
edge that leaves it must be areas that have the edge, or nobody: what lies beside an edge changes
only where another border meets it, and without crossings that is a vertex. All this is exact, as
vertices are; the middle of an edge is rounded, and would lie in the neighbor of a sliver.
"""

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.index.cells import (
    Tables,
    Words,
    edge_of,
    entries_of,
    opened,
    value_at,
)
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.lookup import is_on_edge, walk
from geo_service.layers.index.orientation import orientation

_LOW_HALF = 0xFFFFFFFF


@compiled
def find_overlaps(index: Words, first: int, end: int, most: int) -> Floats:
    """Return places (lon, lat) where areas overlap, shape ``(n, 2)``, ``most`` of them at most.

    Border cells from ``first`` to before ``end`` are looked through. In all of them together there
    is none where no two areas overlap; where some do there is one at least, not one for each.
    """
    tables = opened(index)
    numbers = tables.numbers
    places, count = np.empty((most, 2)), 0
    for border in range(first, end):
        start, stop = entries_of(tables, border)
        for entry in range(start, stop):
            at = edge_of(tables, entry)
            for behind in range(entry + 1, stop):
                other = edge_of(tables, behind)
                if count < most and _are_crossing(numbers, at, other):
                    places[count, 0], places[count, 1] = _crossing(numbers, at, other)
                    count += 1
            for k in range(0, 4, 2):
                x, y = numbers[at + k], numbers[at + k + 1]
                if (
                    count < most
                    and value_at(tables, x, y) == ~border
                    and not _is_sound_at(tables, border, at, x, y)
                ):
                    places[count, 0], places[count, 1] = x, y
                    count += 1
        if count == most:
            break
    return places[:count]


@compiled
def _is_sound_at(tables: Tables, border: int, at: int, x: float, y: float) -> bool:
    """Whether every edge at a vertex lies between areas that have it.

    The vertex is an end of the edge at ``at``, and looked at once: with its first edge.
    """
    words, numbers = tables.words, tables.numbers
    count, is_plain = 0, True
    start, stop = entries_of(tables, border)
    for entry in range(start, stop):
        other = edge_of(tables, entry)
        if not is_on_edge(numbers, other, x, y):
            continue
        is_end = _is_end(numbers, other, x, y)
        if other < at and is_end:
            return True
        is_plain = is_plain and is_end and words[other + 4] == words[at + 4]
        count += 1
    label = walk(tables, border, x, y, False)
    if is_plain and count == 2:  # one border passes: the other side follows
        return bool(label == words[at + 4] & _LOW_HALF or label == words[at + 4] >> 32)
    return _is_sound_around(numbers, _spokes(tables, border, count, x, y), label, x, y)


@compiled
def _is_end(numbers: Floats, at: int, x: float, y: float) -> bool:
    return bool(
        (numbers[at] == x and numbers[at + 1] == y)
        or (numbers[at + 2] == x and numbers[at + 3] == y)
    )


@compiled
def _spokes(tables: Tables, border: int, count: int, x: float, y: float) -> Words:
    """Return where the ``count`` edges through a point lead to, turning left from the east.

    One row per direction: where in the records the coordinates stand that it leads to, and the
    word with the edge's owners. An edge that ends here leads one way, an edge that passes two.
    """
    words, numbers = tables.words, tables.numbers
    spokes = np.empty((2 * count, 2), dtype=np.int64)
    found = 0
    start, stop = entries_of(tables, border)
    for entry in range(start, stop):
        at = edge_of(tables, entry)
        if not is_on_edge(numbers, at, x, y):
            continue
        for to in range(at, at + 4, 2):
            if numbers[to] == x and numbers[to + 1] == y:
                continue
            place = found
            while place > 0 and _turn(numbers, to, spokes[place - 1, 0], x, y) > 0:
                spokes[place] = spokes[place - 1]
                place -= 1
            spokes[place, 0], spokes[place, 1] = to, words[at + 4]
            found += 1
    return spokes[:found]


@compiled
def _turn(numbers: Floats, to: int, other: int, x: float, y: float) -> int:
    """Return 1 where, turning left from the east, a direction comes first, -1 second, 0 together.

    Due east comes last: the turn starts a hair north of it.
    """
    ax, ay, bx, by = numbers[to], numbers[to + 1], numbers[other], numbers[other + 1]
    is_north = ay > y or (ay == y and ax < x)
    if is_north != (by > y or (by == y and bx < x)):
        return 1 if is_north else -1
    return orientation(x, y, ax, ay, bx, by)


@compiled
def _is_sound_around(numbers: Floats, spokes: Words, label: int, x: float, y: float) -> bool:
    """Whether both sides of all spokes are right, given the label a hair north of due east."""
    first = 0
    while first < len(spokes):
        last, beyond = first, label
        while last < len(spokes) and _turn(numbers, spokes[first, 0], spokes[last, 0], x, y) == 0:
            beyond ^= (spokes[last, 1] & _LOW_HALF) ^ (spokes[last, 1] >> 32)
            last += 1
        for spoke in range(first, last):
            for owner in (spokes[spoke, 1] & _LOW_HALF, spokes[spoke, 1] >> 32):
                if owner not in (0, label, beyond):
                    return False
        first, label = last, beyond
    return True


@compiled
def _are_crossing(numbers: Floats, at: int, other: int) -> bool:
    """Whether two edges cross in a point inside both."""
    ax, ay, bx, by = numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]
    cx, cy, dx, dy = numbers[other], numbers[other + 1], numbers[other + 2], numbers[other + 3]
    if max(ax, cx) > min(bx, dx) or max(min(ay, by), min(cy, dy)) > min(max(ay, by), max(cy, dy)):
        return False
    of_c, of_d = orientation(ax, ay, bx, by, cx, cy), orientation(ax, ay, bx, by, dx, dy)
    if of_c * of_d >= 0:
        return False
    of_a, of_b = orientation(cx, cy, dx, dy, ax, ay), orientation(cx, cy, dx, dy, bx, by)
    return of_a * of_b < 0


@compiled
def _crossing(numbers: Floats, at: int, other: int) -> tuple[float, float]:
    """Return about where two edges cross: in the box that both share, whatever the rounding."""
    ax, ay, bx, by = numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]
    cx, cy, dx, dy = numbers[other], numbers[other + 1], numbers[other + 2], numbers[other + 3]
    west, east = max(ax, cx), min(bx, dx)
    south, north = max(min(ay, by), min(cy, dy)), min(max(ay, by), max(cy, dy))
    of_c = abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    of_d = abs((bx - ax) * (dy - ay) - (by - ay) * (dx - ax))
    share = of_c / max(of_c + of_d, 1e-300)  # both are rounded to zero where they are all but one
    x, y = cx + share * (dx - cx), cy + share * (dy - cy)
    return min(max(x, west), east), min(max(y, south), north)
