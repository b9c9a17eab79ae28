"""Places as they were told, in whatever frames, brought to the storage frame."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo_service.errors import InvalidInput, UnknownFrame
from geo_service.governance.issue import RowError
from geo_service.layers.area import Floats
from geo_service.layers.frames import are_inside, parse_frame, to_storage


class ToldPlace(NamedTuple):
    """Coordinates as told, in their frame; None where no place was told."""

    x: float | None
    y: float | None
    source_frame: str | None


class Placed(NamedTuple):
    """Degrees, EPSG:4490, ``(n,)``, NaN where there is no place; and why some have none."""

    lon: Floats
    lat: Floats
    refused: dict[int, RowError]


def place_points(told: Sequence[ToldPlace]) -> Placed:
    """Return where told places are; one its frame cannot convert is refused, and NaN."""
    lon, lat = np.full(len(told), np.nan), np.full(len(told), np.nan)
    refused: dict[int, RowError] = {}
    by_frame: dict[str, list[int]] = {}
    for i, place in enumerate(told):
        if place.source_frame is not None:
            by_frame.setdefault(place.source_frame, []).append(i)
    for name, positions in by_frame.items():
        try:
            source_frame = parse_frame(name)
        except InvalidInput as error:
            refusal = _frame_refusal(error)
            refused |= dict.fromkeys(positions, refusal)
            continue
        x = np.array([told[i].x for i in positions], dtype=np.float64)
        y = np.array([told[i].y for i in positions], dtype=np.float64)
        fits = are_inside(x=x, y=y, source_frame=source_frame)
        chosen = np.array(positions)[fits]
        lon[chosen], lat[chosen] = to_storage(x=x[fits], y=y[fits], source_frame=source_frame)
        outside = RowError(
            "x, y", f"超出 {source_frame} 的适用范围", f"outside the area of use of {source_frame}"
        )
        refused |= dict.fromkeys(np.array(positions)[~fits].tolist(), outside)
    return Placed(lon, lat, refused)


def _frame_refusal(error: InvalidInput) -> RowError:
    if isinstance(error, UnknownFrame):  # its sentence would repeat the cell
        return RowError(
            "frame",
            "不认识的坐标系：请用 EPSG 编号、GCJ02 或 BD09",
            "unknown frame: use an EPSG code, GCJ02 or BD09",
        )
    return RowError("frame", error.text("zh"), error.text("en"))
