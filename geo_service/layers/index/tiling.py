"""Which areas are exactly what their children are: those need no index of their own."""

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Positions
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.linework import Counts, Labels, Linework

Hashes = NDArray[np.uint64]


def not_tiled(parents: Linework, children: Linework, parent_of: Positions, count: int) -> list[int]:
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
def _outlines(lines: Linework, label_of: Labels, count: int) -> tuple[Hashes, Counts]:
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
def _hash(bits: Hashes) -> np.uint64:
    """Mix four coordinates' bits (the finalizer of MurmurHash3, chained)."""
    value = np.uint64(0)
    for k in range(4):
        value = (value ^ bits[k]) * np.uint64(0xFF51AFD7ED558CCD)
        value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
        value ^= value >> np.uint64(29)
    return value
