"""What became of areas between two editions."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from geo_service.storage.editions import in_edition
from geo_service.storage.tables import areas


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
