"""Small counts of persons identify them: which cells of a table are not shown.

Cells below the least one are hidden, 0 apart. Where a shown total and its other parts would give a
hidden cell away, further cells are hidden with it (complementary suppression; method as in A.
Hundepool et al., Statistical Disclosure Control, 2012, chapter 4: primary cells, then a pattern of
secondary ones so that no hidden cell can be told from the sums).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def hidden_cells(
    levels: Sequence[Integers],
    parents: Sequence[Integers],
    *,
    least_cell: int,
    telling: Sequence[Flags] = (),
) -> list[Flags]:
    """Return which cells of a tree of counts are hidden.

    Parameters
    ----------
    levels
        Counts of persons, level by level, the root's first; ``(n_d,)`` each. Every cell of a level
        but the last is the sum of its children: what is placed on no child is a child too.
    parents
        For each level the positions of its cells' parents in the level above, -1 for none; the
        first is not looked at.
    least_cell
        The smallest count, 0 apart, that may be shown.
    telling
        For each level further cells that must not be shown, as ``telling_totals`` gives them.

    Returns
    -------
    list[Flags]
        Every count from 1 to ``least_cell`` - 1 is hidden. Beneath each shown total that has hidden
        children there are two of them or more, and no hidden cell has children that are all shown.
        What the shown cells beneath such a total leave over is ``least_cell`` at least, and more
        than the hidden cells that share it. So whoever sees every shown cell, and knows that no
        count is negative, is left with an interval as wide as ``least_cell`` for each hidden one;
        and with two values at least, knowing too that none of them is 0.
    """
    hidden = [(counts > 0) & (counts < least_cell) for counts in levels]
    for cells, further in zip(hidden, telling, strict=False):
        cells |= further
    pairs = [
        _Families(levels[depth], np.asarray(parents[depth]), len(levels[depth - 1]))
        for depth in range(1, len(levels))
    ]
    is_changed = True
    while is_changed:
        free = _free(levels, parents, hidden)
        # from the deepest totals up, then again: hiding a total reaches its siblings and children
        upward = [
            families.protect(hidden[depth - 1], hidden[depth], free[depth], least_cell)
            for depth, families in reversed(list(enumerate(pairs, 1)))
        ]
        is_changed = any(upward)
    return hidden


def _free(
    levels: Sequence[Integers], parents: Sequence[Integers], hidden: Sequence[Flags]
) -> list[Integers]:
    """Return for each cell what its hidden cells leave open: persons and how many share them.

    ``(n_d, 2)`` for each level; a shown cell leaves nothing open, a hidden one without hidden
    children itself.
    """
    found: list[Integers] = [np.zeros((0, 2), dtype=np.int64)] * len(levels)
    for depth in reversed(range(len(levels))):
        own = np.column_stack([levels[depth], np.ones_like(levels[depth])])
        if depth + 1 < len(levels):
            beneath = np.zeros_like(own)
            placed = np.asarray(parents[depth + 1]) >= 0
            np.add.at(beneath, parents[depth + 1][placed], found[depth + 1][placed])
            own = np.where(beneath[:, 1:] > 0, beneath, own)
        found[depth] = own * hidden[depth][:, np.newaxis]
    return found


def telling_totals(
    entries: Sequence[Integers],
    persons: Sequence[Integers],
    parents: Sequence[Integers],
    *,
    lowest: int,
    highest: int,
    are_alone: bool = True,
) -> list[Flags]:
    """Return which totals would tell a small count of a single entry that is listed beside them.

    A register lists its entries one by one, small counts as ``<3``; a total less the counts that
    are listed is what the small ones sum to. A total is safe that holds none of them, or whose
    small ones, as far as no safe total below holds them, sum to more than one of them can have, and
    neither to the least nor to the most that they can have together.

    Parameters
    ----------
    entries, persons
        For each level how many small entries stand in a cell and in none of its children, and
        their persons; ``(n_d,)`` each.
    parents
        As for ``hidden_cells``.
    lowest, highest
        The least and the greatest count that is not told of an entry.
    are_alone
        False where other totals of the same entries are told that are no sums of these: then only
        totals without a small entry are safe.

    Returns
    -------
    list[Flags]
        Hiding more totals than these makes none of the others telling.
    """
    telling: list[Flags] = [np.zeros(0, dtype=bool)] * len(entries)
    own, sums = entries[-1], persons[-1]
    for depth in reversed(range(len(entries))):
        is_mixed = (sums > highest) & (sums > lowest * own) & (sums < highest * own)
        telling[depth] = (own > 0) & ~(is_mixed & are_alone)
        if depth:
            above = len(entries[depth - 1])
            up = parents[depth]
            own = entries[depth - 1] + _sums(up, own * telling[depth], above)
            sums = persons[depth - 1] + _sums(up, sums * telling[depth], above)
    return telling


def _sums(parents: Integers, counts: Integers, above: int) -> Integers:
    placed = parents >= 0
    return np.bincount(parents[placed], counts[placed], above).astype(np.int64)


class _Families:
    """Cells of one level by their parents, the smallest that may be hidden first."""

    def __init__(self, counts: Integers, parents: Integers, parent_count: int) -> None:
        self._counts = counts
        # zeros last: a hidden 0 protects nothing that a reader could not guess
        order = np.lexsort((counts, counts == 0, parents))
        starts = np.searchsorted(parents[order], np.arange(parent_count + 1))
        self._children = [order[a:b] for a, b in pairwise(starts)]

    def protect(self, totals: Flags, cells: Flags, free: Integers, least_cell: int) -> bool:
        """Hide further cells, or the total, until none can be told; whether any was."""
        is_changed = False
        for parent, children in enumerate(self._children):
            if not len(children):
                continue
            if totals[parent]:
                is_changed |= self._cover(cells, children)
            elif cells[children].any():
                is_changed |= self._blur(totals, parent, cells, children, free, least_cell)
        return is_changed

    def _cover(self, cells: Flags, children: NDArray[np.intp]) -> bool:
        """Hide a child of a hidden total: shown ones would sum to it."""
        if cells[children].any():
            return False
        cells[children[0]] = True
        return True

    def _blur(
        self,
        totals: Flags,
        parent: int,
        cells: Flags,
        children: NDArray[np.intp],
        free: Integers,
        least_cell: int,
    ) -> bool:
        """Hide siblings until what a shown total leaves over fits several values of each."""
        is_changed = False
        while not _is_blurred(cells, children, free, least_cell):
            shown = children[~cells[children]]
            if not len(shown):
                totals[parent] = True
                return True
            # as if it had no children; once theirs are hidden, the next round looks again
            cells[shown[0]], free[shown[0]] = True, (self._counts[shown[0]], 1)
            is_changed = True
        return is_changed


def _is_blurred(cells: Flags, children: NDArray[np.intp], free: Integers, least_cell: int) -> bool:
    own = children[cells[children]]
    persons, sharing = free[own].sum(axis=0)
    return len(own) > 1 and bool(persons >= least_cell and persons > sharing)
