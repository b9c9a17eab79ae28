"""What one shift leaves to the next: which issues press, and what was recorded meanwhile."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from geo_service.governance.event import CLOSED_EVENT, REPORTED, STEP
from geo_service.governance.issue import CLOSED
from geo_service.storage.issue_queries import IssueFilter, filtered
from geo_service.storage.queue import Look, views
from geo_service.storage.tables import issue_events, issue_standings, issues, list_imports

_WALKED = 10_000
"""Events of the log that are looked at together."""


OWNERLESS = ("unassigned", "ambiguous", "boundary", "questioned")
"""The views of issues that wait for a person to say whose they are."""


class Pressing(NamedTuple):
    """What the queue is asked for besides its views.

    ``due_before_s`` is when the next shift hands over, ``overdue_since_s`` when this one began.
    ``ruling_states`` wait for a ruling; ``returned_states`` are those that a return leads to.
    """

    due_before_s: int
    overdue_since_s: int
    ruling_states: Collection[str]
    returned_states: Collection[str]
    marks: Collection[str]


def mark_key(name: str) -> str:
    """Return the key of the count of a mark."""
    return f"mark_{name}"


def conditions(look: Look, pressing: Pressing) -> Mapping[str, ColumnElement[bool]]:
    """Return what the sheet of a handover counts: the views of the queue, and its own."""
    due_s, standing, known = issues.c.next_due_s, issue_standings.c, views(look)
    due_next = and_(due_s >= look.now_s, due_s < pressing.due_before_s)
    is_returned = and_(known["returned"], standing.state.in_(sorted(pressing.returned_states)))
    return {
        **known,
        "due_next": due_next,
        "listed": or_(known["urgent"], known["overdue"], due_next),
        "became_overdue": and_(due_s >= pressing.overdue_since_s, due_s < look.now_s),
        "without_owner": or_(*(known[name] for name in OWNERLESS)),
        "ruling": standing.state.in_(sorted(pressing.ruling_states)),
        "given_back": is_returned,
        "pause_ends": and_(known["suspended"], due_s < look.soon_s),
        "provisional": issues.c.is_provisional,
        **{
            mark_key(name): standing.marks.contains(f",{name},", autoescape=True)
            for name in pressing.marks
        },
    }


def count_received(connection: Connection, *, from_s: int, to_s: int) -> int:
    """Return how many issues the list of issues holds of a period; ``to_s`` does not belong."""
    query = select(func.count()).select_from(issues)
    wanted = IssueFilter(reported_from_s=from_s, reported_to_s=to_s)
    return connection.scalar(filtered(query, wanted)) or 0


def count_closed(connection: Connection, *, from_s: int, to_s: int) -> tuple[int, int]:
    """Return how many issues were closed in a period, and how many of them as duplicates."""
    is_closed = and_(
        issues.c.status == CLOSED, issues.c.closed_at_s >= from_s, issues.c.closed_at_s < to_s
    )
    columns = func.count(), func.count(issue_standings.c.duplicate_of)
    joined = issues.outerjoin(issue_standings, issue_standings.c.issue_id == issues.c.id)
    closed, merged = connection.execute(select(*columns).select_from(joined).where(is_closed)).one()
    return closed, merged


def first_event_of(connection: Connection, *, since_s: int) -> int | None:
    """Return the first event of the log that was recorded since a moment; None without any.

    The log is walked backwards until nothing of a stretch is that new: events stand in the order
    of commits, which clocks follow but for seconds.
    """
    first, below = None, None
    while True:
        ids = select(issue_events.c.id, issue_events.c.recorded_at_s)
        ids = ids if below is None else ids.where(issue_events.c.id < below)
        stretch = ids.order_by(issue_events.c.id.desc()).limit(_WALKED).subquery()
        is_new = func.min(stretch.c.id).filter(stretch.c.recorded_at_s >= since_s)
        below, found = connection.execute(select(func.min(stretch.c.id), is_new)).one()
        if found is None:
            return first
        first = found


class Recorded(NamedTuple):
    """What was recorded since a moment.

    ``steps`` holds (issue, payload) in their order, ``events`` counts by kind. ``reported_before``
    and ``closed_before``: how many of the reports and closings of sources happened earlier, or
    nobody knows when (closings only).
    """

    steps: list[tuple[int, dict[str, Any]]]
    events: Mapping[str, int]
    reported_before: int
    closed_before: int


def recorded_since(connection: Connection, *, since_s: int) -> Recorded:
    """Return what was recorded at a moment or later."""
    first = first_event_of(connection, since_s=since_s)
    if first is None:
        return Recorded([], {}, 0, 0)
    event = issue_events.c
    is_new = and_(event.id >= first, event.recorded_at_s >= since_s)
    steps = select(event.issue_id, event.payload).where(is_new, event.kind == STEP)
    kinds = select(event.kind, func.count()).where(is_new).group_by(event.kind)
    reported = select(func.count()).where(is_new, event.kind == REPORTED, event.at_s < since_s)
    closed_at_s = issues.c.closed_at_s
    closed = (
        select(func.count(issues.c.id.distinct()))
        .select_from(issue_events.join(issues, issues.c.id == event.issue_id))
        .where(is_new, event.kind == CLOSED_EVENT, issues.c.status == CLOSED)
        .where(or_(closed_at_s.is_(None), closed_at_s < since_s))
    )
    rows = connection.execute(steps.order_by(event.id))
    return Recorded(
        steps=[(issue_id, orjson.loads(payload)) for issue_id, payload in rows],
        events=dict(connection.execute(kinds).all()),
        reported_before=connection.scalar(reported) or 0,
        closed_before=connection.scalar(closed) or 0,
    )


class UnfinishedList(NamedTuple):
    """A list whose import did not come to its end; seconds since 1970 UTC."""

    started_at_s: int
    recorded_at_s: int
    rows_done: int


def unfinished_lists(connection: Connection) -> list[UnfinishedList]:
    """Return the lists whose import is under way or was broken off, the last one first."""
    columns = [list_imports.c[name] for name in UnfinishedList._fields]
    query = select(*columns).order_by(list_imports.c.recorded_at_s.desc())
    return [UnfinishedList(*row) for row in connection.execute(query)]
