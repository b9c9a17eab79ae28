"""What bounds areas on a layer of a drawing: closed lines, hatches, how they lie in each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_service.errors import UnreadableFile
from geo_service.layers.area import Geometries
from geo_service.layers.files.disk import unreadable
from geo_service.layers.files.features.dxf.block import Placed
from geo_service.layers.files.features.dxf.curve import CHORD_M, Point
from geo_service.layers.files.features.dxf.drawing import legible
from geo_service.layers.files.features.dxf.hatch import hatch_outline
from geo_service.layers.files.features.dxf.nesting import containers
from geo_service.layers.files.features.dxf.path import LINES, path_of

_LEAST_NODES = 3
_METRES_PER_DEGREE = 111_320.0
_LARGEST_LON, _LARGEST_LAT = 180, 90
_FILL_SHARE = 0.5
"""A hatch of which more lies in polylines that are drawn is their fill."""


@dataclass
class Outlines:
    """What bounds areas on one layer, as far as it is known; ``arcs`` were made straight.

    ``unread`` are hatches that cannot be read, each with the reason, beside polylines.
    """

    drawn: list[Placed] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    arcs: int = 0
    fills: int = 0
    holes: int = 0
    unread: list[tuple[Placed, UnreadableFile]] = field(default_factory=list)

    def add(self, drawn: Placed, shape: Any, arcs: int) -> None:
        """Add an outline."""
        self.drawn.append(drawn)
        self.shapes.append(shape)
        self.arcs += arcs

    def array(self) -> Geometries:
        """Return the shapes."""
        shapes = np.empty(len(self.shapes), dtype=object)
        shapes[:] = self.shapes
        return shapes


def outlines_on(path: Path, on_layer: Sequence[Placed]) -> Outlines:
    """Return the closed lines and curves; and hatches and those of blocks where these draw nothing.

    What lies in one that is drawn outside blocks is the fill or a symbol of that area.

    Raises
    ------
    UnreadableFile
        A polyline of two points, a curve that cannot be read, a line or curve of a block that may
        be a border; or, where nothing closed is drawn, a hatch that cannot be read.
    """
    found = Outlines()
    closed = [each for each in on_layer if each.entity.is_closed]
    chord = _chord([place for each in closed for place in _path(path, each, math.inf)[0]])
    for each in closed:
        if each.placement is None:
            found.add(each, *_ring(path, each, chord))
    drawn = shapely.STRtree(found.array())
    for each in on_layer:
        if each.entity.is_closed and each.placement is not None:
            _add_beside(found, each, *_ring(path, each, chord), drawn)
        elif each.entity.kind == "HATCH":
            _add_hatch(path, found, each, drawn)
    _check_pieces(path, found, on_layer, chord)
    return found


def _path(path: Path, placed: Placed, chord: float) -> tuple[list[Point], int]:
    with legible(path, placed.entity):
        points, arcs = path_of(placed.entity, chord=chord / placed.stretch)
    return placed.places(points), arcs


def _ring(path: Path, placed: Placed, chord: float) -> tuple[Any, int]:
    entity = placed.entity
    ring, arcs = _path(path, placed, chord)
    count = len(set(ring))
    if count < _LEAST_NODES:
        raise unreadable(
            path,
            f"{entity.shown} 只有 {count} 个不同的点，围不成区域",
            f"{entity.shown} has {count} different points, which bound no area",
        )
    return shapely.Polygon(ring), arcs


def _check_pieces(path: Path, found: Outlines, on_layer: Sequence[Placed], chord: float) -> None:
    """Refuse lines and curves of blocks that bound nothing by themselves and lie in no area."""
    areas = shapely.STRtree(found.array())
    apart = []
    for each in on_layer:
        if each.placement is None or each.entity.kind not in LINES or each.entity.is_closed:
            continue
        corners = np.array(_path(path, each, chord)[0])
        places = np.concatenate([corners, (corners[1:] + corners[:-1]) / 2])
        points: Any = shapely.points(places)
        near = np.unique(areas.query(points, predicate="dwithin", distance=chord)[0])
        if len(near) < _FILL_SHARE * len(points):
            apart.append(each)
    if apart:
        raise _in_block(path, apart)


def _add_hatch(path: Path, found: Outlines, hatch: Placed, drawn: shapely.STRtree) -> None:
    try:
        shape, arcs = _hatched(path, hatch)
    except UnreadableFile as error:
        if not len(drawn.geometries):
            raise
        found.unread.append((hatch, error))  # beside polylines hatches are mostly fills
        return
    _add_beside(found, hatch, shape, arcs, drawn)


def _add_beside(
    found: Outlines, placed: Placed, shape: Any, arcs: int, drawn: shapely.STRtree
) -> None:
    """Add an outline, unless most of it lies in those that are drawn."""
    over = shapely.make_valid(drawn.geometries[drawn.query(shape, predicate="intersects")])
    common = shapely.area(shapely.intersection(over, shapely.make_valid(shape)))
    if common.sum() > _FILL_SHARE * shape.area:
        found.fills += 1
    else:
        found.add(placed, shape, arcs)


def _hatched(path: Path, hatch: Placed) -> tuple[Any, int]:
    try:
        shape, arcs = hatch_outline(hatch, chord=CHORD_M)
        chord = _chord(shapely.get_coordinates(shape).tolist())
        return (shape, arcs) if chord == CHORD_M else hatch_outline(hatch, chord=chord)
    except ValueError as error:
        raise unreadable(
            path,
            f"{hatch.entity.shown} 的边界读不懂（{error}），请重新填充后另存",
            f"the boundary of {hatch.entity.shown} cannot be read ({error}); hatch it again",
        ) from error


def _chord(places: Sequence[Sequence[float]]) -> float:
    """Return CHORD_M in the units of a drawing: degrees if all its places could be such."""
    is_degrees = bool(places) and all(
        abs(x) <= _LARGEST_LON and abs(y) <= _LARGEST_LAT for x, y in places
    )
    return CHORD_M / _METRES_PER_DEGREE if is_degrees else CHORD_M


def around_each(found: Outlines) -> list[list[int]]:
    """Return for each closed polyline those around it; hatches bring their holes along."""
    rings = found.array()
    is_hatch = [each.entity.kind == "HATCH" for each in found.drawn]
    rings[is_hatch] = shapely.Polygon()
    return containers(rings)


def within_each(around: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return for each of them those that lie in it."""
    within: list[list[int]] = [[] for _ in around]
    for i, outer in enumerate(around):
        for j in outer:
            within[j].append(i)
    return within


def with_holes(
    path: Path, found: Outlines, around: Sequence[Sequence[int]], is_said: Sequence[bool]
) -> list[int]:
    """Cut polylines out of those around them where texts tell which is what; return the areas.

    Where no text stands in either, both stay as they are drawn: the check tells of the overlap.
    """
    nested = [(i, outer[0]) for i, outer in enumerate(around) if outer]
    told = [(i, shell) for i, shell in nested if is_said[i] or is_said[shell]]
    unclear = sorted({shell for _, shell in told if not is_said[shell]})
    if unclear:
        raise _unclear(path, found, unclear)
    rings = shapely.get_exterior_ring(found.array())
    for shell in {shell for _, shell in told}:
        inner = [i for i, outer in told if outer == shell]
        found.shapes[shell] = shapely.polygons(rings[shell], rings[inner])
    holes = {i for i, _ in told if not is_said[i]}
    found.holes = len(holes)
    return [i for i in range(len(rings)) if i not in holes]


def _in_block(path: Path, which: Sequence[Placed]) -> UnreadableFile:
    listed = "、".join(each.entity.shown for each in which[:5])
    return unreadable(
        path,
        f"块里有 {len(which)} 条没有闭合的线或曲线不在任何区域里，可能是边界：{listed}。"
        "请炸开块（EXPLODE）并合并成闭合多段线（PEDIT），不是边界的移到别的图层",
        f"blocks hold {len(which)} open lines or curves that lie in no area and may be borders: "
        f"{listed}. Explode the blocks (EXPLODE) and join them to closed polylines (PEDIT), or "
        "move what is no border to another layer",
    )


def _unclear(path: Path, found: Outlines, which: Sequence[int]) -> UnreadableFile:
    listed = "、".join(found.drawn[i].entity.shown for i in which[:5])
    return unreadable(
        path,
        f"{len(which)} 条闭合多段线自身没有文字，里面却有带文字的区域，不知道它们是什么：{listed}。"
        "请标注它们，或移到别的图层",
        f"{len(which)} closed polylines without a text of their own hold areas with texts, so it "
        f"is unclear what they are: {listed}. Label them or move them to another layer",
    )
