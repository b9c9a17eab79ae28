"""What new reports start with: their deadlines, and the events that store them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from typing import TypeAlias

import orjson

from geo_service.governance.clock.deadline import REPORT, Circumstances
from geo_service.governance.clock.run import DeadlineClock, Run, Starting, runs_text
from geo_service.governance.event import (
    ANSWERED,
    CLOSED_EVENT,
    PRIVATE,
    REPORTED,
    TOLD,
    answers_of,
    told_of,
)
from geo_service.governance.issue import CLOSED, OPEN
from geo_service.governance.moment import epoch_s
from geo_service.governance.reports.columns import FEW, ReportColumns

WrittenEvent: TypeAlias = tuple[str, int, str, str]
"""Kind, moment, payload and the state it leads to, as they are stored; the last two are JSON.

A plain tuple passes from one process to another in half of the time that a named one takes.
"""

_TOLD = ",".join(f'"{name}":%s' for name in TOLD)


def first_runs(columns: ReportColumns, clock: DeadlineClock) -> list[Mapping[str, Run]]:
    """Return the deadlines that each starts; of one that comes in closed the main one, ended.

    Nothing can be said of the deadlines of an issue that closed nobody knows when.
    """
    field = columns.by_field
    named = (field[name] for name in ("status", "category_major", "category_minor", "condition"))
    kinds = list(zip(*named, strict=True))
    starting = {kind: _starting(kind, clock) for kind in set(kinds)}
    found: list[Mapping[str, Run]] = []
    for kind, at_s, closed_s in zip(kinds, columns.reported_at_s, columns.closed_at_s, strict=True):
        if kind[0] == OPEN:
            found.append(clock.begun(starting[kind], at_s=at_s))
        elif closed_s is not None:
            found.append(clock.begun(starting[kind], at_s=at_s, ended_s=closed_s))
        else:
            found.append({})
    return found


def _starting(
    kind: tuple[str, str | None, str | None, str | None], clock: DeadlineClock
) -> Starting:
    status, major, minor, condition = kind
    told = Circumstances(None if major is None else (major, minor), condition)
    return clock.starting(REPORT, told) if status == OPEN else clock.starting_in_closed(told)


def first_events(
    columns: ReportColumns, runs: Sequence[Mapping[str, Run]], *, now: datetime
) -> list[list[WrittenEvent]]:
    """Return the events of new reports with the states they lead to, as they are stored.

    They are those of ``events_of``. All that the states hold is in the first payload: it is written
    once. The deadline of an issue that comes in closed is told when it closes, for then it is known
    how it ended. ``now`` is when we learn of a closing whose time nobody wrote down.
    """
    now_s = epoch_s(now)
    told = zip(
        _values(columns),
        _private(columns),
        [f',"deadlines":{runs_text(each)}' if each else "" for each in runs],
        columns.by_field["status"],
        columns.reported_at_s,
        columns.closed_at_s,
        columns.texts("closed_at"),
        _answers(columns),
        strict=True,
    )
    found = []
    for values, private, due, status, at_s, closed_s, closed_at, answers in told:
        begun = due if status == OPEN else ""
        opened = f'"status":"{OPEN}","closed_at":null,"reopened":0{begun}}}'
        payload = f"{{{values},{private}{begun}}}"
        events = [(REPORTED, at_s, payload, f"{{{values},{opened}")]
        happened_s = now_s if closed_s is None else closed_s
        if answers:
            values = f"{values},{answers}"
            events.append((ANSWERED, happened_s, f"{{{answers}}}", f"{{{values},{opened}"))
        if status == CLOSED:
            state = f'{{{values},"status":"{CLOSED}","closed_at":{closed_at},"reopened":0{due}}}'
            payload = f'{{"closed_at":{closed_at}{due}}}'
            events.append((CLOSED_EVENT, happened_s, payload, state))
        found.append(events)
    return found


def _values(columns: ReportColumns) -> Iterator[str]:
    """Yield what each first event tells in any case, and its condition where there is one."""
    if len(columns) <= FEW:
        return (orjson.dumps(told_of(each)).decode()[1:-1] for each in columns.reports)
    values = map(_TOLD.__mod__, zip(*map(columns.texts, TOLD), strict=True))
    if "condition" not in columns.told_beside:
        return values
    conditions = zip(columns.by_field["condition"], columns.texts("condition"), strict=True)
    told = ("" if each is None else f',"condition":{text}' for each, text in conditions)
    return map("".join, zip(values, told, strict=True))


def _private(columns: ReportColumns) -> Iterator[str]:
    """Yield the names of the private fields that each gives."""
    given = [[each is not None for each in columns.by_field[name]] for name in PRIVATE]
    return map(_names_text, zip(*given, strict=True))


@lru_cache(maxsize=64)
def _names_text(given: tuple[bool, ...]) -> str:
    names = [name for name, is_given in zip(PRIVATE, given, strict=True) if is_given]
    return f'"private":{orjson.dumps(names).decode()}'


def _answers(columns: ReportColumns) -> Iterator[str]:
    """Yield what each tells of a follow-up as JSON without braces; empty where it tells nothing."""
    if not set(columns.told_beside) - {"condition"}:
        return repeat("", len(columns))
    return (orjson.dumps(answers_of(each)).decode()[1:-1] for each in columns.reports)
