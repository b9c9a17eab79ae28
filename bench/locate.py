"""Batch locate beside its peers, in one run: python -m bench.locate [district] [city] [nation].

District and city unless lands are named; the nation takes minutes to make, and 10 GB of memory.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from bench.locating.answers import print_answers
from bench.locating.batches import enough_points, print_batches, print_hard, quickest
from bench.locating.index_costs import print_costs, print_places_of_time
from bench.locating.one_point import print_one_point
from bench.locating.point_sets import hard_points, point_sets
from bench.peers import open_peers
from bench.topology import LAYERS
from geo_service.demo.city import City
from geo_service.demo.places import city, district, nation

POINTS = 1_000_000
HARD_POINTS = 10_000
QUICKEST = 4
"""So many peers are asked again with the other sets of points."""


class Land(NamedTuple):
    """A land: who makes it, and how many times the best peer's rate is the goal."""

    make: Callable[[], City]
    goal: int


LANDS = {"district": Land(district, 40), "city": Land(city, 30), "nation": Land(nation, 20)}


def main(names: Sequence[str]) -> None:
    """Print the tables of each land."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers we started end
    for name in names or ["district", "city"]:
        if name not in LANDS:
            raise SystemExit(f"unknown land {name}: one of {', '.join(LANDS)}")
        _print_land(name, LANDS[name])


def _print_land(name: str, land: Land) -> None:
    boundaries = dict(land.make().boundaries)
    family = next(iter(LAYERS.families))
    areas = boundaries[family].geometries
    print(f"\n## {name}: {len(areas):,} grids; {os.cpu_count()} cores, load {_load()}")
    sets = point_sets(areas, POINTS)
    locator = print_costs(LAYERS, boundaries, sets[0])
    print_places_of_time(locator, family, sets)
    with ExitStack() as stack:
        peers, missing = open_peers(stack, areas)
        for peer, reason in missing.items():
            print(f"\n**Missing: {peer}**, {reason}")
        counts = {peer.name: enough_points(peer, sets[0]) for peer in peers}
        results = print_batches(locator, sets[0], peers, counts, goal=land.goal)
        for points in sets[1:]:
            print_batches(locator, points, quickest(results, QUICKEST), counts, goal=land.goal)
        able = [peer for peer in peers if peer.can_use_all_cores]
        print_batches(locator, sets[0], able, counts, threads=os.cpu_count() or 1)
        print_hard(locator, hard_points(areas, HARD_POINTS), peers)
        able = [peer for peer in peers if hasattr(peer, "one_point")]
        asks = {f"{peer.name}, prepared statement": peer.one_point for peer in able}
        print_one_point(locator, family, areas, sets[0], asks)
    print_answers(locator, sets[0])
    print(f"\nload {_load()}", flush=True)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
