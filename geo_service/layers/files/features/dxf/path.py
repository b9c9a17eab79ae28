"""What an entity draws, point after point, its arcs and curves in straight pieces."""

import math
from itertools import pairwise

from geo_service.layers.files.features.dxf.curve import Point, ellipse, halves, straightened
from geo_service.layers.files.features.dxf.drawing import Entity
from geo_service.layers.files.features.dxf.spline import Spline

LINES = {"LINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "POLYLINE", "LWPOLYLINE"}
"""What has a path."""

_X, _Y, _TO_X, _TO_Y = 10, 20, 11, 21
_RADIUS, _RATIO, _KNOT = 40, 40, 40
_FROM_ANGLE, _TO_ANGLE = 50, 51
_FROM_TURN, _TO_TURN, _WEIGHT = 41, 42, 41
_DEGREE = 71


def path_of(entity: Entity, *, chord: float) -> tuple[list[Point], int]:
    """Return the points along an entity of LINES, and how many of its arcs became pieces.

    A closed one is a ring that does not repeat its first point. Whole circles, ellipses and splines
    count as one arc.

    Parameters
    ----------
    chord
        How far a piece may be from its arc or curve, in the units of the entity; may be infinite.

    Raises
    ------
    ValueError
        Numbers that are none or make no curve; a spline that is called closed and is not.
    IndexError
        Points that are missing.
    """
    if entity.is_polyline:
        bulges = entity.bulges()
        if not entity.is_closed:
            bulges[-1:] = [0.0] * len(bulges[-1:])
        return straightened(entity.corners(), bulges, chord=chord)
    if entity.kind == "LINE":
        return [entity.point(), (entity.numbers(_TO_X)[0], entity.numbers(_TO_Y)[0])], 0
    if entity.kind in {"ARC", "CIRCLE"}:
        return _arc(entity, chord), 1
    path = _ellipse(entity, chord) if entity.kind == "ELLIPSE" else _spline(entity, chord)
    return (_ring(path, chord) if entity.is_closed else path), 1


def _arc(entity: Entity, chord: float) -> list[Point]:
    [radius] = entity.numbers(_RADIUS)[:1]
    if entity.kind == "CIRCLE":
        first, angle = 0.0, math.tau
    else:
        first, last = (math.radians(entity.numbers(code)[0]) for code in (_FROM_ANGLE, _TO_ANGLE))
        angle = (last - first) % math.tau or math.tau
    corners, end = halves(entity.point(), radius, first, angle)
    if entity.kind == "ARC":
        corners.append((end, 0.0))
    places, bulges = zip(*corners, strict=True)
    return straightened(places, bulges, chord=chord)[0]


def _ellipse(entity: Entity, chord: float) -> list[Point]:
    major = entity.numbers(_TO_X)[0], entity.numbers(_TO_Y)[0]
    # the minor axis lies to the left for those who see the plane from above
    ratio = entity.numbers(_RATIO)[0] * (-1 if entity.is_seen_from_below else 1)
    turns = (0.0, math.tau) if entity.is_closed else (entity.number(_FROM_TURN, 0), _to(entity))
    return ellipse(entity.point(), major, ratio, turns=turns, chord=chord)


def _to(entity: Entity) -> float:
    first, last = entity.number(_FROM_TURN, 0), entity.number(_TO_TURN, math.tau)
    return first + ((last - first) % math.tau or math.tau)


def _spline(entity: Entity, chord: float) -> list[Point]:
    controls = list(zip(entity.numbers(_X), entity.numbers(_Y), strict=True))
    weights = entity.numbers(_WEIGHT) or [1.0] * len(controls)
    degree = int(entity.numbers(_DEGREE)[0])
    return Spline(degree, entity.numbers(_KNOT), controls, weights).straightened(chord=chord)


def _ring(path: list[Point], chord: float) -> list[Point]:
    """Return a path that ends where it began, without that end."""
    apart = math.dist(path[0], path[-1])
    longest = sum(math.dist(start, end) for start, end in pairwise(path))
    if apart > min(chord, longest):
        raise ValueError(
            f"标为闭合，首尾却相距 {apart:.6g}，请闭合它 / called closed, its ends are {apart:.6g}"
            " apart: close it"
        )
    return path[:-1]
