"""Columns of whole numbers: ranges of different lengths in a row, and numbers within an owner."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]


def ranges(start: Integers, count: Integers) -> tuple[Integers, Integers]:
    """Return the numbers of all ranges one after the other, and the range each belongs to."""
    owner = np.repeat(np.arange(len(start)), count)
    before = np.cumsum(count) - count
    return np.arange(len(owner)) - before[owner] + start[owner], owner


def ranks(owner: Integers) -> Integers:
    """Return for each item its number, from 1, among the items of the same owner."""
    order = np.argsort(owner, kind="stable")
    in_order = owner[order]
    first = np.searchsorted(in_order, in_order)
    rank = np.empty(len(owner), dtype=np.int64)
    rank[order] = np.arange(len(owner)) - first + 1
    return rank
