"""What pyproj knows, loaded when first asked and kept.

pyproj's CRS and Transformer hold one PROJ object per thread since 3.1, so the cached ones may be
shared by all threads. Importing pyproj costs about 0.15 s; nothing here does so at import.
"""

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Protocol, cast, overload

import numpy as np

from geo_service.errors import UnsupportedFrame
from geo_service.layers.area import Floats

if TYPE_CHECKING:
    from pyproj import CRS, Geod, Transformer
    from pyproj._crs import AreaOfUse

_LIKENESS = 20
"""Least confidence of pyproj's matching. Its own 70 misses CGCS2000 zones in WKT1, whose axes are
the other way round; what matches is then compared by numbers, which even 100 does not replace."""

_SAME_M = 1e-4
_CGCS2000_DATUM = "China 2000"
_NO_AREA = -1000.0
"""All four bounds of retired codes whose area nobody stated."""

_DEGREES = frozenset({"EPSG:4490", "EPSG:4326", "GCJ02", "BD09"})


@lru_cache(maxsize=256)
def read(statement: str) -> "CRS | None":
    """Return what an authority code, a name or WKT describes; None if PROJ cannot read it."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(statement)
    except CRSError:
        return None
    # PROJ completes names: "WGS 8 / UTM" would quietly become the first one that fits
    is_name = " / " in statement and "[" not in statement
    return None if is_name and crs.name.casefold() != statement.strip().casefold() else crs


@lru_cache(maxsize=256)
def crs_of(frame: str) -> "CRS":
    """Return the definition of a canonical ``EPSG:`` frame."""
    from pyproj import CRS

    return CRS.from_user_input(frame)


def datum_of(crs: "CRS") -> str:
    """Return the name of the datum; empty if the definition stands on none."""
    return crs.datum.name.removesuffix(" ensemble") if crs.datum else ""


def horizontal(crs: "CRS") -> "CRS | None":
    """Return the longitude/latitude or projected part; None if there is none.

    A datum shift written into the definition is dropped if it is zero. Any other shift says that
    the frame is not what its name says: then the definition is returned whole, and matches no code.
    """
    if crs.is_bound and crs.source_crs and crs.coordinate_operation:
        shift = crs.coordinate_operation.towgs84
        crs = crs if any(shift) or not shift else crs.source_crs
    flat = crs.to_2d()
    return flat if (flat.is_geographic or flat.is_projected) and not flat.is_geocentric else None


def code_of(crs: "CRS") -> int | None:
    """Return the EPSG code of the same definition, or None; raises as ``_formula``."""
    code = crs.to_epsg(min_confidence=_LIKENESS)
    return code if code is not None and _is_same(crs, f"EPSG:{code}") else None


def is_geographic(frame: str) -> bool:
    """Return whether the frame's coordinates are longitude and latitude."""
    return frame in _DEGREES or crs_of(frame).is_geographic


def meters_per_unit(frame: str) -> float:
    """Return the length of one unit of a projected frame in meters."""
    return float(crs_of(frame).axis_info[0].unit_conversion_factor)


@lru_cache(maxsize=256)
def area_of_use(frame: str, *, widen_deg: float) -> tuple[float, float, float, float]:
    """Return the least and greatest x and y of a projected frame's area of use.

    Parameters
    ----------
    frame
        Canonical name of a projected frame.
    widen_deg
        How far the area is widened on each side first, degrees.

    Returns
    -------
    tuple[float, float, float, float]
        West, south, east, north in units of the frame.
    """
    x, y = _formula(frame)[0].transform(*_area_grid(frame, widen_deg=widen_deg))
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def is_worldwide(frame: str) -> bool:
    """Return whether a projected frame is made for the whole earth, as web mercator is."""
    area = _formula(frame)[1]
    return (area.west, area.east) == (-180.0, 180.0)


def _is_same(crs: "CRS", frame: str) -> bool:
    if _ground(crs) != _ground(crs_of(frame)):
        return False
    if crs.is_geographic:
        return True
    lon, lat = _area_grid(frame, widen_deg=0.0)
    here = _projection(crs).transform(lon, lat)
    there = _formula(frame)[0].transform(lon, lat)
    return bool(np.allclose(here, there, rtol=0.0, atol=_SAME_M))


def _ground(crs: "CRS") -> tuple[object, ...]:
    """Return what a frame stands on, without its projection."""
    ellipsoid, meridian = crs.ellipsoid, crs.prime_meridian
    return (
        crs.is_geographic,
        datum_of(crs),
        ellipsoid and (ellipsoid.semi_major_metre, round(ellipsoid.inverse_flattening, 6)),
        meridian and (meridian.longitude, meridian.unit_conversion_factor),
        crs.is_geographic and crs.axis_info[0].unit_conversion_factor,
    )


@lru_cache(maxsize=256)
def _formula(frame: str) -> tuple["Transformer", "AreaOfUse"]:
    """Return the projection of a frame and where it is used.

    Raises UnsupportedFrame for the few codes that are retired without an area, or whose projection
    PROJ cannot compute.
    """
    from pyproj.exceptions import ProjError

    crs = crs_of(frame)
    try:
        formula = _projection(crs)
    except ProjError:
        formula = None
    area = crs.area_of_use
    if formula is None or area is None or area.west == _NO_AREA:
        raise UnsupportedFrame(
            frame=frame,
            reason_zh="没有它的投影公式或适用范围：请先转成 CGCS2000（EPSG:4490）",
            reason_en="its projection or its area of use is not known: "
            "convert to CGCS2000 (EPSG:4490) first",
        )
    return formula, area


def _projection(crs: "CRS") -> "Transformer":
    """Return the projection alone, from longitude and latitude of the frame's own datum."""
    from pyproj import Transformer

    return Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)


def _area_grid(frame: str, *, widen_deg: float) -> tuple[Floats, Floats]:
    west, south, east, north = _formula(frame)[1].bounds
    east += 360.0 * (east < west)
    widen_lon = min(widen_deg, (360.0 - (east - west)) / 2.0)
    lon, lat = np.meshgrid(
        np.linspace(west - widen_lon, east + widen_lon, 21),
        np.linspace(max(south - widen_deg, -90.0), min(north + widen_deg, 90.0), 21),
    )
    return lon.ravel(), lat.ravel()


@lru_cache(maxsize=256)
def _transformer(frame: str) -> "Transformer":
    """Return the conversion from an EPSG frame to longitude and latitude we may store.

    The target has the frame's own datum: EPSG:4490 for CGCS2000, else EPSG:4326, which is stored
    as it is. A null shift for want of a better one ("ballpark") would be a silent error, so a
    datum without published parameters is refused.
    """
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    crs = crs_of(frame)
    target = "EPSG:4490" if datum_of(crs) == _CGCS2000_DATUM else "EPSG:4326"
    try:
        return Transformer.from_crs(crs, target, always_xy=True, allow_ballpark=False)
    except ProjError:
        raise UnsupportedFrame(
            frame=frame,
            reason_zh="没有公开的基准转换参数：请先转成 CGCS2000（EPSG:4490）",
            reason_en="its datum has no published parameters: "
            "convert to CGCS2000 (EPSG:4490) first",
        ) from None


def to_degrees(*, x: Floats, y: Floats, frame: str) -> tuple[Floats, Floats]:
    """Convert from an EPSG frame to longitude and latitude; infinite where PROJ cannot."""
    lon, lat = _transformer(frame).transform(x, y)
    return lon, lat


class Plane(Protocol):
    """Longitudes and latitudes to eastings and northings: arrays, or single numbers."""

    @overload
    def __call__(self, lon: float, lat: float, /) -> tuple[float, float]: ...
    @overload
    def __call__(self, lon: Floats, lat: Floats, /) -> tuple[Floats, Floats]: ...


def projection(frame: str) -> Plane:
    """Return ``from_degrees`` of one frame, without a look-up at every call."""
    from pyproj.enums import TransformDirection

    convert = partial(_transformer(frame).transform, direction=TransformDirection.INVERSE)
    return cast("Plane", convert)


def from_degrees(*, lon: Floats, lat: Floats, frame: str) -> tuple[Floats, Floats]:
    """Convert longitude and latitude to an EPSG frame; infinite where PROJ cannot."""
    x, y = _transformer(frame).transform(lon, lat, direction="INVERSE")
    return x, y


@lru_cache(maxsize=1)
def ellipsoid() -> "Geod":
    """Return the ellipsoid of CGCS2000 (the size and flattening of GRS 80)."""
    from pyproj import Geod

    return Geod(ellps="GRS80")
