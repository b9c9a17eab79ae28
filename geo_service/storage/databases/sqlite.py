"""SQLite in a file: durable, one writer at a time, and telling of commits without a query."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote
from weakref import WeakMethod

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event

from geo_service.errors import DatabaseReadOnly, StorageUnavailable
from geo_service.storage.databases.statements import send
from geo_service.storage.databases.unavailable import goes_on, primary_code, unavailable

BUSY_TIMEOUT_S = 60
"""Longer than the longest publication: a second writer waits, it does not fail."""

_MOST_CONNECTIONS = 100
_RETRY_S = 0.01
_SHORT_PATIENCE_MS = 1_000


class DatabaseFile:
    """The file that was opened first: none, or another one in its place, is not the database.

    Whoever has a file open goes on writing into it when it is moved away, and SQLite makes a new,
    empty one for whoever opens the old name. Neither may happen to what is acknowledged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._name = str(self.path)
        self._known: tuple[int, int] | None = None

    def make(self) -> bool:
        """Make the file where there is none, and tell whether it was made.

        Raises
        ------
        StorageUnavailable
            It cannot be made, or it was there before and is gone.
        """
        if self._known is not None or self.path.exists():
            return False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644))
        except OSError as error:
            raise StorageUnavailable(reason=f"{self.path}: {error.strerror}") from error
        return True

    def connect(self) -> sqlite3.Connection:
        """Open the file, which must be there; raises StorageUnavailable."""
        self.check()
        self._check_folder()
        address = f"file:{quote(str(self.path))}?mode=rw"
        return sqlite3.connect(address, BUSY_TIMEOUT_S, check_same_thread=False, uri=True)

    def _check_folder(self) -> None:
        """Say why SQLite will not open the file where it cannot make its own two beside it.

        Where they stand already, as after a power cut, it reads what is there.
        """
        folder, beside = self.path.parent, self.path.with_name(f"{self.path.name}-shm")
        if not (os.access(folder, os.W_OK) or beside.exists()):
            raise DatabaseReadOnly(
                reason=f"{folder} 不能写入，SQLite 要在那里建 -wal 和 -shm；只想读取或备份，"
                "先把库文件复制到能写的地方 / nothing can be written there, and SQLite needs to"
                " make -wal and -shm; to read or to back it up, copy the file to where it can"
            )

    def check(self, _connection: Connection | None = None) -> None:
        """Refuse to go on where the file is not the one opened first; takes a microsecond.

        Raises
        ------
        StorageUnavailable
            It was moved away, removed or replaced.
        """
        try:
            found = os.stat(self._name)  # noqa: PTH116  # a Path's own takes twice as long
        except OSError as error:
            raise StorageUnavailable(reason=f"{self.path}: {error.strerror}") from error
        is_it = self._known or (found.st_dev, found.st_ino)
        if is_it != (found.st_dev, found.st_ino):
            raise StorageUnavailable(
                reason=f"{self.path} 已被换成另一个文件，换文件前须停止服务 / another file is in"
                " its place, put it back or restart the service"
            )
        self._known = is_it


class ChangeMark:
    """A number that is another one after any commit, by whatever process, to an SQLite file.

    SQLite counts the commits of other connections in shared memory (``PRAGMA data_version``); the
    connection here never writes, so all of them are others'. Asking takes microseconds.
    """

    def __init__(self, file: DatabaseFile) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def read(self) -> int:
        """Return the mark; equal marks mean that nothing was committed in between.

        Raises
        ------
        StorageUnavailable
            The file cannot be read, or is not the one that was opened first.
        """
        self._file.check()
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = self._file.connect()
                (mark,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise unavailable(error) from error
        return int(mark)

    def close(self) -> None:
        """Give back the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class Writers:
    """Connections that write; one stays open between two transactions.

    Taking it from the pool and giving it back takes as long as several small statements. It is
    given up when any connection is: what is wrong with one is likely wrong with all.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Connection] = []
        self._lost = 0
        self._lock = Lock()
        # a pool with a connection out is kept for ever, and this with it if it were held
        losing = WeakMethod(self._lose)

        def tell(*_: object) -> None:
            lose = losing()
            if lose is not None:
                lose()

        event.listen(engine.pool, "invalidate", tell)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction that writes; committed whole or not at all."""
        with self._lock:
            connection, lost = self._idle.pop() if self._idle else None, self._lost
        if connection is None:
            connection = self._engine.connect().execution_options(is_writing=True)
        try:
            with connection.begin():
                yield connection
        except BaseException:
            connection.close()
            raise
        with self._lock:
            is_kept = not self._idle and lost == self._lost
            if is_kept:
                self._idle.append(connection)
        if not is_kept:
            connection.close()

    def close(self) -> None:
        """Give back what is open."""
        self._lose()

    def _lose(self) -> None:
        with self._lock:
            self._lost += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def file_of(address: URL) -> Path | None:
    """Return the file of an SQLite database; None of any other."""
    path = address.database
    is_file = path and path != ":memory:" and not path.startswith("file:")
    return Path(path) if path and is_file and address.get_backend_name() == "sqlite" else None


def engine(address: URL, file: DatabaseFile | None) -> Engine:
    """Return the engine of an SQLite database; where it is a file, nothing here makes it."""
    how: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S}}
    made = create_engine(
        address,
        **({"creator": file.connect} if file else how),
        # who waits for the write lock holds a connection: there must be one for every thread
        max_overflow=_MOST_CONNECTIONS,
        pool_timeout=BUSY_TIMEOUT_S,
        hide_parameters=True,  # errors are logged, and what people wrote is among them
    )
    event.listen(made, "connect", _configure)
    if file is not None:
        event.listen(made, "begin", file.check)
        event.listen(made, "commit", file.check)
    event.listen(made, "begin", _begin)
    event.listen(made, "handle_error", _let_go)
    return made


def empty_log(file: DatabaseFile) -> None:
    """Move what was committed out of the write-ahead log, and leave nothing of it there.

    As far as nobody reads an older state just now; the next time is soon enough.
    """
    with closing(file.connect()) as connection:
        connection.execute(f"PRAGMA busy_timeout={_SHORT_PATIENCE_MS}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def compact(file: DatabaseFile) -> None:
    """Write the file anew from what it holds: nothing that was ever deleted is left in it."""
    with closing(file.connect()) as connection:
        connection.isolation_level = None
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@contextmanager
def turn_to_work(file: Path) -> Iterator[bool]:
    """Hold the turn at work that nobody asks for, and tell whether it was free.

    The operating system gives it back when its process ends, however it does. The lock is on a
    file beside the database: closing the database's own would drop SQLite's locks on it.
    """
    try:
        descriptor = os.open(file.with_name(f"{file.name}-work"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageUnavailable(reason=f"{file}-work: {error.strerror}") from error
    try:
        yield _is_locked(descriptor)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _let_go(context: ExceptionContext) -> None:
    """Open again after an error that the open connections would repeat for ever."""
    if goes_on(context.original_exception):
        context.is_disconnect = True


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is replaced by _begin
    _use_wal(connection)
    # what is deleted is overwritten; some builds of SQLite do so by themselves
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection) -> None:
    # a new file switches under a lock that SQLite's busy timeout does not wait for
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = primary_code(error) == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > give_up_at:
                raise
        time.sleep(_RETRY_S)


def _begin(connection: Connection) -> None:
    # a deferred read-then-write fails "locked" at once whatever the timeout, so a writer takes
    # the lock at the start, where the timeout does apply
    is_writing = connection.get_execution_options().get("is_writing", False)
    send(connection, "BEGIN IMMEDIATE" if is_writing else "BEGIN", [()])
