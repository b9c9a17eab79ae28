"""The database of a house, by its folder: a file in it, or one of its own on a PostgreSQL server.

``pytest --database postgresql`` chooses the server for every test that opens a house. Who opens a
folder again, here or in another process, finds the database that it had.
"""

import atexit
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from sqlalchemy import Connection, NullPool, create_engine, event, select, text
from sqlalchemy.pool import Pool

from geo_service.storage.databases import Database
from geo_service.storage.tables import metadata
from tests.clusters import USER, cluster

KeptCopy: TypeAlias = bytes | str
"""The file of a database, or the name of one on the server."""

_HOST = "TESTS_POSTGRESQL_HOST"
_NEWEST = "newest_tables"
_opened: list[psycopg.Connection] = []
_folders: dict[str, Path] = {}


def is_postgresql() -> bool:
    """Tell which of the two this run is on."""
    return _HOST in os.environ


def start_server() -> None:
    """Start the run's server; every process that starts from here on uses it."""
    running = ExitStack()
    atexit.register(running.close)
    os.environ[_HOST] = running.enter_context(cluster()).host
    _create(_NEWEST, "template1")
    newest = Database(_url(_NEWEST))
    newest.migrate()
    newest.close()


def database_url(folder: Path) -> str:
    """Return the address of a folder's database; a new one on the server has the newest tables."""
    if not is_postgresql():
        return f"sqlite:///{folder / 'house.db'}"
    name = _name(folder)
    if name not in _folders and _create(name, _NEWEST):
        _folders[name] = folder
    return _url(name)


def blank_database(folder: Path, encoding: str = "UTF8") -> str:
    """Return the address of a folder's database on the server, made without a single table."""
    name = _name(folder)
    order = "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    _run(f"CREATE DATABASE {{}} TEMPLATE template0 ENCODING '{encoding}' {order}", name)
    _folders[name] = folder
    return _url(name)


def index_folder(folder: Path) -> Path:
    """Return where a folder's house keeps its indexes, on either database."""
    return folder / "house.db.index"


def attachment_folder(folder: Path) -> Path:
    """Return where a folder's house keeps its photos, on either database."""
    return folder / "house.db.attachments"


def kept_copy(folder: Path) -> KeptCopy:
    """Take a folder's database away, to be put into others; nobody may be using it."""
    if not is_postgresql():
        return (folder / "house.db").read_bytes()
    name = _name(folder)
    kept = f"kept_{name}"
    _run("ALTER DATABASE {} RENAME TO {}", name, kept)
    del _folders[name]
    return kept


def put_copy(copy: KeptCopy, folder: Path) -> None:
    """Put a database into a folder that has none."""
    if isinstance(copy, bytes):
        (folder / "house.db").write_bytes(copy)
    else:
        remove_databases(gone for gone in list(_folders.values()) if not gone.exists())
        assert _create(_name(folder), copy)
        _folders[_name(folder)] = folder


def rows(folder: Path, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return what a query finds in a folder's database, past the service."""
    with _transaction(folder) as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def change(folder: Path, *statements: str) -> None:
    """Run statements in a folder's database, past the service."""
    with _transaction(folder) as connection:
        for statement in statements:
            connection.execute(text(statement))


def everything(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, by the table's name."""
    with _transaction(folder) as connection:
        return {
            name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for name, table in metadata.tables.items()
        }


def stored_bytes(folder: Path) -> bytes:
    """Return all that a folder's database holds, what was deleted in its file included."""
    if is_postgresql():
        return repr(everything(folder)).encode()
    return b"".join(path.read_bytes() for path in folder.glob("house.db*") if path.is_file())


def watch_connections() -> None:
    """Note every connection to the server that a house opens: not every test closes its house."""

    @event.listens_for(Pool, "connect")
    def note(connection: Any, _record: Any) -> None:
        if isinstance(connection, psycopg.Connection):
            _opened.append(connection)


def remove_databases(folders: Iterable[Path] | None = None) -> None:
    """Remove the databases of these folders, and of those below them; of all where none is given.

    Only those that this process made, with the connections that it still has to them.
    """
    wanted = None if folders is None else list(folders)
    for name, folder in list(_folders.items()):
        if wanted is None or any(folder.is_relative_to(each) for each in wanted):
            for connection in _opened:
                if not connection.closed and connection.info.dbname == name:
                    connection.close()
            _run("DROP DATABASE {} WITH (FORCE)", name)
            del _folders[name]
    _opened[:] = [each for each in _opened if not each.closed]


def close_connections() -> None:
    """Close what is left open at the end of a run."""
    while _opened:
        _opened.pop().close()
    if is_postgresql():
        _server().close()


@contextmanager
def _transaction(folder: Path) -> Iterator[Connection]:
    engine = create_engine(database_url(folder), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def _name(folder: Path) -> str:
    return "house_" + sha256(str(folder.resolve()).encode()).hexdigest()[:24]


def _url(name: str) -> str:
    return f"postgresql+psycopg://{USER}@/{name}?host={os.environ[_HOST]}"


def _create(name: str, template: str) -> bool:
    """Make a database, and tell whether it was not there."""
    try:
        _run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return False
    return True


def configure(folder: Path, setting: str) -> None:
    """Set what new connections to a folder's database start with, as in ``name = value``."""
    _run(f"ALTER DATABASE {{}} SET {setting}", _name(folder))


def _run(statement: str, *names: str) -> None:
    _server().execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@cache
def _server() -> psycopg.Connection:
    return psycopg.connect(
        host=os.environ[_HOST],
        user=USER,
        dbname="postgres",
        autocommit=True,
        client_encoding="utf8",
    )
