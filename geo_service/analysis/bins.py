"""Heat bins: how many points lie in each square, so that no reporter's point is ever drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import InvalidCoordinates, InvalidValue
from geo_service.layers.area import Floats

SMALLEST_BIN_M = 50.0
SMALLEST_COUNT = 3
"""Fewer points than this are never told: they could be one household."""

_LARGEST_BIN_M = 100_000.0
_POLE_DEG = 85.0
_ROW = 2**32
"""More than twice the columns there can be: 360 degrees of 50 m at the equator are 0.8 million."""
# CGCS2000 ellipsoid (EPSG ellipsoid 1024).
_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257222101


@dataclass(frozen=True, eq=False)
class HeatBins:
    """Squares with at least ``k`` points; shape ``(m,)`` each, degrees, EPSG:4490.

    ``suppressed_points`` lie in squares with fewer. The counts and they add up to all points.
    """

    west: Floats
    south: Floats
    east: Floats
    north: Floats
    count: NDArray[np.int64]
    suppressed_points: int
    bin_m: float
    k: int


def heat_bins(
    *,
    lon: Floats,
    lat: Floats,
    bin_m: float = 100.0,
    k: int = SMALLEST_COUNT,
    net_lat: float | None = None,
) -> HeatBins:
    """Count points in square bins and keep back those with fewer than ``k``.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4490, shape ``(n,)``.
    bin_m
        Side of a bin, meters.
    k
        Fewest points of a bin that is told.
    net_lat
        Degrees of latitude that the net of bins is made for: give the middle of the house's areas.
        The middle of the points otherwise.

    Returns
    -------
    HeatBins
        Ordered by row from the south, then from the west. A point on a side belongs to the bin
        north or east of it.

    Raises
    ------
    InvalidValue
        ``bin_m`` under 50 m or ``k`` under 3: smaller ones would point at homes. ``net_lat``
        beyond 85 degrees.
    InvalidCoordinates
        Not finite, or beyond 85 degrees of latitude, where squares of degrees make no sense.

    Notes
    -----
    The bins lie on one fixed net: their sides in degrees are those of the whole degree of latitude
    nearest ``net_lat``, counted from 0° N 0° E. With one ``net_lat`` every filter over a city uses
    the same squares, and no difference of two answers tells what lies in a part of a square. In
    return a side is off by up to tan φ · 0.5° = 0.9 % at 45 degrees, less nearer the equator.
    """
    _check_sizes(bin_m, k)
    _check_points(lon, lat)
    if not len(lon):
        nothing = np.empty(0)
        return HeatBins(
            nothing, nothing, nothing, nothing, np.empty(0, dtype=np.int64), 0, bin_m, k
        )
    middle = float(lat.min() + lat.max()) / 2
    if net_lat is not None and not abs(net_lat) <= _POLE_DEG:
        raise InvalidValue("net_lat", "-85 到 85 度", "from -85 to 85 degrees")
    step_lon, step_lat = _bin_deg(bin_m, net_lat=middle if net_lat is None else net_lat)
    keys, counts = np.unique(
        _keys(np.floor(lat / step_lat), np.floor(lon / step_lon)), return_counts=True
    )
    told = counts >= k
    rows, columns = _rows_and_columns(keys[told])
    return HeatBins(
        west=columns * step_lon,
        south=rows * step_lat,
        east=(columns + 1) * step_lon,
        north=(rows + 1) * step_lat,
        count=counts[told].astype(np.int64),
        suppressed_points=int(counts[~told].sum()),
        bin_m=bin_m,
        k=k,
    )


def _keys(rows: Floats, columns: Floats) -> NDArray[np.int64]:
    """Pack rows and columns into one number each, ten times faster to sort than pairs."""
    return rows.astype(np.int64) * _ROW + columns.astype(np.int64)


def _rows_and_columns(keys: NDArray[np.int64]) -> tuple[Floats, Floats]:
    rows = (keys + _ROW // 2) // _ROW  # columns are negative west of Greenwich
    return rows.astype(np.float64), (keys - rows * _ROW).astype(np.float64)


def _bin_deg(bin_m: float, *, net_lat: float) -> tuple[float, float]:
    """Return a bin's sides in degrees of longitude and latitude.

    Notes
    -----
    A degree of latitude is the meridian radius M = a (1 − e²) / W³, one of longitude the parallel's
    N cos φ = a cos φ / W, each times π/180, with W = √(1 − e² sin² φ).
    """
    phi = np.radians(np.rint(net_lat))
    e2 = _FLATTENING * (2 - _FLATTENING)
    w = np.sqrt(1 - e2 * np.sin(phi) ** 2)
    degree_lat_m = np.radians(_SEMI_MAJOR_M * (1 - e2) / w**3)
    degree_lon_m = np.radians(_SEMI_MAJOR_M * np.cos(phi) / w)
    return float(bin_m / degree_lon_m), float(bin_m / degree_lat_m)


def _check_sizes(bin_m: float, k: int) -> None:
    if not SMALLEST_BIN_M <= bin_m <= _LARGEST_BIN_M:
        raise InvalidValue(
            where="bin_m",
            expected_zh=f"{SMALLEST_BIN_M:.0f} 到 {_LARGEST_BIN_M:.0f} 米",
            expected_en=f"from {SMALLEST_BIN_M:.0f} to {_LARGEST_BIN_M:.0f} meters",
        )
    if k < SMALLEST_COUNT:
        raise InvalidValue(
            where="k",
            expected_zh=f"不小于 {SMALLEST_COUNT}",
            expected_en=f"at least {SMALLEST_COUNT}",
        )


def _check_points(lon: Floats, lat: Floats) -> None:
    is_good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= _POLE_DEG)
    if not is_good.all():
        first = int(np.argmin(is_good))
        raise InvalidCoordinates(
            where=f"point {first}",
            x=float(lon[first]),
            y=float(lat[first]),
            reason_zh="不是有限的经纬度，或纬度超过 85 度",
            reason_en="not finite, or beyond 85 degrees of latitude",
        )
