"""Whose is this point: exact owners of points in one edition."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.agreed.corridor import Corridors, corridors_and_inert
from geo_service.layers.agreed.ground import MovedGround
from geo_service.layers.agreed.side import AgreedSides
from geo_service.layers.agreement import Standing
from geo_service.layers.area import AreaSet, Boundaries, Floats, Positions, area_set
from geo_service.layers.flat_outline import FlatOutlines
from geo_service.layers.frames import metric_frame
from geo_service.layers.index import (
    ChainColumn,
    Chains,
    CoverageIndex,
    FamilyIndex,
    Level,
    OverlayIndex,
    Words,
    family_index,
    overlay_index,
)
from geo_service.layers.layer import Layer, Layers

_LINKS_KEPT = 65_536
_AGREED_KEPT = 8
_OF_AGREEMENTS = ("corridors", "agreed_sides", "moved_ground")

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

Sections: TypeAlias = Mapping[str, Words]
"""``family/NAME/DEPTH`` and ``overlay/NAME/SHEET`` → the index of that coverage."""


@dataclass(frozen=True, eq=False)
class Owners:
    """The owner of each of n points in one family.

    ``level`` is the deciding layer's place in the family's chain (0 is the root), ``position`` the
    area's place in that layer; both are -1 where no area covers the point. ``is_shared`` tells the
    points that lie exactly on a border of two or more areas of the deciding layer.
    """

    level: NDArray[np.int8]
    position: Positions
    is_shared: NDArray[np.bool_]


class ChainLink(NamedTuple):
    """One layer of a chain; ``code`` is None where no area of that layer owns the point."""

    layer: str
    code: str | None
    name: str | None


class Locator:
    """Exact owners in one edition: build once, ask any number of points from any thread.

    The deepest layer of a family with an area that covers the point decides; a point on a shared
    border belongs to the area with the lowest code (Unicode code point). Answers obey
    ``agreements``, which ``with_agreements`` gives a locator; ``owners`` and what stands below are
    always those of the drawn borders.
    """

    agreements: Standing = ()

    def __init__(
        self,
        layers: Layers,
        boundaries: Boundaries,
        sections: Sections | None = None,
        *,
        boxes: Mapping[tuple[str, str], Box] | None = None,
        is_brief: bool = False,
    ) -> None:
        """Take the areas, and the index where it was built before (``sections`` of the same).

        ``boxes`` by layer and code are of areas that are there by their links alone, without an
        outline: where their children hold all of their ground, that changes no answer. One that
        ``is_brief`` is asked of few points: its index is made sooner and answers later.
        """
        self._is_brief = is_brief
        self.layers = layers
        self._boxes = boxes or {}
        self._areas: Mapping[str, AreaSet] = {
            layer.name: boundaries.get(layer.name) or area_set(layer.name, codes=[], geometries=[])
            for layer in layers
        }
        self._parents = {layer.name: self._parent_positions(layer) for layer in layers}
        self._given = sections
        self._links: dict[tuple[str, int, int], tuple[ChainLink, ...]] = {}
        self._metric_frames: dict[tuple[str, int, int], str] = {}
        self._linked: dict[tuple[str, int, int], NDArray[np.bool_] | None] = {}
        self._agreed: dict[tuple[int, ...], Locator] = {}
        self._flat_outlines: dict[str, FlatOutlines] = {}

    def with_agreements(self, standing: Standing) -> "Locator":
        """Return a locator of the same areas and index that obeys these agreements and no others.

        The same ones give the same locator again; none give one that costs as much as before.
        """
        if not standing and not self.agreements:
            return self
        key = tuple(each.number for each in standing)
        found = self._agreed.get(key)
        if found is None or (found.agreements is not standing and found.agreements != standing):
            # shared, and so made before the copy
            _ = self.families, self.overlays, self._trees, self._chains
            found = copy(self)
            found.agreements = standing
            for name in _OF_AGREEMENTS:
                vars(found).pop(name, None)
            if len(self._agreed) >= _AGREED_KEPT:
                self._agreed.clear()
            self._agreed[key] = found
        return found

    @cached_property
    def corridors(self) -> Mapping[str, Corridors]:
        """What the agreements reach in each family, and which of them reach nothing."""
        return {
            family: Corridors(
                *corridors_and_inert(
                    [layer.name for layer in chain],
                    [self._areas[layer.name] for layer in chain],
                    self.agreements,
                )
            )
            for family, chain in self.layers.families.items()
        }

    @cached_property
    def agreed_sides(self) -> Mapping[str, AgreedSides]:
        """The areas that corridors give ground to, in each family."""
        return {
            family: AgreedSides(
                self.corridors[family],
                [self._areas[layer.name] for layer in chain],
                [self._parents[layer.name] for layer in chain],
            )
            for family, chain in self.layers.families.items()
        }

    @cached_property
    def moved_ground(self) -> Mapping[str, MovedGround]:
        """The ground that corridors move from one area to another, in each family."""
        return {
            family: MovedGround(
                self.corridors[family],
                self.agreed_sides[family],
                [self._areas[layer.name] for layer in chain],
                [self._parents[layer.name] for layer in chain],
            )
            for family, chain in self.layers.families.items()
        }

    @cached_property
    def sections(self) -> Sections:
        """The whole index as flat arrays by name, as an index file holds them.

        Raises
        ------
        CoverageOverlap
            Two areas of a nested layer hold the same ground.
        """
        if self._given is not None:
            return self._given
        sections: dict[str, Words] = {}
        for family, chain in self.layers.families.items():
            areas = [(layer.name, self._areas[layer.name]) for layer in chain]
            parents = [self._parents[layer.name] for layer in chain]
            for level in family_index(areas, parents, is_brief=self._is_brief).levels:
                sections[f"family/{family}/{level.depth}"] = level.index.words
        for layer in self.layers.overlays:
            if layer.geometry != "line":
                sheets = overlay_index(self._areas[layer.name], layer.name).sheets
                for number, sheet in enumerate(sheets):
                    sections[f"overlay/{layer.name}/{number}"] = sheet.words
        return sections

    @cached_property
    def families(self) -> Mapping[str, FamilyIndex]:
        """The index of each family."""
        return {
            family: FamilyIndex(
                [
                    Level(depth, CoverageIndex(self.sections[f"family/{family}/{depth}"]))
                    for depth in range(len(chain) - 1, -1, -1)
                    if f"family/{family}/{depth}" in self.sections
                ]
            )
            for family, chain in self.layers.families.items()
        }

    @cached_property
    def _chains(self) -> Mapping[str, Chains]:
        return {
            family: Chains([self._parents[layer.name] for layer in chain])
            for family, chain in self.layers.families.items()
        }

    @cached_property
    def overlays(self) -> Mapping[str, OverlayIndex]:
        """The index of each overlay of polygons."""
        return {
            layer.name: OverlayIndex(
                [
                    CoverageIndex(words)
                    for name, words in self.sections.items()
                    if name.startswith(f"overlay/{layer.name}/")
                ]
            )
            for layer in self.layers.overlays
            if layer.geometry != "line"
        }

    def areas(self, layer: str) -> AreaSet:
        """Return the areas of one layer, in the order that positions speak of."""
        return self._areas[self.layers[layer].name]

    def flat_outlines(self, layer: str) -> FlatOutlines:
        """Return the outlines of one layer as circles of accuracy are measured against them."""
        found = self._flat_outlines.get(layer)
        if found is None:
            # of two threads that come first, both use the one that was put there first
            made = FlatOutlines(self.areas(layer).geometries)
            found = self._flat_outlines.setdefault(layer, made)
        return found

    def owners(self, family: str, *, lon: Floats, lat: Floats) -> Owners:
        """Return the owner of each point.

        Parameters
        ----------
        family
            A key of ``layers.families``.
        lon, lat
            Degrees, EPSG:4490, shape ``(n,)``; a point that is not finite has no owner.

        Returns
        -------
        Owners
            ``(n,)`` columns. On a shared border the area with the lowest code.
        """
        return Owners(*self.families[family].owners(lon=lon, lat=lat))

    def chain_at(self, family: str, *, lon: float, lat: float) -> list[int]:
        """Return the owner of one point in each layer of the chain, the root first; -1 for none."""
        depth, position, _ = self.families[family].owner(lon=lon, lat=lat)
        return self.chain_of(family, depth, position)

    def chain_of(self, family: str, depth: int, position: int) -> list[int]:
        """Return an area with its ancestors, the root first; -1 for none, deeper layers too."""
        chain = self.layers.families[family]
        at = [-1] * len(chain)
        while depth >= 0 and position >= 0:
            at[depth] = position
            position = self._parents[chain[depth].name].item(position)
            depth -= 1
        return at

    def links(self, family: str, depth: int, position: int) -> tuple[ChainLink, ...]:
        """Return an area with its ancestors by code and name, the root first."""
        key = (family, depth, position)
        found = self._links.get(key)
        if found is None:
            at = self.chain_of(family, depth, position)
            chain = self.layers.families[family]
            found = tuple(
                self.link(layer.name, each) for layer, each in zip(chain, at, strict=True)
            )
            if len(self._links) >= _LINKS_KEPT:
                self._links.clear()
            self._links[key] = found
        return found

    def link(self, layer: str, position: int) -> ChainLink:
        """Return one area by code and name; without them where ``position`` is -1."""
        if position < 0:
            return ChainLink(layer, None, None)
        areas = self._areas[layer]
        return ChainLink(layer, areas.codes[position], areas.names[position])

    def metric_frame(self, family: str, depth: int, position: int) -> str:
        """Return the frame that distances around an area are measured in: its root's zone.

        A root area as wide as two zones still has one: that of the middle of its box.
        """
        key = (family, depth, position)
        found = self._metric_frames.get(key)
        if found is None:
            root = self.chain_of(family, depth, position)[: depth + 1]
            level = next(i for i, each in enumerate(root) if each >= 0)
            top = (family, level, root[level])
            found = self._root_frame(*top) if top == key else self.metric_frame(*top)
            if len(self._metric_frames) >= _LINKS_KEPT:
                self._metric_frames.clear()
            self._metric_frames[key] = found
        return found

    def _root_frame(self, family: str, depth: int, position: int) -> str:
        layer = self.layers.families[family][depth].name
        areas = self._areas[layer]
        box = self._boxes.get((layer, areas.codes[position]))
        west, south, east, north = box or areas.geometries[position].bounds
        return metric_frame(lon=(west + east) / 2, lat=(south + north) / 2)

    def positions_at(self, family: str, owners: Owners) -> list[Positions]:
        """Return, for each layer of the chain from the root, who owns each point there.

        Ancestors follow by link, never by geometry; layers deeper than the deciding one hold -1.
        """
        chain = self.layers.families[family]
        at = [np.full(len(owners.level), -1, dtype=np.int32) for _ in chain]
        for depth in range(len(chain) - 1, -1, -1):
            decided = owners.level == depth
            at[depth][decided] = owners.position[decided]
            if depth > 0:
                known = at[depth] >= 0
                at[depth - 1][known] = self._parents[chain[depth].name][at[depth][known]]
        return at

    def chain_columns(self, family: str, owners: Owners) -> list[ChainColumn]:
        """Return the same for each layer as the areas that occur, and each point's among them."""
        return self._chains[family].columns(owners.level, owners.position)

    def ancestors(self, family: str, depth: int, positions: Positions, *, at: int) -> Positions:
        """Return the ancestors, at depth ``at``, of areas at ``depth``; -1 where there is none."""
        chain = self.layers.families[family]
        for level in range(depth, at, -1):
            known = positions >= 0
            parents = self._parents[chain[level].name]
            positions = np.where(known, parents[positions], np.int32(-1))
        return positions

    def linked(self, family: str, depth: int, *, at: int) -> NDArray[np.bool_] | None:
        """Return which areas at ``depth`` have an ancestor at depth ``at``; None where all have."""
        key = (family, depth, at)
        if key not in self._linked:
            count = len(self._areas[self.layers.families[family][depth].name])
            everyone = np.arange(count, dtype=np.int32)
            is_linked = self.ancestors(family, depth, everyone, at=at) >= 0
            self._linked[key] = None if is_linked.all() else is_linked
        return self._linked[key]

    def holding(self, layer: str, *, lon: float, lat: float) -> list[int]:
        """Return every area of an overlay of polygons that holds a point, ascending.

        Its border belongs to an area.
        """
        return self.overlays[layer].holding(lon=lon, lat=lat)

    def near(
        self, layer: str, *, west: float, south: float, east: float, north: float
    ) -> NDArray[np.intp]:
        """Return the lines of an overlay whose box meets the box (degrees), ascending."""
        return np.sort(self._trees[layer].query(shapely.box(west, south, east, north)))

    def near_each(self, layer: str, boxes: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the same for n boxes, shape ``(n, 4)``: pairs of box and line, in no order."""
        box, line = self._trees[layer].query(shapely.box(*boxes.T))
        return box, line

    @cached_property
    def _trees(self) -> Mapping[str, shapely.STRtree]:
        """Boxes of the lines of each overlay of lines."""
        return {
            layer.name: shapely.STRtree(self._areas[layer.name].geometries)
            for layer in self.layers.overlays
            if layer.geometry == "line"
        }

    def _parent_positions(self, layer: Layer) -> Positions:
        parents = self._areas[layer.parent].position_by_code if layer.parent else {}
        codes = self._areas[layer.name].parents
        return np.array([parents.get(code or "", -1) for code in codes], dtype=np.int32)
