"""What a report alone decides, made ready before any transaction: its hash, its first events.

Nothing here knows a database, so that a process that only reads lists starts at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import orjson

from geo_service.governance.clock.deadline import Circumstances
from geo_service.governance.clock.run import DeadlineClock, Run
from geo_service.governance.event import (
    ANSWERED,
    CLOSED_EVENT,
    REPORTED,
    Event,
    IssueState,
    answers_of,
    fold,
    private_of,
    state_to_values,
    told_of,
)
from geo_service.governance.handling.dues import (
    NO_DUES,
    Dues,
    at_report,
    closed_at_report,
    dues_of,
    values_of,
    with_deadlines,
)
from geo_service.governance.issue import CLOSED, OPEN, IssueReport, RowError, content_hash
from geo_service.governance.moment import epoch_s

WrittenEvent: TypeAlias = tuple[str, int, str, str]
"""Kind, moment, payload and the state it leads to, as they are stored; the last two are JSON.

A plain tuple passes from one process to another in half of the time that a named one takes.
"""


class PreparedReport(NamedTuple):
    """A report with its content hash, and the events that store it where it is new."""

    report: IssueReport
    content_hash: str
    events: Sequence[WrittenEvent]
    dues: Dues = NO_DUES


def prepared(
    read: Sequence[IssueReport | RowError], *, now: datetime, deadlines: DeadlineClock
) -> list[PreparedReport | RowError]:
    """Return reports made ready to be stored; rows that could not be read as they are.

    ``now`` is when we learn of a closing whose time nobody wrote down; ``deadlines`` says what is
    due when. One step is taken for all
    before the next: a processor that goes through every step for each takes twice as long.
    """
    reports = [each for each in read if isinstance(each, IssueReport)]
    hashes = [content_hash(report) for report in reports]
    runs = [first_runs(report, deadlines) for report in reports]
    pairs = zip(reports, runs, strict=True)
    events = [_first_events(report, now, first) for report, first in pairs]
    dues = [dues_of(first, deadlines.rules.main) for first in runs]
    made = map(PreparedReport, reports, hashes, events, dues)
    return [each if isinstance(each, RowError) else next(made) for each in read]


def written_events(
    events: Iterable[Event], *, start: IssueState, deadlines: DeadlineClock
) -> tuple[list[WrittenEvent], IssueState]:
    """Return events that follow the state ``start`` as they are stored, and the state at last.

    What they change of the deadlines is told in them.
    """
    written = []
    state = start
    for each in events:
        event = with_deadlines(each, state, deadlines)
        state = fold((event,), start=state)
        payload = orjson.dumps(event.payload).decode()
        values = orjson.dumps(state_to_values(state)).decode()
        written.append((event.kind, epoch_s(event.at), payload, values))
    return written, state


def first_runs(report: IssueReport, deadlines: DeadlineClock) -> dict[str, Run]:
    """Return the deadlines that a new report starts; of one that comes in closed the main one."""
    major = report.category_major
    category = None if major is None else (major, report.category_minor)
    told = Circumstances(category, report.condition)
    at_s = epoch_s(report.reported_at)
    if report.status == OPEN:
        return at_report(deadlines, told, at_s)
    closed_s = epoch_s(report.closed_at) if report.closed_at else None
    return closed_at_report(deadlines, told, at_s, closed_s)


def _first_events(
    report: IssueReport, now: datetime, runs: Mapping[str, Run]
) -> list[WrittenEvent]:
    """Return what ``written_events`` makes of a new report's events, in half of its time.

    All that the states hold is in the first payload: it is written once. The deadline of an issue
    that comes in closed is told when it closes, for then it is known how it ended.
    """
    values = orjson.dumps(told_of(report)).decode()[:-1]
    due = f',"deadlines":{orjson.dumps(values_of(runs)).decode()}' if runs else ""
    begun = due if report.status == OPEN else ""
    payload = f'{values},"private":{_list_text(tuple(private_of(report)))}{begun}}}'
    state = f'{values},"status":"{OPEN}","closed_at":null,"reopened":0{begun}}}'
    events = [(REPORTED, epoch_s(report.reported_at), payload, state)]
    if answers := answers_of(report):
        payload = orjson.dumps(answers).decode()
        values = f"{values},{payload[1:-1]}"
        state = f'{values},"status":"{OPEN}","closed_at":null,"reopened":0{begun}}}'
        events.append((ANSWERED, epoch_s(report.closed_at or now), payload, state))
    if report.status == CLOSED:
        closed_at = orjson.dumps(report.closed_at).decode()
        at_s = epoch_s(report.closed_at or now)
        state = f'{values},"status":"{CLOSED}","closed_at":{closed_at},"reopened":0{due}}}'
        events.append((CLOSED_EVENT, at_s, f'{{"closed_at":{closed_at}{due}}}', state))
    return events


@lru_cache(maxsize=64)
def _list_text(names: tuple[str, ...]) -> str:
    return orjson.dumps(names).decode()
