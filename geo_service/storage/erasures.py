"""Emptying what is private of issues: what was typed, and where exactly they are."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from geo_service.governance.event import CLOSED_EVENT
from geo_service.governance.issue import CLOSED
from geo_service.storage.tables import (
    CHUNK,
    assignments,
    attachments,
    issue_events,
    issue_texts,
    issues,
)


class EmptiedRow(NamedTuple):
    """What an issue is left with: a place that stands for its area, the hash of the rest."""

    issue_id: int
    lon: float | None
    lat: float | None
    content_hash: str


def erased_ids(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Return those of some issues whose private part was erased."""
    found: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        is_one = issues.c.id.in_(ids[start : start + CHUNK])
        query = select(issues.c.id).where(is_one, issues.c.erased_at_s.is_not(None))
        found.update(connection.scalars(query))
    return found


def empty_issues(connection: Connection, rows: Sequence[EmptiedRow], *, at_s: int) -> None:
    """Take titles, texts, addresses and exact places away, and what was measured from those."""
    if not rows:
        return
    emptied = (
        update(issues)
        .where(issues.c.id == bindparam("b_id"))
        .values(
            title=None,
            x=None,
            y=None,
            lon=bindparam("b_lon"),
            lat=bindparam("b_lat"),
            content_hash=bindparam("b_hash"),
            erased_at_s=at_s,
        )
    )
    names = ("b_id", "b_lon", "b_lat", "b_hash")
    connection.execute(emptied, [dict(zip(names, row, strict=True)) for row in rows])
    keys = [{"b_id": row.issue_id} for row in rows]
    connection.execute(delete(issue_texts).where(issue_texts.c.issue_id == bindparam("b_id")), keys)
    # how far from a border, and how much of a circle lies where, would tell the place again
    measured = update(assignments).where(assignments.c.issue_id == bindparam("b_id"))
    connection.execute(measured.values(distance_m=None, candidates=None), keys)


def expired(
    connection: Connection, *, closed_before_s: int, from_s: int | None, limit: int
) -> list[tuple[int, int | None]]:
    """Return (id, closed_at_s) of issues closed before a moment that still have what is private.

    The oldest first, beginning with those closed at ``from_s``: who goes on where it stopped need
    not walk past all that were erased before.
    """
    query = select(issues.c.id, issues.c.closed_at_s).where(_is_expired(closed_before_s))
    if from_s is not None:
        query = query.where(issues.c.closed_at_s >= from_s)
    order = (issues.c.closed_at_s, issues.c.id)
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [(row_id, closed_at_s) for row_id, closed_at_s in rows]


def count_expired(connection: Connection, *, closed_before_s: int) -> int:
    """Return how many such issues there are."""
    query = select(func.count()).select_from(issues).where(_is_expired(closed_before_s))
    return connection.scalar(query) or 0


def _is_expired(closed_before_s: int) -> ColumnElement[bool]:
    """Where nobody wrote down when an issue was closed, it counts from when that was learned."""
    learned_later = exists().where(
        issue_events.c.issue_id == issues.c.id,
        issue_events.c.kind == CLOSED_EVENT,
        issue_events.c.at_s >= closed_before_s,
    )
    is_old = or_(
        issues.c.closed_at_s < closed_before_s,
        and_(
            issues.c.closed_at_s.is_(None),
            issues.c.reported_at_s < closed_before_s,
            ~learned_later,
        ),
    )
    has_photos = exists().where(attachments.c.issue_id == issues.c.id)
    return and_(issues.c.status == CLOSED, is_old, or_(issues.c.erased_at_s.is_(None), has_photos))
