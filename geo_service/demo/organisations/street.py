"""A demo street as its registers see it: areas with names, places to sit at, and days."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import shapely

from geo_service.demo.city import City, community_level
from geo_service.demo.hotspots import hotspots
from geo_service.demo.land.naming import words
from geo_service.layers.area import AreaSet, Floats

Row: TypeAlias = dict[str, Any]
"""One entry as cells: field → value, days as 2026-01-05."""

FRAME = "EPSG:4490"
_DECIMALS = 6
_STREAM = 3
"""Issues and hotspots of the same seed draw from others."""
_FORTHCOMING_DAYS = 900


class Area(NamedTuple):
    """One area: its layer, code and name, and its parent's code."""

    layer: str
    code: str
    name: str
    parent: str | None


class Street:
    """One city, one stream of chance, and the day up to which things happened."""

    def __init__(self, city: City, *, seed: int, until: date) -> None:
        self.city = city
        self.until = until
        self.rng = np.random.default_rng([seed, _STREAM])
        self._seed = seed
        self._places = np.round(
            shapely.get_coordinates(shapely.centroid(city.buildings.geometries)), _DECIMALS
        )
        self._phones = 0

    @cached_property
    def levels(self) -> Mapping[str, Mapping[str, Area]]:
        """The areas by layer, root first, and code; those of overlays lie in a community.

        Lanes are none: they are lines.
        """
        found = {layer: _areas(layer, areas) for layer, areas in self.city.boundaries.items()}
        for layer, areas in self.city.others.items():
            if not (shapely.get_dimensions(areas.geometries) == 1).all():
                found[layer] = _areas(layer, areas, self._homes_of(areas))
        return found

    def _homes_of(self, areas: AreaSet) -> list[str | None]:
        """Return the code of the community that each area's middle lies in."""
        layers = list(self.city.boundaries)
        homes = self.city.boundaries[layers[community_level(layers)]]
        middles = shapely.point_on_surface(areas.geometries)
        area, home = shapely.STRtree(homes.geometries).query(middles, predicate="intersects")
        home_of = dict(zip(area.tolist(), home.tolist(), strict=True))
        return [homes.codes[home_of[i]] for i in range(len(areas))]

    @property
    def root(self) -> Area:
        """The street itself."""
        return next(iter(self.areas(next(iter(self.levels)))))

    def areas(self, layer: str) -> list[Area]:
        """Return the areas of a layer by code."""
        return list(self.levels[layer].values())

    def above(self, area: Area) -> list[Area]:
        """Return the areas that one lies in, itself first, the street last."""
        chain = [area]
        while chain[-1].parent is not None:
            chain.append(self._area_of_code[chain[-1].parent])
        return chain

    @cached_property
    def _area_of_code(self) -> Mapping[str, Area]:
        return {code: area for areas in self.levels.values() for code, area in areas.items()}

    @cached_property
    def _buildings(self) -> Mapping[str, list[int]]:
        """The positions of the buildings in each area, by its code: all codes are different."""
        leaves = self.levels[self.city.leaf_layer]
        chains = {code: self.above(area) for code, area in leaves.items()}
        found: dict[str, list[int]] = {}
        for building, grid in enumerate(self.city.buildings.grids):
            for area in chains[grid]:
                found.setdefault(area.code, []).append(building)
        for layer in self.levels.keys() - self.city.boundaries.keys():
            areas = self.city.others[layer]
            tree = shapely.STRtree(np.asarray(shapely.points(self._places)))
            for i, building in tree.query(areas.geometries, predicate="contains").T.tolist():
                found.setdefault(areas.codes[i], []).append(building)
        return found

    @cached_property
    def _offices(self) -> Mapping[str, list[int]]:
        has_homes = (self.city.buildings.households > 0).tolist()
        return {
            code: [each for each in inside if not has_homes[each]]
            for code, inside in self._buildings.items()
        }

    def places(self, count: int) -> Floats:
        """Return ``count`` places (n, 2) at buildings, lon and lat in degrees."""
        return np.asarray(self._places[self.rng.integers(len(self._places), size=count)])

    @cached_property
    def households(self) -> Mapping[str, int]:
        """How many households live in each area, by its code."""
        counts = self.city.buildings.households
        return {code: int(counts[at].sum()) for code, at in self._buildings.items()}

    @cached_property
    def busiest(self) -> str:
        """The code of the deepest area where issues pile up all year."""
        spots = hotspots(self.city, seed=self._seed)
        return self.city.buildings.grids[spots[0].building]

    def site(self, area: Area, *, at_work: bool = False) -> tuple[Row, str]:
        """Return a place at a building of an area, and its address.

        ``at_work`` prefers buildings without homes; where an area has none, any will do.
        """
        inside = self._buildings[area.code]
        offices = self._offices.get(area.code) if at_work else None
        building = self.one_of(offices or inside)
        x, y = self._places[building].tolist()
        return {"x": x, "y": y, "frame": FRAME}, self.city.buildings.names[building]

    def one_of(self, choices: list[int]) -> int:
        """Return one of several numbers."""
        return choices[int(self.rng.integers(len(choices)))]

    def number(self, span: tuple[int, int]) -> int:
        """Return a number from the first to the last of a span."""
        return int(self.rng.integers(span[0], span[1] + 1))

    def words(self, count: int) -> list[str]:
        """Return plain words, all different up to 40, then repeating."""
        return words(count, rng=self.rng)

    def day(self, span: tuple[str, str]) -> str:
        """Return a day from the first to the last of a span."""
        first, last = (date.fromisoformat(each).toordinal() for each in span)
        return date.fromordinal(self.number((first, last))).isoformat()

    def days_ago(self, days: int) -> str:
        """Return the day that many days before the end; after it where they are negative."""
        return (self.until - timedelta(days=days)).isoformat()

    def term_end(self, turn: int) -> str:
        """Return when a term ends: one in 19 is over, two are within 30 and 90 days, by turns."""
        spans = {4: (-200, -10), 9: (5, 29), 14: (35, 88)}
        return self.days_ago(-self.number(spans.get(turn % 19, (120, _FORTHCOMING_DAYS))))

    def phone(self) -> str:
        """Return the number of a duty phone that cannot exist."""
        self._phones += 1
        return f"000-{self._phones:05d}（虚构）"


def _areas(layer: str, areas: AreaSet, homes: list[str | None] | None = None) -> dict[str, Area]:
    parents = homes or areas.parents
    return {
        code: Area(layer, code, name, parent)
        for code, name, parent in zip(areas.codes, areas.names, parents, strict=True)
    }
