"""How much of a disc lies in a polygon: exact, without cutting anything."""

import math
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.index.compiling import compiled

Points = NDArray[np.intp]

_A_LITTLE_MORE = 1.0 + 1e-9


class Edges(NamedTuple):
    """The edges of polygons, those of one polygon after another: from where to where.

    ``sign`` is 1.0 where the polygon lies to the left, -1.0 where it lies to the right; those of
    polygon i are ``first[i]`` up to ``first[i + 1]``.
    """

    start_x: Floats
    start_y: Floats
    end_x: Floats
    end_y: Floats
    sign: Floats
    first: Points


def shares_of_discs(edges: Edges, polygon: Points, *, centers: Floats, radii_m: Floats) -> Floats:
    """Return the share of each of n discs that a polygon holds.

    Parameters
    ----------
    edges
        Those of k polygons, as ``edges_of`` gives them.
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
    sector under it for the parts outside. A sector is the difference of two directions, but for the
    whole turn that is missing where it crosses the one that they are counted from; the differences
    of a whole ring add up to nothing, so directions are asked of edges inside the circle alone.
    """
    x, y = np.ascontiguousarray(np.asarray(centers, dtype=np.float64).T)
    asked = np.ascontiguousarray(polygon, dtype=np.intp)
    radius_m = np.ascontiguousarray(radii_m, dtype=np.float64)
    shares: Floats = _shares(edges, asked, x, y, radius_m)
    return shares


def shares_of_disc(edges: Edges, polygon: Points, *, x: float, y: float, radius_m: float) -> Floats:
    """Return the share of one disc that each of n polygons holds; see ``shares_of_discs``."""
    count = len(polygon)
    disc = (np.array([each] * count, dtype=np.float64) for each in (x, y, radius_m))
    shares: Floats = _shares(edges, polygon, *disc)
    return shares


def edges_of(polygons: Geometries) -> Edges:
    """Return the edges of valid (Multi)Polygons in a plane, shape ``(k,)``."""
    parts, polygon_of_part = shapely.get_parts(polygons, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    vertices, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    is_hole = np.zeros(len(rings), dtype=np.bool_)
    is_hole[1:] = part_of_ring[1:] == part_of_ring[:-1]
    start = np.flatnonzero(ring_of_vertex[1:] == ring_of_vertex[:-1])
    ring = ring_of_vertex[start]
    x, y = np.ascontiguousarray(vertices.T)
    count = np.bincount(polygon_of_part[part_of_ring[ring]], minlength=len(polygons))
    return Edges(
        start_x=x[start],
        start_y=y[start],
        end_x=x[start + 1],
        end_y=y[start + 1],
        sign=np.where(shapely.is_ccw(rings) != is_hole, 1.0, -1.0)[ring],
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.intp),
    )


@compiled
def _shares(edges: Edges, polygon: Points, x: Floats, y: Floats, radius_m: Floats) -> Floats:
    shares = np.empty(len(polygon))
    for disc in range(len(polygon)):
        turns, held, square_m = 0.0, 0.0, radius_m[disc] * radius_m[disc]
        for edge in range(edges.first[polygon[disc]], edges.first[polygon[disc] + 1]):
            ax, ay = edges.start_x[edge] - x[disc], edges.start_y[edge] - y[disc]
            bx, by = edges.end_x[edge] - x[disc], edges.end_y[edge] - y[disc]
            cross = ax * by - ay * bx
            if _is_outside(ax, ay, bx, by, cross, square_m):
                if (ay >= 0.0) != (by >= 0.0) and (cross > 0.0) == (ay >= 0.0):
                    turns += edges.sign[edge] if cross > 0.0 else -edges.sign[edge]
            else:
                held += edges.sign[edge] * _area_inside(ax, ay, bx, by, square_m)
        shares[disc] = min(max(turns + held / (math.pi * square_m), 0.0), 1.0)
    return shares


@compiled
def _is_outside(ax: float, ay: float, bx: float, by: float, cross: float, square_m: float) -> bool:
    """Tell whether an edge from a to b surely leaves out the circle around the origin."""
    along_x, along_y = bx - ax, by - ay
    if not cross * cross < square_m * (along_x * along_x + along_y * along_y) * _A_LITTLE_MORE:
        return True
    if ax * along_x + ay * along_y >= 0.0:  # a is the nearest
        return ax * ax + ay * ay > square_m * _A_LITTLE_MORE
    return bx * along_x + by * along_y <= 0.0 and bx * bx + by * by > square_m * _A_LITTLE_MORE


@compiled
def _area_inside(ax: float, ay: float, bx: float, by: float, square_m: float) -> float:
    """Return the signed area between an edge and the origin, within the circle around it.

    Without half the difference of its ends' directions times ``square_m``, the circle's radius
    squared.
    """
    along_x, along_y = bx - ax, by - ay
    square = along_x * along_x + along_y * along_y
    half = ax * along_x + ay * along_y
    under_root = half * half - square * (ax * ax + ay * ay - square_m)
    root = math.sqrt(max(under_root, 0.0))
    # an edge that misses the circle enters and leaves in one point: its whole is two sectors
    enters = min(max((-half - root) / square, 0.0), 1.0)
    leaves = min(max((-half + root) / square, 0.0), 1.0)
    inner_x, inner_y = ax + enters * along_x, ay + enters * along_y
    outer_x, outer_y = ax + leaves * along_x, ay + leaves * along_y
    sectors = _angle(ax, ay, inner_x, inner_y) + _angle(outer_x, outer_y, bx, by)
    sectors -= math.atan2(by, bx) - math.atan2(ay, ax)
    return 0.5 * (inner_x * outer_y - inner_y * outer_x + square_m * sectors)


@compiled
def _angle(ax: float, ay: float, bx: float, by: float) -> float:
    return math.atan2(ax * by - ay * bx, ax * bx + ay * by)
