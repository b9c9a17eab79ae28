"""Reading issues: pages of a list, and columns for counting."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from geo_service.layers.area import Floats
from geo_service.storage.tables import (
    CHUNK,
    assignments,
    chain_areas,
    chains,
    issue_events,
    issue_texts,
    issues,
)


@dataclass(frozen=True)
class IssueFilter:
    """Which issues; None leaves a condition out. Times are seconds since 1970, half-open.

    ``area`` is (layer, code) by the kept assignment, at any layer; ``rule`` is the assignment's.
    """

    reported_from_s: float | None = None
    reported_to_s: float | None = None
    area: tuple[str, str] | None = None
    category_major: str | None = None
    category_minor: str | None = None
    source: str | None = None
    request_type: str | None = None
    without_request_types: tuple[str, ...] = ()
    status: str | None = None
    rule: str | None = None
    alive_from_s: float | None = None
    """Reported or closed since, or still open."""
    bbox: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class IssueColumns:
    """Issues as columns for counting, ordered by id; NaN where there is no coordinate."""

    ids: NDArray[np.int64]
    lon: Floats
    lat: Floats
    reported_at_s: NDArray[np.int64]
    closed_at_s: NDArray[np.int64]
    """-1 while open, and where nobody wrote the closing time down."""
    is_open: NDArray[np.bool_]
    chain_ids: NDArray[np.int64]
    """Of one family's kept assignment; 0 where unassigned."""


def issue_columns(
    connection: Connection, issue_filter: IssueFilter, *, family: str
) -> IssueColumns:
    """Return what counting needs of every issue that the filter lets through."""
    query = _filtered(
        select(
            issues.c.id,
            issues.c.lon,
            issues.c.lat,
            issues.c.reported_at_s,
            func.coalesce(issues.c.closed_at_s, -1),
            issues.c.status == "open",
            func.coalesce(assignments.c.chain_id, 0),
        ).join(
            assignments,
            and_(assignments.c.issue_id == issues.c.id, assignments.c.family == family),
            isouter=True,
        ),
        issue_filter,
    )
    rows = connection.execute(query.order_by(issues.c.id)).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    return IssueColumns(
        ids=np.array(columns[0], dtype=np.int64),
        lon=np.array(columns[1], dtype=np.float64),
        lat=np.array(columns[2], dtype=np.float64),
        reported_at_s=np.array(columns[3], dtype=np.int64),
        closed_at_s=np.array(columns[4], dtype=np.int64),
        is_open=np.array(columns[5], dtype=bool),
        chain_ids=np.array(columns[6], dtype=np.int64),
    )


@dataclass(frozen=True, eq=False)
class Places:
    """Where issues are, ordered by id; NaN where there is no coordinate."""

    ids: NDArray[np.int64]
    lon: Floats
    lat: Floats


def open_places(connection: Connection) -> Places:
    """Return where every open issue is."""
    query = select(issues.c.id, issues.c.lon, issues.c.lat).where(issues.c.status == "open")
    rows = connection.execute(query.order_by(issues.c.id)).all()
    return Places(
        ids=np.array([row[0] for row in rows], dtype=np.int64),
        lon=np.array([row[1] for row in rows], dtype=np.float64),
        lat=np.array([row[2] for row in rows], dtype=np.float64),
    )


def kept_chains(
    connection: Connection, issue_filter: IssueFilter
) -> dict[tuple[int, str], tuple[str, int | None]]:
    """Return (issue id, family) → (rule, chain id) of the kept assignments."""
    query = _filtered(
        select(
            assignments.c.issue_id,
            assignments.c.family,
            assignments.c.rule,
            assignments.c.chain_id,
        ).join(issues, issues.c.id == assignments.c.issue_id),
        issue_filter,
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}


def issues_page(
    connection: Connection,
    issue_filter: IssueFilter,
    *,
    after: tuple[int, int] | None,
    limit: int,
) -> Sequence[Any]:
    """Return issues newest first, after the (reported_at_s, id) of the last one seen."""
    query = _filtered(_full_rows(), issue_filter)
    if after is not None:
        reported_at_s, row_id = after
        query = query.where(
            or_(
                issues.c.reported_at_s < reported_at_s,
                and_(issues.c.reported_at_s == reported_at_s, issues.c.id < row_id),
            )
        )
    ordered = query.order_by(issues.c.reported_at_s.desc(), issues.c.id.desc())
    return connection.execute(ordered.limit(limit)).mappings().all()


def issues_by_id(connection: Connection, ids: Sequence[int]) -> list[Any]:
    """Return the same columns of the issues with these ids, in their order."""
    found: dict[int, Any] = {}
    for start in range(0, len(ids), CHUNK):
        query = _full_rows().where(issues.c.id.in_(ids[start : start + CHUNK]))
        found |= {row["id"]: row for row in connection.execute(query).mappings()}
    return [found[row_id] for row_id in ids if row_id in found]


def assignments_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return id → its kept assignments (family, edition, rule, distance_m, links as JSON)."""
    found: dict[int, list[Any]] = {}
    for start in range(0, len(ids), CHUNK):
        query = (
            select(
                assignments.c.issue_id,
                assignments.c.family,
                assignments.c.edition,
                assignments.c.rule,
                assignments.c.distance_m,
                chains.c.links,
            )
            .join(chains, chains.c.id == assignments.c.chain_id, isouter=True)
            .where(assignments.c.issue_id.in_(ids[start : start + CHUNK]))
            .order_by(assignments.c.issue_id, assignments.c.family)
        )
        for row in connection.execute(query).mappings():
            found.setdefault(row["issue_id"], []).append(row)
    return found


def events_of_issue(connection: Connection, issue_id: int) -> list[dict[str, Any]]:
    """Return an issue's events in the order they were recorded."""
    query = select(
        issue_events.c.kind,
        issue_events.c.at_s,
        issue_events.c.recorded_at_s,
        issue_events.c.actor,
        issue_events.c.payload,
    ).where(issue_events.c.issue_id == issue_id)
    rows = connection.execute(query.order_by(issue_events.c.id)).mappings()
    return [{**row, "payload": json.loads(row["payload"])} for row in rows]


def chain_codes(connection: Connection, *, family: str, layer: str) -> dict[int, str]:
    """Return chain id → the code it holds at ``layer``; chains that end above are left out."""
    query = (
        select(chain_areas.c.chain_id, chain_areas.c.code)
        .join(chains, chains.c.id == chain_areas.c.chain_id)
        .where(chains.c.family == family, chain_areas.c.layer == layer)
    )
    return dict(connection.execute(query).all())


def latest_report_s(connection: Connection) -> int | None:
    """Return when the newest issue was reported, None when there are none."""
    newest: int | None = connection.scalar(select(func.max(issues.c.reported_at_s)))
    return newest


def count_issues(connection: Connection) -> int:
    """Return how many issues are stored."""
    return connection.scalar(select(func.count()).select_from(issues)) or 0


def distinct_values(connection: Connection, column: str) -> list[str]:
    """Return the values that stand in ``category_major``, ``source``… of any issue, ordered."""
    values = connection.scalars(select(issues.c[column]).distinct())
    return sorted(value for value in values if value)


def _full_rows() -> Select[Any]:
    return select(issues, issue_texts.c.address).join(
        issue_texts, issue_texts.c.issue_id == issues.c.id, isouter=True
    )


def _filtered(query: Select[Any], wanted: IssueFilter) -> Select[Any]:
    conditions = [*_reported(wanted), *_described(wanted), *_placed(wanted)]
    return query.where(*conditions)


def _reported(wanted: IssueFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.reported_from_s is not None:
        yield issues.c.reported_at_s >= wanted.reported_from_s
    if wanted.reported_to_s is not None:
        yield issues.c.reported_at_s < wanted.reported_to_s
    if wanted.alive_from_s is not None:
        yield or_(
            issues.c.status == "open",
            issues.c.reported_at_s >= wanted.alive_from_s,
            issues.c.closed_at_s >= wanted.alive_from_s,
        )


def _described(wanted: IssueFilter) -> Iterator[ColumnElement[bool]]:
    for name in ("category_major", "category_minor", "source", "request_type", "status"):
        value = getattr(wanted, name)
        if value is not None:
            yield issues.c[name] == value
    if wanted.without_request_types:
        excluded = issues.c.request_type.not_in(wanted.without_request_types)
        yield or_(issues.c.request_type.is_(None), excluded)


def _placed(wanted: IssueFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.bbox is not None:
        west, south, east, north = wanted.bbox
        yield issues.c.lon.between(west, east)
        yield issues.c.lat.between(south, north)
    if wanted.area is not None:
        layer, code = wanted.area
        holding = (
            select(assignments.c.issue_id)
            .join(chain_areas, chain_areas.c.chain_id == assignments.c.chain_id)
            .where(chain_areas.c.layer == layer, chain_areas.c.code == code)
        )
        yield issues.c.id.in_(holding)
    if wanted.rule is not None:
        yield issues.c.id.in_(
            select(assignments.c.issue_id).where(assignments.c.rule == wanted.rule)
        )
