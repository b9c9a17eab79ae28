"""Conversion between frames, element by element: a point's result never depends on the others."""

import numpy as np
import shapely
from numpy.typing import ArrayLike

from geo_service.errors import InvalidCoordinates
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import epsg, gcj02
from geo_service.layers.frames.coordinate import check_coordinates, flat, is_in_degrees, place
from geo_service.layers.frames.edge import densify, two_dimensional
from geo_service.layers.frames.name import BD09, GCJ02, STORAGE_FRAME, WGS84, parse_frame

_STORED_AS_THEY_ARE = frozenset({STORAGE_FRAME, WGS84})
"""CGCS2000 and WGS 84 differ by less than a meter and no public parameters say how: by decision
they are one, in both directions. PROJ's own conversion is the same identity, called ballpark."""


def to_storage(*, x: ArrayLike, y: ArrayLike, source_frame: str) -> tuple[Floats, Floats]:
    """Convert points to the storage frame.

    Parameters
    ----------
    x, y
        Shape ``(n,)`` or single numbers: longitude and latitude in degrees, or easting and northing
        in the frame's unit, always in this order. Checked before with ``check_coordinates``.
    source_frame
        As ``parse_frame`` reads it. GCJ02 and BD09 are offsets on WGS 84, which is stored as is.

    Returns
    -------
    tuple[Floats, Floats]
        New arrays, longitude and latitude in EPSG:4490 degrees, shape ``(n,)``. The same point
        gives the same bits in any array of any length.

    Raises
    ------
    InvalidCoordinates
        A point that has no place in the storage frame; the first one is named.
    UnknownFrame, UnsupportedFrame
        As ``parse_frame``, and where no published datum parameters lead to CGCS2000 or WGS 84.
    """
    frame = parse_frame(source_frame)
    x, y = flat(x), flat(y)
    if frame in _STORED_AS_THEY_ARE:
        converted = x.copy(), y.copy()
    elif frame == GCJ02:
        converted = gcj02.wgs84_from_gcj02(lon=x, lat=y)
    elif frame == BD09:
        converted = gcj02.wgs84_from_bd09(lon=x, lat=y)
    else:
        converted = epsg.to_degrees(x=x, y=y, frame=frame)
    _refuse_lost(x, y, converted, frame=frame)
    return converted


def is_stored_as_told(*, x: float, y: float, source_frame: str) -> bool:
    """Return whether a place is surely stored bit for bit as it was told.

    Parameters
    ----------
    x, y
        In the frame.
    source_frame
        Its plain name; of any other spelling nothing is sure.
    """
    return source_frame in _STORED_AS_THEY_ARE and is_in_degrees(x, y)


def place_to_storage(*, x: float, y: float, source_frame: str, where: str) -> tuple[float, float]:
    """Check and convert one place: without arrays where nothing has to be done.

    Parameters
    ----------
    x, y, source_frame
        As ``to_storage`` takes them.
    where
        As ``check_coordinates`` takes it.

    Returns
    -------
    tuple[float, float]
        Longitude and latitude in EPSG:4490 degrees, the same bits as from ``to_storage``.

    Raises
    ------
    InvalidCoordinates, UnknownFrame, UnsupportedFrame
        As ``check_coordinates`` and ``to_storage``.
    """
    frame = parse_frame(source_frame)
    if frame in _STORED_AS_THEY_ARE and is_in_degrees(x, y):
        return x, y
    check_coordinates(x=x, y=y, source_frame=frame, where=where)
    lon, lat = to_storage(x=x, y=y, source_frame=frame)
    return float(lon[0]), float(lat[0])


def from_storage(*, lon: ArrayLike, lat: ArrayLike, target_frame: str) -> tuple[Floats, Floats]:
    """Convert points from the storage frame; the reverse of ``to_storage`` in every respect.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)`` or single numbers.
    target_frame
        As ``parse_frame`` reads it.

    Returns
    -------
    tuple[Floats, Floats]
        New arrays, easting and northing, or longitude and latitude, of the target frame.

    Raises
    ------
    InvalidCoordinates, UnknownFrame, UnsupportedFrame
        As ``to_storage``.
    """
    frame = parse_frame(target_frame)
    lon, lat = flat(lon), flat(lat)
    if frame in _STORED_AS_THEY_ARE:
        converted = lon.copy(), lat.copy()
    elif frame == GCJ02:
        converted = gcj02.gcj02_from_wgs84(lon=lon, lat=lat)
    elif frame == BD09:
        converted = gcj02.bd09_from_wgs84(lon=lon, lat=lat)
    else:
        converted = epsg.from_degrees(lon=lon, lat=lat, frame=frame)
    _refuse_lost(lon, lat, converted, frame=frame)
    return converted


def geometries_to_storage(geometries: Geometries, *, source_frame: str) -> Geometries:
    """Convert geometries to the storage frame, after adding nodes on edges over 200 m.

    A straight edge of another frame is not straight in the storage frame; with nodes no further
    apart than 200 m what is lost is under a centimeter, in BD09 under 5 cm. EPSG:4490 and EPSG:4326
    are stored without an added node: their straight edges are ours, and what we export comes back
    bit for bit.

    Parameters
    ----------
    geometries
        Shape ``(n,)``, without Z. Rings that share nodes with the same bits share them afterwards,
        also those that were added; match nodes before.
    source_frame
        As ``parse_frame`` reads it.

    Returns
    -------
    Geometries
        Shape ``(n,)`` in EPSG:4490 degrees, of the same types.

    Raises
    ------
    InvalidGeometry
        Z values, or a geometry collection.
    InvalidCoordinates, UnknownFrame, UnsupportedFrame
        As ``to_storage``.
    """
    frame = parse_frame(source_frame)
    if frame in _STORED_AS_THEY_ARE:
        return two_dimensional(geometries).copy()
    dense = densify(geometries, source_frame=frame)
    # Several rings hold the same vertex. Finding the distinct ones costs about what it saves, and
    # equal vertices give equal results anyway.
    x, y = shapely.get_coordinates(dense).T
    return _with_coordinates(dense, to_storage(x=x, y=y, source_frame=frame))


def geometries_from_storage(geometries: Geometries, *, target_frame: str) -> Geometries:
    """Convert geometries from the storage frame, vertex by vertex; adds no nodes.

    Parameters
    ----------
    geometries
        Shape ``(n,)`` in EPSG:4490 degrees, without Z.
    target_frame
        As ``parse_frame`` reads it.

    Returns
    -------
    Geometries
        Shape ``(n,)`` of the same types; vertex-matched input stays vertex-matched bit for bit.

    Raises
    ------
    InvalidGeometry
        Z values.
    InvalidCoordinates, UnknownFrame, UnsupportedFrame
        As ``from_storage``.
    """
    shapes = two_dimensional(geometries)
    lon, lat = shapely.get_coordinates(shapes).T
    return _with_coordinates(shapes, from_storage(lon=lon, lat=lat, target_frame=target_frame))


def _with_coordinates(geometries: Geometries, coordinates: tuple[Floats, Floats]) -> Geometries:
    # set_coordinates writes into the array it is given, hence the copy
    moved: Geometries = shapely.set_coordinates(geometries.copy(), np.column_stack(coordinates))
    return moved


def _refuse_lost(x: Floats, y: Floats, converted: tuple[Floats, Floats], *, frame: str) -> None:
    lost = ~(np.isfinite(converted[0]) & np.isfinite(converted[1]))
    if lost.any():
        first = int(lost.argmax())
        raise InvalidCoordinates(
            where=place(frame, first, len(x)),
            x=float(x[first]),
            y=float(y[first]),
            reason_zh=f"不是有限的数，或在 {frame} 能表示的范围之外",
            reason_en=f"not finite, or outside what {frame} can hold",
        )
