"""Coverage of 20,000 grids by 100,000 organisations and 100,000 units, beside geopandas.

``python -m bench.coverage [organisations [units]]``. Half of the organisations are bound by code
and half located by point, as all units are; each has one recorded activity.

- *nothing kept*: the service is new and has read no register; the locator is open.
- *unchanged*: the registers as of that day are kept.
- *the driver alone*: bare sqlite3 reads the rows of both registers, and nothing is made of them.
- *geopandas*: the points alone, from frames in memory: one spatial join with the grids for the
  organisations and one for the units, and the counts by grid. It reads no database, and tells
  neither states nor shares nor which counts are too small to be shown.
"""

import cProfile
import pstats
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing

import geopandas
import numpy as np
import shapely

from bench.rounds import heading, interleaved, row
from geo_service.app import create_services
from geo_service.demo.places import city
from geo_service.governance.organisations.register import Activity, Entry
from geo_service.layers.area import AreaSet, Boundaries
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.coverage.layer_coverage import (
    CoverageQuery,
    CoverageService,
    LayerCoverage,
)
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage import registers

ORGANISATIONS = 100_000
UNITS = 100_000
ROUNDS = 5
LAYER = "grid"
_DAY_S = 86_400
_MODES = ("own", "own", "own", "joint", "attached", "temporary", "functional")


def main() -> None:
    """Print times by the clock and of the processor, and one profile."""
    given = [int(each) for each in sys.argv[1:]]
    organisations, units = (*given, *(ORGANISATIONS, UNITS)[len(given) :])
    boundaries = dict(city().boundaries)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/coverage.db", profile="generic")
        services = create_services(settings)
        publish_land(services, boundaries)
        fill_registers(services, boundaries[LAYER], organisations, units)
        services.coverage.coverage(LOCAL_ADMINISTRATOR, CoverageQuery(LAYER))
        _print(services, boundaries[LAYER], organisations, units)
        services.close()


def _print(services: ServiceSet, areas: AreaSet, organisations: int, units: int) -> None:
    plain = _Plain(_cold(services), areas)
    processor_s: list[float] = []

    def cold() -> None:
        start = time.process_time()
        _cold(services)
        processor_s.append(time.process_time() - start)

    query = CoverageQuery(LAYER)
    works = {
        "ours, nothing kept": cold,
        "ours, unchanged": lambda: services.coverage.coverage(LOCAL_ADMINISTRATOR, query),
        "the driver alone": lambda: _rows(services),
        "geopandas, points alone": plain.counts,
    }
    seconds = interleaved(works, rounds=ROUNDS)
    heading(f"Coverage: {len(areas):,} grids, {organisations:,} organisations, {units:,} units")
    row("ours, nothing kept", seconds["ours, nothing kept"], "goal 2.0")
    row("ours, nothing kept, processor", processor_s)
    row("ours, unchanged", seconds["ours, unchanged"])
    row("the driver alone", seconds["the driver alone"])
    row("geopandas, points alone", seconds["geopandas, points alone"])
    plain.check()
    with cProfile.Profile() as profile:
        _cold(services)
    pstats.Stats(profile).sort_stats("tottime").print_stats(12)


def _cold(services: ServiceSet) -> LayerCoverage:
    """Tell the coverage from a service that has read nothing yet."""
    return CoverageService(services.workspace).coverage(LOCAL_ADMINISTRATOR, CoverageQuery(LAYER))


def _rows(services: ServiceSet) -> int:
    url = services.workspace.database.url
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as driver:
        return len(driver.execute("SELECT * FROM register_entries ORDER BY id").fetchall())


class _Plain:
    """The same points as frames of geopandas, and their counts by grid."""

    def __init__(self, found: LayerCoverage, areas: AreaSet) -> None:
        self._found = found
        self._grids = geopandas.GeoDataFrame(
            {"grid": np.arange(len(areas))}, geometry=areas.geometries, crs="EPSG:4490"
        )
        bodies = [e for e in found.picture.organisations if e.layer == LAYER and not e.areas]
        self._organisations = _frame(bodies)
        self._units = _frame(found.picture.units)
        self._units["cover"] = found.picture.unit_states[0]

    def counts(self) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
        """Return organisations by grid, and units by grid and cover."""
        bodies = geopandas.sjoin(self._organisations, self._grids, predicate="within")
        units = geopandas.sjoin(self._units, self._grids, predicate="within")
        return bodies.groupby("grid").size(), units.groupby(["grid", "cover"]).size()

    def check(self) -> None:
        """Stop where both do not count the same units."""
        _, units = self.counts()
        ours = self._found.units.cover
        grids, covers = (units.index.get_level_values(level).to_numpy() for level in (0, 1))
        theirs = np.zeros_like(ours)
        theirs[grids, covers] = units.to_numpy()
        if (ours != theirs).any():
            raise SystemExit(f"{int((ours != theirs).sum())} counts differ")


def _frame(entries: Sequence[Entry]) -> geopandas.GeoDataFrame:
    places = np.array([(e.lon or 0.0, e.lat or 0.0) for e in entries]).reshape(-1, 2)
    points = shapely.points(places)
    return geopandas.GeoDataFrame(geometry=points, crs="EPSG:4490")


def publish_land(services: ServiceSet, boundaries: Boundaries) -> None:
    with services.workspace.database.write() as connection:
        made = Publication(boundaries, 0, 0, False, "bench")
        publish(services.workspace, connection, LOCAL_ADMINISTRATOR, made)


def fill_registers(services: ServiceSet, areas: AreaSet, organisations: int, units: int) -> None:
    """Store the registers past their service, which would take minutes to check each entry."""
    draw = np.random.default_rng(1)
    now_s = int(services.workspace.now_s())
    bodies = _organisations(areas, organisations, draw)
    held = [
        Activity(body.code, "general_meeting", now_s - int(days) * _DAY_S)
        for body, days in zip(bodies, draw.integers(1, 200, len(bodies)), strict=True)
    ]
    recorded = {"recorded_at_s": now_s, "actor": LOCAL_ADMINISTRATOR.name}
    with services.workspace.database.write() as connection:
        registers.add_entries(connection, bodies, **recorded)
        registers.add_entries(connection, _units(areas, organisations, units, draw), **recorded)
        registers.add_activities(connection, held, **recorded)


def _organisations(areas: AreaSet, total: int, draw: np.random.Generator) -> list[Entry]:
    lon, lat = _places(areas, total, draw)
    bound = draw.integers(0, len(areas), total)
    members = draw.integers(1, 60, total)
    found = []
    for i in range(total):
        details = {"members": int(members[i]), "mode": _MODES[i % len(_MODES)]}
        entry = Entry("party_organisation", f"D{i:06}", f"示例第{i}党支部", "branch", 0, LAYER)
        entry = entry._replace(details=details, founded_s=0, lon=lon[i], lat=lat[i])
        is_bound = i % 2 == 0
        found.append(
            entry._replace(areas=(areas.codes[bound[i]],), edition=1) if is_bound else entry
        )
    return found


def _units(
    areas: AreaSet, organisations: int, total: int, draw: np.random.Generator
) -> list[Entry]:
    lon, lat = _places(areas, total, draw)
    members = draw.integers(0, 9, total)
    found = []
    for i in range(total):
        details: dict[str, object] = {"full_members": int(members[i])}
        if i % 3 == 0:
            details["party_organisation"] = f"D{i % organisations:06}"
        elif i % 3 == 1:
            details["has_adviser"] = True
        entry = Entry("unit", f"U{i:06}", f"示例第{i}单位", "private_enterprise", 0)
        found.append(entry._replace(details=details, lon=lon[i], lat=lat[i]))
    return found


def _places(
    areas: AreaSet, total: int, draw: np.random.Generator
) -> tuple[list[float], list[float]]:
    """Return places inside of the grids, and not on their borders."""
    inner = shapely.point_on_surface(areas.geometries)[draw.integers(0, len(areas), total)]
    lon = shapely.get_x(inner) + draw.uniform(-1e-5, 1e-5, total)
    lat = shapely.get_y(inner) + draw.uniform(-1e-5, 1e-5, total)
    return lon.tolist(), lat.tolist()


if __name__ == "__main__":
    main()
