"""What persons decided about whose issues are."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select, update

from geo_service.storage.tables import CHUNK, decisions


class Decision(NamedTuple):
    """The area that a person gave an issue to, and why; ``role`` is what that person was."""

    layer: str
    code: str
    reason: str
    cites: str | None
    actor: str
    role: str
    decided_at_s: int
    is_questioned: bool = False


def decisions_of(
    connection: Connection, issue_ids: Sequence[int]
) -> dict[tuple[int, str], Decision]:
    """Return (issue id, family) → what was decided of it."""
    found: dict[tuple[int, str], Decision] = {}
    for start in range(0, len(issue_ids), CHUNK):
        is_one = decisions.c.issue_id.in_(issue_ids[start : start + CHUNK])
        rows = connection.execute(select(*_COLUMNS).where(is_one))
        found |= {(row[0], row[1]): Decision(*row[2:]) for row in rows}
    return found


def decided_issues(connection: Connection) -> set[tuple[int, str]]:
    """Return (issue id, family) of all that persons decided."""
    rows = connection.execute(select(decisions.c.issue_id, decisions.c.family))
    return {(row[0], row[1]) for row in rows}


def decided_owners(connection: Connection, family: str) -> list[tuple[int, str, str]]:
    """Return (issue id, layer, code) of every issue that a person gave to somebody, by id."""
    query = select(decisions.c.issue_id, decisions.c.layer, decisions.c.code)
    rows = connection.execute(
        query.where(decisions.c.family == family).order_by(decisions.c.issue_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def put(connection: Connection, issue_id: int, family: str, decision: Decision) -> None:
    """Put a decision in the place of the one before it."""
    forget(connection, issue_id, family)
    values = {"issue_id": issue_id, "family": family, **decision._asdict()}
    connection.execute(insert(decisions).values(values))


def forget(connection: Connection, issue_id: int, family: str) -> None:
    """Nobody decides whose an issue is any more."""
    is_one = and_(decisions.c.issue_id == issue_id, decisions.c.family == family)
    connection.execute(delete(decisions).where(is_one))


def question(connection: Connection, issue_ids: Collection[int]) -> None:
    """Note that the places of issues are others than those that were decided about."""
    ids = list(issue_ids)
    for start in range(0, len(ids), CHUNK):
        is_one = decisions.c.issue_id.in_(ids[start : start + CHUNK])
        connection.execute(update(decisions).where(is_one).values(is_questioned=True))


_COLUMNS = [decisions.c[name] for name in ("issue_id", "family", *Decision._fields)]
