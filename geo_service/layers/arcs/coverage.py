"""A coverage as a value to edit: areas of nested layers, the arcs between them, and junctions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import shapely

from geo_service.errors import UnknownArea, UnknownBorder
from geo_service.layers.arcs.arc import Arc, Chain, Place
from geo_service.layers.arcs.part_index import PartIndex
from geo_service.layers.arcs.persistent import PersistentMap
from geo_service.layers.area import AreaSet, BuildingList, Geometries, area_set
from geo_service.layers.topology import Scale


class AreaKey(NamedTuple):
    """What names an area for people: its layer and its code."""

    layer: str
    code: str


class Area(NamedTuple):
    """One area; ``parent`` is the number of another, None in the root layer."""

    key: AreaKey
    name: str
    parent: int | None
    chain: Chain
    outline: shapely.Geometry
    attributes: Mapping[str, Any] = {}
    buildings: BuildingList | None = None


@dataclass(frozen=True, eq=False)
class Coverage:
    """A root layer with every layer nested below it, as areas, arcs and junctions.

    Immutable; what an operation leaves alone is shared between the value before and after it, so
    keeping the former value is undo. Areas and arcs have numbers that last as long as they do;
    numbers of arcs start at 1. ``above`` names the parent layer of each layer, None for the root.
    ``arcs_at`` gives the arcs at each junction, by number; a closed arc is there twice, also where
    it meets nothing and the place is no junction but only where it begins. ``rim`` are the arcs
    with a root area on one side only. ``untiled`` are parents whose ground is not exactly that of
    their children in some layer. ``retired`` are keys that are never given again.
    Coordinates are planar, of one frame; ``scale`` says how many metres a unit is.
    """

    above: Mapping[str, str | None]
    scale: Scale
    areas: PersistentMap[int, Area]
    numbers: PersistentMap[AreaKey, int]
    children: PersistentMap[int, tuple[int, ...]]
    arcs: PersistentMap[int, Arc]
    arcs_at: PersistentMap[Place, tuple[int, ...]]
    rim: frozenset[int]
    untiled: frozenset[int]
    parts: Mapping[str, PartIndex]
    retired: frozenset[AreaKey]
    next_area: int
    next_arc: int

    @property
    def root_layer(self) -> str:
        """The layer above all others."""
        return next(layer for layer, above in self.above.items() if above is None)

    def number_of(self, key: AreaKey) -> int:
        """Return the number of an area; raises UnknownArea."""
        try:
            return self.numbers[key]
        except KeyError:
            raise UnknownArea(layer=key[0], code=key[1]) from None

    def area(self, key: AreaKey) -> Area:
        """Return the area of a layer with a code; raises UnknownArea."""
        return self.areas[self.number_of(key)]

    def arc(self, number: int) -> Arc:
        """Return the arc with a number; raises UnknownBorder."""
        try:
            return self.arcs[number]
        except KeyError:
            raise UnknownBorder(border=str(number)) from None

    def owners_in(self, number: int, layer: str) -> tuple[AreaKey | None, AreaKey | None]:
        """Return the areas of a layer on the left and on the right of an arc.

        Both are one area where the arc runs inside it. An area deeper down tells its ancestors;
        where neither the layer nor one below it borders on the arc, it is None.

        Raises
        ------
        UnknownBorder
            When there is no such arc.
        """
        arc = self.arc(number)
        return self._owner(arc.left, layer), self._owner(arc.right, layer)

    def _owner(self, side: Iterable[int], layer: str) -> AreaKey | None:
        for owner in side:
            area: Area | None = self.areas[owner]
            while area is not None and area.key.layer != layer:
                area = None if area.parent is None else self.areas[area.parent]
            if area is not None:
                return area.key
        return None

    def is_tiled(self, number: int) -> bool:
        """Return whether an area has children and is exactly their union, in every layer."""
        return bool(self.children.get(number)) and number not in self.untiled

    def children_in(self, number: int, layer: str) -> list[int]:
        """Return the children of an area in a layer, by number."""
        every = self.children.get(number, ())
        return [child for child in every if self.areas[child].key.layer == layer]

    def layers_below(self, layer: str) -> list[str]:
        """Return the layers nested directly in a layer."""
        return [name for name, above in self.above.items() if above == layer]

    def layers_beside(self, layer: str) -> list[str]:
        """Return the layers that are neither above nor below a layer, nor the layer itself."""
        line = {layer, *self.layers_above(layer)}
        return [
            name for name in self.above if name not in line and layer not in self.layers_above(name)
        ]

    def layers_above(self, layer: str) -> list[str]:
        """Return the layers above a layer, the nearest first."""
        above = self.above[layer]
        return [] if above is None else [above, *self.layers_above(above)]

    def ancestors(self, number: int) -> list[int]:
        """Return parent, grandparent and so on of an area, by number."""
        found = []
        parent = self.areas[number].parent
        while parent is not None:
            found.append(parent)
            parent = self.areas[parent].parent
        return found

    def with_areas(self, areas: Mapping[int, Area]) -> "Coverage":
        """Return the same coverage with other values for some areas: same keys, same ground."""
        return replace(self, areas=self.areas.with_changes(areas))

    def area_sets(self, numbers: Iterable[int] | None = None) -> dict[str, AreaSet]:
        """Return areas by layer, all where no numbers are given; a layer may be empty.

        Areas that nothing touched have their very outlines.
        """
        by_layer: dict[str, list[Area]] = {layer: [] for layer in self.above}
        chosen = self.areas if numbers is None else numbers
        for area in (self.areas[number] for number in chosen):
            by_layer[area.key.layer].append(area)
        return {layer: self._area_set(layer, areas) for layer, areas in by_layer.items()}

    def _area_set(self, layer: str, areas: list[Area]) -> AreaSet:
        lists = {area.key.code: area.buildings for area in areas if area.buildings is not None}
        has_attributes = any(area.attributes for area in areas)
        parents = [None if a.parent is None else self.areas[a.parent].key.code for a in areas]
        return area_set(
            layer,
            codes=[area.key.code for area in areas],
            geometries=[area.outline for area in areas],
            names=[area.name for area in areas],
            parents=parents,
            attributes=[area.attributes for area in areas] if has_attributes else None,
        ).with_lists(lists)

    def outlines(self, numbers: Iterable[int]) -> Geometries:
        """Return the outlines of areas, shape ``(n,)``."""
        found = [self.areas[number].outline for number in numbers]
        outlines = np.empty(len(found), dtype=object)
        outlines[:] = found
        return outlines
