"""All that one database holds into another, empty one: counted, and read back to be compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, inspect, literal, select

from geo_service.errors import DatabaseNotEmpty, DatabaseUnfit
from geo_service.storage.databases.rows import insert_values
from geo_service.storage.tables import metadata

_ROWS = 5_000
"""So many rows are held at once."""
_HASHES = 2**256

OnRows = Callable[[str, int], None]
"""Is told a table, and how many of its rows are done."""


@dataclass
class CopiedTable:
    """How many rows of a table were written, and the hash of what they hold.

    The hash is the sum of the rows' own: two databases order words each in its own way.
    """

    name: str
    rows: int = 0
    total: int = field(default=0, repr=False)

    @property
    def content_hash(self) -> str:
        """The hash as 64 hexadecimal digits."""
        return f"{self.total:064x}"

    def count(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        self.rows += len(rows)
        for row in rows:
            # SQLite keeps no sign of zero; 0 == 0.0, so that what has neither is left as it is
            values = tuple(map(_unsigned, row)) if 0 in row else tuple(row)
            self.total += int.from_bytes(sha256(repr(values).encode()).digest(), "big")
        self.total %= _HASHES


def stored_tables(connection: Connection) -> list[Table]:
    """Return our tables as they are in a database, of whatever version; parents come first."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in metadata.tables)
    return found.sorted_tables


def check_empty(connection: Connection) -> None:
    """Refuse a database, of whatever version, that holds rows of ours; raises DatabaseNotEmpty."""
    standing = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in standing:
            any_row = select(literal(1)).select_from(table).limit(1)
            if connection.execute(any_row).first() is not None:
                raise DatabaseNotEmpty(table=table.name)


def count_tables(
    connection: Connection, tables: Sequence[Table], *, on_progress: OnRows
) -> list[CopiedTable]:
    """Read every row of these tables."""
    return [_counted(connection, table, on_progress) for table in tables]


def copy_tables(
    source: Connection,
    target: Connection,
    *,
    tables: Sequence[Table] = metadata.sorted_tables,
    on_progress: OnRows,
) -> list[CopiedTable]:
    """Write every row of every table into empty tables, and read them back.

    ``on_progress`` is told the table and how many of its rows are written.

    Raises
    ------
    DatabaseNotEmpty
        A table of the target holds rows.
    DatabaseUnfit
        What was written reads back differently.
    """
    check_empty(target)
    return [_copy(source, target, table, on_progress) for table in tables]


def _unsigned(value: Any) -> Any:
    return value + 0.0 if isinstance(value, float) else value


def _copy(source: Connection, target: Connection, table: Table, on_rows: OnRows) -> CopiedTable:
    written = CopiedTable(table.name)
    names = tuple(column.name for column in table.columns)
    for rows in _pieces(source, table):
        insert_values(target, table, names, list(map(tuple, rows)))
        written.count(rows)
        on_rows(table.name, written.rows)
    _continue_ids(target, metadata.tables[table.name])
    found = _counted(target, table, lambda _table, _rows: None)
    if found != written:
        raise DatabaseUnfit(
            f"{table.name} 写入 {written.rows} 行，读回 {found.rows} 行，内容不一致；什么都没留下",
            f"{table.name}: {written.rows} rows were written, {found.rows} were read back, and what"
            " they hold differs; nothing was kept",
        )
    return written


def _counted(connection: Connection, table: Table, on_rows: OnRows) -> CopiedTable:
    found = CopiedTable(table.name)
    for rows in _pieces(connection, table):
        found.count(rows)
        on_rows(table.name, found.rows)
    return found


def _pieces(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    options = {"yield_per": _ROWS}
    with connection.execute(select(table), execution_options=options) as found:
        yield from found.partitions()


def _continue_ids(target: Connection, table: Table) -> None:
    """Let the ids of new rows follow those that were written; SQLite does so by itself."""
    key = table.autoincrement_column
    if target.dialect.name == "postgresql" and key is not None:
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        last = select(func.max(key)).scalar_subquery()
        target.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
