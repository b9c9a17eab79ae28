"""How far it is to the next border, and whose it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.frames import metric_plane
from geo_service.layers.frames.epsg import Plane
from geo_service.layers.index import CoverageIndex, Level

FARTHEST_M = 5_000.0
"""Borders further away are not looked for."""

SAME_DISTANCE_M = 1e-6
"""Borders whose distances differ by less are equally near."""

_SCALE = 1.005
"""More than lengths differ between a metric frame and the ellipsoid."""

_FEW = 3
_PER_DEPTH = 2**32
_NOBODY = np.iinfo(np.int64).max


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


class NearEach(NamedTuple):
    """The same for n points, in columns; NaN, -1 and -1 where nothing is near."""

    distance_m: Floats
    depth: NDArray[np.int8]
    position: Positions


class _Pieces(NamedTuple):
    """Border pieces that may be nearest to their points: one row per point and piece."""

    point: NDArray[np.intp]
    distance_m: Floats
    depth: NDArray[np.int64]
    areas: NDArray[np.int64]


def near_borders(
    index: CoverageIndex,
    *,
    lon: Floats,
    lat: Floats,
    metric_frames: NDArray[np.object_],
    reach_m: float = FARTHEST_M,
    is_asked: NDArray[np.bool_] | None = None,
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
    is_asked
        For each area of the layer whether its borders count; all do without it.

    Returns
    -------
    NearBorders
        For each point every piece that is as near as the nearest (SAME_DISTANCE_M).
    """
    point, rows = index.edges_near_each(
        lon=lon, lat=lat, reach_m=reach_m * _SCALE, is_asked=is_asked
    )
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
    found = _pieces(levels, place, metric_frame, FARTHEST_M)
    own = [each[0] for each in found if each[1] == owner[0] and owner[1] in each[2]]
    return _nearest_of(found, min(own), owner) if own else None


def nearest_area(
    levels: Sequence[Level],
    *,
    place: tuple[float, float],
    metric_frame: str,
    reach_m: float = FARTHEST_M,
) -> Near | None:
    """Return the area nearest to a point outside all of them, within a reach in meters.

    Of equally near ones it is the deepest layer's, then the lowest code.
    """
    found = _pieces(levels, place, metric_frame, reach_m)
    least_m = min((distance_m for distance_m, _, _ in found), default=math.nan)
    return _nearest_of(found, least_m, (-1, -1)) if found else None


def nearest_borders(
    levels: Sequence[Level],
    owner: tuple[NDArray[np.int8], Positions],
    *,
    lon: Floats,
    lat: Floats,
    metric_frames: NDArray[np.object_],
) -> NearEach:
    """Return what ``nearest_border`` says of each of n points, in columns of shape ``(n,)``."""
    found = _pieces_of_each(levels, lon, lat, metric_frames)
    depth, position = owner[0][found.point], owner[1][found.point]
    is_own = (found.depth == depth) & (found.areas == position[:, None]).any(axis=1)
    return _nearest_of_each(found, is_own, owner)


def nearest_areas(
    levels: Sequence[Level], *, lon: Floats, lat: Floats, metric_frames: NDArray[np.object_]
) -> NearEach:
    """Return what ``nearest_area`` says of each of n points, in columns of shape ``(n,)``."""
    found = _pieces_of_each(levels, lon, lat, metric_frames)
    nobody = np.full(len(lon), -1, dtype=np.int32)
    is_own = np.ones(len(found.point), dtype=np.bool_)
    return _nearest_of_each(found, is_own, (nobody.astype(np.int8), nobody))


def _pieces(
    levels: Sequence[Level], place: tuple[float, float], metric_frame: str, reach_m: float
) -> list[tuple[float, int, tuple[int, int]]]:
    """Return the border pieces that may be nearest to a point: distance (meters), depth, areas."""
    lon, lat = place
    plane = metric_plane(metric_frame)
    found: list[tuple[float, int, tuple[int, int]]] = []
    here = None
    for level in levels:
        rows = level.index.edges_near(lon=lon, lat=lat, reach_m=reach_m * _SCALE).tolist()
        for (x, y), (_, _, first, second, _) in zip(_feet(plane, rows), rows, strict=True):
            here = here or plane(lon, lat)
            distance_m = _length_m(x - here[0], y - here[1])
            if distance_m <= reach_m:
                found.append((distance_m, level.depth, (int(first) - 1, int(second) - 1)))
    return found


def _feet(plane: Plane, rows: list[list[float]]) -> list[tuple[float, float]]:
    """Return the points of edges in a plane: a few one by one, which is quicker."""
    if len(rows) <= _FEW:
        return [plane(row[0], row[1]) for row in rows]
    lon, lat = np.array(rows)[:, :2].T
    x, y = plane(lon, lat)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _length_m(x: float, y: float) -> float:
    """Return a length, rounded as ``_measured_m`` does: functions called hypot differ in bits."""
    return math.sqrt(x * x + y * y)


def _nearest_of(
    found: Sequence[tuple[float, int, tuple[int, int]]], least_m: float, owner: tuple[int, int]
) -> Near:
    """Return whose the pieces at the least distance are besides the owner."""
    others = [
        (-depth, area)
        for distance_m, depth, areas in found
        for area in areas
        if distance_m <= least_m + SAME_DISTANCE_M and area >= 0 and (depth, area) != owner
    ]
    depth, area = min(others, default=(1, -1))
    return Near(least_m, -depth, area)


def _pieces_of_each(
    levels: Sequence[Level], lon: Floats, lat: Floats, metric_frames: NDArray[np.object_]
) -> _Pieces:
    """Return the border pieces that may be nearest to each point, no further than FARTHEST_M."""
    nothing = np.empty(0)
    parts = [_Pieces(nothing.astype(np.intp), nothing, nothing.astype(np.int64), _no_areas())]
    for level in levels:
        point, rows = level.index.edges_near_each(lon=lon, lat=lat, reach_m=FARTHEST_M * _SCALE)
        distance_m = _measured_m(rows, lon[point], lat[point], metric_frames[point])
        near = np.flatnonzero(distance_m <= FARTHEST_M)
        depth = np.full(len(near), level.depth)
        areas = rows[near, 2:4].astype(np.int64) - 1
        parts.append(_Pieces(point[near], distance_m[near], depth, areas))
    return _Pieces(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _no_areas() -> NDArray[np.int64]:
    return np.empty((0, 2), dtype=np.int64)


def _nearest_of_each(
    found: _Pieces, is_own: NDArray[np.bool_], owner: tuple[NDArray[np.int8], Positions]
) -> NearEach:
    """Return whose the pieces as near as the nearest own one are besides the owner."""
    least_m = np.full(len(owner[0]), np.inf)
    np.minimum.at(least_m, found.point[is_own], found.distance_m[is_own])
    limit_m = np.where(np.isfinite(least_m), least_m + SAME_DISTANCE_M, -np.inf)
    near = np.flatnonzero(found.distance_m <= limit_m[found.point])
    point, depth = np.repeat(found.point[near], 2), np.repeat(found.depth[near], 2)
    area = found.areas[near].ravel()
    is_other = (area >= 0) & ~((depth == owner[0][point]) & (area == owner[1][point]))
    best = np.full(len(least_m), _NOBODY)
    np.minimum.at(best, point[is_other], -depth[is_other] * _PER_DEPTH + area[is_other])
    is_there = best != _NOBODY
    return NearEach(
        np.where(np.isfinite(least_m), least_m, np.nan),
        np.where(is_there, -(best // _PER_DEPTH), -1).astype(np.int8),
        np.where(is_there, best % _PER_DEPTH, -1).astype(np.int32),
    )


def _measured_m(rows: Floats, lon: Floats, lat: Floats, frames: NDArray[np.object_]) -> Floats:
    """Return the distance from each point to the nearest point of its row's edge."""
    distance_m = np.empty(len(rows))
    for frame in set(frames.tolist()):
        at = np.flatnonzero(frames == frame)
        plane = metric_plane(frame)
        foot_x, foot_y = plane(rows[at, 0], rows[at, 1])
        x, y = plane(lon[at], lat[at])
        off_x, off_y = foot_x - x, foot_y - y
        distance_m[at] = np.sqrt(off_x * off_x + off_y * off_y)
    return distance_m
