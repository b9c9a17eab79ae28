"""The hotspot page of 155 grids and 180,000 issues, beside a plain folium page of the same map.

What each of our rows finds warm:

- *first page of a process*: a new process with its modules imported and its database open. No
  template, locator or drawing is there.
- *nothing kept*: templates are compiled and libraries loaded; no locator, drawing, count or page.
- *an issue came in*: what rests on the edition alone (locator, drawing, reference layers) is kept;
  counts, statistics, words and the page are made anew.
- *unchanged*: the page itself is kept.
"""

import gzip
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import folium
import pandas
import shapely

from bench.rounds import heading, interleaved, row
from geo_service.app import create_services
from geo_service.demo.issues import issues
from geo_service.demo.places import x_street
from geo_service.layers.files import write_csv
from geo_service.maps.view import Links
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.hotspots.counts import HotspotQuery, HotspotService
from geo_service.services.hotspots.pages import HotspotPageService, Look
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.page_facts import PageFacts
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings

ISSUES = 180_000
ROUNDS = 7
QUERY = HotspotQuery("micro_grid", date(2026, 10, 25), date(2026, 10, 31))
ASSETS = (Path("static/app"), Path("static/vendor"))


def main() -> None:
    """Print times and sizes of both pages."""
    with tempfile.TemporaryDirectory() as folder:
        services = _filled(Path(folder))
        pages: dict[str, str] = {}
        works = {  # in this order: the page is new after a report, and kept the second time
            "ours, an issue came in": _keeping(pages, "ours", lambda: _page(services)),
            "ours, unchanged": lambda: _page(services),
            "ours, nothing kept": lambda: _with_nothing_kept(services),
            "plain folium, counts ready": _keeping(
                pages, "folium", lambda: _plain_folium(services)
            ),
        }
        _page(services)
        found: dict[str, list[float]] = {name: [] for name in works}
        for number in range(ROUNDS):
            _report(services, number)
            for name, seconds in interleaved(works, rounds=1).items():
                found[name] += seconds
        heading(f"Hotspot page, 155 grids, {ISSUES:,} issues stored")
        row("ours, first page of a process", _first_pages(services))
        for name, seconds in found.items():
            row(name, seconds)
        services.close()
    _print_sizes(pages)


def _print_sizes(pages: dict[str, str]) -> None:
    own = len(gzip.compress(pages["ours"].encode()))
    assets = sum(
        len(gzip.compress(path.read_bytes()))
        for folder in ASSETS
        for path in folder.rglob("*")
        if path.suffix in {".js", ".css"}
    )
    plain = len(gzip.compress(pages["folium"].encode()))
    print(
        f"\nours: page {own / 1000:.0f} kB + our assets {assets / 1000:.0f} kB, gzipped (goal 600)"
    )
    print(f"plain folium: page {plain / 1000:.0f} kB gzipped, without what it loads from CDNs")


def _filled(folder: Path) -> ServiceSet:
    settings = Settings(database_url=f"sqlite:///{folder}/page.db", profile="x-street")
    services = create_services(settings)
    services.demonstrations.load(LOCAL_ADMINISTRATOR, total=100)
    columns = issues(x_street(), seed=1, until=date(2026, 11, 1), total=ISSUES)
    path = folder / "issues.csv"
    write_csv(path, headings=list(columns), rows=zip(*columns.values(), strict=True))
    services.issues.import_file(LOCAL_ADMINISTRATOR, path, IssueFileOptions())
    return services


def _keeping(pages: dict[str, str], name: str, draw: Callable[[], str]) -> Callable[[], None]:
    def work() -> None:
        pages[name] = draw()

    return work


def _page(services: ServiceSet) -> str:
    return services.hotspot_pages.page(LOCAL_ADMINISTRATOR, QUERY, Look(), links=Links())


def _with_nothing_kept(services: ServiceSet) -> str:
    workspace = services.workspace
    workspace.forget_locators()
    pages = HotspotPageService(workspace, HotspotService(workspace), PageFacts())
    return pages.page(LOCAL_ADMINISTRATOR, QUERY, Look(), links=Links())


def _first_pages(services: ServiceSet) -> list[float]:
    """Return the seconds of the first page in each of some new processes."""
    url = str(services.workspace.database.url)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as processes:
        return list(processes.map(first_page_s, [url] * ROUNDS))


def first_page_s(url: str) -> float:
    """Return the seconds that this process takes for its first page."""
    services = create_services(Settings(database_url=url, profile="x-street"))
    start = time.perf_counter()
    _page(services)
    seconds = time.perf_counter() - start
    services.close()
    return seconds


def _report(services: ServiceSet, number: int) -> None:
    cells = {"source": "complaint", "external_id": f"bench {number}", "frame": "EPSG:4490"}
    place = {"reported_at": "2026-10-29 08:00", "x": 118.5, "y": 33.6}
    services.issues.report(LOCAL_ADMINISTRATOR, cells | place, is_updating=False)


def _plain_folium(services: ServiceSet) -> str:
    found = services.hotspots.hotspots(LOCAL_ADMINISTRATOR, QUERY)
    features = [
        {
            "type": "Feature",
            "properties": {"code": row.code, "name": row.name, "count": row.count},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for row, shape in zip(found.table.rows, found.areas.geometries, strict=True)
    ]
    page = folium.Map(location=[33.6, 118.5], zoom_start=14)
    folium.Choropleth(
        {"type": "FeatureCollection", "features": features},
        data=pandas.Series({row.code: row.count for row in found.table.rows}),
        key_on="feature.properties.code",
    ).add_to(page)
    return str(page.get_root().render())


if __name__ == "__main__":
    main()
