"""The registers an office keeps, their fields, and an entry of one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from geo_service.governance.word import Word, names_by_word, word_key

MODES = (
    Word("own", "单独组建", "of its own", ("单独", "单独建", "独立", "独立组建", "单建")),
    Word("joint", "联合组建", "joint", ("联合", "联合建", "联建")),
    Word("attached", "挂靠组建", "attached", ("挂靠", "挂靠建", "依托组建")),
    Word("temporary", "临时", "temporary", ("临时组建", "临时党组织")),
    Word("functional", "功能型", "functional", ("功能", "功能型党组织", "功能性")),
)
"""How an organisation was formed: a closed list, since what counts hangs on it."""

COUNTED_MODES = frozenset({"own", "joint", "attached"})
"""Temporary and functional organisations never count."""

_MODES_BY_WORD = names_by_word(MODES)


def mode_of(text: str) -> str | None:
    """Return the mode that an office's word means; None when nobody knows it."""
    return _MODES_BY_WORD.get(word_key(text))


@dataclass(frozen=True)
class Register:
    """One register: its name, titles, and how each detail of its entries is read.

    ``details`` maps fields to ``text``, ``code``, ``day``, ``past_day``, ``count``, ``flag``,
    ``meters`` or ``mode``; ``needed`` must be told; ``many_areas`` tells whether one entry may
    stand for several areas.
    """

    name: str
    title_zh: str
    title_en: str
    details: Mapping[str, str]
    needed: tuple[str, ...] = ("code", "name", "kind")
    many_areas: bool = False

    def title(self, language: str) -> str:
        """Return the title in ``zh`` or ``en``."""
        return self.title_en if language == "en" else self.title_zh


ORGANISATION = Register(
    "party_organisation",
    "党组织",
    "party organisations",
    {
        "mode": "mode",
        "domain": "text",
        "parent": "code",
        "members": "count",
        "term_end": "day",
        "last_meeting": "past_day",
        "post": "text",
        "duty_phone": "text",
        "premises": "text",
        "is_secretary_vacant": "flag",
    },
    many_areas=True,
)
UNIT = Register(
    "unit",
    "单位",
    "units",
    {
        "party_organisation": "code",
        "mode": "mode",
        "full_members": "count",
        "has_adviser": "flag",
        "adviser_since": "past_day",
        "is_reached_by_mass_organisation": "flag",
        "address": "text",
    },
)
FACILITY = Register(
    "facility",
    "阵地",
    "facilities",
    {
        "organisation": "code",
        "radius_m": "meters",
        "staff": "count",
        "staff_members": "count",
        "has_member_leader": "flag",
        "registered_units": "count",
        "registered_members": "count",
        "duty_phone": "text",
        "address": "text",
    },
)
ASSET = Register("asset", "部件", "assets", {}, needed=("code", "kind"))
LIAISON = Register(
    "liaison",
    "联系人派驻",
    "liaisons",
    {"organisation": "code"},
    needed=("area", "organisation", "founded"),
)
"""A liaison of a parent body for one area, since a day. The area is its key, nobody says who."""

REGISTERS = {each.name: each for each in (ORGANISATION, UNIT, FACILITY, ASSET, LIAISON)}

COMMON = (
    "code",
    "name",
    "kind",
    "layer",
    "areas",
    "x",
    "y",
    "source_frame",
    "founded_s",
    "dissolved_s",
)
"""The fields of Entry that every register has; the others are in ``details``."""


class Entry(NamedTuple):
    """One entry of a register as it is known from a moment on.

    ``from_s`` is when these facts begin to apply, None while nobody said; ``founded_s`` and
    ``dissolved_s`` are when the thing itself came and went (seconds since 1970 UTC, midnights in
    Asia/Shanghai). ``areas`` are codes in ``layer`` as ``edition`` had them; ``x`` and ``y`` stand
    in ``source_frame`` as told, ``lon`` and ``lat`` are the same place in EPSG:4490 degrees.
    """

    register: str
    code: str
    name: str
    kind: str
    from_s: int | None = None
    layer: str | None = None
    areas: tuple[str, ...] = ()
    edition: int | None = None
    x: float | None = None
    y: float | None = None
    source_frame: str | None = None
    lon: float | None = None
    lat: float | None = None
    founded_s: int | None = None
    dissolved_s: int | None = None
    details: Mapping[str, Any] = {}

    @property
    def told(self) -> tuple[Any, ...]:
        """Everything the office says of it, to compare; not since when, nor what we made of it."""
        own = tuple(sorted((k, v) for k, v in self.details.items() if v is not None))
        return (*(getattr(self, name) for name in COMMON), own)

    def exists(self, at_s: float) -> bool:
        """Tell whether it was there at a moment: founded by then, not dissolved yet."""
        return (self.founded_s is None or self.founded_s <= at_s) and (
            self.dissolved_s is None or at_s < self.dissolved_s
        )


class Activity(NamedTuple):
    """One recorded activity of an organisation: a kind of the profile's, on a day."""

    organisation: str
    kind: str
    held_on_s: int
