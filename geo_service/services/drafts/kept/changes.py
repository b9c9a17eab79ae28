"""What a draft has otherwise than its base, kept from step to step; and what of it hangs together.

The impact of a redraw is told of areas that hang together: what becomes of one touches the numbers
of the others, and of nobody else. So after a step only those around it are asked about again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.layer import Layers
from geo_service.services.drafts.draft import Draft
from geo_service.services.impact.redrawing import Others, Redrawing
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaContent, AreaKey, Content

_KEPT = 24

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Changes:
    """The areas that differ, as the base has them and as they are; the rest is as in the base.

    ``boxes`` are around both outlines of each, west, south, east, north in degrees. ``renoded`` are
    those that only got or lost nodes, or another name: no ground moved with them.
    """

    layers: Layers
    before: Content = field(default_factory=dict)
    after: Content = field(default_factory=dict)
    boxes: Mapping[AreaKey, Box] = field(default_factory=dict)
    renoded: frozenset[AreaKey] = frozenset()

    @property
    def keys(self) -> AbstractSet[AreaKey]:
        """(layer, code) of all that differ."""
        return self.boxes.keys()

    def with_areas(self, base: Content, content: Content, ended: Iterable[AreaKey]) -> "Changes":
        """Return what differs after some areas became others, or ended.

        ``base`` holds those of them that the base has and that did not differ yet.
        """
        before, after, boxes = {**self.before, **base}, {**self.after, **content}, {**self.boxes}
        for key in ended:
            after.pop(key, None)
        asked = {*content, *ended}
        for key in asked:
            if before.get(key) == after.get(key):  # as in the base again
                for known in (before, after, boxes):
                    known.pop(key, None)
            else:
                boxes[key] = _box([side[key] for side in (before, after) if key in side])
        asked &= boxes.keys()
        renoded = asked - _touched(before, after, asked)
        return Changes(
            self.layers, before, after, boxes, ((self.renoded - {*content, *ended}) | renoded)
        )

    def around(self, seeds: Iterable[AreaKey]) -> set[AreaKey]:
        """Return the areas whose ground moved and that hang together with some keys.

        Two hang together where one's ground before is another's after, where both have or had
        the same parent, and where one is or was the other's parent.
        """
        found: set[AreaKey] = set()
        left = self._told(seeds)
        while left:
            found |= left
            left = self._told(self._sharing_ground(left) | self._related(left)) - found
        return found

    def only(self, keys: Collection[AreaKey]) -> Redrawing:
        """Return both sides of some of the areas that differ."""
        before, after = (
            editions.boundaries_of({key: side[key] for key in keys if key in side})
            for side in (self.before, self.after)
        )
        return Redrawing(before, after)

    def others(self, boxes: Floats, keys: Collection[AreaKey]) -> Others:
        """Return the areas that differ and meet a box or have a key, and all above them."""
        every, own = self._columns
        chosen = {every[i] for box in boxes.tolist() for i in np.flatnonzero(_meet(own, box))}
        left = chosen | (self.boxes.keys() & keys)
        while left:
            chosen |= left
            above = {parent for key in left for parent in self._parents(key)}
            left = (above & self.boxes.keys()) - chosen
        return Others(self.only(chosen), self.renoded & chosen)

    def _told(self, keys: Iterable[AreaKey]) -> set[AreaKey]:
        return {key for key in keys if key in self.boxes} - self.renoded

    def _sharing_ground(self, keys: Iterable[AreaKey]) -> set[AreaKey]:
        found = set()
        every, boxes = self._columns
        for key in keys:
            near = np.flatnonzero(_meet(boxes, self.boxes[key])).tolist()
            for other in (every[i] for i in near):
                if other[0] == key[0] and (
                    self._is_ground_of(key, other) or self._is_ground_of(other, key)
                ):
                    found.add(other)
        return found

    def _is_ground_of(self, old: AreaKey, new: AreaKey) -> bool:
        if old not in self.before or new not in self.after:
            return False
        outline = shapely.from_wkb(self.before[old].outline)
        return bool(
            shapely.relate_pattern(outline, shapely.from_wkb(self.after[new].outline), "T********")
        )

    def _related(self, keys: Iterable[AreaKey]) -> set[AreaKey]:
        above = {parent for key in keys for parent in self._parents(key)}
        beneath = {child for key in [*keys, *above] for child in self._children.get(key, ())}
        return above | beneath

    def _parents(self, key: AreaKey) -> set[AreaKey]:
        layer = self.layers.by_name.get(key[0])
        if layer is None or layer.parent is None:
            return set()
        rows = (side.get(key) for side in (self.before, self.after))
        return {
            (layer.parent, row.parent_code) for row in rows if row is not None and row.parent_code
        }

    @cached_property
    def _children(self) -> Mapping[AreaKey, Sequence[AreaKey]]:
        found: dict[AreaKey, list[AreaKey]] = {}
        for key in self.boxes:
            for parent in self._parents(key):
                found.setdefault(parent, []).append(key)
        return found

    @cached_property
    def _columns(self) -> tuple[list[AreaKey], Floats]:
        return list(self.boxes), np.array(list(self.boxes.values()), dtype=np.float64).reshape(
            -1, 4
        )


class DraftChanges:
    """What drafts have otherwise than their bases, for those that were asked about of late."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: Kept[Changes] = Kept(_KEPT)

    def of(self, connection: Transaction, draft: Draft, done: Sequence[int]) -> Changes:
        """Return what differs after some steps of a draft, each on what the one before led to."""
        return self._kept.get(_key(draft, done), lambda: self._made(connection, draft, done))

    def _made(self, connection: Transaction, draft: Draft, done: Sequence[int]) -> Changes:
        """Return it from what is kept of the step before, where that is; else from every step."""
        former = self._kept.find(_key(draft, done[:-1])) if done else None
        steps = list(done) if former is None else list(done[-1:])
        known = Changes(self._workspace.layers) if former is None else former
        content, ended = drafts.resulting_areas(connection, steps)
        unknown = (content.keys() | ended) - known.keys
        base = editions.content_at(connection, draft.row.base_edition, unknown)
        return known.with_areas(base, content, ended)


def _key(draft: Draft, done: Sequence[int]) -> tuple[int, int]:
    return draft.row.base_edition, done[-1] if done else 0


def _touched(before: Content, after: Content, keys: Collection[AreaKey]) -> set[AreaKey]:
    """Return which of some areas have other ground or another parent, or are on one side alone."""
    sides = ({key: side[key] for key in keys if key in side} for side in (before, after))
    found = Redrawing(*map(editions.boundaries_of, sides))
    return {(layer, code) for layer, codes in found.touched.items() for code in codes}


def _box(rows: Iterable[AreaContent]) -> Box:
    outlines = shapely.from_wkb([row.outline for row in rows])
    west, south, east, north = shapely.total_bounds(outlines).tolist()
    return west, south, east, north


def _meet(boxes: Floats, box: Sequence[float]) -> NDArray[np.bool_]:
    west, south, east, north = box
    found: NDArray[np.bool_] = (
        (boxes[:, 0] <= east)
        & (boxes[:, 2] >= west)
        & (boxes[:, 1] <= north)
        & (boxes[:, 3] >= south)
    )
    return found
