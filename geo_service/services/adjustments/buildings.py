"""楼栋清单: which building stood in which area before, and stands in which one after."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.area import Floats
from geo_service.layers.layer import BUILDING
from geo_service.layers.locator import Locator
from geo_service.maps.view import Reference
from geo_service.services.coverage.reach import areas_of
from geo_service.storage import figures
from geo_service.storage.databases import Transaction


class BuildingRow(NamedTuple):
    """One building in at most one area of each side; of an overlay it may have several rows.

    ``code`` is empty and ``households`` None of a building that is drawn under the map alone.
    Codes of areas are None for nobody's ground; ``lon, lat`` is a point inside, EPSG:4490.
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
    """Every building known once, with a point inside it."""

    codes: Sequence[str]
    names: Sequence[str]
    households: Sequence[int | None]
    lon: Floats
    lat: Floats


@dataclass(frozen=True, eq=False)
class PlacedHouses:
    """Buildings with the areas of one layer that they lie in, before and after."""

    layer: str
    houses: Houses
    before: Mapping[int, Sequence[str]]
    after: Mapping[int, Sequence[str]]

    @cached_property
    def inside(self) -> Mapping[str, Sequence[int]]:
        """The buildings in each area after, by its code."""
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
            yield BuildingRow(
                told.codes[house],
                told.names[house],
                told.households[house],
                before,
                after,
                float(told.lon[house]),
                float(told.lat[house]),
            )


def known_houses(
    connection: Transaction, locator: Locator, drawn: Reference | None, *, as_of_s: float
) -> Houses:
    """Return the buildings of a layer ``building``, and those drawn that stand in none of them.

    A drawn building, a reference feature, whose inner point lies in one of the layer is the same.
    """
    codes: list[str] = []
    names: list[str] = []
    households: list[int | None] = []
    points = [np.empty(0, dtype=object)]
    outlines = np.empty(0, dtype=object)
    if BUILDING in locator.layers.by_name:
        areas = locator.areas(BUILDING)
        outlines = areas.geometries
        told = figures.figures_as_of(
            connection, layer=BUILDING, figure="households", as_of_s=as_of_s
        )
        codes += areas.codes
        names += [_own_name(*each) for each in zip(areas.codes, areas.names, strict=True)]
        households += [round(float(told[code])) if code in told else None for code in areas.codes]
        points.append(shapely.point_on_surface(outlines))
    if drawn is not None:
        inner = shapely.point_on_surface(drawn.geometries)
        held, _ = shapely.STRtree(outlines).query(inner, predicate="intersects")
        left = np.setdiff1d(np.arange(len(inner)), held)
        codes += [""] * len(left)
        names += [drawn.names[i].strip() for i in left]
        households += [None] * len(left)
        points.append(inner[left])
    places = np.concatenate(points)
    return Houses(codes, names, households, shapely.get_x(places), shapely.get_y(places))


def placed_houses(houses: Houses, locators: tuple[Locator, Locator], layer: str) -> PlacedHouses:
    """Return buildings with the areas of a layer that they lie in, as places are located."""
    before, after = (_areas(houses, each, layer) for each in locators)
    return PlacedHouses(layer, houses, before, after)


def _areas(houses: Houses, locator: Locator, layer: str) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if len(houses.lon):
        codes = locator.areas(layer).codes
        place, position = areas_of(locator, layer, lon=houses.lon, lat=houses.lat)
        for house, at in zip(place.tolist(), position.tolist(), strict=True):
            found[house].append(codes[at])
    return found


def _own_name(code: str, name: str) -> str:
    return "" if name == code else name


def _order(pair: tuple[str | None, str | None, int]) -> tuple[bool, str, bool, str, int]:
    after, before, house = pair
    return after is None, after or "", before is None, before or "", house
