"""What a redraw of two grids would change, told beforehand: 20,000 grids and 100,000 issues.

``python -m bench.impact [issues [organisations]]``. Half of the issues are open. Boxes and links of
the edition and the registers are kept from one question to the next, as in a service that runs;
*the first question* finds nothing kept.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping

import numpy as np
import shapely

from bench.coverage import fill_registers, publish_land
from bench.rounds import heading, interleaved, row
from geo_service.app import create_services
from geo_service.demo.places import city
from geo_service.layers.area import AreaSet, Boundaries
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.impact.impact import ImpactService
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.impact.result import Impact
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage.figures import Figure

ISSUES = 100_000
ORGANISATIONS = 20_000
BATCH = 1_000
ROUNDS = 15
LAYER = "grid"
_FEW_BESIDE = 60
_SINCE_S = 1_700_000_000

Edit = tuple[Boundaries, Boundaries]


def main() -> None:
    """Print one table."""
    given = [int(each) for each in sys.argv[1:]]
    issues, organisations = (*given, *(ISSUES, ORGANISATIONS)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/impact.db", profile="generic")
        services = create_services(settings)
        boundaries = fill(services, issues, organisations)
        report(services, boundaries, issues, organisations)
        services.close()


def fill(services: ServiceSet, issues: int, organisations: int) -> Boundaries:
    """Store a city with its figures, issues and registers; return its boundaries."""
    founded = city()
    boundaries = dict(founded.boundaries)
    publish_land(services, boundaries)
    services.figures.add(
        LOCAL_ADMINISTRATOR,
        [
            Figure(each.layer, each.code, each.figure, str(each.value), _SINCE_S, each.source)
            for each in founded.figures
        ],
    )
    fill_registers(services, boundaries[LAYER], organisations, organisations)
    for start in range(0, issues, BATCH):
        services.issues.batch(LOCAL_ADMINISTRATOR, _rows(boundaries, start), is_updating=False)
    return boundaries


def report(services: ServiceSet, boundaries: Boundaries, issues: int, organisations: int) -> None:
    """Print what questions take."""
    inside, across = (_merged(boundaries, is_across=each) for each in (False, True))
    counts, whole = ImpactOptions(with_owners=False), ImpactOptions()
    near = ImpactOptions(most_beside=_FEW_BESIDE)
    works: dict[str, Callable[[], Impact]] = {
        "counts, two grids of a community": lambda: ask(services, services.impact, inside, counts),
        "whole answer, the same": lambda: ask(services, services.impact, inside, whole),
        "whole answer, a grid of one community goes to another": lambda: ask(
            services, services.impact, across, whole
        ),
        "the same, issues and registers of few siblings counted": lambda: ask(
            services, services.impact, across, near
        ),
        "the first question": lambda: ask(
            services, ImpactService(services.workspace), inside, whole
        ),
    }
    for work in works.values():
        work()
    heading(
        f"Impact of an edit of 2: {len(boundaries[LAYER]):,} grids, {issues:,} issues, "
        f"{organisations:,} organisations and units each"
    )
    for name, seconds in interleaved(works, rounds=ROUNDS).items():
        start = time.process_time()
        for _ in range(ROUNDS):
            works[name]()
        row(name, seconds, f"{(time.process_time() - start) / ROUNDS:.3f} of the processor")


def ask(services: ServiceSet, impact: ImpactService, edit: Edit, options: ImpactOptions) -> Impact:
    """Ask once, in a transaction of its own."""
    with services.workspace.database.read() as connection:
        base = services.workspace.edition(connection)
        return impact.between(connection, base, *edit, options)


def _merged(boundaries: Boundaries, *, is_across: bool) -> Edit:
    """Return two grids that touch, of one community or of two of a street, and them as one.

    Of two communities, the second one's ground goes to the first.
    """
    areas, above = boundaries[LAYER], boundaries["community"]
    street = dict(zip(above.codes, above.parents, strict=True))
    tree = shapely.STRtree(areas.geometries)
    for first in range(len(areas) // 2, len(areas)):
        for second in np.sort(tree.query(areas.geometries[first], "intersects")).tolist():
            pair = areas.parents[first] or "", areas.parents[second] or ""
            if second == first or (pair[0] != pair[1]) != is_across or _differ(street, pair):
                continue
            union = shapely.coverage_union_all(areas.geometries[[first, second]])
            if union.geom_type == "Polygon":
                return _edit(boundaries, first, second)
    raise SystemExit("no two grids touch")


def _differ(street: Mapping[str, str | None], pair: tuple[str, str]) -> bool:
    return street[pair[0]] != street[pair[1]]


def _edit(boundaries: Boundaries, first: int, second: int) -> Edit:
    """Return the areas that differ, before and after the second grid goes to the first."""
    areas, above = boundaries[LAYER], boundaries["community"]
    kept = [i for i in range(len(areas)) if i != second]
    grids = areas.take(kept)
    outlines = grids.geometries.copy()
    outlines[kept.index(first)] = shapely.coverage_union_all(areas.geometries[[first, second]])
    grids = grids.with_geometries(outlines)
    parents = sorted({areas.parents[first] or "", areas.parents[second] or ""})
    old: dict[str, AreaSet] = {LAYER: areas.take(sorted((first, second)))}
    new: dict[str, AreaSet] = {LAYER: grids.take([kept.index(first)])}
    if len(parents) > 1:
        at = [above.position_by_code[code] for code in parents]
        unions = [
            shapely.coverage_union_all(outlines[np.array(grids.parents) == code])
            for code in parents
        ]
        shapes = np.empty(len(unions), dtype=object)
        shapes[:] = unions
        old["community"] = above.take(at)
        new["community"] = above.take(at).with_geometries(shapes)
    return old, new


def _rows(boundaries: Boundaries, start: int) -> list[dict[str, object]]:
    west, south, east, north = shapely.total_bounds(boundaries["district"].geometries)
    draw = np.random.default_rng(start)
    x, y = draw.uniform(west, east, BATCH), draw.uniform(south, north, BATCH)
    return [
        {
            "source": "complaint",
            "external_id": str(start + i),
            "reported_at": "2026-11-01 08:00",
            "status": "open" if i % 2 else "closed",
            "frame": "EPSG:4490",
            "x": float(x[i]),
            "y": float(y[i]),
        }
        for i in range(BATCH)
    ]


if __name__ == "__main__":
    main()
