"""The areas of an edition by boxes and links, so that only outlines that matter are read."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

import numpy as np
import shapely

from geo_service.layers.area import Boundaries, Floats, area_set
from geo_service.layers.layer import Layers
from geo_service.layers.locator import Box
from geo_service.storage.area_boxes import AreaBoxes
from geo_service.storage.editions import AreaKey


class StoredAreas:
    """What is stored of one edition, without outlines; rows are positions in its columns."""

    def __init__(self, layers: Layers, rows: AreaBoxes) -> None:
        self.layers = layers
        self.columns = rows

    @cached_property
    def at(self) -> Mapping[AreaKey, int]:
        """The row of each area."""
        return {key: row for row, key in enumerate(self.columns.keys)}

    @cached_property
    def below(self) -> Mapping[AreaKey, list[int]]:
        """The rows of the areas directly beneath each area."""
        found: dict[AreaKey, list[int]] = {}
        for row, key in enumerate(self.columns.keys):
            parent = self.parent_key(key[0], self.columns.parents[row])
            if parent is not None:
                found.setdefault(parent, []).append(row)
        return found

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(np.asarray(shapely.box(*self.columns.boxes.T)))

    def parent_key(self, layer: str, code: str | None) -> AreaKey | None:
        """Return the key of the parent that an area of a layer names."""
        known = self.layers.by_name.get(layer)
        return None if known is None or known.parent is None or not code else (known.parent, code)

    def meeting(self, boxes: Floats) -> set[int]:
        """Return the rows whose box meets one of some boxes (degrees, ``(k, 4)``)."""
        return set(self._tree.query(shapely.box(*boxes.T))[1].tolist())

    def rows_of(self, keys: Iterable[AreaKey]) -> set[int]:
        """Return the rows of areas that are there."""
        return {self.at[key] for key in keys if key in self.at}

    def with_ancestors(self, rows: Collection[int]) -> set[int]:
        """Return rows with those of all areas above them."""
        found, left = set(rows), list(rows)
        while left:
            row = left.pop()
            parent = self.parent_key(self.columns.keys[row][0], self.columns.parents[row])
            above = None if parent is None else self.at.get(parent)
            if above is not None and above not in found:
                found.add(above)
                left.append(above)
        return found

    def with_descendants(self, keys: Iterable[AreaKey]) -> set[AreaKey]:
        """Return keys with those of all areas beneath them."""
        found = set(keys)
        left = list(found)
        while left:
            beneath = [self.columns.keys[row] for row in self.below.get(left.pop(), ())]
            left += [key for key in beneath if key not in found]
            found.update(beneath)
        return found

    def boxes_of(self, rows: Iterable[int]) -> Floats:
        """Return the boxes of rows, ``(n, 4)``."""
        return self.columns.boxes[np.array(sorted(rows), dtype=np.intp)]

    def without_outlines(self, rows: Collection[int]) -> Boundaries:
        """Return areas by their codes and parents, with nothing for an outline."""
        by_layer: dict[str, list[int]] = {}
        for row in sorted(rows):
            by_layer.setdefault(self.columns.keys[row][0], []).append(row)
        return {
            layer: area_set(
                layer,
                codes=[self.columns.keys[row][1] for row in some],
                parents=[self.columns.parents[row] for row in some],
                geometries=[shapely.Polygon()] * len(some),
            )
            for layer, some in by_layer.items()
        }

    def box_by_key(self, rows: Collection[int]) -> dict[AreaKey, Box]:
        """Return the boxes of rows by the keys of their areas."""
        boxes = self.columns.boxes
        return {self.columns.keys[row]: _box(boxes[row].tolist()) for row in rows}

    def ids_of(self, rows: Collection[int]) -> list[int]:
        """Return the ids of rows, to read their outlines by."""
        return [self.columns.ids[row] for row in sorted(rows)]


def _box(sides: list[float]) -> Box:
    west, south, east, north = sides
    return west, south, east, north
