"""Operations on areas that are defined by building lists, as values like those beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.arcs.edit import Change
from geo_service.layers.area import BuildingList
from geo_service.layers.redraw.buildings.cells import Building
from geo_service.layers.redraw.buildings.deriving import derive, with_lists
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.buildings.lists import handed_over
from geo_service.layers.redraw.families import rename
from geo_service.layers.redraw.soundness import Redrawn, together


@dataclass(frozen=True)
class DeriveByLists:
    """`derive` the areas of one layer below some parents from their building lists.

    ``lists`` are the lists to keep, by parent and by area; ``groups`` the same with the buildings
    that are on no list and have to stand with somebody. ``buildings`` are all, by parent. ``along``
    names what borders rather run along, and ``roads`` are its lines.
    """

    kind: ClassVar[str] = "derive-by-lists"
    layer: str
    parents: tuple[AreaKey, ...]
    lists: Mapping[str, Mapping[str, BuildingList]]
    groups: Mapping[str, Mapping[str, BuildingList]]
    buildings: Mapping[str, tuple[Building, ...]]
    names: Mapping[str, str] = field(default_factory=dict)
    along: str | None = None
    roads: tuple[shapely.Geometry, ...] = ()

    @property
    def key(self) -> AreaKey:
        """The first of the parents."""
        return self.parents[0]

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it, parent by parent."""
        steps: list[Redrawn] = []
        for parent in self.parents:
            steps.append(self._below(parent, steps[-1].coverage if steps else coverage))
        for code, name in self.names.items():
            key = AreaKey(self.layer, code)
            if steps[-1].coverage.area(key).name != name:
                steps.append(rename(steps[-1].coverage, key, name=name))
        done = together(coverage, steps)
        lists = {
            AreaKey(self.layer, code): listed
            for own in self.lists.values()
            for code, listed in own.items()
        }
        return with_lists(done, lists)

    def _below(self, parent: AreaKey, coverage: Coverage) -> Redrawn:
        groups, buildings = self.groups[parent.code], self.buildings[parent.code]
        return derive(coverage, parent, self.layer, buildings, groups, roads=self.roads)


@dataclass(frozen=True)
class Relist:
    """Take buildings off the list of an area and put them on that of another; no ground changes.

    ``positions`` are those in all ``known`` buildings. An area without a list has what stands on
    it, and gets none.
    """

    kind: ClassVar[str] = "relist"
    key: AreaKey
    to: AreaKey
    known: KnownBuildings
    positions: tuple[int, ...]

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        same = Redrawn(coverage, Change())
        return handed_over(same, self.key, self.to, self.positions, self.known)


@dataclass(frozen=True)
class ChangeWords:
    """Put words on building lists and take others off; no ground changes.

    Both by the codes of areas in the layer of ``key``. An area without a list has what stands on
    it, and gets none.
    """

    kind: ClassVar[str] = "change-lists"
    key: AreaKey
    put: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    struck: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it; raises UnknownArea where there is no such area."""
        lists: dict[AreaKey, BuildingList | None] = {}
        for code in dict.fromkeys([*self.put, *self.struck]):
            key = AreaKey(self.key.layer, code)
            listed, gone = coverage.area(key).buildings, self.struck.get(code, ())
            if listed is not None:
                kept = [word for word in listed if word not in gone]
                lists[key] = tuple(dict.fromkeys([*kept, *self.put.get(code, ())]))
        return with_lists(Redrawn(coverage, Change()), lists)
