"""Reading issues: pages of a list, and columns for counting."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, cast, func, or_, select

from geo_service.layers.area import Floats
from geo_service.layers.assignment.rule import AMBIGUOUS
from geo_service.layers.reach import grown_boxes
from geo_service.storage.alignment import accuracies
from geo_service.storage.databases.rows import DEGREES, read_columns, read_packed
from geo_service.storage.tables import (
    CHUNK,
    assignments,
    chain_areas,
    chains,
    decisions,
    issue_events,
    issue_texts,
    issues,
)

Bbox: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees, borders included."""

_MORE_THAN_AN_ACCURACY_M = 100_000.0
"""The intake refuses an accuracy of more than half of it."""


@dataclass(frozen=True)
class IssueFilter:
    """Which issues; None leaves a condition out. Times are seconds since 1970, half-open.

    ``area`` is (layer, code) by the kept assignment, at any layer; ``rule`` is the assignment's,
    or ``ambiguous`` for those whose status that is, whatever their rule.
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
    bbox: Bbox | None = None
    reached_bbox: Bbox | None = None
    """The place lies in this box, or its circle of accuracy may reach it."""
    ids: tuple[int, ...] | None = None
    is_decided: bool = False
    """Only those that a person gave to somebody; with ``reached_bbox`` these beside the others."""


@dataclass(frozen=True, eq=False)
class IssueColumns:
    """Issues as columns for counting, ordered by id; NaN where there is no coordinate."""

    ids: NDArray[np.int64]
    lon: Floats
    lat: Floats
    accuracy_m: Floats
    """NaN where none was given."""
    reported_at_s: NDArray[np.int64]
    closed_at_s: NDArray[np.int64]
    """-1 while open, and where nobody wrote the closing time down."""
    is_open: NDArray[np.bool_]
    is_erased: NDArray[np.bool_]
    """What was private is gone: the place is one that stands for the whole area."""
    due_s: NDArray[np.int64]
    """-1 without a deadline, and while it stands still."""


def issue_columns(connection: Connection, issue_filter: IssueFilter) -> IssueColumns:
    """Return what counting needs of every issue that the filter lets through."""
    query = select(
        issues.c.id,
        issues.c.lon,
        issues.c.lat,
        issues.c.reported_at_s,
        func.coalesce(issues.c.closed_at_s, -1),
        cast(issues.c.status == "open", Integer),
        func.coalesce(issues.c.due_s, -1),
        cast(issues.c.erased_at_s.is_not(None), Integer),
    )
    kinds = (int, DEGREES, DEGREES, *(int,) * 5)
    found = read_packed(connection, filtered(query, issue_filter), kinds)
    order = np.argsort(found[0], kind="stable")  # asked for it, SQLite walks the table by id
    ids, lon, lat, reported_at_s, closed_at_s, is_open, due_s, is_erased = (
        each[order] for each in found
    )
    return IssueColumns(
        ids=ids,
        lon=lon,
        lat=lat,
        accuracy_m=accuracies(connection, ids),
        reported_at_s=reported_at_s,
        closed_at_s=closed_at_s,
        is_open=is_open.astype(bool),
        due_s=due_s,
        is_erased=is_erased.astype(bool),
    )


def kept_chain_ids(
    connection: Connection, issue_filter: IssueFilter, *, family: str
) -> NDArray[np.int64]:
    """Return the chain of each issue's kept assignment, ordered by its id; 0 where unassigned.

    In one transaction they are those of the columns that the same filter lets through.
    """
    query = select(issues.c.id, func.coalesce(assignments.c.chain_id, 0)).join(
        assignments,
        and_(assignments.c.issue_id == issues.c.id, assignments.c.family == family),
        isouter=True,
    )
    _, chain_ids = _by_id(connection, filtered(query, issue_filter), (int, int))
    return chain_ids


def _by_id(
    connection: Connection, query: Select[Any], kinds: Sequence[type[int] | type[float]]
) -> list[NDArray[Any]]:
    """Return columns whose first one is the id, ordered by it."""
    columns = read_columns(connection, query, kinds)
    order = np.argsort(columns[0], kind="stable")  # asked for it, SQLite walks the table by id
    return [column[order] for column in columns]


@dataclass(frozen=True, eq=False)
class Places:
    """Where issues are, ordered by id; NaN where there is no coordinate, or no accuracy."""

    ids: NDArray[np.int64]
    lon: Floats
    lat: Floats
    accuracy_m: Floats

    @classmethod
    def none(cls) -> "Places":
        """Return no places."""
        return cls(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), np.empty(0))

    def joined(self, others: "Places") -> "Places":
        """Return these and others, these first."""
        return Places(
            np.concatenate([self.ids, others.ids]),
            np.concatenate([self.lon, others.lon]),
            np.concatenate([self.lat, others.lat]),
            np.concatenate([self.accuracy_m, others.accuracy_m]),
        )

    def take(self, is_wanted: NDArray[np.bool_]) -> "Places":
        """Return those that are wanted, in their order."""
        return Places(
            self.ids[is_wanted],
            self.lon[is_wanted],
            self.lat[is_wanted],
            self.accuracy_m[is_wanted],
        )


def issue_places(connection: Connection, issue_filter: IssueFilter) -> Places:
    """Return where every issue is that the filter lets through."""
    query = select(issues.c.id, issues.c.lon, issues.c.lat, issues.c.accuracy_m)
    kinds = (int, float, float, float)
    return Places(*_by_id(connection, filtered(query, issue_filter), kinds))


def categories_of(
    connection: Connection, ids: Sequence[int]
) -> dict[int, tuple[str | None, str | None]]:
    """Return id → the major and minor category of these issues."""
    found: dict[int, tuple[str | None, str | None]] = {}
    columns = (issues.c.id, issues.c.category_major, issues.c.category_minor)
    for start in range(0, len(ids), CHUNK):
        query = select(*columns).where(issues.c.id.in_(ids[start : start + CHUNK]))
        found |= {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    return found


def issues_page(
    connection: Connection,
    issue_filter: IssueFilter,
    *,
    after: tuple[int, int] | None,
    limit: int,
) -> Sequence[Any]:
    """Return issues newest first, after the (reported_at_s, id) of the last one seen."""
    query = filtered(_full_rows(), issue_filter)
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
    """Return id → its kept assignments; ``candidates``, ``overrides`` and ``links`` are JSON."""
    found: dict[int, list[Any]] = {}
    for start in range(0, len(ids), CHUNK):
        query = (
            select(
                assignments.c.issue_id,
                assignments.c.family,
                assignments.c.edition,
                assignments.c.rule,
                assignments.c.status,
                assignments.c.distance_m,
                assignments.c.candidates,
                assignments.c.overrides,
                assignments.c.agreement,
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
        issue_events.c.id,
        issue_events.c.kind,
        issue_events.c.at_s,
        issue_events.c.recorded_at_s,
        issue_events.c.actor,
        issue_events.c.payload,
    ).where(issue_events.c.issue_id == issue_id)
    rows = connection.execute(query.order_by(issue_events.c.id)).mappings()
    return [{**row, "payload": json.loads(row["payload"])} for row in rows]


def events_of_issues(connection: Connection, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return id → kind, moment and payload of its events in the order they were recorded."""
    found: dict[int, list[dict[str, Any]]] = {row_id: [] for row_id in ids}
    told = issue_events.c
    for start in range(0, len(ids), CHUNK):
        is_one = told.issue_id.in_(ids[start : start + CHUNK])
        query = select(told.issue_id, told.kind, told.at_s, told.payload).where(is_one)
        for row_id, kind, at_s, payload in connection.execute(query.order_by(told.id)):
            event = {"kind": kind, "at_s": at_s, "payload": json.loads(payload)}
            found[row_id].append(event)
    return found


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
    """Return the values that stand in ``category_major``, ``source``… of any issue, ordered.

    Steps from value to value through the index that begins with the column.
    """
    stored = issues.c[column]
    values = select(func.min(stored).label("value")).cte("found", recursive=True)
    above = select(func.min(stored)).where(stored > values.c.value).scalar_subquery()
    values = values.union_all(select(above).where(values.c.value.is_not(None)))
    return sorted(value for value in connection.scalars(select(values.c.value)) if value)


def _full_rows() -> Select[Any]:
    return select(issues, issue_texts.c.address).join(
        issue_texts, issue_texts.c.issue_id == issues.c.id, isouter=True
    )


def filtered(query: Select[Any], wanted: IssueFilter) -> Select[Any]:
    """Return a query of issues that finds those alone which a filter lets through."""
    conditions = [*_reported(wanted), *_described(wanted), *_placed(wanted)]
    if wanted.ids is not None:
        conditions.append(issues.c.id.in_(wanted.ids))
    return query.where(*conditions)


def _reported(wanted: IssueFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.reported_from_s is not None:
        yield issues.c.reported_at_s >= ceil(wanted.reported_from_s)
    if wanted.reported_to_s is not None:
        yield issues.c.reported_at_s < ceil(wanted.reported_to_s)
    if wanted.alive_from_s is not None:
        yield or_(
            issues.c.status == "open",
            issues.c.reported_at_s >= ceil(wanted.alive_from_s),
            issues.c.closed_at_s >= ceil(wanted.alive_from_s),
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
    ways = [] if wanted.reached_bbox is None else [*_reaching(wanted.reached_bbox)]
    if wanted.is_decided:
        ways.append(issues.c.id.in_(select(decisions.c.issue_id)))
    if ways:
        yield or_(*ways)
    if wanted.area is not None:
        layer, code = wanted.area
        holding = (
            select(assignments.c.issue_id)
            .join(chain_areas, chain_areas.c.chain_id == assignments.c.chain_id)
            .where(chain_areas.c.layer == layer, chain_areas.c.code == code)
        )
        yield _is_among(holding, wanted)
    if wanted.rule is not None:
        told = assignments.c.status if wanted.rule == AMBIGUOUS else assignments.c.rule
        yield _is_among(select(assignments.c.issue_id).where(told == wanted.rule), wanted)


def _is_among(assigned: Select[tuple[int]], wanted: IssueFilter) -> ColumnElement[bool]:
    """Return that one of these assignments is the issue's.

    From a day on each issue is asked for its own: SQLite would gather those of all years first.
    """
    if wanted.reported_from_s is None:
        return issues.c.id.in_(assigned)
    return assigned.where(assignments.c.issue_id == issues.c.id).exists()


def _reaching(bbox: Bbox) -> Iterator[ColumnElement[bool]]:
    """Yield that a place lies in the box, and that its circle has a box that meets it."""
    west, south, east, north = bbox
    yield and_(issues.c.lon.between(west, east), issues.c.lat.between(south, north))
    # the degrees of a meter, where they are most: far more to the poles than any circle reaches
    grown = grown_boxes(np.array([bbox]), reach_m=_MORE_THAN_AN_ACCURACY_M)[0].tolist()
    reach_lon = issues.c.accuracy_m * ((west - grown[0]) / _MORE_THAN_AN_ACCURACY_M)
    reach_lat = issues.c.accuracy_m * ((south - grown[1]) / _MORE_THAN_AN_ACCURACY_M)
    yield and_(
        issues.c.accuracy_m > 0,
        issues.c.lon.between(west - reach_lon, east + reach_lon),
        issues.c.lat.between(south - reach_lat, north + reach_lat),
    )
