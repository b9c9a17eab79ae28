"""Where stored issues lie and whose they are, for a list that is looked at before it is stored."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, select

from geo_service.storage.tables import CHUNK, assignments, chains, issues


class KeptOwner(NamedTuple):
    """A stored issue's point in degrees and its assignment in a family, all None without one.

    ``links`` is JSON, from the root.
    """

    lon: float | None
    lat: float | None
    rule: str | None
    status: str | None
    links: str | None


def kept_owners(
    connection: Connection, ids: Sequence[int], *, family: str | None
) -> dict[int, KeptOwner]:
    """Return id → its point and its kept owner in a family."""
    is_ground = and_(assignments.c.issue_id == issues.c.id, assignments.c.family == (family or ""))
    joined = issues.outerjoin(assignments, is_ground).outerjoin(
        chains, chains.c.id == assignments.c.chain_id
    )
    columns = (
        issues.c.lon,
        issues.c.lat,
        assignments.c.rule,
        assignments.c.status,
        chains.c.links,
    )
    query = select(issues.c.id, *columns).select_from(joined)
    found: dict[int, KeptOwner] = {}
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(query.where(issues.c.id.in_(ids[start : start + CHUNK])))
        found |= {row[0]: KeptOwner(*row[1:]) for row in rows}
    return found
