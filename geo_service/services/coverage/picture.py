"""All registers as of one moment, placed on the edition of that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.moment import SHANGHAI
from geo_service.governance.organisations.coverage import (
    AreaState,
    Bindings,
    Life,
    UnitCover,
    unit_duties,
)
from geo_service.governance.organisations.membership import ToldMembership, told_membership
from geo_service.governance.organisations.register import COUNTED_MODES, Entry
from geo_service.governance.organisations.rules import OrganisationRules
from geo_service.layers.edition import Edition
from geo_service.layers.locator import Locator
from geo_service.services.coverage.placement import Placement
from geo_service.services.organisations.cells import small_counts
from geo_service.services.workspaces import Workspace
from geo_service.storage import registers
from geo_service.storage.databases import Transaction

_DAY_S = 86_400
_AHEAD_S = 8 * 3600
_OF_NO_GROUND = (
    *("organisation_at", "is_counted", "membership"),
    *("life", "last_meetings_s", "unit_states"),
)


@dataclass(frozen=True, eq=False)
class Picture:
    """All registers as of one moment, placed on the edition of that moment.

    Lists hold what exists then; ``absent`` are codes that units name of organisations that are
    registered and do not exist then. ``life`` (Life) is by organisation's position.
    """

    as_of_s: float
    known_at_s: float
    edition: Edition
    locator: Locator
    rules: OrganisationRules
    organisations: list[Entry]
    absent: frozenset[str]
    units: list[Entry]
    facilities: list[Entry]
    liaisons: list[Entry]
    last_s: Mapping[str, int]

    def on_ground(self, edition: Edition, locator: Locator) -> "Picture":
        """Return the same entries on other ground; what no ground tells of them is shared."""
        found = replace(self, edition=edition, locator=locator)
        vars(found).update({name: getattr(self, name) for name in _OF_NO_GROUND})
        return found

    @property
    def day(self) -> date:
        """The day in Asia/Shanghai that counts are of."""
        return datetime.fromtimestamp(self.as_of_s, UTC).astimezone(SHANGHAI).date()

    @cached_property
    def organisation_at(self) -> Mapping[str, int]:
        """Where each organisation stands in the list."""
        return {entry.code: i for i, entry in enumerate(self.organisations)}

    @cached_property
    def is_counted(self) -> NDArray[np.bool_]:
        """Which organisations count; temporary and functional ones never do."""
        modes = [entry.details.get("mode", "own") for entry in self.organisations]
        return np.array([mode in COUNTED_MODES for mode in modes], dtype=bool)

    @cached_property
    def membership(self) -> ToldMembership:
        """Where members are registered; what does not count tells none."""
        at = self.organisation_at
        above = [at.get(entry.details.get("parent") or "", -1) for entry in self.organisations]
        told = [entry.details.get("members", -1) for entry in self.organisations]
        return told_membership(
            np.where(self.is_counted, np.array(told, dtype=np.int64), -1),
            np.array(above, dtype=np.int64),
            small=small_counts("members", self.rules.limits),
        )

    @cached_property
    def placed_organisations(self) -> Placement:
        """Where organisations stand for areas, and where they sit."""
        return Placement(self.locator, self.organisations)

    @cached_property
    def placed_units(self) -> Placement:
        """Where units are."""
        return Placement(self.locator, self.units)

    @cached_property
    def placed_facilities(self) -> Placement:
        """Where sites are."""
        return Placement(self.locator, self.facilities)

    @cached_property
    def life(self) -> NDArray[np.int8]:
        """What is recorded of each organisation: ACTIVE, OVERDUE or UNKNOWN."""
        oldest_day = day_number(self.as_of_s) - self.rules.limits.active_days
        last_s = self.last_meetings_s
        found = np.where(last_s >= oldest_day * _DAY_S - _AHEAD_S, Life.ACTIVE, Life.OVERDUE)
        return np.where(np.isnan(last_s), Life.UNKNOWN, found).astype(np.int8)

    @cached_property
    def last_meetings_s(self) -> NDArray[np.float64]:
        """When each organisation last proved life, as recorded or as its entry says; NaN: never."""
        told = [entry.details.get("last_meeting") for entry in self.organisations]
        told_s = np.array(told, dtype=float)
        told_s[told_s > self.as_of_s] = np.nan
        recorded = [self.last_s.get(entry.code) for entry in self.organisations]
        return np.asarray(np.fmax(told_s, np.array(recorded, dtype=float)))

    @cached_property
    def unit_states(self) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int8]]:
        """The cover, the duty, and the life of its organisation (-1 for none) of each unit."""
        found = [self._cover(unit) for unit in self.units]
        cover = np.array([each[0] for each in found], dtype=np.int8)
        life = np.array([each[1] for each in found], dtype=np.int8)
        members = np.array(
            [unit.details.get("full_members", np.nan) for unit in self.units], dtype=float
        )
        duty = unit_duties(
            cover == UnitCover.ORG, members, least_members=self.rules.limits.least_members
        )
        return cover, duty, life

    def _cover(self, unit: Entry) -> tuple[int, int]:
        details = unit.details
        code, mode = details.get("party_organisation"), details.get("mode")
        at = None if code is None else self.organisation_at.get(code)
        if at is not None:
            modes = {mode or "own", self.organisations[at].details.get("mode", "own")}
            if modes <= COUNTED_MODES:
                return UnitCover.ORG, int(self.life[at])
        elif mode in COUNTED_MODES and code not in self.absent:
            # registered elsewhere: on paper, and nobody knows if it lives
            return UnitCover.ORG, Life.UNKNOWN
        since_s = details.get("adviser_since")
        has_adviser = details.get("has_adviser", since_s is not None) and (
            since_s is None or since_s <= self.as_of_s
        )
        if has_adviser or details.get("is_reached_by_mass_organisation"):
            return UnitCover.WORK, -1
        return UnitCover.NONE, -1

    def bindings(self, layer: str) -> Bindings:
        """Return which organisation stands for which area of a layer."""
        organisation, area = self.placed_organisations.pairs(layer)
        kinds = frozenset(self.rules.bodies[layer])
        asked = map(self.organisations.__getitem__, organisation.tolist())
        return Bindings(
            area=area,
            organisation=organisation,
            state=np.array([_state(entry, kinds) for entry in asked], dtype=np.int8),
            life=self.life[organisation],
        )

    def linked(self, layer: str) -> NDArray[np.int64]:
        """Return the areas of a layer that a liaison of the parent body is named for."""
        codes = self.locator.areas(layer).position_by_code
        named = (
            codes.get(entry.areas[0])
            for entry in self.liaisons
            if entry.layer == layer
            and entry.details["organisation"] in self.organisation_at
            and self.is_of_parent(entry)
        )
        return np.array([each for each in named if each is not None], dtype=np.int64)

    def is_of_parent(self, liaison: Entry) -> bool:
        """Tell whether an existing organisation named a liaison for an area that it stands above.

        One that stands for no area, or in another family of layers, may do so.
        """
        at = self.organisation_at[liaison.details["organisation"]]
        entry, areas = self.organisations[at], self.placed_organisations.bound[at]
        position = self.locator.areas(liaison.layer or "").position_by_code.get(liaison.areas[0])
        if not areas or position is None:
            return True
        for family, chain in self.locator.layers.families.items():
            names = [each.name for each in chain]
            if liaison.layer in names and entry.layer in names:
                links = self.locator.links(family, names.index(str(liaison.layer)), position)
                above = {(each.layer, each.code) for each in links if each.layer != liaison.layer}
                return not above.isdisjoint((entry.layer, code) for code in entry.areas)
        return True


def picture_of(
    workspace: Workspace,
    connection: Transaction,
    edition: Edition,
    locator: Locator,
    as_of_s: float,
    known_at_s: float,
) -> Picture:
    """Return what the registers hold of a moment, as known at another."""

    def standing(register: str) -> list[Entry]:
        found = registers.entries_as_of(
            connection, register, as_of_s=as_of_s, known_at_s=known_at_s
        )
        return [entry for entry in found if entry.exists(as_of_s)]

    rules = workspace.profile.organisations
    kinds = [kind.name for kind in rules.activity_kinds if kind.proves_life]
    organisations, units = standing("party_organisation"), standing("unit")
    named = {code for unit in units if (code := unit.details.get("party_organisation"))}
    elsewhere = named.difference(entry.code for entry in organisations)
    return Picture(
        as_of_s=as_of_s,
        known_at_s=known_at_s,
        edition=edition,
        locator=locator,
        rules=rules,
        organisations=organisations,
        absent=registers.recorded_codes(
            connection, "party_organisation", sorted(elsewhere), known_at_s=known_at_s
        ),
        units=units,
        facilities=standing("facility"),
        liaisons=standing("liaison"),
        last_s=registers.last_activities(connection, kinds, as_of_s=as_of_s, known_at_s=known_at_s),
    )


def day_number(at_s: float) -> int:
    """Return the number of a moment's day in Asia/Shanghai."""
    return int((at_s + _AHEAD_S) // _DAY_S)


def _state(entry: Entry, kinds: frozenset[str]) -> int:
    mode = entry.details.get("mode", "own")
    if entry.kind not in kinds or mode not in {"own", "joint"}:
        return AreaState.UNCOUNTED
    return AreaState.JOINT if mode == "joint" else AreaState.OWN
