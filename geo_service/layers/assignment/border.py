"""How far it is to the next border, and whose it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.frames import metric_plane
from geo_service.layers.index import CoverageIndex, Level

FARTHEST_M = 5_000.0
"""Borders further away are not looked for."""

SAME_DISTANCE_M = 1e-6
"""Borders whose distances differ by less are equally near."""

_SCALE = 1.005
"""More than lengths differ between a metric frame and the ellipsoid."""


@dataclass(frozen=True, eq=False)
class NearBorders:
    """The borders that are nearest to some points: one row per point and border piece.

    ``point`` is the point's number; ``areas`` (k, 2) the positions of the areas that have the
    piece, the second -1 where nothing lies behind it; ``distance_m`` was measured in the point's
    metric frame.
    """

    point: NDArray[np.intp]
    areas: Positions
    distance_m: Floats


class Near(NamedTuple):
    """An area at some distance: its depth in the chain, its position, -1 for nobody."""

    distance_m: float
    depth: int
    position: int


def near_borders(
    index: CoverageIndex,
    *,
    lon: Floats,
    lat: Floats,
    metric_frames: NDArray[np.object_],
    reach_m: float = FARTHEST_M,
) -> NearBorders:
    """Return the nearest borders of each point within a reach; nothing where none is near.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``, finite.
    metric_frames
        The frame that each point's distances are measured in, shape ``(n,)``.
    reach_m
        Meters.

    Returns
    -------
    NearBorders
        For each point every piece that is as near as the nearest (SAME_DISTANCE_M).
    """
    point, rows = index.edges_near_each(lon=lon, lat=lat, reach_m=reach_m * _SCALE)
    distance_m = _measured_m(rows, lon[point], lat[point], metric_frames[point])
    least_m = np.full(len(lon), np.inf)
    np.minimum.at(least_m, point, distance_m)
    is_nearest = (distance_m <= least_m[point] + SAME_DISTANCE_M) & (distance_m <= reach_m)
    areas = rows[is_nearest, 2:4].astype(np.int32) - np.int32(1)
    return NearBorders(point[is_nearest], areas, distance_m[is_nearest])


def nearest_border(
    levels: Sequence[Level],
    owner: tuple[int, int],
    *,
    place: tuple[float, float],
    metric_frame: str,
) -> Near | None:
    """Return how far it is from a point to its owner's border, and who lies behind.

    Parameters
    ----------
    levels
        The family's index.
    owner
        Depth and position of the area that holds the point.
    place
        Longitude and latitude, EPSG:4490 degrees.
    metric_frame
        What is measured in.

    Returns
    -------
    Near
        The distance in meters and the neighbor: of several, the deepest layer's, then the lowest
        code. None where no border is within FARTHEST_M.
    """
    found = _pieces(levels, place, metric_frame)
    own = [each[0] for each in found if each[1] == owner[0] and owner[1] in each[2]]
    if not own:
        return None
    least_m = min(own)
    behind = [
        (-depth, area)
        for distance_m, depth, areas in found
        for area in areas
        if distance_m <= least_m + SAME_DISTANCE_M and area >= 0 and (depth, area) != owner
    ]
    if not behind:
        return Near(least_m, -1, -1)
    depth, area = min(behind)
    return Near(least_m, -depth, area)


def nearest_area(
    levels: Sequence[Level], *, place: tuple[float, float], metric_frame: str
) -> Near | None:
    """Return the area nearest to a point outside all of them, within FARTHEST_M.

    Of equally near ones it is the deepest layer's, then the lowest code.
    """
    found = _pieces(levels, place, metric_frame)
    if not found:
        return None
    least_m = min(distance_m for distance_m, _, _ in found)
    depth, area = min(
        (-depth, area)
        for distance_m, depth, areas in found
        for area in areas
        if distance_m <= least_m + SAME_DISTANCE_M and area >= 0
    )
    return Near(least_m, -depth, area)


def _pieces(
    levels: Sequence[Level], place: tuple[float, float], metric_frame: str
) -> list[tuple[float, int, tuple[int, int]]]:
    """Return the border pieces that may be nearest to a point: distance (meters), depth, areas."""
    lon, lat = place
    plane = metric_plane(metric_frame)
    found: list[tuple[float, int, tuple[int, int]]] = []
    here = None
    for level in levels:
        edges = level.index.edges_near(lon=lon, lat=lat, reach_m=FARTHEST_M * _SCALE).tolist()
        for foot_lon, foot_lat, first, second, _ in edges:
            here = here or plane(lon, lat)
            distance_m = math.dist(here, plane(foot_lon, foot_lat))
            if distance_m <= FARTHEST_M:
                found.append((distance_m, level.depth, (int(first) - 1, int(second) - 1)))
    return found


def _measured_m(rows: Floats, lon: Floats, lat: Floats, frames: NDArray[np.object_]) -> Floats:
    """Return the distance from each point to the nearest point of its row's edge."""
    distance_m = np.empty(len(rows))
    for frame in set(frames.tolist()):
        at = np.flatnonzero(frames == frame)
        plane = metric_plane(frame)
        foot_x, foot_y = plane(rows[at, 0], rows[at, 1])
        x, y = plane(lon[at], lat[at])
        distance_m[at] = np.hypot(foot_x - x, foot_y - y)
    return distance_m
