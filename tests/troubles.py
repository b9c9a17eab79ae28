"""What befalls databases: a disk that fills up, a lock that nobody gives back.

On SQLite this reaches the one connection that a house has which is used by one thread.
"""

import resource
from contextlib import contextmanager

from tests.databases import is_postgresql

_FULL = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON issue_events FOR EACH STATEMENT EXECUTE FUNCTION refuse()
"""


def fill_disk(house, *, pages=2):
    """Let the database grow by so many pages of a file and no further."""
    if is_postgresql():
        _run(house, _FULL)
    else:
        used = _run(house, "PRAGMA page_count")
        _run(house, f"PRAGMA max_page_count = {used + pages}")


def free_disk(house):
    """Let the database grow again."""
    if is_postgresql():
        _run(house, "DROP FUNCTION refuse CASCADE")
    else:
        _run(house, "PRAGMA max_page_count = 1000000")


@contextmanager
def full_disk(size):
    """Let no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def lose_patience(house):
    """Let the house wait for a lock no longer than a moment."""
    if is_postgresql():
        _run(house, "SET lock_timeout = '50ms'")
    else:
        _run(house, "PRAGMA busy_timeout = 50")


def _run(house, statement):
    with house.workspace.database.write() as connection:
        found = connection.exec_driver_sql(statement)
        return found.scalar() if found.returns_rows else None
