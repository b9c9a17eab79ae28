"""Owners of many points with their ancestors: for each layer a short table and places in it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Positions
from geo_service.layers.index.building.linework import Counts
from geo_service.layers.index.compiling import compiled

Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.signedinteger[Any]]

_MOST_SMALL = np.iinfo(np.int16).max


class ChainColumn(NamedTuple):
    """One layer of n chains.

    ``positions`` are the areas that occur, ascending; ``place`` (n,) points into them, -1 for none.
    Its type is chosen by the layer's size alone: one for all points ever asked.
    """

    positions: NDArray[np.intp]
    place: Places


class Chains:
    """The areas of one family, each linked to its parent, so that chains cost one step a layer."""

    def __init__(self, parents: Sequence[Positions]) -> None:
        """Take the position of every area's parent, -1 for none, the root layer first."""
        counts = [len(each) for each in parents]
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        above = [np.int64(-1), *self._starts[:-2]]
        self._up = np.concatenate(
            [
                np.where(each >= 0, each + start, -1) if depth else np.full(len(each), -1)
                for depth, (each, start) in enumerate(zip(parents, above, strict=True))
            ]
        ).astype(np.int32)
        self._kinds = [np.int16 if count < _MOST_SMALL else np.int32 for count in counts]

    def columns(self, level: NDArray[np.int8], position: Positions) -> list[ChainColumn]:
        """Return the chains of n owners, a column for each layer, the root first.

        Parameters
        ----------
        level, position
            The owners' layer in the family and position there, shape ``(n,)``; -1 for nobody.

        Returns
        -------
        list[ChainColumn]
            Layers deeper than an owner's hold -1, and those above an area without a parent.
        """
        occurs = np.zeros(len(self._up), dtype=np.bool_)
        number = np.empty(len(self._up), dtype=np.int32)
        places = np.full((len(self._kinds), len(level)), -1, dtype=np.int32)
        _fill(self._starts, self._up, level, position, occurs, number, places)
        bounds = pairwise(self._starts.tolist())
        return [
            ChainColumn(np.flatnonzero(occurs[start:stop]), place.astype(kind, copy=False))
            for (start, stop), place, kind in zip(bounds, places, self._kinds, strict=True)
        ]


@compiled
def _fill(
    starts: Counts,
    up: Positions,
    level: NDArray[np.int8],
    position: Positions,
    occurs: Flags,
    number: Positions,
    places: Positions,
) -> None:
    """Mark the areas of all chains, number those of each layer, and write each chain's numbers.

    ``up`` is the place of every area's parent among all areas, -1 for none; ``starts`` where each
    layer begins there.
    """
    for i in range(len(level)):
        at = starts[level[i]] + position[i] if level[i] >= 0 else -1
        while at >= 0 and not occurs[at]:  # what stands above a marked one is marked
            occurs[at] = True
            at = up[at]
    for depth in range(len(starts) - 1):
        count = 0
        for at in range(starts[depth], starts[depth + 1]):
            number[at] = count
            count += occurs[at]
    for i in range(len(level)):
        depth = int(level[i])
        at = starts[depth] + position[i] if depth >= 0 else -1
        while at >= 0:
            places[depth, i] = number[at]
            at, depth = up[at], depth - 1
