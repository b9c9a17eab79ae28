"""Which other issues may report the same matter: how near, how long apart, of the same category."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from geo_service.governance.profile_file import DAYS, Kind, Place, ProfileFile, one_of

CATEGORY, MAJOR = "category", "major"
"""What has to be the same: major and minor, or the major alone."""

_FARTHEST_M = 1_000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_FEW_DAYS = 2
"""Less than so many days are told in hours."""

_LENGTH_M = Kind(
    f"大于 0、不超过 {_FARTHEST_M} 的米数",
    f"a number of metres above 0 and at most {_FARTHEST_M}",
    lambda v: isinstance(v, int | float) and not isinstance(v, bool) and 0 < v <= _FARTHEST_M,
)
KEYS: Mapping[str, Kind] = {
    "duplicate_distance_m": _LENGTH_M,
    "duplicate_days": DAYS,
    "duplicate_same": one_of(CATEGORY, MAJOR),
}
"""The keys of ``[dispatch]`` that speak of duplicates."""


@dataclass(frozen=True)
class DuplicateRules:
    """Issues may be duplicates at most so far (meters) and so many days apart.

    ``same`` is CATEGORY or MAJOR.
    """

    distance_m: float
    days: int
    same: str = CATEGORY

    @property
    def apart_s(self) -> int:
        """How many seconds may lie between two reports, this many included."""
        return self.days * _DAY_S

    def text(self, language: str, same: str | None) -> str:
        """Return them as one phrase, where ``same`` is compared: None for no category at all."""
        if language == "en":
            kinds = {CATEGORY: "the same category", MAJOR: "the same major category"}
            kind = kinds.get(same or "", "any category")
            return f"{kind}, within {self.distance_m:g} m and {_counted(self.days, 'day')}"
        kind = _SAME_ZH.get(same, "不限类别")
        return f"{kind}、{self.distance_m:g} 米以内、上报相隔不超过 {self.days} 天"


class Likeness(NamedTuple):
    """How one issue lies to another: meters away, and seconds later (below 0: earlier).

    ``same`` is CATEGORY or MAJOR, None where the categories were not compared.
    """

    distance_m: float
    later_s: int
    same: str | None

    @property
    def order(self) -> tuple[float, int]:
        """The most likely one first: by distance, then by time."""
        return self.distance_m, abs(self.later_s)

    def text(self, language: str) -> str:
        """Return the reason in one phrase, as 同类，相距 12 米，早 3 小时."""
        if language == "en":
            parts = [_SAME_EN.get(self.same), _away_en(self.distance_m), _later_en(self.later_s)]
            return ", ".join(filter(None, parts))
        parts = [_SAME_ZH.get(self.same), _away_zh(self.distance_m), _later_zh(self.later_s)]
        return "，".join(filter(None, parts))


def check_duplicates(file: ProfileFile, table: Mapping[str, Any]) -> None:
    """Refuse a distance without days or the other way round; raises InvalidProfile.

    Keys and kinds of ``[dispatch]`` were checked before.
    """
    given = [key for key in KEYS if key in table]
    for key in ("duplicate_distance_m", "duplicate_days"):
        if given and key not in table:
            raise file.error(
                Place("dispatch", key=given[0]),
                zh=f"提示重复件须同时写明 duplicate_distance_m 和 duplicate_days，缺少 {key}",
                en="proposing duplicates takes duplicate_distance_m and duplicate_days; "
                f"{key} is missing",
            )


def duplicate_rules(table: Mapping[str, Any]) -> DuplicateRules | None:
    """Return the rules of a checked ``[dispatch]``; None where it says nothing of duplicates."""
    if "duplicate_distance_m" not in table:
        return None
    return DuplicateRules(
        distance_m=float(table["duplicate_distance_m"]),
        days=int(table["duplicate_days"]),
        same=table.get("duplicate_same", CATEGORY),
    )


_SAME_ZH: Mapping[str | None, str] = {CATEGORY: "同类", MAJOR: "同大类"}
_SAME_EN: Mapping[str | None, str] = {CATEGORY: "same category", MAJOR: "same major category"}


def _away_zh(distance_m: float) -> str:
    if distance_m == 0:
        return "同一地点"
    return "相距不到 1 米" if distance_m < 1 else f"相距 {distance_m:.0f} 米"


def _away_en(distance_m: float) -> str:
    if distance_m == 0:
        return "at the same place"
    return "less than 1 m away" if distance_m < 1 else f"{distance_m:.0f} m away"


def _later_zh(later_s: int) -> str:
    count, unit = _span(later_s)
    words = {"minute": "分钟", "hour": "小时", "day": "天"}
    return f"{'早' if later_s < 0 else '晚'} {count} {words[unit]}" if count else "同时"


def _later_en(later_s: int) -> str:
    count, unit = _span(later_s)
    direction = "earlier" if later_s < 0 else "later"
    return f"{_counted(count, unit)} {direction}" if count else "at the same time"


def _span(seconds: int) -> tuple[int, str]:
    span_s = abs(seconds)
    if span_s >= _FEW_DAYS * _DAY_S:
        return span_s // _DAY_S, "day"
    if span_s >= _HOUR_S:
        return span_s // _HOUR_S, "hour"
    return span_s // _MINUTE_S, "minute"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
