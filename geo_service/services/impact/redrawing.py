"""What differs between two contents: the areas that a redraw touches, before and after."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import AreaSet, Boundaries, BuildingList, Floats, area_set
from geo_service.layers.difference import LayerDifference, layer_differences
from geo_service.layers.reach import Pairs, changed_edges
from geo_service.storage.editions import AreaKey, changed_keys, content_of

KINDS = ("added", "removed", "changed", "moved")
"""What makes an area touched; one that was renamed or relisted, or only got nodes, is where it was.
"""
BESIDES = ("renamed", "relisted")
"""What else is told of an area: another name, another building list."""


@dataclass(frozen=True, eq=False)
class Redrawing:
    """The areas that are not the same before and after, and no others."""

    before: Boundaries
    after: Boundaries

    @cached_property
    def keys(self) -> frozenset[AreaKey]:
        """(layer, code) of all of them."""
        return frozenset(
            (layer, code)
            for content in (self.before, self.after)
            for layer, areas in content.items()
            for code in areas.codes
        )

    @cached_property
    def differences(self) -> Mapping[str, LayerDifference]:
        """What happened to them, by layer."""
        return {each.layer: each for each in layer_differences(self.before, self.after)}

    def kinds(self, layer: str, code: str) -> tuple[str, ...]:
        """Return which of KINDS and BESIDES happened to an area."""
        found = self.differences[layer]
        return tuple(kind for kind in (*KINDS, *BESIDES) if code in getattr(found, kind))

    @cached_property
    def touched(self) -> Mapping[str, Sequence[str]]:
        """Codes of the areas with other ground or another parent, by layer; ordered."""
        found = {
            layer: sorted({code for kind in KINDS for code in getattr(each, kind)})
            for layer, each in self.differences.items()
        }
        return {layer: codes for layer, codes in found.items() if codes}

    def told_codes(self, layer: str) -> list[str]:
        """Return the areas of a layer that are touched, or any of BESIDES; ordered."""
        found = self.differences.get(layer)
        others = {code for kind in BESIDES for code in getattr(found, kind, ())}
        return sorted(others.union(self.touched.get(layer, ())))

    def listed_anew(self, layer: str, code: str) -> tuple[list[str], list[str]]:
        """Return the buildings that were put on the list of an area, and those taken off it.

        None of an area that is on one side alone, or has a list on one side alone.
        """
        sides = [self._list(content, layer, code) for content in (self.before, self.after)]
        old, new = sides
        if old is None or new is None:
            return [], []
        return [word for word in new if word not in old], [word for word in old if word not in new]

    @staticmethod
    def _list(content: Boundaries, layer: str, code: str) -> BuildingList | None:
        areas = content.get(layer)
        at = None if areas is None or not areas.lists else areas.position_by_code.get(code)
        return None if at is None or areas is None else areas.lists[at]

    @property
    def renoded(self) -> int:
        """How many areas only gained or lost nodes."""
        return sum(len(each.renoded) for each in self.differences.values())

    @cached_property
    def rehung(self) -> frozenset[AreaKey]:
        """The areas that came, went, or stand under another parent: chains through them differ."""
        kinds = ("added", "removed", "moved")
        return frozenset(
            (layer, code)
            for layer, each in self.differences.items()
            for kind in kinds
            for code in getattr(each, kind)
        )

    def without(self, keys: Collection[AreaKey]) -> "Redrawing":
        """Return the same but for some areas."""
        kept = set(self.keys.difference(keys))
        return Redrawing(_only(self.before, kept), _only(self.after, kept))

    def pairs(self) -> Mapping[str, Pairs]:
        """Return outlines before and after, an area under another parent being two of them."""
        return {
            layer: _pairs(self.before.get(layer), self.after.get(layer))
            for layer in sorted({*self.before, *self.after})
        }

    @cached_property
    def changed_edges(
        self,
    ) -> Mapping[str, tuple[list[tuple[str, str | None]], tuple[NDArray[np.intp], Floats]]]:
        """The edges that only one side of an area has, by layer.

        Codes with parents, an area under another parent being two, then what `changed_edges` tells
        of these.
        """
        return {
            layer: (
                _named_pairs(self.before.get(layer), self.after.get(layer)),
                changed_edges(*pairs),
            )
            for layer, pairs in self.pairs().items()
        }

    def outlines(self, layer: str) -> list[shapely.Geometry]:
        """Return the outlines of the touched areas of a layer, those of before first."""
        found = []
        for content in (self.before, self.after):
            areas = content.get(layer) or area_set(layer, codes=[], geometries=[])
            at = [areas.position_by_code.get(code) for code in self.touched.get(layer, ())]
            found += [areas.geometries[i] for i in at if i is not None]
        return found


@dataclass(frozen=True, eq=False)
class Others:
    """Areas that are not the same either and are not told of; ``renoded`` only got or lost nodes.

    They are as they are on each side of the ground, so that what is told is told of the whole.
    """

    redrawing: Redrawing
    renoded: Collection[AreaKey] = frozenset()


FindOthers = Callable[[Floats, Collection[AreaKey]], Others]
"""From boxes in degrees, ``(k, 4)``, and keys: those that meet a box or have one of the keys."""


def no_others(_boxes: Floats, _keys: Collection[AreaKey]) -> Others:
    """Return that everything that differs is told of."""
    return Others(Redrawing({}, {}))


def joined(pieces: Sequence[Boundaries]) -> Boundaries:
    """Return boundaries that hold different areas as one."""
    names = sorted({name for piece in pieces for name in piece})
    return {
        name: _joined_sets(name, [each[name] for each in pieces if name in each]) for name in names
    }


def _joined_sets(layer: str, sets: Collection[AreaSet]) -> AreaSet:
    lists = {code: own for each in sets if each.lists for code, own in each.list_by_code.items()}
    found = area_set(
        layer,
        codes=[code for each in sets for code in each.codes],
        names=[name for each in sets for name in each.names],
        parents=[parent for each in sets for parent in each.parents],
        geometries=[outline for each in sets for outline in each.geometries],
    )
    return found.with_lists(lists) if lists else found


def redrawing_of(before: Boundaries, after: Boundaries) -> Redrawing:
    """Return what differs; areas that are the same in both, byte for byte, are left out."""
    changed = changed_keys(content_of(before), content_of(after))
    return Redrawing(_only(before, changed), _only(after, changed))


def _only(content: Boundaries, keys: set[AreaKey]) -> Boundaries:
    found = {
        layer: areas.take([i for i, code in enumerate(areas.codes) if (layer, code) in keys])
        for layer, areas in content.items()
    }
    return {layer: areas for layer, areas in found.items() if len(areas)}


def _pairs(old: AreaSet | None, new: AreaSet | None) -> Pairs:
    sides = [_by_parent(old), _by_parent(new)]
    keys = _named_pairs(old, new)
    outlines = [np.empty(len(keys), dtype=object) for _ in sides]
    for side, found in zip(sides, outlines, strict=True):
        found[:] = [side.get(key) for key in keys]
    return outlines[0], outlines[1]


def _named_pairs(old: AreaSet | None, new: AreaSet | None) -> list[tuple[str, str | None]]:
    return sorted(_by_parent(old).keys() | _by_parent(new).keys(), key=str)


def _by_parent(areas: AreaSet | None) -> dict[tuple[str, str | None], shapely.Geometry]:
    if areas is None:
        return {}
    keys = zip(areas.codes, areas.parents, strict=True)
    return dict(zip(keys, areas.geometries, strict=True))
