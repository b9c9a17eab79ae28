"""Issues around a place and a moment: those that may report the same matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Select, func, select

from geo_service.storage.issue_queries import Bbox
from geo_service.storage.tables import issue_events, issue_standings, issue_texts, issues


@dataclass(frozen=True)
class Surroundings:
    """Which issues are looked for: in a box of degrees, reported in these seconds, ends included.

    ``category`` holds the columns that must be the same, a null one too; ``without`` is the issue
    that is asked about.
    """

    bbox: Bbox
    from_s: int
    to_s: int
    category: tuple[tuple[str, str | None], ...] = ()
    without: int | None = None


@dataclass(frozen=True)
class AskedIssue:
    """What of an issue is compared with others."""

    lon: float | None
    lat: float | None
    reported_at_s: int
    category_major: str | None
    category_minor: str | None
    is_erased: bool
    duplicate_of: int | None


_SHOWN = (
    issues.c.id,
    issues.c.source,
    issues.c.external_id,
    issues.c.title,
    issue_texts.c.address,
    issues.c.category_major,
    issues.c.category_minor,
    issues.c.reported_at_s,
    issues.c.status,
    issues.c.lon,
    issues.c.lat,
    issue_standings.c.state,
)


def asked_issue(connection: Connection, issue_id: int) -> AskedIssue | None:
    """Return what is compared of an issue; None where there is no such issue."""
    query = _with_standings(
        select(
            issues.c.lon,
            issues.c.lat,
            issues.c.reported_at_s,
            issues.c.category_major,
            issues.c.category_minor,
            issues.c.erased_at_s.is_not(None).label("is_erased"),
            issue_standings.c.duplicate_of,
        )
    ).where(issues.c.id == issue_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else AskedIssue(**{**row, "is_erased": bool(row["is_erased"])})


def issues_around(connection: Connection, asked: Surroundings) -> list[dict[str, Any]]:
    """Return open and closed issues around, without those that were merged or erased.

    The point of one that was erased stands for a whole area and says nothing of a distance.
    """
    west, south, east, north = asked.bbox
    query = (
        _with_standings(select(*_SHOWN))
        .outerjoin(issue_texts, issue_texts.c.issue_id == issues.c.id)
        .where(
            *(issues.c[name].is_not_distinct_from(value) for name, value in asked.category),
            issues.c.reported_at_s.between(asked.from_s, asked.to_s),
            issues.c.lon.between(west, east),
            issues.c.lat.between(south, north),
            issues.c.erased_at_s.is_(None),
            issue_standings.c.duplicate_of.is_(None),
        )
    )
    if asked.without is not None:
        query = query.where(issues.c.id != asked.without)
    return [dict(row) for row in connection.execute(query).mappings()]


def newest_states(
    connection: Connection, ids: Sequence[int]
) -> dict[int, tuple[int, dict[str, Any]]]:
    """Return id → the number of the newest event and the state that it led to."""
    newest = (
        select(func.max(issue_events.c.id))
        .where(issue_events.c.issue_id.in_(ids))
        .group_by(issue_events.c.issue_id)
    )
    columns = (issue_events.c.issue_id, issue_events.c.id, issue_events.c.state)
    rows = connection.execute(select(*columns).where(issue_events.c.id.in_(newest)))
    return {issue_id: (event_id, orjson.loads(state)) for issue_id, event_id, state in rows}


def _with_standings(query: Select[Any]) -> Select[Any]:
    return query.select_from(
        issues.outerjoin(issue_standings, issue_standings.c.issue_id == issues.c.id)
    )
