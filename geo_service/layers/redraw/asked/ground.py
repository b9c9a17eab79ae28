"""Operations on parts, along roads and by buildings, as values like those beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import shapely

from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.redraw.asked.operation import Places, line_of, named
from geo_service.layers.redraw.buildings.cells import Building
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.buildings.lists import handed_over
from geo_service.layers.redraw.buildings.moving import move_buildings
from geo_service.layers.redraw.cuts import cut_areas
from geo_service.layers.redraw.drawing.drawn import drawn_line
from geo_service.layers.redraw.soundness import Redrawn
from geo_service.layers.redraw.splits import cut_along
from geo_service.layers.redraw.transfers import give_part


@dataclass(frozen=True)
class GivePart:
    """`give_part` of an area, the one around a place, to a neighbor."""

    kind: ClassVar[str] = "give-part"
    key: AreaKey
    to: AreaKey
    place: Place

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return give_part(coverage, self.key, self.to, self.place)


@dataclass(frozen=True)
class CutAlong:
    """`cut_along` several lines; a border of an area is a line that ends where it begins."""

    kind: ClassVar[str] = "cut-along"
    key: AreaKey
    lines: tuple[Places, ...]
    codes: tuple[str, ...]
    keep: Place | None = None

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        lines = [shapely.LineString(line) for line in self.lines]
        return cut_along(coverage, self.key, lines, self.codes, keep=self.keep)


@dataclass(frozen=True)
class CutAreas:
    """`cut_areas` of a layer along the same lines; ``codes`` and ``keeps`` are by their codes.

    ``names`` are by new code, without one the code is the name.
    """

    kind: ClassVar[str] = "cut-along"
    layer: str
    lines: tuple[Places, ...]
    codes: Mapping[str, tuple[str, ...]]
    keeps: Mapping[str, Place] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> AreaKey:
        """The first area tells the coverage."""
        return AreaKey(self.layer, next(iter(self.codes)))

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        lines = [shapely.LineString(drawn_line(line_of(x), self.key)) for x in self.lines]
        codes = {AreaKey(self.layer, code): new for code, new in self.codes.items()}
        keeps = {AreaKey(self.layer, code): place for code, place in self.keeps.items()}
        return named(coverage, cut_areas(coverage, lines, codes, keeps), self.layer, self.names)


@dataclass(frozen=True)
class MoveBuildings:
    """`move_buildings` to a neighbor; ``buildings`` are all of the area.

    Building lists follow where all ``known`` buildings are given: ``positions`` are in it.
    """

    kind: ClassVar[str] = "move-buildings"
    key: AreaKey
    to: AreaKey
    buildings: tuple[Building, ...]
    moved: tuple[str, ...]
    known: KnownBuildings | None = None
    positions: tuple[int, ...] = ()

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        done = move_buildings(coverage, self.key, self.to, self.buildings, self.moved)
        if self.known is None:
            return done
        return handed_over(done, self.key, self.to, self.positions, self.known)
