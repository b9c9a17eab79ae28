"""Arcs out of a city's boundaries, and redrawing them, beside what shapely alone would do."""

import statistics
from collections.abc import Callable
from time import perf_counter

import numpy as np
import shapely

from bench.rounds import heading, interleaved, row
from bench.topology import LAYERS
from geo_service.demo.places import city
from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import AreaKey, Coverage, extract
from geo_service.layers.arcs.rings import faces_of, outline_of
from geo_service.layers.area import Boundaries
from geo_service.layers.redraw import (
    Redrawn,
    first_clash,
    merge,
    move_junction,
    pieces_of,
    reshape,
    review,
    review_change,
    split,
)
from geo_service.layers.redraw.merges import neighbors

ROUNDS = 3
OPERATIONS = 400
MOVE_DEG = 2e-6


def main() -> None:
    """Print extraction and operations, for the grids alone and for all four levels."""
    boundaries = dict(city().boundaries)
    for title, some in (
        ("The 20,000 grids alone", {"grid": boundaries["grid"]}),
        ("All four levels of the city", boundaries),
    ):
        heading(title)
        for name, seconds in interleaved(_wholes(some), rounds=ROUNDS).items():
            row(name, seconds)
        (coverage,) = extract(some, LAYERS)
        _print_operations(coverage)


def _wholes(boundaries: Boundaries) -> dict[str, Callable[[], object]]:
    (coverage,) = extract(boundaries, LAYERS)
    lines = [shapely.LineString(arc.places) for arc in coverage.arcs.values()]
    parts = {n: shapely.get_parts(areas.geometries) for n, areas in boundaries.items()}
    return {
        f"extract {len(coverage.arcs):,} arcs (goal 2.4 s for grids)": lambda: extract(
            boundaries, LAYERS
        ),
        "all areas from their arcs": lambda: _assembled(coverage),
        "check of everything by arcs": lambda: first_clash(coverage),
        "review of everything": lambda: review(coverage),
        "shapely: polygonize of the same arcs, without owners": lambda: shapely.polygonize(lines),
        "shapely: union_all of the borders and line_merge, without owners": lambda: [
            shapely.line_merge(shapely.union_all(shapely.boundary(some))) for some in parts.values()
        ],
        "shapely: coverage_is_valid, each level": lambda: [
            shapely.coverage_is_valid(some) for some in parts.values()
        ],
    }


def _assembled(coverage: Coverage) -> list[shapely.Geometry]:
    arc_of = coverage.arcs.__getitem__
    return [outline_of(faces_of(area.chain, arc_of)) for area in coverage.areas.values()]


def _print_operations(coverage: Coverage) -> None:
    """Print medians, 95th percentiles and longest of single operations, in milliseconds.

    Each is done on what the one before led to; what is refused does not count.
    """
    random = np.random.default_rng(1)
    keys = sorted(key for key in coverage.numbers if key.layer == "grid")
    taken: dict[str, list[float]] = {}
    reviewed = review(coverage)
    for i in range(OPERATIONS):
        key = keys[int(random.integers(len(keys)))]
        name, prepare = list(_PREPARED.items())[i % len(_PREPARED)]
        if key not in coverage.numbers:
            continue
        try:
            operation = prepare(coverage, key, random)
            start = perf_counter()
            redrawn = operation()
        except GeoServiceError:
            continue
        taken.setdefault(f"{name}, with its check", []).append(perf_counter() - start)
        start = perf_counter()
        first_clash(redrawn.coverage, redrawn.change)
        taken.setdefault("the check alone (goal 2 to 3)", []).append(perf_counter() - start)
        start = perf_counter()
        reviewed = review_change(reviewed, coverage, redrawn)
        taken.setdefault("the review", []).append(perf_counter() - start)
        coverage = redrawn.coverage
    print("\n| one operation | ms p50 | p95 | max | times |\n|---|---:|---:|---:|---:|")
    for name, seconds in taken.items():
        middle, high = statistics.median(seconds), float(np.percentile(seconds, 95))
        numbers = " | ".join(f"{1000 * s:.2f}" for s in (middle, high, max(seconds)))
        print(f"| {name} | {numbers} | {len(seconds)} |")


def _split(coverage: Coverage, key: AreaKey, random: np.random.Generator) -> Callable[[], Redrawn]:
    middle = shapely.get_coordinates(shapely.point_on_surface(coverage.area(key).outline))[0]
    angle = random.uniform(0, 2 * np.pi)
    way = 0.01 * np.array([np.cos(angle), np.sin(angle)])
    line = np.array([middle - way, middle + way])
    count = len(pieces_of(coverage, key, line))
    codes = [f"{key.code}-{coverage.next_area + i}" for i in range(count)]
    return lambda: split(coverage, key, line, codes)


def _merge(coverage: Coverage, key: AreaKey, _random: np.random.Generator) -> Callable[[], Redrawn]:
    parent = coverage.area(key).parent
    beside = [coverage.areas[n] for n in sorted(neighbors(coverage, coverage.number_of(key)))]
    siblings = [area.key for area in beside if area.parent == parent]
    return lambda: merge(coverage, [key, *siblings[:1]], key.code)


def _reshape(
    coverage: Coverage, key: AreaKey, random: np.random.Generator
) -> Callable[[], Redrawn]:
    arc = abs(int(random.choice(coverage.area(key).chain)))
    places = coverage.arcs[arc].places.copy()
    places[1:-1] += random.normal(0, MOVE_DEG, places[1:-1].shape)
    return lambda: reshape(coverage, arc, places)


def _move_junction(
    coverage: Coverage, key: AreaKey, random: np.random.Generator
) -> Callable[[], Redrawn]:
    place = coverage.arcs[abs(int(random.choice(coverage.area(key).chain)))].tail
    x, y = (np.array(place) + random.normal(0, MOVE_DEG, 2)).tolist()
    return lambda: move_junction(coverage, place, (x, y))


_PREPARED = {
    "split": _split,
    "merge": _merge,
    "reshape an arc": _reshape,
    "move a junction": _move_junction,
}


if __name__ == "__main__":
    main()
