"""Who may own a place that is known only to some meters: each area's share of the circle."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.flat_outline import Circles, Points
from geo_service.layers.frames import meters_per_degree
from geo_service.layers.locator import Locator

OUTSIDE = -1
"""The depth and position of the candidate "outside every area"."""

FLAT_MAP = 1.02
"""A circle on the flat map that surely holds the circle in the metric frame."""
LEAST_SHARE = 1e-9
"""What less is held of a circle is rounding."""
_LEAST_LEFT = 1e-6
"""What less is left of an area whose ground agreements moved is where two outlines bend apart."""
SHARE_DIGITS = 12
"""Shares that differ beyond them are equal."""
_CIRCLES_AT_ONCE = 4_096


Near: TypeAlias = tuple[Points, Positions]
"""Pairs of a point and an area whose border comes near it."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """The candidates of many points as columns: by point, the largest share first.

    Row by row the point's number, depth and position of the area, and its share.
    """

    point: Points
    depth: NDArray[np.int8]
    position: Positions
    share: Floats


def candidates_of(
    locator: Locator,
    family: str,
    *,
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    metric_frames: NDArray[np.object_],
) -> Candidates:
    """Return what each of n circles of accuracy holds, the largest share first.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``, finite: the middles of the circles.
    accuracy_m
        Their radii in meters, shape ``(n,)``, above 0; a true place may be anywhere in its circle.
    metric_frames
        The plane that each circle is drawn in, shape ``(n,)``.

    Returns
    -------
    Candidates
        Of each place in a circle the deepest layer's area counts; what no area holds counts as
        OUTSIDE. The shares of a circle sum to 1; of equal shares the deeper layer, then the lower
        code stands first. A circle that no border comes near is its owner's alone.
    """
    circles = Circles(lon, lat, accuracy_m, metric_frames)
    owners = locator.owners(family, lon=lon, lat=lat)
    near = [
        level.index.areas_within_each(lon=lon, lat=lat, reach_m=accuracy_m * FLAT_MAP)
        for level in locator.families[family].levels
    ]
    is_cut = np.zeros(len(lon), dtype=np.bool_)
    for level, (point, _) in zip(locator.families[family].levels, near, strict=True):
        is_cut[point[level.depth >= owners.level[point]]] = True
    whole, cut = np.flatnonzero(~is_cut), np.flatnonzero(is_cut)
    found = [Candidates(whole, owners.level[whole], owners.position[whole], np.ones(len(whole)))]
    for start in range(0, len(cut), _CIRCLES_AT_ONCE):
        chosen = cut[start : start + _CIRCLES_AT_ONCE]
        held = _cut(locator, family, circles.take(chosen), _renumbered(near, chosen))
        found.append(Candidates(chosen[held.point], held.depth, held.position, held.share))
    if locator.agreements:
        found = [_agreed(locator, family, circles, _joined(found))]
    return found[0] if len(cut) == 0 and not locator.agreements else _ordered(found)


def _renumbered(near: Sequence[Near], chosen: Points) -> list[Near]:
    """Return the pairs of chosen points, ascending, each point by its place among them."""
    found = []
    for point, area in near:
        at = np.minimum(np.searchsorted(chosen, point), len(chosen) - 1)
        is_chosen = chosen[at] == point
        found.append((at[is_chosen], area[is_chosen]))
    return found


def _agreed(locator: Locator, family: str, circles: Circles, drawn: Candidates) -> Candidates:
    """Move what border agreements give to others, circle by circle, in no order."""
    ground = locator.moved_ground[family]
    scale_x, scale_y = meters_per_degree(lat=circles.lat)
    wide, high = FLAT_MAP * circles.radius_m / scale_x, FLAT_MAP * circles.radius_m / scale_y
    lon, lat = circles.lon, circles.lat
    boxes = np.asarray(shapely.box(lon - wide, lat - high, lon + wide, lat + high))
    point, piece = ground.tree.query(boxes)
    share = ground.flat_outlines.shares((point, piece), circles)
    given, taken = ground.given[piece], ground.taken[piece]
    is_touched = np.isin(drawn.point, point)
    moved = _summed(
        [
            _taken(drawn, is_touched),
            Candidates(point, given[:, 0].astype(np.int8), given[:, 1], share),
            Candidates(point, taken[:, 0].astype(np.int8), taken[:, 1], -share),
        ]
    )
    return _joined([_taken(drawn, ~is_touched), moved])


def _summed(parts: list[Candidates]) -> Candidates:
    """Make one row of those of the same circle and area; nothing is left of what is all gone."""
    rows = _joined(parts)
    if len(rows.point) == 0:
        return rows
    keys = np.stack([rows.point, rows.depth, rows.position])
    kinds, row = np.unique(keys, axis=1, return_inverse=True)
    share = np.zeros(kinds.shape[1])
    np.add.at(share, row.ravel(), rows.share)
    point, depth, position = kinds
    found = Candidates(point, depth.astype(np.int8), position.astype(np.int32), share)
    left = _taken(found, share > _LEAST_LEFT)
    total = np.bincount(left.point, weights=left.share)
    return replace(left, share=left.share / total[left.point])


def _cut(locator: Locator, family: str, circles: Circles, near: Sequence[Near]) -> Candidates:
    """Return what circles hold that borders come ``near`` on each level, in no order."""
    lon, lat, _, _ = circles
    found: list[Candidates] = []
    for level, (point, area) in zip(locator.families[family].levels, near, strict=True):
        inside = level.index.owners(lon=lon, lat=lat).position
        own = np.flatnonzero(inside >= 0)
        layer = locator.layers.families[family][level.depth].name
        count = len(locator.areas(layer))
        keys = np.concatenate([point * count + area, own * count + inside[own]])
        point, position = np.divmod(np.unique(keys), count)
        share = locator.flat_outlines(layer).shares((point, position), circles)
        for below in found:
            share -= _held_below(locator, family, below, level.depth, (point, position))
        depth = np.full(len(point), level.depth, dtype=np.int8)
        found.append(Candidates(point, depth, position.astype(np.int32), share))
    joined = _joined(found)
    held = _taken(joined, joined.share > LEAST_SHARE)
    rest = np.ones(len(lon))
    np.subtract.at(rest, held.point, held.share)
    left = np.flatnonzero(rest > LEAST_SHARE)
    if len(left) == 0:
        return held
    nobody = np.full(len(left), OUTSIDE, dtype=np.int32)
    return _joined([held, Candidates(left, nobody.astype(np.int8), nobody, rest[left])])


def _held_below(
    locator: Locator,
    family: str,
    below: Candidates,
    depth: int,
    pairs: tuple[Points, Points],
) -> Floats:
    """Return how much of each pair's circle the descendants of its area hold at a deeper level."""
    point, position = pairs
    found = np.zeros(len(point))
    if len(point) and len(below.point):
        above = locator.ancestors(family, int(below.depth[0]), below.position, at=depth)
        count = int(max(position.max(), above.max())) + 1
        keys, held = point * count + position, below.point * count + above
        at = np.minimum(np.searchsorted(keys, held), len(keys) - 1)
        is_there = (keys[at] == held) & (above >= 0)
        np.add.at(found, at[is_there], below.share[is_there])
    return found


def _joined(parts: list[Candidates]) -> Candidates:
    if len(parts) == 1:
        return parts[0]
    return Candidates(
        np.concatenate([each.point for each in parts]),
        np.concatenate([each.depth for each in parts]),
        np.concatenate([each.position for each in parts]),
        np.concatenate([each.share for each in parts]),
    )


def _taken(rows: Candidates, chosen: NDArray[Any]) -> Candidates:
    return Candidates(
        rows.point[chosen], rows.depth[chosen], rows.position[chosen], rows.share[chosen]
    )


def _ordered(parts: list[Candidates]) -> Candidates:
    """Put rows in order; shares that only rounding tells apart become equal before."""
    found = _joined(parts)
    found = replace(found, share=np.round(found.share, SHARE_DIGITS))
    depth = -found.depth.astype(np.int16)
    return _taken(found, np.lexsort((found.position, depth, -found.share, found.point)))
