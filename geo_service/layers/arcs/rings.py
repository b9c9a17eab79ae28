"""From chains of arcs to rings and polygons: the faces on the left of directed arcs."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely

from geo_service.layers.arcs.arc import Arc, Chain, Place, chain_of
from geo_service.layers.area import Floats

ArcOf: TypeAlias = Callable[[int], Arc]
Ring: TypeAlias = list[int]
"""Directed arcs, each beginning where the one before ends."""

_FULL_TURN = 2 * math.pi


class Face(NamedTuple):
    """Connected ground: its chain, and its polygon as the house writes outlines.

    Shells run counterclockwise and holes clockwise; each ring starts at its lowest place (by x,
    then y), and holes are ordered by these.
    """

    chain: Chain
    polygon: shapely.Polygon


class _Loop(NamedTuple):
    ring: Ring
    places: Floats
    area: float


def faces_of(chain: Iterable[int], arc_of: ArcOf) -> list[Face]:
    """Return the bounded faces on the left of directed arcs, ordered by their first places.

    An arc may be given in both directions, where ground lies on both sides. Ground that is joined
    in a point only is two faces; a hole that touches its shell in a point stays a hole. What is
    not bounded is left out.
    """
    loops = [
        _loop(ring, arc_of)
        for walk in _walks(chain, arc_of)
        for ring in _without_pinches(walk, arc_of)
    ]
    shells = [loop for loop in loops if loop.area > 0]
    holes: list[list[_Loop]] = [[] for _ in shells]
    for loop in loops:
        if loop.area < 0 and (at := _shell_around(loop, shells)) is not None:
            holes[at].append(loop)
    faces = [_face(shell, inside) for shell, inside in zip(shells, holes, strict=True)]
    return sorted(faces, key=lambda face: face.polygon.exterior.coords[:3])


def outline_of(faces: Sequence[Face]) -> shapely.Geometry:
    """Return one part as such, several as a multipolygon, none as an empty polygon."""
    if len(faces) == 1:
        return faces[0].polygon
    return shapely.MultiPolygon([f.polygon for f in faces]) if faces else shapely.Polygon()


def start_of(step: int, arc_of: ArcOf) -> Place:
    """Return where a directed arc begins."""
    return arc_of(step).tail if step > 0 else arc_of(-step).head


def places_along(step: int, arc_of: ArcOf) -> Floats:
    """Return the places of a directed arc in its direction, shape ``(n, 2)``."""
    return arc_of(step).places if step > 0 else arc_of(-step).places[::-1]


def _walks(chain: Iterable[int], arc_of: ArcOf) -> list[Ring]:
    leaving: dict[Place, list[int]] = {}
    for step in chain:
        leaving.setdefault(start_of(step, arc_of), []).append(step)
    waiting = dict.fromkeys(step for steps in leaving.values() for step in steps)
    walks = []
    while waiting:
        first = step = next(iter(waiting))
        walk = []
        while True:
            walk.append(step)
            del waiting[step]
            # Where borders cross, the turns contradict each other: no arc may be run twice.
            onward = [s for s in leaving[start_of(-step, arc_of)] if s in waiting or s == first]
            step = _following(step, onward, arc_of)
            if step == first:
                break
        walks.append(walk)
    return walks


def _following(step: int, leaving: list[int], arc_of: ArcOf) -> int:
    """Return the arc that keeps the face on the left: the first one clockwise from the way back."""
    if len(leaving) == 1:
        return leaving[0]
    back = _bearing(-step, arc_of)
    # The way back itself comes last: it is taken only where nothing else leaves.
    return min(
        leaving,
        key=lambda s: _FULL_TURN if s == -step else (back - _bearing(s, arc_of)) % _FULL_TURN,
    )


def _bearing(step: int, arc_of: ArcOf) -> float:
    (x, y), (to_x, to_y) = places_along(step, arc_of)[:2].tolist()
    return math.atan2(to_y - y, to_x - x)


def _without_pinches(walk: Ring, arc_of: ArcOf) -> list[Ring]:
    """Take a ring that passes a place twice apart, so that it passes none twice."""
    rings: list[Ring] = []
    ring: Ring = []
    seen: dict[Place, int] = {}
    for step in walk:
        here = start_of(step, arc_of)
        if here in seen:
            loop = ring[seen[here] :]
            del ring[seen[here] :]
            for each in loop:
                seen.pop(start_of(each, arc_of), None)
            rings.append(loop)
        seen[here] = len(ring)
        ring.append(step)
    return [*rings, ring]


def _loop(ring: Ring, arc_of: ArcOf) -> _Loop:
    places = np.concatenate([places_along(step, arc_of)[:-1] for step in ring])
    places = _from_the_lowest(places)
    (x, y), (to_x, to_y) = (places[:-1] - places[0]).T, (places[1:] - places[0]).T
    # Summed exactly, a ring and the same ring turned round have areas that differ in sign alone.
    area = math.fsum(np.concatenate([x * to_y, -to_x * y]).tolist()) / 2
    return _Loop(ring, places, area)


def _from_the_lowest(places: Floats) -> Floats:
    """Return a closed ring that starts at its lowest place, by x and then by y."""
    lowest = np.flatnonzero(places[:, 0] == places[:, 0].min())
    start = int(lowest[places[lowest, 1].argmin()])
    return np.concatenate([places[start:], places[: start + 1]])


def _shell_around(hole: _Loop, shells: Sequence[_Loop]) -> int | None:
    """Return the smallest shell around a hole; None where only unbounded ground is around it."""
    around = [
        i for i, shell in enumerate(shells) if shell.area > -hole.area and _holds(shell, hole)
    ]
    return min(around, key=lambda i: shells[i].area, default=None)


def _holds(shell: _Loop, hole: _Loop) -> bool:
    low, high = shell.places.min(axis=0), shell.places.max(axis=0)
    if (hole.places < low).any() or (hole.places > high).any():
        return False
    inside = shapely.point_on_surface(shapely.Polygon(hole.places))
    return bool(shapely.intersects(shapely.Polygon(shell.places), inside))


def _face(shell: _Loop, holes: Sequence[_Loop]) -> Face:
    ordered = sorted(holes, key=lambda hole: hole.places[0].tolist())
    terms: dict[int, int] = {}
    for loop in (shell, *ordered):
        for step in loop.ring:
            terms[abs(step)] = terms.get(abs(step), 0) + (1 if step > 0 else -1)
    polygon = shapely.Polygon(shell.places, [hole.places for hole in ordered])
    return Face(chain_of(terms), polygon)
