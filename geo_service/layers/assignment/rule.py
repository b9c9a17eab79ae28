"""Assigning points to areas: the owner of each, and the rule that decided it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.assignment.agreed import apply_agreements
from geo_service.layers.assignment.border import SAME_DISTANCE_M, NearBorders, near_borders
from geo_service.layers.frames import (
    metric_frame,
    metric_frames,
    points_to_metric,
    to_metric,
)
from geo_service.layers.layer import Layer
from geo_service.layers.locator import Locator, Owners

ASSIGNED, BOUNDARY, NEAREST, UNASSIGNED = "assigned", "boundary", "nearest", "unassigned"
AGREEMENT = "agreement"
DECIDED = "decided"
"""By a person, whatever the place says; no place alone is ever answered so."""
AMBIGUOUS = "ambiguous"

_METERS_PER_DEGREE = 110_500.0  # below every true value, so a search box is never too small


@dataclass(frozen=True, eq=False)
class Assignments:
    """The owners of n points in one family, with the rule that decided each.

    ``distance_m`` is how far outside a ``nearest`` point lies from its owner (metres in the zone
    that ``metric_frames`` names), or an ``agreement`` point from the agreed border; NaN and empty
    text for every other rule. ``numbers`` are those of the deciding agreements, 0 for none.
    """

    family: str
    owners: Owners
    rules: NDArray[np.str_]
    distance_m: Floats
    metric_frames: NDArray[np.object_]
    numbers: NDArray[np.int64]


def assign(locator: Locator, family: str, *, lon: Floats, lat: Floats) -> Assignments:
    """Assign each point to its owner in ``family``.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4490, shape ``(n,)``; NaN stands for a place nobody knows: ``unassigned``.

    Returns
    -------
    Assignments
        ``boundary`` where the point lies exactly on a border of several areas (lowest code),
        ``agreement`` where a border agreement of the locator decides (see ``apply_agreements``),
        ``nearest`` where it lies outside but within the layer's ``nearest_m`` (tie: deepest layer,
        then lowest code), ``unassigned`` where nothing is near.
    """
    owners = locator.owners(family, lon=lon, lat=lat)
    rules = np.where(owners.level >= 0, ASSIGNED, UNASSIGNED).astype("U10")
    rules[owners.is_shared] = BOUNDARY
    distance_m = np.full(len(lon), np.nan)
    frames = np.full(len(lon), "", dtype=object)
    numbers = np.zeros(len(lon), dtype=np.int64)
    if locator.agreements:
        agreed = apply_agreements(locator, family, owners, lon=lon, lat=lat)
        rules[agreed.point] = AGREEMENT
        distance_m[agreed.point] = agreed.distance_m
        frames[agreed.point] = agreed.metric_frames
        numbers[agreed.point] = agreed.number
    outside = np.flatnonzero((owners.level < 0) & np.isfinite(lon) & np.isfinite(lat))
    if len(outside):
        near = _nearest(locator, family, lon=lon[outside], lat=lat[outside])
        found = outside[near.level >= 0]
        owners.level[found] = near.level[near.level >= 0]
        owners.position[found] = near.position[near.level >= 0]
        distance_m[found] = near.distance_m[near.level >= 0]
        frames[found] = near.metric_frames[near.level >= 0]
        rules[found] = NEAREST
    return Assignments(family, owners, rules, distance_m, frames, numbers)


def overlay_owners(locator: Locator, layer: Layer, *, lon: float, lat: float) -> Positions:
    """Return every area of an overlay layer that a point belongs to, ascending by code.

    A polygon holds what it covers, its border included; a line what lies within ``reach_m`` of it
    (metres, in the point's metric zone). Overlays may overlap, so there may be several.
    """
    if layer.geometry != "line":
        return np.array(locator.holding(layer.name, lon=lon, lat=lat), dtype=np.int32)
    near = _within(locator, layer, layer.reach_m, lon=lon, lat=lat)
    frame = metric_frame(lon=lon, lat=lat)
    distances_m = _distances_m(locator, layer, near, lon=lon, lat=lat, frame=frame)
    return near[distances_m <= layer.reach_m]


@dataclass(frozen=True, eq=False)
class _Nearest:
    """The nearest area of each of n points in tolerance; level -1 where there is none."""

    level: NDArray[np.int8]
    position: Positions
    distance_m: Floats
    metric_frames: NDArray[np.object_]


def _nearest(locator: Locator, family: str, *, lon: Floats, lat: Floats) -> _Nearest:
    """Return the nearest area: deeper layers first, of a layer the lowest code.

    A layer whose tolerance does not reach leaves the point to the layers above it, whose areas
    hold the same border; a layer above also wins where its own areas are nearer.
    """
    chain = locator.layers.families[family]
    frames = metric_frames(lon=lon, lat=lat)
    reach_m = max(layer.nearest_m for layer in chain)
    best = _Nearest(
        np.full(len(lon), -1, dtype=np.int8),
        np.full(len(lon), -1, dtype=np.int32),
        np.full(len(lon), np.inf),
        frames,
    )
    near: dict[tuple[int, int | None], NearBorders] = {}
    for depth in range(len(chain) - 1, -1, -1):
        found = []
        for level in locator.families[family].levels:
            if level.depth < depth:
                break
            # an area without an ancestor up there must not hide those that have one
            is_asked = locator.linked(family, level.depth, at=depth)
            key = level.depth, None if is_asked is None else depth
            if key not in near:
                near[key] = near_borders(
                    level.index,
                    lon=lon,
                    lat=lat,
                    metric_frames=frames,
                    reach_m=reach_m,
                    is_asked=is_asked,
                )
            found.append((level.depth, near[key]))
        _prefer(best, locator, family, depth, found)
    return best


def _prefer(
    best: _Nearest,
    locator: Locator,
    family: str,
    depth: int,
    found: Sequence[tuple[int, NearBorders]],
) -> None:
    """Take the areas at ``depth`` that are nearer than what was found deeper."""
    if not found:
        return
    point = np.concatenate([np.repeat(each.point, 2) for _, each in found])
    distance_m = np.concatenate([np.repeat(each.distance_m, 2) for _, each in found])
    position = np.concatenate(
        [locator.ancestors(family, below, each.areas.ravel(), at=depth) for below, each in found]
    )
    tolerance_m = locator.layers.families[family][depth].nearest_m
    fits = (position >= 0) & (distance_m <= tolerance_m)
    fits &= distance_m < best.distance_m[point] - SAME_DISTANCE_M
    point, distance_m, position = point[fits], distance_m[fits], position[fits]
    least_m = best.distance_m.copy()
    np.minimum.at(least_m, point, distance_m)
    is_least = distance_m <= least_m[point] + SAME_DISTANCE_M
    order = np.flatnonzero(is_least)[np.argsort(position[is_least], kind="stable")[::-1]]
    best.level[point[order]] = depth
    best.position[point[order]] = position[order]  # the last one written is the lowest
    best.distance_m[point[order]] = least_m[point[order]]


def _within(locator: Locator, layer: Layer, reach_m: float, *, lon: float, lat: float) -> Positions:
    reach_lat = reach_m / _METERS_PER_DEGREE
    reach_lon = reach_lat / max(float(np.cos(np.radians(lat))), 0.01)
    return locator.near(
        layer.name,
        west=lon - reach_lon,
        south=lat - reach_lat,
        east=lon + reach_lon,
        north=lat + reach_lat,
    ).astype(np.int32)


def _distances_m(
    locator: Locator, layer: Layer, positions: Positions, *, lon: float, lat: float, frame: str
) -> Floats:
    outlines = to_metric(locator.areas(layer.name).geometries[positions], metric_frame=frame)
    x, y = points_to_metric(lon=np.array([lon]), lat=np.array([lat]), metric_frame=frame)
    return np.asarray(shapely.distance(shapely.points(x[0], y[0]), outlines), dtype=np.float64)
