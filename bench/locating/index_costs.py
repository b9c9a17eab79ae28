"""What the index costs: building, disk, opening, memory; and where the time of a batch goes."""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.locating.point_sets import PointSet
from bench.rounds import heading, interleaved, row, timed
from geo_service.layers.area import AreaSet, Boundaries, Floats
from geo_service.layers.index import CoverageIndex, Words
from geo_service.layers.index.cells import ENTRIES, PARTS_PER_WORD, TOUCHED, opened
from geo_service.layers.index.lattice import PARTS_X, PARTS_Y
from geo_service.layers.index.lookup import find_owners
from geo_service.layers.layer import Layers
from geo_service.layers.locator import Locator, Sections
from geo_service.storage.index_files import damaged_sections, index_key, open_index, write_index

ROUNDS = 5
_LONG_S = 5.0


def print_costs(layers: Layers, boundaries: Boundaries, points: PointSet) -> Locator:
    """Print one table of build, file and memory; return a locator built for it."""
    _warm_up(layers, boundaries)
    heading("The index: building, writing, opening (goals: nation built in 20 s, opened in 0.1 s)")
    locator = Locator(layers, boundaries)
    seconds = timed(lambda: locator.sections, rounds=1)
    if seconds[0] < _LONG_S:
        seconds += timed(lambda: Locator(layers, boundaries).sections, rounds=2)
    row("build, with the check for overlaps", seconds)
    with tempfile.TemporaryDirectory() as folder:
        _print_file(Path(folder) / "edition.index", locator, boundaries, points)
    return locator


def _print_file(path: Path, locator: Locator, boundaries: Boundaries, points: PointSet) -> None:
    layers, key = locator.layers, index_key(locator.layers, "bench")
    row("write", timed(lambda: write_index(path, key, locator.sections), rounds=1))

    def open_locator() -> None:
        found = Locator(layers, boundaries, _sections(path, key))
        found.owners(family, lon=points.lon[:1], lat=points.lat[:1])

    family = next(iter(layers.families))
    works: dict[str, Callable[[], object]] = {
        "open the file": lambda: _sections(path, key),
        "open a locator on it, with the areas in memory, and ask one point": open_locator,
        "verify the file": lambda: damaged_sections(path, key),
    }
    for name, seconds in interleaved(works, rounds=ROUNDS).items():
        row(name, seconds)
    edges = sum(_edges(areas) for areas in boundaries.values())
    size = path.stat().st_size
    print(f"\nOn disk {size / 1e6:,.1f} MB (goal for the nation: 1,500), {_shape(locator, edges)}.")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        before, after = process.submit(resident_mb, path, key, points).result()
    print(
        f"Resident memory of a new process: {before:,.0f} MB with all modules and a compiled"
        f" kernel, {after:,.0f} MB after {len(points.lon):,} points ({points.name})."
    )


def resident_mb(path: Path, key: str, points: PointSet) -> tuple[float, float]:
    """Return this process's resident memory before the file is opened and after a batch."""
    nothing = CoverageIndex(np.zeros(7, dtype=np.int64))
    nothing.owners(lon=points.lon, lat=points.lat)
    before = _resident_mb()
    for words in _sections(path, key).values():
        CoverageIndex(words).owners(lon=points.lon, lat=points.lat)
    return before, _resident_mb()


def print_places_of_time(locator: Locator, family: str, sets: list[PointSet]) -> None:
    """Print how many points cells answer at once, and what a point of each kind takes."""
    words = locator.families[family].levels[0].index.words
    print("\n#### Where the time goes (one thread, the deepest layer's kernel alone)\n")
    print(
        "| points | answered by the cell | by a part of it | on a border part | edges there"
        " | outside | all, M/s | cell points, M/s | points of parts, M/s | border points, M/s"
        " | reading and writing alone, M/s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for points in sets:
        _print_kinds(words, points)


def _print_kinds(words: Words, points: PointSet) -> None:
    told = _told(words, points)
    chosen = {
        "all": told.is_known | True,
        "cell": told.is_known & ~told.is_border,
        "part": told.is_known & told.is_border,
        "border": ~told.is_known,
    }
    kinds = {
        name: PointSet("", points.lon[each], points.lat[each]) for name, each in chosen.items()
    }
    kinds["none"] = PointSet("", points.lon + 1_000.0, points.lat)
    works = {
        name: lambda kind=kind: _find(words, kind.lon, kind.lat) for name, kind in kinds.items()
    }
    found = interleaved(works, rounds=ROUNDS)
    rates = [len(kinds[name].lon) / min(seconds) / 1e6 for name, seconds in found.items()]
    cells, parts, borders = (chosen[name].mean() for name in ("cell", "part", "border"))
    print(
        f"| {points.name} | {cells - told.outside:.1%} | {parts:.1%} | {borders:.1%}"
        f" | {told.edges:.1f} | {told.outside:.1%} | "
        + " | ".join(f"{rate:.1f}" for rate in rates)
        + " |"
    )


def _find(words: Words, lon: Floats, lat: Floats) -> None:
    positions = np.empty(len(lon), dtype=np.int32)
    find_owners(words, lon, lat, positions, np.zeros(len(lon), dtype=np.bool_))


class _Told(NamedTuple):
    """What the tables tell of points: flags, the share outside, edges where a point has to walk."""

    is_border: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    outside: float
    edges: float


def _told(words: Words, points: PointSet) -> _Told:
    tables = opened(words)
    side_x, side_y, first_x, first_y, columns, rows = tables.lattice
    column = np.floor(points.lon / side_x) - first_x
    row = np.floor(points.lat / side_y) - first_y
    is_inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    cell = np.where(is_inside, row * columns + column, columns * rows).astype(np.int64)
    value = tables.cells[cell].astype(np.int64)
    is_border = value < 0
    border = ~value[is_border]
    part_x = np.floor(points.lon[is_border] / side_x * PARTS_X).astype(np.int64) % PARTS_X
    part_y = np.floor(points.lat[is_border] / side_y * PARTS_Y).astype(np.int64) % PARTS_Y
    word, place = np.divmod(part_y * PARTS_X + part_x, PARTS_PER_WORD)
    is_touched = (tables.borders[border, word] >> 2 * place) & TOUCHED == TOUCHED
    is_known = np.ones(len(value), dtype=np.bool_)
    is_known[np.flatnonzero(is_border)[is_touched]] = False
    edges = tables.borders[border[is_touched], ENTRIES]
    return _Told(is_border, is_known, float((value == 0).mean()), float(edges.mean()))


def _shape(locator: Locator, edges: int) -> str:
    told = []
    for name, words in locator.sections.items():
        tables = opened(words)
        share = (tables.cells < 0).mean()
        told.append(
            f"{name}: {tables.cells.size:,} cells, {share:.1%} of them on borders,"
            f" {words.nbytes / 1e6:,.1f} MB"
        )
    return f"{edges:,} edges of rings in all layers; " + "; ".join(told)


def _edges(areas: AreaSet) -> int:
    return int(shapely.get_num_coordinates(areas.geometries).sum())


def _sections(path: Path, key: str) -> Sections:
    sections = open_index(path, key)
    if sections is None:
        raise SystemExit(f"{path} is not there")
    return sections


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1e3
    return float("nan")


def _warm_up(layers: Layers, boundaries: Boundaries) -> None:
    """Compile, or load what was compiled, on a few areas of each layer."""
    start = time.perf_counter()
    few = {name: areas.take(range(min(20, len(areas)))) for name, areas in boundaries.items()}
    locator = Locator(layers, few)
    family = next(iter(layers.families))
    locator.owners(family, lon=np.zeros(1), lat=np.zeros(1))
    print(f"\nkernels ready after {time.perf_counter() - start:.1f} s")
