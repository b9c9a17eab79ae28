"""All that one database holds into another, empty one: counted, and read back to be compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, select

from geo_service.errors import DatabaseNotEmpty, DatabaseUnfit
from geo_service.storage.databases.rows import insert_rows
from geo_service.storage.tables import metadata

_ROWS = 5_000
"""So many rows are held at once."""
_HASHES = 2**256


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

    def count(self, rows: Sequence[Any]) -> None:
        """Add rows."""
        self.rows += len(rows)
        for row in rows:
            # SQLite keeps no sign of zero
            values = tuple(value + 0.0 if isinstance(value, float) else value for value in row)
            self.total += int.from_bytes(sha256(repr(values).encode()).digest(), "big")
        self.total %= _HASHES


def copy_tables(
    source: Connection, target: Connection, *, on_progress: Callable[[str, int], None]
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
    for table in metadata.sorted_tables:
        if target.execute(select(table).limit(1)).first() is not None:
            raise DatabaseNotEmpty(table=table.name)
    return [_copy(source, target, table, on_progress) for table in metadata.sorted_tables]


def _copy(
    source: Connection,
    target: Connection,
    table: Table,
    on_progress: Callable[[str, int], None],
) -> CopiedTable:
    written = CopiedTable(table.name)
    names = [column.name for column in table.columns]
    for rows in _pieces(source, table):
        insert_rows(target, table, [dict(zip(names, row, strict=True)) for row in rows])
        written.count(rows)
        on_progress(table.name, written.rows)
    _continue_ids(target, table)
    found = CopiedTable(table.name)
    for rows in _pieces(target, table):
        found.count(rows)
    if found != written:
        raise DatabaseUnfit(
            f"{table.name} 写入 {written.rows} 行，读回 {found.rows} 行，内容不一致；什么都没留下",
            f"{table.name}: {written.rows} rows were written, {found.rows} were read back, and what"
            " they hold differs; nothing was kept",
        )
    return written


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
