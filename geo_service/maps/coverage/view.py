"""What the coverage page shows, filled in by the service; nothing is fetched later on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.organisations.ratio import Ratio
from geo_service.layers.area import AreaSet, Floats, Geometries
from geo_service.layers.layer import Layer
from geo_service.maps.view import Ancestors, Option, Reference, parent_names

MODES = ("state", "active", "units", "reach", "demand")
"""What the map can be colored by."""

LIST_ROWS = 200
"""Lines of a list on the page; the exported list holds all."""

Integers = NDArray[np.integer]


@dataclass(frozen=True)
class OrganisationFacts:
    """One organisation as map and cards tell of it; ``life`` is a position in Life."""

    code: str
    name: str
    kind: str
    symbol: str
    mode: str
    life: int
    last: date | None
    post: str = ""
    duty_phone: str = ""
    stands_for: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class FacilityFacts:
    """One site with a place."""

    code: str
    name: str
    kind: str
    lon: float
    lat: float


@dataclass(frozen=True)
class BelowFacts:
    """Bodies of what is smaller than an area, by area; party groups of buildings have no title."""

    title: str
    bodies: Sequence[Sequence[int]]


@dataclass(frozen=True)
class RegisterFacts:
    """Everybody that cards and symbols tell of; bodies are positions in ``organisations``.

    ``bodies`` are those of each area, those that count most first; ``below`` of what is smaller,
    the lowest first; ``above`` of the areas of each level above, the nearest level first.
    """

    edition: int
    organisations: Sequence[OrganisationFacts]
    facilities: Sequence[FacilityFacts]
    bodies: Sequence[Sequence[int]]
    below: Sequence[BelowFacts]
    above: Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True)
class LevelFacts:
    """How one level stands: areas that shall have a body and that have one, with the day."""

    layer: Layer
    nominal: Ratio
    active: Ratio


@dataclass(frozen=True)
class UnitFacts:
    """How units stand: their duties in the order of UnitDuty, and the shares."""

    duties: tuple[int, int, int, int]
    organisation_coverage: Ratio
    work_coverage: Ratio
    active: Ratio


@dataclass(frozen=True)
class DueFacts:
    """One line of 应建未建: the unit, where it is, and who is near; distances in meters."""

    index: int
    code: str
    name: str
    kind: str
    members: int | str
    partner: str
    partner_m: int | None
    facility: str
    facility_m: int | None


@dataclass(frozen=True)
class BlankFacts:
    """One blank area: its state (a position in AreaState), and who is near."""

    index: int
    state: int
    organisation: str
    organisation_m: int | None
    facility: str
    facility_m: int | None


@dataclass(frozen=True)
class ChangeFacts:
    """One area whose state is another than on the day compared with; -1 where it was not there."""

    index: int
    before: int
    after: int


@dataclass(frozen=True)
class Compared:
    """The day compared with, the share of areas covered then, and what changed since."""

    day: date
    nominal: Ratio
    changes: Sequence[ChangeFacts]


@dataclass(frozen=True, eq=False)
class ReachFacts:
    """What sites reach: the shares of each area's ground and residents (NaN: not told), and of all.

    ``gaps`` are the outlines of what they do not, EPSG:4490, None where all is reached.
    """

    ground_share: Floats
    residents: Floats
    whole_share: float | None
    residents_share: float | None
    facilities: int
    left_out: int
    gaps: Geometries


@dataclass(frozen=True)
class NoticeFacts:
    """One line of what has to be looked at: who, and when or what beside."""

    name: str
    day: date | None = None
    days_left: int | None = None
    others: str = ""


@dataclass(frozen=True)
class StationFacts:
    """The sites of one kind: who runs them, and who registered at them (双报到).

    None, and a text with the bounds, where a total would tell a small count of one of them;
    ``≥185`` where some sites tell none, ``—`` where all do.
    """

    kind: str
    count: int
    member_leaders: Ratio
    staff_members: Ratio | None
    registered_units: int | str
    registered_members: int | str


@dataclass(frozen=True)
class CoverageLinks:
    """Addresses on the service itself; an empty one leaves its control out.

    In ``area`` the browser puts the area's code, percent-encoded, in the place of ``{code}``.
    """

    page: str = "/desk/coverage"
    home: str = "/"
    csv: str = ""
    xlsx: str = ""
    due_xlsx: str = ""
    blank_xlsx: str = ""
    standalone: str = ""
    registers: str = ""
    activities: str = ""
    area: str = ""


@dataclass(frozen=True, eq=False)
class CoverageView:
    """All that one coverage page shows; columns are aligned to ``areas``.

    ``states`` and ``lives`` hold AreaState and Life (-1 for none), ``unit_cover`` ``(n, 3)`` and
    ``unit_duty`` ``(n, 4)`` counts of units. Without ``registers`` the browser asks for them.
    ``due`` and ``blank`` hold the first LIST_ROWS of their counts.
    ``notices_by_kind`` are reminders, faults of the ladder and old bindings by their kinds.
    ``issues`` are those of ``issue_days`` days, ``residents`` NaN where unknown. ``demand`` and
    ``thinness`` are 0, 1 or 2, -1 where there is no class.
    """

    language: str
    place: str
    layer: Layer
    areas: AreaSet
    ancestors: Sequence[Ancestors]
    mode: str
    day: date
    is_today: bool
    edition: int
    effective_from: date
    layers: Sequence[Option]
    site_kinds: Sequence[Option]
    states: Integers
    lives: Integers
    unit_cover: Integers
    unit_duty: Integers
    members: Sequence[int | str]
    levels: Sequence[LevelFacts]
    units: UnitFacts
    due: Sequence[DueFacts]
    due_count: int
    blank: Sequence[BlankFacts]
    blank_count: int
    issues: Integers
    issue_days: int
    residents: Floats
    demand: Integers
    thinness: Integers
    is_rate: bool
    active_days: int
    registers: RegisterFacts | None = None
    reach: ReachFacts | None = None
    notices_by_kind: Mapping[str, Sequence[NoticeFacts]] = field(default_factory=dict)
    stations: Sequence[StationFacts] = ()
    compared: Compared | None = None
    references: Sequence[Reference] = ()
    is_fictional: bool = False
    notices: Sequence[str] = ()
    map_unit: str = ""
    review_number: str = ""
    links: CoverageLinks = field(default_factory=CoverageLinks)

    @cached_property
    def parent_names(self) -> tuple[str, ...]:
        """The name of each area's parent, empty without one."""
        return parent_names(self.areas, self.ancestors)
