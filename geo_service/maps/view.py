"""What the hotspot page shows, filled in by the service; nothing is fetched later on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType

from geo_service.analysis.bins import HeatBins
from geo_service.analysis.hotspots import HotspotTable
from geo_service.governance.moment import SHANGHAI
from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.layer import Layer

COUNTED = ("count", "open_count", "overdue_count", "due_soon_count")
"""Measures whose zeros are a class of their own."""
MEASURES = ("count", "per_km2", "per_1000_residents", *COUNTED[1:])
BASES = ("recounted", "kept")


@dataclass(frozen=True)
class Option:
    """One entry of a switch of the page: its value in the query string and its title."""

    value: str
    title: str
    is_selected: bool = False


@dataclass(frozen=True)
class Days:
    """Whole days in Asia/Shanghai, the last one included."""

    first: date
    last: date

    @classmethod
    def between(cls, start: datetime, end: datetime) -> "Days":
        """Return the days from one midnight up to another one."""
        last = end.astimezone(SHANGHAI) - timedelta(microseconds=1)
        return cls(start.astimezone(SHANGHAI).date(), last.date())


@dataclass(frozen=True)
class DayNumber:
    """A number of the reference day and its change on the day before (None: not known)."""

    count: int
    change: int | None = None


@dataclass(frozen=True)
class DayNumbers:
    """The four numbers of the last complete day."""

    day: date
    reported: DayNumber
    closed: DayNumber
    open: DayNumber
    unassigned: DayNumber


@dataclass(frozen=True, eq=False)
class Ancestors:
    """The areas of a layer above the displayed one."""

    layer: Layer
    areas: AreaSet


@dataclass(frozen=True, eq=False)
class Reference:
    """Features drawn under the areas.

    Known kinds (water, building, road_side, road_main) have a title and a look of their own.
    """

    kind: str
    title: str
    geometries: Geometries
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Links:
    """Addresses on the service itself.

    ``issues`` answers JSON ``{"items": […], "next": cursor or null}``, and is asked for the page
    ``after`` a cursor. In it and in ``area`` the browser puts the area's code, percent-encoded, in
    the place of ``{code}``. ``sheets`` is the query that sheets of rates are asked for with,
    ``rates`` a table of them. An empty address leaves its control out.
    """

    page: str = "/desk/hotspots"
    home: str = "/"
    issues: str = ""
    area: str = ""
    csv: str = ""
    xlsx: str = ""
    standalone: str = ""
    sheets: str = ""
    rates: str = ""


@dataclass(frozen=True, eq=False)
class HotspotView:
    """All that one hotspot page shows.

    ``areas`` and ``table.rows`` are aligned: position i is the same area in both. ``ancestors``
    come nearest first, the root last. ``data_until`` has a zone, and is None without issues. An
    empty ``map_unit`` leaves its line out; an empty ``review_number`` says that the map is
    internal. ``definitions`` replaces texts of wording.toml by the figure's name.
    """

    language: str
    place: str
    layer: Layer
    areas: AreaSet
    ancestors: Sequence[Ancestors]
    table: HotspotTable
    period: Days
    before: Days
    day_numbers: DayNumbers
    edition: int
    effective_from: date
    data_until: datetime | None
    layers: Sequence[Option]
    categories: Sequence[Option]
    sources: Sequence[Option]
    measure: str = "count"
    basis: str = "recounted"
    classification: str = "quantile"
    class_count: int = 5
    references: Sequence[Reference] = ()
    bins: HeatBins | None = None
    is_fictional: bool = False
    notices: Sequence[str] = ()
    map_unit: str = ""
    review_number: str = ""
    links: Links = field(default_factory=Links)
    definitions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def parent_names(self) -> tuple[str, ...]:
        """The name of each area's parent, empty without one."""
        return parent_names(self.areas, self.ancestors)


def parent_names(areas: AreaSet, ancestors: Sequence[Ancestors]) -> tuple[str, ...]:
    """Return the name of each area's parent in the nearest of ``ancestors``, empty without one."""
    if not ancestors:
        return ("",) * len(areas)
    above = ancestors[0].areas
    names = dict(zip(above.codes, above.names, strict=True))
    return tuple(names.get(parent or "", "") for parent in areas.parents)


@dataclass(frozen=True, eq=False, kw_only=True)
class DeskView:
    """What every desk with such a map shows of an edition; ``ancestors`` come nearest first."""

    language: str
    place: str
    layer: Layer
    areas: AreaSet
    ancestors: Sequence[Ancestors]
    references: Sequence[Reference]
    edition: int
    effective_from: date
    is_fictional: bool = False
    notices: Sequence[str] = ()
