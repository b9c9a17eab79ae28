"""Which known places an address names: as a whole, or as far as they are known."""

import re
from collections.abc import Iterator, Sequence
from math import nan

import numpy as np

from geo_service.layers.addresses.address import Address, written
from geo_service.layers.addresses.book import NOTHING
from geo_service.layers.addresses.gazetteer import Gazetteer
from geo_service.layers.addresses.hit import (
    AS_NUMBER,
    BROADER,
    ESTATE,
    EXACT,
    LANE,
    NARROWER,
    ROAD,
    STRETCH,
    WITHOUT_ROAD,
    Hit,
)
from geo_service.layers.addresses.reading import Reading, Readings

_LEADING = re.compile(r"[a-z0-9][0-9]*")
MOST = 50
"""So many places that fit alike are told."""
_SHORTEST = 2


def fitting(known: Gazetteer, readings: Readings) -> list[Hit]:
    """Return what a text names, unsorted: what stands in brackets counts where nothing else does.

    Every sentence outside of brackets counts, so that two addresses are two.
    """
    hits: dict[tuple[str, str, int, bool], Hit] = {}
    for pieces in readings:
        for piece in pieces:
            for hit in _fits(known, piece):
                hits.setdefault((hit.kind, hit.label, hit.number, hit.has_point), hit)
        if any(hit.is_meant for hit in hits.values()):
            break
    return list(hits.values())


def plain_place(known: Gazetteer, readings: Readings) -> Hit | None:
    """Return the one place of a plain road, lane and number, as ``fitting`` would find it alone.

    Most of what a long list holds is nothing else, and is found in a third of the time.
    """
    if len(readings.outside) != 1 or readings.inside:
        return None
    asked, book = readings.outside[0].address, known.book
    if asked.number is None or asked.building or asked.is_near:
        return None
    if asked.name in book.buildings.numbers:
        return None
    road, lane = book.roads.find(asked.road), book.lanes_of(asked)
    number = book.numbers.find(asked.number)
    if road is None or lane is None or number is None or road == NOTHING:
        return None
    rows = book.built(book.numbered(road, lane, number), NOTHING)
    return known.address_hit(EXACT, rows[0]) if len(rows) == 1 else None


def _fits(known: Gazetteer, piece: Reading) -> list[Hit]:
    address = piece.address
    is_numbered = bool(address.number or address.lanes)
    by_word = [] if is_numbered else _by_word(known, piece.text)
    if any(hit.is_meant for hit in by_word):
        return [*by_word, *_of_estate(known, piece.text, None, is_near=False)]
    if address.crossing:
        return _crossing(known, address)
    on_road = fits_on_road(known, address)
    if any(hit.is_meant for hit in on_road):
        return on_road
    by_name = list(_by_name(known, address))
    if any(hit.is_meant for hit in by_name):
        return by_name
    return [*by_word, *on_road, *by_name]


def _by_word(known: Gazetteer, text: str) -> list[Hit]:
    return [known.meant_by(text, each) for each in known.words.meanings(text)]


def _crossing(known: Gazetteer, address: Address) -> list[Hit]:
    """Return where two roads meet, else the roads themselves."""
    first = _known_road(known, address.road or "", address.above) or ""
    second = address.crossing or ""
    found = known.crossings(first, second, is_near=address.is_near)
    roads = (Address(each, is_near=address.is_near) for each in (first, second))
    return found or [hit for each in roads for hit in fits_on_road(known, each)]


def _by_name(known: Gazetteer, address: Address) -> Iterator[Hit]:
    """Yield what the longest known end of a name means, with its building."""
    if address.name is None:
        return
    typed = address.above + address.name
    own = len(address.above)
    starts = [own, *range(own + 1, len(typed) - _SHORTEST + 1), *range(own - 1, -1, -1)]
    for start in starts:
        name = typed[start:]
        meanings = known.words.meanings(name)
        if not meanings:
            continue
        yield from _of_estate(known, name, address.building, is_near=address.is_near)
        if address.building is None:
            for each in meanings:
                if each.kind not in ("estate", "road"):
                    yield known.meant_by(name, each)._replace(is_near=address.is_near)
        return


def _of_estate(
    known: Gazetteer, name: str, building: str | None, *, is_near: bool
) -> Iterator[Hit]:
    book = known.book
    estate = book.estates.find(name)
    if estate is None:
        return
    rows = book.in_estate(estate)
    has_no_building = book.building[rows] == NOTHING
    whole = Hit(BROADER, ESTATE, name, NOTHING, nan, nan, len(rows), is_near)
    if building is None:
        own = rows[has_no_building & (book.number[rows] == NOTHING)]
        if not len(own) and len(rows) == 1:
            own = rows[has_no_building]
        yield from _hits(known, EXACT, own.tolist(), is_near)
        if len(rows) > len(own):
            yield whole._replace(how=NARROWER)
        return
    wanted, number = book.buildings.find(building), book.numbers.find(building)
    found = rows[book.building[rows] == wanted] if wanted is not None else rows[:0]
    if not len(found) and number is not None:
        found = rows[has_no_building & (book.number[rows] == number)]
    yield from _hits(known, EXACT, found.tolist(), is_near)
    if not len(found):
        yield whole


def fits_on_road(known: Gazetteer, address: Address) -> list[Hit]:
    """Return what an address names by its road, lane and number."""
    if address.road is None:
        return _without_road(known, address) if address.lanes else []
    road = _known_road(known, address.road, address.above)
    if road is None:
        return []
    number = known.book.roads.find(road)
    if number is None:
        return [Hit(NARROWER, ROAD, road, NOTHING, nan, nan, 0, address.is_near)]
    return _OnRoad(known, road, number, address).hits()


def _known_road(known: Gazetteer, road: str, above: str) -> str | None:
    """Return the road that is known by a text's end: names of districts may stand in front."""
    typed = above + road
    own = len(above)
    starts = [own, *range(own + 1, len(typed) - _SHORTEST + 1), *range(own - 1, -1, -1)]
    roads, lines = known.book.roads.numbers, known.lines
    for start in starts:
        name = typed[start:]
        if name in roads or name in lines:
            return name
    return None


def _without_road(known: Gazetteer, address: Address) -> list[Hit]:
    book = known.book
    lane, number = book.lanes_of(address), book.numbers.find(address.number)
    if lane is None or number is None:
        return []
    rows = np.flatnonzero((book.lane == lane) & (book.number == number))
    return _hits(known, WITHOUT_ROAD, rows.tolist(), address.is_near)


class _OnRoad:
    """One address among the places of a road."""

    def __init__(self, known: Gazetteer, road: str, number: int, address: Address) -> None:
        self._known = known
        self._book = known.book
        self._name = road
        self._road = number
        self._asked = address

    def hits(self) -> list[Hit]:
        lane, asked = self._book.lanes_of(self._asked), self._asked
        if lane is None:
            return [self._whole(BROADER)]
        if asked.number is not None:
            return self._numbered(lane)
        if asked.building is not None:
            return self._built(lane)
        if not asked.lanes:
            return [self._whole(NARROWER if asked.name is None else BROADER)]
        bare = self._book.numbered(self._road, lane, NOTHING)
        own = self._exact(self._book.built(bare, NOTHING))
        in_lane = self._book.in_lane(self._road, lane)
        return [*own, self._lane_hit(in_lane, NARROWER)] if len(in_lane) > len(own) else own

    def _numbered(self, lane: int) -> list[Hit]:
        book, asked = self._book, self._asked
        number = book.numbers.find(asked.number)
        rows = range(0) if number is None else book.numbered(self._road, lane, number)
        if not rows:
            return self._stretched() or self._less_exact(lane)
        if asked.building is None:  # 东楼 is a building by its name
            named = book.built(rows, book.buildings.find(asked.name)) if asked.name else []
            bare = named or book.built(rows, NOTHING)
            return self._exact(bare) or self._several(NARROWER, rows)
        found = book.built(rows, book.buildings.find(asked.building))
        return self._exact(found) or self._several(BROADER, rows)

    def _built(self, lane: int) -> list[Hit]:
        """Return a building of the lane; a building 3 may be the number 3, which nobody said."""
        book, building = self._book, self._asked.building
        in_lane = book.in_lane(self._road, lane)
        found = book.built(in_lane, book.buildings.find(building))
        if found:
            return self._exact(found)
        number = book.numbers.find(building)
        rows = range(0) if number is None else book.numbered(self._road, lane, number)
        return self._several(AS_NUMBER, rows) or [self._lane_hit(in_lane, BROADER)]

    def _stretched(self) -> list[Hit]:
        """Return the places whose stretch of numbers holds the one asked for."""
        key = (self._name, self._asked.lanes, self._asked.number or "")
        places = self._book.stretches.get(key)
        if places is None:
            return []
        on_road = self._book.on_road(self._road)
        is_one = np.isin(self._book.places[on_road.start : on_road.stop], places)
        return self._several(STRETCH, (np.flatnonzero(is_one) + on_road.start).tolist())

    def _less_exact(self, lane: int) -> list[Hit]:
        """Return 88 for 88-1 and 88甲, else the lane or the road."""
        asked = self._asked.number or ""
        number = self._book.numbers.find(_LEADING.match(asked)[0])  # type: ignore[index]  # a number begins with digits
        rows = range(0) if number is None else self._book.numbered(self._road, lane, number)
        in_lane = self._book.in_lane(self._road, lane)
        return self._several(BROADER, rows) or [self._lane_hit(in_lane, BROADER)]

    def _exact(self, rows: list[int]) -> list[Hit]:
        """Return rows; of several those that are called as the text says, where some are."""
        if len(rows) > 1 and self._asked.name is not None:
            estate = self._book.estates.find(self._asked.name)
            rows = [row for row in rows if self._book.estate[row] == estate] or rows
        return self._several(EXACT, rows)

    def _several(self, how: str, rows: Sequence[int]) -> list[Hit]:
        return _hits(self._known, how, rows, self._asked.is_near)

    def _lane_hit(self, in_lane: range, how: str) -> Hit:
        if not (self._asked.lanes and in_lane):
            return self._whole(BROADER)
        label = written(Address(self._name, self._asked.lanes))
        return Hit(how, LANE, label, NOTHING, nan, nan, len(in_lane), self._asked.is_near)

    def _whole(self, how: str) -> Hit:
        count = len(self._book.on_road(self._road))
        return Hit(how, ROAD, self._name, NOTHING, nan, nan, count, self._asked.is_near)


def _hits(known: Gazetteer, how: str, rows: Sequence[int], is_near: bool) -> list[Hit]:
    return [known.address_hit(how, row, is_near=is_near) for row in rows[:MOST]]
