"""Which of some places is nearest to each of others."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from geo_service.layers.area import Floats, Positions
from geo_service.layers.frames import distance_m

_FLATTENING = 1 / 298.257222101
"""Of the ellipsoid of CGCS2000 (EPSG:7024)."""


class Nearest(NamedTuple):
    """The nearest place of each of n: its position, -1 for none, and how far it is, NaN for none.

    Distances are geodesic, in meters.
    """

    position: Positions
    distance_m: Floats


def nearest(
    *, lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats, without_itself: bool = False
) -> Nearest:
    """Return the nearest of m places to each of n.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, ``(n,)``; NaN is nowhere and has no nearest.
    to_lon, to_lat
        The same, ``(m,)``; NaN is never the nearest.
    without_itself
        Both lists are the same, and no place is its own nearest.

    Returns
    -------
    Nearest
        ``(n,)``. Nearest by the straight line through the ellipsoid: its order differs from that
        of geodesics by less than a millionth of the distance within 100 km.
    """
    found = Nearest(np.full(len(lon), -1, dtype=np.int32), np.full(len(lon), np.nan))
    asked = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    there = np.flatnonzero(np.isfinite(to_lon) & np.isfinite(to_lat))
    wanted = 2 if without_itself else 1
    if not len(asked) or len(there) < wanted:
        return found
    tree = cKDTree(_in_space(to_lon[there], to_lat[there]))
    _, near = tree.query(_in_space(lon[asked], lat[asked]), k=[*range(1, wanted + 1)])
    near = there[near]
    chosen = near[:, 0]
    if without_itself:
        chosen = np.where(chosen == asked, near[:, 1], chosen)
    found.position[asked] = chosen
    found.distance_m[asked] = distance_m(
        lon1=lon[asked], lat1=lat[asked], lon2=to_lon[chosen], lat2=to_lat[chosen]
    )
    return found


def _in_space(lon: Floats, lat: Floats) -> Floats:
    """Return places on the ellipsoid as points in space, the long axis being 1."""
    phi, lam = np.radians(lat), np.radians(lon)
    squared = _FLATTENING * (2 - _FLATTENING)
    normal = 1 / np.sqrt(1 - squared * np.sin(phi) ** 2)
    flat = normal * np.cos(phi)
    return np.column_stack(
        [flat * np.cos(lam), flat * np.sin(lam), normal * (1 - squared) * np.sin(phi)]
    )
