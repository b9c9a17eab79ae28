"""Where a change of areas can be felt: boxes around what differs, grown by meters."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import metric_frames
from geo_service.layers.frames.edge import paths_of
from geo_service.layers.layer import Layers

Pairs: TypeAlias = tuple[Geometries, Geometries]
"""Outlines before and after, each ``(n,)``; None where there is no area."""

_METERS_PER_DEGREE = 110_500.0  # below every true value, so a box is never too small
_SMALLEST_COSINE = 0.01
_POLE = 90.0


def changed_boxes(before: Geometries, after: Geometries) -> Floats:
    """Return, for each pair of outlines, the box around the edges that only one of them has.

    Wherever a point stands to the two outlines differently (inside, on the border, outside, or
    nearer to one of them), the edges that make the difference lie around it or next to it: the box
    holds every point whose cover changed, and the nearest point of every distance that changed.

    Parameters
    ----------
    before, after
        EPSG:4490 degrees, shape ``(n,)``, polygons or lines but not both; None where there is no
        area, then the box is that of the other.

    Returns
    -------
    Floats
        West, south, east, north in degrees, shape ``(n, 4)``; NaN where all edges are the same, in
        whatever order and direction.
    """
    pair, ends = changed_edges(before, after)
    boxes = np.full((len(before), 4), np.nan)
    for vertices in (ends[:, :2], ends[:, 2:]):
        np.fmin.at(boxes[:, :2], pair, vertices)
        np.fmax.at(boxes[:, 2:], pair, vertices)
    return boxes


def changed_edges(before: Geometries, after: Geometries) -> tuple[NDArray[np.intp], Floats]:
    """Return the edges that only one of two outlines has, for n pairs of them.

    Parameters
    ----------
    before, after
        As `changed_boxes` takes them.

    Returns
    -------
    tuple
        The pair of each of m edges, ``(m,)``, and its ends: lon, lat, lon, lat in degrees,
        ``(m, 4)``, the western one first, of two due north of each other the southern one.
    """
    paths = paths_of(np.concatenate([before, after]))
    start = np.flatnonzero(paths.is_edge)
    pair = paths.geometry_of_part[paths.part_of_path[paths.path_of_vertex[start]]] % len(before)
    places, node = np.unique(paths.vertices.view(np.complex128).ravel(), return_inverse=True)
    low, high = np.sort([node[start], node[start + 1]], axis=0)
    _, edge = np.unique(low * len(node) + high, return_inverse=True)
    _, first, count = np.unique(pair * len(node) + edge, return_index=True, return_counts=True)
    own = first[count == 1]
    ends = np.column_stack([places[low[own]], places[high[own]]])
    return pair[own], ends.view(np.float64).reshape(-1, 4)


def uneven_boxes(group: NDArray[np.intp], ends: Floats, *, count: int) -> Floats:
    """Return the box around those edges of each group that are in it an odd number of times.

    Where the edges of areas that do not overlap, and those of the area above them, changed alike,
    each stands there twice: what they hold of it is what they held, to the last bit.

    Parameters
    ----------
    group, ends
        As `changed_edges` returns them.

    Returns
    -------
    Floats
        Degrees, ``(count, 4)``; NaN where every edge is there an even number of times.
    """
    rows, times = np.unique(np.column_stack([group, ends]), axis=0, return_counts=True)
    odd = rows[times % 2 == 1]
    boxes = np.full((count, 4), np.nan)
    for vertices in (odd[:, 1:3], odd[:, 3:]):
        np.fmin.at(boxes[:, :2], odd[:, 0].astype(np.intp), vertices)
        np.fmax.at(boxes[:, 2:], odd[:, 0].astype(np.intp), vertices)
    return boxes


def reached_boxes(
    layers: Layers, changes: Mapping[str, Pairs], *, with_overlays: bool = False
) -> Floats:
    """Return boxes that hold every place whose owner can be another one after a change.

    A circle whose candidates can differ reaches one of them. Of overlays only those that take
    categories count: they hold what they cover, or what lies within their reach. What hangs below
    an area lies inside it, so where an area came, went or got another parent, its own box holds all
    whose chain is another; and where its middle moved to another zone, all that is measured there.

    Parameters
    ----------
    changes
        The outlines that differ by layer, EPSG:4490 degrees. An area that got another parent is two
        pairs: it left the one (None after) and came to the other (None before).
    with_overlays
        Whether overlays that take no categories count, too.

    Returns
    -------
    Floats
        West, south, east, north in degrees, shape ``(k, 4)``.
    """
    overlays = layers.overlays if with_overlays else layers.overriding
    reach_m = {layer.name: layer.reach_m for layer in overlays}
    reach_m |= {layer.name: layer.nearest_m for layer in layers if not layer.is_overlay}
    found = [np.empty((0, 4))]
    for name, (old, new) in changes.items():
        if name in reach_m:
            boxes = changed_boxes(old, new)
            moved = _are_in_other_zones(old, new)
            boxes[moved] = shapely.bounds(shapely.union(shapely.box(*boxes[moved].T), new[moved]))
            is_other = ~np.isnan(boxes[:, 0])
            found.append(grown_boxes(boxes[is_other], reach_m=reach_m[name]))
    return np.concatenate(found)


def _are_in_other_zones(old: Geometries, new: Geometries) -> NDArray[np.intp]:
    """Return which of some areas that stayed have their middle in another metric frame now."""
    stayed = np.flatnonzero(~(shapely.is_missing(old) | shapely.is_missing(new)))
    before, after = (_frames(shapely.bounds(each[stayed])) for each in (old, new))
    is_other: NDArray[np.bool_] = before != after
    return stayed[is_other]


def _frames(boxes: Floats) -> NDArray[np.object_]:
    west, south, east, north = boxes.T
    return metric_frames(lon=(west + east) / 2, lat=(south + north) / 2)


def grown_boxes(boxes: Floats, *, reach_m: ArrayLike) -> Floats:
    """Return boxes that hold every place within ``reach_m`` meters of the given ones.

    Parameters
    ----------
    boxes
        West, south, east, north in degrees (EPSG:4490), shape ``(n, 4)``.
    reach_m
        Meters, 0 or more; one number or shape ``(n,)``.

    Returns
    -------
    Floats
        Shape ``(n, 4)``; rather too large than too small, and not wrapped at 180°.
    """
    west, south, east, north = boxes.T
    reach_lat = np.asarray(reach_m, dtype=np.float64) / _METERS_PER_DEGREE
    farthest = np.maximum(np.abs(south), np.abs(north)) + reach_lat
    cosine = np.where(farthest < _POLE, np.cos(np.radians(farthest)), 0.0)
    reach_lon = reach_lat / np.maximum(cosine, _SMALLEST_COSINE)
    return np.column_stack(
        [west - reach_lon, south - reach_lat, east + reach_lon, north + reach_lat]
    )


def are_in_boxes(
    boxes: Floats, *, lon: Floats, lat: Floats, reach_m: ArrayLike = 0.0
) -> NDArray[np.bool_]:
    """Return which points lie in any of the boxes, their borders included.

    Parameters
    ----------
    boxes
        West, south, east, north, shape ``(k, 4)``, finite.
    lon, lat
        Degrees, shape ``(n,)``; a point that is not finite lies in none.
    reach_m
        Meters, one number or shape ``(n,)``: so far from a box a point counts as in it, and perhaps
        a little further.

    Returns
    -------
    NDArray
        Booleans, shape ``(n,)``.
    """
    found = np.zeros(len(lon), dtype=bool)
    placed = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    west, south, east, north = boxes.T
    tree = shapely.STRtree(shapely.box(west, south, east, north))
    around = grown_boxes(
        np.column_stack([lon, lat, lon, lat])[placed],
        reach_m=np.broadcast_to(reach_m, len(lon))[placed],
    )
    points = tree.query(shapely.box(*around.T))[0]
    found[placed[points]] = True
    return found
