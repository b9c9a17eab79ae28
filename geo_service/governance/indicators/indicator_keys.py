"""What a profile may say about indicators and cadence, and what it must not contradict."""

import re
from collections.abc import Mapping
from typing import Any

from geo_service.governance.indicators.indicator import (
    HIGHER,
    LOWER,
    MEASURES,
    ORIGINS,
    PERCENT,
    PERIODS,
    UNITS,
)
from geo_service.governance.profile_file import (
    TEXT,
    WORD_KEYS,
    Kind,
    Place,
    ProfileFile,
    is_number,
    one_of,
)

_MOST_PERCENT, _TOO_MUCH = 100, 1e6
_YEAR = re.compile(r"(199[2-9]|20\d\d|21\d\d)")


def _is_amount(value: Any) -> bool:
    return is_number(value) and 0 < value < _TOO_MUCH


_AMOUNT = Kind("大于 0、小于 100 万的数", "a number above 0 and below a million", _is_amount)
_BY_YEAR = Kind(
    '年份到目标的表，如 { "2022" = 90 }',
    'a table from years to targets, as { "2022" = 90 }',
    lambda value: (
        isinstance(value, dict)
        and bool(value)
        and all(_YEAR.fullmatch(year) and _is_amount(each) for year, each in value.items())
    ),
)

SECTIONS: Mapping[str, Mapping[str, Kind]] = {
    "indicators": {
        **WORD_KEYS,
        "numerator": one_of(*MEASURES),
        "denominator": one_of(*MEASURES),
        "unit": one_of(*UNITS),
        "better": one_of(HIGHER, LOWER),
        "origin": one_of(*ORIGINS),
        "target": _AMOUNT,
        "target_by_year": _BY_YEAR,
        "reported_zh": TEXT,
        "reported_en": TEXT,
    },
    "cadence": {**WORD_KEYS, "period": one_of(*PERIODS)},
}
"""The keys of each list of tables."""


def check_indicators(file: ProfileFile) -> None:
    """Refuse indicators and sheets that a profile writes and that cannot be counted.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason: no numerator, per cent or per 1,000 of nothing, a target
        above 100 %, half of what was reported, or a sheet without a period.
    """
    for index, table in enumerate(file.tables.get("indicators", ())):
        _check_indicator(file, index, table)
    for index, table in enumerate(file.tables.get("cadence", ())):
        file.check_keys(Place("cadence", index), table, SECTIONS["cadence"], required=["period"])


def _check_indicator(file: ProfileFile, index: int, table: Mapping[str, Any]) -> None:
    place, kinds = Place("indicators", index), SECTIONS["indicators"]
    file.check_keys(place, table, kinds, required=["numerator"])
    unit = table.get("unit", PERCENT)
    if unit in {PERCENT, "per_1000"} and "denominator" not in table:
        raise file.error(
            Place("indicators", index, "denominator"),
            zh="要写明除以什么",
            en="tell what it is divided by",
        )
    targets = [*table.get("target_by_year", {}).values(), table.get("target", 0)]
    if unit == PERCENT and max(targets) > _MOST_PERCENT:
        key = "target" if table.get("target", 0) > _MOST_PERCENT else "target_by_year"
        raise file.error(
            Place("indicators", index, key),
            zh="目标不能超过 100%",
            en="a target is at most 100 per cent",
        )
    if ("reported_zh" in table) != ("reported_en" in table):
        raise file.error(
            Place("indicators", index, "reported_zh" if "reported_zh" in table else "reported_en"),
            zh="reported_zh 与 reported_en 要一起写",
            en="reported_zh and reported_en belong together",
        )
