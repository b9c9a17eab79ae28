"""What is offered to a planner: balanced parts, moved buildings, cuts along roads, fixes."""

import statistics
from collections.abc import Callable
from time import perf_counter

import numpy as np
import shapely

from bench.topology import LAYERS
from geo_service.demo.places import city
from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import AreaKey, Coverage, extract
from geo_service.layers.area import Geometries
from geo_service.layers.redraw import (
    Building,
    codes_for,
    cut_along,
    fixes_for,
    move_buildings,
    pieces_along,
    retire,
    review,
    suggest_parts,
)
from geo_service.layers.redraw.buildings.cells import cells
from geo_service.layers.redraw.merges import neighbors

ROUNDS = 60
BUILDINGS = 100
HOUSE_M = 12.0
PARTS = 4
ROADS = 3


def main() -> None:
    """Print single proposals and operations on the grids of all four levels of the city."""
    (coverage,) = extract(dict(city().boundaries), LAYERS)
    random = np.random.default_rng(1)
    keys = sorted(key for key in coverage.numbers if key.layer == "grid")
    taken: dict[str, list[float]] = {}
    for i in random.choice(len(keys), ROUNDS, replace=False).tolist():
        for name, operation in _operations(coverage, keys[i], random).items():
            start = perf_counter()
            try:
                operation()
            except GeoServiceError:
                continue
            taken.setdefault(name, []).append(perf_counter() - start)
    title = "### Proposals on a city of 20,000 grids"
    print(f"\n{title}\n\n| one of them | ms p50 | p95 | max | times |\n|---|---:|---:|---:|---:|")
    for name, seconds in taken.items():
        middle, high = statistics.median(seconds), float(np.percentile(seconds, 95))
        numbers = " | ".join(f"{1000 * s:.1f}" for s in (middle, high, max(seconds)))
        print(f"| {name} | {numbers} | {len(seconds)} |")


def _operations(
    coverage: Coverage, key: AreaKey, random: np.random.Generator
) -> dict[str, Callable[[], object]]:
    outline = coverage.area(key).outline
    houses = _houses(coverage, outline, random)
    beside = coverage.areas[min(neighbors(coverage, coverage.number_of(key)))].key
    taker = coverage.area(beside).outline
    near = sorted(houses, key=lambda house: float(shapely.distance(house.ground, taker)))
    moved = [house.name for house in near[:2]]
    places = shapely.get_coordinates(shapely.centroid([house.ground for house in houses]))
    weights = random.integers(6, 60, len(houses))
    roads = _roads(outline, random)
    gone = retire(coverage, key).coverage
    gap = next(each for each in review(gone).findings if each.kind == "gap")
    groups = np.array([house.name in moved for house in houses]).astype(np.int64)
    above = coverage.areas[coverage.area(key).parent or 0].key
    return {
        f"{PARTS} parts, by ground": lambda: suggest_parts(coverage, key, PARTS),
        f"{PARTS} parts, by households of {BUILDINGS} buildings": lambda: suggest_parts(
            coverage, key, PARTS, places=places, weights=weights
        ),
        f"move 2 of {BUILDINGS} buildings, with its check": lambda: move_buildings(
            coverage, key, beside, houses, moved
        ),
        "the ground around buildings alone": lambda: cells(houses, groups, outline, coverage.scale),
        "shapely: voronoi_polygons of the same buildings' points": lambda: shapely.voronoi_polygons(
            shapely.multipoints(places), extend_to=outline
        ),
        f"cut along {ROADS} roads, with its check": lambda: _cut(coverage, key, roads),
        "shapely: polygonize of the same, neighbors left alone": lambda: shapely.polygonize(
            shapely.get_parts(shapely.union_all([shapely.boundary(outline), *roads]))
        ),
        "fixes of a gap, all tried": lambda: fixes_for(gone, gap),
        "a code by its scheme": lambda: codes_for(
            coverage, "grid", above, [outline], scheme=(6, 3, 3, 3)
        ),
    }


def _houses(
    coverage: Coverage, outline: shapely.Geometry, random: np.random.Generator
) -> list[Building]:
    """Return square houses inside an outline, as many as there are places for."""
    unit = np.array(coverage.scale)
    low, high = shapely.bounds(outline).reshape(2, 2)
    spots = random.uniform(low, high, (40 * BUILDINGS, 2))
    half = HOUSE_M / 2 / unit
    shapes = shapely.box(*(spots - half).T, *(spots + half).T)
    kept: list[shapely.Geometry] = []
    for shape in shapes[shapely.contains(outline, shapes)]:
        if len(kept) < BUILDINGS and not shapely.intersects(shape, kept).any():
            kept.append(shape)
    return [Building(f"{i}号楼", shape) for i, shape in enumerate(kept)]


def _roads(outline: shapely.Geometry, random: np.random.Generator) -> Geometries:
    low, high = shapely.bounds(outline).reshape(2, 2)
    ends = low + random.uniform(-0.3, 1.3, (ROADS, 2, 2)) * (high - low)
    roads: Geometries = shapely.linestrings(ends)
    return roads


def _cut(coverage: Coverage, key: AreaKey, roads: Geometries) -> object:
    pieces = pieces_along(coverage, key, roads.tolist())
    return cut_along(coverage, key, roads.tolist(), [f"N{i}" for i in range(len(pieces))])


if __name__ == "__main__":
    main()
