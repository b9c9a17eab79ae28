"""The outline of a hatch: boundary paths of polylines, or of edges one after another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from geo_service.layers.files.features.dxf.block import Placed
from geo_service.layers.files.features.dxf.curve import Point, ellipse, halves, straightened
from geo_service.layers.files.features.dxf.drawing import BULGE, Entity
from geo_service.layers.files.features.dxf.nesting import parts_and_holes
from geo_service.layers.files.features.dxf.spline import Spline

_PATHS, _PATH, _FLAGS_OF_POLYLINE = 91, 92, 2
_VERTICES, _EDGES, _EDGE_KIND, _HAS_BULGE, _IS_CLOSED, _TURNS_LEFT = 93, 93, 72, 72, 73, 73
_X, _Y, _TO_X, _TO_Y, _RADIUS, _FROM_ANGLE, _TO_ANGLE = 10, 20, 11, 21, 40, 50, 51
_RATIO, _KNOT, _WEIGHT = 40, 40, 42
_DEGREE, _KNOTS, _CONTROLS = 94, 95, 96
_STYLE = 75
_LINE, _ARC, _ELLIPSE, _SPLINE = 1, 2, 3, 4
_LEVELS = {1: 1, 2: 0}
"""Style of a hatch → the last level of nesting that it fills or leaves out; else all."""
_LEAST_NODES = 3
_APART = 0.001
"""Ends of edges further apart than this share of the path's length are no corner."""


@dataclass(frozen=True)
class _Edge:
    start: Point
    end: Point
    corners: Sequence[tuple[Point, float]]
    """Vertices with the bulge after each, the end left out."""
    is_curve: bool = False
    """Whether it was a curve, and is in straight pieces now."""

    def turned(self) -> "_Edge":
        """Return the edge from its end to its start."""
        points = [*(point for point, _ in self.corners), self.end]
        bulges = [-bulge for _, bulge in self.corners][::-1]
        corners = list(zip(points[:0:-1], bulges, strict=True))
        return _Edge(self.end, self.start, corners, self.is_curve)


class _Groups:
    """Reads the groups of an entity one after another."""

    def __init__(self, entity: Entity) -> None:
        self._groups, self._next = entity.groups, 0

    def text(self, code: int) -> str:
        """Return the value of the next group of this code, passing over others."""
        while self._next < len(self._groups):
            found, value = self._groups[self._next]
            self._next += 1
            if found == code:
                return value
        raise ValueError(f"缺少组码 {code} / no group {code}")

    def number(self, code: int) -> float:
        return float(self.text(code))

    def count(self, code: int) -> int:
        return int(self.text(code))

    def point(self, x: int = _X, y: int = _Y) -> Point:
        return self.number(x), self.number(y)

    def has_next(self, code: int) -> bool:
        return self._next < len(self._groups) and self._groups[self._next][0] == code


def hatch_outline(placed: Placed, *, chord: float) -> tuple[shapely.Geometry, int]:
    """Return the outline of a hatch with its holes, and how many arcs it had.

    Parameters
    ----------
    chord
        How far a piece may be from its arc, in the units of the drawing.

    Raises
    ------
    ValueError
        Numbers that are none, paths that bound nothing, edges that do not meet.
    """
    groups, rings, arcs = _Groups(placed.entity), [], 0
    piece = chord / placed.stretch
    for _ in range(groups.count(_PATHS)):
        is_polyline = bool(groups.count(_PATH) & _FLAGS_OF_POLYLINE)
        edges = [] if is_polyline else _edges(groups, piece)
        path = _polyline(groups) if is_polyline else _chained(edges)
        corners, bulges = [point for point, _ in path], [bulge for _, bulge in path]
        ring, found = straightened(corners, bulges, chord=piece)
        if len(set(ring)) < _LEAST_NODES:
            raise ValueError("边界围不成区域 / a path that bounds nothing")
        rings.append(shapely.Polygon(placed.places(ring)))
        arcs += found + sum(edge.is_curve for edge in edges)
    if not rings:
        raise ValueError("没有边界 / no boundary path")
    parts = parts_and_holes(rings, deepest=_LEVELS.get(groups.count(_STYLE)))
    return (parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)), arcs


def _polyline(groups: _Groups) -> list[tuple[Point, float]]:
    groups.count(_HAS_BULGE)
    groups.count(_IS_CLOSED)
    path = []
    for _ in range(groups.count(_VERTICES)):
        point = groups.point()
        path.append((point, groups.number(BULGE) if groups.has_next(BULGE) else 0.0))
    return path


def _edges(groups: _Groups, chord: float) -> list[_Edge]:
    edges = []
    for _ in range(groups.count(_EDGES)):
        kind = groups.count(_EDGE_KIND)
        if kind == _LINE:
            edges.append(_line(groups))
        elif kind == _ARC:
            edges.append(_arc(groups))
        elif kind in {_ELLIPSE, _SPLINE}:
            path = _ellipse(groups, chord) if kind == _ELLIPSE else _spline(groups, chord)
            corners = [(point, 0.0) for point in path[:-1]]
            edges.append(_Edge(path[0], path[-1], corners, is_curve=True))
        else:
            raise ValueError(f"边的种类 {kind} 未知 / an edge of the unknown kind {kind}")
    return edges


def _line(groups: _Groups) -> _Edge:
    start, end = groups.point(), groups.point(_TO_X, _TO_Y)
    return _Edge(start, end, [(start, 0.0)])


def _arc(groups: _Groups) -> _Edge:
    center, radius = groups.point(), groups.number(_RADIUS)
    first, last = (math.radians(groups.number(code)) for code in (_FROM_ANGLE, _TO_ANGLE))
    way = _way(groups)
    corners, end = halves(center, radius, way * first, way * _angle(first, last))
    return _Edge(corners[0][0], end, corners)


def _ellipse(groups: _Groups, chord: float) -> list[Point]:
    center, major, ratio = groups.point(), groups.point(_TO_X, _TO_Y), groups.number(_RATIO)
    first, last = (math.radians(groups.number(code)) for code in (_FROM_ANGLE, _TO_ANGLE))
    way = _way(groups)
    turns = [way * _turn(each, ratio) for each in (first, first + _angle(first, last))]
    return ellipse(center, major, ratio, turns=(turns[0], turns[1]), chord=chord)


def _way(groups: _Groups) -> int:
    # angles of an edge that turns right are counted to the right
    return 1 if groups.count(_TURNS_LEFT) else -1


def _angle(first: float, last: float) -> float:
    return (last - first) % math.tau or math.tau


def _turn(angle: float, ratio: float) -> float:
    """Return the parameter of the point that an ellipse has in a direction from its center."""
    if ratio <= 0:
        raise ValueError("椭圆的轴长为零 / an ellipse with an axis of no length")
    turn = math.atan2(math.sin(angle) / ratio, math.cos(angle))
    return turn + math.tau * round((angle - turn) / math.tau)


def _spline(groups: _Groups, chord: float) -> list[Point]:
    degree, knots, controls = (groups.count(code) for code in (_DEGREE, _KNOTS, _CONTROLS))
    at = [groups.number(_KNOT) for _ in range(knots)]
    points, weights = [], []
    for _ in range(controls):
        points.append(groups.point())
        weights.append(groups.number(_WEIGHT) if groups.has_next(_WEIGHT) else 1.0)
    return Spline(degree, at, points, weights).straightened(chord=chord)


def _chained(edges: list[_Edge]) -> list[tuple[Point, float]]:
    """Return the edges as one path; some programs write single edges the other way round."""
    apart = _APART * sum(math.dist(edge.start, edge.end) for edge in edges)
    path: list[tuple[Point, float]] = []
    here = _first_end(edges)
    for edge in edges:
        is_turned = math.dist(here, edge.end) < math.dist(here, edge.start)
        following = edge.turned() if is_turned else edge
        if len(edges) > 1 and math.dist(here, following.start) > apart:
            raise ValueError("边没有首尾相接 / edges that do not meet")
        path.extend(following.corners)
        here = following.end
    return path


def _first_end(edges: list[_Edge]) -> Point:
    """Return where the path begins: the end of the first edge that the second does not touch."""
    if len(edges) == 1:
        return edges[0].start
    first, second = edges[:2]
    return min(
        (first.start, first.end),
        key=lambda start: min(
            math.dist(first.end if start == first.start else first.start, end)
            for end in (second.start, second.end)
        ),
    )
