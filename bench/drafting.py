"""Drawing in a draft of a city of 20,000 grids: what a planner waits for, stored and checked."""

import tempfile
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from time import perf_counter

import numpy as np
import shapely

from bench.publication import publish_boundaries
from bench.rounds import heading, row
from geo_service.app import create_services
from geo_service.demo.places import city
from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw.asked.borders import borders_of
from geo_service.layers.redraw.asked.operation import Merge, Operation, Reshape, Split
from geo_service.layers.redraw.merges import neighbors
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage.figures import Figure, add_figures
from geo_service.storage.places import PlaceRow, note_import, replace_rows
from geo_service.storage.references import replace_references

BUILDINGS = 5
SPREAD_DEG, WALL_DEG = 3e-4, 1e-4
OPERATIONS = 150
MOVE_DEG = 2e-6


def main() -> None:
    """Print what the first look costs, what operations cost, and the publication."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(f"{folder}/plain", "generic", "20,000 grids and everything above them (SQLite)")
        asking = str(_asking(folder))
        _measure(f"{folder}/asking", asking, "the same, usual sizes and 100,000 buildings")
        _measure(f"{folder}/lists", asking, "the same, all on building lists", is_listed=True)


def _measure(path: str, profile: str, title: str, *, is_listed: bool = False) -> None:
    services = create_services(Settings(database_url=f"sqlite:///{path}.db", profile=profile))
    boundaries = dict(city().boundaries)
    if is_listed:
        grids = boundaries["grid"]
        lists = {code: _codes(i) for i, code in enumerate(grids.codes)}
        boundaries["grid"] = grids.with_lists(lists)
    publish_boundaries(services, boundaries)
    if profile != "generic":
        _put_buildings(services)
    _print_drawing(services, f"A draft on {title}")
    services.close()


def _asking(folder: str) -> Path:
    """Return the generic profile with usual sizes of grids."""
    text = files("geo_service.governance").joinpath("profiles/generic.toml").read_text("utf-8")
    grid, households = 'name = "grid"\n', 'aliases = ["总户数", "居民户数", "家庭户数"]\n'
    text = text.replace(grid, grid + "usual_area_m2 = [8000, 12000]\n", 1)
    text = text.replace(households, households + "usual = { grid = [100, 300] }\n", 1)
    path = Path(folder) / "asking.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _codes(grid: int) -> tuple[str, ...]:
    """Return the codes of the buildings of a grid, by its position."""
    return tuple(f"L{grid * BUILDINGS + i:06d}" for i in range(BUILDINGS))


def _put_buildings(services: ServiceSet) -> None:
    random = np.random.default_rng(11)
    grids = city().boundaries["grid"]
    at = np.repeat(np.arange(len(grids)), BUILDINGS)
    middles = shapely.get_coordinates(shapely.point_on_surface(grids.geometries))[at]
    corners = middles + random.uniform(-SPREAD_DEG, SPREAD_DEG, middles.shape)
    grounds = shapely.box(*corners.T, *(corners + WALL_DEG).T)
    lon, lat = (corners + WALL_DEG / 2).T.tolist()
    nothing = dict.fromkeys(PlaceRow._fields)
    rows = [
        PlaceRow(
            **nothing
            | {"row_key": str(i), "number": str(i), "layer": "grid", "area": grids.codes[at[i]]}
            | {"lon": lon[i], "lat": lat[i]}
        )
        for i in range(0, len(at), 2)
    ]
    told = [
        Figure("grid", code, "households", str(count), 0, "bench")
        for code, count in zip(grids.codes, random.integers(50, 400, len(grids)), strict=True)
    ]
    with services.workspace.database.write() as connection:
        codes = [code for grid in range(len(grids)) for code in _codes(grid)]
        names = [f"{1 + i % BUILDINGS}号楼" for i in range(len(at))]
        replace_references(
            connection, kind="building", names=names, geometries=grounds, codes=codes
        )
        replace_rows(connection, "bench", ended=[], added=rows, at_s=1, actor="bench")
        note_import(connection, "bench", file="", count=len(rows), at_s=1, actor="bench")
        add_figures(connection, told, recorded_at_s=1)


def _print_drawing(services: ServiceSet, title: str) -> None:
    heading(title)
    drafts = services.drafts
    draft = drafts.begin(LOCAL_ADMINISTRATOR, "bench").id
    row(
        "first look: arcs and findings of the whole city", [_timed(lambda: _state(services, draft))]
    )
    coverage = _state(services, draft)
    for name, operations in _operations(coverage).items():
        seconds = [_performed(services, draft, operation) for operation in operations]
        done = [each for each in seconds if each is not None]
        note = f"{len(seconds) - len(done)} refused"
        row(f"{name}, p95 {np.quantile(done, 0.95) * 1e3:.1f} ms", done, note)
    row("undo", [_timed(lambda: drafts.undo(LOCAL_ADMINISTRATOR, draft)) for _ in range(20)])
    checks = services.draft_publications
    row("check", [_timed(lambda: checks.check(LOCAL_ADMINISTRATOR, draft)) for _ in range(5)])
    whole = _timed(lambda: checks.check(LOCAL_ADMINISTRATOR, draft, is_whole=True))
    row("check of every area", [whole])
    state = drafts.state(LOCAL_ADMINISTRATOR, draft).state
    asking = state.questions[0].asking
    row("questions about every area, of that", [_timed(lambda: state.asking(asking, None))])
    approval = {"authority": "bench", "document": "1", "date": "2026-11-22"}
    asked = PublicationAsked("bench", approval=approval)
    row("publish", [_timed(lambda: checks.publish(LOCAL_ADMINISTRATOR, draft, asked))])


def _performed(services: ServiceSet, draft: int, operation: Operation) -> float | None:
    start = perf_counter()
    try:
        services.drafts.perform(LOCAL_ADMINISTRATOR, draft, operation)
    except GeoServiceError:
        return None
    return perf_counter() - start


def _state(services: ServiceSet, draft: int) -> Coverage:
    return services.drafts.state(LOCAL_ADMINISTRATOR, draft).state.coverages[0]


def _operations(coverage: Coverage) -> dict[str, Iterator[Operation]]:
    random = np.random.default_rng(7)
    keys = [key for key in sorted(coverage.numbers) if key.layer == "grid"]
    chosen = [keys[i] for i in random.choice(len(keys), 3 * OPERATIONS, replace=False)]
    makers: dict[str, Callable[[Coverage, AreaKey, int], Operation]] = {
        "split": _split,
        "reshape": _reshape,
        "merge": _merge,
    }
    return {
        name: (make(coverage, key, i) for i, key in enumerate(chosen[at::3]))
        for at, (name, make) in enumerate(makers.items())
    }


def _split(coverage: Coverage, key: AreaKey, number: int) -> Operation:
    outline = coverage.area(key).outline
    x, _ = outline.point_on_surface().coords[0]
    _, south, _, north = outline.bounds
    return Split(
        key, ((x, south - 1e-3), (x, north + 1e-3)), (f"9S{number:05d}a", f"9S{number:05d}b")
    )


def _reshape(coverage: Coverage, key: AreaKey, _number: int) -> Operation:
    border = borders_of(coverage, [key])[0]
    places = border.places.copy()
    places[1:-1] += MOVE_DEG
    return Reshape(key, border.name, tuple(map(tuple, places.tolist())))


def _merge(coverage: Coverage, key: AreaKey, _number: int) -> Operation:
    parent = coverage.area(key).parent
    beside = (coverage.areas[n] for n in neighbors(coverage, coverage.number_of(key)))
    other = next((area.key for area in beside if area.parent == parent), key)
    return Merge((key, other), key.code)


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main()
