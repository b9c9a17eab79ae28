"""Places by their addresses: a row for each wording of a list, ended where it is told anew."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from geo_service.storage.databases.rows import insert_values, plain_rows, reserved_ids
from geo_service.storage.databases.statements import rows_of
from geo_service.storage.tables import CHUNK, place_lists, places


class PlaceRow(NamedTuple):
    """What a list tells of one place; ``row_key`` tells which row of the list it is.

    ``lanes`` stand with / between, ``aliases`` with line ends between. ``lon`` and ``lat`` are
    degrees, EPSG:4490.
    """

    row_key: str
    road: str | None
    lanes: str | None
    number: str | None
    name: str | None
    building: str | None
    title: str | None
    aliases: str | None
    kind: str | None
    address: str | None
    layer: str | None
    area: str | None
    x: float | None
    y: float | None
    source_frame: str | None
    lon: float | None
    lat: float | None


StandingRow: TypeAlias = tuple[int, PlaceRow]

_ROW = tuple(places.c[name] for name in PlaceRow._fields)
_STANDS = places.c.ended_at_s.is_(None)
_REVISION = select(func.coalesce(func.max(place_lists.c.revision), 0))


def revision(connection: Connection) -> int:
    """Return what changes with every import, 0 before the first: the cheap read."""
    [(found,)] = rows_of(connection, _REVISION)
    return int(found)


def standing_rows(connection: Connection, list_name: str | None = None) -> list[StandingRow]:
    """Return the id and the row of every place that stands, in one list or in all, by id."""
    query = select(places.c.id, *_ROW).where(_STANDS).order_by(places.c.id)
    if list_name is not None:
        query = query.where(places.c.list_name == list_name)
    return [(row[0], PlaceRow._make(row[1:])) for row in plain_rows(connection, query)]


def listed_rows(connection: Connection) -> list[PlaceRow]:
    """Return every place that stands with a point and the area that it is listed in, by id."""
    query = select(*_ROW).where(
        _STANDS, places.c.lon.is_not(None), places.c.layer.is_not(None), places.c.area.is_not(None)
    )
    return [PlaceRow._make(row) for row in plain_rows(connection, query.order_by(places.c.id))]


def recorded_since(connection: Connection, at_s: int) -> set[int]:
    """Return the ids of the places that stand and were told at a moment or later."""
    query = select(places.c.id).where(_STANDS, places.c.recorded_at_s >= at_s)
    return {row_id for (row_id,) in plain_rows(connection, query)}


def replace_rows(
    connection: Connection,
    list_name: str,
    *,
    ended: Sequence[int],
    added: Sequence[PlaceRow],
    at_s: int,
    actor: str,
) -> None:
    """End places by id, and add others to a list."""
    if ended:
        statement = update(places).where(places.c.id == bindparam("b_id")).values(ended_at_s=at_s)
        connection.execute(statement, [{"b_id": each} for each in ended])
    if added:
        ids = reserved_ids(connection, places, len(added))
        columns = ("id", *PlaceRow._fields, "list_name", "recorded_at_s", "recorded_by")
        rows = [
            (row_id, *row, list_name, at_s, actor) for row_id, row in zip(ids, added, strict=True)
        ]
        insert_values(connection, places, columns, rows)


def note_import(
    connection: Connection, list_name: str, *, file: str, count: int, at_s: int, actor: str
) -> None:
    """Note that a list was imported, so that every process reads it anew."""
    following = revision(connection) + 1
    connection.execute(delete(place_lists).where(place_lists.c.list_name == list_name))
    connection.execute(
        insert(place_lists).values(
            list_name=list_name,
            revision=following,
            file=file,
            places=count,
            imported_at_s=at_s,
            imported_by=actor,
        )
    )


def all_lists(connection: Connection) -> Sequence[Any]:
    """Return every list by its name, as it was imported last."""
    return connection.execute(select(place_lists).order_by(place_lists.c.list_name)).all()


def places_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, Any]:
    """Return id → the whole row, of places that ended too."""
    found: dict[int, Any] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(places).where(places.c.id.in_(ids[start : start + CHUNK]))
        found |= {row.id: row for row in connection.execute(query)}
    return found
