"""Deadlines as a profile names them: what starts one, what meets it, and the limits that apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from geo_service.governance.clock.limit import HOUR_S, Limit, OfficeHours
from geo_service.governance.word import Pair, Word, category_of_key, word_fields

REPORT, REOPENED = "report", "reopened"
"""What starts a deadline besides steps: the report itself, and its source reopening the issue."""

AMOUNTS: Mapping[str, str] = {
    "hours": "continuous_hours",
    "working_hours": "working_hours",
    "working_days": "working_days",
    "calendar_days": "calendar_days",
}
"""The key of an amount in a profile → how it counts."""

MIDNIGHT, CLOSING = "midnight", "closing"
"""When the last day of a limit in days ends."""

_FLAGS = {"is_told": "told", "each_tier": "each_tier", "runs_on": "runs_on", "is_mark": "mark"}
"""What may be true of a deadline → its key in a profile."""


@dataclass(frozen=True)
class Deadline(Word):
    """One thing that has to be done in time.

    ``starts`` and ``ends`` name steps, or what else starts one; entering a closed state ends every
    deadline. One that runs is not started again, unless ``each_tier`` and the tier is another.
    ``is_told``: its end is told as ``until`` with the step that starts it, and limits say how late
    that may be. ``runs_on`` while the issue waits. ``is_mark``: it marks the issue while it runs
    (催办, 督办), with or without a limit. ``extended_by`` are steps that tell another ``until``.
    """

    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    is_told: bool = False
    each_tier: bool = False
    runs_on: bool = False
    is_mark: bool = False
    extended_by: tuple[str, ...] = ()


class Circumstances(NamedTuple):
    """What limits hang on: category (by its names), condition and tier, as far as they are told."""

    category: Pair | None = None
    condition: str | None = None
    tier: str | None = None


@dataclass(frozen=True)
class LimitRow:
    """A limit for circumstances; what is None fits all of them.

    One that ``is_extension`` says how much later than it was due an extension may put a deadline.
    """

    limit: Limit
    category: Pair | None = None
    condition: str | None = None
    tier: str | None = None
    is_extension: bool = False

    def covers(self, other: "Circumstances | LimitRow") -> bool:
        """Tell whether this row fits circumstances, or all that another row fits."""
        return (
            (self.category is None or _holds(self.category, other.category))
            and self.condition in (None, other.condition)
            and self.tier in (None, other.tier)
        )


@dataclass(frozen=True)
class DeadlineRules:
    """All deadlines of a profile; ``main`` is the one that tells whether an issue is overdue.

    ``rows`` holds the limits of each deadline in their order: the first that fits counts. Who meets
    ``response`` has responded (响应).
    """

    deadlines: Mapping[str, Deadline]
    rows: Mapping[str, tuple[LimitRow, ...]]
    hours: OfficeHours
    main: str | None = None
    response: str | None = None

    @property
    def responding(self) -> tuple[str, ...]:
        """The steps that meet the deadline of the response; none without one."""
        return () if self.response is None else self.deadlines[self.response].ends

    def started_by(self, trigger: str) -> Sequence[Deadline]:
        """Return the deadlines that a step, or ``report``, or ``reopened`` starts."""
        return [each for each in self.deadlines.values() if trigger in each.starts]

    def limit(self, deadline: str, at: Circumstances) -> Limit | None:
        """Return the limit that applies; None where no row fits."""
        return self._first(deadline, at, is_extension=False)

    def longest_extension(self, deadline: str, at: Circumstances) -> Limit | None:
        """Return how much later an extension may put a deadline; None where no row says."""
        return self._first(deadline, at, is_extension=True)

    def _first(self, deadline: str, at: Circumstances, *, is_extension: bool) -> Limit | None:
        rows = self.rows[deadline]
        fitting = (row.limit for row in rows if row.is_extension == is_extension and row.covers(at))
        return next(fitting, None)


def deadline_rules(
    tables: Mapping[str, Any], known: Mapping[tuple[str, str], Pair]
) -> DeadlineRules:
    """Return the deadlines of a profile's tables, which have been checked.

    ``known`` holds the profile's categories as ``categories_by_words`` gives them.
    """
    rows: dict[str, list[LimitRow]] = {table["name"]: [] for table in tables["deadlines"]}
    for table in tables["limits"]:
        rows[table["deadline"]].append(limit_row(table, known))
    return DeadlineRules(
        deadlines={table["name"]: _deadline(table) for table in tables["deadlines"]},
        rows={name: tuple(each) for name, each in rows.items()},
        hours=office_hours(tables["office"]),
        main=tables["handling"].get("deadline"),
        response=tables["handling"].get("response"),
    )


def limit_row(table: Mapping[str, Any], known: Mapping[tuple[str, str], Pair]) -> LimitRow:
    """Return the limit of one table, which tells one amount."""
    key = next(key for key in AMOUNTS if key in table)
    return LimitRow(
        limit=Limit(AMOUNTS[key], table[key]),
        category=category_of_key(known, table["category"]) if "category" in table else None,
        condition=table.get("condition"),
        tier=table.get("tier"),
        is_extension=table.get("extension", False),
    )


def office_hours(table: Mapping[str, Any]) -> OfficeHours:
    """Return when an office is open, told as ``09:00-12:00`` and ``days_end``."""
    spans = tuple(_span(text) for text in table["hours"])
    return OfficeHours(spans, closes_days=table.get("days_end") == CLOSING)


def _deadline(table: Mapping[str, Any]) -> Deadline:
    told = word_fields(table)
    return Deadline(
        **{name: told[name] for name in ("name", "title_zh", "title_en", "aliases")},
        starts=tuple(told["from"]),
        ends=tuple(told.get("until", ())),
        extended_by=tuple(told.get("extended_by", ())),
        **{name: told.get(key, False) for name, key in _FLAGS.items()},
    )


def _span(text: str) -> tuple[int, int]:
    opens, closes = (each.split(":") for each in text.split("-"))
    opens_s, closes_s = (int(hour) * HOUR_S + int(minute) * 60 for hour, minute in (opens, closes))
    return opens_s, closes_s


def _holds(category: Pair, other: Pair | None) -> bool:
    """Tell whether a category is another one, or its major."""
    if other is None:
        return False
    return category == other or category == (other[0], None)
