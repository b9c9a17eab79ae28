"""From degrees to shares of ground: in the metric frame of each area, exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.analysis.reach.discs import Discs, Indices, as_array, growing_groups, pieces
from geo_service.analysis.reach.ground import ground_within
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import STORAGE_FRAME, densify, points_to_metric, to_metric
from geo_service.layers.reach import grown_boxes

_MORE_THAN_A_PLANE_STRETCHES = 1.01
_BEND_RADIUS_M = 1e6
"""A line of length s in degrees bends by less than s² over this in a metric frame, below 85°."""


@dataclass(frozen=True, eq=False)
class Ground:
    """n areas: (Multi)Polygons in EPSG:4490 degrees, and each one's frame to measure in.

    ``frames`` are texts as ``frames.metric_frame`` gives them; an area is measured in one, as wide
    as it may be.
    """

    geometries: Geometries
    frames: Geometries


class Facilities(NamedTuple):
    """Facilities as columns ``(m,)``: EPSG:4490 degrees, and how far they serve, above 0 m."""

    lon: Floats
    lat: Floats
    radius_m: Floats


class Plane(NamedTuple):
    """One metric frame: the positions of the areas measured in it, and the discs near them."""

    frame: str
    areas: Indices
    discs: Discs


def planes(ground: Ground, facilities: Facilities) -> Iterator[Plane]:
    """Yield each frame with its areas and the facilities whose circles come near them.

    Raises
    ------
    InvalidCoordinates
        A frame that cannot hold a facility near its areas.
    """
    degrees = np.column_stack([facilities.lon, facilities.lat, facilities.lon, facilities.lat])
    around = grown_boxes(degrees, reach_m=facilities.radius_m * _MORE_THAN_A_PLANE_STRETCHES)
    for frame in np.unique(ground.frames.astype(str)).tolist():
        areas = np.flatnonzero(ground.frames == frame)
        box = shapely.total_bounds(ground.geometries[areas])
        is_near = (around[:, :2] <= box[2:]) & (box[:2] <= around[:, 2:])
        near = np.flatnonzero(is_near.all(axis=1))
        x, y = points_to_metric(
            lon=facilities.lon[near], lat=facilities.lat[near], metric_frame=frame
        )
        yield Plane(frame, areas, Discs(x, y, facilities.radius_m[near]))


def ground_shares(geometries: Geometries, plane: Plane) -> Floats:
    """Return the share of the ground of areas that lies in the discs.

    Parameters
    ----------
    geometries
        (Multi)Polygons in EPSG:4490 degrees, shape ``(n,)``.
    plane
        The frame they are measured in, and the discs.

    Returns
    -------
    Floats
        From 0 to 1, shape ``(n,)``; see ``ground_within``.
    """
    shares = _certain_shares(geometries, plane)
    left = np.flatnonzero(np.isnan(shares))
    dense = densify(geometries[left], source_frame=STORAGE_FRAME)
    polygons = to_metric(dense, metric_frame=plane.frame)
    shares[left] = ground_within(polygons, plane.discs) / shapely.area(polygons)
    return shares


def _certain_shares(geometries: Geometries, plane: Plane) -> Floats:
    """Return 0 and 1 where the boxes of areas tell it already, NaN where they do not.

    Most areas are small beside a circle, and projecting outlines takes longer than all the rest.
    """
    west, south, east, north = shapely.bounds(geometries).T
    lon, lat = np.stack([west, east, east, west]), np.stack([south, south, north, north])
    x, y = points_to_metric(lon=lon.ravel(), lat=lat.ravel(), metric_frame=plane.frame)
    x, y = x.reshape(lon.shape), y.reshape(lat.shape)
    wide_m, high_m = np.ptp(x, axis=0), np.ptp(y, axis=0)
    bend_m = (wide_m**2 + high_m**2) / _BEND_RADIUS_M
    low, high = (x.min(axis=0) - bend_m, y.min(axis=0) - bend_m), (x.max(axis=0), y.max(axis=0))
    boxes = as_array(shapely.box(*low, high[0] + bend_m, high[1] + bend_m))
    shares = np.zeros(len(geometries))
    for some in growing_groups(plane.discs):
        left = np.flatnonzero(shares != 1.0)
        tree = shapely.STRtree(some.boxes())
        for piece in pieces(len(left), len(some.x)):
            of, disc = tree.query(boxes[left[piece]])
            area = left[piece][of]
            far_m = np.hypot(x[:, area] - some.x[disc], y[:, area] - some.y[disc]).max(axis=0)
            shares[area] = np.nan
            shares[area[far_m + bend_m[area] <= some.radius_m[disc]]] = 1.0
    return shares
