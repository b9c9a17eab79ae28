"""The frames that coordinates may be in, whatever they are declared to be."""

from dataclasses import dataclass

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.frames import (
    STORAGE_FRAME,
    are_inside,
    from_storage,
    is_degrees,
    to_storage,
)
from geo_service.layers.frames.name import BD09, GCJ02, WGS84

OFFSETS = (GCJ02, BD09)
_MOST_DEGREES = 180.0
_WEB_MERCATOR = "EPSG:3857"
_FIRST_MERIDIAN, _LAST_MERIDIAN = 75, 135
_NEAR_DEG = 6.0
"""A projected frame is thought of where its central meridian is as near: one zone of six degrees,
which is also what a wrong zone number is off by at most, in practice."""


@dataclass(frozen=True)
class Reading:
    """One way to read coordinates.

    ``offset`` names GCJ02 or BD09 where their degrees were projected afterwards; a frame of degrees
    that carries an offset is simply called GCJ02 or BD09.
    """

    frame: str
    is_swapped: bool = False
    offset: str | None = None

    @property
    def name(self) -> str:
        """The frame, with the offset below it: ``GCJ02``, ``EPSG:4547``, ``EPSG:4547+GCJ02``."""
        return self.frame if self.offset is None else f"{self.frame}+{self.offset}"

    def can_hold(self, x: Floats, y: Floats) -> bool:
        """Return whether every point can be of this frame, shape ``(n,)`` each."""
        x, y = (y, x) if self.is_swapped else (x, y)
        return bool(are_inside(x=x, y=y, source_frame=self.frame).all())

    def to_storage(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return EPSG:4490 degrees of coordinates that the frame can hold, shape ``(n,)``."""
        x, y = (y, x) if self.is_swapped else (x, y)
        lon, lat = to_storage(x=x, y=y, source_frame=self.frame)
        return to_storage(x=lon, y=lat, source_frame=self.offset) if self.offset else (lon, lat)

    def about_storage(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return the same, right to some tens of meters, where undoing an offset takes long."""
        offset = self.frame if self.frame in OFFSETS else self.offset
        if offset is None:
            return self.to_storage(x, y)
        x, y = (y, x) if self.is_swapped else (x, y)
        lon, lat = (x, y) if offset == self.frame else to_storage(x=x, y=y, source_frame=self.frame)
        farther_lon, farther_lat = from_storage(lon=lon, lat=lat, target_frame=offset)
        return 2.0 * lon - farther_lon, 2.0 * lat - farther_lat

    def from_storage(self, *, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Return the coordinates, in the frame's own axes, of EPSG:4490 degrees; never swapped."""
        if self.offset:
            lon, lat = from_storage(lon=lon, lat=lat, target_frame=self.offset)
        return from_storage(lon=lon, lat=lat, target_frame=self.frame)


def looks_like_degrees(x: Floats, y: Floats) -> bool:
    """Return whether coordinates, shape ``(n,)`` and not empty, can be degrees in some order."""
    return bool(max(np.abs(x).max(), np.abs(y).max()) <= _MOST_DEGREES)


def readings_of(
    x: Floats, y: Floats, *, declared: str | None, lons: tuple[float, float]
) -> list[Reading]:
    """Return every way to read some coordinates, the declared one first.

    Parameters
    ----------
    x, y
        Coordinates as they came, shape ``(n,)``, not empty.
    declared
        Canonical name of the frame that was declared, None where nobody named one.
    lons
        Least and greatest longitude of where they are thought to be, which limits the zones.

    Returns
    -------
    list[Reading]
        Only those that can hold the points: of degrees EPSG:4490, GCJ02 and BD09, else the
        Gauss-Krüger zones of CGCS2000 and the UTM zones of WGS 84 near the place with and without
        an offset below, and web mercator; all of them also with swapped axes.
    """
    named = [] if declared is None else [declared]
    if looks_like_degrees(x, y):
        known = [WGS84 if declared == WGS84 else STORAGE_FRAME, *OFFSETS]
        frames = [Reading(frame) for frame in dict.fromkeys([*named, *known])]
    else:
        known = list(dict.fromkeys([*named, *_zones(*lons), _WEB_MERCATOR]))
        frames = [Reading(frame, offset=offset) for offset in (None, *OFFSETS) for frame in known]
    swapped = [Reading(each.frame, is_swapped=True, offset=each.offset) for each in frames]
    return [each for each in frames + swapped if each.can_hold(x, y) and _is_sound(each)]


def _is_sound(reading: Reading) -> bool:
    return reading.offset is None or not is_degrees(reading.frame)


def _zones(west: float, east: float) -> list[str]:
    """Return the zones near some longitudes: of three degrees, of six, and of UTM."""
    found: list[str] = []
    for three, meridian in enumerate(range(_FIRST_MERIDIAN, _LAST_MERIDIAN + 1, 3)):
        if west - _NEAR_DEG <= meridian <= east + _NEAR_DEG:
            found += [f"EPSG:{4513 + three}", f"EPSG:{4534 + three}"]
            if three % 2 == 0:
                six = three // 2
                found += [f"EPSG:{4491 + six}", f"EPSG:{4502 + six}", f"EPSG:{32643 + six}"]
    return found
