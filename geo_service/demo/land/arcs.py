"""Road pieces as they are drawn: each a gentle bend, stored once, and the outlines made of them.

Borders are equal bit for bit on both sides and on every level because every outline copies the
points of the same arcs.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.demo.land.blocks import Blocks
from geo_service.demo.land.columns import Integers, ranges
from geo_service.layers.area import Floats, Geometries

DECIMALS = 8
"""Degrees are rounded so before anything is assembled: about a millimetre."""
_STEEPEST = 0.16
"""An arc stays in the wedges of this slope at its ends, so it meets no neighbor there."""
_CLEARANCE = 0.2
"""… and within this share of the narrower block's width, so it meets nobody opposite."""
_HAND_M = 0.15
_WAVES_M = ((2600.0, 0.19), (1100.0, 0.15), (430.0, 0.11))
"""Wave lengths of the land's own bends, each with its share of the slope."""
_WAVES_EACH = 4
_MEANDER_M = (48.0, 1050.0, 260.0)
"""How far the river swings, how long a swing is, and how far from it the land follows."""
_SEMI_MAJOR_M = 6378137.0
_FLATTENING = 1 / 298.257222101
_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arc i runs from its first node over ``count[i]`` points from ``first[i]`` on to its last.

    ``xy`` (n, 2) metres and ``lonlat`` (n, 2) degrees EPSG:4490 hold the nodes of the blocks
    first, at their own numbers, then the points between.
    """

    nodes: Integers
    first: Integers
    count: Integers
    xy: Floats
    lonlat: Floats


def bend(
    blocks: Blocks,
    *,
    spacing_m: float,
    calmness: Floats,
    river: int | None,
    origin: tuple[float, float],
    rng: np.random.Generator,
) -> Arcs:
    """Draw every edge as an arc with a point about every ``spacing_m`` metres.

    Parameters
    ----------
    calmness
        (r,) how straight each road is between junctions: 1 is straight, 0 winds.
    river
        The road that is a river and meanders, if there is one.
    origin
        Longitude and latitude of the land's middle, degrees.

    Notes
    -----
    Between its ends an edge leaves its chord by at most ``_STEEPEST`` times the distance to the
    nearer end and ``_CLEARANCE`` times the width of the blocks beside it. Blocks are convex with
    corners wider than twice that slope, so no two arcs meet but at nodes. Then the whole land is
    bent by waves and along the river; their slopes sum to less than 1, so that is one to one.
    """
    start = blocks.node_xy[blocks.edge_nodes[:, 0]]
    chord = blocks.node_xy[blocks.edge_nodes[:, 1]] - start
    length_m = np.hypot(chord[:, 0], chord[:, 1])
    count = np.maximum(np.rint(length_m / spacing_m).astype(np.int64) - 1, 0)
    step, arc = ranges(np.ones(len(count), dtype=np.int64), count)
    along = (step + rng.uniform(-0.25, 0.25, len(step))) / (count[arc] + 1)
    limit_m = np.minimum(
        _STEEPEST * length_m[arc] * along * (1 - along), _CLEARANCE * _widths_m(blocks)[arc]
    )
    swing = _swing(along, arc, len(count), rng) * (1 - calmness[blocks.edge_road[arc]])
    aside_m = limit_m * swing + _HAND_M * rng.standard_normal(len(arc))
    aside_m = np.clip(aside_m, -limit_m, limit_m)
    normal = np.stack([-chord[:, 1], chord[:, 0]], axis=1) / length_m[:, None]
    between = start[arc] + chord[arc] * along[:, None] + normal[arc] * aside_m[:, None]
    xy = np.concatenate([blocks.node_xy, between])
    if river is not None:
        xy = _meandered(xy, blocks.node_xy[blocks.road_nodes[river]], rng)
    xy = _bent_land(xy, rng)
    first = len(blocks.node_xy) + np.cumsum(count) - count
    lonlat = np.round(meters_to_degrees(xy, origin=origin), DECIMALS)
    return Arcs(blocks.edge_nodes, first, count, xy, lonlat)


def _swing(along: Floats, arc: Integers, arcs: int, rng: np.random.Generator) -> Floats:
    """Return a smooth curve from -1 to 1 along each arc."""
    swing = np.zeros(len(along))
    for waves, height in ((1, 0.6), (2, 0.25), (5, 0.15)):
        phase = rng.uniform(0, 2 * np.pi, arcs)
        swing += height * np.sin(np.pi * waves * along + phase[arc])
    return swing


def _widths_m(blocks: Blocks) -> Floats:
    """Return for each edge the width of the narrower block beside it, (e,)."""
    corner = blocks.node_xy[blocks.corners]
    narrowest = np.full(len(corner) + 1, np.inf)
    for side in range(4):
        a, b = corner[:, side], corner[:, (side + 1) % 4]
        length = np.hypot(*(b - a).T)
        for other in ((side + 2) % 4, (side + 3) % 4):
            to = corner[:, other] - a
            off = np.abs((b - a)[:, 0] * to[:, 1] - (b - a)[:, 1] * to[:, 0]) / length
            narrowest[:-1] = np.minimum(narrowest[:-1], off)
    return np.asarray(narrowest[blocks.edge_sides].min(axis=1))


def _meandered(xy: Floats, ends: Floats, rng: np.random.Generator) -> Floats:
    """Let a straight river swing, and the land near it with it."""
    swing_m, length_m, reach_m = _MEANDER_M
    chord = ends[1] - ends[0]
    chord /= np.hypot(chord[0], chord[1])
    normal = np.array([-chord[1], chord[0]])
    along, off = (xy - ends[0]) @ chord, (xy - ends[0]) @ normal
    phase = rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * along / length_m + phase) * np.exp(-((off / reach_m) ** 2))
    return np.asarray(xy + swing_m * wave[:, None] * normal)


def _bent_land(xy: Floats, rng: np.random.Generator) -> Floats:
    """Bend the whole plane a little, so that roads swing together."""
    bent = xy.copy()
    for length_m, slope in _WAVES_M:
        for _ in range(_WAVES_EACH):
            toward, shift, phase = rng.uniform(0, 2 * np.pi, 3)
            wave = 2 * np.pi / length_m * np.array([np.cos(toward), np.sin(toward)])
            height_m = slope / _WAVES_EACH * length_m / (2 * np.pi)
            rise = np.array([np.cos(shift), np.sin(shift)]) * height_m
            for at in range(0, len(xy), _AT_ONCE):
                part = slice(at, at + _AT_ONCE)
                bent[part] += np.sin(xy[part] @ wave + phase)[:, None] * rise
    return bent


def meters_to_degrees(xy: Floats, *, origin: tuple[float, float]) -> Floats:
    """Lay a plane of metres, east and north, on the ellipsoid around ``origin`` (lon, lat).

    Notes
    -----
    Degrees are metres over the radii of curvature (CGCS2000) at the origin. That is a drawing
    aid, no projection: 70 km from the origin widths are off by about 1 %.
    """
    lon, lat = origin
    eccentricity2 = _FLATTENING * (2 - _FLATTENING)
    root = np.sqrt(1 - eccentricity2 * np.sin(np.radians(lat)) ** 2)
    east_m = np.radians(_SEMI_MAJOR_M / root * np.cos(np.radians(lat)))
    north_m = np.radians(_SEMI_MAJOR_M * (1 - eccentricity2) / root**3)
    return np.asarray(np.array([lon, lat]) + xy / np.array([east_m, north_m]))


def outlines(blocks: Blocks, arcs: Arcs, groups: Integers, points: Floats) -> Geometries:
    """Return the outline of each group of blocks.

    Parameters
    ----------
    groups
        (b,) the group of each block, numbered from 0 without gaps. Each group must be in one
        piece without holes that touches itself nowhere.
    points
        ``arcs.xy`` or ``arcs.lonlat``.

    Returns
    -------
    Geometries
        Polygons, counterclockwise, by group. A border that two groups share has the same
        points with the same bits in both.
    """
    arc, is_backward, group = _walk(blocks, groups)
    length = arcs.count[arc] + 1
    step, owner = ranges(np.zeros(len(arc), dtype=np.int64), length)
    forward = arcs.first[arc][owner] + step - 1
    backward = (arcs.first[arc] + arcs.count[arc])[owner] - step
    point = np.where(is_backward[owner], backward, forward)
    point[step == 0] = arcs.nodes[arc, is_backward.astype(np.int64)]
    size = np.bincount(group, weights=length).astype(np.int64)
    ends = np.cumsum(size)
    closed = np.insert(points[point], ends, points[point[ends - size]], axis=0)
    ring_starts = np.concatenate([[0], ends + np.arange(1, len(ends) + 1)])
    polygon_starts = np.arange(len(ends) + 1)
    return np.asarray(
        shapely.from_ragged_array(
            shapely.GeometryType.POLYGON, closed, (ring_starts, polygon_starts)
        )
    )


def _walk(blocks: Blocks, groups: Integers) -> tuple[Integers, NDArray[np.bool_], Integers]:
    """Return the arcs around each group in order, counterclockwise, group by group."""
    beside = np.append(groups, -1)[blocks.edge_sides]
    border = np.flatnonzero(beside[:, 0] != beside[:, 1])
    arc = np.repeat(border, 2)
    group = beside[border].ravel()
    is_backward = np.tile([False, True], len(border))
    inside = group >= 0
    arc, group, is_backward = arc[inside], group[inside], is_backward[inside]
    start = blocks.edge_nodes[arc, is_backward.astype(np.int64)]
    end = blocks.edge_nodes[arc, (~is_backward).astype(np.int64)]
    nodes = len(blocks.node_xy)
    order = np.argsort(group * nodes + start)
    arc, group, is_backward = arc[order], group[order], is_backward[order]
    keys = group * nodes + start[order]
    following = np.searchsorted(keys, group * nodes + end[order])
    turn = np.argsort(group * len(arc) + _rank(following, group))
    return arc[turn], is_backward[turn], group


def _rank(following: Integers, group: Integers) -> Integers:
    """Return where each step stands on its group's walk, by doubling jumps (list ranking)."""
    is_first = np.concatenate([[True], group[1:] != group[:-1]])
    here = np.arange(len(following))
    is_last = is_first[following]
    jump = np.where(is_last, here, following)
    to_end = np.where(is_last, 0, 1)
    while not is_last[jump].all():
        to_end = to_end + to_end[jump]
        jump = jump[jump]
    return np.asarray(np.bincount(group)[group] - 1 - to_end)
