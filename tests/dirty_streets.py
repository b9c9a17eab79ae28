"""A file of streets as they come from offices: no frame, no codes, no parents, and not clean.

It is dirty as one real file of 17 streets was found to be, and drawn from a seed. That file is in
GCJ-02 and does not say so; 85 % of the nodes on its shared borders stand in both outlines with the
same bits, and nearly all others are off by float noise, at most 1e-8 m. A few nodes stand in one
outline alone, up to half a metre beside the other's edge: hairlines of 136 m by 0.1 mm, an overlap
of 1 m², and a wedge of free ground of 15.6 m² between two streets. Edges are short, of 3 mm some of
them, and of several hundred metres where borders run straight.
"""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from tests.shapes import grid_of

FRAME = "GCJ02"
REPAIR_M = 0.6
"""Closes what is open between the streets, the wedge too."""

_ORIGIN, _CELL_DEG = (120.0, 30.0), (0.004, 0.0035)
_M_PER_DEG = np.array([96_400.0, 110_850.0])  # at 30° north
_COLUMNS, _ROWS, _NODES_A_SIDE = 3, 2, 22
_NOISY = 0.15
_NOISE_DEG = 1e-13
_TWINS_M = (0.003, 0.01, 0.08)
"""So far behind a node stands another one."""
_FAULTS_M = (0.0, 5e-5, 0.1, -0.02, 0.3, -0.35)
"""So far off an edge stands a node that only one side knows: inwards, or over the border."""
_WEDGE_M = 0.49

_Ring = list[tuple[float, float]]
_Edge = frozenset[tuple[float, float]]


def write_dirty_streets(path: Path, seed: int) -> Path:
    """Write the streets as GeoJSON, and return where they are."""
    features = [
        {
            "type": "Feature",
            "properties": {"OBJECTID": number, "name": f"示例第{number}街道"},
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        }
        for number, ring in enumerate(dirty_rings(seed), 1)
    ]
    body = {"type": "FeatureCollection", "name": "streets", "features": features}
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path


def dirty_rings(seed: int) -> list[_Ring]:
    """Return the outlines of streets, each as the file has it."""
    random = np.random.default_rng(seed)
    how = {"seed": seed, "nodes_per_side": _NODES_A_SIDE, "size": _CELL_DEG, "origin": _ORIGIN}
    cells = grid_of(_COLUMNS, _ROWS, **how)
    rings = [[(x, y) for x, y in cell.exterior.coords[:-1]] for cell in cells]
    wedged = _straighten(rings, 0, 1, share=0.17)
    _straighten(rings, 1, 2, share=0.7)  # over 200 m: the import puts nodes on it
    for along_m in _TWINS_M:
        _insert(rings, _chosen(rings, random), along_m=along_m)
    for off_m in _FAULTS_M:
        edge = _chosen(rings, random)
        _insert(rings, edge, off_m=off_m, only=_holders(rings)[edge][0])
    _insert(rings, wedged, off_m=_WEDGE_M, only=0)
    _disturb(rings, random)
    return rings


def _holders(rings: list[_Ring]) -> dict[_Edge, list[int]]:
    """Return which outlines run along each edge."""
    found = defaultdict(list)
    for number, ring in enumerate(rings):
        for edge in zip(ring, [*ring[1:], ring[0]], strict=True):
            found[frozenset(edge)].append(number)
    return found


def _chosen(rings: list[_Ring], random: np.random.Generator) -> _Edge:
    """Return an edge between two streets, one that is long enough to stay one."""
    shared = [edge for edge, holders in _holders(rings).items() if len(holders) == 2]
    long = sorted((sorted(edge) for edge in shared), key=_length_m)[len(shared) // 2 :]
    return frozenset(map(tuple, long[random.integers(len(long))]))


def _length_m(edge: list[tuple[float, float]]) -> float:
    return float(np.hypot(*((np.array(edge[1]) - edge[0]) * _M_PER_DEG)))


def _straighten(rings: list[_Ring], one: int, other: int, *, share: float) -> _Edge:
    """Let a part of the border of two streets run straight, and return the edge that it is."""
    common = [place for place in rings[one] if place in set(rings[other])]
    start, end = (round(len(common) * (1 + way * share) / 2) for way in (-1, 1))
    gone = set(common[start + 1 : end])
    for number in (one, other):
        rings[number] = [place for place in rings[number] if place not in gone]
    return frozenset((common[start], common[end]))


def _insert(
    rings: list[_Ring],
    edge: _Edge,
    *,
    along_m: float | None = None,
    off_m: float = 0.0,
    only: int | None = None,
) -> None:
    """Put a node on an edge, or beside it, into the outlines that run along it, or into one."""
    start, end = sorted(edge)
    way = (np.array(end) - start) * _M_PER_DEG
    length_m = float(np.hypot(*way))
    share = 0.5 if along_m is None else along_m / length_m
    for number in _holders(rings)[edge]:
        if only in (None, number):
            ring = rings[number]
            at = next(i for i in range(len(ring)) if {ring[i - 1], ring[i]} == edge)
            # outlines run counterclockwise: their inside is on the left
            turn = 1 if ring[at] == end else -1
            left = np.array([-way[1], way[0]]) / length_m * turn
            place = np.array(start) + (share * way + left * off_m) / _M_PER_DEG
            ring.insert(at, (float(place[0]), float(place[1])))


def _disturb(rings: list[_Ring], random: np.random.Generator) -> None:
    """Move nodes that several outlines share in one of them, by what rounding leaves."""
    count: dict[tuple[float, float], int] = defaultdict(int)
    for ring in rings:
        for place in ring:
            count[place] += 1
    for ring in rings[::2]:
        for i, place in enumerate(ring):
            if count[place] > 1 and random.random() < 2 * _NOISY:
                x, y = np.array(place) + random.uniform(-_NOISE_DEG, _NOISE_DEG, 2)
                ring[i] = (float(x), float(y))
