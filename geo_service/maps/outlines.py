"""Display copies of outlines: fewer vertices, short to send, never stored or measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Geometries

MAX_VERTICES = 60_000
"""More than a page draws smoothly; above it outlines are simplified."""

FEWEST_VERTICES_PER_AREA = 8
"""Many areas may have more than MAX_VERTICES together: nobody recognizes them with fewer."""

_DOUBLINGS = 6

STEPS_PER_DEGREE = 1_000_000
"""Display coordinates are whole steps: six decimals of a degree, about a decimeter."""

Path = list[int]
"""Steps of one ring or line: the first vertex from the origin, each next one from the last."""


@dataclass(frozen=True)
class Anchor:
    """Where a label of an area stands: ``lon, lat``, and how far it may reach (degrees)."""

    lon: float
    lat: float
    half_width: float
    half_height: float


def display_copies(geometries: Geometries, *, max_vertices: int = MAX_VERTICES) -> Geometries:
    """Return outlines that still fit each other, simplified if they have too many vertices.

    The tolerance starts at 1/8000 of the diagonal, which is under a pixel when the whole is seen,
    and doubles until the outlines are small enough.
    """
    if not len(geometries):
        return geometries
    copies = geometries
    limit = max(max_vertices, FEWEST_VERTICES_PER_AREA * len(geometries))
    tolerance = _diagonal(geometries) / 8000
    for _ in range(_DOUBLINGS):
        if int(shapely.get_num_coordinates(copies).sum()) <= limit:
            break
        copies = np.asarray(shapely.coverage_simplify(copies, tolerance))
        tolerance *= 2
    return copies


def joined(geometries: Geometries, groups: Sequence[str | None]) -> dict[str, shapely.Geometry]:
    """Return the union of the outlines of each group; those of group None are left out."""
    positions: dict[str, list[int]] = {}
    for position, group in enumerate(groups):
        if group is not None:
            positions.setdefault(group, []).append(position)
    return {
        group: shapely.coverage_union_all(geometries[members])
        for group, members in sorted(positions.items())
    }


def borders(geometries: Geometries, *, above: Geometries) -> Geometries:
    """Return the borders of areas as lines, each piece once and without the borders ``above``.

    Two lines over each other would fill the gaps of each other's dashes.
    """
    own, others = (shapely.union_all(shapely.boundary(those)) for those in (geometries, above))
    lines = shapely.line_merge(shapely.difference(own, others))
    return np.asarray(shapely.get_parts(lines))


def origin(geometries: Geometries) -> tuple[int, int]:
    """Return the south-west corner in steps; what all paths of a page start from."""
    if not len(geometries):
        return 0, 0
    bounds = shapely.total_bounds(geometries)
    west, south = np.floor(bounds[:2] * STEPS_PER_DEGREE).astype(np.int64)
    return int(west), int(south)


def polygon_paths(geometries: Geometries, origin: tuple[int, int]) -> list[list[list[Path]]]:
    """Return (multi)polygons as polygons as rings as paths; the closing vertex is left out."""
    if not len(geometries):
        return []
    _, vertices, (rings, polygons, areas) = shapely.to_ragged_array(_as_multipolygons(geometries))
    paths = _paths(vertices, rings, origin, is_ring=True)
    return _grouped(_grouped(paths, polygons), areas)


def line_paths(lines: Geometries, origin: tuple[int, int]) -> list[Path]:
    """Return (multi)lines as paths."""
    parts = shapely.get_parts(lines)
    if not len(parts):
        return []
    _, vertices, (offsets,) = shapely.to_ragged_array(parts)
    return _paths(vertices, offsets, origin, is_ring=False)


def anchors(geometries: Geometries) -> list[Anchor]:
    """Return the middle of the largest circle in each outline, and the free width through it."""
    if not len(geometries):
        return []
    circles = shapely.maximum_inscribed_circle(geometries, _tolerances(geometries))
    centers = shapely.get_point(circles, 0)
    lon, lat = shapely.get_x(centers), shapely.get_y(centers)
    radius = shapely.length(circles)
    half_width = np.maximum(_half_chords(geometries, lon, lat), radius)
    return [Anchor(*values) for values in zip(*_floats(lon, lat, half_width, radius), strict=True)]


def points_inside(geometries: Geometries) -> list[Anchor]:
    """Return a point in each outline with no room around it: for marks, not for names."""
    points = shapely.point_on_surface(geometries)
    columns = (np.round(axis(points), 5).tolist() for axis in (shapely.get_x, shapely.get_y))
    return [Anchor(lon, lat, 0.0, 0.0) for lon, lat in zip(*columns, strict=True)]


def _floats(*columns: NDArray[Any]) -> list[list[float]]:
    return [np.round(np.asarray(column, dtype=np.float64), 6).tolist() for column in columns]


def _half_chords(geometries: Geometries, lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[Any]:
    west, _, east, _ = shapely.bounds(geometries).T
    ends = np.stack([np.stack([west, lat], axis=1), np.stack([east, lat], axis=1)], axis=1)
    inside = shapely.intersection(shapely.linestrings(ends), geometries)
    half = np.zeros(len(geometries))
    parts, owners = shapely.get_parts(inside, return_index=True)
    left, _, right, _ = shapely.bounds(parts).T
    own = (left <= lon[owners]) & (lon[owners] <= right)
    half[owners[own]] = np.minimum(lon[owners] - left, right - lon[owners])[own]
    return half


def _tolerances(geometries: Geometries) -> NDArray[np.float64]:
    west, south, east, north = shapely.bounds(geometries).T
    sides: NDArray[np.float64] = np.maximum(east - west, north - south)
    return np.maximum(sides / 50, 1e-7)


def _diagonal(geometries: Geometries) -> float:
    west, south, east, north = shapely.total_bounds(geometries)
    return float(np.hypot(east - west, north - south))


def _as_multipolygons(geometries: Geometries) -> Geometries:
    parts, owners = shapely.get_parts(geometries, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=owners))


def _grouped(members: list[Any], offsets: NDArray[Any]) -> list[list[Any]]:
    return [members[start:end] for start, end in pairwise(offsets.tolist())]


def _paths(
    vertices: NDArray[Any], offsets: NDArray[Any], origin: tuple[int, int], *, is_ring: bool
) -> list[Path]:
    steps = np.rint(vertices[:, :2] * STEPS_PER_DEGREE).astype(np.int64) - origin
    moves = np.diff(steps, axis=0, prepend=steps[:1])
    starts, ends = offsets[:-1], offsets[1:]
    moves[starts] = steps[starts]
    is_kept = np.any(moves != 0, axis=1)
    is_kept[starts] = True
    if is_ring:
        is_kept[ends - 1] = False
    flat = moves[is_kept].ravel().tolist()
    lengths = 2 * np.add.reduceat(is_kept, starts, dtype=np.int64)
    return [flat[start:end] for start, end in pairwise([0, *np.cumsum(lengths).tolist()])]
