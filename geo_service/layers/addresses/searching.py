"""Searching while somebody types: what a text names, and what it may become."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from math import cos, radians

import numpy as np

from geo_service.layers.addresses.book import NOTHING
from geo_service.layers.addresses.fitting import fits_on_road, fitting, plain_place
from geo_service.layers.addresses.gazetteer import Gazetteer
from geo_service.layers.addresses.hit import (
    HOLDING,
    PREFIX,
    RANKS,
    SAME_SOUND,
    Hit,
)
from geo_service.layers.addresses.reading import Reading, Readings, read_addresses, read_plain
from geo_service.layers.addresses.text import plain
from geo_service.layers.addresses.words import Meaning

_LETTERS = re.compile(r"([a-z]+)(.*)")
_SHORT_WORDS = {"n": "弄", "h": "号"}
_SHORT = re.compile(r"(?<=[0-9])[nh](?=[0-9]|$)")
"""Who types gxl88n3h leaves the hands on the letters."""
_WORDS_LOOKED_AT = 40


def named_places(known: Gazetteer, readings: Readings) -> list[Hit]:
    """Return what a text names, best first; what it may become when typed on is left out."""
    plain_one = plain_place(known, readings)
    return [plain_one] if plain_one else _ranked(fitting(known, readings), None)


def found_places(
    known: Gazetteer, text: str, *, limit: int, near: tuple[float, float] | None = None
) -> list[Hit]:
    """Return at most so many things that a text names or may become, best first.

    Of those found alike the nearest to ``near`` (lon, lat; degrees, EPSG:4490) comes first, else
    the shortest.
    """
    readings = read_addresses(text)
    hits = fitting(known, readings)
    piece = next(iter(readings.outside), Reading(plain(text), read_plain(plain(text))))
    typed_on, sounding = _typed_on(known, piece), _sounding(known, piece.text)
    more = chain(typed_on, sounding, _alike(known, piece), _holding(known, piece.text))
    found: dict[tuple[str, str, int, bool], Hit] = {}
    room = max(limit, _WORDS_LOOKED_AT)
    for hit in islice(chain(hits, more), len(hits) + room):
        found.setdefault((hit.kind, hit.label, hit.number, hit.has_point), hit)
    return _ranked(found.values(), near)[:limit]


def _ranked(hits: Iterable[Hit], near: tuple[float, float] | None) -> list[Hit]:
    def order(hit: Hit) -> tuple[int, float, int, str]:
        return RANKS[hit.how], _apart(hit, near), len(hit.label), hit.label

    return sorted(hits, key=order)


def _apart(hit: Hit, near: tuple[float, float] | None) -> float:
    if near is None or not hit.has_point:
        return 0.0 if near is None else 1e9
    lon, lat = near
    return float(np.hypot((hit.lon - lon) * cos(radians(lat)), hit.lat - lat))


def _typed_on(known: Gazetteer, piece: Reading) -> Iterator[Hit]:
    """Yield what begins with a text: names, then lanes and numbers of its road."""
    for position in known.words.beginning(piece.text)[:_WORDS_LOOKED_AT]:
        yield from _meant_at(known, position, PREFIX)
    yield from _numbers_typed_on(known, piece)


def _numbers_typed_on(known: Gazetteer, piece: Reading) -> Iterator[Hit]:
    """Yield the lanes of a road that begin so, or its numbers; in a lane its numbers."""
    address, book = piece.address, known.book
    road = book.roads.find(address.road)
    lane = book.lanes_of(address)
    if road is None or road == NOTHING or lane is None:
        return
    rows = book.in_lane(road, lane) if address.lanes else book.on_road(road)
    begun = address.number or ""
    shown = 0
    for row in rows:
        number = _text(book.numbers.texts, book.number[row])
        lanes = "" if address.lanes else _text(book.lanes.texts, book.lane[row])
        is_asked = not lanes and number == begun
        if (lanes or number).startswith(begun) and not is_asked:
            yield known.address_hit(PREFIX, row)
            shown += 1
        if shown == _WORDS_LOOKED_AT:
            return


def _text(texts: Sequence[str], number: int) -> str:
    return "" if number == NOTHING else texts[number]


def _sounding(known: Gazetteer, text: str) -> Iterator[Hit]:
    """Yield what letters stand for: xfhy, xingfu; digits behind them are of its addresses."""
    typed = _LETTERS.fullmatch(text)
    if typed is None:
        return
    letters, rest = typed[1], _SHORT.sub(lambda found: _SHORT_WORDS[found[0]], typed[2])
    for position, how in known.words.sounding(letters, limit=_WORDS_LOOKED_AT):
        word = known.words.words[position]
        if not rest:
            yield from _meant_at(known, position, how)
            continue
        for hit in fitting(known, read_addresses(word + rest)):
            if hit.is_meant:
                yield hit._replace(how=how)
        piece = Reading(word + rest, read_plain(word + rest))
        yield from (hit._replace(how=how) for hit in _numbers_typed_on(known, piece))


def _alike(known: Gazetteer, piece: Reading) -> Iterator[Hit]:
    """Yield what is spoken like the road or the name of an address and written otherwise."""
    address = piece.address
    if address.road and address.road not in known.book.roads.numbers:
        for position in known.words.sounding_alike(address.road):
            word = known.words.words[position]
            for hit in fits_on_road(known, address._replace(road=word, above="")):
                yield hit._replace(how=SAME_SOUND)
    elif address.name and not address.road and not known.words.meanings(address.name):
        for position in known.words.sounding_alike(address.name):
            yield from _meant_at(known, position, SAME_SOUND)


def _holding(known: Gazetteer, text: str) -> Iterator[Hit]:
    for position in known.words.holding(text, limit=_WORDS_LOOKED_AT):
        yield from _meant_at(known, position, HOLDING)


def _meant_at(known: Gazetteer, position: int, how: str) -> Iterator[Hit]:
    word = known.words.words[position]
    meanings: Sequence[Meaning] = known.words.meanings_at(position)
    for meaning in meanings:
        yield known.meant_by(word, meaning, how)
