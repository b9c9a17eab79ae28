"""Small statements that stand in every transaction, made once and handed to the driver as they are.

What SQLAlchemy does around a statement takes ten times as long as SQLite takes to answer it. Values
go in and come out as the driver has them: only for columns of plain numbers and texts. Who watches
statements by SQLAlchemy's events sees these too, and errors are what SQLAlchemy makes of them.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select

from geo_service.storage.databases.unavailable import failure

Values = Sequence[Any] | Mapping[str, Any]
"""Of one row, by their order or by their names, as the driver wants them."""


def rows_of(
    connection: Connection, query: Select[Any], given: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return what a query finds; it is one of few, kept for ever, without lists of parameters."""
    statement, names, values = _made(query, connection.dialect)
    if given:
        values = {**values, **given}
    told = [values[name] for name in names] if names else values
    return send(connection, statement, [told], is_answered=True)


def send(
    connection: Connection, statement: str, rows: Sequence[Values], *, is_answered: bool = False
) -> list[tuple[Any, ...]]:
    """Send a statement, once for each row of values; return the answer where there is one."""
    cursor: Any = connection.connection.cursor()
    is_many = len(rows) > 1
    values = rows if is_many else rows[0]
    watching = connection.dispatch
    for watch in watching.before_cursor_execute:
        watch(connection, cursor, statement, values, None, is_many)
    found: list[tuple[Any, ...]] = []
    try:
        if is_many:
            cursor.executemany(statement, values)
        else:
            cursor.execute(statement, values)
            if is_answered:
                found = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        cursor.close()
        raise failure(connection, error, statement) from error
    for watch in watching.after_cursor_execute:
        watch(connection, cursor, statement, values, None, is_many)
    cursor.close()
    return found


@lru_cache(maxsize=256)
def _made(query: Select[Any], dialect: Dialect) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
    """Return the statement, the order of its parameters where it counts, and values it brings."""
    made = query.compile(dialect=dialect)
    return str(made), tuple(made.positiontup or ()), made.params
