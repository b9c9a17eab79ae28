"""Which areas of an overlay hold each of many points."""

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.frames import metric_frames, points_to_metric, to_metric
from geo_service.layers.layer import Layer
from geo_service.layers.locator import Locator
from geo_service.layers.reach import grown_boxes

Pairs: TypeAlias = tuple[NDArray[np.intp], Positions]
"""Points, and beside each a position in the layer."""


def overlay_owners_of(locator: Locator, layer: Layer, *, lon: Floats, lat: Floats) -> Pairs:
    """Return every area of an overlay layer that each of n points belongs to.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4490, shape ``(n,)``; a point that is not finite belongs to none.

    Returns
    -------
    Pairs
        By point, then ascending by code: of each point what ``overlay_owners`` gives for it, the
        border of a polygon included, a line within its ``reach_m`` of meters.
    """
    find = _near_lines if layer.geometry == "line" else _in_polygons
    point, position = find(locator, layer, lon, lat)
    order = np.lexsort((position, point))
    return point[order], position[order]


def _in_polygons(locator: Locator, layer: Layer, lon: Floats, lat: Floats) -> Pairs:
    points, positions = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.int32)]
    for sheet in locator.overlays[layer.name].sheets:
        owners = sheet.owners(lon=lon, lat=lat)
        held = np.flatnonzero(owners.position >= 0)
        points.append(held)
        positions.append(owners.position[held])
        for point in np.flatnonzero(owners.is_shared).tolist():
            others = sheet.holding(lon=lon[point], lat=lat[point])[1:]  # the owner is the first
            points.append(np.full(len(others), point, dtype=np.intp))
            positions.append(np.array(others, dtype=np.int32))
    return np.concatenate(points), np.concatenate(positions)


def _near_lines(locator: Locator, layer: Layer, lon: Floats, lat: Floats) -> Pairs:
    placed = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    places = np.column_stack([lon, lat, lon, lat])[placed]
    box, position = locator.near_each(layer.name, grown_boxes(places, reach_m=layer.reach_m))
    point = placed[box]
    frames = metric_frames(lon=lon[point], lat=lat[point])
    is_near = np.zeros(len(point), dtype=np.bool_)
    for frame in set(frames.tolist()):
        chosen = np.flatnonzero(frames == frame)
        kinds, kind = np.unique(position[chosen], return_inverse=True)
        lines = to_metric(locator.areas(layer.name).geometries[kinds], metric_frame=frame)
        own = point[chosen]
        x, y = points_to_metric(lon=lon[own], lat=lat[own], metric_frame=frame)
        distances_m = shapely.distance(shapely.points(x, y), lines[kind.ravel()])
        is_near[chosen] = distances_m <= layer.reach_m
    return point[is_near], position[is_near].astype(np.int32)
