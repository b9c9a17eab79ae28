"""What is told of a redraw before it is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_service.analysis.impact import Balance
from geo_service.governance.organisations.ratio import Ratio

TOLD, ENTERED = "told", "entered"
"""As a figure says of this very ground, or of whole areas that make it up; or entered for it."""
BY_HOUSEHOLDS, BY_PARTS, BY_GROUND = "households", "parts", "ground"
"""Estimated: by the households of buildings, by the areas one level below, by square meters."""
ESTIMATED = frozenset({BY_HOUSEHOLDS, BY_PARTS, BY_GROUND})

MEASURES = (
    *("households", "residents", "staff", "units", "organisations"),
    *("open_issues", "year_issues", "workload_h", "area_m2"),
)
"""What balance is told of; members are not, lest small counts be given away."""


@dataclass(frozen=True)
class PersonCount:
    """How many; None where nobody knows. ``basis`` says how it is known, None where it is not."""

    value: int | None
    basis: str | None

    @property
    def is_estimated(self) -> bool:
        """Whether it was shared out (估算)."""
        return self.basis in ESTIMATED


@dataclass(frozen=True)
class AreaFacts:
    """One area on one side of the redraw.

    ``members`` are told as the coverage desk tells them: a number, or the bounds that small counts
    leave. ``organisations`` stand for the area or sit in it, each of them counted once. Issues are
    those whose ground it is, of all request types, ``year_issues`` reported in the last 365 days;
    ``workload_h`` sums the hours of their limits, None where the profile knows no limits.
    ``state`` is what covers the area, None in a layer without bodies. ``units_with_organisation``
    and ``units_reached`` are the numerators of organisation and work coverage.
    """

    name: str
    parent: str | None
    households: PersonCount
    residents: PersonCount
    staff: int | None
    units: int
    organisations: int
    members: int | str | None
    open_issues: int
    year_issues: int
    workload_h: float | None
    area_m2: float
    perimeter_m: float
    compactness: float | None
    state: str | None
    is_active: bool
    units_with_organisation: int
    units_reached: int


@dataclass(frozen=True)
class TouchedArea:
    """One area that the redraw touches; ``kinds`` say how, a side is None where it is not there.

    ``members_difference`` is ``*`` where it would tell of few persons, None where it is not known.
    """

    layer: str
    code: str
    kinds: tuple[str, ...]
    before: AreaFacts | None
    after: AreaFacts | None
    members_difference: int | str | None


@dataclass(frozen=True)
class Sum:
    """A count over all touched areas of a layer; None where a part is not known.

    ``before`` is ``after`` and what goes ``to_nobody``, unless a true value was entered.
    """

    before: int | None
    after: int | None
    to_nobody: int | None

    @property
    def difference(self) -> int | None:
        """How many more there are than before, those to nobody among them; None where unknown.

        Nothing but values that were entered make any.
        """
        if self.before is None or self.after is None or self.to_nobody is None:
            return None
        return self.after + self.to_nobody - self.before


@dataclass(frozen=True)
class ParentBalance:
    """How even a measure is among all areas under one parent, before and after."""

    parent: str | None
    measure: str
    before: Balance | None
    after: Balance | None


@dataclass(frozen=True)
class LayerImpact:
    """Everything about one layer: its touched areas by code, and what they come to.

    ``to_nobody_m2`` is ground that no area of the layer holds any more, ``from_nobody_m2`` ground
    that none held before. ``sums`` are of households and residents, and ``staff_waiting`` is the
    staff of areas that are no more. Coverage is of the touched areas, and of the units in them.
    """

    layer: str
    areas: Sequence[TouchedArea]
    sums: Mapping[str, Sum]
    staff_waiting: int
    to_nobody_m2: float
    from_nobody_m2: float
    balances: Sequence[ParentBalance]
    area_coverage: tuple[Ratio, Ratio] | None
    organisation_coverage: tuple[Ratio, Ratio]
    work_coverage: tuple[Ratio, Ratio]


@dataclass(frozen=True)
class OwnerChange:
    """An open issue that publication would give another owner, rule or status, with a record.

    Owners are (layer, code) of the deepest area, None for nobody. ``is_decided`` where a person
    said whose it is: it stays so while that area lives, and is another chain of the same area; else
    it goes by its place and waits for a person.
    """

    issue_id: int
    source: str
    external_id: str
    family: str
    old: tuple[str, str] | None
    new: tuple[str, str] | None
    old_rule: str
    new_rule: str
    is_decided: bool

    @property
    def is_other_owner(self) -> bool:
        """Whether the owner is another one, and not the rule or the chain above it alone."""
        return self.old != self.new


@dataclass(frozen=True)
class OwnerChanges:
    """What publication would write of open issues.

    ``total`` issues get a record, ``other_owner`` of them another owner; ``listed`` holds the
    first, by id. ``decided_kept`` are issues in touched areas that a person gave to an area which
    lives on; ``released`` (by id) are those whose area is no more: they go by their place, and
    wait in the queue for a person.
    """

    total: int
    other_owner: int
    listed: Sequence[OwnerChange]
    decided_kept: int
    released: Sequence[OwnerChange]


@dataclass(frozen=True)
class EntryMove:
    """An entry of a register whose area of a layer is another one; None for none."""

    register: str
    code: str
    name: str
    layer: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Impact:
    """What a redraw would change.

    ``renoded`` areas only gained or lost nodes and are not told of. ``moves_total`` counts entries
    by register; ``moves`` holds the first of them. ``owners`` is None where it was not asked for.
    """

    base: int
    as_of_s: float
    layers: Sequence[LayerImpact]
    renoded: int
    owners: OwnerChanges | None
    moves_total: Mapping[str, int]
    moves: Sequence[EntryMove]
