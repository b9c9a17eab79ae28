"""Many rows by a unique key, in one statement that is made once and has one plan on each database.

A list of keys in the statement itself is made anew each time, at several microseconds a key. And
PostgreSQL, which knows nothing of a table's contents until it has looked, would rather walk through
all rows of a source for every list: an import into an empty database would slow down with its
square.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    func,
    select,
    true,
)

from geo_service.storage.databases.statements import rows_of
from geo_service.storage.tables import CHUNK

_KEYS_AT_ONCE = 5_000


def rows_by_key(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    *,
    fixed: Mapping[str, str],
    key: str,
    keys: Sequence[str],
) -> Iterator[Any]:
    """Yield the key and some columns of each row that is there, in no order.

    ``fixed`` columns and the ``key`` together are unique in the table.
    """
    made = _one_by_one if connection.dialect.name == "postgresql" else _among
    query = made(table, columns, tuple(fixed), key)
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        given = orjson.dumps(keys[start : start + _KEYS_AT_ONCE]).decode()
        yield from rows_of(connection, query, {**fixed, "keys": given})


def chunks_known(
    connection: Connection, column: Column[Any], numbers: Sequence[int]
) -> Iterator[Sequence[int]]:
    """Yield numbers in chunks that may stand in a column; new ones, above all others, in none.

    That costs one question. A list of keys costs several microseconds for each of them.
    """
    if not numbers:
        return
    [(highest,)] = rows_of(connection, _highest(column))
    if highest is not None and highest >= min(numbers):
        for start in range(0, len(numbers), CHUNK):
            yield numbers[start : start + CHUNK]


@lru_cache(maxsize=16)
def _highest(column: Column[Any]) -> Select[Any]:
    return select(func.max(column))


@lru_cache(maxsize=16)
def _one_by_one(
    table: Table, columns: tuple[str, ...], fixed: tuple[str, ...], key: str
) -> Select[Any]:
    """Ask for each key by itself: that leaves PostgreSQL nothing but the unique index."""
    given = func.json_array_elements_text(cast(bindparam("keys"), JSON))
    asked = given.table_valued("key", name="asked").render_derived()
    found = (
        select(*(table.c[name] for name in columns))
        .where(_is_fixed(table, fixed), table.c[key] == asked.c.key)
        .limit(1)
        .lateral("found")
    )
    return select(asked.c.key, *found.c).join_from(asked, found, true())


@lru_cache(maxsize=16)
def _among(table: Table, columns: tuple[str, ...], fixed: tuple[str, ...], key: str) -> Select[Any]:
    asked = func.json_each(bindparam("keys")).table_valued("value")
    wanted = (table.c[name] for name in (key, *columns))
    is_asked = table.c[key].in_(select(asked.c.value))
    return select(*wanted).where(_is_fixed(table, fixed), is_asked)


def _is_fixed(table: Table, names: tuple[str, ...]) -> Any:
    return and_(*(table.c[name] == bindparam(name) for name in names))
