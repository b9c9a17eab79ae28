"""PostgreSQL: durable, one writer at a time, and telling of commits without a query."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from select import POLLIN, poll
from threading import Lock
from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from geo_service.errors import DatabaseUnfit
from geo_service.storage.databases.unavailable import goes_on, unavailable

READING: Mapping[str, Any] = MappingProxyType(
    {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
)
"""One snapshot for a whole transaction."""
WRITING: Mapping[str, Any] = MappingProxyType(
    {"isolation_level": "READ COMMITTED", "postgresql_readonly": None}
)
"""Each statement reads what is there once the lock is held; a snapshot would be of before.

Whether it may write is for the server to say: after a transaction that only read, SQLAlchemy begins
the next one as READ WRITE, and that would overrule a database that was put to rest.
"""

LOCK_TIMEOUT_S = 60
"""Longer than the longest publication: a second writer waits, it does not fail."""
_LOCK = 4_490_001
_WORK_LOCK = 4_490_002
_CHANNEL = "geo_service_changes"
# Ids are also marks: whatever is visible, nothing with a lower id may still come (a page is kept
# by the newest event's id). So writers take turns, as they do on SQLite.
_TAKE_TURN = f"SELECT pg_advisory_xact_lock({_LOCK}), pg_notify('{_CHANNEL}', '')"

_CONFIGURE = f"""
    SELECT set_config('lock_timeout', '{LOCK_TIMEOUT_S}s', false),
           set_config('synchronous_commit',
                      CASE current_setting('synchronous_commit')
                          WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
           current_setting('default_transaction_read_only') = 'on'
"""
_CONNECTIONS = 20
"""Of one process: four of them fit into what a server gives by default."""
_ADDRESS: Mapping[str, Any] = MappingProxyType(
    {
        "client_encoding": "utf8",
        "connect_timeout": 10,
        "prepare_threshold": None,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
)
"""A peer that is silent is found out within half a minute.

Nothing is prepared: the server would keep the plan that fitted the table as it was, empty at the
start of an import, and walk through all of it for every five hundred keys at the end.
"""

_TYPED = ("issues", "issue_texts", "assignments", "attachments", "idempotency_keys", "list_imports")
_ASK_AGAIN_S = 1.0
_OLDEST = 150_000


class ChangeMark:
    """A number that is another one after any write, by whatever process, to one database.

    Every write notifies those who listen, when it is committed. Looking whether a notification has
    arrived takes microseconds and asks the server nothing. Beside it, at most once a second, the
    server is asked which transactions it has finished: that finds a connection that died silently,
    and what a go-between did not hand on. Whenever the listening starts again the mark is another
    one, for nobody knows what was told meanwhile.
    """

    def __init__(self, address: URL) -> None:
        self._engine = create_engine(
            address, connect_args=dict(_ADDRESS), poolclass=NullPool, use_native_hstore=False
        )
        self._failure: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        self._listening: _Listening | None = None
        self._mark = 0
        self._lock = Lock()

    def note(self) -> None:
        """Make the mark another one: this process has written."""
        with self._lock:
            self._mark += 1

    def read(self) -> int:
        """Return the mark; equal marks mean that nothing is known to be written in between.

        Raises
        ------
        StorageUnavailable
            The server cannot be reached.
        """
        with self._lock:
            try:
                self._look()
            except self._failure:
                self._hang_up()
                self._look_again()
            return self._mark

    def close(self) -> None:
        """Give back the connection."""
        with self._lock:
            self._hang_up()

    def _look(self) -> None:
        if self._listening is None:
            self._listening = _Listening(self._engine)
            self._mark += 1
        elif self._listening.has_news():
            self._mark += 1

    def _look_again(self) -> None:
        try:
            self._look()
        except self._failure as error:
            raise unavailable(error) from error

    def _hang_up(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None


class _Listening:
    """A connection that is told of every write; its failures are the driver's own."""

    def __init__(self, engine: Engine) -> None:
        opened = engine.raw_connection()
        driver: Any = opened.driver_connection
        opened.detach()  # it is ours: no pool resets it
        self._connection = driver
        self._connection.autocommit = True
        self._connection.execute(f"LISTEN {_CHANNEL}")
        self._arrivals = poll()
        self._arrivals.register(self._connection.fileno(), POLLIN)
        self._finished = self._ask()

    def has_news(self) -> bool:
        """Return whether anything was written since this was asked before."""
        is_told = self._is_told()
        if time.monotonic() < self._ask_at_s:
            return is_told
        before, self._finished = self._finished, self._ask()
        return is_told or self._finished != before

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _is_told(self) -> bool:
        server = self._connection.pgconn
        server.consume_input()
        while self._arrivals.poll(0):  # always something where the server has gone: this raises
            server.consume_input()
        told = list(iter(server.notifies, None))
        return bool(told)

    def _ask(self) -> str:
        """Return which transactions the server has finished; notifications come with it."""
        (finished,) = self._connection.execute("SELECT pg_current_snapshot()::text").fetchone()
        self._ask_at_s = time.monotonic() + _ASK_AGAIN_S
        return str(finished)


def engine(address: URL) -> Engine:
    """Return the engine of a PostgreSQL database.

    Raises
    ------
    ModuleNotFoundError
        The driver is not installed.
    """
    made = create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args=dict(_ADDRESS),
        max_overflow=_CONNECTIONS - 5,
        pool_timeout=LOCK_TIMEOUT_S,
        pool_pre_ping=True,
        pool_use_lifo=True,
        use_native_hstore=False,
        hide_parameters=True,  # errors are logged, and what people wrote is among them
    )
    event.listen(made, "connect", _configure)
    event.listen(made, "begin", _begin)
    event.listen(made, "handle_error", _let_go)
    return made


def compact(engine: Engine) -> None:
    """Write the tables anew that hold what people typed, so that no dead row is left in them."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _TYPED:
            connection.execute(text(f"VACUUM FULL {table}"))


@contextmanager
def turn_to_work(engine: Engine) -> Iterator[bool]:
    """Hold the turn at work that nobody asks for, and tell whether it was free.

    The server gives it back when the connection ends, however that one does.
    """
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        is_ours = connection.scalar(text(f"SELECT pg_try_advisory_lock({_WORK_LOCK})"))
        try:
            yield bool(is_ours)
        finally:
            if is_ours:
                connection.execute(text(f"SELECT pg_advisory_unlock({_WORK_LOCK})"))


def check(connection: Connection) -> None:
    """Refuse a server or a database that cannot hold what is stored; raises DatabaseUnfit."""
    query = text("SELECT current_setting('server_version_num')::int, getdatabaseencoding()")
    version, encoding = connection.execute(query).one()
    if version < _OLDEST:
        oldest, found = _OLDEST // 10_000, version // 10_000
        raise DatabaseUnfit(
            f"PostgreSQL {found} 太旧，需要 {oldest} 或更新版本",
            f"PostgreSQL {found} is too old, {oldest} or newer is needed",
        )
    if encoding != "UTF8":
        raise DatabaseUnfit(
            f"字符编码是 {encoding}，须是 UTF8：请用 CREATE DATABASE … ENCODING 'UTF8' 新建",
            f"its encoding is {encoding}, not UTF8: CREATE DATABASE … ENCODING 'UTF8'",
        )


def durability_doubt(connection: Connection) -> tuple[str, str] | None:
    """Return why a crash of the server may lose what was committed, None where it may not."""
    asked = ("fsync", "full_page_writes")
    off = ", ".join(name for name in asked if connection.scalar(text(f"SHOW {name}")) == "off")
    if not off:
        return None
    return (
        f"PostgreSQL 关闭了 {off}：断电或系统崩溃会丢失已确认的数据，请打开并重新加载",
        f"PostgreSQL runs with {off} off: a power cut or a crash of the system loses what was"
        " acknowledged; switch on, and reload the server",
    )


def _let_go(context: ExceptionContext) -> None:
    """Open again after a refusal to write: a session keeps the default that it began with."""
    if goes_on(context.original_exception):
        context.is_disconnect = True


def _configure(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.autocommit = True
    *_, is_at_rest = connection.execute(_CONFIGURE).fetchone()
    connection.autocommit = False
    if is_at_rest:
        # used once: a session keeps the default that it began with, also when all may write again
        record.invalidate(soft=True)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("is_writing", False):
        connection.exec_driver_sql(_TAKE_TURN)
