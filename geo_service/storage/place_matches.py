"""Which place an issue's address was found to mean; private, and erased with the issue's texts."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from geo_service.storage.databases.rows import insert_values
from geo_service.storage.tables import CHUNK, issue_texts, issues, place_matches

# "open" by what it is not: SQLite would gather all open issues by the index on their status
_WAITS = (issues.c.status != "closed", issues.c.lon.is_(None), issues.c.x.is_(None))


class MatchRow(NamedTuple):
    """What became of one issue's address; ``told`` is JSON."""

    issue_id: int
    why: str
    place_id: int | None
    told: str | None
    matched_at_s: int


def add_matches(connection: Connection, rows: Sequence[MatchRow]) -> None:
    """Store the matches of issues that have none."""
    if rows:
        insert_values(connection, place_matches, MatchRow._fields, rows)


def remove_matches(connection: Connection, ids: Iterable[int]) -> None:
    """Forget what the addresses of issues meant: they tell another place now."""
    given = [{"b_id": each} for each in ids]
    if given:
        statement = delete(place_matches).where(place_matches.c.issue_id == bindparam("b_id"))
        connection.execute(statement, given)


def erase_matches(connection: Connection, ids: Sequence[int]) -> None:
    """Erase what was told of issues' addresses; that they were located by one stays known."""
    for start in range(0, len(ids), CHUNK):
        is_one = place_matches.c.issue_id.in_(ids[start : start + CHUNK])
        connection.execute(update(place_matches).where(is_one).values(told=None, place_id=None))


def matches_of(connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
    """Return id → its match, of issues that have one."""
    found: dict[int, Any] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(place_matches).where(
            place_matches.c.issue_id.in_(ids[start : start + CHUNK])
        )
        found |= {row.issue_id: row for row in connection.execute(query)}
    return found


def waiting_addresses(
    connection: Connection, *, after: int, limit: int
) -> Sequence[tuple[int, str, float | None]]:
    """Return id, address and accuracy of open issues that have an address and no place, by id."""
    query = (
        select(issues.c.id, issue_texts.c.address, issues.c.accuracy_m)
        .join(issue_texts, issue_texts.c.issue_id == issues.c.id)
        .where(*_WAITS, issue_texts.c.address.is_not(None), issues.c.id > after)
        .order_by(issues.c.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def waiting_issues(connection: Connection, *, after: int, limit: int) -> Sequence[Any]:
    """Return open issues that nobody knows the place of, by id, with what was found for them."""
    query = (
        select(
            issues.c.id,
            issues.c.source,
            issues.c.external_id,
            issues.c.reported_at_s,
            issues.c.category_major,
            issues.c.category_minor,
            issues.c.title,
            issues.c.accuracy_m,
            issue_texts.c.address,
            place_matches.c.why,
            place_matches.c.told,
        )
        .join(issue_texts, issue_texts.c.issue_id == issues.c.id, isouter=True)
        .join(place_matches, place_matches.c.issue_id == issues.c.id, isouter=True)
        .where(*_WAITS, issues.c.id > after)
        .order_by(issues.c.id)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def place_issues(connection: Connection, rows: Sequence[tuple[int, float, float]]) -> None:
    """Give issues the points (id, lon, lat; degrees, EPSG:4490) that their addresses mean."""
    if rows:
        statement = (
            update(issues)
            .where(issues.c.id == bindparam("b_id"))
            .values(lon=bindparam("b_lon"), lat=bindparam("b_lat"))
        )
        given = [{"b_id": row_id, "b_lon": lon, "b_lat": lat} for row_id, lon, lat in rows]
        connection.execute(statement, given)
