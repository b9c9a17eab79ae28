"""Arcs and ellipses as straight pieces; arcs get the same nodes from whichever end they come."""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

CHORD_M = 0.01
"""No piece of a curve is further from it than this, in metres."""

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


def halves(
    center: Point, reach: float, first: float, angle: float
) -> tuple[list[tuple[Point, float]], Point]:
    """Return an arc as two vertices with the bulge after each, and where it ends.

    In two halves: the bulge of a whole circle would be infinite.

    Parameters
    ----------
    reach
        How far it is from its center, in the units of the center.
    first, angle
        Where it begins and how far it turns, in radians, positive to the left.
    """
    x, y = center
    start, middle, end = (
        (x + reach * math.cos(turn), y + reach * math.sin(turn))
        for turn in (first, first + angle / 2, first + angle)
    )
    bulge = math.tan(angle / 8)
    return [(start, bulge), (middle, bulge)], end


def ellipse(
    center: Point, major: Point, ratio: float, *, turns: tuple[float, float], chord: float
) -> list[Point]:
    """Return points along an ellipse or a part of it, both ends included.

    Parameters
    ----------
    major
        From the center to an end of the major axis.
    ratio
        Of the minor axis, to the left of the major one, to the major one.
    turns
        Its parameters at start and end, in radians: 0 at ``major``, a quarter on the minor axis.
    chord
        How far a piece may be from it, in the units of the center.

    Raises
    ------
    ValueError
        An axis of no length.
    """
    (x, y), (east, north), (first, last) = center, major, turns
    radius = math.hypot(east, north) * max(1.0, abs(ratio))
    if not radius * ratio:
        raise ValueError("椭圆的轴长为零 / an ellipse with an axis of no length")
    # it is a circle that was stretched, by no more than its longer axis
    count = _pieces(chord / radius, last - first)
    turned = [first + (last - first) * number / count for number in range(count + 1)]
    return [
        (
            x + east * math.cos(turn) - north * ratio * math.sin(turn),
            y + north * math.cos(turn) + east * ratio * math.sin(turn),
        )
        for turn in turned
    ]


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
