"""The areas on the agreed side of a corridor, as far as they lie near it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.agreed.corridor import Corridors, Pieces, descendants, pieces_of
from geo_service.layers.area import AreaSet, Floats, Positions
from geo_service.layers.reach import grown_boxes


class Side(NamedTuple):
    """Areas in the order of precedence, and the pieces of their outlines near a corridor.

    Deeper layers come first, of a layer the lowest code: who is first goes first at equal distance.
    ``pieces.of`` are places in ``level`` and ``position``.
    """

    level: NDArray[np.int8]
    position: Positions
    pieces: Pieces


class AgreedSides:
    """The agreed side of every corridor of a family, made when it is first asked for."""

    def __init__(
        self, corridors: Corridors, chain: Sequence[AreaSet], parents: Sequence[Positions]
    ) -> None:
        self._corridors = corridors
        self._chain = chain
        self._parents = parents
        self._sides: dict[int, Side] = {}

    def side(self, number: int) -> Side:
        """Return the agreed side of the corridor at a place."""
        found = self._sides.get(number)
        if found is None:
            found = self._sides[number] = self._made(number)
        return found

    def _made(self, number: int) -> Side:
        corridor = self._corridors.corridors[number]
        below = descendants(self._parents, corridor.depth, corridor.owner)[::-1]
        level = np.concatenate([np.full(len(at), depth, dtype=np.int8) for depth, at in below])
        position = np.concatenate([at for _, at in below])
        outlines = np.concatenate([self._chain[depth].geometries[at] for depth, at in below])
        # what a place in the corridor is nearest to lies twice its half width off, for a stretch
        # may run beside the border by as much as the half width
        reach_m = 2.0 * corridor.agreement.within_m
        box = grown_boxes(shapely.bounds(corridor.line)[None], reach_m=reach_m)[0]
        near = np.flatnonzero(_meet(shapely.bounds(outlines), box))
        pieces = pieces_of(np.asarray(shapely.boundary(outlines[near])))
        ends = np.column_stack([pieces.start, pieces.end])
        boxes = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
        chosen = np.flatnonzero(_meet(np.column_stack(boxes), box))
        of = near[pieces.of[chosen]]
        return Side(level, position, Pieces(pieces.start[chosen], pieces.end[chosen], of))


def _meet(boxes: Floats, box: Floats) -> NDArray[np.bool_]:
    west, south, east, north = boxes.T
    found: NDArray[np.bool_] = (
        (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    )
    return found
