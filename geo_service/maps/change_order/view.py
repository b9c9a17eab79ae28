"""What the sheet of a change of boundaries tells; moments are seconds since 1970 UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_service.layers.area import AreaSet
from geo_service.layers.layer import Layer
from geo_service.maps.view import Ancestors, Reference


@dataclass(frozen=True)
class OrderHead:
    """What is signed: an edition, or a draft that is none yet.

    ``edition`` is None for a draft, ``draft`` None for an edition that came from none. What nobody
    told is empty: before publication there is room to write it in by hand. ``base`` is the edition
    that is before, ``in_force`` the one in force now.
    """

    edition: int | None
    draft: int | None
    draft_name: str
    base: int
    in_force: int | None
    reason: str
    effective_from_s: int | None
    is_correction: bool
    consulted: str
    approval: Mapping[str, str]


@dataclass(frozen=True)
class Count:
    """How many; None where nobody knows. ``is_estimated`` where it was shared out (估算)."""

    value: int | None
    is_estimated: bool = False


@dataclass(frozen=True)
class SideFigures:
    """One area on one side of the change."""

    area_m2: float
    households: Count
    residents: Count
    organisations: int
    open_issues: int


@dataclass(frozen=True)
class OrderRow:
    """One changed area; ``number`` stands for it on the maps, too.

    ``codes`` and ``names`` hold before and after: of an area that begins or ends, those that its
    ground came from or went to. ``kinds`` are in words; ``bounds`` are 四至 before and after, empty
    where it is not there; ``lists`` the buildings put on its list, and those taken off. ``figures``
    are None on a side where it is not there, and on both where neither its ground nor its parent
    changed.
    """

    number: int
    layer: Layer
    code: str
    codes: tuple[Sequence[str], Sequence[str]]
    names: tuple[Sequence[str], Sequence[str]]
    kinds: Sequence[str]
    figures: tuple[SideFigures | None, SideFigures | None]
    bounds: tuple[str, str]
    lists: tuple[Sequence[str], Sequence[str]] = ((), ())


@dataclass(frozen=True)
class SumPair:
    """A sum over all changed areas of a layer, before and after; None where a part is unknown."""

    before: float | None
    after: float | None


@dataclass(frozen=True)
class LayerSums:
    """The sum row of one layer; organisations may stand for several areas, and are not summed."""

    layer: Layer
    count: int
    area_m2: SumPair
    households: SumPair
    residents: SumPair
    open_issues: SumPair


@dataclass(frozen=True)
class OwnerCounts:
    """What becomes of open issues: with another owner, with a record, kept, released."""

    other_owner: int
    total: int
    decided_kept: int
    released: int


@dataclass(frozen=True, eq=False)
class MapSide:
    """The areas of the map's layer on one side, the changed ones among them, and those above."""

    areas: AreaSet
    ancestors: Sequence[Ancestors]


@dataclass(frozen=True, eq=False)
class OrderMaps:
    """Both maps: ``marks`` names, by code, what happened to an area.

    One of ``added``, ``removed``, ``changed``, ``relisted`` (its building list alone).
    ``references`` lie under both.
    """

    layer: Layer
    before: MapSide
    after: MapSide
    marks: Mapping[str, str]
    references: Sequence[Reference]


@dataclass(frozen=True)
class OrderFoot:
    """The lines that a printed map carries."""

    data_until_s: float
    map_unit: str
    review_number: str
    is_fictional: bool
    notices: Sequence[str]


@dataclass(frozen=True, eq=False)
class OrderView:
    """All that one sheet tells; rows stand layer by layer, in the order of the profile."""

    language: str
    place: str
    head: OrderHead
    rows: Sequence[OrderRow]
    sums: Sequence[LayerSums]
    owners: OwnerCounts
    maps: OrderMaps
    foot: OrderFoot
