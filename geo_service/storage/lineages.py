"""Lineages as they were written with their editions."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, func, insert, select

from geo_service.layers.lineage import LineageRow
from geo_service.storage.tables import lineage

_FIELDS = tuple(LineageRow.__dataclass_fields__)
_ROW = tuple(lineage.c[name] for name in _FIELDS)


def add_rows(
    connection: Connection, rows: Sequence[LineageRow], *, edition: int, before: int
) -> None:
    """Store the rows of an edition; ``before`` is the one that it was compared with."""
    if rows:
        values = [{**vars(row), "edition": edition, "before": before} for row in rows]
        connection.execute(insert(lineage), values)


def rows_of(connection: Connection, edition: int) -> list[LineageRow]:
    """Return the stored rows of an edition in the order they were stored in, layer by layer."""
    query = select(*_ROW).where(lineage.c.edition == edition).order_by(lineage.c.id)
    return [LineageRow(*row) for row in connection.execute(query)]


def counts_by_edition(connection: Connection) -> dict[int, dict[tuple[str, str], int]]:
    """Return how many rows of each (layer, kind) every edition has; none for one without any."""
    columns = (lineage.c.edition, lineage.c.layer, lineage.c.kind)
    query = select(*columns, func.count()).group_by(*columns).order_by(*columns)
    found: dict[int, dict[tuple[str, str], int]] = {}
    for edition, layer, kind, count in connection.execute(query):
        found.setdefault(edition, {})[layer, kind] = count
    return found


def stored_rows(connection: Connection) -> Iterator[tuple[int, int, int, LineageRow]]:
    """Yield (id, edition, the one before, row) of every row there is, edition by edition."""
    columns = (lineage.c.id, lineage.c.edition, lineage.c.before)
    query = select(*columns, *_ROW).order_by(lineage.c.edition, lineage.c.id)
    for row in connection.execute(query):
        yield row[0], row[1], row[2], LineageRow(*row[3:])
