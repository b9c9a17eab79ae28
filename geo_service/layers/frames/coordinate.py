"""Whether coordinates can be what their frame says they are."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo_service.errors import InvalidCoordinates
from geo_service.layers.area import Floats
from geo_service.layers.frames import epsg
from geo_service.layers.frames.name import parse_frame

_MOST_LON, _MOST_LAT = 180.0, 90.0
_METERS_FROM = 400.0
"""No longitude, however it is counted, is as large; eastings and northings nearly always are."""

_NEIGHBORHOOD_DEG = 3.0
"""How far outside a projected frame's area of use data may lie: one zone of three degrees."""

_ZONES = range(1, 61)
_ZONE_PREFIX = 1_000_000.0


def check_coordinates(*, x: ArrayLike, y: ArrayLike, source_frame: str, where: str) -> None:
    """Refuse coordinates that cannot be of their frame, and say what they seem to be.

    Parameters
    ----------
    x, y
        Shape ``(n,)`` or single numbers: longitude and latitude in degrees, or easting and
        northing in the frame's unit.
    source_frame
        As ``parse_frame`` reads it. Degrees must be within ±180 and ±90, both included; projected
        coordinates must lie within 3 degrees of the frame's area of use.
    where
        What holds the points, for the message; the first bad position is added as ``[i]``, counted
        from 0, when there are several.

    Raises
    ------
    InvalidCoordinates
        Not finite; out of range; meters in a frame of degrees or degrees in one of meters; axes
        that seem to be exchanged; a zone number in front of the easting.
    UnknownFrame, UnsupportedFrame
        As ``parse_frame``.
    """
    frame = parse_frame(source_frame)
    x, y = flat(x), flat(y)
    bad = ~are_inside(x=x, y=y, source_frame=frame)
    if not bad.any():
        return
    first = int(bad.argmax())
    reason = _geographic_reason if epsg.is_geographic(frame) else _projected_reason
    zh, en = (
        reason(x[first], y[first], frame)
        if np.isfinite(x[first]) and np.isfinite(y[first])
        else ("不是有限的数（空值或无穷大）", "not a finite number")
    )
    raise InvalidCoordinates(
        where=place(where, first, len(x)),
        x=float(x[first]),
        y=float(y[first]),
        reason_zh=zh,
        reason_en=en,
    )


def are_inside(*, x: ArrayLike, y: ArrayLike, source_frame: str) -> NDArray[np.bool_]:
    """Return which points can be of their frame, by the rules of ``check_coordinates``.

    Parameters
    ----------
    x, y, source_frame
        As ``check_coordinates`` takes them.

    Returns
    -------
    NDArray[np.bool_]
        Shape ``(n,)``; False for what is not finite.
    """
    frame = parse_frame(source_frame)
    x, y = flat(x), flat(y)
    return _are_in_degrees(x, y) if epsg.is_geographic(frame) else _is_near_area(x, y, frame=frame)


def is_degrees(frame: str) -> bool:
    """Return whether a frame's coordinates are degrees: a geographic one, GCJ02 or BD09."""
    return epsg.is_geographic(parse_frame(frame))


def looks_swapped(
    *, lon: ArrayLike, lat: ArrayLike, bbox: tuple[float, float, float, float]
) -> bool:
    """Return whether longitude and latitude seem to be exchanged.

    Parameters
    ----------
    lon, lat
        Degrees, shape ``(n,)``.
    bbox
        West, south, east, north of where the points should lie, degrees; its edge is inside.

    Returns
    -------
    bool
        True if more than half of the points lie outside the box as given and inside it exchanged;
        False for no points.
    """
    lon, lat = flat(lon), flat(lat)
    hit = _is_inside(lat, lon, bbox) & ~_is_inside(lon, lat, bbox)
    return bool(2 * np.count_nonzero(hit) > len(hit))


def is_in_degrees(x: float, y: float) -> bool:
    """Return whether two numbers can be longitude and latitude; False for what is not finite."""
    return -_MOST_LON <= x <= _MOST_LON and -_MOST_LAT <= y <= _MOST_LAT


def flat(numbers: ArrayLike) -> Floats:
    """Return numbers as a contiguous float64 array of one dimension."""
    return np.ascontiguousarray(np.atleast_1d(np.asarray(numbers, dtype=np.float64)))


def place(where: str, position: int, count: int) -> str:
    """Name one of ``count`` positions in ``where``."""
    return where if count == 1 else f"{where}[{position}]"


def _is_inside(x: Floats, y: Floats, bbox: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    west, south, east, north = bbox
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def _are_in_degrees(x: Floats, y: Floats) -> NDArray[np.bool_]:
    return _is_inside(x, y, (-_MOST_LON, -_MOST_LAT, _MOST_LON, _MOST_LAT))


def _is_near_area(x: Floats, y: Floats, *, frame: str) -> NDArray[np.bool_]:
    """Return which points may be of a projected frame.

    Degrees are small numbers that often pass as a place near the frame's origin. They pass only if
    that place is in the area of use itself, and not for worldwide frames, whose origin is at sea.
    """
    is_near = _is_inside(x, y, epsg.area_of_use(frame, widen_deg=_NEIGHBORHOOD_DEG))
    like_degrees = (np.abs(x) <= _MOST_LON) & (np.abs(y) <= _MOST_LON)  # in either order
    if not epsg.is_worldwide(frame):
        like_degrees &= ~_is_inside(x, y, epsg.area_of_use(frame, widen_deg=0.0))
    return is_near & ~like_degrees


def _geographic_reason(x: float, y: float, frame: str) -> tuple[str, str]:
    if max(abs(x), abs(y)) >= _METERS_FROM:
        return (
            f"{frame} 以度为单位，而这像是以米为单位的投影坐标：请注明它的投影坐标系",
            f"{frame} is in degrees, but this looks like meters: name its projected frame",
        )
    if abs(x) <= _MOST_LAT and abs(y) <= _MOST_LON:
        return (
            "经纬度似乎颠倒：应为经度在前、纬度在后",
            "longitude and latitude seem to be swapped: longitude comes first",
        )
    return "超出经度 ±180、纬度 ±90 的范围", "outside longitude ±180 and latitude ±90"


def _projected_reason(x: float, y: float, frame: str) -> tuple[str, str]:
    near = epsg.area_of_use(frame, widen_deg=_NEIGHBORHOOD_DEG)
    if abs(x) <= _MOST_LON and abs(y) <= _MOST_LON:
        return (
            f"{frame} 是投影坐标系，而这像是以度为单位的经纬度：请注明 EPSG:4490、GCJ02 或 BD09",
            f"{frame} is projected, but this looks like degrees: name EPSG:4490, GCJ02 or BD09",
        )
    if _is_inside(flat(y), flat(x), near).all():
        return (
            "横纵坐标似乎颠倒：测量上 x 指北，这里应为东向在前、北向在后",
            "the axes seem to be swapped: easting comes first, though surveyors call northing x",
        )
    for zone in _ZONES:
        if _is_inside(flat(x - zone * _ZONE_PREFIX), flat(y), near).all():
            return (
                f"横坐标前面像是带号 {zone}，而 {frame} 的横坐标不带带号：请注明带带号的坐标系",
                f"the easting seems to begin with zone number {zone}, which {frame} has not: "
                "name the frame with zone numbers",
            )
    return (
        f"远在 {frame} 的适用范围之外：请核对坐标系和分带",
        f"far outside the area of use of {frame}: check the frame and its zone",
    )
