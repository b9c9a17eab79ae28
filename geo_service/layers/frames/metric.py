"""The plane in meters that distances of one place are measured in."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo_service.errors import UnsupportedFrame
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import epsg
from geo_service.layers.frames.conversion import from_storage, geometries_from_storage
from geo_service.layers.frames.coordinate import check_coordinates
from geo_service.layers.frames.edge import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from geo_service.layers.frames.epsg import Plane
from geo_service.layers.frames.name import STORAGE_FRAME, parse_frame

_WEST, _SOUTH, _EAST, _NORTH = 73.0, 3.0, 136.5, 54.0
_FIRST_CODE, _FIRST_MERIDIAN, _LAST_MERIDIAN = 4534, 75, 135
_ZONE_DEG = 3


def metric_frame(*, lon: float, lat: float) -> str:
    """Return the frame in which distances around a point are measured.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees.

    Returns
    -------
    str
        From 73° to 136.5° E and 3° to 54° N, edges included, the 3-degree Gauss-Krüger zone of
        CGCS2000 whose central meridian is nearest (EPSG:4534 to EPSG:4554, eastings without zone
        number; half-way the eastern one), elsewhere the UTM zone of WGS 84.

    Raises
    ------
    InvalidCoordinates
        Not a place.
    """
    check_coordinates(x=lon, y=lat, source_frame=STORAGE_FRAME, where="lon, lat")
    if _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH:
        nearest = _ZONE_DEG * int(lon / _ZONE_DEG + 0.5)
        meridian = min(max(nearest, _FIRST_MERIDIAN), _LAST_MERIDIAN)
        return f"EPSG:{_FIRST_CODE + (meridian - _FIRST_MERIDIAN) // _ZONE_DEG}"
    zone = int((lon + 180.0) // 6.0) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0.0 else 32700) + zone}"


def metric_frames(*, lon: Floats, lat: Floats) -> NDArray[np.object_]:
    """Return the frame that distances around each point are measured in.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``.

    Returns
    -------
    NDArray
        Texts, shape ``(n,)``, each as ``metric_frame`` gives it for its point.

    Raises
    ------
    InvalidCoordinates
        One of them is not a place.
    """
    check_coordinates(x=lon, y=lat, source_frame=STORAGE_FRAME, where="lon, lat")
    meridian = np.clip(_ZONE_DEG * np.floor(lon / _ZONE_DEG + 0.5), _FIRST_MERIDIAN, _LAST_MERIDIAN)
    utm = (lon + 180.0) // 6.0 % 60.0 + np.where(lat >= 0.0, 32601, 32701)
    is_in_china = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    zone = (meridian - _FIRST_MERIDIAN) // _ZONE_DEG
    codes, point = np.unique(np.where(is_in_china, _FIRST_CODE + zone, utm), return_inverse=True)
    names = np.array([f"EPSG:{code:.0f}" for code in codes], dtype=object)
    return names[point.ravel()]


@lru_cache(maxsize=64)
def metric_plane(frame: str) -> Plane:
    """Return the projection of a metric frame, for points that were checked before.

    Parameters
    ----------
    frame
        As ``metric_frame`` returns it.

    Returns
    -------
    Plane
        From longitudes and latitudes (EPSG:4490 degrees, shape ``(n,)`` or single numbers) to
        eastings and northings (meters); infinite where the frame cannot hold a point.
    """
    return epsg.projection(_metric(frame))


def meters_per_degree(*, lat: Floats) -> tuple[Floats, Floats]:
    """Return the length of a degree of longitude and of latitude on the ellipsoid of CGCS2000.

    Parameters
    ----------
    lat
        Degrees, shape ``(n,)``.

    Returns
    -------
    tuple[Floats, Floats]
        Meters, shape ``(n,)`` each (Snyder, Map Projections, 1987, formulas 4-18 and 4-19).
    """
    radians = np.radians(lat)
    squared = 1.0 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    along = SEMI_MAJOR_M * np.cos(radians) / np.sqrt(squared)
    across = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / squared**1.5
    return np.radians(along), np.radians(across)


def points_to_metric(*, lon: ArrayLike, lat: ArrayLike, metric_frame: str) -> tuple[Floats, Floats]:
    """Convert points to a plane in meters.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``.
    metric_frame
        As the function of this name returns it.

    Returns
    -------
    tuple[Floats, Floats]
        Easting and northing in meters, shape ``(n,)``.

    Raises
    ------
    UnsupportedFrame
        The frame is not a projected one in meters.
    InvalidCoordinates
        A point that the frame cannot hold.
    """
    return from_storage(lon=lon, lat=lat, target_frame=_metric(metric_frame))


def to_metric(geometries: Geometries, *, metric_frame: str) -> Geometries:
    """Convert geometries to a plane in meters, vertex by vertex.

    Parameters
    ----------
    geometries
        EPSG:4490 degrees, shape ``(n,)``, without Z.
    metric_frame
        As the function of this name returns it.

    Returns
    -------
    Geometries
        Shape ``(n,)``; vertex-matched input stays vertex-matched bit for bit.

    Raises
    ------
    UnsupportedFrame, InvalidCoordinates
        As ``points_to_metric``.
    InvalidGeometry
        Z values.
    """
    return geometries_from_storage(geometries, target_frame=_metric(metric_frame))


def _metric(frame: str) -> str:
    name = parse_frame(frame)
    if epsg.is_geographic(name) or epsg.meters_per_unit(name) != 1.0:
        raise UnsupportedFrame(
            frame=frame,
            reason_zh="它不以米为单位，不能用来量距离",
            reason_en="it is not in meters, so no distances can be measured in it",
        )
    return name
