"""Known addresses as columns of small numbers, in the order of their roads.

Hundreds of thousands of them take some dozens of megabytes, and each is found in microseconds.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.addresses.address import Address, numbers_of, written
from geo_service.layers.addresses.reading import read_plain
from geo_service.layers.area import Floats

Integers = NDArray[np.int32]
NOTHING = -1
_LANES = "/"
_FEW = 16
_Row: TypeAlias = tuple[int, int, int, int, int, int]
"""Place, road, lane, number, estate, building."""


class KnownPlace(NamedTuple):
    """One place as it is registered; texts are plain, ``lon`` and ``lat`` NaN where unknown.

    ``title`` is its own name where it has one, ``aliases`` what else it is called: names, or other
    addresses that it has.
    """

    place_id: int
    address: Address
    title: str | None
    aliases: tuple[str, ...]
    lon: float
    lat: float


class _Terms:
    """Texts by number, so that columns hold numbers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: dict[str, int] = {}

    def number(self, text: str | None) -> int:
        if text is None:
            return NOTHING
        found = self.numbers.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found

    def find(self, text: str | None) -> int | None:
        """Return the number of a text, -1 for none and None for one that nothing is called."""
        return NOTHING if text is None else self.numbers.get(text)

    def put_in_order(self) -> "NDArray[np.int32]":
        """Sort the texts, 9 before 10; return the new number of each old one, -1 of -1 at last."""
        order = sorted(range(len(self.texts)), key=lambda each: _order(self.texts[each]))
        self.texts = [self.texts[each] for each in order]
        self.numbers = {text: number for number, text in enumerate(self.texts)}
        new = np.full(len(order) + 1, NOTHING, dtype=np.int32)
        new[order] = np.arange(len(order))
        return new


def _order(text: str) -> list[tuple[int, str]]:
    return [(int(each), "") if each.isdecimal() else (-1, each) for each in _RUNS.findall(text)]


_RUNS = re.compile(r"[0-9]+|[^0-9]+")


class AddressBook:
    """Known places by road, lane and number, and by estate and building.

    Columns are ``(n,)``, one row for every address of a place; ``places`` is the position of the
    place in ``ids``, ``lon`` and ``lat`` (degrees, EPSG:4490). -1 stands where an address says
    nothing.
    """

    def __init__(self, known: Iterable[KnownPlace]) -> None:
        """Take places in any order."""
        self.roads, self.lanes, self.numbers = _Terms(), _Terms(), _Terms()
        self.estates, self.buildings = _Terms(), _Terms()
        self.titles: list[tuple[str, int]] = []
        self.aliases: list[tuple[str, int]] = []
        self.stretches: dict[tuple[str | None, tuple[str, ...], str], list[int]] = {}
        ids, lon, lat = [], [], []
        rows: list[_Row] = []
        for place, each in enumerate(known):
            ids.append(each.place_id)
            lon.append(each.lon)
            lat.append(each.lat)
            rows.append(self._row(place, each.address))
            rows += [self._row(place, other) for other in self._named(place, each)]
        self.ids = np.array(ids, dtype=np.int64)
        self.lon: Floats = np.array(lon, dtype=np.float64)
        self.lat: Floats = np.array(lat, dtype=np.float64)
        self._arrange(np.array(rows, dtype=np.int32).reshape(len(rows), 6))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Bytes of the columns, without the texts."""
        columns = (self.places, self.road, self.lane, self.number, self.estate, self.building)
        single = sum(len(each) * each.itemsize for each in (self._keys, self._places))
        single += sum(len(each) * each.itemsize for each in self._columns)
        return single + sum(each.nbytes for each in (*columns, self.ids, self.lon, self.lat))

    def _named(self, place: int, known: KnownPlace) -> list[Address]:
        """Note the names of a place; return what of them are addresses of their own."""
        if known.title:
            self.titles.append((known.title, place))
        others = []
        for alias in known.aliases:
            self.aliases.append((alias, place))
            address = read_plain(alias)
            if (address.road and (address.lanes or address.number)) or address.building:
                others.append(address)
        return others

    def _row(self, place: int, address: Address) -> "_Row":
        lane = self.lanes.number(_LANES.join(address.lanes) or None)
        road, number = self.roads.number(address.road), self.numbers.number(address.number)
        if address.number and "~" in address.number:
            for each in numbers_of(address.number):
                key = (address.road, address.lanes, each)
                self.stretches.setdefault(key, []).append(place)
        estate = self.estates.number(address.name)
        return place, road, lane, number, estate, self.buildings.number(address.building)

    def _arrange(self, rows: Integers) -> None:
        for column, terms in ((2, self.lanes), (3, self.numbers), (5, self.buildings)):
            rows[:, column] = terms.put_in_order()[rows[:, column]]
        rows = rows[np.lexsort(rows.T[[5, 3, 2, 1]])]
        columns = [np.ascontiguousarray(column) for column in rows.T]
        self.places, road, lane, number, self.estate, self.building = columns
        self.road, self.lane, self.number = road, lane, number
        self._in_lane = len(self.numbers.texts) + 1
        self._in_road = self._in_lane * (len(self.lanes.texts) + 1)
        keys = road.astype(np.int64) * self._in_road + (lane + 1) * np.int64(self._in_lane)
        # single values of Python's arrays are read three times as fast as those of numpy's
        self._keys = array("q", (keys + number + 1).tobytes())
        single = (road, lane, number, self.estate, self.building)
        self._columns = [array("i", column.tobytes()) for column in single]
        self._places, self._building = array("i", self.places.tobytes()), self._columns[-1]
        self._by_estate = np.argsort(self.estate, kind="stable").astype(np.int32)
        count = np.arange(len(self.estates.texts) + 1)
        self._estate_starts = np.searchsorted(self.estate[self._by_estate], count)

    def on_road(self, road: int) -> range:
        """Return the rows of a road: by lane, number and building, 9 before 10."""
        return self._span(road * self._in_road, (road + 1) * self._in_road)

    def in_lane(self, road: int, lane: int) -> range:
        """Return the rows of a lane; those at the road itself where ``lane`` is NOTHING."""
        first = road * self._in_road + (lane + 1) * self._in_lane
        return self._span(first, first + self._in_lane)

    def numbered(self, road: int, lane: int, number: int) -> range:
        """Return the rows of a number; those without one where ``number`` is NOTHING."""
        key = road * self._in_road + (lane + 1) * self._in_lane + number + 1
        return self._span(key, key + 1)

    def _span(self, first: int, beyond: int) -> range:
        start = bisect_left(self._keys, first)
        return range(start, bisect_left(self._keys, beyond, lo=start))

    def built(self, rows: range, building: int | None) -> list[int]:
        """Return the rows with a building, or without one where it is NOTHING."""
        if building is None:
            return []
        if len(rows) <= _FEW:
            return [row for row in rows if self._building[row] == building]
        found = np.flatnonzero(self.building[rows.start : rows.stop] == building)
        return (found + rows.start).tolist()

    def in_estate(self, estate: int) -> Integers:
        """Return the rows of an estate, or of whatever else is called so."""
        first, last = self._estate_starts[estate : estate + 2]
        return self._by_estate[first:last]

    def lanes_of(self, address: Address) -> int | None:
        """Return the number of an address's lanes, None where nothing has such lanes."""
        return self.lanes.find(_LANES.join(address.lanes) or None)

    def label(self, row: int) -> str:
        """Return the address of a row as it is written."""
        road, lane, number, estate, building = (column[row] for column in self._columns)
        lanes = self.lanes.texts[lane].split(_LANES) if lane != NOTHING else ()
        return written(
            Address(
                None if road == NOTHING else self.roads.texts[road],
                tuple(lanes),
                None if number == NOTHING else self.numbers.texts[number],
                None if estate == NOTHING else self.estates.texts[estate],
                None if building == NOTHING else self.buildings.texts[building],
            )
        )

    def place(self, row: int) -> int:
        """Return the place of a row."""
        return self._places[row]

    def names(self) -> Mapping[str, list[tuple[str, int]]]:
        """Return kind of name → each name with what is called so."""
        return {
            "road": list(zip(self.roads.texts, range(len(self.roads.texts)), strict=True)),
            "estate": list(zip(self.estates.texts, range(len(self.estates.texts)), strict=True)),
            "title": self.titles,
            "alias": self.aliases,
        }
