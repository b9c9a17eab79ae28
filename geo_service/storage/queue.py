"""The open issues as dispatchers work through them: what is pressing first, and why each waits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
)

from geo_service.layers.assignment.rule import DECIDED
from geo_service.storage.tables import (
    assignments,
    chains,
    decisions,
    issue_standings,
    issue_texts,
    issues,
)

Position: TypeAlias = tuple[int, int, int]
"""Where an issue stands in the queue: whether it is pressing (0) or not (1), due, id."""

_NEVER_S = 2**53
"""Later than everything that is due."""

_SHOWN = (
    issues.c.id,
    issues.c.source,
    issues.c.external_id,
    issues.c.title,
    issue_texts.c.address,
    issues.c.request_type,
    issues.c.category_major,
    issues.c.category_minor,
    issues.c.reported_at_s,
    issues.c.lon,
    issues.c.lat,
    issues.c.accuracy_m,
    issues.c.source_frame,
    issues.c.due_s,
    issues.c.next_due_s,
    issues.c.is_provisional,
    assignments.c.rule,
    assignments.c.status.label("place_status"),
    chains.c.links,
    issue_standings.c.state,
    issue_standings.c.phase,
    issue_standings.c.tier,
    issue_standings.c.unit,
    issue_standings.c.condition,
    issue_standings.c.waited_for,
    issue_standings.c.returned,
    issue_standings.c.marks,
    decisions.c.issue_id.label("decided"),
    decisions.c.is_questioned,
)


@dataclass(frozen=True)
class Look:
    """How the queue is looked at: the moment, what is soon and today, and what is pressing.

    ``family`` is the one whose owners count; ``urgent`` are the conditions that are urgent,
    ``start`` is the state of an issue that nobody took up.
    """

    now_s: int
    soon_s: int
    day_end_s: int
    family: str | None
    urgent: Collection[str]
    start: str


def views(look: Look) -> Mapping[str, ColumnElement[bool]]:
    """Return what each view of the queue holds; together they say why an issue waits.

    ``questioned``: somebody said whose it is, and that area is no more, or its place another.
    """
    due_s, standing = issues.c.next_due_s, issue_standings.c
    return {
        "urgent": standing.condition.in_(sorted(look.urgent)),
        "overdue": due_s < look.now_s,
        "today": and_(due_s >= look.now_s, due_s < look.day_end_s),
        "due_soon": and_(due_s >= look.now_s, due_s < look.soon_s),
        # how pressing its source calls it is known of an issue that nobody took up as well
        "new": or_(
            standing.issue_id.is_(None), and_(standing.state == look.start, standing.marks == "")
        ),
        "unassigned": or_(assignments.c.status == "unassigned", assignments.c.status.is_(None)),
        "ambiguous": assignments.c.status == "ambiguous",
        "boundary": assignments.c.rule == "boundary",
        "questioned": or_(
            decisions.c.is_questioned,
            and_(decisions.c.issue_id.is_not(None), assignments.c.rule != DECIDED),
        ),
        "check_in": standing.waited_for > 0,
        "returned": standing.returned > 0,
        "marked": standing.marks != "",
        "suspended": standing.phase == "waiting",
    }


def counts(connection: Connection, look: Look) -> dict[str, int]:
    """Return how many open issues there are, under ``all``, and in each view."""
    return counts_of(connection, look, views(look))


def counts_of(
    connection: Connection, look: Look, conditions: Mapping[str, ColumnElement[bool]]
) -> dict[str, int]:
    """Return how many open issues there are, under ``all``, and for how many a condition holds."""
    columns = [
        func.coalesce(func.sum(case((is_in, 1), else_=0)), 0).label(name)
        for name, is_in in conditions.items()
    ]
    query = _joined(select(func.count().label("all"), *columns), look, texts=False)
    return {name: int(value) for name, value in connection.execute(query).mappings().one().items()}


def page(
    connection: Connection,
    look: Look,
    *,
    view: str | None,
    after: Position | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return open issues, the pressing ones first, then by what is due first; see ``views``.

    Each holds ``is_pressing`` and ``due_order_s``, which make its Position with its id.
    """
    known = views(look)
    is_pressing = or_(func.coalesce(known["urgent"], False), func.coalesce(known["today"], False))
    rank = case((is_pressing, 0), else_=1)
    order = func.coalesce(issues.c.next_due_s, _NEVER_S)
    query = _joined(select(*_SHOWN, rank.label("rank"), order.label("due_order_s")), look)
    if view is not None:
        query = query.where(known[view])
    if after is not None:
        query = query.where(tuple_(rank, order, issues.c.id) > tuple_(*after))
    query = query.order_by(rank, order, issues.c.id).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def chosen(
    connection: Connection, look: Look, condition: ColumnElement[bool], *, limit: int | None
) -> list[dict[str, Any]]:
    """Return the open issues a condition holds for: urgent ones first, then what is due first."""
    is_urgent = func.coalesce(views(look)["urgent"], False)
    order = (case((is_urgent, 0), else_=1), func.coalesce(issues.c.next_due_s, _NEVER_S))
    query = _joined(select(*_SHOWN, is_urgent.label("is_urgent")), look).where(condition)
    query = query.order_by(*order, issues.c.id).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def _joined(query: Select[Any], look: Look, *, texts: bool = True) -> Select[Any]:
    is_ground = and_(
        assignments.c.issue_id == issues.c.id, assignments.c.family == (look.family or "")
    )
    joined = issues.outerjoin(issue_standings, issue_standings.c.issue_id == issues.c.id).outerjoin(
        assignments, is_ground
    )
    is_decided = and_(
        decisions.c.issue_id == issues.c.id, decisions.c.family == (look.family or "")
    )
    joined = joined.outerjoin(decisions, is_decided)
    if texts:
        joined = joined.outerjoin(chains, chains.c.id == assignments.c.chain_id).outerjoin(
            issue_texts, issue_texts.c.issue_id == issues.c.id
        )
    return query.select_from(joined).where(issues.c.status == "open")
