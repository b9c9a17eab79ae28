"""Where issues stand that somebody handles, as columns that queues and rates ask for."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from geo_service.storage.databases.lookups import chunks_known
from geo_service.storage.databases.rows import insert_values
from geo_service.storage.tables import CHUNK, issue_standings


class StandingRow(NamedTuple):
    """What the newest state of an issue says; ``marks`` has commas around each name."""

    issue_id: int
    state: str
    phase: str
    tier: str | None
    unit: str | None
    condition: str | None
    waited_for: int
    returned: int
    duplicate_of: int | None
    marks: str


def handled(connection: Connection, issue_ids: Sequence[int]) -> list[int]:
    """Return those issues that somebody handles, or whose source calls them pressing."""
    found: list[int] = []
    for start in range(0, len(issue_ids), CHUNK):
        is_one = issue_standings.c.issue_id.in_(issue_ids[start : start + CHUNK])
        found += connection.scalars(select(issue_standings.c.issue_id).where(is_one))
    return found


def conditions_of(connection: Connection, issue_ids: Sequence[int]) -> dict[int, str]:
    """Return id → the condition (urgency) that was said of these issues, where one was."""
    found: dict[int, str] = {}
    for start in range(0, len(issue_ids), CHUNK):
        query = select(issue_standings.c.issue_id, issue_standings.c.condition).where(
            issue_standings.c.issue_id.in_(issue_ids[start : start + CHUNK]),
            issue_standings.c.condition.is_not(None),
        )
        found |= dict(connection.execute(query).all())
    return found


def put(connection: Connection, row: StandingRow) -> None:
    """Put a row in the place of what was known of its issue."""
    forget(connection, row.issue_id)
    connection.execute(insert(issue_standings).values(row._asdict()))


def put_each(connection: Connection, rows: Sequence[StandingRow]) -> None:
    """Put rows in the place of what was known of their issues."""
    ids = [row.issue_id for row in rows]
    for few in chunks_known(connection, issue_standings.c.issue_id, ids):
        connection.execute(delete(issue_standings).where(issue_standings.c.issue_id.in_(few)))
    if rows:
        insert_values(connection, issue_standings, StandingRow._fields, rows)


def forget(connection: Connection, issue_id: int) -> None:
    """Nobody handles an issue any more: its source said otherwise of it."""
    connection.execute(delete(issue_standings).where(issue_standings.c.issue_id == issue_id))
