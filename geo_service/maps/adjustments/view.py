"""What the pack of a period's changes tells; moments are seconds since 1970 UTC."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.layer import Layer
from geo_service.maps.area_sheet.view import AreaName
from geo_service.maps.change_order.view import Count, OrderFoot, SumPair
from geo_service.maps.view import Ancestors, Reference


@dataclass(frozen=True)
class EditionFacts:
    """One edition that took effect between both sides; ``is_ahead`` where it has not done so yet.

    ``consulted`` and ``approval`` are of the draft that it was published from, empty without.
    """

    number: int
    effective_from_s: int
    reason: str
    is_correction: bool
    is_ahead: bool
    consulted: str = ""
    approval: str = ""


@dataclass(frozen=True)
class PackPeriod:
    """Both editions that are compared, the last day of the period, those that took effect between.

    ``first`` and ``last`` are days as text, empty where two editions were asked for.
    """

    first: str
    last: str
    before: EditionFacts
    after: EditionFacts
    editions: Sequence[EditionFacts]


@dataclass(frozen=True)
class Share:
    """How much of an area's ground and residents came from another one, or went there; in [0, 1].

    ``code`` is None for nobody. ``is_estimated`` where residents were shared out by ground.
    """

    code: str | None
    name: str
    ground: float
    residents: float
    is_estimated: bool


@dataclass(frozen=True)
class ChangeSide:
    """One area on one side; ``parent`` is a code, ``area_m2`` None for lines."""

    name: str
    parent: str
    parent_name: str
    area_m2: float | None
    households: Count
    residents: Count


@dataclass(frozen=True)
class AreaChange:
    """One changed area; a side is None where it is not there.

    ``codes`` and ``names`` hold before and after: of an area that begins or ends, those that its
    ground came from or went to. ``origins`` are shares of the area after, ``heirs`` of the one
    before; they are empty where no ground changed hands. ``lists`` are the buildings put on its
    building list, and those taken off.
    """

    number: int
    layer: Layer
    code: str
    codes: tuple[Sequence[str], Sequence[str]]
    names: tuple[Sequence[str], Sequence[str]]
    kinds: Sequence[str]
    sides: tuple[ChangeSide | None, ChangeSide | None]
    origins: Sequence[Share]
    heirs: Sequence[Share]
    editions: Sequence[EditionFacts]
    lists: tuple[Sequence[str], Sequence[str]] = ((), ())


@dataclass(frozen=True)
class SumLine:
    """One sum of a layer, over the rows of the table or (``is_all``) over all of its areas.

    ``what`` is one of ``counts``, ``area``, ``households``, ``residents``. Values are None where a
    redrawn area has no count. What went ``to_nobody`` no area holds any more, what came
    ``from_nobody`` none held before; None where that is not known, or is no question. ``unknown``
    are how many areas have no count, before and after.
    """

    what: str
    is_all: bool
    pair: SumPair
    to_nobody: float | None = None
    from_nobody: float | None = None
    unknown: tuple[int, int] | None = None

    @property
    def difference(self) -> float | None:
        """After less before; None where one of them is not known."""
        before, after = self.pair.before, self.pair.after
        return None if before is None or after is None else round(after - before, 2) + 0.0


@dataclass(frozen=True)
class PackSums:
    """What the rows of one layer sum to, before and after, and the layer as a whole."""

    layer: Layer
    lines: Sequence[SumLine]


@dataclass(frozen=True)
class Body:
    """Who answers for the area or one above it: names of bodies and posts, never of persons."""

    level: str
    area: str
    name: str
    post: str
    duty_phone: str


@dataclass(frozen=True)
class HouseLine:
    """One building with a name; ``came_from`` names the area it was in, if another."""

    name: str
    households: int | None
    came_from: str


@dataclass(frozen=True, eq=False)
class NoticeMap:
    """The area, those around it, the borders above, and what it was cut out of.

    ``old`` are the outlines before of the area and of those that its ground came from.
    """

    areas: AreaSet
    position: int
    old: Geometries
    shown: Geometries
    ancestors: Sequence[Ancestors]
    references: Sequence[Reference]


@dataclass(frozen=True, eq=False)
class Notice:
    """The sheet of one area; ``change`` is None where it stayed as it was.

    ``parents`` come from the root down. ``unnamed`` counts buildings without a name. ``contact`` is
    where to ask, empty where nobody said: then there is room to write it in.
    """

    layer: Layer
    code: str
    name: str
    parents: Sequence[AreaName]
    side: ChangeSide
    change: AreaChange | None
    bounds: str
    houses: Sequence[HouseLine]
    unnamed: int
    bodies: Sequence[Body]
    contact: str
    map: NoticeMap


@dataclass(frozen=True)
class NoticeName:
    """A sheet in the list of sheets; ``kinds`` are empty where the area stayed as it was."""

    code: str
    name: str
    parent: str
    kinds: Sequence[str]


@dataclass(frozen=True)
class PackChoice:
    """What the page was asked for, to ask for something else: as texts of an address.

    ``layers`` are (name, title) of those that can have sheets, ``query`` all of it encoded.
    """

    before: str = ""
    after: str = ""
    parent: str = ""
    is_every: bool = False
    layers: Sequence[tuple[str, str]] = ()
    query: str = ""


@dataclass(frozen=True, eq=False)
class PackView:
    """All that the pack tells; rows stand layer by layer, in the order of the profile.

    ``layer`` is the one that sheets are of, ``passing`` counts areas that changed meanwhile and
    stand as they stood. ``notice`` makes the sheet of one of ``names``; ``is_without_sheets`` where
    they are too many for one page.
    """

    language: str
    place: str
    period: PackPeriod
    rows: Sequence[AreaChange]
    sums: Sequence[PackSums]
    passing: int
    layer: Layer
    names: Sequence[NoticeName]
    notice: Callable[[str], Notice]
    foot: OrderFoot
    choice: PackChoice = field(default_factory=PackChoice)
    is_without_sheets: bool = False
