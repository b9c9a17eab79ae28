"""楼栋清单: which building belonged to which area before, and to which one after."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import shapely

from geo_service.layers.layer import BUILDING
from geo_service.layers.locator import Locator
from geo_service.layers.redraw import KnownBuildings
from geo_service.services.building_lists.standing import areas_listing
from geo_service.services.coverage.reach import areas_of
from geo_service.storage import figures
from geo_service.storage.databases import Transaction


class BuildingRow(NamedTuple):
    """One building in at most one area of each side; of an overlay it may have several rows.

    ``code`` is empty where none is known, ``households`` None of one that is no area of the layer
    of buildings. Codes of areas are None for nobody's ground; ``lon, lat`` is a point inside,
    EPSG:4490.
    """

    code: str
    name: str
    households: int | None
    before: str | None
    after: str | None
    lon: float
    lat: float


@dataclass(frozen=True, eq=False)
class Houses:
    """The known buildings, by their positions, with names (empty without one) and households."""

    known: KnownBuildings
    names: Sequence[str]
    households: Sequence[int | None]


@dataclass(frozen=True, eq=False)
class PlacedHouses:
    """Buildings with the areas of one layer that they belong to, before and after."""

    layer: str
    houses: Houses
    before: Mapping[int, Sequence[str]]
    after: Mapping[int, Sequence[str]]

    @cached_property
    def inside(self) -> Mapping[str, Sequence[int]]:
        """The buildings of each area after, by its code."""
        found: dict[str, list[int]] = defaultdict(list)
        for house, codes in self.after.items():
            for code in codes:
                found[code].append(house)
        return found

    def rows(self, changed: Collection[str]) -> Iterator[BuildingRow]:
        """Yield the buildings of changed areas, by the area after, then by the one before."""
        wanted, told = set(changed), self.houses
        nowhere: Sequence[str | None] = (None,)
        pairs = [
            (after, before, house)
            for house in range(len(told.names))
            for before in self.before.get(house, nowhere)
            for after in self.after.get(house, nowhere)
            if wanted.intersection((before, after))
        ]
        for after, before, house in sorted(pairs, key=_order):
            lon, lat = told.known.places[house].tolist()
            code, name = told.known.codes[house], told.names[house]
            yield BuildingRow(code, name, told.households[house], before, after, lon, lat)


def known_houses(
    connection: Transaction, known: KnownBuildings, locator: Locator, *, as_of_s: float
) -> Houses:
    """Return the buildings that an edition knows, with the households of those that are areas.

    Households are a figure of the layer ``building``, whose areas stand first among ``known``.
    """
    areas = 0
    told: Mapping[str, str] = {}
    if BUILDING in locator.layers.by_name:
        areas = len(locator.areas(BUILDING))
        told = figures.figures_as_of(
            connection, layer=BUILDING, figure="households", as_of_s=as_of_s
        )
    households = [
        round(float(told[code])) if i < areas and code in told else None
        for i, code in enumerate(known.codes)
    ]
    names = [_own_name(*each) for each in zip(known.codes, known.names, strict=True)]
    return Houses(known, names, households)


def placed_houses(houses: Houses, locators: tuple[Locator, Locator], layer: str) -> PlacedHouses:
    """Return buildings with the areas of a layer that list them, or else hold them."""
    before, after = (_areas(houses.known, each, layer) for each in locators)
    return PlacedHouses(layer, houses, before, after)


def _areas(known: KnownBuildings, locator: Locator, layer: str) -> Mapping[int, Sequence[str]]:
    """Return the areas of each building: by their lists, and of one on no list where it stands.

    Doors, of which an address alone is known, are told where a list names them.
    """
    areas = locator.areas(layer)
    found = dict(areas_listing(areas, _outlines_above(locator, layer), known))
    if len(known):
        lon, lat = known.places.T
        place, position = areas_of(locator, layer, lon=lon, lat=lat)
        standing: dict[int, list[str]] = defaultdict(list)
        for house, at in zip(place.tolist(), position.tolist(), strict=True):
            if house not in found and house not in known.doors:
                standing[house].append(areas.codes[at])
        found |= standing
    return found


def _outlines_above(locator: Locator, layer: str) -> Mapping[str | None, shapely.Geometry]:
    parent = locator.layers[layer].parent
    if parent is None:
        return {}
    above = locator.areas(parent)
    return dict(zip(above.codes, above.geometries, strict=True))


def _own_name(code: str, name: str) -> str:
    return "" if name == code else name


def _order(pair: tuple[str | None, str | None, int]) -> tuple[bool, str, bool, str, int]:
    after, before, house = pair
    return after is None, after or "", before is None, before or "", house
