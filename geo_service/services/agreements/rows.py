"""One border agreement as somebody wrote it: read field by field, or refused with the reason."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely

from geo_service.errors import UnknownLayer
from geo_service.governance.cell import RefusedCell, key_of, number_of, text_of
from geo_service.governance.issue import RowError
from geo_service.governance.moment import EARLIEST, epoch_s, read_moment
from geo_service.layers.agreement import MOST_WITHIN_M, Agreement
from geo_service.services.workspaces import Workspace

NEEDED = ("layer", "first_code", "second_code", "owner_code", "within_m", "document")
FIELDS = (*NEEDED, "wording", "effective_from", "effective_to", "stretch")

_LONGEST_CODE = 100
_LONGEST_DOCUMENT = 500
_LONGEST_WORDING = 5_000
_LONGEST_STRETCH = 200_000
_SIDES = {
    **dict.fromkeys(("甲", "甲方", "first"), "first_code"),
    **dict.fromkeys(("乙", "乙方", "second"), "second_code"),
}
_LINES = ("LineString", "MultiLineString")
_MAX_LON, _MAX_LAT = 180.0, 90.0


def read_agreement(
    cells: Mapping[str, Any], workspace: Workspace, *, now_s: int
) -> Agreement | RowError:
    """Return an agreement without a number yet, recorded now, or why there is none.

    ``owner_code`` may say 甲 or 乙 (first, second); one that names no start applies from now on.
    """
    found: dict[str, Any] = {}
    for name in FIELDS:
        try:
            found[name] = _READERS[name](cells.get(name))
        except RefusedCell as error:
            return RowError(name, error.zh, error.en)
        if name in NEEDED and found[name] is None:
            return RowError(name, "没有填写", "is missing")
    side = found["owner_code"]
    found["owner_code"] = found[_SIDES[side]] if side in _SIDES else side
    effective_from_s = found.pop("effective_from")
    effective_to_s = found.pop("effective_to")
    agreement = Agreement(
        number=0,
        effective_from_s=now_s if effective_from_s is None else effective_from_s,
        effective_to_s=effective_to_s,
        recorded_at_s=now_s,
        **{**found, "wording": found["wording"] or ""},
    )
    return _refusal(agreement, workspace) or agreement


def _refusal(agreement: Agreement, workspace: Workspace) -> RowError | None:
    try:
        workspace.family_of(agreement.layer)
    except UnknownLayer as error:
        known = error.text("zh"), error.text("en")
        return RowError("layer", *known)
    codes = agreement.first_code, agreement.second_code
    if codes[0] == codes[1]:
        return RowError("second_code", "两个编码相同", "is the same code as the first")
    if agreement.owner_code not in codes:
        return RowError("owner_code", "不是甲、乙两个编码之一", "is neither of the two codes")
    if not 0.0 < agreement.within_m <= MOST_WITHIN_M:
        return RowError(
            "within_m",
            f"应大于 0 且不超过 {MOST_WITHIN_M:g} 米（边界每侧）",
            f"must be above 0 and at most {MOST_WITHIN_M:g} m on each side of the border",
        )
    until_s = agreement.effective_to_s
    if until_s is not None and until_s <= agreement.effective_from_s:
        return RowError("effective_to", "不晚于生效时间", "is not after the start")
    return None


def _code(cell: Any) -> str | None:
    return key_of(cell, longest=_LONGEST_CODE)


def _moment_s(cell: Any) -> int | None:
    text = text_of(cell, longest=_LONGEST_CODE)
    if text is None:
        return None
    try:
        moment = read_moment(text if isinstance(cell, str) else cell)
    except ValueError:
        raise RefusedCell(
            "不是能识别的日期（如 2026-01-05）", "not a date such as 2026-01-05"
        ) from None
    if moment < EARLIEST:
        raise RefusedCell("早于 1992 年", "before 1992")
    return epoch_s(moment)


def _stretch(cell: Any) -> shapely.Geometry | None:
    text = text_of(cell, longest=_LONGEST_STRETCH)
    if text is None:
        return None
    try:
        line = shapely.from_wkt(text)
    except shapely.errors.GEOSException:
        raise RefusedCell("不是 WKT", "not WKT") from None
    if line.geom_type not in _LINES or line.is_empty or line.has_z or not line.length:
        raise RefusedCell(
            "应为有长度的 LINESTRING 或 MULTILINESTRING（不带高程）",
            "must be a LINESTRING or MULTILINESTRING that has a length and no heights",
        )
    lon, lat = np.abs(shapely.get_coordinates(line)).T
    if not ((lon <= _MAX_LON).all() and (lat <= _MAX_LAT).all()):
        raise RefusedCell(
            "坐标应为 EPSG:4490 的经度、纬度（度），经度在前",
            "coordinates must be longitude and latitude in degrees (EPSG:4490), in this order",
        )
    return line


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "layer": _code,
    "first_code": _code,
    "second_code": _code,
    "owner_code": _code,
    "within_m": number_of,
    "document": lambda cell: text_of(cell, longest=_LONGEST_DOCUMENT),
    "wording": lambda cell: text_of(cell, longest=_LONGEST_WORDING),
    "effective_from": _moment_s,
    "effective_to": _moment_s,
    "stretch": _stretch,
}
