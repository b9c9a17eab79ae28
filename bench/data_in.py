"""Data in: importing and fully checking 20,000 areas, and 180,000 issues from CSV."""

import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.rounds import heading, row, timed
from geo_service.app import create_services
from geo_service.demo.issues import issues
from geo_service.demo.places import city, x_street
from geo_service.layers.files import write_csv, write_features
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.files import BoundaryOptions
from geo_service.services.boundaries.imports import EditionOptions
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.settings import Settings
from tests.clusters import USER, cluster

ISSUES = 180_000
ROUNDS = 3


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        heading("Boundaries in: file to published edition, whole check included")
        _boundaries(Path(folder))
        heading("Issues in: CSV to stored and assigned, every commit on disk")
        _issues(Path(folder))


def _boundaries(folder: Path) -> None:
    areas = city().boundaries["grid"]
    path = folder / "grid.gpkg"
    write_features(
        path,
        columns={"code": list(areas.codes), "name": list(areas.names)},
        geometries=areas.geometries,
        layer_name="grid",
    )
    services = create_services(Settings(database_url=f"sqlite:///{folder}/boundaries.db"))

    def load() -> None:
        report = services.boundaries.import_file(
            LOCAL_ADMINISTRATOR,
            path,
            BoundaryOptions(layer="grid", frame="EPSG:4490"),
            plan=Plan(is_replacing=True),
            edition_options=EditionOptions(),
        )
        if not report.is_clean:
            raise SystemExit(f"{len(report.preparation.defects)} defects")

    row(f"{len(areas):,} areas, GeoPackage", timed(load, rounds=3), "goal: 30 s")
    services.close()


def _issues(folder: Path) -> None:
    columns = issues(x_street(), seed=1, until=date(2026, 11, 1), total=ISSUES)
    path = folder / "issues.csv"
    write_csv(path, headings=list(columns), rows=zip(*columns.values(), strict=True))
    for number in range(ROUNDS):
        _import(f"sqlite:///{folder}/issues{number}.db", path)
    with cluster(fsync="on", full_page_writes="on") as server:
        for _ in range(ROUNDS):
            with psycopg.connect(host=server.host, user=USER, dbname="postgres") as connection:
                connection.autocommit = True
                connection.execute("DROP DATABASE IF EXISTS issues")
                connection.execute("CREATE DATABASE issues")
            _import(f"postgresql://{USER}@/issues?host={server.host}", path)


def _import(url: str, path: Path) -> None:
    """Import in a process of its own, whose memory is the import's alone, and print a line."""
    services = create_services(Settings(database_url=url, profile="x-street"))
    services.demonstrations.load(LOCAL_ADMINISTRATOR, total=100)
    services.close()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        found = process.submit(_measured, url, path).result()
    storing, reading = found.storing, found.reading
    note = (
        f"goal: 30 s; {ISSUES / found.seconds:,.0f} rows/s; storing {storing.processor_s:.1f} s of "
        f"processor, {storing.memory_mb:.0f} MB; reading {reading.processor_s:.1f} s, "
        f"{reading.memory_mb:.0f} MB"
    )
    row(f"{ISSUES:,} issues, CSV, {url.partition(':')[0]}", [found.seconds], note)


class Spent(NamedTuple):
    """Seconds of processor time, and the most memory that a process ever held."""

    processor_s: float
    memory_mb: float


class Import(NamedTuple):
    """The seconds of an import by the clock, and what its two processes took."""

    seconds: float
    storing: Spent
    reading: Spent


def _measured(url: str, path: Path) -> Import:
    services = create_services(Settings(database_url=url, profile="x-street"))
    before_s = time.process_time()
    reading_mb = [0.0]

    def look(_rows: int, _share: float | None) -> None:
        reading_mb.extend(map(_most_memory_mb, _children()))

    def load() -> None:
        options = IssueFileOptions()
        services.issues.import_file(LOCAL_ADMINISTRATOR, path, options, on_progress=look)

    [seconds] = timed(load, rounds=1)
    services.close()
    storing = Spent(time.process_time() - before_s, _most_memory_mb(os.getpid()))
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Import(seconds, storing, Spent(ended.ru_utime + ended.ru_stime, max(reading_mb)))


def _children() -> list[int]:
    """Return the processes that this one has started and that are not at their end."""
    started = Path("/proc/thread-self/children").read_text().split()
    return [each for each in map(int, started) if "VmHWM" in _status(each)]


def _most_memory_mb(process: int) -> float:
    """Return the most memory that a process ever held.

    Not as getrusage tells it: there a new process begins with what the one that started it held.
    """
    [line] = [each for each in _status(process).splitlines() if "VmHWM" in each]
    return int(line.split()[1]) / 1024


def _status(process: int) -> str:
    return Path(f"/proc/{process}/status").read_text()


if __name__ == "__main__":
    main()
