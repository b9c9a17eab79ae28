"""What became of areas between two editions."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from geo_service.storage.editions import in_edition
from geo_service.storage.tables import areas


class AreaVersion(NamedTuple):
    """One stored row of an area: valid from an edition up to another one, None for up to now."""

    first_edition: int
    last_edition: int | None
    name: str
    parent: str | None
    outline: bytes
    area_m2: float | None


def versions(connection: Connection, *, layer: str, code: str) -> Sequence[AreaVersion]:
    """Return every row of an area, in the order of editions; it may be gone in between."""
    query = select(
        areas.c.first_edition,
        areas.c.last_edition,
        areas.c.name,
        areas.c.parent_code,
        areas.c.outline,
        areas.c.area_m2,
    ).where(areas.c.layer == layer, areas.c.code == code)
    rows = connection.execute(query.order_by(areas.c.first_edition))
    return [AreaVersion(*row) for row in rows]


def moved_outlines(
    connection: Connection, *, layer: str, before: int, after: int, codes: Collection[str]
) -> dict[str, bytes]:
    """Return the outlines (WKB) before of areas that another edition has not as the same row.

    Codes that ``before`` does not have are left out. A row stored anew may hold the same outline.
    """
    old = select(areas.c.id, areas.c.code).where(areas.c.layer == layer, in_edition(before))
    new = select(areas.c.id).where(areas.c.layer == layer, in_edition(after))
    standing = set(connection.scalars(new))
    moved = [i for i, code in connection.execute(old) if code in codes and i not in standing]
    found: dict[str, bytes] = {}
    for row_id in moved:
        code, outline = connection.execute(
            select(areas.c.code, areas.c.outline).where(areas.c.id == row_id)
        ).one()
        found[code] = outline
    return found
