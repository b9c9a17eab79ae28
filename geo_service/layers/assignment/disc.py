"""How much of a disc lies in a polygon: exact, without cutting anything."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

Points = NDArray[np.intp]

_A_LITTLE_MORE = 1.0 + 1e-9


class _Edges(NamedTuple):
    """The edges of polygons, those of one polygon after another: from where to where.

    ``sign`` is 1.0 where the polygon lies to the left, -1.0 where it lies to the right;
    ``per_polygon`` tells how many edges each polygon has.
    """

    start_x: Floats
    start_y: Floats
    end_x: Floats
    end_y: Floats
    sign: Floats
    per_polygon: Points


def shares_of_discs(
    polygons: Geometries, polygon: Points, *, centers: Floats, radii_m: Floats
) -> Floats:
    """Return the share of each of n discs that a polygon holds.

    Parameters
    ----------
    polygons
        Valid (Multi)Polygons in a plane, shape ``(k,)``.
    polygon
        The position of each disc's polygon among them, shape ``(n,)``.
    centers, radii_m
        The discs, in units of the plane, shapes ``(n, 2)`` and ``(n,)``; radii are above 0.

    Returns
    -------
    Floats
        Shares from 0 to 1, shape ``(n,)``.

    Notes
    -----
    By Green's theorem the area common to a ring and a disc around the origin is a sum over the
    ring's edges: half the cross product of its ends for the part of an edge inside the circle, the
    sector under it for the parts outside.
    """
    edges = _edges(polygons)
    count = edges.per_polygon[polygon]
    disc = np.repeat(np.arange(len(polygon)), count)
    first = np.cumsum(edges.per_polygon) - edges.per_polygon
    at = np.arange(len(disc)) + np.repeat(first[polygon] - (np.cumsum(count) - count), count)
    x, y = centers.T
    middle_x, middle_y = x[disc], y[disc]
    signed = edges.sign[at] * _signed_areas(
        (edges.start_x[at] - middle_x, edges.start_y[at] - middle_y),
        (edges.end_x[at] - middle_x, edges.end_y[at] - middle_y),
        radii_m[disc],
    )
    held = np.bincount(disc, weights=signed, minlength=len(polygon))
    shares: Floats = np.clip(held / (np.pi * radii_m**2), 0.0, 1.0)
    return shares


def _edges(polygons: Geometries) -> _Edges:
    parts, polygon_of_part = shapely.get_parts(polygons, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    vertices, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    is_hole = np.zeros(len(rings), dtype=np.bool_)
    is_hole[1:] = part_of_ring[1:] == part_of_ring[:-1]
    start = np.flatnonzero(ring_of_vertex[1:] == ring_of_vertex[:-1])
    ring = ring_of_vertex[start]
    x, y = np.ascontiguousarray(vertices.T)
    return _Edges(
        start_x=x[start],
        start_y=y[start],
        end_x=x[start + 1],
        end_y=y[start + 1],
        sign=np.where(shapely.is_ccw(rings) != is_hole, 1.0, -1.0)[ring],
        per_polygon=np.bincount(polygon_of_part[part_of_ring[ring]], minlength=len(polygons)),
    )


_Vectors = tuple[Floats, Floats]


def _signed_areas(start: _Vectors, end: _Vectors, radius_m: Floats) -> Floats:
    """Return the signed area between each edge and the origin, within its circle.

    Of most edges that is the whole sector; those whose line meets the circle are told apart.
    """
    cross = _cross(start, end)
    areas: Floats = 0.5 * radius_m**2 * np.arctan2(cross, _dot(start, end))
    length_2 = (end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2
    meets = np.flatnonzero(cross**2 < radius_m**2 * length_2 * _A_LITTLE_MORE)
    areas[meets] = _cut_areas(
        (start[0][meets], start[1][meets]), (end[0][meets], end[1][meets]), radius_m[meets]
    )
    return areas


def _cut_areas(start: _Vectors, end: _Vectors, radius_m: Floats) -> Floats:
    """Return the same for edges that have a length."""
    along = (end[0] - start[0], end[1] - start[1])
    square, half = _dot(along, along), _dot(start, along)
    under_root = half**2 - square * (_dot(start, start) - radius_m**2)
    root = np.sqrt(np.maximum(under_root, 0.0))
    enters = np.clip((-half - root) / square, 0.0, 1.0)
    leaves = np.clip((-half + root) / square, 0.0, 1.0)
    # an edge that misses the circle enters and leaves in one point: its whole is two sectors
    inner = (start[0] + enters * along[0], start[1] + enters * along[1])
    outer = (start[0] + leaves * along[0], start[1] + leaves * along[1])
    sectors = _angle(start, inner) + _angle(outer, end)
    areas: Floats = 0.5 * (_cross(inner, outer) + radius_m**2 * sectors)
    return areas


def _cross(a: _Vectors, b: _Vectors) -> Floats:
    return a[0] * b[1] - a[1] * b[0]


def _dot(a: _Vectors, b: _Vectors) -> Floats:
    return a[0] * b[0] + a[1] * b[1]


def _angle(a: _Vectors, b: _Vectors) -> Floats:
    angle: Floats = np.arctan2(_cross(a, b), _dot(a, b))
    return angle
