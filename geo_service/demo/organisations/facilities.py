"""Sites that serve: stations and centers of areas, others at their places, and city components.

Of the stations of the N street 48 are printed, 45 leaders who are party members, 185 organisations
of co-building units and 1,044 in-service members registered with them, and 202 members among their
staff; 502 in all is derived (202 are 40.2 % of 502 or 503). How the totals split is synthetic.
"""

from dataclasses import dataclass

import numpy as np

from geo_service.demo.land.columns import Integers
from geo_service.demo.land.groups import apportion
from geo_service.demo.organisations.bodies import Ladder, body_above
from geo_service.demo.organisations.street import FRAME, Row, Street
from geo_service.demo.scatter import beside_roads

STATIONS_LED_BY_MEMBERS = 45
STATION_STAFF, LEAST_STAFF, MOST_STAFF = 502, 7, 13
STATION_STAFF_MEMBERS = 202
REGISTERED_UNITS, REGISTERED_MEMBERS = 185, 1044
_STATIONS_FOUNDED = ("2015-03-01", "2018-05-31")
_SITES_FOUNDED = ("2016-01-01", "2024-12-31")
_NEW_DAYS, _GONE_DAYS = 70, 45
_COMPONENTS = ("井盖", "路灯", "消火栓", "公交站亭", "垃圾箱房", "健身器材")
_COMPONENTS_EACH = 40


@dataclass(frozen=True)
class SitePlan:
    """``count`` sites of a kind at buildings all over the street; ``called`` with ``{word}``."""

    kind: str
    called: str
    count: int


def stations(street: Street, made: Ladder, layer: str) -> list[Row]:
    """Return a self-help station for each area of a layer, printed totals shared out by chance."""
    areas = street.areas(layer)
    counts = _station_counts(street, len(areas))
    led = set(street.rng.permutation(len(areas))[:STATIONS_LED_BY_MEMBERS].tolist())
    found = []
    for i, area in enumerate(areas):
        place, address = street.site(area)
        found.append(
            {
                "code": f"{area.code}-F",
                "name": f"{area.name}自治互助站",
                "kind": "self_help_station",
                "layer": layer,
                "area": area.code,
                "organisation": body_above(street, made, area),
                "has_member_leader": i in led,
                **{field: int(values[i]) for field, values in counts.items()},
                "duty_phone": street.phone(),
                "founded": street.day(_STATIONS_FOUNDED),
                "address": address,
                **place,
            }
        )
    return found


def _station_counts(street: Street, count: int) -> dict[str, Integers]:
    def share(total: int, wish: Integers, least: int, most: Integers) -> Integers:
        return apportion(total, wish.astype(float), least=least, most=most)

    rng, ones = street.rng, np.ones(count, dtype=np.int64)
    staff = share(STATION_STAFF, rng.integers(70, 131, count), LEAST_STAFF, MOST_STAFF * ones)
    units = share(REGISTERED_UNITS, rng.integers(1, 80, count), 1, REGISTERED_UNITS * ones)
    each = rng.integers(1, 10, count)
    return {
        "staff": staff,
        "staff_members": share(STATION_STAFF_MEMBERS, rng.integers(2, 8, count), 1, staff - 1),
        "registered_units": units,
        "registered_members": share(REGISTERED_MEMBERS, units * each, 1, REGISTERED_MEMBERS * ones),
    }


def centers(street: Street, made: Ladder, layer: str, called: str) -> list[Row]:
    """Return a service center for each area of a layer."""
    found = []
    for area in street.areas(layer):
        place, address = street.site(area)
        found.append(
            {
                "code": f"{area.code}-F",
                "name": f"{area.name}{called}",
                "kind": "service_center",
                "layer": layer,
                "area": area.code,
                "organisation": body_above(street, made, area),
                "duty_phone": street.phone(),
                "founded": street.day(_SITES_FOUNDED),
                "address": address,
                **place,
            }
        )
    return found


def other_sites(street: Street, made: Ladder, plans: tuple[SitePlan, ...]) -> list[Row]:
    """Return sites known by their place; the first is new, and one more is gone by the end."""
    root = street.root
    wanted = [plan for plan in plans for _ in range(plan.count)]
    drawn = street.words(len(wanted) + 1)
    found: list[Row] = []
    for number, plan in enumerate([*wanted, wanted[-1]], 1):
        place, address = street.site(root)
        is_gone = number > len(wanted)
        found.append(
            {
                "code": f"{root.code}-F{number:03d}",
                "name": plan.called.format(word=drawn[number - 1]),
                "kind": plan.kind,
                "organisation": body_above(street, made, root),
                "founded": street.days_ago(_NEW_DAYS)
                if number == 1
                else street.day(_SITES_FOUNDED),
                "dissolved": street.days_ago(_GONE_DAYS) if is_gone else None,
                "address": address,
                **place,
            }
        )
    return found


def assets(street: Street) -> list[Row]:
    """Return city components beside roads, 40 of each of six kinds."""
    kinds = [kind for kind in _COMPONENTS for _ in range(_COMPONENTS_EACH)]
    places = beside_roads(street.city, street.places(len(kinds)), rng=street.rng).tolist()
    return [
        {
            "code": f"{street.root.code}-A{number:04d}",
            "name": f"示例{kind}{number}",
            "kind": kind,
            "founded": street.day(_SITES_FOUNDED),
            "x": x,
            "y": y,
            "frame": FRAME,
        }
        for number, (kind, (x, y)) in enumerate(zip(kinds, places, strict=True), 1)
    ]
