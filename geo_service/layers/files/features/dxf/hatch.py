"""The outline of a hatch: boundary paths of polylines, or of lines and arcs one after another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from geo_service.layers.files.features.dxf.block import Placed
from geo_service.layers.files.features.dxf.curve import Point, straightened
from geo_service.layers.files.features.dxf.drawing import BULGE, Entity
from geo_service.layers.files.features.dxf.nesting import parts_and_holes

_PATHS, _PATH, _FLAGS_OF_POLYLINE = 91, 92, 2
_VERTICES, _EDGES, _EDGE_KIND, _HAS_BULGE, _IS_CLOSED, _TURNS_LEFT = 93, 93, 72, 72, 73, 73
_X, _Y, _TO_X, _TO_Y, _RADIUS, _FROM_ANGLE, _TO_ANGLE = 10, 20, 11, 21, 40, 50, 51
_STYLE = 75
_LINE, _ARC = 1, 2
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

    def turned(self) -> "_Edge":
        """Return the edge from its end to its start."""
        points = [*(point for point, _ in self.corners), self.end]
        bulges = [-bulge for _, bulge in self.corners][::-1]
        corners = list(zip(points[:0:-1], bulges, strict=True))
        return _Edge(self.end, self.start, corners)


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
        Numbers that are none, paths that bound nothing, ellipses or splines.
    """
    groups, rings, arcs = _Groups(placed.entity), [], 0
    for _ in range(groups.count(_PATHS)):
        is_polyline = bool(groups.count(_PATH) & _FLAGS_OF_POLYLINE)
        path = _polyline(groups) if is_polyline else _chained(_edges(groups))
        corners, bulges = [point for point, _ in path], [bulge for _, bulge in path]
        ring, found = straightened(corners, bulges, chord=chord / placed.stretch)
        if len(set(ring)) < _LEAST_NODES:
            raise ValueError("边界围不成区域 / a path that bounds nothing")
        rings.append(shapely.Polygon(placed.places(ring)))
        arcs += found
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


def _edges(groups: _Groups) -> list[_Edge]:
    edges = []
    for _ in range(groups.count(_EDGES)):
        kind = groups.count(_EDGE_KIND)
        if kind not in {_LINE, _ARC}:
            raise ValueError("椭圆弧或样条曲线 / ellipses or splines")
        edges.append(_line(groups) if kind == _LINE else _arc(groups))
    return edges


def _line(groups: _Groups) -> _Edge:
    start, end = groups.point(), groups.point(_TO_X, _TO_Y)
    return _Edge(start, end, [(start, 0.0)])


def _arc(groups: _Groups) -> _Edge:
    """Read an arc as two halves: the bulge of a whole circle would be infinite."""
    (x, y), radius = groups.point(), groups.number(_RADIUS)
    first, last = (math.radians(groups.number(code)) for code in (_FROM_ANGLE, _TO_ANGLE))
    # angles of an arc that turns right are counted to the right
    way = 1 if groups.count(_TURNS_LEFT) else -1
    angle = (last - first) % math.tau or math.tau
    start, middle, end = (
        (x + radius * math.cos(way * turn), y + radius * math.sin(way * turn))
        for turn in (first, first + angle / 2, first + angle)
    )
    bulge = way * math.tan(angle / 8)
    return _Edge(start, end, [(start, bulge), (middle, bulge)])


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
