"""The exact index of one family: a level per layer, the deepest layer first."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import AreaSet, Floats, Positions
from geo_service.layers.index.building.linework import Counts, Labels, Linework
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.coverage_index import (
    CoverageIndex,
    index_of,
    lines_of,
)
from geo_service.layers.index.lookup import depths_of

_Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Level:
    """The index over a layer's areas that are not just the union of their children.

    ``depth`` is the layer's place in the chain (0 is the root).
    """

    depth: int
    index: CoverageIndex


class FamilyIndex:
    """Owners in the deepest layer that has one."""

    def __init__(self, levels: Sequence[Level]) -> None:
        self.levels = levels

    def owners(
        self, *, lon: Floats, lat: Floats
    ) -> tuple[NDArray[np.int8], Positions, NDArray[np.bool_]]:
        """Return depth and position of each point's owner (-1 where none), and what is shared."""
        if not self.levels:
            nobody = np.full(len(lon), -1, dtype=np.int32)
            return nobody.astype(np.int8), nobody, np.zeros(len(lon), dtype=np.bool_)
        deepest, *others = self.levels
        position, is_shared, without_owner = deepest.index.owners(lon=lon, lat=lat)
        depth = depths_of(position, deepest.depth)
        if not (without_owner and others):
            return depth, position, is_shared
        waiting = np.flatnonzero(position < 0)
        for level in others:
            found = level.index.owners(lon=lon[waiting], lat=lat[waiting])
            position[waiting], is_shared[waiting] = found.position, found.is_shared
            depth[waiting[found.position >= 0]] = level.depth
            waiting = waiting[found.position < 0]
        return depth, position, is_shared

    def owner(self, *, lon: float, lat: float) -> tuple[int, int, bool]:
        """Return depth and position of one point's owner (-1 where none), and whether shared."""
        for level in self.levels:
            position, is_shared = level.index.owner(lon=lon, lat=lat)
            if position >= 0:
                return level.depth, position, is_shared
        return -1, -1, False

    def holding(self, depth: int, *, lon: float, lat: float) -> list[int]:
        """Return the areas of the level at ``depth`` that hold a point, borders included."""
        for level in self.levels:
            if level.depth == depth:
                return level.index.holding(lon=lon, lat=lat)
        return []


def family_index(
    chain: Sequence[tuple[str, AreaSet]],
    parents: Sequence[Positions],
    *,
    is_brief: bool = False,
) -> FamilyIndex:
    """Return the index of a family.

    Parameters
    ----------
    chain
        The layers' names and areas, the root first.
    parents
        For each layer of the chain the position of every area's parent; the root's are ignored.
    is_brief
        Few points are asked: it is made sooner and answers later.

    Raises
    ------
    CoverageOverlap
        Two areas of one layer hold the same ground.
    """
    lines_at = _lines(chain, is_brief=is_brief)
    levels = []
    for depth in range(len(chain) - 1, -1, -1):
        layer, areas = chain[depth]
        chosen = list(range(len(areas)))
        if depth + 1 < len(chain):
            chosen = _not_tiled(
                lines_at[depth], lines_at[depth + 1], parents[depth + 1], len(areas)
            )
        if shapely.is_empty(areas.geometries).any():  # what has no outline decides nothing
            chosen = [i for i in chosen if not areas.geometries[i].is_empty]
        if chosen:  # areas that their children tile overlap nobody but others that are chosen
            index = index_of(lines_at[depth], areas, layer, is_brief=is_brief)
            if len(chosen) < np.count_nonzero(~shapely.is_empty(areas.geometries)):
                lines = lines_of(areas, layer, chosen)
                index = index_of(lines, areas, layer, is_brief=is_brief)
            levels.append(Level(depth, index))
    return FamilyIndex(levels)


def _lines(chain: Sequence[tuple[str, AreaSet]], *, is_brief: bool) -> list[Linework]:
    if is_brief:  # to begin threads would take as long
        return [lines_of(areas, layer) for layer, areas in chain]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda named: lines_of(named[1], named[0]), chain))


def _not_tiled(
    parents: Linework, children: Linework, parent_of: Positions, count: int
) -> list[int]:
    """Return the positions of areas that differ from the union of their children, ascending.

    An area is the union of its children where both have the same outline: the same edges, to the
    last bit. Outlines are compared by a 64-bit sum over their edges and by their number.

    Parameters
    ----------
    parents, children
        The distinct edges of both layers.
    parent_of
        Each child's parent, -1 for none, shape ``(children,)``.
    count
        How many areas the parents' layer has.
    """
    own = np.arange(count + 1, dtype=np.int32)
    up = np.concatenate([[0], parent_of + 1]).astype(np.int32)
    with np.errstate(over="ignore"):  # sums wrap on purpose; only the interpreter would warn
        sums, edges = _outlines(parents, own, count)
        child_sums, child_edges = _outlines(children, up, count)
    is_other = (sums != child_sums) | (edges != child_edges)
    found: list[int] = np.flatnonzero(is_other[1:]).tolist()
    return found


@compiled
def _outlines(lines: Linework, label_of: Labels, count: int) -> tuple[_Hashes, Counts]:
    """Return, for each label, the sum over its outline's edges and how many there are."""
    sums = np.zeros(count + 1, dtype=np.uint64)
    edges = np.zeros(count + 1, dtype=np.int64)
    for edge in range(len(lines.ends)):
        first, second = label_of[lines.owners[edge, 0]], label_of[lines.owners[edge, 1]]
        if first == second:
            continue
        value = _hash(lines.ends[edge].view(np.uint64))
        for label in (first, second):
            sums[label] += value
            edges[label] += 1
    return sums, edges


@compiled
def _hash(bits: _Hashes) -> np.uint64:
    """Mix four coordinates' bits (the finalizer of MurmurHash3, chained)."""
    value = np.uint64(0)
    for k in range(4):
        value = (value ^ bits[k]) * np.uint64(0xFF51AFD7ED558CCD)
        value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
        value ^= value >> np.uint64(29)
    return value
