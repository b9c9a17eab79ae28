"""One moment of a database of either kind as an SQLite file that nobody else knows."""

import errno
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from geo_service.errors import DatabaseUnfit, StorageUnavailable
from geo_service.storage.backups.manifest import TableContent
from geo_service.storage.databases import Database
from geo_service.storage.databases.copies import (
    CopiedTable,
    copy_tables,
    count_tables,
    stored_tables,
)
from geo_service.storage.databases.sqlite import BUSY_TIMEOUT_S
from geo_service.storage.databases.unavailable import primary_code, unavailable
from geo_service.storage.migrations import check_known, revision_of, upgrade

OnStep = Callable[[str, int, int], None]
"""Is told a step, and how much of how much of it is done; 0 of all where nobody knows."""

_INSTRUCTIONS = 20_000
"""So many instructions of SQLite pass between two looks at how far it is."""
_CACHE_KB = 65_536
_READING = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}


def take_snapshot(source: Database, file: Path, *, on_step: OnStep) -> list[TableContent] | None:
    """Write all that one moment of a database holds into a new file; writers go on meanwhile.

    Nothing is migrated. What was deleted is not in the file, not even in its unused pages. Where
    every row passed through here, its tables are counted already.

    Raises
    ------
    DatabaseUnfit
        It holds no tables of ours, or those of a later version.
    StorageUnavailable
        It cannot be read.
    OSError
        The disk of ``file`` is full.
    """
    with source.read() as connection:
        _check_ours(connection)
        if source.file is None:
            return _copy_rows(connection, file, on_step)
    _vacuum_into(source.file, file, on_step)
    return None


@contextmanager
def opened(file: Path) -> Iterator[Connection]:
    """Open a file that is ours alone and lost with us: no journal, no waiting for the disk."""
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def content_of(connection: Connection, *, rows: int = 0, on_step: OnStep) -> list[TableContent]:
    """Return the rows and the hash of every table in a snapshot; ``rows`` if all are known."""
    done: dict[str, int] = {}

    def tell(table: str, so_many: int) -> None:
        done[table] = so_many
        on_step("rows", sum(done.values()), rows)

    counted = count_tables(connection, stored_tables(connection), on_progress=tell)
    return contents(counted)


def contents(copied: Sequence[CopiedTable]) -> list[TableContent]:
    """Return what the manifest says of tables that were counted."""
    return [TableContent(each.name, each.rows, each.content_hash) for each in copied]


def tables_differ(found: Sequence[TableContent], expected: Sequence[TableContent]) -> bool:
    """Tell whether two contents are not the same."""
    return {each.name: each for each in found} != {each.name: each for each in expected}


def _check_ours(connection: Connection) -> None:
    revision = revision_of(connection)
    if revision is None:
        raise DatabaseUnfit(
            "其中没有本系统的表，没有可备份的内容：请核对 GEO_SERVICE_DATABASE_URL",
            "it has no tables of this service, so there is nothing to back up: check"
            " GEO_SERVICE_DATABASE_URL",
        )
    check_known(revision)


def _vacuum_into(source: Path, file: Path, on_step: OnStep) -> None:
    address = f"{source.absolute().as_uri()}?mode=rw"
    interrupted: list[BaseException] = []

    def look() -> bool:
        try:
            on_step("snapshot", file.stat().st_size if file.exists() else 0, size)
        except BaseException as error:  # noqa: BLE001  # SQLite lets nothing through but a stop
            interrupted.append(error)
        return bool(interrupted)

    try:
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
            (size,) = connection.execute(
                "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count,"
                " pragma_freelist_count, pragma_page_size"
            ).fetchone()
            connection.set_progress_handler(look, _INSTRUCTIONS)
            connection.execute("VACUUM INTO ?", (str(file),))
    except sqlite3.Error as error:
        if interrupted:
            raise interrupted[0] from None
        raise _blamed(error) from error


def _copy_rows(source: Connection, file: Path, on_step: OnStep) -> list[TableContent]:
    done: dict[str, int] = {}

    def tell(table: str, rows: int) -> None:
        done[table] = rows
        on_step("snapshot", sum(done.values()), 0)

    def open_file() -> Any:
        return opened(file)

    try:
        upgrade(open_file, open_file, str(revision_of(source)))
        with opened(file) as target:
            copied = copy_tables(source, target, tables=stored_tables(target), on_progress=tell)
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):  # it is not the server that fails
            raise _blamed(error.orig) from error
        raise
    return contents(copied)


def _blamed(error: sqlite3.Error) -> StorageUnavailable | OSError:
    """Tell a disk that takes no more from a source that cannot be read."""
    primary = primary_code(error)
    is_read = getattr(error, "sqlite_errorcode", 0) in _READING
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and not is_read):
        return OSError(errno.ENOSPC, str(error))
    return unavailable(error)


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    # what refers to what was checked by the database that the rows come from
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KB}"):
        connection.execute(f"PRAGMA {pragma}")
