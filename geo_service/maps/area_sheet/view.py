"""What the page of an area shows, filled in by the service; titles are in the page's language."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import shapely

from geo_service.analysis.bounds_text import SideBound
from geo_service.governance.organisations.ratio import Ratio
from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.layer import Layer
from geo_service.maps.coverage.view import FacilityFacts, OrganisationFacts
from geo_service.maps.view import Ancestors, Reference

FRAME_MM = (98, 76)
"""Width and height of the map on the sheet."""

_AROUND = 1.42
"""How much larger than the area the map is, at least."""


@dataclass(frozen=True)
class AreaName:
    """One area by its names."""

    layer: str
    layer_title: str
    code: str
    name: str


@dataclass(frozen=True)
class KindCount:
    """How many there are of a kind."""

    kind: str
    title: str
    count: int


@dataclass(frozen=True)
class IssueFacts:
    """Issues up to the moment: of 7 and of 30 days, those still open, what most were about.

    Rates are of the 30 days, None where nobody knows the denominator. ``categories`` are
    (name, count), those of most issues first; an empty name is none.
    """

    week: int
    month: int
    open: int
    oldest_open_on: date | None
    oldest_open_days: int | None
    per_1000_residents: float | None
    per_km2: float | None
    categories: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class DatedFigure:
    """A figure of the area with the day it is from."""

    figure: str
    value: str
    since: date
    source: str


@dataclass(frozen=True)
class BodyFacts:
    """One body that stands for an area, and what is known of its post."""

    facts: OrganisationFacts
    is_vacant: bool
    is_term_over: bool


@dataclass(frozen=True)
class LevelFacts:
    """One level of the ladder: its area, its state (in AreaState; None without a ladder)."""

    area: AreaName
    state: int | None
    bodies: Sequence[BodyFacts]


@dataclass(frozen=True)
class LiaisonFacts:
    """The organisation whose liaison is named for the area, and since when."""

    code: str
    name: str
    since: date | None


@dataclass(frozen=True)
class UnitLine:
    """One unit: its cover and its duty, in UnitCover and UnitDuty."""

    code: str
    name: str
    kind: str
    cover: int
    duty: int


@dataclass(frozen=True)
class SiteLine:
    """One site."""

    code: str
    name: str
    kind: str
    duty_phone: str


@dataclass(frozen=True)
class EntryLine:
    """One entry of a register by its names."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True)
class UnitsInside:
    """The units of the area: by kind, cover (UnitCover) and duty (UnitDuty), and both shares."""

    kinds: Sequence[KindCount]
    cover: tuple[int, int, int]
    duty: tuple[int, int, int, int]
    organisation_coverage: Ratio
    work_coverage: Ratio
    lines: Sequence[UnitLine]


@dataclass(frozen=True)
class Inside:
    """Entries that lie in the area: how many of each kind, and the first of them."""

    kinds: Sequence[KindCount]
    lines: Sequence[EntryLine]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(each.count for each in self.kinds)


@dataclass(frozen=True)
class HistoryFacts:
    """What an edition did to the area.

    ``events`` are ``new``, ``changed``, ``renamed``, ``moved`` and ``gone``; ``name`` and
    ``parent`` hold from then on, ``old_name`` and ``old_parent`` before. ``sources`` are (code,
    name, share): whose ground a new area took.
    """

    edition: int
    effective_from: date
    is_ahead: bool
    events: tuple[str, ...]
    km2: float | None
    name: str
    parent: str
    old_name: str = ""
    old_parent: str = ""
    sources: Sequence[tuple[str, str, float]] = ()


@dataclass(frozen=True)
class SheetLinks:
    """Addresses on the service; an empty one leaves its link out.

    ``query`` carries the moment that was asked on to the pages of other areas.
    """

    query: str = ""
    home: str = "/"
    hotspots: str = ""
    coverage: str = ""
    issues: str = ""
    json: str = ""


@dataclass(frozen=True, eq=False)
class SheetMap:
    """The area with its neighbors, the borders above it, and what stands in it.

    ``position`` is the area's among ``areas``; ``ancestors`` hold the areas above it alone,
    nearest first.
    """

    areas: AreaSet
    position: int
    ancestors: Sequence[Ancestors]
    references: Sequence[Reference]
    organisations: Sequence[OrganisationFacts]
    facilities: Sequence[FacilityFacts]

    @property
    def outline(self) -> Geometries:
        """The area's own outline, ``(1,)``, in EPSG:4490 degrees."""
        return self.areas.geometries[[self.position]]


def shown_box(outline: shapely.Geometry) -> shapely.Polygon:
    """Return the box in degrees that the map of an area shows, in the shape of its frame."""
    west, south, east, north = shapely.bounds(outline).tolist()
    lon, lat = (west + east) / 2, (south + north) / 2
    shrink = math.cos(math.radians(lat))
    height = _AROUND * max(north - south, (east - west) * shrink * FRAME_MM[1] / FRAME_MM[0])
    width = height * FRAME_MM[0] / FRAME_MM[1] / shrink
    corners = (lon - width / 2, lat - height / 2, lon + width / 2, lat + height / 2)
    box: shapely.Polygon = shapely.box(*corners)
    return box


@dataclass(frozen=True)
class Stamp:
    """Which edition, and the day that counts are of."""

    edition: int
    effective_from: date
    day: date
    is_today: bool


@dataclass(frozen=True)
class PartyFacts:
    """Who answers for the area, and how it is covered.

    ``levels`` go from the area up to the root. ``members`` is a count, a text with its
    bounds where it may not be told, None where the layer has none. After ``active_days`` an
    activity is overdue.
    """

    levels: Sequence[LevelFacts]
    liaison: LiaisonFacts | None
    members: int | str | None
    inside: Inside
    units: UnitsInside
    active_days: int


@dataclass(frozen=True)
class HoldingFacts:
    """The sites of the area, one by one and by kind, and its assets by kind."""

    sites: Sequence[SiteLine]
    site_kinds: Sequence[KindCount]
    asset_kinds: Sequence[KindCount]


@dataclass(frozen=True)
class WrittenBounds:
    """A text of the four sides that a person wrote for the ground of an edition."""

    edition: int
    day: date
    by: str
    zh: str


@dataclass(frozen=True)
class GroundFacts:
    """How many buildings the area has, the names of the first, and its four sides.

    They are those of its building list where ``is_listed``, else those that stand in it.
    ``entered`` where a person wrote the text, ``earlier`` where one wrote another, that does not
    stand because the area had other ground then.
    """

    building_count: int
    buildings: Sequence[str]
    bounds: Mapping[str, SideBound]
    bounds_text: str
    entered: WrittenBounds | None = None
    earlier: WrittenBounds | None = None
    is_listed: bool = False


@dataclass(frozen=True)
class SheetFoot:
    """What stands under every sheet."""

    is_fictional: bool = False
    notices: Sequence[str] = ()
    map_unit: str = ""
    review_number: str = ""


@dataclass(frozen=True, eq=False)
class AreaSheetView:
    """All that the page of one area shows; ``parents`` come root first."""

    language: str
    layer: Layer
    code: str
    name: str
    parents: Sequence[AreaName]
    km2: float
    stamp: Stamp
    issues: IssueFacts
    figures: Mapping[str, DatedFigure]
    party: PartyFacts
    holdings: HoldingFacts
    ground: GroundFacts
    history: Sequence[HistoryFacts]
    map: SheetMap
    foot: SheetFoot = field(default_factory=SheetFoot)
    links: SheetLinks = field(default_factory=SheetLinks)
