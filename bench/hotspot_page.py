"""The hotspot page of 155 grids and 180,000 issues, beside a plain folium page of the same map."""

import gzip
import json
import tempfile
from collections.abc import Callable
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
from geo_service.services.issues.files import IssueFileOptions
from geo_service.services.page_facts import PageFacts
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings

ISSUES = 180_000
QUERY = HotspotQuery("micro_grid", date(2026, 10, 25), date(2026, 10, 31))
ASSETS = (Path("static/app"), Path("static/vendor"))


def main() -> None:
    """Print times and sizes of both pages."""
    with tempfile.TemporaryDirectory() as folder:
        services = _filled(Path(folder))
        pages: dict[str, str] = {}
        works = {
            "ours, cold (no cache at all)": _keeping(pages, "ours", lambda: _cold(services)),
            "ours, warm": lambda: _page(services.hotspot_pages),
            "plain folium": _keeping(pages, "folium", lambda: _plain_folium(services)),
        }
        heading(f"Hotspot page, 155 grids, {ISSUES:,} issues stored")
        for name, seconds in interleaved(works, rounds=7).items():
            row(name, seconds)
        services.close()
    own = len(gzip.compress(pages["ours"].encode()))
    assets = sum(
        len(gzip.compress(path.read_bytes()))
        for folder_ in ASSETS
        for path in folder_.rglob("*")
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


def _page(service: HotspotPageService) -> str:
    return service.page(LOCAL_ADMINISTRATOR, QUERY, Look(), links=Links())


def _cold(services: ServiceSet) -> str:
    workspace = services.workspace
    workspace.forget_locators()
    return _page(HotspotPageService(workspace, HotspotService(workspace), PageFacts()))


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
