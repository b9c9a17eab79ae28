"""How much of polygons lies in a union of discs: exact, without cutting anything.

By Green's theorem the common area is half the integral of x dy - y dx along its border. That border
is made of the polygon's edges as far as they lie in a disc, and of the arcs of the union's border
as far as they lie in the polygon.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.analysis.reach.discs import (
    PAIRS,
    TURN,
    Arcs,
    Discs,
    Indices,
    are_within,
    exposed_arcs,
    pieces,
    running_ends,
    sums,
)
from geo_service.layers.area import Floats, Geometries

_NEAR_M = 1e-6
"""Touching within this counts as crossing: one too many does no harm, but a piece of an arc whose
middle lies on an edge would be on neither side."""

_ROUNDING = 1e-9
_EDGES_PER_BLOCK = 64
_MANY_VERTICES = 200


class _Edges(NamedTuple):
    """Edges of parts, those of one part after another, the part to their left."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    part: Indices


class _Crossings(NamedTuple):
    """Where edges cross borders of discs, and how much of the edges lies in any disc.

    ``inner`` is the share of each edge; the others are one row for each crossing.
    """

    inner: Floats
    part: Indices
    disc: Indices
    angle: Floats


def ground_within(polygons: Geometries, discs: Discs) -> Floats:
    """Return the area that each polygon shares with a union of discs.

    Parameters
    ----------
    polygons
        Valid (Multi)Polygons in a plane in meters, with holes or not, shape ``(n,)``.
    discs
        In the same plane; ground in several of them counts once.

    Returns
    -------
    Floats
        Square meters of the plane, shape ``(n,)``. Exact but for rounding, which stays below a
        billionth of the polygon's area: what is nearer than that to nothing or to all is 0 or all.
    """
    parts, polygon = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    within = np.zeros(len(parts))
    if len(discs.x) and len(parts):
        within = _within(parts, discs)
    return sums(polygon, within, count=len(polygons))


def _within(parts: Geometries, discs: Discs) -> Floats:
    """Return the same for single polygons."""
    arcs = exposed_arcs(discs)
    tree = shapely.STRtree(arcs.boxes(discs))
    area_m2 = shapely.area(parts)
    x, y = shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(parts), 0)).T
    # what no border of the union comes near lies in it as a whole or not at all
    within = np.where(are_within(discs, x=x, y=y), area_m2, 0.0)
    for piece in pieces(len(parts), len(arcs.disc)):
        part, arc = tree.query(parts[piece])
        near, part = np.unique(part + piece.start, return_inverse=True)
        if len(near):
            within[near] = _cut(parts[near], discs, arcs, part=part, arc=arc)
    within[within < _ROUNDING * area_m2] = 0.0
    return np.where(within > (1.0 - _ROUNDING) * area_m2, area_m2, within)


def _cut(parts: Geometries, discs: Discs, arcs: Arcs, *, part: Indices, arc: Indices) -> Floats:
    """Return the area of parts within the discs; some ``part`` may meet some ``arc``."""
    west, south, east, north = shapely.bounds(parts).T
    # measured from the middle of each part, lest small ones lose digits
    origin_x, origin_y = (west + east) / 2.0, (south + north) / 2.0
    edges = _edges(parts)
    found = _crossings(edges, discs)
    ax, ay = edges.ax - origin_x[edges.part], edges.ay - origin_y[edges.part]
    bx, by = edges.bx - origin_x[edges.part], edges.by - origin_y[edges.part]
    straight = sums(edges.part, found.inner * (ax * by - ay * bx), count=len(parts))
    inner, of_part, start, end = _inner_arcs(parts, discs, arcs, found, (part, arc))
    disc = arcs.disc[inner]
    radius_m = discs.radius_m[disc]
    x, y = discs.x[disc] - origin_x[of_part], discs.y[disc] - origin_y[of_part]
    sweep = radius_m * (end - start)
    shift = x * (np.sin(end) - np.sin(start)) - y * (np.cos(end) - np.cos(start))
    curved = sums(of_part, radius_m * (sweep + shift), count=len(parts))
    found_m2: Floats = (straight + curved) / 2.0
    return found_m2


def _edges(parts: Geometries) -> _Edges:
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    is_edge = (ring[1:] == ring[:-1]) & (vertices[1:] != vertices[:-1]).any(axis=1)
    start, end = vertices[:-1][is_edge], vertices[1:][is_edge]
    (ax, ay), (bx, by) = start.T, end.T
    return _Edges(ax, ay, bx, by, part_of_ring[ring[:-1][is_edge]])


def _crossings(edges: _Edges, discs: Discs) -> _Crossings:
    inner = np.zeros(len(edges.ax))
    near = _NEAR_M / np.hypot(edges.bx - edges.ax, edges.by - edges.ay)
    found = []
    for edge, disc in _pairs(edges, discs):
        first, last, meets = _chords(edges, discs, edge, disc)
        edge, disc = edge[meets], disc[meets]
        inner += _inner(edge, first, last, count=len(inner))
        for at in (first, last):
            is_on = (at >= -near[edge]) & (at <= 1.0 + near[edge])
            on, of = edge[is_on], disc[is_on]
            x = edges.ax[on] + at[is_on] * (edges.bx[on] - edges.ax[on]) - discs.x[of]
            y = edges.ay[on] + at[is_on] * (edges.by[on] - edges.ay[on]) - discs.y[of]
            found.append((edges.part[on], of, np.arctan2(y, x) % TURN))
    if not found:  # all discs lie well inside of the parts, or in their holes
        found.append((edges.part[:0], edges.part[:0], inner[:0]))
    return _Crossings(inner, *map(np.concatenate, zip(*found, strict=True)))


def _pairs(edges: _Edges, discs: Discs) -> Iterator[tuple[Indices, Indices]]:
    """Yield edges with the discs they may meet, so many pairs at once as memory is for.

    All discs of an edge come together.
    """
    place = np.arange(len(edges.part))
    place -= np.searchsorted(edges.part, edges.part)
    first = np.flatnonzero(place % _EDGES_PER_BLOCK == 0)
    size = np.diff(first, append=len(edges.part))
    low_x, low_y = (np.minimum.reduceat(np.minimum(*each), first) for each in _columns(edges))
    high_x, high_y = (np.maximum.reduceat(np.maximum(*each), first) for each in _columns(edges))
    tree = shapely.STRtree(discs.boxes())
    for piece in pieces(len(first), len(discs.x)):
        boxes = shapely.box(low_x[piece], low_y[piece], high_x[piece], high_y[piece])
        block, disc = tree.query(boxes)
        block += piece.start
        # a group may exceed the bound by one block with all its discs
        is_full = np.diff(np.cumsum(size[block]) // PAIRS, prepend=0) > 0
        cuts = np.unique([0, *np.searchsorted(block, block[is_full]), len(block)])
        for start, end in pairwise(cuts):
            yield _spread(first, size, block[start:end], disc[start:end])


def _columns(edges: _Edges) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    return (edges.ax, edges.bx), (edges.ay, edges.by)


def _spread(
    first: Indices, size: Indices, block: Indices, disc: Indices
) -> tuple[Indices, Indices]:
    """Return pairs of edge and disc for pairs of block and disc."""
    of_pair = np.repeat(np.arange(len(block)), size[block])
    step = np.arange(len(of_pair)) - np.repeat(np.cumsum(size[block]) - size[block], size[block])
    return first[block][of_pair] + step, disc[of_pair]


def _chords(
    edges: _Edges, discs: Discs, edge: Indices, disc: Indices
) -> tuple[Floats, Floats, Indices]:
    """Return where the lines of edges enter and leave discs, 0 being the start and 1 the end.

    Of pairs whose edge misses the disc there is none; the third says which pairs they are of.
    """
    x, y = edges.ax[edge] - discs.x[disc], edges.ay[edge] - discs.y[disc]
    along_x, along_y = edges.bx[edge] - edges.ax[edge], edges.by[edge] - edges.ay[edge]
    square = along_x**2 + along_y**2
    radius_m = discs.radius_m[disc]
    under_root = radius_m**2 * square - (x * along_y - y * along_x) ** 2
    root = np.sqrt(np.maximum(under_root, 0.0))
    half = x * along_x + y * along_y
    first, last = (-half - root) / square, (-half + root) / square
    is_near = under_root > -2.0 * _NEAR_M * radius_m * square
    near = _NEAR_M / np.sqrt(square)
    meets = np.flatnonzero(is_near & (first <= 1.0 + near) & (last >= -near))
    return first[meets], last[meets], meets


def _inner(edge: Indices, first: Floats, last: Floats, *, count: int) -> Floats:
    """Return the share of each of ``count`` edges that its chords cover together."""
    is_whole = np.zeros(count, dtype=np.bool_)
    is_whole[edge[(first <= 0.0) & (last >= 1.0)]] = True
    left = np.flatnonzero(~is_whole[edge])
    left = left[np.lexsort((first[left], edge[left]))]
    edge, first, last = edge[left], np.clip(first[left], 0, 1), np.clip(last[left], 0, 1)
    reached = np.zeros(len(edge))
    reached[1:] = np.where(edge[1:] == edge[:-1], running_ends(edge, last)[:-1], 0.0)
    covered = sums(edge, np.maximum(last - np.maximum(first, reached), 0.0), count=count)
    return np.where(is_whole, 1.0, covered)


def _inner_arcs(
    parts: Geometries,
    discs: Discs,
    arcs: Arcs,
    crossings: _Crossings,
    pairs: tuple[Indices, Indices],
) -> tuple[Indices, Indices, Floats, Floats]:
    """Return the pieces of arcs that lie in parts: arc, part, and the angles of their ends."""
    arc = arcs.around(crossings.disc, crossings.angle)
    is_exposed = arc >= 0
    part = np.concatenate([pairs[0], pairs[0], crossings.part[is_exposed]])
    arc = np.concatenate([pairs[1], pairs[1], arc[is_exposed]])
    angle = np.concatenate([arcs.start[pairs[1]], arcs.end[pairs[1]], crossings.angle[is_exposed]])
    order = np.lexsort((angle, arc, part))
    part, arc, angle = part[order], arc[order], angle[order]
    is_piece = (part[1:] == part[:-1]) & (arc[1:] == arc[:-1]) & (angle[1:] > angle[:-1])
    part, arc, start, end = part[1:][is_piece], arc[1:][is_piece], angle[:-1], angle[1:]
    start, end = start[is_piece], end[is_piece]
    x, y, radius_m = discs.take(arcs.disc[arc])
    middle = (start + end) / 2.0
    shapely.prepare(parts[shapely.get_num_coordinates(parts) > _MANY_VERTICES])
    is_inner = shapely.contains_xy(
        parts[part], x + radius_m * np.cos(middle), y + radius_m * np.sin(middle)
    )
    return arc[is_inner], part[is_inner], start[is_inner], end[is_inner]
