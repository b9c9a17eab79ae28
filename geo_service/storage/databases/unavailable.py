"""What drivers say when a database cannot be used, in our own words."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from geo_service.errors import DatabaseReadOnly, DiskFull, StorageUnavailable

_READ_ONLY = "25006"
"""read_only_sql_transaction: a standby, or a server that was put to rest."""
_DISK_FULL = "53100"
_UNUSABLE = {
    _READ_ONLY,
    "42501",  # insufficient_privilege
    "42P01",  # undefined_table: half restored, or tampered with
    "XX001",  # data_corrupted
    "XX002",  # index_corrupted
}
_LIMITS = "54"
"""PostgreSQL's class of limits exceeded: what was sent is at fault, not the server."""
_FAILED_FILE = re.compile("could not (extend|write|read|open|fsync|create|truncate|seek)")
"""What PostgreSQL says, without a code of its own, where a quota or another limit stops it."""

_PRIMARY_BITS = 0xFF
_NOT_WRITTEN = {
    sqlite3.SQLITE_IOERR_WRITE,  # a quota or another limit; a full disk is SQLITE_FULL
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}


_STAYS_UNUSABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


@contextmanager
def translated() -> Iterator[None]:
    """Raise StorageUnavailable where the database itself cannot be used."""
    try:
        yield
    except NoConnectionFree as error:
        raise StorageUnavailable(reason="no connection is free") from error
    except DBAPIError as error:
        if _is_unavailable(error):
            raise unavailable(error.orig) from error
        raise


@contextmanager
def translated_driver() -> Iterator[None]:
    """Raise StorageUnavailable where SQLite's own driver, asked without SQLAlchemy, says so."""
    try:
        yield
    except sqlite3.Error as error:
        raise unavailable(error) from error


def unavailable(error: BaseException | None) -> StorageUnavailable:
    """Return the error that tells a driver's reason, in one line."""
    return _kind(error)(reason=" ".join(str(error).split()))


def failure(connection: Connection, error: Exception, statement: str) -> StatementError:
    """Return what SQLAlchemy says of an error of its driver, which was asked past it.

    As after a statement of SQLAlchemy's own, a connection that is of no use any more is given up,
    and those that wait in the pool are with it.
    """
    dialect = connection.dialect
    said: Any = error
    opened = connection.connection.dbapi_connection
    is_lost = dialect.is_disconnect(said, opened, None) or goes_on(error)
    if is_lost:
        connection.invalidate(error)
        connection.engine.dispose()
    return DBAPIError.instance(
        statement,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )


def goes_on(error: BaseException | None) -> bool:
    """Return whether an open connection says so for ever: only a new one finds the cause gone."""
    is_at_rest = getattr(error, "sqlstate", None) == _READ_ONLY
    return is_at_rest or primary_code(error) in _STAYS_UNUSABLE


def primary_code(error: BaseException | None) -> int:
    """Return the primary result code of SQLite in an error, 0 in any other.

    The other bits of a code tell more about it (https://sqlite.org/rescode.html).
    """
    return (getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY_BITS


def _kind(error: BaseException | None) -> type[StorageUnavailable]:
    state = getattr(error, "sqlstate", None)
    code = getattr(error, "sqlite_errorcode", None) or 0
    primary = primary_code(error)
    is_full = state == _DISK_FULL or primary == sqlite3.SQLITE_FULL or code in _NOT_WRITTEN
    if is_full or (state is not None and "extend" in _failed_with(error)):
        return DiskFull
    is_read_only = state == _READ_ONLY or primary == sqlite3.SQLITE_READONLY
    return DatabaseReadOnly if is_read_only else StorageUnavailable


def _failed_with(error: BaseException | None) -> str:
    found = _FAILED_FILE.search(str(error))
    return found[1] if found else ""


def _is_unavailable(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlstate", None) or ""
    # sqlite3 says of a damaged file, and of one that is no database, DatabaseError and no more
    is_damaged = type(error) is DatabaseError
    is_operational = isinstance(error, OperationalError) and not code.startswith(_LIMITS)
    has_failed = code.startswith("XX") and bool(_failed_with(error.orig))
    is_named = code in _UNUSABLE or has_failed
    return error.connection_invalidated or is_damaged or is_operational or is_named
