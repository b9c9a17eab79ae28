"""What drivers say when a database cannot be used, in our own words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from geo_service.errors import StorageUnavailable

_UNUSABLE = {
    "25006",  # read_only_sql_transaction: a standby, or a server that was put to rest
    "42501",  # insufficient_privilege
    "42P01",  # undefined_table: half restored, or tampered with
    "XX001",  # data_corrupted
    "XX002",  # index_corrupted
}
_LIMITS = "54"
"""PostgreSQL's class of limits exceeded: what was sent is at fault, not the server."""


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


def unavailable(error: BaseException | None) -> StorageUnavailable:
    """Return the error that tells a driver's reason, in one line."""
    return StorageUnavailable(reason=" ".join(str(error).split()))


def _is_unavailable(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlstate", None) or ""
    # sqlite3 says of a damaged file, and of one that is no database, DatabaseError and no more
    is_damaged = type(error) is DatabaseError
    is_operational = isinstance(error, OperationalError) and not code.startswith(_LIMITS)
    return error.connection_invalidated or is_damaged or is_operational or code in _UNUSABLE
