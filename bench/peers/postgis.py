"""PostGIS, in a cluster of our own: made in a temporary folder, asked over a socket there, ended.

Joins go both ways: points ask the areas' GiST index, or areas ask the points'. The points' index is
built beforehand, unlike the other peers' trees of points.
"""

import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
import shapely

from bench.peers.peer import MissingPeer, Pairs, Peer
from geo_service.layers.area import Floats, Geometries

_PROGRAMS = "/usr/lib/postgresql/*/bin/postgres"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "jit": "off",
    "random_page_cost": "1.1",
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "min_parallel_table_scan_size": "0",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
}
_ROW = np.dtype([("_", ">i2"), ("_0", ">i4"), ("point", ">i4"), ("_1", ">i4"), ("area", ">i4")])
_HEAD, _TAIL = 19, 2
"""Bytes around the rows of a binary COPY."""

_PATIENCE_S = 60.0


class PostgisJoin:
    """A join of two tables, its rows fetched in PostgreSQL's binary form."""

    can_use_all_cores = True

    def __init__(self, connection: psycopg.Connection, indexed: str) -> None:
        self.name = f"PostGIS, ST_Covers, GiST on {indexed}"
        self._connection, self._indexed = connection, indexed

    def load(self, lon: Floats, lat: Floats, *, threads: int) -> None:
        """Fill the table of points."""
        self._workers = 0 if threads == 1 else threads
        table = f"points_by_{self._indexed}"
        self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        fill(self._connection, table, shapely.points(lon, lat), self._indexed == "points")

    def pairs(self) -> Pairs:
        """Join; what is found comes as PostgreSQL's binary rows."""
        areas = "areas" if self._indexed == "areas" else "areas_without_index"
        self._connection.execute(f"SET max_parallel_workers_per_gather = {self._workers}")
        with self._connection.cursor().copy(
            f"COPY (SELECT p.id, a.id FROM points_by_{self._indexed} p"  # noqa: S608 (our own words)
            f" JOIN {areas} a ON ST_Covers(a.g, p.g)) TO STDOUT (FORMAT BINARY)"
        ) as copy:
            told = b"".join(copy)
        count = (len(told) - _HEAD - _TAIL) // _ROW.itemsize
        rows = np.frombuffer(told, dtype=_ROW, offset=_HEAD, count=count)
        return Pairs(rows["point"].astype(np.int32), rows["area"].astype(np.int32))


class IndexedAreas(PostgisJoin):
    """Points ask the areas' index: also one at a time."""

    def __init__(self, connection: psycopg.Connection) -> None:
        super().__init__(connection, "areas")

    def one_point(self, lon: float, lat: float) -> object:
        """Ask for one point's areas, by a statement that the server has planned before."""
        query = "SELECT id FROM areas WHERE ST_Covers(g, ST_Point(%s, %s))"
        return self._connection.execute(query, (lon, lat), prepare=True).fetchall()


@contextmanager
def peers(areas: Geometries) -> Iterator[list[Peer]]:
    """Open a cluster with the areas."""
    with cluster() as connection:
        fill(connection, "areas", areas, is_indexed=True)
        fill(connection, "areas_without_index", areas, is_indexed=False)
        yield [IndexedAreas(connection), PostgisJoin(connection, "points")]


def fill(
    connection: psycopg.Connection, table: str, geometries: Geometries, is_indexed: bool
) -> None:
    """Make a table of geometries, with GiST index or without, analyzed."""
    connection.execute(f"CREATE TABLE {table} (id int4 NOT NULL, g geometry NOT NULL)")
    texts = shapely.to_wkb(geometries, hex=True)
    with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
        for start in range(0, len(texts), 10_000):
            part = enumerate(texts[start : start + 10_000], start)
            copy.write("".join(f"{i}\t{text}\n" for i, text in part))
    if is_indexed:
        connection.execute(f"CREATE INDEX ON {table} USING gist (g)")
    connection.execute(f"VACUUM ANALYZE {table}")


@contextmanager
def cluster() -> Iterator[psycopg.Connection]:
    """Run a server as long as it is needed.

    Raises
    ------
    MissingPeer
        PostgreSQL or its PostGIS extension is not installed.
    """
    programs = sorted(Path("/").glob(_PROGRAMS.lstrip("/")))
    if not programs:
        raise MissingPeer(f"no {_PROGRAMS}")
    with tempfile.TemporaryDirectory(prefix="postgis") as made:
        folder = Path(made)
        user = _user(folder)
        _run(user, [programs[-1].with_name("initdb"), "--no-sync", "-A", "trust"], folder)
        settings = [part for pair in _SETTINGS.items() for part in ("-c", "=".join(pair))]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs[-1], "-D", folder / "data", "-k", folder, *settings],
                stderr=log,
                cwd=folder,
                user=user,
            )
        try:
            with _connected(server, folder) as connection:
                yield connection
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown
            server.wait(_PATIENCE_S)


def _user(folder: Path) -> int:
    """Return whom the server runs as: never root, which it refuses."""
    if os.getuid() != 0:
        return os.getuid()
    try:
        postgres = pwd.getpwnam("postgres")
    except KeyError:
        raise MissingPeer("no user postgres") from None
    os.chown(folder, postgres.pw_uid, postgres.pw_gid)
    return postgres.pw_uid


def _run(user: int, program: list[str | Path], folder: Path) -> None:
    subprocess.run(
        [*program, "-U", "bench", "-D", folder / "data"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        user=user,
        env={"LC_ALL": "C.UTF-8"},
    )


@contextmanager
def _connected(server: subprocess.Popen[bytes], folder: Path) -> Iterator[psycopg.Connection]:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection = psycopg.connect(
                host=str(folder), user="bench", dbname="postgres", autocommit=True
            )
            break
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > until:
                raise MissingPeer(f"the server does not start: {error}") from error
            time.sleep(0.1)
    with connection:
        try:
            connection.execute("CREATE EXTENSION postgis")
        except psycopg.errors.Error as error:
            raise MissingPeer(f"PostgreSQL without PostGIS: {error}") from error
        yield connection
