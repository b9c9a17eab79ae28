"""Durable intake in process beside the bare driver running the same statements.

Every round starts from the same copy of one database and takes in the same reports. What one run
of ours sends is recorded, transaction by transaction, and the bare driver sends it again: the same
statements, parameters, fetches and commits, with the same durability.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from geo_service.app import create_services
from geo_service.demo.issues import issues
from geo_service.demo.places import x_street
from geo_service.governance.headings import issue_columns
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.issues.kernels import load_kernels
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage.databases import rows as row_writing
from tests.clusters import USER, cluster

_WRITERS = (1, 8, 32)


@dataclass
class Recording:
    """What the driver was told, in order."""

    steps: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of this process's processor time."""

    clock_s: float
    processor_s: float


def main() -> None:
    """Print the tables of one database or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], nargs="*")
    parser.add_argument("--singles", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    for name in asked.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder, _databases(name, Path(folder)) as databases:
            _measure(name, databases, asked.singles, asked.rounds)


class SqliteFiles:
    """Copies of one file, each for one run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"sqlite:///{folder / 'kept.db'}"

    def copy(self) -> str:
        """Return the address of a fresh copy."""
        for ending in ("", "-wal", "-shm"):
            (self._folder / f"run.db{ending}").unlink(missing_ok=True)
        shutil.copy(self._folder / "kept.db", self._folder / "run.db")
        return f"sqlite:///{self._folder / 'run.db'}"

    def connect(self, url: str) -> Any:
        """Return a bare connection that is as durable as ours."""
        import sqlite3

        connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection


class PostgresqlDatabases:
    """Copies of one database on a server that waits for its disk."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._run("CREATE DATABASE kept")
        self.url = self._url("kept")

    def copy(self) -> str:
        """Return the address of a fresh copy."""
        self._run("DROP DATABASE IF EXISTS run WITH (FORCE)")
        self._run("CREATE DATABASE run TEMPLATE kept STRATEGY file_copy")
        return self._url("run")

    def connect(self, url: str) -> Any:
        """Return a bare connection that is as durable as ours."""
        connection = psycopg.connect(
            url.replace("+psycopg", ""), client_encoding="utf8", prepare_threshold=None
        )
        connection.execute("SET synchronous_commit = on")
        connection.commit()
        return connection

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self._host}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(
            host=self._host, user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def _databases(name: str, folder: Path) -> Iterator[SqliteFiles | PostgresqlDatabases]:
    if name == "sqlite":
        yield SqliteFiles(folder)
        return
    durable = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    with cluster(**durable) as server:
        yield PostgresqlDatabases(server.host)


def _measure(
    name: str, databases: SqliteFiles | PostgresqlDatabases, singles: int, rounds: int
) -> None:
    services = _open(databases.url)
    services.demonstrations.load(LOCAL_ADMINISTRATOR, total=2_000)
    services.close()
    for title, size, count in (("one by one", 1, singles), ("batches of 1,000", 1_000, 10_000)):
        batches = _batches(count, size)
        recording = _recorded(databases, batches)
        spent: dict[str, list[Spent]] = {"ours": [], "bare driver": []}
        for _ in range(rounds):
            spent["ours"].append(_ours(databases, batches))
            spent["bare driver"].append(_bare(databases, recording))
        _table(f"{name}, {title}", spent, count)
    batches = _batches(singles, 1)
    spent = {f"{writers} writers": [] for writers in _WRITERS}
    for _ in range(rounds):
        for writers in _WRITERS:
            spent[f"{writers} writers"].append(_ours(databases, batches, writers=writers))
    _table(f"{name}, group commit", spent, singles)


def _open(url: str) -> ServiceSet:
    return create_services(Settings(database_url=url, profile="x-street"))


def _batches(count: int, size: int) -> list[list[dict[str, Any]]]:
    columns = issues(x_street(), seed=1, until=date(2026, 11, 1), total=count)
    fields = issue_columns(list(columns)).heading_by_field
    rows = [
        {name: columns[heading][i] for name, heading in fields.items()} | {"external_id": f"N{i}"}
        for i in range(count)
    ]
    return [rows[start : start + size] for start in range(0, count, size)]


def _recorded(
    databases: SqliteFiles | PostgresqlDatabases, batches: list[list[dict[str, Any]]]
) -> Recording:
    recording = Recording()
    services = _open(databases.copy())
    _take(services, batches[:1])  # compile, open connections
    services.close()
    services = _open(databases.copy())
    copied = _listen(services, recording)
    try:
        _take(services, batches)
    finally:
        row_writing._copied = copied
    services.close()
    return recording


def _listen(services: ServiceSet, recording: Recording) -> Callable[..., Any]:
    """Record what passes SQLAlchemy, and COPY, which does not; return what COPY was done by."""
    engine, steps = services.workspace.database._engine, recording.steps
    copied = row_writing._copied

    def note(
        _connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool
    ) -> None:
        steps.append(("many" if many else "one", statement, given))

    def note_copy(connection: Any, table: Any, columns: Any, rows: Any, **how: Any) -> Any:
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        steps.append(("copy", statement, list(rows)))
        return copied(connection, table, columns, rows, **how)

    row_writing._copied = note_copy
    event.listen(engine, "after_cursor_execute", note)
    event.listen(engine, "commit", lambda _connection: steps.append(("commit",)))
    return copied


def _ours(
    databases: SqliteFiles | PostgresqlDatabases,
    batches: list[list[dict[str, Any]]],
    *,
    writers: int = 1,
) -> Spent:
    services = _open(databases.copy())
    services.workspace.pin()  # what is loaded once
    load_kernels()
    try:
        with ThreadPoolExecutor(writers) as pool:
            return _spent(lambda: _take(services, batches, pool if writers > 1 else None))
    finally:
        services.close()


def _take(
    services: ServiceSet,
    batches: list[list[dict[str, Any]]],
    pool: ThreadPoolExecutor | None = None,
) -> None:
    def take(batch: list[dict[str, Any]]) -> None:
        if len(batch) == 1:
            services.issues.report(LOCAL_ADMINISTRATOR, batch[0], is_updating=False)
        else:
            services.issues.batch(LOCAL_ADMINISTRATOR, batch, is_updating=False)

    if pool:
        list(pool.map(take, batches))
    else:
        for batch in batches:
            take(batch)


def _bare(databases: SqliteFiles | PostgresqlDatabases, recording: Recording) -> Spent:
    connection = databases.connect(databases.copy())
    cursor = connection.cursor()

    def replay() -> None:
        for kind, *step in recording.steps:
            if kind == "commit":
                connection.commit()
            elif kind == "one":
                cursor.execute(*step)
                if cursor.description:
                    cursor.fetchall()
            elif kind == "many":
                cursor.executemany(*step)
            else:
                with cursor.copy(step[0]) as stream:
                    for values in step[1]:
                        stream.write_row(values)

    try:
        return _spent(replay)
    finally:
        connection.close()


def _spent(work: Callable[[], object]) -> Spent:
    clock_s, processor_s = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - clock_s, time.process_time() - processor_s)


def _table(title: str, spent: dict[str, list[Spent]], count: int) -> None:
    print(f"\n### Durable intake: {title}, {count:,} issues\n")
    print("| work | min s | median s | max s | processor s | issues/s | of the bare driver |")
    print("|---|---:|---:|---:|---:|---:|---|")
    bare = spent.get("bare driver")
    for name, rounds in spent.items():
        clock = [each.clock_s for each in rounds]
        middle = statistics.median(clock)
        processor_s = statistics.median(each.processor_s for each in rounds)
        share = _share(bare, rounds) if bare and rounds is not bare else ""
        print(
            f"| {name} | {min(clock):.2f} | {middle:.2f} | {max(clock):.2f} | {processor_s:.2f} "
            f"| {count / middle:,.0f} | {share} |"
        )


def _share(bare: list[Spent], ours: list[Spent]) -> str:
    by_clock = statistics.median(b.clock_s / o.clock_s for b, o in zip(bare, ours, strict=True))
    by_processor = statistics.median(
        b.processor_s / o.processor_s for b, o in zip(bare, ours, strict=True)
    )
    return f"{by_clock:.0%} by the clock, {by_processor:.0%} by processor time"


if __name__ == "__main__":
    main()
