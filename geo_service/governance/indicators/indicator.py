"""Indicators and cadence as a profile names them: what is divided by what, and what is aimed at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from geo_service.governance.word import Word, word_fields

PERCENT, HOURS, COUNT, PER_1000 = "percent", "hours", "count", "per_1000"
UNITS = (PERCENT, HOURS, COUNT, PER_1000)
HIGHER, LOWER = "higher", "lower"

PRINTED, DERIVED, ASSUMED = "printed", "derived", "assumed"
ORIGINS = (PRINTED, DERIVED, ASSUMED)
"""Whether a source prints an indicator, its figures give it, or nobody says so."""

PERIODS = ("day", "week", "month", "quarter", "year")

MEASURES: Mapping[str, Word] = MappingProxyType(
    {
        word.name: word
        for word in (
            Word("reported", "上报数", "reported"),
            Word("accepted", "受理数", "accepted"),
            Word("responded_in_time", "时限内响应数", "responded to in time"),
            Word("closed", "办结数", "closed"),
            Word("closed_in_time", "按时办结数", "closed in time"),
            Word(
                "asked_resolved", "回访到“是否解决”的件数", "callers asked whether it is resolved"
            ),
            Word("resolved", "来电人称已解决数", "callers who say it is resolved"),
            Word("asked_satisfied", "回访到满意度的件数", "callers asked how satisfied they are"),
            Word("satisfied", "满意与基本满意的加权件数", "satisfied, by weight"),
            Word("found_by_patrol", "巡查发现数", "found by patrol"),
            Word("settled_by_residents", "居民自治层级解决数", "settled on tiers of residents"),
            Word("handling_hours", "办结件的处置时长", "hours from report to closing"),
            Word("returned", "退单数", "returned"),
            Word("areas", "区域数", "areas"),
            Word("covered_areas", "有党组织覆盖的区域数", "areas with a party organisation"),
            Word("units", "单位数", "units"),
            Word("units_with_party", "有党组织的单位数", "units with a party organisation"),
            Word("residents", "常住人口", "residents"),
            Word("residents_in_reach", "服务半径内的常住人口", "residents within reach"),
            Word("area", "区域面积", "area"),
            Word("area_in_reach", "服务半径内的面积", "area within reach"),
        )
    }
)
"""What indicators are made of; a closed list, since each is counted by code."""


@dataclass(frozen=True)
class Indicator(Word):
    """One figure an office goes by.

    ``numerator`` and ``denominator`` name MEASURES; without a denominator the measure itself is
    told. A ``target`` holds for every year that ``target_by_year`` does not name. ``reported_zh``
    and ``reported_en`` tell what others reported of it, in words: never a result of this service.
    """

    numerator: str = ""
    denominator: str | None = None
    unit: str = PERCENT
    better: str = HIGHER
    origin: str = ASSUMED
    target: float | None = None
    target_by_year: Mapping[int, float] = field(default_factory=dict)
    reported_zh: str = ""
    reported_en: str = ""

    def target_of(self, year: int) -> float | None:
        """Return what is aimed at in a year; None where nobody says."""
        return self.target_by_year.get(year, self.target)

    def definition(self, language: str) -> str:
        """Return what is divided by what (口径) in ``zh`` or ``en``."""
        over = [] if self.denominator is None else [MEASURES[self.denominator].title(language)]
        return " ÷ ".join([MEASURES[self.numerator].title(language), *over])


@dataclass(frozen=True)
class Sheet(Word):
    """When an office looks at its figures: every ``period``."""

    period: str = "month"


def indicators(tables: Mapping[str, Any]) -> tuple[Indicator, ...]:
    """Return the indicators of a profile's tables, which have been checked."""
    return tuple(map(_indicator, tables["indicators"]))


def cadence(tables: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """Return the sheets of a profile's tables, which have been checked."""
    return tuple(Sheet(**word_fields(table)) for table in tables["cadence"])


def _indicator(table: Mapping[str, Any]) -> Indicator:
    by_year = {int(year): float(value) for year, value in table.get("target_by_year", {}).items()}
    target = None if "target" not in table else float(table["target"])
    told = {**word_fields(table), "target": target, "target_by_year": by_year}
    return Indicator(**told)
