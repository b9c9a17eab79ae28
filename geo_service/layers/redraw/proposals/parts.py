"""A split into balanced parts: lines to offer to a planner, who decides."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.errors import GeoServiceError, InvalidValue, NoBalancedParts
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.area import Floats
from geo_service.layers.redraw.proposals.straight_cuts import Load, straight_cut
from geo_service.layers.redraw.review import SLIVER_M
from geo_service.layers.redraw.splits import ground_of, pieces_along
from geo_service.layers.topology.scale import is_narrow

_FEWEST_PARTS = 2
MOST_PARTS = 50
"""More parts than anybody splits one area into at once; it bounds the time that it takes."""


class Parts(NamedTuple):
    """Lines that part an area, and what they lead to.

    ``lines`` are ``(2, 2)`` each, in the frame of the coverage, for `cut_along` all at once, or
    for `split` one after the other: each parts one piece of those before it. ``pieces`` stand in
    the order of the codes of `cut_along`, and are connected; ``shares`` are their parts of the
    whole, and sum to 1. ``left_out`` is the weight at places outside the area.
    """

    lines: tuple[Floats, ...]
    pieces: tuple[shapely.Polygon, ...]
    shares: tuple[float, ...]
    left_out: float

    @property
    def imbalance(self) -> float:
        """How far the worst piece is off a fair one, as a part of a fair one; 0 is balanced."""
        return max(abs(share * len(self.shares) - 1) for share in self.shares)


def suggest_parts(
    coverage: Coverage,
    key: AreaKey,
    count: int,
    *,
    places: Floats | None = None,
    weights: Sequence[float] | Floats | None = None,
) -> Parts:
    """Return lines that part an area into about equal pieces, short ones first.

    Parameters
    ----------
    count
        How many pieces, at least two. An area in several parts needs more pieces than it has
        parts, since a split makes an area of each.
    places, weights
        ``(n, 2)`` in the frame of the coverage and ``(n,)``: what is to be balanced, as the
        households of buildings; 1 each where weights are not given. No line runs through a place.
        Without places the ground is balanced.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    InvalidValue
        The count is not from 2 to MOST_PARTS; weights are negative, not finite or not as many as
        places.
    NoBalancedParts
        With the reason: the area lies in as many parts already; fewer places than pieces have a
        weight; no line was found, or a piece would be a sliver. How well pieces are balanced
        tells ``imbalance``.

    Notes
    -----
    The area is halved again and again, by the numbers of parts on both sides; each time the
    shortest of about equally balanced straight cuts is taken. See `straight_cut`.
    """
    ground = ground_of(coverage, key).polygon
    refuse_count(count)
    scale = np.array(coverage.scale)
    origin = shapely.bounds(ground)[:2]
    load, left_out = _load(key, count, ground, places, weights)
    plane = shapely.transform(ground, lambda xy: (xy - origin) * scale)
    near = None if load is None else Load((load.points - origin) * scale, load.weights)
    halved = _Halving(key, count)
    halved.part(shapely.get_parts(plane).tolist(), near)
    lines = tuple(line / scale + origin for line in halved.lines)
    return _parts(coverage, key, lines, count, load, left_out)


def refuse_count(count: int) -> None:
    """Refuse a number of pieces that nobody may ask for; raises InvalidValue."""
    if not _FEWEST_PARTS <= count <= MOST_PARTS:
        raise InvalidValue(
            where="count",
            expected_zh=f"{_FEWEST_PARTS} 到 {MOST_PARTS} 之间的块数",
            expected_en=f"a number of pieces from {_FEWEST_PARTS} to {MOST_PARTS}",
        )


def _load(
    key: AreaKey,
    count: int,
    ground: shapely.Geometry,
    places: Floats | None,
    weights: Sequence[float] | Floats | None,
) -> tuple[Load | None, float]:
    """Return the weights in the area, and how much lies outside."""
    if places is None:
        return None, 0.0
    points = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    each = np.ones(len(points)) if weights is None else np.asarray(weights, dtype=np.float64)
    if len(each) != len(points) or not np.isfinite(each).all() or (each < 0).any():
        raise InvalidValue(
            where="weights",
            expected_zh="与 places 一样多、不小于 0 的数",
            expected_en="as many numbers as places, none below 0",
        )
    has_weight = each > 0
    every = Load(points[has_weight], each[has_weight])
    load = every.within(ground)
    if len(np.unique(load.points, axis=0)) < count:
        raise _no_parts(
            key,
            count,
            f"区域里有数的位置只有 {len(load.points)} 处",
            f"only {len(load.points)} places in it have a weight",
        )
    return load, float(every.weights.sum() - load.weights.sum())


def _no_parts(key: AreaKey, count: int, zh: str, en: str) -> NoBalancedParts:
    return NoBalancedParts(key.layer, key.code, count, zh, en)


class _Halving:
    """Lines gathered while pieces are halved."""

    def __init__(self, key: AreaKey, count: int) -> None:
        self._key, self._count = key, count
        self.lines: list[Floats] = []

    def part(self, polygons: list[shapely.Polygon], load: Load | None) -> None:
        """Part an area that lies in several parts, or in one."""
        if len(polygons) > 1 and len(polygons) >= self._count:
            raise _no_parts(
                self._key,
                self._count,
                f"它本来就分成 {len(polygons)} 块，拆分时每块自成一个区域",
                f"it lies in {len(polygons)} parts, and a split makes an area of each",
            )
        loads = [None if load is None else load.within(polygon) for polygon in polygons]
        sizes = [
            polygon.area if own is None else float(own.weights.sum())
            for polygon, own in zip(polygons, loads, strict=True)
        ]
        counts = [1] * len(polygons)
        for _ in range(self._count - len(polygons)):
            fullest = max(range(len(polygons)), key=lambda i: sizes[i] / counts[i])
            counts[fullest] += 1
        for polygon, own, count in zip(polygons, loads, counts, strict=True):
            self._halve(polygon, own, count)

    def _halve(self, polygon: shapely.Polygon, load: Load | None, count: int) -> None:
        if count == 1:
            return
        parts = count // 2, count - count // 2
        cut = straight_cut(polygon, load, parts)
        if cut is None:
            raise _no_parts(
                self._key,
                self._count,
                "试过的直线都不能把它分成两块并各有一份",
                "no straight line leaves two pieces with a share in each",
            )
        self.lines.append(cut.line)
        for piece, some in zip((cut.first, cut.second), parts, strict=True):
            self._halve(piece, None if load is None else load.within(piece), some)


def _parts(
    coverage: Coverage,
    key: AreaKey,
    lines: tuple[Floats, ...],
    count: int,
    load: Load | None,
    left_out: float,
) -> Parts:
    """Return what the lines really lead to, as `cut_along` does it."""
    try:
        pieces = pieces_along(coverage, key, [shapely.LineString(line) for line in lines])
    except GeoServiceError as refusal:
        raise _no_parts(key, count, refusal.text("zh"), refusal.text("en")) from refusal
    if len(pieces) != count:
        raise _no_parts(
            key, count, f"线分成了 {len(pieces)} 块", f"the lines part it into {len(pieces)}"
        )
    if is_narrow(np.array(pieces, dtype=object), coverage.scale, SLIVER_M).any():
        raise _no_parts(
            key,
            count,
            f"有的块会窄于 {SLIVER_M:g} 米",
            f"some would be less than {SLIVER_M:g} m wide",
        )
    sizes = [p.area if load is None else float(load.within(p).weights.sum()) for p in pieces]
    shares = tuple(size / sum(sizes) for size in sizes)
    return Parts(lines, tuple(pieces), shares, left_out)
