"""Which parts of areas have boxes that meet some box, through any number of edits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

_MOST_CHANGED = 400


@dataclass(frozen=True, eq=False)
class PartIndex:
    """The parts of one layer's areas: a tree of them all, and what changed since it was built.

    ``parts`` and ``owners`` stand in the order of the tree; ``changed`` are areas whose parts in
    the tree no longer count, ``newer`` their present parts.
    """

    parts: Geometries
    owners: NDArray[np.int64]
    tree: shapely.STRtree
    changed: frozenset[int] = frozenset()
    newer: Mapping[int, Geometries] = field(default_factory=dict)

    def meeting(self, boxes: Floats) -> tuple[Geometries, NDArray[np.int64]]:
        """Return the parts that meet one of the boxes, and their areas, shape ``(k,)`` each.

        Parameters
        ----------
        boxes
            ``(n, 4)`` west, south, east, north, in the frame of the areas; touching is meeting.
        """
        found = np.unique(self.tree.query(shapely.box(*boxes.T))[1])
        found = found[[owner not in self.changed for owner in self.owners[found].tolist()]]
        newer, owners = self._newer()
        is_near = _meets(shapely.bounds(newer), boxes)
        return (
            np.concatenate([self.parts[found], newer[is_near]]),
            np.concatenate([self.owners[found], owners[is_near]]),
        )

    def _newer(self) -> tuple[Geometries, NDArray[np.int64]]:
        counts = [len(parts) for parts in self.newer.values()]
        owners = np.repeat(np.array(list(self.newer), dtype=np.int64), counts)
        return np.concatenate([np.empty(0, dtype=object), *self.newer.values()]), owners

    def with_changes(self, outlines: Mapping[int, shapely.Geometry | None]) -> "PartIndex":
        """Return an index with other outlines for some areas; None takes an area away."""
        newer = dict(self.newer)
        for owner, outline in outlines.items():
            newer.pop(owner, None)
            if outline is not None:
                newer[owner] = shapely.get_parts(np.array([outline], dtype=object))
        result = PartIndex(self.parts, self.owners, self.tree, self.changed.union(outlines), newer)
        return result if len(result.changed) <= _MOST_CHANGED else result._rebuilt()

    def _rebuilt(self) -> "PartIndex":
        is_kept = ~np.isin(self.owners, list(self.changed))
        newer, owners = self._newer()
        return _built(
            np.concatenate([self.parts[is_kept], newer]),
            np.concatenate([self.owners[is_kept], owners]),
        )


def part_index(outlines: Geometries, owners: NDArray[np.int64]) -> PartIndex:
    """Return the index of areas, outlines and numbers of shape ``(n,)``."""
    parts, area = shapely.get_parts(outlines, return_index=True)
    return _built(parts, owners[area])


def _built(parts: Geometries, owners: NDArray[np.int64]) -> PartIndex:
    return PartIndex(parts, owners, shapely.STRtree(parts))


def _meets(bounds: Floats, boxes: Floats) -> NDArray[np.bool_]:
    west, south, east, north = boxes.T[:, None]
    low_x, low_y, high_x, high_y = bounds.T[:, :, None]
    meets = (low_x <= east) & (high_x >= west) & (low_y <= north) & (high_y >= south)
    return np.asarray(meets.any(axis=1))
