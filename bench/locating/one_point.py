"""One point at a time, in process: the chain, the reasoned answer, and what peers take."""

import statistics
import time
from collections.abc import Callable, Mapping

import numpy as np
import shapely

from bench.locating.point_sets import PointSet
from geo_service.layers.area import Geometries
from geo_service.layers.assignment.answer import answer_at
from geo_service.layers.locator import Locator

POINTS = 2_000
ROUNDS = 5

Ask = Callable[[float, float], object]


def print_one_point(
    locator: Locator, family: str, areas: Geometries, points: PointSet, others: Mapping[str, Ask]
) -> None:
    """Print the median time of a single question, taken in turns, and its 99th percentile."""
    tree = shapely.STRtree(areas)
    asks: dict[str, Ask] = {
        "chain_at (goal 3 µs)": lambda x, y: locator.chain_at(family, lon=x, lat=y),
        "answer_at, reasoned (goal 40 µs)": lambda x, y: answer_at(locator, family, lon=x, lat=y),
        "answer_at, within 20 m": lambda x, y: answer_at(
            locator, family, lon=x, lat=y, accuracy_m=20.0
        ),
        "shapely STRtree, intersects": lambda x, y: tree.query(
            shapely.Point(x, y), predicate="intersects"
        ),
        **others,
    }
    sample = points.sample(POINTS)
    places = list(zip(sample.lon.tolist(), sample.lat.tolist(), strict=True))
    for ask in asks.values():
        _times_us(ask, places[:100])
    found: dict[str, list[list[float]]] = {name: [] for name in asks}
    for _ in range(ROUNDS):
        for name, ask in asks.items():
            found[name].append(_times_us(ask, places))
    print(f"\n#### One point: {POINTS:,} of {points.name}, {ROUNDS} rounds\n")
    print("| work | median µs: min | median | max | p99 µs |\n|---|---:|---:|---:|---:|")
    for name, rounds in found.items():
        middles = [statistics.median(times) for times in rounds]
        told = " | ".join(f"{f(middles):.2f}" for f in (min, statistics.median, max))
        print(f"| {name} | {told} | {np.percentile(rounds, 99):.1f} |")


def _times_us(ask: Ask, places: list[tuple[float, float]]) -> list[float]:
    times = []
    for x, y in places:
        start = time.perf_counter_ns()
        ask(x, y)
        times.append((time.perf_counter_ns() - start) / 1e3)
    return times
