"""Metres out of planar coordinates: how long, how large and how wide things are."""

import math
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

Scale: TypeAlias = tuple[float, float]
"""Metres per unit of x and of y: (1, 1) in a metric frame."""

NODE_TOLERANCE_M = 0.001
"""Below this two places count as one node: a millimetre, a hundred times finer than surveying."""

_BISECTIONS = 11
_AXIS_M = 6_378_137.0
_FLATTENING = 1 / 298.257222101


def local_scale(geometries: Geometries, is_degrees: bool) -> Scale:
    """Return how many metres one unit of x and of y is, at the middle of the geometries.

    Parameters
    ----------
    geometries
        ``(n,)`` in one frame; empty ones and coordinates that are not finite do not count.
    is_degrees
        Whether the frame is lon, lat; a metric frame gives ``(1.0, 1.0)``.

    Notes
    -----
    The radii of curvature of the ellipsoid of CGCS2000 (its axis and flattening are those of GRS
    80; WGS 84 agrees to 0.1 mm). One scale serves the extent of a city: 50 km further north x is
    0.7 % shorter, which matters to no tolerance. Areas to publish are measured on the ellipsoid.

    References
    ----------
    EPSG:1024 (CGCS2000 ellipsoid).
    """
    if not is_degrees:
        return (1.0, 1.0)
    lat = shapely.get_coordinates(geometries)[:, 1]
    lat = lat[np.isfinite(lat)]
    phi = math.radians((lat.min() + lat.max()) / 2) if lat.size else 0.0
    square = _FLATTENING * (2 - _FLATTENING)
    curve = 1 - square * math.sin(phi) ** 2
    x = _AXIS_M / math.sqrt(curve) * math.cos(phi)
    y = _AXIS_M * (1 - square) / curve**1.5
    return (math.radians(x), math.radians(y))


def area_m2(geometries: Geometries, scale: Scale) -> Floats:
    """Return planar areas in m², shape ``(n,)``."""
    return np.asarray(shapely.area(geometries), dtype=np.float64) * (scale[0] * scale[1])


def in_metres(geometries: Geometries, scale: Scale) -> Geometries:
    """Return the geometries with both axes in metres."""
    scaled: Geometries = shapely.transform(geometries, lambda places: places * np.array(scale))
    return scaled


def width_m(polygons: Geometries, scale: Scale) -> Floats:
    """Return the diameter of the largest circle inside each polygon, shape ``(n,)``, in metres.

    Good to about one percent, and never too small by more. This decides what a sliver is: a strip
    of one kilometre by 0.3 m is 0.3 wide, and it stays wide if it opens into a pond.

    Notes
    -----
    Bisection on "is the polygon empty after an inward buffer". The radius lies between A / P and
    sqrt(A / pi). GEOS's own largest circle takes unbounded time on strips this thin.
    """
    if not len(polygons):
        return np.zeros(0)
    local = _at_the_origin(polygons, scale)
    area, length = shapely.area(local), np.maximum(shapely.length(local), 1e-300)
    low, high = area / length, np.sqrt(area / np.pi)
    for _ in range(_BISECTIONS):
        middle = np.sqrt(low * high)
        is_empty = shapely.is_empty(shapely.buffer(local, -middle))
        low, high = np.where(is_empty, low, middle), np.where(is_empty, middle, high)
    return np.asarray(2 * high, dtype=np.float64)


def is_narrow(polygons: Geometries, scale: Scale, tolerance_m: float) -> NDArray[np.bool_]:
    """Return which polygons hold no circle of the diameter ``tolerance_m``, shape ``(n,)``."""
    local = _at_the_origin(polygons, scale)
    narrow: NDArray[np.bool_] = shapely.is_empty(shapely.buffer(local, -tolerance_m / 2))
    return narrow


def _at_the_origin(polygons: Geometries, scale: Scale) -> Geometries:
    """Return the polygons in metres, each at the origin: there doubles resolve 1e-9 m."""
    owners = shapely.get_coordinates(polygons, return_index=True)[1]
    corners = shapely.bounds(polygons)[:, :2]
    moved: Geometries = shapely.transform(
        polygons, lambda places: (places - corners[owners]) * np.array(scale)
    )
    return moved
