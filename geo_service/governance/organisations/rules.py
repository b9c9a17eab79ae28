"""What a profile says about organisations: kinds, which of them stand for an area, limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from geo_service.governance.word import Word, names_by_word, word_fields, word_key


@dataclass(frozen=True)
class PartyKind(Word):
    """A kind of party organisation; ``symbol`` is the one character that maps draw."""

    symbol: str = "支"


@dataclass(frozen=True)
class FacilityKind(Word):
    """A kind of service site; within ``radius_m`` in a straight line it serves, None: no reach."""

    radius_m: float | None = None


@dataclass(frozen=True)
class ActivityKind(Word):
    """A kind of recorded activity; only those that ``proves_life`` make an organisation active."""

    proves_life: bool = False


@dataclass(frozen=True)
class FormationTarget(Word):
    """A share of areas that shall have a unit of some kinds, by days: 业委会（物管会）组建率.

    ``steps`` are (day, percent) in the order of days; each holds from its day to the next.
    """

    layer: str = ""
    unit_kinds: tuple[str, ...] = ()
    steps: tuple[tuple[date, float], ...] = ()

    def percent_on(self, day: date) -> float | None:
        """Return what is to be reached on a day: the first step not before it, else the last."""
        due = [percent for by, percent in self.steps if by >= day]
        return due[0] if due else (self.steps[-1][1] if self.steps else None)


@dataclass(frozen=True)
class CoverageLimits:
    """Numbers that decide classes; every one is the office's to change.

    An organisation is active whose last proof of life is at most ``active_days`` old. From
    ``least_members`` full members on a unit shall have an organisation, and smaller member counts
    are not printed. Other cells that count persons are shown from ``least_cell`` on.
    ``reminder_days`` before a term ends it is announced.
    """

    active_days: int
    least_members: int
    least_cell: int
    reminder_days: tuple[int, ...]


@dataclass(frozen=True)
class OrganisationRules:
    """Everything a profile says about organisations.

    ``bodies`` names, for each layer with a ladder, the kinds that count as the body of an area.
    """

    party_kinds: tuple[PartyKind, ...]
    unit_kinds: tuple[Word, ...]
    facility_kinds: tuple[FacilityKind, ...]
    activity_kinds: tuple[ActivityKind, ...]
    limits: CoverageLimits
    bodies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    targets: tuple[FormationTarget, ...] = ()

    def kinds(self, register: str) -> Sequence[Word]:
        """Return the kinds that entries of a register have; none where it takes any word."""
        return {
            "party_organisation": self.party_kinds,
            "unit": self.unit_kinds,
            "facility": self.facility_kinds,
            "activity": self.activity_kinds,
        }.get(register, ())

    def kind_of(self, register: str, text: str) -> str | None:
        """Return the name of the kind that a word means; None when nobody knows it."""
        return self._kinds_by_word[register].get(word_key(text))

    @cached_property
    def _kinds_by_word(self) -> Mapping[str, Mapping[str, str]]:
        return {
            register: names_by_word(self.kinds(register))
            for register in ("party_organisation", "unit", "facility", "activity")
        }


def organisation_rules(tables: Mapping[str, Any]) -> OrganisationRules:
    """Return what checked tables of a complete profile say."""
    limits = tables["coverage"]
    return OrganisationRules(
        party_kinds=_words(PartyKind, tables["party_kinds"]),
        unit_kinds=_words(Word, tables["unit_kinds"]),
        facility_kinds=_words(FacilityKind, tables["facility_kinds"]),
        activity_kinds=_words(ActivityKind, tables["activity_kinds"]),
        limits=CoverageLimits(
            active_days=limits["active_days"],
            least_members=limits["least_members"],
            least_cell=limits["least_cell"],
            reminder_days=tuple(sorted(limits["reminder_days"], reverse=True)),
        ),
        bodies={
            table["name"]: tuple(table["bodies"])
            for table in tables["layers"]
            if table.get("bodies")
        },
        targets=tuple(_target(table) for table in tables.get("formation_targets", ())),
    )


_AnyWord = TypeVar("_AnyWord", bound=Word)


def _words(kind: type[_AnyWord], tables: Sequence[Mapping[str, Any]]) -> tuple[_AnyWord, ...]:
    return tuple(kind(**word_fields(table)) for table in tables)


def _target(table: Mapping[str, Any]) -> FormationTarget:
    given = word_fields(table)
    steps = given.pop("percent_by_day")
    return FormationTarget(
        **{**given, "unit_kinds": tuple(given["unit_kinds"])},
        steps=tuple(sorted((date.fromisoformat(day), percent) for day, percent in steps.items())),
    )
