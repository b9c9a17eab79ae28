"""Arcs as straight pieces, the same nodes from whichever end an arc is drawn."""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

CHORD_M = 0.01
"""No piece of an arc is further from it than this, in metres."""

Point: TypeAlias = tuple[float, float]


def straightened(
    corners: Sequence[Point], bulges: Sequence[float], *, chord: float
) -> tuple[list[Point], int]:
    """Return a closed ring without arcs, and how many arcs it had.

    Parameters
    ----------
    corners
        ``(x, y)`` of each vertex; the last one leads back to the first.
    bulges
        Of the edge after each vertex: the tangent of a quarter of its angle, positive to the left.
    chord
        How far a piece may be from its arc, in the units of the corners.
    """
    ring: list[Point] = []
    for position, (corner, bulge) in enumerate(zip(corners, bulges, strict=True)):
        ring.append(corner)
        following = corners[(position + 1) % len(corners)]
        if bulge != 0 and following != corner:
            ring.extend(_between(corner, following, bulge, chord))
    return ring, sum(bulge != 0 for bulge in bulges)


def _between(start: Point, end: Point, bulge: float, chord: float) -> list[Point]:
    # two neighbors draw one arc from opposite ends: both get the bits of the same computation
    if end < start:
        return list(_inner(end, start, -bulge, chord))[::-1]
    return list(_inner(start, end, bulge, chord))


def _inner(start: Point, end: Point, bulge: float, chord: float) -> Iterator[Point]:
    (x, y), (to_x, to_y) = start, end
    lift = (1 - bulge**2) / (4 * bulge)
    center_x, center_y = (x + to_x) / 2 - (to_y - y) * lift, (y + to_y) / 2 + (to_x - x) * lift
    radius, angle = math.hypot(x - center_x, y - center_y), 4 * math.atan(bulge)
    count = _pieces(chord / radius, angle)
    for number in range(1, count):
        turn = angle * number / count
        cos, sin = math.cos(turn), math.sin(turn)
        east, north = x - center_x, y - center_y
        yield center_x + east * cos - north * sin, center_y + east * sin + north * cos


def _pieces(share: float, angle: float) -> int:
    """Return into how many pieces an arc goes that stay within a share of its radius."""
    half = math.acos(max(1 - share, 0.0))
    return max(math.ceil(abs(angle) / (2 * half)), 1)
