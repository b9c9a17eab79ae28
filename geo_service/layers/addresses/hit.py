"""What a text may name: known places, each with how it was found; and whether one is meant."""

from collections.abc import Sequence
from math import isnan
from typing import NamedTuple

from geo_service.layers.addresses.book import NOTHING

EXACT, NAME, CROSSING, ALIAS, STRETCH = "exact", "name", "crossing", "alias", "stretch"
AREA, BROADER, NARROWER = "area", "broader", "narrower"
AS_NUMBER, WITHOUT_ROAD = "building_as_number", "without_road"
PREFIX, INITIALS, PINYIN, SAME_SOUND, HOLDING = (
    "prefix",
    "initials",
    "pinyin",
    "same_sound",
    "contains",
)

RANKS = {
    EXACT: 0,
    NAME: 0,
    CROSSING: 0,
    ALIAS: 1,
    STRETCH: 1,
    AREA: 2,
    NARROWER: 3,
    BROADER: 3,
    AS_NUMBER: 3,
    WITHOUT_ROAD: 4,
    PREFIX: 5,
    INITIALS: 6,
    PINYIN: 6,
    SAME_SOUND: 7,
    HOLDING: 8,
}
MEANT = frozenset({EXACT, NAME, CROSSING, ALIAS, STRETCH})
"""Found in one of these ways, a place is the one that the text names."""

ADDRESS, LANE, ESTATE, ROAD, FACILITY, AREA_NAME, JUNCTION = (
    "address",
    "lane",
    "estate",
    "road",
    "facility",
    "area",
    "crossing",
)

ONE, SEVERAL, NEAR, NO_POINT, INCOMPLETE, UNKNOWN = (
    "one",
    "several",
    "near",
    "no_point",
    "incomplete",
    "unknown",
)
_SAME_DEGREES = 1e-5
"""About a meter: two lists that hold one place do not make two of it."""


class Hit(NamedTuple):
    """One thing that a text may name.

    ``number`` is its position among what is of its ``kind``: of an address the place's, of a lane,
    an estate or a road NOTHING. ``addresses`` is how many it holds. ``lon`` and ``lat`` are
    NaN where it has no point of its own. ``is_near`` tells that the text names a place beside it.
    """

    how: str
    kind: str
    label: str
    number: int
    lon: float
    lat: float
    addresses: int = 1
    is_near: bool = False

    @property
    def has_point(self) -> bool:
        """Whether it has a point of its own."""
        return not isnan(self.lon)

    @property
    def is_meant(self) -> bool:
        """Whether the text names this very thing."""
        return self.how in MEANT


class Decision(NamedTuple):
    """Whether a text names one place: that ``hit`` where ``why`` is ONE, else None.

    SEVERAL places fit equally; one fits but the text says NEAR it, or nobody knows its point
    (NO_POINT); only more or less than the text says is known (INCOMPLETE), or nothing (UNKNOWN).
    """

    why: str
    hit: Hit | None = None


def decided(hits: Sequence[Hit]) -> Decision:
    """Return whether hits mean one place."""
    meant = [hit for hit in hits if hit.is_meant]
    if not meant:
        return Decision(INCOMPLETE if hits else UNKNOWN)
    first = meant[0]
    if len(meant) > 1 and not all(_is_same(first, other) for other in meant):
        return Decision(SEVERAL)
    if all(hit.is_near for hit in meant):
        return Decision(NEAR)
    return Decision(ONE, first) if first.has_point else Decision(NO_POINT)


def _is_same(one: Hit, other: Hit) -> bool:
    if one.kind == other.kind and one.number == other.number != NOTHING:
        return True
    apart = max(abs(one.lon - other.lon), abs(one.lat - other.lat))
    return apart <= _SAME_DEGREES  # false for NaN
