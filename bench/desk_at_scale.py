"""The hotspot desk and the issue list with years of issues stored, SQLite beside PostgreSQL.

``python -m bench.desk_at_scale 5000000 5``: so many issues, so many rounds; 5 million take about
half an hour and 25 GB of disk. See ``bench/years.py`` for what is stored. PostgreSQL's tables lie
on the same disk as SQLite's file, with the settings that a server comes with.

What each row finds warm:

- *first page of a process*: a new process with its modules imported and its database open.
- *nothing kept*: libraries are loaded; no locator, drawing, count or page is there.
- *an issue came in*: the locator and the drawing are kept; the page and its numbers are made anew.
- *unchanged*: the page itself is kept.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import psycopg

from bench.rounds import interleaved
from bench.years import fill, make_quarter, url_of
from geo_service.app import create_services
from geo_service.governance.moment import SHANGHAI
from geo_service.maps.view import Links
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.hotspots.counts import HotspotQuery, HotspotService
from geo_service.services.hotspots.pages import HotspotPageService, Look
from geo_service.services.page_facts import PageFacts
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage.issue_queries import IssueFilter
from tests.clusters import USER, Cluster, cluster

ISSUES = 200_000
ROUNDS = 5
GRID = ("micro_grid", "999001001022002")
AS_INSTALLED = {
    "fsync": "on",
    "full_page_writes": "on",
    "jit": "on",
    "autovacuum": "on",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
}
Times = Mapping[str, Sequence[float]]


def main() -> None:
    """Print times, ratios, sizes and memory."""
    given = [int(each) for each in sys.argv[1:]]
    total, rounds = (*given, *(ISSUES, ROUNDS)[len(given) :])
    with tempfile.TemporaryDirectory() as made, server_on_disk(Path(made)) as running:
        urls = {
            "SQLite": url_of(Path(made, "desk.db")),
            "PostgreSQL": f"postgresql://{USER}@/desk?host={running.host}",
        }
        _fill_both(Path(made), urls, total)
        sizes = [_bytes_of(Path(made, "desk.db")), _server_bytes(running)]
        houses = {
            name: Settings(database_url=url, profile="x-street", index_folder=f"{made}/indexes")
            for name, url in urls.items()
        }
        first, memory = _first_pages(houses, rounds)
        print(f"\n### Desk and list, 155 grids, {total:,} issues stored (ms: min / median / max)\n")
        print("| work | SQLite | PostgreSQL | PostgreSQL / SQLite |\n|---|---:|---:|---:|")
        _print_rows(first)
        _print_rows(_measured(houses, rounds))
        print("\n| what it takes | SQLite | PostgreSQL |\n|---|---:|---:|")
        _print_amounts("on disk, GB", [each / 1e9 for each in sizes])
        _print_amounts("on disk, bytes an issue", [each / total for each in sizes])
        _print_amounts("memory of a process with its first page, MB", list(memory.values()))


@contextmanager
def server_on_disk(folder: Path) -> Iterator[Cluster]:
    """Run a server whose database lies in ``folder``, as a user who may not read our folders."""
    with cluster(**AS_INSTALLED) as running:
        space = folder / "tablespace"
        space.mkdir()
        folder.chmod(0o711)
        os.chown(space, running.user, -1)
        with _administrator(running) as connection:
            connection.execute(f"CREATE TABLESPACE disk LOCATION '{space}'")
            connection.execute("CREATE DATABASE desk TABLESPACE disk")
        yield running
        with _administrator(running) as connection:
            connection.execute("DROP DATABASE desk WITH (FORCE)")
            connection.execute("DROP TABLESPACE disk")
            connection.execute("CHECKPOINT")


def _fill_both(folder: Path, urls: Mapping[str, str], total: int) -> None:
    house, quarter = folder / "house.db", folder / "quarter.db"
    until = datetime.now(SHANGHAI).date()
    _told("a quarter through the intake", lambda: make_quarter(house, quarter, total, until))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        filling = [processes.submit(fill, house, quarter, url, total) for url in urls.values()]
        _told("both filled", lambda: [each.result() for each in filling])
    for file in (house, quarter):
        file.unlink()
    with psycopg.connect(urls["PostgreSQL"], autocommit=True) as connection:
        _told("vacuumed, as autovacuum will", lambda: connection.execute("VACUUM ANALYZE"))


def _first_pages(houses: Mapping[str, Settings], rounds: int) -> tuple[Times, Mapping[str, float]]:
    """Return the seconds of each first page, and the median of the processes' memory in MB."""
    work = "desk, first page of a process"
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in houses}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as processes:
        for _ in range(rounds):
            for name, settings in houses.items():
                found[name].append(processes.submit(first_page, settings).result())
    times = {f"{work}|{name}": [seconds for seconds, _ in each] for name, each in found.items()}
    return times, {name: median(mb for _, mb in each) for name, each in found.items()}


def first_page(settings: Settings) -> tuple[float, float]:
    """Return the seconds that this process takes for its first page, and its most memory in MB."""
    with closing(create_services(settings)) as services:
        services.hotspot_pages.prepare()
        start = time.perf_counter()
        _page(services)
        seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()
    (most_kb,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return seconds, int(most_kb) / 1e3


def _measured(houses: Mapping[str, Settings], rounds: int) -> Times:
    """Return how long each work takes on both, in turns."""
    opened = {name: create_services(settings) for name, settings in houses.items()}
    by_house = {name: _works(services) for name, services in opened.items()}
    works = {
        f"{work}|{name}": by_house[name][work] for work in by_house["SQLite"] for name in houses
    }
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for services in opened.values():
        _page(services)
    for _ in range(rounds):
        for services in opened.values():
            _report(services)
        for name, found in interleaved(works, rounds=1).items():
            seconds[name] += found
    for services in opened.values():
        services.close()
    return seconds


def _works(services: ServiceSet) -> dict[str, Callable[[], object]]:
    """Return what is measured; the desk is new after a report, and kept the second time."""
    desks = {
        "by kept owners": HotspotQuery(basis="kept"),
        "of a category": HotspotQuery(category="公共危机"),
        "of a source": HotspotQuery(source="complaint"),
    }
    week_s = time.time() - 8 * 86_400
    lists = {
        "first page": IssueFilter(),
        "open, of a category": IssueFilter(category_major="医疗", status="open"),
        "of a source and a category": IssueFilter(source="patrol", category_major="公共危机"),
        "without an owner": IssueFilter(rule="unassigned"),
        "without an owner, this week": IssueFilter(rule="unassigned", reported_from_s=week_s),
        "of a grid, this week": IssueFilter(area=GRID, reported_from_s=week_s),
        "of a grid, all years": IssueFilter(area=GRID),
    }

    def counted(query: HotspotQuery) -> Callable[[], object]:
        return lambda: _page(services, query)

    def listed(wanted: IssueFilter) -> Callable[[], object]:
        return lambda: services.issues.issues(LOCAL_ADMINISTRATOR, wanted)

    def exported(wanted: IssueFilter) -> Callable[[], object]:
        return lambda: sum(1 for _ in services.issues.every_issue(LOCAL_ADMINISTRATOR, wanted))

    return {
        "desk, an issue came in": lambda: _page(services),
        "desk, unchanged": lambda: _page(services),
        "desk, nothing kept": lambda: _with_nothing_kept(services),
        **{f"desk, {name}, an issue came in": counted(query) for name, query in desks.items()},
        **{f"list, {name}": listed(wanted) for name, wanted in lists.items()},
        "export of a grid, this week": exported(lists["of a grid, this week"]),
        "export of a grid, all years": exported(lists["of a grid, all years"]),
    }


def _page(services: ServiceSet, query: HotspotQuery | None = None) -> str:
    pages = services.hotspot_pages
    return pages.page(LOCAL_ADMINISTRATOR, query or HotspotQuery(), Look(), links=Links())


def _with_nothing_kept(services: ServiceSet) -> str:
    workspace = services.workspace
    workspace.forget_locators()
    pages = HotspotPageService(workspace, HotspotService(workspace), PageFacts())
    return pages.page(LOCAL_ADMINISTRATOR, HotspotQuery(), Look(), links=Links())


def _report(services: ServiceSet) -> None:
    yesterday = datetime.now(SHANGHAI).date() - timedelta(1)
    number = {"source": "complaint", "external_id": f"bench {time.time_ns()}"}
    place = {"reported_at": f"{yesterday} 08:00", "x": 118.5, "y": 33.6, "frame": "EPSG:4490"}
    services.issues.report(LOCAL_ADMINISTRATOR, number | place, is_updating=False)


def _print_rows(seconds: Times) -> None:
    for work in dict.fromkeys(name.partition("|")[0] for name in seconds):
        ours, other = (seconds[f"{work}|{name}"] for name in ("SQLite", "PostgreSQL"))
        ratio = median(other) / median(ours)
        print(f"| {work} | {_spread(ours)} | {_spread(other)} | {ratio:.2f} |", flush=True)


def _spread(seconds: Sequence[float]) -> str:
    low_to_high = (min(seconds), median(seconds), max(seconds))
    return " / ".join(f"{each * 1000:.1f}" for each in low_to_high)


def _print_amounts(what: str, amounts: Sequence[float]) -> None:
    print(f"| {what} | {' | '.join(f'{each:,.1f}' for each in amounts)} |")


def _bytes_of(file: Path) -> int:
    return sum(each.stat().st_size for each in file.parent.glob(f"{file.name}*") if each.is_file())


def _server_bytes(running: Cluster) -> int:
    with _administrator(running) as connection:
        (size,) = connection.execute("SELECT pg_database_size('desk')").fetchone() or (0,)
    return int(size)


def _administrator(running: Cluster) -> psycopg.Connection:
    return psycopg.connect(host=running.host, user=USER, dbname="postgres", autocommit=True)


def _told(what: str, work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    sys.stderr.write(f"{what}: {time.perf_counter() - start:.0f} s\n")


if __name__ == "__main__":
    main()
