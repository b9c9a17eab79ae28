"""Places as they were told, in whatever frames, brought to the storage frame."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from geo_service.errors import InvalidCoordinates, InvalidInput, UnknownFrame
from geo_service.governance.issue import RowError
from geo_service.layers.area import Floats
from geo_service.layers.frames import (
    are_inside,
    is_stored_as_told,
    parse_frame,
    place_to_storage,
    to_storage,
)


class Told(Protocol):
    """What tells a place: coordinates in their frame, None where no place was told."""

    @property
    def x(self) -> float | None:
        """Longitude or easting."""

    @property
    def y(self) -> float | None:
        """Latitude or northing."""

    @property
    def source_frame(self) -> str | None:
        """The frame of both."""


class Placed(NamedTuple):
    """Degrees, EPSG:4490, ``(n,)``, NaN where there is no place; and why some have none."""

    lon: Floats
    lat: Floats
    refused: dict[int, RowError]


def place_points(told: Sequence[Told | None]) -> Placed:
    """Return where told places are; one its frame cannot convert is refused, and NaN."""
    if len(told) == 1 and (placed := _alone(told[0])):
        return placed
    lon, lat = np.full(len(told), np.nan), np.full(len(told), np.nan)
    refused: dict[int, RowError] = {}
    by_frame: dict[str, list[int]] = {}
    for i, place in enumerate(told):
        if place is not None and place.source_frame is not None:
            by_frame.setdefault(place.source_frame, []).append(i)
    for name, positions in by_frame.items():
        try:
            source_frame = parse_frame(name)
        except InvalidInput as error:
            refusal = _frame_refusal(error)
            refused |= dict.fromkeys(positions, refusal)
            continue
        x, y = np.array([_coordinates(told[i]) for i in positions], dtype=np.float64).T
        fits = are_inside(x=x, y=y, source_frame=source_frame)
        chosen = np.array(positions)[fits]
        lon[chosen], lat[chosen] = to_storage(x=x[fits], y=y[fits], source_frame=source_frame)
        outside = RowError(
            "x, y", f"超出 {source_frame} 的适用范围", f"outside the area of use of {source_frame}"
        )
        refused |= dict.fromkeys(np.array(positions)[~fits].tolist(), outside)
    return Placed(lon, lat, refused)


def _alone(place: Told | None) -> Placed | None:
    """Return where one place is that is stored as it was told; None of any other."""
    if place is None or place.x is None or place.y is None or place.source_frame is None:
        return None
    if not is_stored_as_told(x=place.x, y=place.y, source_frame=place.source_frame):
        return None
    return Placed(np.array([place.x]), np.array([place.y]), {})


def place_point(x: float, y: float, source_frame: str) -> tuple[float, float]:
    """Return where one told place is (degrees, EPSG:4490).

    Raises UnknownFrame and InvalidCoordinates, which names its reason.
    """
    if x == 0.0 and y == 0.0:
        raise InvalidCoordinates(
            where="lon, lat",
            x=x,
            y=y,
            reason_zh="0, 0 是没有填写的坐标，不是一个地点",
            reason_en="0, 0 is what stands where nobody filled a place in",
        )
    return place_to_storage(x=x, y=y, source_frame=source_frame, where="lon, lat")


def _coordinates(place: Told | None) -> tuple[float | None, float | None]:
    return (None, None) if place is None else (place.x, place.y)


def _frame_refusal(error: InvalidInput) -> RowError:
    if isinstance(error, UnknownFrame):  # its sentence would repeat the cell
        return RowError(
            "frame",
            "不认识的坐标系：请用 EPSG 编号、GCJ02 或 BD09",
            "unknown frame: use an EPSG code, GCJ02 or BD09",
        )
    return RowError("frame", error.text("zh"), error.text("en"))
