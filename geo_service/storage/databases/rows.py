"""Many rows into a table, and many out as arrays, the fastest way that each database has."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    LargeBinary,
    Select,
    Table,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
)

from geo_service.storage.databases.statements import rows_of, send
from geo_service.storage.databases.unavailable import failure

_FEW = 20
"""So many rows are sent before COPY, which asks and answers three times, is faster."""
_PIECE = 1_000
_HELD: Mapping[type, str] = {int: "i8", float: "f8"}


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that hold the same columns, past SQLAlchemy's own handling of each parameter.

    That handling takes a tenth of an import's time; the columns hold plain numbers and texts,
    which drivers take as they are.
    """
    columns = tuple(rows[0])
    values = itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)
    insert_values(connection, table, columns, list(map(values, rows)))


def insert_values(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert rows as ``insert_rows`` does, each the values of some columns in their order."""
    if _are_copied(connection, rows):
        with _copied(connection, table, columns, rows):
            return
    statement, names = _insertion(table, connection.dialect, columns)
    if not names:
        send(connection, statement, [dict(zip(columns, row, strict=True)) for row in rows])
    elif names == columns:
        send(connection, statement, rows)
    else:
        order = itemgetter(*map(columns.index, names))
        send(connection, statement, list(map(order, rows)))


@contextmanager
def values_inserted(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> Iterator[None]:
    """Insert rows as ``insert_values`` does; PostgreSQL takes many of them in meanwhile.

    What is done in the ``with`` must not use the connection. The rows are in the table at its end.
    """
    if _are_copied(connection, rows):
        with _copied(connection, table, columns, rows, is_queued=True):
            yield
    else:
        insert_values(connection, table, columns, rows)
        yield


def reserved_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Return ids for so many new rows, ascending; the transaction must be one that writes."""
    if connection.dialect.name != "postgresql":
        # as SQLite would number them, and nobody else writes meanwhile
        [(last,)] = rows_of(connection, _last_id(table))
        last = last or 0
        return list(range(last + 1, last + 1 + count))
    [(ids,)] = rows_of(connection, _next_ids(table), {"count": count})
    return list(ids or ())


@lru_cache(maxsize=64)
def _last_id(table: Table) -> Select[Any]:
    return select(func.max(table.c.id))


@lru_cache(maxsize=64)
def _next_ids(table: Table) -> Select[Any]:
    sequence = func.pg_get_serial_sequence(table.name, "id")
    numbers = func.generate_series(1, bindparam("count", type_=BigInteger)).table_valued()
    return select(func.array_agg(func.nextval(sequence))).select_from(numbers)


def plain_rows(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """Return what a query finds as the driver gives it: flags may be 0 and 1.

    The rows that SQLAlchemy makes of them cost a quarter of what fetching them does.
    """
    result = connection.execute(query)
    cursor: Any = result.cursor
    with closing(result):
        return list(cursor.fetchall())


def read_columns(
    connection: Connection, query: Select[Any], kinds: Sequence[type[int] | type[float]]
) -> list[NDArray[Any]]:
    """Return what a query finds as arrays, one for each of its columns, in no order.

    ``kinds`` are ``int`` (int64, never NULL) and ``float`` (float64, NaN for NULL).
    """
    if connection.dialect.name == "postgresql":
        return _packed_columns(connection, query, kinds)
    read: list[list[NDArray[Any]]] = [[np.empty(0, dtype=_HELD[kind])] for kind in kinds]
    # some at a time: as many rows at once as a page counts start a collection of all garbage
    for rows in connection.execute(query).partitions(_PIECE):
        for pieces, kind, values in zip(read, kinds, zip(*rows, strict=True), strict=True):
            pieces.append(np.array(values, dtype=_HELD[kind]))
    return [np.concatenate(pieces) for pieces in read]


DEGREES = "degrees"
"""A column of degrees, NULL where unknown: as exact whole numbers where no bytes can be sent."""

_SCALE = 2.0**55
"""Multiplied by it, each double from 1/8 to 180 is a whole number that 63 bits hold."""
_UNKNOWN = 9 * 10**18
_WHERE_UNKNOWN = 85 * 10**17


def read_packed(
    connection: Connection, query: Select[Any], kinds: Sequence[type[int] | str]
) -> list[NDArray[Any]]:
    """Return what a query finds as arrays, all in one order that nobody chose.

    ``kinds`` are ``int`` (int64, never NULL) and DEGREES (float64, NaN for NULL, bit for bit). From
    SQLite each column comes as one text: rows take ten times as long. Longer than 10^9 bytes, some
    50 million rows, SQLite refuses to make it.
    """
    named = [each.label(f"c{i}") for i, each in enumerate(query.selected_columns)]
    query = query.with_only_columns(*named, maintain_column_froms=True)
    if connection.dialect.name == "postgresql":
        plain = [float if kind == DEGREES else int for kind in kinds]
        return _packed_columns(connection, query, plain)
    columns = list(query.subquery().columns)
    whole = [
        func.coalesce(cast(column * _SCALE, BigInteger), _UNKNOWN) if kind == DEGREES else column
        for column, kind in zip(columns, kinds, strict=True)
    ]
    # a double below 1/8 of a degree may have bits that are lost
    odd = [
        func.total((cast(column * _SCALE, BigInteger) / _SCALE) != column)
        for column, kind in zip(columns, kinds, strict=True)
        if kind == DEGREES
    ]
    texts = [func.group_concat(column, ",") for column in whole]
    told = connection.execute(select(*texts, *odd)).one()
    if any(told[len(kinds) :]):
        plain = [float if kind == DEGREES else int for kind in kinds]
        return read_columns(connection, query, plain)
    return [_parsed(text, kind) for text, kind in zip(told, kinds, strict=False)]


def _parsed(text: str | None, kind: type[int] | str) -> NDArray[Any]:
    values = np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, dtype=np.int64)
    if kind != DEGREES:
        return values
    return np.where(values > _WHERE_UNKNOWN, np.nan, values / _SCALE)


def _packed_columns(
    connection: Connection, query: Select[Any], kinds: Sequence[type[int] | type[float]]
) -> list[NDArray[Any]]:
    """Ask for the bytes of each column as one value: rows by the ten thousand take twice as long.

    No value may be NULL: string_agg leaves it out, and all that follow would move up.
    """
    packed = [
        func.string_agg(
            func.float8send(func.coalesce(column, float("nan")))
            if kind is float
            else func.int8send(cast(column, BigInteger)),
            literal(b""),
            type_=LargeBinary,
        )
        for column, kind in zip(query.subquery().columns, kinds, strict=True)
    ]
    sent = connection.execute(select(*packed)).one()
    return [
        np.frombuffer(values or b"", dtype=f">{_HELD[kind]}").astype(_HELD[kind])
        for values, kind in zip(sent, kinds, strict=True)
    ]


@lru_cache(maxsize=256)
def _insertion(
    table: Table, dialect: Dialect, columns: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Return the statement and the order of its parameters, none where they go by their names.

    Compiling it costs several times what it costs to insert one row.
    """
    statement = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(statement), tuple(statement.positiontup or ())


def _are_copied(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> bool:
    return connection.dialect.name == "postgresql" and len(rows) > _FEW


@contextmanager
def _copied(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    is_queued: bool = False,
) -> Iterator[None]:
    """Send rows by COPY; those ``is_queued`` travel in a thread of their own until the end."""
    quoted = [connection.dialect.identifier_preparer.quote(name) for name in (table.name, *columns)]
    statement = f"COPY {quoted[0]} ({', '.join(quoted[1:])}) FROM STDIN"
    driver = connection.dialect.loaded_dbapi
    cursor: Any = connection.connection.cursor()
    writer = driver.copy.QueuedLibpqWriter(cursor) if is_queued else None
    try:
        with cursor.copy(statement, writer=writer) as stream:
            for row in rows:
                stream.write_row(row)
            yield
    except driver.Error as error:
        raise failure(connection, error, statement) from error
    finally:
        cursor.close()
