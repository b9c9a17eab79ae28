"""Assigning points to areas: the owner of each, and the rule that decided it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.frames import metric_frame, points_to_metric, to_metric
from geo_service.layers.layer import Layer
from geo_service.layers.locator import Locator, Owners

ASSIGNED, BOUNDARY, NEAREST, UNASSIGNED = "assigned", "boundary", "nearest", "unassigned"

_METERS_PER_DEGREE = 110_500.0  # below every true value, so a search box is never too small
_SAME_DISTANCE_M = 1e-6


@dataclass(frozen=True, eq=False)
class Assignments:
    """The owners of n points in one family, with the rule that decided each.

    ``distance_m`` is how far outside a ``nearest`` point lies from its owner (metres in the zone
    that ``metric_frames`` names); NaN and empty text for every other rule.
    """

    family: str
    owners: Owners
    rules: NDArray[np.str_]
    distance_m: Floats
    metric_frames: NDArray[np.object_]


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
        ``nearest`` where it lies outside but within the layer's ``nearest_m`` (tie: deepest layer,
        then lowest code), ``unassigned`` where nothing is near.
    """
    owners = locator.owners(family, lon=lon, lat=lat)
    rules = np.where(owners.level >= 0, ASSIGNED, UNASSIGNED).astype("U10")
    rules[owners.is_shared] = BOUNDARY
    distance_m = np.full(len(lon), np.nan)
    frames = np.full(len(lon), "", dtype=object)
    outside = np.flatnonzero((owners.level < 0) & np.isfinite(lon) & np.isfinite(lat))
    for i in outside:
        found = _nearest(locator, family, lon=float(lon[i]), lat=float(lat[i]))
        if found is not None:
            owners.level[i], owners.position[i], distance_m[i], frames[i] = found
            rules[i] = NEAREST
    return Assignments(family, owners, rules, distance_m, frames)


def overlay_owners(locator: Locator, layer: Layer, *, lon: float, lat: float) -> Positions:
    """Return every area of an overlay layer that a point belongs to, ascending by code.

    A polygon holds what it covers, its border included; a line what lies within ``reach_m`` of it
    (metres, in the point's metric zone). Overlays may overlap, so there may be several.
    """
    if layer.geometry != "line":
        _, positions = locator.covering(layer.name, lon=np.array([lon]), lat=np.array([lat]))
        return positions.astype(np.int32)
    near = _within(locator, layer, layer.reach_m, lon=lon, lat=lat)
    frame = metric_frame(lon=lon, lat=lat)
    distances_m = _distances_m(locator, layer, near, lon=lon, lat=lat, frame=frame)
    return near[distances_m <= layer.reach_m]


def _nearest(
    locator: Locator, family: str, *, lon: float, lat: float
) -> tuple[int, int, float, str] | None:
    """Return (level, position, metres, metric frame) of the nearest area within tolerance."""
    frame = metric_frame(lon=lon, lat=lat)
    best: tuple[int, int, float, str] | None = None
    chain = locator.layers.families[family]
    for level in range(len(chain) - 1, -1, -1):
        positions = _within(locator, chain[level], chain[level].nearest_m, lon=lon, lat=lat)
        if len(positions) == 0:
            continue
        distances_m = _distances_m(locator, chain[level], positions, lon=lon, lat=lat, frame=frame)
        k = int(np.argmin(distances_m))  # the first of equals: areas ascend by code
        is_nearer = best is None or distances_m[k] < best[2] - _SAME_DISTANCE_M
        if distances_m[k] <= chain[level].nearest_m and is_nearer:
            best = (level, int(positions[k]), float(distances_m[k]), frame)
    return best


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
