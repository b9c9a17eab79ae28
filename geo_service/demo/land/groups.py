"""Blocks gathered into nested groups of like size: along main roads first, then evened out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.demo.land.blocks import Blocks, Tree
from geo_service.demo.land.columns import Integers, ranges
from geo_service.errors import LimitExceeded
from geo_service.layers.area import Floats

_STRAIGHTNESS = 0.12
"""How much a longer border weighs against uneven groups."""
_ROUNDS = 5
_NO_CORNER = -2
_CROSSING = 4


@dataclass(frozen=True, eq=False)
class Nesting:
    """Groups of each level, root first, numbered in the order of their blocks.

    ``of_block[-1]`` (b,) is the deepest group of each block; ``parent[i]`` the group of level
    ``i - 1`` that each group of level ``i`` lies in, all 0 for the first level.
    """

    of_block: tuple[Integers, ...]
    parent: tuple[Integers, ...]


def nest(
    blocks: Blocks,
    *,
    sizes: Floats,
    counts: Sequence[int],
    is_barrier: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Nesting:
    """Gather blocks into ``counts[0]`` groups, these into ``counts[1]`` in all, and so on.

    Parameters
    ----------
    sizes
        (b,) what is to be shared out evenly, for instance households; not negative.
    counts
        Ascending; the last at most the number of blocks.
    is_barrier
        (e,) edges that groups rather do not reach across.

    Notes
    -----
    Groups start as cells of the tree, so the upper borders are the older, larger roads. Then
    blocks at borders change sides where that evens the deepest groups out, as long as every
    group of every level stays in one piece without holes.
    """
    tree = blocks.tree
    totals = tree.sums(sizes)
    cells = [np.zeros(1, dtype=np.int64)]
    parents: list[Integers] = []
    for count in counts:
        above = cells[-1]
        shares = apportion(count, totals[above], least=1, most=tree.block_count[above])
        pairs = zip(above.tolist(), shares.tolist(), strict=True)
        parts = [_cells_of(tree, totals, *pair) for pair in pairs]
        cells.append(np.concatenate(parts))
        parents.append(np.repeat(np.arange(len(above)), shares))
    deepest = np.empty(len(sizes), dtype=np.int64)
    block, group = ranges(tree.first_block[cells[-1]], tree.block_count[cells[-1]])
    deepest[block] = group
    deepest = _evened_out(_Border(blocks, is_barrier), deepest, parents, sizes, rng)
    of_block = [deepest]
    for parent in reversed(parents[1:]):
        of_block.append(parent[of_block[-1]])
    return Nesting(tuple(reversed(of_block)), tuple(parents))


def apportion(count: int, totals: Floats, *, least: int, most: Integers) -> Integers:
    """Share ``count`` out in proportion to ``totals``, each between ``least`` and ``most``.

    Largest remainders win; ties go to the earlier.

    Raises
    ------
    LimitExceeded
        ``count`` is more than ``most`` allows in all, or less than ``least`` needs.
    """
    if not least * len(most) <= count <= most.sum():
        raise LimitExceeded(
            what_zh="要分配的数量",
            what_en="the number to share out",
            requested=count,
            limit=int(most.sum()),
        )
    quota = totals / max(totals.sum(), 1e-9) * count
    shares: Integers = np.clip(np.floor(quota).astype(np.int64), least, most)
    while (missing := count - int(shares.sum())) != 0:
        step = 1 if missing > 0 else -1
        is_open = shares < most if step > 0 else shares > least
        need = np.where(is_open, step * (quota - shares), -np.inf)
        chosen = np.argsort(-need, kind="stable")[: min(abs(missing), int(is_open.sum()))]
        shares[chosen] += step
    return shares


def _cells_of(tree: Tree, totals: Floats, cell: int, count: int) -> list[int]:
    """Return ``count`` cells below ``cell`` that make it up, as equal as the cuts allow."""
    found: list[int] = []
    open_cells = [(cell, count)]
    while open_cells:
        cell, count = open_cells.pop()
        if count == 1:
            found.append(cell)
            continue
        left, right = tree.children[cell].tolist()
        most_left, most_right = int(tree.block_count[left]), int(tree.block_count[right])
        wanted = round(count * totals[left] / max(totals[left] + totals[right], 1e-9))
        lowest = max(min(1, most_left), count - most_right)
        to_left = min(max(wanted, lowest), count - min(1, most_right), most_left)
        open_cells += [(c, k) for c, k in ((right, count - to_left), (left, to_left)) if k > 0]
    return found


class _Border:
    """What lies around each block, counterclockwise: blocks across edges and across crossings."""

    def __init__(self, blocks: Blocks, is_barrier: NDArray[np.bool_]) -> None:
        count = len(blocks.corners)
        a, b = blocks.edge_nodes.T
        left, right = blocks.edge_sides.T
        edge = np.concatenate([np.flatnonzero(left >= 0), np.flatnonzero(right >= 0)])
        split = int((left >= 0).sum())
        block = np.concatenate([left[edge[:split]], right[edge[split:]]])
        across = np.concatenate([right[edge[:split]], left[edge[split:]]])
        end = np.concatenate([b[edge[:split]], a[edge[split:]]])
        start = np.concatenate([a[edge[:split]], b[edge[split:]]])
        chord = blocks.node_xy[b] - blocks.node_xy[a]
        bond = (np.hypot(chord[:, 0], chord[:, 1]) * np.where(is_barrier, -1, 1))[edge]
        following = _following(block, start, end, len(blocks.node_xy))
        # All faces around a node, as a sum: with three known, the fourth is what remains.
        around = np.bincount(a, left, len(blocks.node_xy))
        around += np.bincount(b, right, len(blocks.node_xy))
        meeting = np.bincount(blocks.edge_nodes.ravel(), minlength=len(around))[end]
        corner = around[end].astype(np.int64) - block - across - across[following]
        self.around: list[list[int]] = [[] for _ in range(count)]
        self.bonds: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self._fill(
            block, following, across, np.where(meeting == _CROSSING, corner, _NO_CORNER), bond
        )

    def _fill(
        self, block: Integers, following: Integers, across: Integers, corner: Integers, bond: Floats
    ) -> None:
        columns = (following.tolist(), across.tolist(), corner.tolist(), bond.tolist())
        following_of, across_of, corner_of, bond_of = columns
        first = np.unique(block, return_index=True)[1].tolist()
        for of_block, start in enumerate(first):
            around, bonds, at = self.around[of_block], self.bonds[of_block], start
            while True:
                around.append(across_of[at])
                bonds.append((across_of[at], bond_of[at]))
                if corner_of[at] != _NO_CORNER:
                    around.append(corner_of[at])
                at = following_of[at]
                if at == start:
                    break


def _following(block: Integers, start: Integers, end: Integers, nodes: int) -> Integers:
    """Return for each edge around a block the next one."""
    order = np.argsort(block * nodes + start)
    keys = (block * nodes + start)[order]
    return np.asarray(order[np.searchsorted(keys, block * nodes + end)])


def _evened_out(
    border: _Border,
    groups: Integers,
    parents: list[Integers],
    sizes: Floats,
    rng: np.random.Generator,
) -> Integers:
    """Let blocks change sides while that makes the groups more even."""
    group = groups.tolist()
    size = np.bincount(groups, sizes).tolist()
    wanted = sum(size) / len(size)
    own = sizes.tolist()
    levels = _levels(parents)
    for _ in range(_ROUNDS):
        moved = 0
        for block in rng.permutation(len(group)).tolist():
            to = _better(block, border, group, size, own[block], wanted)
            if to is None or not _may_move(border.around[block], group, group[block], to, levels):
                continue
            size[group[block]] -= own[block]
            size[to] += own[block]
            group[block] = to
            moved += 1
        if moved < len(group) / 200:
            break
    return np.array(group, dtype=np.int64)


def _levels(parents: list[Integers]) -> list[list[int]]:
    """Return the ancestor of each deepest group on each level, the deepest first."""
    ancestor = np.arange(len(parents[-1]))
    levels = [ancestor.tolist()]
    for parent in reversed(parents[1:]):
        ancestor = parent[ancestor]
        levels.append(ancestor.tolist())
    return levels


def _better(
    block: int, border: _Border, group: list[int], size: list[float], own: float, wanted: float
) -> int | None:
    """Return the neighboring group in which the block would serve evenness most, if any."""
    here = group[block]
    bonds: dict[int, float] = {}
    whole_m = 0.0
    for neighbor, bond_m in border.bonds[block]:
        to = group[neighbor] if neighbor >= 0 else -1
        bonds[to] = bonds.get(to, 0.0) + bond_m
        whole_m += abs(bond_m)
    kept_m = bonds.pop(here, 0.0)
    bonds.pop(-1, None)
    best, best_gain = None, 0.0
    for to, bond_m in bonds.items():
        # The change of the sum of squares of (size - wanted) when ``own`` moves.
        gain = own * (size[here] - size[to] - own) / wanted**2
        gain += _STRAIGHTNESS * (bond_m - kept_m) / whole_m
        if gain > best_gain + 1e-9:
            best, best_gain = to, gain
    return best


def _may_move(
    around: list[int], group: list[int], here: int, to: int, levels: list[list[int]]
) -> bool:
    """Tell whether both groups stay in one piece without holes, on every level they differ."""
    groups_around = [group[block] if block >= 0 else -1 for block in around]
    for level in levels:
        if level[here] == level[to]:
            return True
        faces = [level[g] if g >= 0 else -1 for g in groups_around]
        if not (_is_one_run(faces, level[here]) and _is_one_run(faces, level[to])):
            return False
    return True


def _is_one_run(faces: list[int], value: int) -> bool:
    """Tell whether ``value`` stands in exactly one unbroken stretch of a ring of faces."""
    starts = sum(
        1
        for face, before in zip(faces, faces[-1:] + faces[:-1], strict=True)
        if face == value and before != value
    )
    return starts == 1
