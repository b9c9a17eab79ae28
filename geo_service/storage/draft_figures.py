"""Values that were entered for areas of drafts, each with the ground that it is of."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select

from geo_service.storage.tables import draft_figures


class DraftFigureRow(NamedTuple):
    """One value; ``outline`` (WKB, EPSG:4490) is that of the area when it was entered."""

    layer: str
    code: str
    figure: str
    value: str
    outline: bytes
    recorded_at_s: int
    recorded_by: str


_ROW = [draft_figures.c[name] for name in DraftFigureRow._fields]


def figures_of_draft(connection: Connection, draft_id: int) -> list[DraftFigureRow]:
    """Return all values of a draft by layer, code and figure."""
    query = select(*_ROW).where(draft_figures.c.draft_id == draft_id)
    order = (draft_figures.c.layer, draft_figures.c.code, draft_figures.c.figure)
    return [DraftFigureRow(*row) for row in connection.execute(query.order_by(*order))]


def put_figures(connection: Connection, draft_id: int, rows: Iterable[DraftFigureRow]) -> None:
    """Put values in the place of those that the same areas had."""
    for row in rows:
        remove_figure(connection, draft_id, row.layer, row.code, row.figure)
        connection.execute(insert(draft_figures).values(draft_id=draft_id, **row._asdict()))


def remove_figure(
    connection: Connection, draft_id: int, layer: str, code: str, figure: str
) -> bool:
    """Take a value away; return whether there was one."""
    names = {"draft_id": draft_id, "layer": layer, "code": code, "figure": figure}
    is_one = and_(*(draft_figures.c[name] == value for name, value in names.items()))
    return bool(connection.execute(delete(draft_figures).where(is_one)).rowcount)
