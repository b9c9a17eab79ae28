"""Units at their buildings, each in one of the situations that coverage tells apart."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from geo_service.demo.organisations.bodies import Ladder, body_above
from geo_service.demo.organisations.departures import FUNCTIONAL, JOINT, OWN
from geo_service.demo.organisations.street import Area, Row, Street

ATTACHED = "attached"
_UNITS_FOUNDED = ("2010-01-01", "2020-12-31")
_THEIR_ORGANISATIONS_FOUNDED = ("2021-01-01", "2024-12-31")
_ADVISED_SINCE = ("2021-01-01", "2024-12-31")


@dataclass(frozen=True)
class Situation:
    """What is known of a unit: full members (None: nobody knows), and what reaches it.

    ``forms`` is the mode of the organisation that is registered with it; ``told_mode`` that of one
    registered elsewhere. The others tell days before the end: since when it has an adviser, when it
    was founded or dissolved, or its organisation was (None: longer ago, or never).
    """

    full_members: tuple[int, int] | None = None
    forms: str | None = None
    told_mode: str | None = None
    has_adviser: bool = False
    advised_days: int | None = None
    is_reached_by_mass_organisation: bool = False
    formed_days: int | None = None
    founded_days: int | None = None
    dissolved_days: int | None = None


SITUATIONS = {
    "own": Situation((3, 24), forms=OWN),
    "formed lately": Situation((3, 9), forms=OWN, formed_days=75),
    "joint": Situation((1, 4), forms=JOINT),
    "attached": Situation((1, 2), forms=ATTACHED),
    "elsewhere": Situation((4, 60), told_mode=OWN),
    "functional": Situation((3, 5), forms=FUNCTIONAL),
    "advised": Situation((0, 2), has_adviser=True),
    "advised lately": Situation((0, 2), has_adviser=True, advised_days=40),
    "mass": Situation((0, 2), is_reached_by_mass_organisation=True),
    "due": Situation((3, 8)),
    "due, advised": Situation((3, 6), has_adviser=True),
    "few": Situation((0, 2)),
    "unknown": Situation(None),
    "new": Situation((0, 2), founded_days=55),
    "gone": Situation((0, 2), dissolved_days=65),
}
"""Every class of cover and duty: built, due (3 full members or more), not due, unknown."""


@dataclass(frozen=True)
class UnitPlan:
    """``count`` units of a kind, one after another in the areas of a layer from the ``first`` on.

    ``names`` (with ``{area}`` and ``{word}``) and ``situations`` are taken in turns; units that
    were dissolved by the end do not count.
    """

    kind: str
    layer: str
    count: int
    names: tuple[str, ...]
    situations: tuple[str, ...]
    first: int = 0
    domain: str = "两新"
    is_at_work: bool = False


@dataclass(frozen=True)
class Units:
    """Units and the organisations that are registered with them."""

    units: list[Row]
    organisations: list[Row]


def units(
    street: Street,
    made: Ladder,
    plans: tuple[UnitPlan, ...],
    *,
    joint_layer: str,
    home_layer: str = "community",
) -> Units:
    """Return all units; those that share an organisation do so within areas of ``joint_layer``.

    They are numbered in the areas of ``home_layer``, whose bodies their organisations are under.
    """
    found = Units([], [])
    joint: dict[Area, list[Row]] = defaultdict(list)
    numbers: dict[str, int] = defaultdict(int)
    for plan in plans:
        for area, name, situation in _drawn(street, plan):
            community = _on(street, area, home_layer)
            numbers[community.code] += 1
            code = f"{community.code}-U{numbers[community.code]:03d}"
            unit = _unit(street, plan, area, situation, {"code": code, "name": name})
            found.units.append(unit)
            if situation.forms == JOINT:
                joint[_on(street, area, joint_layer)].append(unit)
            elif situation.forms is not None:
                parent = body_above(street, made, community)
                found.organisations.append(_formed(street, unit, situation, plan.domain, parent))
    for area, members in joint.items():
        parent = body_above(street, made, area)
        found.organisations.append(_joint(street, area, members, parent))
    return found


def _drawn(street: Street, plan: UnitPlan) -> Iterator[tuple[Area, str, Situation]]:
    """Yield the area, the name and the situation of each unit of a plan."""
    areas = street.areas(plan.layer)
    drawn = street.words(2 * (plan.count + len(plan.situations)))
    turn = standing = 0
    while standing < plan.count:
        area = areas[(plan.first + turn) % len(areas)]
        word = turn + turn // len(areas)  # so that words, areas and names do not come in step
        name = plan.names[turn % len(plan.names)].format(area=area.name, word=drawn[word])
        situation = SITUATIONS[plan.situations[turn % len(plan.situations)]]
        yield area, name, situation
        turn += 1
        standing += situation.dissolved_days is None


def _unit(street: Street, plan: UnitPlan, area: Area, found: Situation, named: Row) -> Row:
    place, address = street.site(area, at_work=plan.is_at_work)
    members = found.full_members
    return {
        **named,
        "kind": plan.kind,
        "mode": found.told_mode,
        "full_members": None if members is None else street.number(members),
        "has_adviser": found.has_adviser or None,
        "adviser_since": _advised_since(street, found),
        "is_reached_by_mass_organisation": found.is_reached_by_mass_organisation or None,
        "founded": _ago(street, found.founded_days) or street.day(_UNITS_FOUNDED),
        "dissolved": _ago(street, found.dissolved_days),
        "address": address,
        **place,
    }


def _advised_since(street: Street, found: Situation) -> str | None:
    if not found.has_adviser:
        return None
    return _ago(street, found.advised_days) or street.day(_ADVISED_SINCE)


def _ago(street: Street, days: int | None) -> str | None:
    return None if days is None else street.days_ago(days)


def _formed(street: Street, unit: Row, found: Situation, domain: str, parent: str | None) -> Row:
    """Return the organisation of one unit, and name it in the unit.

    A unit is told no mode: it is covered only while its organisation stands.
    """
    is_small = found.forms == ATTACHED
    called = {FUNCTIONAL: "功能型党支部", ATTACHED: "党小组"}.get(str(found.forms), "党支部")
    row = {
        "code": f"{unit['code']}-P",
        "name": unit["name"] + called,
        "kind": "group" if is_small else "branch",
        "members": None if found.forms == FUNCTIONAL else unit["full_members"],
        "founded": _ago(street, found.formed_days),
    }
    unit["party_organisation"] = row["code"]
    return _seated(street, unit, row, mode=str(found.forms), domain=domain, parent=parent)


def _joint(street: Street, area: Area, members: list[Row], parent: str | None) -> Row:
    """Return the organisation that several units share: each member is counted in it once."""
    row: dict[str, Any] = {
        "code": f"{area.code}-J",
        "name": f"{area.name}商圈联合党支部",
        "kind": "branch",
        "members": sum(unit["full_members"] for unit in members),
    }
    for unit in members:
        unit["party_organisation"] = row["code"]
    return _seated(street, members[0], row, mode=JOINT, domain="商圈", parent=parent)


def _seated(
    street: Street, unit: Row, row: Row, *, mode: str, domain: str, parent: str | None
) -> Row:
    """Complete an organisation that has its seat at a unit."""
    turn = street.number((0, 18))
    founded = row.get("founded") or street.day(_THEIR_ORGANISATIONS_FOUNDED)
    return {
        **row,
        "mode": mode,
        "domain": domain,
        "parent": parent,
        "founded": founded,
        "term_end": street.term_end(turn),
        "premises": unit["address"],
        **{field: unit[field] for field in ("x", "y", "frame")},
    }


def _on(street: Street, area: Area, layer: str) -> Area:
    return next(each for each in street.above(area) if each.layer == layer)
