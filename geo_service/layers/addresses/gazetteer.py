"""All that has a name: known addresses, sites, areas and roads, ready to be asked."""

from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.addresses.book import NOTHING, AddressBook
from geo_service.layers.addresses.hit import (
    ADDRESS,
    ALIAS,
    AREA,
    AREA_NAME,
    CROSSING,
    ESTATE,
    FACILITY,
    JUNCTION,
    NAME,
    NARROWER,
    ROAD,
    Hit,
)
from geo_service.layers.addresses.text import plain
from geo_service.layers.addresses.words import Meaning, Words

_APART_DEGREES = 3e-4
"""Some thirty meters: the lines of one road's two sides cross another in one crossing."""


class NamedSpot(NamedTuple):
    """A site or an area by its names; ``lon`` and ``lat`` are NaN where it has no point."""

    names: tuple[str, ...]
    lon: float = nan
    lat: float = nan


class Gazetteer:
    """Addresses, sites, areas and the lines of roads, all by name."""

    def __init__(
        self,
        book: AddressBook,
        *,
        facilities: Sequence[NamedSpot] = (),
        areas: Sequence[NamedSpot] = (),
        lines: Mapping[str, shapely.Geometry] | None = None,
    ) -> None:
        """Take what is known; ``lines`` (EPSG:4490) are of roads, by their names."""
        self.book = book
        self.facilities = facilities
        self.areas = areas
        self.lines = {plain(name): line for name, line in (lines or {}).items()}
        self.words = Words(self._named())

    def _named(self) -> Iterator[tuple[str, Meaning]]:
        for kind, names in self.book.names().items():
            yield from ((name, Meaning(kind, number)) for name, number in names)
        for name in self.lines.keys() - self.book.roads.numbers.keys():
            yield name, Meaning("road", NOTHING)
        for kind, spots in (("facility", self.facilities), ("area", self.areas)):
            for number, spot in enumerate(spots):
                yield from ((plain(name), Meaning(kind, number)) for name in spot.names if name)

    def address_hit(self, how: str, row: int, *, is_near: bool = False) -> Hit:
        """Return the place of a row of the book."""
        place = self.book.place(row)
        lon, lat = self.book.lon.item(place), self.book.lat.item(place)
        return Hit(how, ADDRESS, self.book.label(row), place, lon, lat, 1, is_near)

    def meant_by(self, word: str, meaning: Meaning, how: str | None = None) -> Hit:
        """Return what a word names; ``how`` tells that it was not typed as a whole."""
        kind, number = meaning
        if kind in ("title", "alias"):
            place = self.book
            lon, lat = float(place.lon[number]), float(place.lat[number])
            return Hit(how or (NAME if kind == "title" else ALIAS), ADDRESS, word, number, lon, lat)
        if kind in ("facility", "area"):
            spot = (self.facilities if kind == "facility" else self.areas)[number]
            own = NAME if kind == "facility" else AREA
            shown = FACILITY if kind == "facility" else AREA_NAME
            return Hit(how or own, shown, spot.names[0], number, spot.lon, spot.lat)
        if kind == "estate":
            count = len(self.book.in_estate(number))
            return Hit(how or NARROWER, ESTATE, word, NOTHING, nan, nan, count)
        rows = () if number == NOTHING else self.book.on_road(number)
        return Hit(how or NARROWER, ROAD, word, NOTHING, nan, nan, len(rows))

    def crossings(self, first: str, second: str, *, is_near: bool) -> list[Hit]:
        """Return where two roads meet; nothing where the line of one is not known."""
        lines = [self.lines.get(name) for name in (first, second)]
        if lines[0] is None or lines[1] is None:
            return []
        label = f"{first}/{second}"
        return [
            Hit(CROSSING, JUNCTION, label, NOTHING, lon, lat, 1, is_near)
            for lon, lat in _meetings(lines[0], lines[1])
        ]


def _meetings(one: shapely.Geometry, other: shapely.Geometry) -> list[tuple[float, float]]:
    """Return the points where two lines meet, those of one crossing as their middle."""
    common = shapely.intersection(one, other)
    points = shapely.get_coordinates(common)
    found: list[tuple[float, float]] = []
    while len(points):
        is_one = np.abs(points - points[0]).max(axis=1) <= _APART_DEGREES
        middle = points[is_one].mean(axis=0)
        found.append((float(middle[0]), float(middle[1])))
        points = points[~is_one]
    return found
