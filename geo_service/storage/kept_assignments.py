"""What is kept of whose issues are, to be compared with what is found anew."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from geo_service.storage.tables import CHUNK, assignments


class KeptAssignment(NamedTuple):
    """What is stored of one issue in one family, but for the edition."""

    rule: str
    status: str
    distance_m: float | None
    chain_id: int | None
    candidates: str | None
    overrides: str | None
    agreement: int | None


def kept_assignments(
    connection: Connection, ids: Sequence[int]
) -> dict[tuple[int, str], KeptAssignment]:
    """Return (issue id, family) → the kept assignment."""
    columns = [assignments.c[name] for name in KeptAssignment._fields]
    found: dict[tuple[int, str], KeptAssignment] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(assignments.c.issue_id, assignments.c.family, *columns).where(
            assignments.c.issue_id.in_(ids[start : start + CHUNK])
        )
        rows = connection.execute(query)
        found |= {(row[0], row[1]): KeptAssignment(*row[2:]) for row in rows}
    return found


def kept_editions(connection: Connection, ids: Sequence[int], *, family: str) -> dict[int, int]:
    """Return id → the edition that these issues have their owner in a family on; 0 for none."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(assignments.c.issue_id, assignments.c.edition).where(
            assignments.c.family == family,
            assignments.c.issue_id.in_(ids[start : start + CHUNK]),
        )
        found |= {row[0]: row[1] or 0 for row in connection.execute(query)}
    return found
