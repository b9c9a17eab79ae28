"""The two offsets that Chinese web maps lay over WGS 84: GCJ-02 and, on top of it, BD-09.

Neither has an official publication; these are the formulas that circulate and that the maps
agree with. GCJ-02: ellipsoid of Krasovsky 1940, polynomial plus sines around 105° E 35° N, applied
in a box around China only. BD-09: a small turn and stretch about the origin of the plane.

Every function is element-wise with a fixed number of operations: a point's result does not depend
on its neighbors, bit for bit.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_WEST, _SOUTH, _EAST, _NORTH = 72.004, 0.8293, 137.8347, 55.8271
_BD09_TURNS = np.pi * 3000.0 / 180.0

# A round leaves less than 0.01 (GCJ-02) and 0.03 (BD-09) of the error, which begins at 0.02° at
# most; these rounds end below 1e-13° (1e-8 m), the noise of floating point in the formulas. Only
# at 105° E, where the formula has a kink (a square root), 4e-7 m are left.
_GCJ02_ROUNDS = 7
_BD09_ROUNDS = 9
_BLOCK = 8192
"""Points worked on at a time, so that what lies between stays in the processor's cache."""

_Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]


def gcj02_from_wgs84(*, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return GCJ-02 degrees; points outside the box are returned unchanged."""
    return _inside_box(_to_gcj02, lon, lat)


def wgs84_from_gcj02(*, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Undo ``gcj02_from_wgs84`` to within 1e-6 m; outside the box unchanged.

    Within 0.02° of the box's edge there and back may differ: the offset is not continuous there.
    """
    return _inside_box(_from_gcj02, lon, lat)


def bd09_from_wgs84(*, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return BD-09 degrees; points outside GCJ-02's box are returned unchanged."""
    return _inside_box(lambda *point: _to_bd09(*_to_gcj02(*point)), lon, lat)


def wgs84_from_bd09(*, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Undo ``bd09_from_wgs84`` to within 1e-6 m, except within 0.04° of the box's edge."""
    return _inside_box(lambda *point: _from_gcj02(*_from_bd09(*point)), lon, lat)


def _is_inside_box(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Return which points GCJ-02 moves; the box's edge belongs to it."""
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def _inside_box(shift: _Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    moved_lon, moved_lat = lon.copy(), lat.copy()
    inside = np.flatnonzero(_is_inside_box(lon, lat))
    for start in range(0, len(inside), _BLOCK):
        block = inside[start : start + _BLOCK]
        moved_lon[block], moved_lat[block] = shift(lon[block], lat[block])
    return moved_lon, moved_lat


def _to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Add the offset, which is given in meters, wherever the point lies."""
    x, y = lon - 105.0, lat - 35.0
    root_x = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root_x
    north_m += (ripple + _waves(y, near=(20.0, 40.0), far=(160.0, 320.0))) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root_x
    east_m += (ripple + _waves(x, near=(20.0, 40.0), far=(150.0, 300.0))) * 2.0 / 3.0
    radians = np.radians(lat)
    flattening = 1.0 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    normal_m = _SEMI_MAJOR_M / np.sqrt(flattening)
    meridian_m = normal_m * (1.0 - _ECCENTRICITY_SQUARED) / flattening
    return (
        lon + np.degrees(east_m / (normal_m * np.cos(radians))),
        lat + np.degrees(north_m / meridian_m),
    )


def _waves(t: Floats, *, near: tuple[float, float], far: tuple[float, float]) -> Floats:
    """Return four sines of half-periods 1, 3, 12 and 30 degrees."""
    return (
        near[0] * np.sin(np.pi * t)
        + near[1] * np.sin(np.pi / 3.0 * t)
        + far[0] * np.sin(np.pi / 12.0 * t)
        + far[1] * np.sin(np.pi / 30.0 * t)
    )


def _to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.sqrt(lon * lon + lat * lat) + 0.00002 * np.sin(lat * _BD09_TURNS)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD09_TURNS)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _from_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _undo(_to_gcj02, lon, lat, rounds=_GCJ02_ROUNDS)


def _from_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _undo(_to_bd09, lon, lat, rounds=_BD09_ROUNDS)


def _undo(shift: _Shift, lon: Floats, lat: Floats, *, rounds: int) -> tuple[Floats, Floats]:
    """Find the point that ``shift`` takes to (lon, lat), by fixed-point iteration."""
    found_lon, found_lat = lon, lat
    for _ in range(rounds):
        shifted_lon, shifted_lat = shift(found_lon, found_lat)
        found_lon, found_lat = found_lon + (lon - shifted_lon), found_lat + (lat - shifted_lat)
    return found_lon, found_lat
