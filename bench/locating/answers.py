"""Batches as the service answers them: places in, columns out, with and without explanations."""

import statistics
from collections.abc import Callable
from functools import partial

import numpy as np

from bench.locating.point_sets import PointSet
from bench.rounds import timed
from geo_service.layers.locator import Locator
from geo_service.layers.points.column import NONE
from geo_service.layers.points.located import locate_points
from geo_service.layers.points.place import Places

POINTS = 65_536
"""As many as lists of points are worked on at a time."""
CIRCLES = 10_000
ROUNDS = 3
WITHIN_M = 20.0


def print_answers(locator: Locator, points: PointSet) -> None:
    """Print what one point of a batch costs, taken in turns."""
    rows, circles = points.sample(POINTS), points.sample(CIRCLES)
    asks: dict[str, tuple[PointSet, Callable[[], object]]] = {
        "owners of every family": (rows, partial(_locate, locator, rows)),
        "explained: border, neighbor, nearest": (
            rows,
            partial(_locate, locator, rows, is_explaining=True),
        ),
        f"within {WITHIN_M:g} m: status": (
            circles,
            partial(_locate, locator, circles, accuracy_m=WITHIN_M),
        ),
        f"within {WITHIN_M:g} m, explained: candidates too": (
            circles,
            partial(_locate, locator, circles, accuracy_m=WITHIN_M, is_explaining=True),
        ),
    }
    found: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(ROUNDS):
        for name, (places, ask) in asks.items():
            found[name] += [1e6 * s / len(places.lon) for s in timed(ask, rounds=1)]
    print(f"\n#### Answers to batches of {points.name}, all cores\n")
    print("| work | points | µs a point: min | median | max |\n|---|---:|---:|---:|---:|")
    for name, each_us in found.items():
        told = " | ".join(f"{f(each_us):.2f}" for f in (min, statistics.median, max))
        print(f"| {name} | {len(asks[name][0].lon):,} | {told} |", flush=True)


def _locate(
    locator: Locator,
    points: PointSet,
    *,
    accuracy_m: float | None = None,
    is_explaining: bool = False,
) -> None:
    count = len(points.lon)
    radii_m = None if accuracy_m is None else np.full(count, accuracy_m)
    places = Places(points.lon, points.lat, radii_m, np.full(count, NONE, dtype=np.int8))
    locate_points(locator, places, source_frame="EPSG:4490", is_explaining=is_explaining)
