"""The registers of the two demo streets from a seed: printed counts, fictional everything else.

Where they are printed, counts are those of the day asked for; what was dissolved in the year before
comes on top, so that two days differ. See ``plans``, ``departures`` and ``facilities`` for what is
printed and what is assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from geo_service.demo.city import City
from geo_service.demo.organisations import plans
from geo_service.demo.organisations.activities import activities
from geo_service.demo.organisations.bodies import ladder
from geo_service.demo.organisations.building_groups import building_groups
from geo_service.demo.organisations.departures import FUNCTIONAL, OWN
from geo_service.demo.organisations.facilities import assets, centers, other_sites, stations
from geo_service.demo.organisations.street import Row, Street
from geo_service.demo.organisations.units import units


@dataclass(frozen=True)
class DemoRegisters:
    """The rows of every register as cells, field → value, and what organisations held.

    Organisations stand parents before children; coordinates are degrees in EPSG:4490, days texts
    such as 2026-01-05. Codes begin with 999 and nothing names a person.
    """

    party_organisations: list[Row]
    units: list[Row]
    facilities: list[Row]
    liaisons: list[Row]
    assets: list[Row]
    activities: list[Row]

    @property
    def entries(self) -> Mapping[str, list[Row]]:
        """The rows by register, what others name first."""
        return {
            "party_organisation": self.party_organisations,
            "unit": self.units,
            "facility": self.facilities,
            "liaison": self.liaisons,
            "asset": self.assets,
        }


def n_street_registers(city: City, *, seed: int, until: date) -> DemoRegisters:
    """Return the registers of the N street; ``until`` is the first day after all that happened."""
    street = Street(city, seed=seed, until=until)
    made = ladder(street, plans.N_LEVELS)
    groups = building_groups(
        street, made, kind="group", mode=OWN, called="楼道党小组", post="楼道党小组组长（楼组长）×1"
    )
    found = units(street, made, plans.N_UNITS, joint_layer="community")
    organisations = [*made.organisations, *groups, *found.organisations]
    return DemoRegisters(
        party_organisations=organisations,
        units=found.units,
        facilities=[
            *centers(street, made, "street", "党群服务中心"),
            *centers(street, made, "community", "党群服务站"),
            *stations(street, made, "estate"),
            *other_sites(street, made, plans.N_SITES),
        ],
        liaisons=made.liaisons,
        assets=assets(street),
        activities=activities(street, organisations),
    )


def x_street_registers(city: City, *, seed: int, until: date) -> DemoRegisters:
    """Return the registers of the X street; ``until`` is the first day after all that happened."""
    street = Street(city, seed=seed, until=until)
    made = ladder(street, plans.X_LEVELS)
    groups = building_groups(
        street,
        made,
        kind="branch",
        mode=FUNCTIONAL,
        called="楼栋功能型党支部",
        post="楼栋党支部书记（楼组长）×1，第二楼组长×1",
    )
    found = units(street, made, plans.X_UNITS, joint_layer="subarea")
    organisations = [*made.organisations, *groups, *found.organisations]
    return DemoRegisters(
        party_organisations=organisations,
        units=found.units,
        facilities=[
            *centers(street, made, "subarea", "党群服务中心"),
            *centers(street, made, "community", "党群服务站"),
            *other_sites(street, made, plans.X_SITES),
        ],
        liaisons=made.liaisons,
        assets=assets(street),
        activities=activities(street, organisations),
    )
