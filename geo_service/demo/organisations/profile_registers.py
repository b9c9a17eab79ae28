"""The registers of a place for any profile: bodies where the profile wants them, units, sites.

How many there are is an assumption; every class of coverage shows where there are areas enough.
"""

from dataclasses import replace
from datetime import date

from geo_service.demo.city import City, community_level
from geo_service.demo.organisations import plans
from geo_service.demo.organisations.activities import activities
from geo_service.demo.organisations.bodies import LevelPlan, ladder
from geo_service.demo.organisations.building_groups import building_groups
from geo_service.demo.organisations.departures import OWN, Departures
from geo_service.demo.organisations.facilities import SitePlan, assets, centers, other_sites
from geo_service.demo.organisations.registers import DemoRegisters
from geo_service.demo.organisations.street import Street
from geo_service.demo.organisations.units import UnitPlan, units
from geo_service.governance.organisations.rules import OrganisationRules

_FOUNDED = (
    ("2010-01-01", "2010-12-31"),
    ("2011-01-01", "2014-12-31"),
    ("2013-01-01", "2018-12-31"),
    ("2019-01-01", "2023-12-31"),
)
_MEMBERS = (4, 36)
_MANY, _SOME, _FEW = 12, 7, 2
"""From so many parents on a level may depart from the rule in so many ways."""
_UNITS_EACH = {
    "property_company": 2,
    "owners_committee": 2,
    "property_committee": 1,
    "social_organisation": 1,
    "resident_unit": 2,
    "private_enterprise": 6,
    "mass_organisation": 1,
}
_SITES = {"rider_station": "骑士驿站", "party_post": "党建阵地", "deliberation_hall": "议事厅"}
_SITES_EACH = 4
_POST = "书记×1"


def profile_registers(
    city: City, rules: OrganisationRules, *, seed: int, until: date
) -> DemoRegisters:
    """Return the registers that go with a profile's rules.

    Every layer that the rules give bodies has them, the deepest with gaps that a map can show.
    Units and sites are of the usual kinds that the rules know. ``until`` is the first day after
    all that happened.
    """
    street = Street(city, seed=seed, until=until)
    layers = list(city.boundaries)
    home = layers[community_level(layers)]
    made = ladder(street, _level_plans(street, rules))
    groups = []
    if "group" in {kind.name for kind in rules.party_kinds}:
        groups = building_groups(
            street, made, kind="group", mode=OWN, called="楼道党小组", post="楼道党小组组长×1"
        )
    found = units(
        street,
        made,
        _unit_plans(rules, home, len(street.areas(home))),
        joint_layer=home,
        home_layer=home,
    )
    organisations = [*made.organisations, *groups, *found.organisations]
    kinds = {kind.name for kind in rules.facility_kinds}
    sites = tuple(
        SitePlan(kind, f"示例{{word}}{called}", _SITES_EACH)
        for kind, called in _SITES.items()
        if kind in kinds
    )
    centered = centers(street, made, home, "党群服务站") if "service_center" in kinds else []
    return DemoRegisters(
        party_organisations=organisations,
        units=found.units,
        facilities=[*centered, *(other_sites(street, made, sites) if sites else ())],
        liaisons=made.liaisons,
        assets=assets(street),
        activities=activities(street, organisations),
    )


def _level_plans(street: Street, rules: OrganisationRules) -> tuple[LevelPlan, ...]:
    """Return a plan for each layer that has bodies, root first, overlays last."""
    titles = {kind.name: kind.title_zh for kind in rules.party_kinds}
    governed = [layer for layer in street.levels if rules.bodies.get(layer)]
    nested = [layer for layer in governed if layer in street.city.boundaries]
    return tuple(
        LevelPlan(
            layer,
            tuple((kind, f"{{area}}{titles[kind]}") for kind in rules.bodies[layer][:2]),
            _FOUNDED[min(depth, len(_FOUNDED) - 1)],
            _POST,
            members=_MEMBERS if layer == nested[-1] else None,
            departures=_departures(street, layer) if layer not in nested[:-1] else Departures(),
        )
        for depth, layer in enumerate(governed)
        if nested
    )


def _departures(street: Street, layer: str) -> Departures:
    """Return how a level departs from the rule, each area of it under another parent."""
    parents = len({area.parent for area in street.areas(layer)})
    if parents >= _MANY:
        return Departures(joint=2, temporary=1, functional=2, linked=2, blank=2, late=3)
    if parents >= _SOME:
        return Departures(joint=1, temporary=1, functional=1, linked=1, blank=1, late=2)
    return Departures(linked=1, blank=1) if parents >= _FEW else Departures()


def _unit_plans(rules: OrganisationRules, home: str, homes: int) -> tuple[UnitPlan, ...]:
    """Return the plans of the X street for the kinds that the rules know, sized to a place."""
    known = {kind.name for kind in rules.unit_kinds}
    return tuple(
        replace(plan, layer=home, count=_UNITS_EACH[plan.kind] * homes)
        for plan in plans.X_UNITS
        if plan.kind in known
    )
