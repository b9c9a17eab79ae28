"""What a report alone decides, made ready before any transaction: its hash, its first events.

Nothing here knows a database, so that a process that only reads lists starts at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson

from geo_service.governance.clock.run import DeadlineClock
from geo_service.governance.event import Event, IssueState, fold, state_to_values
from geo_service.governance.handling.dues import NO_DUES, Dues, dues_of, with_deadlines
from geo_service.governance.issue import IssueReport, RowError
from geo_service.governance.moment import epoch_s
from geo_service.governance.reports.beginnings import WrittenEvent, first_events, first_runs
from geo_service.governance.reports.columns import ReportColumns
from geo_service.governance.reports.fingerprints import content_hashes


class PreparedReport(NamedTuple):
    """A report with its content hash, and the events that store it where it is new."""

    report: IssueReport
    content_hash: str
    events: Sequence[WrittenEvent]
    dues: Dues = NO_DUES


def prepared(
    read: Sequence[IssueReport | RowError], *, now: datetime, deadlines: DeadlineClock
) -> list[PreparedReport | RowError]:
    """Return what ``prepared_reports`` makes of reports; rows that could not be read as they are.

    ``now`` and ``deadlines`` are as it takes them.
    """
    reports = [each for each in read if isinstance(each, IssueReport)]
    made = prepared_reports(reports, now=now, deadlines=deadlines)
    if len(made) == len(read):
        return [*made]
    left = iter(made)
    return [each if isinstance(each, RowError) else next(left) for each in read]


def prepared_reports(
    reports: Sequence[IssueReport], *, now: datetime, deadlines: DeadlineClock
) -> list[PreparedReport]:
    """Return reports made ready to be stored.

    ``now`` is when we learn of a closing whose time nobody wrote down; ``deadlines`` says what is
    due when.
    """
    if not reports:
        return []
    columns = ReportColumns(reports)
    runs = first_runs(columns, deadlines)
    made = zip(
        reports,
        content_hashes(columns),
        first_events(columns, runs, now=now),
        [dues_of(each, deadlines.rules.main) for each in runs],
        strict=True,
    )
    return list(map(PreparedReport._make, made))


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
