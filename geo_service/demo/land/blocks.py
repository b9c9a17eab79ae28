"""Blocks between roads: a four-sided piece of land cut again and again, each cut a road.

Which edge lies beside which block follows from the cuts and is never computed from coordinates.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo_service.demo.land.columns import Integers, ranges
from geo_service.demo.land.cuts import (
    Cells,
    Junctions,
    areas,
    concatenated,
    cut,
    interleaved,
    side_lengths,
)
from geo_service.layers.area import Floats

_LARGEST = 1.9
"""No block is wanted larger than this many times the usual."""
_NARROWEST_M = 34.0
_OUTER_CORNERS = 4


@dataclass(frozen=True)
class Land:
    """What the blocks of a piece of land are like; lengths in metres, areas in square metres.

    ``block_m2`` is where cutting stops on average, ``unevenness`` the logarithmic spread of it.
    A road that cut more than ``main_m2`` is a main road. ``notches`` cells at the corners, each
    about ``notch_share`` of the land, belong to somebody else, so that the outline is not a box.
    """

    width_m: float
    height_m: float
    block_m2: float
    unevenness: float = 0.55
    main_m2: float = 700_000.0
    notches: int = 0
    notch_share: float = 0.07


@dataclass(frozen=True, eq=False)
class Tree:
    """Which cell was cut into which two; cell 0 is the land, children stand after parents.

    Blocks are numbered in the tree's order: those of cell ``c`` are
    ``first_block[c] … first_block[c] + block_count[c] - 1``.
    """

    children: Integers
    first_block: Integers
    block_count: Integers

    def sums(self, block_values: Floats) -> Floats:
        """Return the sum of ``block_values`` over the blocks of each cell."""
        totals = np.concatenate([[0.0], np.cumsum(block_values)])
        return np.asarray(totals[self.first_block + self.block_count] - totals[self.first_block])


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks, the edges between junctions around them, and the roads these edges lie on.

    ``node_xy`` (n, 2) metres; ``edge_nodes`` (e, 2); ``edge_sides`` (e, 2) the block left and
    right of the edge walked from its first node, -1 outside; ``edge_road`` (e,); ``road_nodes``
    (r, 2); ``road_cut_m2`` (r,) the area of the cell that the road cut, infinite for the four
    outer roads. ``corners`` (b, 4) nodes and ``corner_roads`` (b, 4) the road from each corner to
    the next, counterclockwise.
    """

    node_xy: Floats
    edge_nodes: Integers
    edge_sides: Integers
    edge_road: Integers
    road_nodes: Integers
    road_cut_m2: Floats
    corners: Integers
    corner_roads: Integers
    tree: Tree


def cut_into_blocks(land: Land, *, rng: np.random.Generator) -> Blocks:
    """Cut ``land`` into blocks along roads.

    Returns
    -------
    Blocks
        Around the origin, metres. The four outer roads are 0 to 3. Each cell is convex, so is
        each block.
    """
    junctions, cells = _uncut(land, rng)
    leaves: list[Cells] = []
    children: list[Integers] = []
    starts, count = [0, 1], 1
    notches_left = land.notches
    while len(cells.number):
        area_m2 = areas(junctions.node_xy[cells.corner])
        is_notch = _notches(cells, area_m2, land, notches_left)
        notches_left -= int(is_notch.sum())
        is_leaf = _is_finished(junctions.node_xy[cells.corner], area_m2, land, rng) & ~is_notch
        leaves.append(cells.take(is_leaf))
        to_cut = ~is_leaf & ~is_notch
        born = np.full((len(cells.number), 2), -1)
        born[to_cut] = count + np.arange(2 * to_cut.sum()).reshape(-1, 2)
        children.append(born)
        halves = cut(junctions, cells.take(to_cut), area_m2[to_cut], land.main_m2, rng)
        cells = interleaved(*halves, first=count)
        count += len(cells.number)
        starts.append(count)
    tree, block = _tree(np.concatenate(children), concatenated(leaves).number, starts)
    return _with_edges(junctions, concatenated(leaves), tree, block)


def _uncut(land: Land, rng: np.random.Generator) -> tuple[Junctions, Cells]:
    """Return the land as one cell between four roads."""
    half = np.array([land.width_m, land.height_m]) / 2
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    xy = signs * half * (1 + rng.uniform(-0.12, 0.12, (4, 2)))
    none = np.empty(0, dtype=np.int64)
    junctions = Junctions(xy, np.empty((0, 2), np.int64), np.empty(0), none, none, np.empty(0))
    ends = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])
    roads, first, last = junctions.add_roads(ends, np.full(4, np.inf))
    return junctions, Cells(np.zeros(1, np.int64), ends[:, 0][None], *_rows(roads, first, last))


def _is_finished(
    corner_xy: Floats, area_m2: Floats, land: Land, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Tell which cells stay as they are: small enough, or too narrow to be cut."""
    wish = np.exp(land.unevenness * rng.standard_normal(len(area_m2)))
    wanted_m2 = land.block_m2 * np.minimum(wish, _LARGEST)
    sides = side_lengths(corner_xy)
    longer_m = np.maximum(sides[:, 0] + sides[:, 2], sides[:, 1] + sides[:, 3]) / 2
    return np.asarray((area_m2 < 1.45 * wanted_m2) | (longer_m < 2 * _NARROWEST_M))


def _notches(cells: Cells, area_m2: Floats, land: Land, left: int) -> NDArray[np.bool_]:
    """Tell which cells at a corner of the land are left to the neighbors."""
    whole_m2 = land.width_m * land.height_m
    at_corner = (cells.corner < _OUTER_CORNERS).any(axis=1)
    fits = at_corner & (area_m2 < 1.3 * land.notch_share * whole_m2)
    return np.asarray(fits & (np.cumsum(fits) <= left))


def _tree(children: Integers, leaf_cells: Integers, starts: list[int]) -> tuple[Tree, Integers]:
    """Return the tree and the block number of each leaf cell."""
    block_count = np.zeros(len(children), dtype=np.int64)
    block_count[leaf_cells] = 1
    levels = [slice(a, b) for a, b in pairwise(starts)]
    for level in reversed(levels):
        is_cut = children[level, 0] >= 0
        block_count[level][is_cut] = block_count[children[level][is_cut]].sum(axis=1)
    first_block = np.zeros(len(children), dtype=np.int64)
    for level in levels:
        is_cut = children[level, 0] >= 0
        left, right = children[level][is_cut].T
        first_block[left] = first_block[level][is_cut]
        first_block[right] = first_block[left] + block_count[left]
    return Tree(children, first_block, block_count), first_block[leaf_cells]


def _with_edges(junctions: Junctions, leaves: Cells, tree: Tree, block: Integers) -> Blocks:
    """Cut the roads at their junctions and note the blocks left and right of each piece."""
    leaves = leaves.take(np.argsort(block))
    order = np.lexsort((junctions.along_m, junctions.road))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    road = junctions.road[order]
    # Piece i runs from the i-th junction to the next; the last of each road is no piece.
    sides = np.full((len(order), 2), -1)
    start, end = rank[leaves.start].ravel(), rank[leaves.end].ravel()
    pieces, owner = ranges(np.minimum(start, end), np.abs(end - start))
    is_backward = (end < start)[owner]
    sides[pieces, is_backward.astype(np.int64)] = owner // 4
    is_last = np.append(road[1:] != road[:-1], True)
    used = np.flatnonzero((sides >= 0).any(axis=1) & ~is_last)
    node = junctions.node[order]
    return Blocks(
        node_xy=junctions.node_xy,
        edge_nodes=np.stack([node[used], node[used + 1]], axis=1),
        edge_sides=sides[used],
        edge_road=road[used],
        road_nodes=junctions.road_nodes,
        road_cut_m2=junctions.road_cut_m2,
        corners=leaves.corner,
        corner_roads=leaves.road,
        tree=tree,
    )


def _rows(*columns: Integers) -> list[Integers]:
    return [column[None] for column in columns]
