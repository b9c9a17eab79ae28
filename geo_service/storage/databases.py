"""Opening a database: one engine, two kinds of transaction, errors in our own words.

And noticing, without a query, that something was committed.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from geo_service.errors import InvalidValue, StorageUnavailable
from geo_service.storage.migrations import upgrade

Transaction: TypeAlias = Connection
"""What a service method holds while it reads or writes; only this room knows what it can do."""

BUSY_TIMEOUT_S = 60
"""Longer than the longest publication: a second writer waits, it does not fail."""

_MOST_CONNECTIONS = 100
_RETRY_S = 0.01
_PRIMARY_CODE = 0xFF  # of an SQLite result code; the other bits tell more about it


class ChangeMark:
    """A number that is another one after any commit, by whatever process, to an SQLite file.

    SQLite counts the commits of other connections in shared memory (``PRAGMA data_version``); the
    connection here never writes, so all of them are others'. Asking takes microseconds.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def read(self) -> int:
        """Return the mark; equal marks mean that nothing was committed in between.

        Raises
        ------
        StorageUnavailable
            The file cannot be read.
        """
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = sqlite3.connect(self._file, check_same_thread=False)
                (mark,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise StorageUnavailable(reason=str(error)) from error
        return int(mark)

    def close(self) -> None:
        """Give back the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class Database:
    """One database, SQLite or PostgreSQL, by its URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._engine = _engine(url)
        except (ArgumentError, ImportError) as error:
            raise InvalidValue(
                "GEO_SERVICE_DATABASE_URL",
                "数据库地址，如 sqlite:///var/geo_service.db",
                "a database URL such as sqlite:///var/geo_service.db",
            ) from error
        self._changes = ChangeMark(self.file) if self.file else None

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None of any other."""
        return _file(self.url)

    def change_mark(self) -> int | None:
        """Return a number that is another one after any commit; None where only a query tells."""
        return self._changes.read() if self._changes else None

    def migrate(self) -> None:
        """Bring the tables to this version's shape; does nothing when they are."""
        with _translated():
            upgrade(self._engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads, on one snapshot."""
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write; committed whole or not at all."""
        with _translated(), self._engine.connect() as connection:
            # SQLite: a deferred read-then-write fails "locked" at once whatever the timeout,
            # so the write lock is taken at the start, where the timeout does apply.
            writing = connection.execution_options(is_writing=True)
            with writing.begin():
                yield writing

    def close(self) -> None:
        """Give back every connection."""
        if self._changes is not None:
            self._changes.close()
        self._engine.dispose()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(url, pool_pre_ping=True)


def _file(url: str) -> Path | None:
    address = make_url(url)
    path = address.database
    is_file = path and path != ":memory:" and not path.startswith("file:")
    return Path(path) if path and is_file and address.get_backend_name() == "sqlite" else None


def _sqlite_engine(url: str) -> Engine:
    file = _file(url)
    if file is not None:
        _make_folder(file.parent)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        # who waits for the write lock holds a connection: there must be one for every thread
        max_overflow=_MOST_CONNECTIONS,
        pool_timeout=BUSY_TIMEOUT_S,
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(reason=f"{folder}: {error.strerror}") from error


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is replaced by _begin_sqlite
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection) -> None:
    # a new file switches under a lock that SQLite's busy timeout does not wait for
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > give_up_at:
                raise
        time.sleep(_RETRY_S)


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except NoConnectionFree as error:
        raise StorageUnavailable(reason="no connection is free") from error
    except DBAPIError as error:
        if _is_unavailable(error):
            raise StorageUnavailable(reason=str(error.orig)) from error
        raise


def _is_unavailable(error: DBAPIError) -> bool:
    # sqlite3 says of a damaged file, and of one that is no database, DatabaseError and no more
    is_damaged = type(error) is DatabaseError
    return error.connection_invalidated or is_damaged or isinstance(error, OperationalError)
