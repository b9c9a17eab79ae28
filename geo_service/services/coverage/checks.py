"""What a party-work officer has to look at: the ladder, terms, activities, sites, old bindings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_service.governance.organisations.coverage import AreaState, Life
from geo_service.governance.organisations.ladder import LadderFault, Rung, ladder_faults
from geo_service.governance.organisations.ratio import DatedCount, Ratio, ratio
from geo_service.governance.organisations.register import Entry
from geo_service.governance.organisations.rules import CoverageLimits
from geo_service.governance.organisations.suppression import is_telling, told_totals
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.layers.locator import Locator
from geo_service.services.callers import Caller
from geo_service.services.coverage.bindings import OldBinding, old_bindings
from geo_service.services.coverage.layer_coverage import CoverageService
from geo_service.services.coverage.picture import Picture, day_number
from geo_service.services.organisations.cells import small_counts
from geo_service.services.workspaces import Workspace

_DAY_S = 86_400


@dataclass(frozen=True)
class Ladder:
    """One level after another how many areas have a body of any kind, and what is wrong."""

    picture: Picture
    levels: Sequence[tuple[str, Ratio]]
    faults: Sequence[LadderFault]


@dataclass(frozen=True)
class Reminder:
    """Something due about one organisation.

    ``kind`` is ``term_ended`` (届满待换届), ``term_ends`` (within the profile's days),
    ``activity_overdue``, ``activity_unknown`` or ``secretary_vacant``. ``day_s`` is the day it is
    about; ``days_left`` counts to it, negative when it is past.
    """

    kind: str
    organisation: Entry
    day_s: int | None
    days_left: int | None


@dataclass(frozen=True)
class StationIndicators:
    """Who runs the sites of one kind, and who registered at them (双报到).

    A total is told as bounds, and a share is None, where the exact one, less what the register
    lists, would tell a small count of one site.
    """

    kind: str
    count: int
    member_leaders: Ratio
    staff_members: Ratio | None
    registered_units: int
    registered_members: int | str


class RegisterCheckService:
    """Everything that somebody has to decide or do."""

    def __init__(self, workspace: Workspace, coverage: CoverageService) -> None:
        self._workspace = workspace
        self._coverage = coverage

    def ladder(self, _caller: Caller, choice: EditionChoice = IN_FORCE) -> Ladder:
        """Check the ladder of a day: a body on every level, parents that fit, no cycles."""
        return self.ladder_of(self._picture(choice))

    def ladder_of(self, picture: Picture) -> Ladder:
        """Return the same for a picture that was taken before."""
        layers = [name for name in self._workspace.layers.by_name if name in picture.rules.bodies]
        stands: dict[int, tuple[str, list[str]]] = {}
        levels = []
        for layer in layers:
            areas = picture.locator.areas(layer)
            bound = picture.bindings(layer)
            for o, a in zip(bound.organisation.tolist(), bound.area.tolist(), strict=True):
                stands.setdefault(o, (layer, []))[1].append(areas.codes[a])
            counted = bound.area[bound.state <= AreaState.JOINT]
            counts = len(np.unique(counted)), len(areas)
            levels.append((layer, ratio(*(DatedCount(each, picture.day) for each in counts))))
        nowhere: tuple[str | None, list[str]] = (None, [])
        rungs = [
            Rung(entry.code, entry.details.get("parent"), layer, tuple(codes))
            for entry, (layer, codes) in (
                (entry, stands.get(i, nowhere)) for i, entry in enumerate(picture.organisations)
            )
        ]
        taken = {layer for layer, share in levels if share.numerator.value}
        faults = ladder_faults(
            rungs,
            top_layers=_top_layers(picture.locator, taken),
            ancestors=_ancestors(picture.locator, layers),
        )
        return Ladder(picture, levels, faults)

    def reminders(self, _caller: Caller, choice: EditionChoice = IN_FORCE) -> list[Reminder]:
        """Return what is due, the most urgent first."""
        return self.reminders_of(self._picture(choice))

    def reminders_of(self, picture: Picture) -> list[Reminder]:
        """Return the same for a picture that was taken before."""
        found: list[Reminder] = []
        for i, entry in enumerate(picture.organisations):
            found += _of_term(picture, entry)
            found += _of_life(picture, entry, i)
            if entry.details.get("is_secretary_vacant"):
                found.append(Reminder("secretary_vacant", entry, None, None))
        return sorted(found, key=_urgency)

    def stations(
        self, _caller: Caller, choice: EditionChoice = IN_FORCE
    ) -> list[StationIndicators]:
        """Return the indicators of every kind of site that there is."""
        return self.stations_of(self._picture(choice))

    def stations_of(self, picture: Picture) -> list[StationIndicators]:
        """Return the same for a picture that was taken before."""
        by_kind: dict[str, list[Entry]] = {}
        for entry in picture.facilities:
            by_kind.setdefault(entry.kind, []).append(entry)
        return [_indicators(picture, kind, by_kind[kind]) for kind in sorted(by_kind)]

    def old_bindings(self, _caller: Caller, choice: EditionChoice = IN_FORCE) -> list[OldBinding]:
        """Return entries bound by codes to areas redrawn since, for a person to decide."""
        return self.old_bindings_of(self._picture(choice))

    def old_bindings_of(self, picture: Picture) -> list[OldBinding]:
        """Return the same for a picture that was taken before."""
        with self._workspace.database.read() as connection:
            return old_bindings(connection, picture)

    def _picture(self, choice: EditionChoice) -> Picture:
        with self._workspace.database.read() as connection:
            return self._coverage.picture(connection, choice)


def _of_term(picture: Picture, entry: Entry) -> list[Reminder]:
    ends_s = entry.details.get("term_end")
    if ends_s is None:
        return []
    days_left = day_number(ends_s) - day_number(picture.as_of_s)
    if days_left <= 0:
        return [Reminder("term_ended", entry, ends_s, days_left)]
    if days_left <= max(picture.rules.limits.reminder_days, default=0):
        return [Reminder("term_ends", entry, ends_s, days_left)]
    return []


def _of_life(picture: Picture, entry: Entry, position: int) -> list[Reminder]:
    life = picture.life[position]
    if life == Life.ACTIVE:
        return []
    if life == Life.UNKNOWN:
        return [Reminder("activity_unknown", entry, None, None)]
    last_s = int(picture.last_meetings_s[position])
    due_s = last_s + picture.rules.limits.active_days * _DAY_S
    return [
        Reminder("activity_overdue", entry, last_s, day_number(due_s) - day_number(picture.as_of_s))
    ]


_ORDER = ("term_ended", "activity_overdue", "term_ends", "secretary_vacant", "activity_unknown")


def _urgency(reminder: Reminder) -> tuple[int, int, str]:
    left = 0 if reminder.days_left is None else reminder.days_left
    return _ORDER.index(reminder.kind), left, reminder.organisation.code


def _indicators(picture: Picture, kind: str, entries: Sequence[Entry]) -> StationIndicators:
    def share(part: int, whole: int) -> Ratio:
        return ratio(DatedCount(part, picture.day), DatedCount(whole, picture.day))

    limits = picture.rules.limits
    led = [e.details["has_member_leader"] for e in entries if "has_member_leader" in e.details]
    counted = [e for e in entries if {"staff", "staff_members"} <= e.details.keys()]
    members, staff = (_told(counted, field, limits) for field in ("staff_members", "staff"))
    return StationIndicators(
        kind=kind,
        count=len(entries),
        member_leaders=share(sum(led), len(led)),
        staff_members=share(members, staff)
        if isinstance(members, int) and isinstance(staff, int)
        else None,
        registered_units=sum(entry.details.get("registered_units", 0) for entry in entries),
        registered_members=_told(entries, "registered_members", limits),
    )


def _top_layers(locator: Locator, taken: set[str]) -> frozenset[str]:
    """Return the highest layer of each family that has any body: above it there is no parent."""
    chains = locator.layers.families.values()
    tops = (next((each.name for each in chain if each.name in taken), None) for chain in chains)
    return frozenset(top for top in tops if top is not None)


def _told(entries: Sequence[Entry], field: str, limits: CoverageLimits) -> int | str:
    """Return the total of a field; its bounds where it would tell what the register does not."""
    small = small_counts(field, limits)
    counts = np.array([entry.details.get(field, 0) for entry in entries], dtype=np.int64)
    if not is_telling(counts, small=small):
        return int(counts.sum())
    return told_totals(counts, np.zeros(len(counts), dtype=np.int64), 1, small=small).told(0)


def _ancestors(
    locator: Locator, layers: Sequence[str]
) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    found = {}
    for family, chain in locator.layers.families.items():
        for depth, layer in enumerate(chain):
            if layer.name in layers:
                for position, code in enumerate(locator.areas(layer.name).codes):
                    links = locator.links(family, depth, position)
                    lies_in = frozenset((each.layer, each.code) for each in links if each.code)
                    found[layer.name, code] = lies_in
    return found
