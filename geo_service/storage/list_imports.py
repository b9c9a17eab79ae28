"""How far the imports of lists have come, kept in the transactions that store their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from geo_service.storage.databases.rows import insert_rows
from geo_service.storage.tables import list_import_rejections, list_imports

KEPT_FOR_S = 30 * 86_400
"""A list that was broken off longer ago begins anew."""


@dataclass(frozen=True)
class ListState:
    """How far one list has come: ``rows_done`` rows, the last of them the file's ``last_row``.

    ``run`` tells which process brought it there. ``places`` are plain values for JSON.
    """

    run: str
    started_at_s: int
    rows_done: int
    last_row: int
    counts: Mapping[str, int]
    places: Any


def kept_state(connection: Connection, list_hash: str, *, now_s: int) -> ListState | None:
    """Return how far a list came that was broken off, None for any other."""
    query = select(list_imports).where(
        list_imports.c.list_hash == list_hash, list_imports.c.recorded_at_s > now_s - KEPT_FOR_S
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return ListState(
        run=row["run"],
        started_at_s=row["started_at_s"],
        rows_done=row["rows_done"],
        last_row=row["last_row"],
        counts=orjson.loads(row["counts"]),
        places=orjson.loads(row["places"]),
    )


def kept_rejections(connection: Connection, list_hash: str) -> list[tuple[int, str, str, str]]:
    """Return (row, field, reason in Chinese, in English) of the rows of a list not taken."""
    table = list_import_rejections.c
    query = select(table.row, table.field, table.reason_zh, table.reason_en)
    found = connection.execute(query.where(table.list_hash == list_hash).order_by(table.id))
    return [(row, field, zh, en) for row, field, zh, en in found]


def keep_state(
    connection: Connection,
    list_hash: str,
    state: ListState,
    *,
    before: ListState | None,
    rejections: Sequence[tuple[int, str, str, str]],
    now_s: int,
) -> bool:
    """Put a state in the place of the one before it; False where another process came between."""
    if not _is_still(connection, list_hash, before, now_s=now_s):
        return False
    values = {
        "run": state.run,
        "started_at_s": state.started_at_s,
        "recorded_at_s": now_s,
        "rows_done": state.rows_done,
        "last_row": state.last_row,
        "counts": orjson.dumps(state.counts).decode(),
        "places": orjson.dumps(state.places).decode(),
    }
    if before is None:
        forget_old(connection, now_s=now_s)
        connection.execute(insert(list_imports).values(list_hash=list_hash, **values))
    else:
        is_it = list_imports.c.list_hash == list_hash
        connection.execute(update(list_imports).where(is_it).values(**values))
    names = ("list_hash", "row", "field", "reason_zh", "reason_en")
    rows = [dict(zip(names, (list_hash, *each), strict=True)) for each in rejections]
    if rows:
        insert_rows(connection, list_import_rejections, rows)
    return True


def forget_state(
    connection: Connection, list_hash: str, *, before: ListState | None, now_s: int
) -> bool:
    """Let go of a list that is done; False where another process came between."""
    if not _is_still(connection, list_hash, before, now_s=now_s):
        return False
    if before is not None:
        forget_list(connection, list_hash)
    return True


def forget_list(connection: Connection, list_hash: str) -> None:
    """Let the import of a list begin anew, whoever is at it."""
    for table in (list_import_rejections, list_imports):
        connection.execute(delete(table).where(table.c.list_hash == list_hash))


def _is_still(
    connection: Connection, list_hash: str, before: ListState | None, *, now_s: int
) -> bool:
    found = kept_state(connection, list_hash, now_s=now_s)
    if found is None or before is None:
        return found is before
    return (found.run, found.rows_done) == (before.run, before.rows_done)


def has_old(connection: Connection, *, now_s: int) -> bool:
    """Tell whether there are lists that were broken off too long ago to go on."""
    is_old = list_imports.c.recorded_at_s <= now_s - KEPT_FOR_S
    return connection.scalar(select(list_imports.c.run).where(is_old).limit(1)) is not None


def forget_old(connection: Connection, *, now_s: int) -> None:
    """Let go of lists that were broken off too long ago to go on."""
    old = select(list_imports.c.list_hash).where(list_imports.c.recorded_at_s <= now_s - KEPT_FOR_S)
    for list_hash in connection.scalars(old).all():
        forget_list(connection, list_hash)
