"""One database by its URL: two kinds of transaction, errors in our own words.

And noticing, without a query, that something was committed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from geo_service.errors import InvalidValue
from geo_service.layers.layer import Layers
from geo_service.storage.databases import postgis, postgresql, sqlite
from geo_service.storage.databases.unavailable import translated
from geo_service.storage.migrations import is_newest, upgrade

Transaction: TypeAlias = Connection
"""What a service method holds while it reads or writes; only this room knows what it can do."""


class Database:
    """One database, SQLite or PostgreSQL, by its URL; ``named`` is where that was written."""

    def __init__(self, url: str, *, named: str = "GEO_SERVICE_DATABASE_URL") -> None:
        self.url = url
        self._engine = _engine(url, named)
        is_postgresql = self._engine.dialect.name == "postgresql"
        options = postgresql.READING if is_postgresql else {}
        self._reading = self._engine.execution_options(**options)
        options = postgresql.WRITING if is_postgresql else {}
        self._writing = self._engine.execution_options(**options, is_writing=True)
        self._changes: postgresql.ChangeMark | sqlite.ChangeMark | None = None
        if is_postgresql:
            self._changes = postgresql.ChangeMark(self._engine.url)
        elif self.file:
            self._changes = sqlite.ChangeMark(self.file)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None of any other."""
        return sqlite.file_of(make_url(self.url))

    def change_mark(self) -> int | None:
        """Return a number that is another one after any commit; None where only a query tells.

        SQLite tells at once. PostgreSQL tells this process's own commits at once and those of
        others as soon as its notification is here, a moment after the commit.
        """
        return self._changes.read() if self._changes else None

    def migrate(self) -> None:
        """Bring the tables to this version's shape; does nothing when they are.

        Raises
        ------
        DatabaseUnfit
            A PostgreSQL server or database that cannot hold what is stored.
        """
        if self._engine.dialect.name == "postgresql":
            with self.read() as connection:
                postgresql.check(connection)
        upgrade(self.read, self.write)

    def is_newest(self) -> bool:
        """Tell whether the tables are there, in this version's shape."""
        with self.read() as connection:
            return is_newest(connection)

    def refresh_views(self, connection: Connection, layers: Layers) -> None:
        """Let QGIS and the like read today's areas and issues; SQLite has no such views.

        Raises
        ------
        DatabaseUnfit
            A view that must change is used by another one, or is not ours.
        """
        if connection.dialect.name == "postgresql":
            postgis.refresh_views(connection, layers)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads, on one snapshot."""
        with translated(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write; committed whole or not at all.

        One at a time in the whole database, whoever writes and whatever: the next one waits, and
        reads what the last one left.
        """
        try:
            with translated(), self._writing.begin() as connection:
                yield connection
        finally:
            if isinstance(self._changes, postgresql.ChangeMark):
                self._changes.note()

    @contextmanager
    def turn_to_work(self) -> Iterator[bool]:
        """Hold the turn at work that nobody asks for; tells whether nobody else holds it.

        Raises
        ------
        StorageUnavailable
            The server cannot be reached, or the file beside an SQLite database not be made.
        """
        if self._engine.dialect.name == "postgresql":
            with translated(), postgresql.turn_to_work(self._engine) as is_ours:
                yield is_ours
        elif self.file:
            with sqlite.turn_to_work(self.file) as is_ours:
                yield is_ours
        else:
            yield True

    def close(self) -> None:
        """Give back every connection."""
        if self._changes is not None:
            self._changes.close()
        self._engine.dispose()


def _engine(url: str, named: str) -> Engine:
    try:
        address = make_url(url)
        kind = address.get_backend_name()
    except ArgumentError as error:
        raise _not_an_address(named) from error
    if kind == "sqlite":
        return sqlite.engine(address)
    if kind in ("postgresql", "postgres"):
        return _postgresql_engine(address, named)
    raise _not_an_address(named)


def _postgresql_engine(address: URL, named: str) -> Engine:
    try:
        return postgresql.engine(address)
    except ModuleNotFoundError as error:
        raise InvalidValue(
            named,
            "装有 PostgreSQL 驱动时才能用的地址：pip install 'geo-service[postgis]'",
            "an address whose driver is installed: pip install 'geo-service[postgis]'",
        ) from error


def _not_an_address(named: str) -> InvalidValue:
    return InvalidValue(
        named,
        "数据库地址，如 sqlite:///var/geo_service.db 或 postgresql://用户@主机/库名",
        "a database URL such as sqlite:///var/geo_service.db or postgresql://user@host/name",
    )
