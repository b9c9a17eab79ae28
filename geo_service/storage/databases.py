"""Opening a database: one engine, two kinds of transaction, errors in our own words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from geo_service.errors import StorageUnavailable
from geo_service.storage.migrations import upgrade

Transaction: TypeAlias = Connection
"""What a service method holds while it reads or writes; only this room knows what it can do."""

BUSY_TIMEOUT_S = 60
"""Longer than the longest publication: a second writer waits, it does not fail."""


class Database:
    """One database, SQLite or PostgreSQL, by its URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)

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
        self._engine.dispose()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(url, pool_pre_ping=True)


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is replaced by _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StorageUnavailable(reason=str(error.orig)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageUnavailable(reason=str(error.orig)) from error
        raise
