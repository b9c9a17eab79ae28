"""What a profile may say about organisations, and what it must not contradict."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from geo_service.governance.profile_file import (
    DAYS,
    FLAG,
    LENGTH_M,
    TEXT,
    WORD_KEYS,
    WORDS,
    Kind,
    Place,
    ProfileFile,
    is_number,
)

_MOST_PERCENT = 100
_SMALL_NUMBER = Kind(
    "1 到 100 之间的整数",
    "a whole number from 1 to 100",
    lambda value: type(value) is int and value in range(1, 101),
)
_DAY_LIST = Kind(
    "天数列表（每项 1 到 366）",
    "a list of days, each from 1 to 366",
    lambda value: isinstance(value, list) and all(map(DAYS.is_valid, value)),
)
_SYMBOL = Kind("一个字", "one character", lambda value: isinstance(value, str) and len(value) == 1)


def _is_steps(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(_is_day(day) and _is_percent(percent) for day, percent in value.items())
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_percent(value: Any) -> bool:
    return is_number(value) and 0 < value <= _MOST_PERCENT


_STEPS = Kind(
    '日期到百分比的表，如 { "2022-12-31" = 90 }',
    'a table from days to per cent, as { "2022-12-31" = 90 }',
    _is_steps,
)


SECTIONS: Mapping[str, Mapping[str, Kind]] = {
    "party_kinds": {**WORD_KEYS, "symbol": _SYMBOL},
    "unit_kinds": WORD_KEYS,
    "facility_kinds": {**WORD_KEYS, "radius_m": LENGTH_M},
    "activity_kinds": {**WORD_KEYS, "proves_life": FLAG},
    "formation_targets": {
        **WORD_KEYS,
        "layer": TEXT,
        "unit_kinds": WORDS,
        "percent_by_day": _STEPS,
    },
}
"""The keys of each list of tables."""

COVERAGE = {
    "active_days": DAYS,
    "least_members": _SMALL_NUMBER,
    "least_cell": _SMALL_NUMBER,
    "reminder_days": _DAY_LIST,
}
"""The keys of the one table about limits."""


def check_organisations(file: ProfileFile, tables: Mapping[str, Any]) -> None:
    """Refuse bodies and targets that name kinds or layers the complete profile has not.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason.
    """
    kinds = [table["name"] for table in tables["party_kinds"]]
    for index, layer in enumerate(file.tables["layers"]):
        if layer.get("bodies") and layer.get("geometry") == "line":
            raise file.error(
                Place("layers", index, "bodies"),
                zh="线图层没有对应的党组织",
                en="a layer of lines has no bodies",
            )
        for name in layer.get("bodies", ()):
            file.check_known(Place("layers", index, "bodies"), name, kinds)
    layers = [table["name"] for table in tables["layers"] if table.get("geometry") != "line"]
    units = [table["name"] for table in tables["unit_kinds"]]
    for index, target in enumerate(file.tables.get("formation_targets", ())):
        place = Place("formation_targets", index)
        file.check_keys(
            place,
            target,
            SECTIONS["formation_targets"],
            required=["name", "layer", "unit_kinds", "percent_by_day"],
        )
        file.check_known(Place("formation_targets", index, "layer"), target["layer"], layers)
        for name in target["unit_kinds"]:
            file.check_known(Place("formation_targets", index, "unit_kinds"), name, units)
