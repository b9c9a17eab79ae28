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

from geo_service.errors import InvalidValue, OutcomeUnknown, StorageUnavailable
from geo_service.layers.layer import Layers
from geo_service.storage.databases import postgis, postgresql, sqlite
from geo_service.storage.databases.sqlite import DatabaseFile
from geo_service.storage.databases.unavailable import translated, translated_driver
from geo_service.storage.migrations import is_newest, upgrade

Transaction: TypeAlias = Connection
"""What a service method holds while it reads or writes; only this room knows what it can do."""


class Database:
    """One database, SQLite or PostgreSQL, by its URL; ``named`` is where that was written."""

    def __init__(self, url: str, *, named: str = "GEO_SERVICE_DATABASE_URL") -> None:
        self.url = url
        self._named = named
        self.is_new = False
        """Whether ``migrate`` made the file."""
        self._file = DatabaseFile(self.file) if self.file else None
        self._engine = _engine(url, named, self._file)
        is_postgresql = self._engine.dialect.name == "postgresql"
        options = postgresql.READING if is_postgresql else {}
        self._reading = self._engine.execution_options(**options)
        options = postgresql.WRITING if is_postgresql else {}
        self._writing: Engine | sqlite.Writers = (
            sqlite.Writers(self._engine)
            if self._file
            else self._engine.execution_options(**options, is_writing=True)
        )
        self._changes: postgresql.ChangeMark | sqlite.ChangeMark | None = None
        if is_postgresql:
            self._changes = postgresql.ChangeMark(self._engine.url)
        elif self._file:
            self._changes = sqlite.ChangeMark(self._file)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None of any other."""
        return sqlite.file_of(_address(self.url, self._named))

    @property
    def place(self) -> str:
        """Where the database is, for people: its file, or the server and name without a login."""
        if self.file is not None:
            return str(self.file.absolute())
        return without_login(self.url)

    def change_mark(self) -> int | None:
        """Return a number that is another one after any commit; None where only a query tells.

        SQLite tells at once. PostgreSQL tells this process's own commits at once and those of
        others as soon as its notification is here, a moment after the commit.
        """
        return self._changes.read() if self._changes else None

    def migrate(self, *, may_make: bool = True) -> None:
        """Bring the tables to this version's shape; does nothing when they are.

        Where there is no file of SQLite, it is made, unless it must be there (``may_make``).

        Raises
        ------
        StorageUnavailable
            The database cannot be read, written, or made.
        DatabaseUnfit
            A PostgreSQL server or database that cannot hold what is stored.
        """
        if self._engine.dialect.name == "postgresql":
            with self.read() as connection:
                postgresql.check(connection)
        elif self._file is not None and may_make:
            self.is_new = self._file.make()
        try:
            upgrade(self.read, self.write)
        finally:
            self._end_writing()  # alembic ties its connection to tables that outlast the upgrade

    def is_newest(self) -> bool:
        """Tell whether the tables are there, in this version's shape."""
        with self.read() as connection:
            return is_newest(connection)

    def durability_doubt(self) -> tuple[str, str] | None:
        """Return why a crash may lose what was committed, in two languages; None where it may not.

        On every connection a commit waits for the disk; only a PostgreSQL server can be told not
        to write at all.
        """
        if self._engine.dialect.name != "postgresql":
            return None
        with self.read() as connection:
            return postgresql.durability_doubt(connection)

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

        Raises
        ------
        StorageUnavailable
            The database cannot be written; nothing was.
        OutcomeUnknown
            It went away while the transaction was being committed.
        """
        is_committing = False
        try:
            with translated(), self._writing.begin() as connection:
                yield connection
                is_committing = True
        except StorageUnavailable as error:
            if is_committing and getattr(error.__cause__, "connection_invalidated", False):
                raise OutcomeUnknown(reason=error.reason) from error
            raise
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

    def empty_log(self) -> None:
        """Leave nothing of what was deleted in the log beside an SQLite file, if nobody reads."""
        if self._file is not None:
            with translated_driver():
                sqlite.empty_log(self._file)

    def compact(self) -> None:
        """Write everything anew, so that nothing that was deleted is left in the files.

        Nobody else can write meanwhile, on PostgreSQL nor read; it needs room for a second copy.

        Raises
        ------
        StorageUnavailable
            Somebody else has it, or there is no room.
        """
        if self._file is not None:
            with translated_driver():
                sqlite.compact(self._file)
        elif self._engine.dialect.name == "postgresql":
            with translated():
                postgresql.compact(self._engine)

    def close(self) -> None:
        """Give back every connection."""
        if self._changes is not None:
            self._changes.close()
        self._end_writing()
        self._engine.dispose()

    def _end_writing(self) -> None:
        """Give back the connection that stays open between two transactions."""
        if isinstance(self._writing, sqlite.Writers):
            self._writing.close()


def without_login(place: str) -> str:
    """Return an address without user, password and options; what is no address stays as it is."""
    try:
        url = make_url(place)
    except ArgumentError:
        return place
    # a socket's folder is written as an option; any other may hold a secret, and names no database
    where = {name: url.query[name] for name in ("host", "port") if name in url.query}
    bare = URL.create(
        "postgresql", host=url.host, port=url.port, database=url.database, query=where
    )
    return bare.render_as_string()


def _address(url: str, named: str) -> URL:
    try:
        address = make_url(url)
        address.get_backend_name()
    except ArgumentError as error:
        raise _not_an_address(named) from error
    return address


def _engine(url: str, named: str, file: DatabaseFile | None) -> Engine:
    address = _address(url, named)
    kind = address.get_backend_name()
    if kind == "sqlite":
        return sqlite.engine(address, file)
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
