"""Where a backup comes to stand: a database that holds nothing, filled as a whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, event
from sqlalchemy.exc import OperationalError

from geo_service.errors import DatabaseUnfit
from geo_service.storage.backups.asides import put_in_place
from geo_service.storage.backups.manifest import TableContent
from geo_service.storage.backups.snapshots import OnStep, contents, opened
from geo_service.storage.databases import Database, Transaction
from geo_service.storage.databases.copies import check_empty, copy_tables, stored_tables
from geo_service.storage.databases.unavailable import primary_code, unavailable
from geo_service.storage.migrations import check_known, is_newest, revision_of

_BESIDE = ("-wal", "-shm", "-journal")
_PATIENCE_S = 1


def check_target(target: Database) -> None:
    """Refuse a database that may not be filled.

    Raises
    ------
    DatabaseNotEmpty
        A table holds rows.
    DatabaseUnfit
        Its tables are of a later version, or rests of a removed file lie where it is to be.
    StorageUnavailable
        It cannot be read.
    """
    if target.file is not None and not target.file.exists():
        _check_nothing_beside(target.file)
        return
    with target.read() as connection:
        check_known(revision_of(connection))
        check_empty(connection)


def bring_forward(extracted: Path) -> bool:
    """Migrate an extracted database of an older version, and tell whether it is one."""
    with opened(extracted) as connection:
        if is_newest(connection):
            return False
    with closing(Database(f"sqlite:///{extracted}")) as database:
        database.migrate()
    return True


def put_file(extracted: Path, target: Path) -> None:
    """Let an extracted database become the file ``target``, which holds nothing and is idle.

    Raises
    ------
    DatabaseUnfit
        Another process has it open.
    DatabaseNotEmpty
        It holds rows by now.
    """
    if not target.exists():
        _check_nothing_beside(target)
        put_in_place(extracted, target)
        return
    with _alone(target):
        put_in_place(extracted, target)


@contextmanager
def fill_server(
    extracted: Path, target: Database, *, rows: int, on_step: OnStep
) -> Iterator[tuple[Transaction, list[TableContent]]]:
    """Write every row of an extracted database into an empty one, and yield what arrived.

    It is one transaction, yielded too: an exception inside leaves nothing.

    Raises
    ------
    DatabaseNotEmpty, DatabaseUnfit, StorageUnavailable
        As for any copy.
    """
    target.migrate()
    done: dict[str, int] = {}

    def tell(table: str, so_many: int) -> None:
        done[table] = so_many
        on_step("restore", sum(done.values()), rows)

    with opened(extracted) as source, target.write() as writing:
        copied = copy_tables(source, writing, tables=stored_tables(source), on_progress=tell)
        yield writing, contents(copied)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold an SQLite file that nobody else has open, and that holds nothing, at rest."""
    engine = create_engine(
        f"sqlite:///{target}", poolclass=NullPool, connect_args={"timeout": _PATIENCE_S}
    )
    event.listen(engine, "connect", _take_alone)
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN EXCLUSIVE"))
    try:
        with engine.begin() as connection:
            check_empty(connection)
            _check_nothing_beside(target)
            yield
    except OperationalError as error:
        if primary_code(error.orig) != sqlite3.SQLITE_BUSY:
            raise unavailable(error.orig) from error
        raise DatabaseUnfit(
            "另一个程序正在使用它：先停止服务，再恢复",
            "another program is using it: stop the service first, then restore",
        ) from error
    finally:
        engine.dispose()


def _take_alone(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    # leaving WAL needs every other connection gone, and takes the files beside with it
    connection.execute("PRAGMA journal_mode=DELETE")


def _check_nothing_beside(target: Path) -> None:
    """SQLite would play a journal of the old file into the new one."""
    for ending in _BESIDE:
        beside = target.with_name(f"{target.name}{ending}")
        if beside.exists():
            raise DatabaseUnfit(
                f"旁边留有旧库的 {beside.name}：先把它移走，再恢复",
                f"{beside.name} of an older database lies beside it: move it away first",
            )
