"""Batches beside the peers' joins, taken in turns: rates, ratios, and whose answers differ.

What rests on the areas alone is made beforehand by everybody, and so are the peers' geometries and
tables of points: timed is one join of loaded points, until the pairs stand in arrays. Slow peers
get a sample of the points; rates per point are compared.
"""

import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from bench.locating.point_sets import PointSet
from bench.peers.peer import Pairs, Peer
from bench.rounds import timed
from geo_service.layers.area import Positions
from geo_service.layers.locator import Locator

ROUNDS = 3
LONGEST_S = 2.0
"""A peer that would take longer for all points gets as many as it joins in SAMPLE_S."""
SAMPLE_S = 1.0
TRIED = (20_000, 100_000)
"""Two batches tell what a join costs by itself, and what each point adds."""
_ONE_THREAD = 2 * 65_536 - 1
"""The longest batch that the locator does not cut over threads."""


class Result(NamedTuple):
    """Rates in points per second in each round: a peer's, and ours right before; wrong owners."""

    peer: Peer
    count: int
    rates: Sequence[float]
    ours: Sequence[float]
    differing: int

    @property
    def ratios(self) -> list[float]:
        """How many times ours is as fast."""
        return [own / rate for own, rate in zip(self.ours, self.rates, strict=True)]


def print_batches(
    locator: Locator,
    points: PointSet,
    peers: Sequence[Peer],
    counts: Mapping[str, int],
    *,
    goal: int | None = None,
    threads: int = 1,
) -> list[Result]:
    """Print one table, the best peer last; return what it tells."""
    samples = [points.at(counts[peer.name]) for peer in peers]
    for peer, sample in zip(peers, samples, strict=True):
        peer.load(points.lon[sample], points.lat[sample], threads=threads)
    results = _rounds(locator, points, peers, samples, threads)
    print(f"\n#### {points.name}, threads: {threads}\n")
    print("| work | points | M points/s: min | median | max ", end="")
    print("| ours ÷ it: min | median | max | other owners |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    ours = [rate for result in results for rate in result.ours]
    print(f"| **ours** | {len(points.lon):,} | {_spread(ours, 1e6, 2)} | | | | |")
    for result in results:
        _print_result(result)
    best = quickest(results, 1)[0].name
    wanted = f" (goal: {goal})" if goal else ", all cores against all cores"
    ratios = next(result.ratios for result in results if result.peer.name == best)
    print(
        f"\nours ÷ the best peer, {best}: **{statistics.median(ratios):.1f}**{wanted}", flush=True
    )
    return results


def quickest(results: Sequence[Result], count: int) -> list[Peer]:
    """Return the peers with the highest median rates, the best first."""
    ordered = sorted(results, key=lambda result: -statistics.median(result.rates))
    return [result.peer for result in ordered[:count]]


def enough_points(peer: Peer, points: PointSet) -> int:
    """Return how many points a peer joins in time, on one thread."""
    seconds = []
    for count in TRIED:
        sample = points.sample(count)
        peer.load(sample.lon, sample.lat, threads=1)
        seconds.append(min(timed(peer.pairs, rounds=2)))
    each_s = max(1e-9, (seconds[1] - seconds[0]) / (TRIED[1] - TRIED[0]))
    once_s = max(0.0, seconds[1] - TRIED[1] * each_s)
    if once_s + len(points.lon) * each_s <= LONGEST_S:
        return len(points.lon)
    return int(np.clip((SAMPLE_S - once_s) / each_s, TRIED[1], len(points.lon)))


def print_hard(locator: Locator, points: PointSet, peers: Sequence[Peer]) -> None:
    """Print who owns points on borders: a predicate without borders finds nobody there."""
    expected = _owners(locator, points)
    count = len(points.lon)
    print(f"\n#### {count:,} vertices and middles of edges: the lowest area that each finds\n")
    print("| work | the same owner | nobody | another owner |\n|---|---:|---:|---:|")
    for peer in peers:
        peer.load(points.lon, points.lat, threads=1)
        found = peer.pairs().lowest(count)
        same, nobody = int((found == expected).sum()), int(((found < 0) & (expected >= 0)).sum())
        print(f"| {peer.name} | {same:,} | {nobody:,} | {count - same - nobody:,} |")


def _rounds(
    locator: Locator,
    points: PointSet,
    peers: Sequence[Peer],
    samples: Sequence[Positions],
    threads: int,
) -> list[Result]:
    """Ask each peer in turn, and ourselves right before it."""
    expected = _owners(locator, points)
    own = partial(_one_thread if threads == 1 else _owners, locator, points)
    rates: list[list[float]] = [[] for _ in peers]
    ours: list[list[float]] = [[] for _ in peers]
    pairs: dict[int, Pairs] = {}

    def ask(i: int) -> None:
        pairs[i] = peers[i].pairs()

    for _ in range(ROUNDS):
        for i, sample in enumerate(samples):
            ours[i] += [len(points.lon) / s for s in timed(own, rounds=1)]
            rates[i] += [len(sample) / s for s in timed(partial(ask, i), rounds=1)]
    return [
        Result(
            peer,
            len(sample),
            rates[i],
            ours[i],
            int((pairs[i].lowest(len(sample)) != expected[sample]).sum()),
        )
        for i, (peer, sample) in enumerate(zip(peers, samples, strict=True))
    ]


def _print_result(result: Result) -> None:
    rates, ratios = _spread(result.rates, 1e6, 3), _spread(result.ratios, 1, 1)
    print(f"| {result.peer.name} | {result.count:,} | {rates} | {ratios} | {result.differing} |")


def _owners(locator: Locator, points: PointSet) -> Positions:
    """Return the owner's position among the leaf areas, -1 where no leaf area is it."""
    family = next(iter(locator.layers.families))
    found = locator.owners(family, lon=points.lon, lat=points.lat)
    leaf = len(locator.layers.families[family]) - 1
    return np.where(found.level == leaf, found.position, np.int32(-1))


def _one_thread(locator: Locator, points: PointSet) -> None:
    family = next(iter(locator.layers.families))
    for start in range(0, len(points.lon), _ONE_THREAD):
        part = slice(start, start + _ONE_THREAD)
        locator.owners(family, lon=points.lon[part], lat=points.lat[part])


def _spread(numbers: Sequence[float], unit: float, digits: int) -> str:
    values = (min(numbers), statistics.median(numbers), max(numbers))
    return " | ".join(f"{value / unit:.{digits}f}" for value in values)
