"""The area a sheet is asked of, and what lies in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.governance.organisations.register import Entry
from geo_service.layers.area import AreaSet, Floats
from geo_service.layers.assignment.overlay import overlay_owners_of
from geo_service.layers.assignment.rule import assign
from geo_service.layers.layer import Layer
from geo_service.maps.area_sheet.view import AreaName
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.placement import Placement
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction


@dataclass(frozen=True, eq=False)
class AskedArea:
    """One area in the picture of a moment; ``position`` is its own among its layer's areas."""

    workspace: Workspace
    connection: Transaction
    picture: Picture
    layer: Layer
    position: int
    language: str

    @property
    def code(self) -> str:
        """Its code."""
        return self.areas.codes[self.position]

    @cached_property
    def areas(self) -> AreaSet:
        """All areas of its layer."""
        return self.picture.locator.areas(self.layer.name)

    @property
    def outline(self) -> shapely.Geometry:
        """Its outline in EPSG:4490 degrees."""
        outline: shapely.Geometry = self.areas.geometries[self.position]
        return outline

    @property
    def is_line(self) -> bool:
        """Whether it is a lane and not a polygon."""
        return self.layer.geometry == "line"

    @cached_property
    def chain(self) -> Sequence[tuple[Layer, int]]:
        """The area and those above it, as layer and position; the root last."""
        found = [(self.layer, self.position)]
        for layer in reversed(self.workspace.layers.chain(self.layer.name)[:-1]):
            below, position = found[-1]
            parent = self.picture.locator.areas(below.name).parents[position]
            at = self.picture.locator.areas(layer.name).position_by_code.get(parent or "")
            if at is None:
                break
            found.append((layer, at))
        return found

    def name_of(self, layer: Layer, position: int) -> AreaName:
        """Return an area by its names."""
        areas = self.picture.locator.areas(layer.name)
        title = layer.title(self.language)
        return AreaName(layer.name, title, areas.codes[position], areas.names[position])

    def holds(self, *, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Return which places are the area's, by the rules that places are located with."""
        locator = self.picture.locator
        if self.layer.is_overlay:
            point, position = overlay_owners_of(locator, self.layer, lon=lon, lat=lat)
            held = np.zeros(len(lon), dtype=np.bool_)
            held[point[position == self.position]] = True
            return held
        family = self.workspace.family_of(self.layer.name)
        depth = [each.name for each in locator.layers.families[family]].index(self.layer.name)
        owners = assign(locator, family, lon=lon, lat=lat).owners
        return np.asarray(locator.positions_at(family, owners)[depth] == self.position)

    def inside(self, placed: Placement) -> list[int]:
        """Return which entries of a register lie in the area, in their order."""
        if not self.layer.is_overlay:
            at = placed.positions(self.layer.name)
            return np.flatnonzero(at == self.position).tolist()
        held = self.holds(lon=placed.lon, lat=placed.lat)
        return [i for i, entry in enumerate(placed.entries) if held[i] or self._is_bound(entry)]

    def _is_bound(self, entry: Entry) -> bool:
        return entry.layer == self.layer.name and self.code in entry.areas
