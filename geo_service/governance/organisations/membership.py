"""Members of organisations beneath each other, each of them counted once.

The count that a body tells takes in those beneath it: 党委 and 党总支 count the members of their
branches, a branch those of its groups. So what a body has of its own is what its count leaves once
theirs are taken off, and a body that tells none, and has others beneath it, has none of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.organisations.suppression import SmallCounts, ToldTotals

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Membership:
    """Where the members of n organisations are registered; columns by organisation.

    ``own`` are members of itself and of none beneath it that tells its own count, ``beneath`` those
    of all beneath it, ``above`` is the one above it, -1 for none and in a cycle. ``is_unknown``
    where neither it nor any beneath it tells a count. ``counted_by`` is the nearest one above that
    tells a count, which takes it in; -1 for none. ``is_above`` are those with others beneath them.
    """

    told: Integers
    own: Integers
    beneath: Integers
    above: Integers
    is_unknown: Flags
    counted_by: Integers
    is_above: Flags


def membership(told: Integers, parents: Integers) -> Membership:
    """Return where members are registered.

    Parameters
    ----------
    told
        The count that each organisation tells, ``(n,)``; -1 where it tells none.
    parents
        The position of the one above each, -1 for none. Those of a cycle stand alone.

    Returns
    -------
    Membership
        Where those beneath a body have more members than it tells, it has none of its own: its
        count is older than theirs.
    """
    parents, rounds = _without_cycles(parents)
    beneath = np.zeros(len(told), dtype=np.int64)
    for at in rounds:  # from the deepest up: what is beneath them is known by then
        placed = at[parents[at] >= 0]
        np.add.at(beneath, parents[placed], np.maximum(told, beneath)[placed])
    is_above = np.zeros(len(told), dtype=bool)
    is_above[parents[parents >= 0]] = True
    counted_by = parents.copy()
    while (silent := (counted_by >= 0) & (told[counted_by] < 0)).any():
        counted_by[silent] = parents[counted_by[silent]]
    return Membership(
        told=told,
        own=_own(told, beneath),
        beneath=beneath,
        above=parents,
        is_unknown=(told < 0) & ~is_above,
        counted_by=counted_by,
        is_above=is_above,
    )


@dataclass(frozen=True, eq=False)
class ToldMembership:
    """What a reader knows who is told small counts as small: the two ends of what may be.

    ``low`` is the membership if every small count were the lowest, ``high`` if the highest.
    """

    low: Membership
    high: Membership
    small: SmallCounts

    def totals(self, at: Integers, size: int, *, is_partial: Flags) -> ToldTotals:
        """Return the bounds of the totals of ``size`` areas; ``at`` is each one's area, -1: none.

        Where a body and all beneath it stand in one area, what it has of its own and what they have
        make up each other: its total is the one that it tells. Where some of those stand elsewhere,
        each one's own bounds are added.
        """
        low, high = self.low, self.high
        ends = [_sums(each.own, at, size) for each in (low, high)]
        wide = [
            _sums(_own(each.told, other.beneath), at, size)
            for each, other in ((low, high), (high, low))
        ]
        is_torn = self._is_torn(at, size)
        least, most = (np.where(is_torn, *pair) for pair in zip(wide, ends, strict=True))
        return ToldTotals(least, most, np.asarray(least == 0), is_partial, self.small)

    def _is_torn(self, at: Integers, size: int) -> Flags:
        """Return where a body stands without one beneath it whose count is not told."""
        low, high = (np.maximum(each.told, each.beneath) for each in (self.low, self.high))
        above = np.where(self.low.above < 0, -1, at[self.low.above])
        torn = np.zeros(size, dtype=bool)
        torn[above[(low != high) & (above >= 0) & (above != at)]] = True
        return torn


def told_membership(told: Integers, parents: Integers, *, small: SmallCounts) -> ToldMembership:
    """Return what is told of members where ``small`` counts are not; see ``membership``."""
    is_small = small.among(told)
    low, high = (
        membership(np.where(is_small, end, told), parents) for end in (small.lowest, small.highest)
    )
    return ToldMembership(low, high, small)


def _own(told: Integers, beneath: Integers) -> Integers:
    return np.where(told < 0, 0, np.maximum(told - beneath, 0))


def _sums(values: Integers, at: Integers, size: int) -> Integers:
    placed = at >= 0
    return np.bincount(at[placed], values[placed], minlength=size).astype(np.int64)


def _without_cycles(parents: Integers) -> tuple[Integers, list[Integers]]:
    """Return parents without those of cycles, and all positions, those beneath others first."""
    waits_for = np.bincount(parents[parents >= 0], minlength=len(parents))
    is_left = np.ones(len(parents), dtype=bool)
    rounds = []
    while len(at := np.flatnonzero(is_left & (waits_for == 0))):
        rounds.append(at)
        is_left[at] = False
        np.subtract.at(waits_for, parents[at[parents[at] >= 0]], 1)
    return np.where(is_left, -1, parents), rounds
