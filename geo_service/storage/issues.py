"""Writing issues: the rows, their events, their texts and their assignments."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from geo_service.storage.databases.lookups import rows_by_key
from geo_service.storage.databases.rows import insert_values, reserved_ids, values_inserted
from geo_service.storage.tables import (
    CHUNK,
    assignments,
    chain_areas,
    chains,
    issue_events,
    issue_texts,
    issues,
)

Key: TypeAlias = tuple[str, str]
"""(source, external_id), the natural key of an issue, kept for ever."""
Link: TypeAlias = tuple[str, str]
"""(layer, code)."""


class IssueRow(NamedTuple):
    """An issue as it stands, but for its id and what was typed about it; as the table has it."""

    source: str
    external_id: str
    content_hash: str
    reported_at_s: int
    closed_at_s: int | None
    status: str
    request_type: str | None
    category_major: str | None
    category_minor: str | None
    title: str | None
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    source_frame: str | None
    accuracy_m: float | None
    due_s: int | None
    next_due_s: int | None
    is_provisional: bool
    is_late: bool


class EventRow(NamedTuple):
    """What happened to an issue; ``payload`` and ``state`` are JSON."""

    issue_id: int
    kind: str
    at_s: int
    recorded_at_s: int
    actor: str
    profile_hash: str
    payload: str
    state: str


class AssignmentRow(NamedTuple):
    """The owner of an issue in a family; ``candidates`` and ``overrides`` are JSON."""

    issue_id: int
    family: str
    edition: int | None
    rule: str
    status: str
    distance_m: float | None
    chain_id: int | None
    candidates: str | None
    overrides: str | None
    agreement: int | None


def known_hashes(connection: Connection, keys: Iterable[Key]) -> dict[Key, tuple[int, str]]:
    """Return key → (id, content hash) of those that are stored."""
    by_source: dict[str, list[str]] = {}
    for source, external_id in keys:
        by_source.setdefault(source, []).append(external_id)
    found: dict[Key, tuple[int, str]] = {}
    for source, external_ids in by_source.items():
        rows = rows_by_key(
            connection,
            issues,
            ("id", "content_hash"),
            fixed={"source": source},
            key="external_id",
            keys=external_ids,
        )
        for external_id, row_id, content_hash in rows:
            found[source, external_id] = (row_id, content_hash)
    return found


def stored_reports(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return id → the stored report's columns, texts included."""
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), CHUNK):
        query = (
            select(issues, issue_texts.c.description, issue_texts.c.address)
            .join(issue_texts, issue_texts.c.issue_id == issues.c.id, isouter=True)
            .where(issues.c.id.in_(ids[start : start + CHUNK]))
        )
        for row in connection.execute(query).mappings():
            found[row["id"]] = dict(row)
    return found


def last_states(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return id → the state that its last event led to."""
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), CHUNK):
        is_one = issue_events.c.issue_id.in_(ids[start : start + CHUNK])
        last = select(func.max(issue_events.c.id)).where(is_one).group_by(issue_events.c.issue_id)
        query = select(issue_events.c.issue_id, issue_events.c.state)
        for issue_id, state in connection.execute(query.where(issue_events.c.id.in_(last))):
            found[issue_id] = orjson.loads(state)
    return found


def told_of(
    connection: Connection, ids: Sequence[int], *, kinds: Sequence[str]
) -> dict[int, list[tuple[str, dict[str, Any]]]]:
    """Return id → kind and payload of its events of some kinds, in their order."""
    found: dict[int, list[tuple[str, dict[str, Any]]]] = {}
    for start in range(0, len(ids), CHUNK):
        query = (
            select(issue_events.c.issue_id, issue_events.c.kind, issue_events.c.payload)
            .where(issue_events.c.issue_id.in_(ids[start : start + CHUNK]))
            .where(issue_events.c.kind.in_(kinds))
            .order_by(issue_events.c.id)
        )
        for issue_id, kind, payload in connection.execute(query):
            found.setdefault(issue_id, []).append((kind, orjson.loads(payload)))
    return found


@contextmanager
def issues_added(connection: Connection, rows: Sequence[IssueRow]) -> Iterator[list[int]]:
    """Store new issues and give their ids in the order of ``rows``.

    What is done in the ``with`` must not use the connection: a server stores them meanwhile.
    """
    if not rows:
        yield []
        return
    # RETURNING in the order of the rows would insert them one by one on SQLite
    ids = reserved_ids(connection, issues, len(rows))
    numbered = list(zip(ids, *zip(*rows, strict=True), strict=True))
    with values_inserted(connection, issues, ("id", *IssueRow._fields), numbered):
        yield ids


def update_issues(connection: Connection, ids: Sequence[int], rows: Sequence[IssueRow]) -> None:
    """Replace the columns of stored issues."""
    if not rows:
        return
    statement = (
        update(issues)
        .where(issues.c.id == bindparam("b_id"))
        .values({name: bindparam(f"b_{name}") for name in IssueRow._fields})
    )
    names = [f"b_{name}" for name in ("id", *IssueRow._fields)]
    connection.execute(
        statement,
        [
            dict(zip(names, (row_id, *row), strict=True))
            for row_id, row in zip(ids, rows, strict=True)
        ],
    )


def last_event(connection: Connection, issue_id: int) -> tuple[int, dict[str, Any]] | None:
    """Return the id of an issue's last event and the state it led to; None without any."""
    query = (
        select(issue_events.c.id, issue_events.c.state)
        .where(issue_events.c.issue_id == issue_id)
        .order_by(issue_events.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.id, orjson.loads(row.state))


def update_issue(connection: Connection, issue_id: int, columns: Mapping[str, Any]) -> None:
    """Put values into some columns of an issue."""
    connection.execute(update(issues).where(issues.c.id == issue_id).values(columns))


def add_texts(connection: Connection, rows: Sequence[tuple[int, str | None, str | None]]) -> None:
    """Store (id, description, address) of new issues; empty ones take no row."""
    filled = [row for row in rows if row[1] or row[2]]
    if filled:
        insert_values(connection, issue_texts, ("issue_id", "description", "address"), filled)


def replace_texts(
    connection: Connection, rows: Sequence[tuple[int, str | None, str | None]]
) -> None:
    """Put (id, description, address) in the place of what was stored."""
    if rows:
        ids = [{"b_issue_id": row_id} for row_id, _, _ in rows]
        is_one = issue_texts.c.issue_id == bindparam("b_issue_id")
        connection.execute(delete(issue_texts).where(is_one), ids)
        add_texts(connection, rows)


def add_events(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Append events."""
    if rows:
        insert_values(connection, issue_events, EventRow._fields, rows)


def add_assignments(connection: Connection, rows: Sequence[AssignmentRow]) -> None:
    """Store the assignments of issues that have none."""
    if rows:
        insert_values(connection, assignments, AssignmentRow._fields, rows)


def replace_assignments(connection: Connection, rows: Sequence[AssignmentRow]) -> None:
    """Put assignments in the place of those of the same issue and family."""
    statement = delete(assignments).where(
        assignments.c.issue_id == bindparam("b_issue_id"),
        assignments.c.family == bindparam("b_family"),
    )
    if rows:
        keys = [{"b_issue_id": row.issue_id, "b_family": row.family} for row in rows]
        connection.execute(statement, keys)
        add_assignments(connection, rows)


def update_overrides(
    connection: Connection, texts: Mapping[int, str | None], *, family: str
) -> None:
    """Put id → overrides in the place of what the assignments of a family hold."""
    statement = (
        update(assignments)
        .where(assignments.c.issue_id == bindparam("b_issue_id"), assignments.c.family == family)
        .values(overrides=bindparam("b_overrides"))
    )
    rows = [{"b_issue_id": row_id, "b_overrides": text} for row_id, text in texts.items()]
    connection.execute(statement, rows)


def chain_ids(
    connection: Connection, family: str, links: Iterable[tuple[Link, ...]]
) -> dict[tuple[Link, ...], int]:
    """Return the id of each chain of areas (root first), storing those that are new."""
    by_text = {_links_text(chain): chain for chain in links}
    rows = rows_by_key(
        connection, chains, ("id",), fixed={"family": family}, key="links", keys=list(by_text)
    )
    known: dict[str, int] = dict(map(tuple, rows))
    return {
        chain: known.get(text) or _add_chain(connection, family, chain)
        for text, chain in by_text.items()
    }


@lru_cache(maxsize=65_536)
def _links_text(chain: tuple[Link, ...]) -> str:
    return json.dumps(chain, ensure_ascii=False)


def _add_chain(connection: Connection, family: str, chain: tuple[Link, ...]) -> int:
    statement = insert(chains).values(family=family, links=_links_text(chain))
    chain_id: int = connection.execute(statement.returning(chains.c.id)).scalar_one()
    connection.execute(
        insert(chain_areas),
        [{"chain_id": chain_id, "layer": layer, "code": code} for layer, code in chain],
    )
    return chain_id
