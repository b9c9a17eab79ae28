"""Where a drawn line meets borders: its vertices and theirs, and the crossings between."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely

from geo_service.layers.arcs import Place
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.topology import Scale
from geo_service.layers.topology.linework import Ints, segments

_ByStep: TypeAlias = dict[int, list[tuple[float, Place]]]
"""Places that come into a path, by the step they come into, with how far along."""


class Insertion(NamedTuple):
    """Where a new vertex comes into an arc: its straight piece, and how far along, 0 to 1."""

    arc: int
    segment: int
    along: float


class Stop(NamedTuple):
    """A vertex of a drawn line; ``arcs`` are the borders it lies on.

    ``new`` says where it comes into them; an arc that is not named there has this vertex already.
    """

    place: Place
    arcs: tuple[int, ...] = ()
    new: tuple[Insertion, ...] = ()


class Border(NamedTuple):
    """Straight pieces of arcs near a line, shape ``(k,)`` each: ends, arc, number in the arc."""

    tails: Floats
    heads: Floats
    arcs: Ints
    numbers: Ints


def border_near(edit: Edit, arcs: Iterable[int], path: Floats, margin_m: float) -> Border:
    """Return those straight pieces of arcs whose boxes come near the box of a path."""
    margin = margin_m / np.array(edit.base.scale)
    low, high = path.min(axis=0) - margin, path.max(axis=0) + margin
    found: list[tuple[Floats, Floats, Ints, Ints]] = []
    for number in arcs:
        places = edit.arc(number).places
        tails, heads = places[:-1], places[1:]
        is_near = ((np.minimum(tails, heads) <= high) & (np.maximum(tails, heads) >= low)).all(
            axis=1
        )
        near = np.flatnonzero(is_near)
        found.append((tails[near], heads[near], np.full(len(near), number), near))
    none = np.empty((0, 2)), np.empty((0, 2)), np.zeros(0, np.int64), np.zeros(0, np.int64)
    return Border(*(np.concatenate(some) for some in zip(none, *found, strict=True)))


def arcs_along(legs: Floats, border: Border, *, scale: Scale, tolerance_m: float) -> Ints:
    """Return the arc that each straight leg between two stops runs along; 0 where it does not.

    ``legs`` is ``(n, 2, 2)``: tail and head of each. A leg runs along what its middle lies on.
    """
    unit = np.array(scale)
    along = np.zeros(len(legs), dtype=np.int64)
    if len(legs):
        tree = shapely.STRtree(segments(border.tails * unit, border.heads * unit))
        middles = shapely.points(legs.mean(axis=1) * unit)
        leg, edge = tree.query(middles, predicate="dwithin", distance=tolerance_m)
        along[leg] = border.arcs[edge]
    return along


def noded(
    path: Floats, border: Border, *, scale: Scale, tolerance_m: float, end_tolerance_m: float
) -> list[Stop]:
    """Return a path with every place where it meets the border, in its order.

    A vertex of the path within the tolerance of a vertex of the border becomes that vertex, else
    one within the tolerance of a straight piece moves onto it; the path passes through vertices of
    the border that it comes within the tolerance of. So no crossing makes a micro piece.

    Parameters
    ----------
    path
        ``(n, 2)``, no place twice in succession.
    scale
        Metres per unit.
    end_tolerance_m
        The tolerance for the first and the last vertex.
    """
    reach = np.full(len(path), tolerance_m)
    reach[[0, -1]] = end_tolerance_m
    plane = _Plane(border, np.array(scale), tolerance_m)
    places = _without_repetitions(plane.snapped(path, reach))
    places = _without_repetitions(plane.through_vertices(places))
    places = _without_repetitions(plane.crossed(places))
    return plane.stops(places)


class _Plane:
    """A border in metres, the origin at its first place: there doubles resolve nanometres."""

    def __init__(self, border: Border, scale: Floats, tolerance_m: float) -> None:
        self._border, self._scale, self._tolerance_m = border, scale, tolerance_m
        self._origin = border.tails[0] if len(border.tails) else np.zeros(2)
        self._tails, self._heads = self._metres(border.tails), self._metres(border.heads)
        self._tree = shapely.STRtree(segments(self._tails, self._heads))

    def _metres(self, places: Floats) -> Floats:
        return np.asarray((places - self._origin) * self._scale)

    def snapped(self, path: Floats, reach_m: Floats) -> list[Place]:
        """Return a path with vertices moved onto the border where they are in reach of it."""
        points = self._metres(path)
        at, edge = self._tree.query(_points(points), predicate="dwithin", distance=reach_m)
        places = _listed(path)
        for i in np.unique(at).tolist():
            places[i] = self._onto(points[i], edge[at == i], float(reach_m[i]))
        return places

    def _onto(self, point: Floats, edges: Ints, reach_m: float) -> Place:
        """Return the nearest vertex within reach, else the nearest place on a straight piece."""
        ends = np.concatenate([self._tails[edges], self._heads[edges]])
        away = np.hypot(*(ends - point).T)
        if away.min() <= reach_m:
            vertices = np.concatenate([self._border.tails[edges], self._border.heads[edges]])
            return _listed(vertices)[int(away.argmin())]
        along = self._along(point, edges)
        foot = self._tails[edges] + along[:, None] * (self._heads - self._tails)[edges]
        best = int(np.hypot(*(foot - point).T).argmin())
        return self._on_edge(int(edges[best]), float(along[best]))

    def _along(self, point: Floats, edges: Ints) -> Floats:
        tails, way = self._tails[edges], (self._heads - self._tails)[edges]
        share = ((point - tails) * way).sum(axis=1) / (way**2).sum(axis=1)
        return np.asarray(np.clip(share, 0, 1))

    def _on_edge(self, edge: int, along: float) -> Place:
        tail, head = self._border.tails[edge], self._border.heads[edge]
        x, y = (tail + along * (head - tail)).tolist()
        return x, y

    def through_vertices(self, places: list[Place]) -> list[Place]:
        """Return a path that passes the vertices of the border within the tolerance of it."""
        tails, heads = self._steps(places)
        vertices = np.concatenate([self._tails, self._heads])
        named = _listed(np.concatenate([self._border.tails, self._border.heads]))
        step, vertex = shapely.STRtree(_points(vertices)).query(
            segments(tails, heads), predicate="dwithin", distance=self._tolerance_m
        )
        way = (heads - tails)[step]
        along = ((vertices[vertex] - tails[step]) * way).sum(axis=1) / (way**2).sum(axis=1)
        found: _ByStep = {}
        for s, v, t in zip(step.tolist(), vertex.tolist(), along.tolist(), strict=True):
            if named[v] not in (places[s], places[s + 1]) and 0 < t < 1:
                found.setdefault(s, []).append((t, named[v]))
        return _with_inserted(places, found)

    def crossed(self, places: list[Place]) -> list[Place]:
        """Return a path with its crossings; of those closer than the tolerance the first."""
        tails, heads = self._steps(places)
        step, edge = self._tree.query(segments(tails, heads))
        p, q, a, b = tails[step], heads[step], self._tails[edge], self._heads[edge]
        of_tail, of_head = _cross(q - p, a - p), _cross(q - p, b - p)
        of_start, of_end = _cross(b - a, p - a), _cross(b - a, q - a)
        is_proper = (of_tail * of_head < 0) & (of_start * of_end < 0)
        # A step that ends on a straight piece meets it there, and does not cross it again.
        far_m = self._tolerance_m * np.hypot(*(b - a).T)
        is_proper &= (np.abs(of_start) > far_m) & (np.abs(of_end) > far_m)
        at = np.flatnonzero(is_proper)
        on_path = of_start[at] / (of_start[at] - of_end[at])
        on_edge = of_tail[at] / (of_tail[at] - of_head[at])
        way_m = on_path * np.hypot(*(q - p)[at].T)
        found: _ByStep = {}
        for first in _apart(step[at], way_m, self._tolerance_m):
            place = self._on_edge(int(edge[at[first]]), float(on_edge[first]))
            found.setdefault(int(step[at[first]]), []).append((float(on_path[first]), place))
        return _with_inserted(places, found)

    def stops(self, places: list[Place]) -> list[Stop]:
        """Return a path with all arcs that each of its places lies on."""
        points = self._metres(np.array(places))
        at, edge = self._tree.query(
            _points(points), predicate="dwithin", distance=self._tolerance_m
        )
        edges: dict[int, list[int]] = {}
        for i, e in zip(at.tolist(), edge.tolist(), strict=True):
            edges.setdefault(i, []).append(e)
        return [
            self._stop(place, points[i], np.array(sorted(edges.get(i, [])), dtype=np.int64))
            for i, place in enumerate(places)
        ]

    def _stop(self, place: Place, point: Floats, edges: Ints) -> Stop:
        border, along = self._border, self._along(point, edges)
        ends = zip(_listed(border.tails[edges]), _listed(border.heads[edges]), strict=True)
        new = tuple(
            Insertion(int(border.arcs[edge]), int(border.numbers[edge]), share)
            for edge, share, pair in zip(edges.tolist(), along.tolist(), ends, strict=True)
            if place not in pair
        )
        return Stop(place, tuple(np.unique(border.arcs[edges]).tolist()), new)

    def _steps(self, places: list[Place]) -> tuple[Floats, Floats]:
        points = self._metres(np.array(places))
        return points[:-1], points[1:]


def _points(places: Floats) -> Geometries:
    return np.asarray(shapely.points(places.reshape(-1, 2)), dtype=object)


def _apart(steps: Ints, ways_m: Floats, tolerance_m: float) -> list[int]:
    """Return positions along steps, without those within the tolerance of the one before."""
    order = np.lexsort((ways_m, steps))
    is_apart = (np.diff(steps[order]) > 0) | (np.diff(ways_m[order]) > tolerance_m)
    return [int(i) for i in order[np.r_[True, is_apart][: len(order)]]]


def _with_inserted(places: list[Place], found: _ByStep) -> list[Place]:
    result: list[Place] = []
    for i, place in enumerate(places):
        result.append(place)
        result.extend(new for _, new in sorted(found.get(i, [])))
    return result


def _without_repetitions(places: list[Place]) -> list[Place]:
    """Keep one of equal places in succession."""
    return [place for i, place in enumerate(places) if i == 0 or place != places[i - 1]]


def _cross(u: Floats, v: Floats) -> Floats:
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def _listed(places: Floats) -> list[Place]:
    return [(x, y) for x, y in places.tolist()]
