"""Party organisations that stand for areas, from the street down."""

from dataclasses import dataclass, field

from geo_service.demo.organisations.departures import (
    BLANK,
    FUNCTIONAL,
    JOINT,
    LINKED,
    OWN,
    TEMPORARY,
    Departures,
    departing,
)
from geo_service.demo.organisations.street import Area, Row, Street

_LATE_DAYS = (30, 110, 250)
"""How long ago the bodies of some areas were founded that had none before."""
_LOST_DAYS, _LINKED_DAYS = 90, 80
_TEMPORARY_DAYS = 160
_VACANT = 23
_SECOND = ("group", "{area}第二党小组")
_GROUP_MEMBERS = (3, 14)
_COMMITTEES = ("working_committee", "committee")
_OVERDUE_COMMITTEE = 7
_ACTIVE, _OVERDUE = (5, 80), (130, 300)


@dataclass(frozen=True)
class LevelPlan:
    """The bodies of one level: kinds with how they are called, in turns; founded when; how large.

    ``post`` is what a body's offices are, never who holds them. Members are counted where they are
    registered, so no sum counts anybody twice: committees above branches have none.
    """

    layer: str
    kinds: tuple[tuple[str, str], ...]
    founded: tuple[str, str]
    post: str
    domain: str = "区域"
    members: tuple[int, int] | None = None
    departures: Departures = field(default_factory=Departures)


@dataclass
class Ladder:
    """The organisations of all levels, dissolved ones among them, and liaisons.

    ``body_of`` has the code of an area's body by the area's code.
    """

    organisations: list[Row] = field(default_factory=list)
    liaisons: list[Row] = field(default_factory=list)
    body_of: dict[str, str] = field(default_factory=dict)


def ladder(street: Street, plans: tuple[LevelPlan, ...]) -> Ladder:
    """Return the bodies of every level, parents before children."""
    made = Ladder()
    for plan in plans:
        _Level(street, plan, made).build()
    return made


def body_above(street: Street, made: Ladder, area: Area) -> str | None:
    """Return the code of the nearest body of an area: its own, or one above; None without any."""
    codes = (made.body_of.get(each.code) for each in street.above(area))
    return next((code for code in codes if code is not None), None)


class _Level:
    """One level being filled."""

    def __init__(self, street: Street, plan: LevelPlan, made: Ladder) -> None:
        self._street = street
        self._plan = plan
        self._made = made
        self._turn = 0

    def build(self) -> None:
        wanted = self._plan.departures
        groups = departing(self._street, self._plan.layer, wanted)
        others = {area.code for group in groups.values() for each in group for area in each}
        own = [each for each in self._street.areas(self._plan.layer) if each.code not in others]
        self._add_own(own, wanted.late)
        for mode in (JOINT, TEMPORARY, FUNCTIONAL):
            for areas in groups[mode]:
                self._add(areas, mode=mode)
        for areas in groups[LINKED][:1] + groups[BLANK][-1:]:
            self._add(areas, dissolved=self._street.days_ago(_LOST_DAYS))
        self._link([area for [area] in groups[LINKED]])
        largest = sorted(own, key=lambda area: -self._street.households[area.code])
        for area in largest[: wanted.doubled]:
            self._add([area], is_second=True)

    def _add_own(self, areas: list[Area], late: int) -> None:
        """Add a body for each area; so many of them, far from each other, were founded lately."""
        lately = areas[:: max(len(areas) // len(_LATE_DAYS), 1)][:late]
        days = dict(zip([area.code for area in lately], _LATE_DAYS, strict=False))
        for area in areas:
            is_late = area.code in days
            self._add([area], founded=self._street.days_ago(days[area.code]) if is_late else None)

    def _add(
        self,
        areas: list[Area],
        *,
        mode: str = OWN,
        founded: str | None = None,
        dissolved: str | None = None,
        is_second: bool = False,
    ) -> None:
        """Add one body; it has its seat at a building of its first area."""
        kinds = self._plan.kinds
        kind, called = _SECOND if is_second else kinds[self._turn % len(kinds)]
        kind = kind if mode == OWN else "branch"
        code = f"{areas[0].code}-P{2 if is_second else ''}"
        codes = [area.code for area in areas]
        self._made.organisations.append(
            {
                "code": code,
                "name": _name(areas, called, mode),
                "kind": kind,
                "mode": mode,
                "layer": self._plan.layer,
                "area": codes,
                "founded": founded or self._founded(mode),
                "dissolved": dissolved,
                "term_end": None if mode == TEMPORARY else self._street.term_end(self._turn),
                **self._told(areas[0], kind, mode),
            }
        )
        if dissolved is not None:
            self._made.organisations[-1]["last_meeting"] = None
        self._turn += 1
        if mode in {OWN, JOINT} and dissolved is None and not is_second:
            self._made.body_of |= dict.fromkeys(codes, code)

    def _told(self, area: Area, kind: str, mode: str) -> Row:
        """Return what else a body of an area tells of itself."""
        place, address = self._street.site(area)
        return {
            "domain": self._plan.domain,
            "parent": self._parent(area),
            "members": self._members(kind, mode),
            "last_meeting": self._last_meeting(kind),
            "is_secretary_vacant": self._turn % _VACANT == _VACANT - 1,
            "post": self._plan.post,
            "duty_phone": self._street.phone(),
            "premises": address,
            **place,
        }

    def _parent(self, area: Area) -> str | None:
        above = self._street.above(area)[1:]
        return body_above(self._street, self._made, above[0]) if above else None

    def _founded(self, mode: str) -> str:
        lately = mode == TEMPORARY
        return (
            self._street.days_ago(_TEMPORARY_DAYS)
            if lately
            else self._street.day(self._plan.founded)
        )

    def _members(self, kind: str, mode: str) -> int | None:
        """Return how many are registered there: nobody in temporary and functional ones."""
        if self._plan.members is None or mode not in {OWN, JOINT}:
            return None
        return self._street.number(_GROUP_MEMBERS if kind == "group" else self._plan.members)

    def _last_meeting(self, kind: str) -> str | None:
        """Return what committees tell of themselves; other bodies record their activities."""
        if kind not in _COMMITTEES:
            return None
        is_overdue = self._turn % _OVERDUE_COMMITTEE == _OVERDUE_COMMITTEE - 1
        return self._street.days_ago(self._street.number(_OVERDUE if is_overdue else _ACTIVE))

    def _link(self, areas: list[Area]) -> None:
        for turn, area in enumerate(areas):
            self._made.liaisons.append(
                {
                    "layer": area.layer,
                    "area": area.code,
                    "organisation": self._parent(area),
                    "founded": self._street.days_ago(_LINKED_DAYS + 100 * turn),
                }
            )


def _name(areas: list[Area], called: str, mode: str) -> str:
    if mode == JOINT:
        return "、".join(area.name for area in areas) + "联合党支部"
    if mode in {TEMPORARY, FUNCTIONAL}:
        return f"{areas[0].name}{'临时' if mode == TEMPORARY else '功能型'}党支部"
    return called.format(area=areas[0].name)
