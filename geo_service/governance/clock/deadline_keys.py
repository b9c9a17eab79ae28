"""What a profile may say about deadlines, limits and office hours, and what it must not."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from geo_service.governance.clock.deadline import (
    AMOUNTS,
    CLOSING,
    MIDNIGHT,
    REOPENED,
    REPORT,
    LimitRow,
    limit_row,
    office_hours,
)
from geo_service.governance.clock.limit import DAY_S
from geo_service.governance.profile_file import (
    FLAG,
    TEXT,
    WORD_KEYS,
    WORDS,
    Kind,
    Place,
    ProfileFile,
    is_number,
    one_of,
)
from geo_service.governance.word import Pair, category_of_key

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_SPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
_MOST_HOURS, _MOST_DAYS = 8_784, 366

_HOURS = Kind(
    f"大于 0、不超过 {_MOST_HOURS} 的小时数",
    f"a number of hours above 0 and at most {_MOST_HOURS}",
    lambda v: is_number(v) and 0 < v <= _MOST_HOURS,
)
_DAYS = Kind(
    f"1 到 {_MOST_DAYS} 之间的天数",
    f"a whole number of days from 1 to {_MOST_DAYS}",
    lambda v: type(v) is int and 0 < v <= _MOST_DAYS,
)
_SPANS = Kind(
    '办公时段列表，如 ["09:00-12:00", "13:00-18:00"]',
    'a list of office hours such as ["09:00-12:00", "13:00-18:00"]',
    lambda v: isinstance(v, list) and bool(v) and all(map(_is_span, v)),
)
_TIMES = Kind(
    '班次开始的时刻列表，如 ["08:30", "17:30"]',
    'a list of times at which shifts begin such as ["08:30", "17:30"]',
    lambda v: isinstance(v, list) and bool(v) and all(map(_is_time, v)),
)

OFFICE = {"hours": _SPANS, "days_end": one_of(MIDNIGHT, CLOSING), "shift_starts": _TIMES}
"""The keys of the one table about office hours and shifts."""

SECTIONS: Mapping[str, Mapping[str, Kind]] = {
    "conditions": {**WORD_KEYS, "urgent": FLAG},
    "deadlines": {
        **WORD_KEYS,
        "from": WORDS,
        "until": WORDS,
        "extended_by": WORDS,
        "told": FLAG,
        "each_tier": FLAG,
        "runs_on": FLAG,
        "mark": FLAG,
    },
}
"""The keys of each list of tables whose entries have names."""

_LIMIT = {
    "deadline": TEXT,
    "category": TEXT,
    "condition": TEXT,
    "tier": TEXT,
    "extension": FLAG,
    "hours": _HOURS,
    "working_hours": _HOURS,
    "working_days": _DAYS,
    "calendar_days": _DAYS,
}


def check_deadlines(
    file: ProfileFile, tables: Mapping[str, Any], known: Mapping[tuple[str, str], Pair]
) -> None:
    """Refuse deadlines and limits that name what is not there, or that never apply.

    ``known`` holds the categories of the complete profile, as ``categories_by_words`` gives them.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason: an unknown step, deadline, category, condition or tier; a
        limit without one amount; one that rows before it leave nothing for; office hours that
        overlap; a deadline that nothing ends.
    """
    _check_office(file, tables["office"])
    names = {
        section: [table["name"] for table in tables[section]]
        for section in ("steps", "deadlines", "conditions", "tiers")
    }
    for index, deadline in enumerate(tables["deadlines"]):
        _check_deadline(file, index, deadline, names["steps"], tables["steps"])
    rows: dict[str, list[LimitRow]] = {name: [] for name in names["deadlines"]}
    for index, table in enumerate(tables["limits"]):
        _check_limit(file, index, table, names, known)
        _check_reached(file, index, rows[table["deadline"]], limit_row(table, known))
    _check_named(file, tables, names["deadlines"])


def _check_office(file: ProfileFile, office: Mapping[str, Any]) -> None:
    file.check_keys(Place("office"), office, OFFICE, required=["hours"])
    last_s = 0
    for text, (opens_s, closes_s) in zip(office["hours"], office_hours(office).spans, strict=True):
        if not last_s <= opens_s < closes_s <= DAY_S:
            raise file.error(
                Place("office", key="hours", word=text),
                zh=f"“{text}”须在前一段之后，结束晚于开始",
                en=f"'{text}' must follow the span before it and end after it begins",
            )
        last_s = closes_s
    _check_shifts(file, office.get("shift_starts", ()))


def _check_shifts(file: ProfileFile, starts: Sequence[str]) -> None:
    for before, text in pairwise(starts):
        if text <= before:
            raise file.error(
                Place("office", key="shift_starts", word=text),
                zh=f"“{text}”须晚于前一个班次的开始",
                en=f"'{text}' must be later than the beginning before it",
            )


def _check_deadline(
    file: ProfileFile,
    index: int,
    table: Mapping[str, Any],
    steps: Sequence[str],
    step_tables: Sequence[Mapping[str, Any]],
) -> None:
    place = Place("deadlines", index)
    if not table.get("from"):
        raise file.error(
            Place("deadlines", index, "from"), zh="要写明由什么开始", en="tell what starts it"
        )
    for key, among in (
        ("from", [REPORT, REOPENED, *steps]),
        ("until", steps),
        ("extended_by", steps),
    ):
        for name in table.get(key, ()):
            file.check_known(Place("deadlines", index, key, word=name), name, among)
    needs = {step["name"]: step.get("needs", ()) for step in step_tables}
    telling = [*table.get("extended_by", ()), *(table["from"] if table.get("told") else ())]
    for name in telling:
        if "until" not in needs.get(name, ()):
            raise file.error(
                Place(place.section, index, "told" if table.get("told") else "extended_by", name),
                zh=f'步骤“{name}”要告知期限，它的 needs 里却没有 "until"',
                en=f"the step '{name}' tells its end, and its needs lack \"until\"",
            )


def _check_limit(
    file: ProfileFile,
    index: int,
    table: Mapping[str, Any],
    names: Mapping[str, Sequence[str]],
    known: Mapping[tuple[str, str], Pair],
) -> None:
    place = Place("limits", index)
    file.check_keys(place, table, _LIMIT, required=["deadline"])
    for key in ("deadline", "condition", "tier"):
        if key in table:
            file.check_known(Place("limits", index, key), table[key], names[f"{key}s"])
    if "category" in table and category_of_key(known, table["category"]) is None:
        raise file.error(
            Place("limits", index, "category"),
            zh=f"没有类别“{table['category']}”：请写大类，或 大类/小类",
            en=f"no category '{table['category']}': write major or major/minor",
        )
    amounts = [key for key in AMOUNTS if key in table]
    if len(amounts) != 1:
        raise file.error(
            place,
            zh=f"要且只要一项时限：{'、'.join(AMOUNTS)}",
            en=f"needs exactly one amount: {', '.join(AMOUNTS)}",
        )


def _check_reached(file: ProfileFile, index: int, before: list[LimitRow], row: LimitRow) -> None:
    if any(each.covers(row) and each.is_extension == row.is_extension for each in before):
        raise file.error(
            Place("limits", index),
            zh="永远用不上：前面的行已包含它。请把更具体的行写在前面",
            en="never applies: a row before it holds all that it holds. Put the narrower one first",
        )
    before.append(row)


def _check_named(file: ProfileFile, tables: Mapping[str, Any], deadlines: Sequence[str]) -> None:
    """Refuse deadlines that the handling or a step names and that are not there."""
    for key in ("deadline", "response"):
        if key in tables["handling"]:
            file.check_known(Place("handling", key=key), tables["handling"][key], deadlines)
    for index, step in enumerate(tables["steps"]):
        if "within" in step:
            file.check_known(Place("steps", index, "within"), step["within"], deadlines)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _is_span(value: Any) -> bool:
    return isinstance(value, str) and _SPAN.fullmatch(value) is not None
