"""One search for everything that has a name: the place, how it was found, and whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.errors import InvalidValue
from geo_service.layers.addresses.hit import (
    ADDRESS,
    AREA_NAME,
    FACILITY,
    JUNCTION,
    MEANT,
    STRETCH,
    Hit,
)
from geo_service.layers.addresses.searching import found_places
from geo_service.layers.edition import Edition
from geo_service.layers.frames import STORAGE_FRAME
from geo_service.layers.locator import ChainLink
from geo_service.services.addresses.deciding import Judgement, flaw_of, judged
from geo_service.services.addresses.defects import told_positions
from geo_service.services.addresses.duty import DutyBook, DutyBooks, body_of_facility
from geo_service.services.addresses.knowledge import KnownPlaces
from geo_service.services.callers import Caller
from geo_service.services.coverage.layer_coverage import CoverageService
from geo_service.services.places.locations import Located, LocationService
from geo_service.services.workspaces import Workspace
from geo_service.storage import places
from geo_service.storage.databases import Transaction

LONGEST_TEXT = 500
MOST = 50

POINT, NEAR, GROUP, WHOLE_AREA, LISTED = "point", "near", "group", "area", "listed"


@dataclass(frozen=True)
class FoundPlace:
    """One thing that a text names or may become.

    ``exactness`` is ``point``, ``range`` (of a stretch of numbers), ``crossing``, ``near`` (beside
    the point), ``area`` (somewhere in it), ``listed`` (no point, but the area that its list tells)
    or ``group`` (a lane, an estate or a road: no place of its own). ``located`` is the answer to
    its point; ``chain`` goes from the root to the owner that it has by its point, as an area, or by
    its list. ``details`` is the row of its list. ``body`` is the lowest one of the chain that has a
    duty phone.
    """

    hit: Hit
    exactness: str
    located: Located | None
    chain: Sequence[ChainLink]
    details: Any
    flaw: str | None
    body: Mapping[str, str] | None


@dataclass(frozen=True)
class FoundPlaces:
    """What a text names, best first; ``decisive`` is the place it means, None where none is."""

    text: str
    edition: Edition | None
    why: str
    decisive: FoundPlace | None
    places: Sequence[FoundPlace]


class PlaceService:
    """Finding places by what they are called."""

    def __init__(
        self, workspace: Workspace, locations: LocationService, coverage: CoverageService
    ) -> None:
        self._workspace = workspace
        self._locations = locations
        self._coverage = coverage
        self._duties = DutyBooks()

    def find(
        self,
        caller: Caller,
        text: str,
        *,
        limit: int = 10,
        near: tuple[float, float] | None = None,
    ) -> FoundPlaces:
        """Return what a text names or may become when typed on, best first.

        It may be an address, an estate, a crossing, a site, an area, an alias, pinyin or initials.
        Of those found alike the nearest to ``near`` (lon, lat; degrees, EPSG:4490) comes first.

        Raises
        ------
        InvalidValue
            The text is empty or too long, or ``limit`` is not from 1 to MOST.
        """
        _check(text, limit)
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            known = workspace.knowledge.all_named(workspace, connection)
            judgement = judged(known, text)
            hits = found_places(known.gazetteer, text, limit=limit, near=near)
            return self._told(connection, caller, known, _Asked(text, judgement, hits))

    def _told(
        self, connection: Transaction, caller: Caller, known: KnownPlaces, asked: "_Asked"
    ) -> FoundPlaces:
        duties = self._duty_book(connection, known)
        rows = places.places_by_id(connection, [_place_id(known, hit) for hit in asked.addresses])
        found = [self._found(caller, known, hit, rows, duties) for hit in asked.hits]
        decisive = None
        if asked.judgement.hit is not None:
            same = (each for each in found if _is_same(each.hit, asked.judgement.hit))
            decisive = next(same, None)
        return FoundPlaces(asked.text, known.edition, asked.judgement.why, decisive, found)

    def _found(
        self,
        caller: Caller,
        known: KnownPlaces,
        hit: Hit,
        rows: Mapping[int, Any],
        duties: DutyBook | None,
    ) -> FoundPlace:
        located = None
        if hit.has_point and hit.kind != AREA_NAME and known.edition is not None:
            located = self._locations.locate(caller, x=hit.lon, y=hit.lat, frame=STORAGE_FRAME)
        chain = _chain(known, hit, located)
        body = body_of_facility(known.facilities[hit.number]) if hit.kind == FACILITY else None
        if body is None and duties is not None:
            body = duties.of_chain(chain)
        return FoundPlace(
            hit=hit,
            exactness=_exactness(hit, chain),
            located=located,
            chain=chain,
            details=rows.get(_place_id(known, hit)) if hit.kind == ADDRESS else None,
            flaw=flaw_of(known, hit),
            body=body,
        )

    def _duty_book(self, connection: Transaction, known: KnownPlaces) -> DutyBook | None:
        if known.edition is None:
            return None
        return self._duties.get(self._coverage.picture(connection))


@dataclass(frozen=True)
class _Asked:
    text: str
    judgement: Judgement
    hits: Sequence[Hit]

    @property
    def addresses(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.kind == ADDRESS]


def _check(text: str, limit: int) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidValue(
            "q",
            f"1 到 {LONGEST_TEXT} 个字的地址或名称",
            f"an address or a name of 1 to {LONGEST_TEXT} characters",
        )
    if not 1 <= limit <= MOST:
        raise InvalidValue("limit", f"1 到 {MOST}", f"from 1 to {MOST}")


def _place_id(known: KnownPlaces, hit: Hit) -> int:
    return int(known.gazetteer.book.ids[hit.number])


def _is_same(one: Hit, other: Hit) -> bool:
    return (one.kind, one.number, one.label) == (other.kind, other.number, other.label)


def _exactness(hit: Hit, chain: Sequence[ChainLink]) -> str:
    if hit.kind == AREA_NAME:
        return WHOLE_AREA
    if not hit.has_point:
        return LISTED if hit.kind == ADDRESS and chain else GROUP
    if hit.is_near:
        return NEAR
    if hit.kind == JUNCTION:
        return JUNCTION
    return "range" if hit.how == STRETCH and hit.how in MEANT else POINT


def _chain(known: KnownPlaces, hit: Hit, located: Located | None) -> Sequence[ChainLink]:
    """Return the areas above a place, the root first: by its point, as an area, by its list."""
    if located is not None:
        ground = known.locator.layers.ground_family if known.locator else None
        for answer in located.families:
            if answer.family == ground:
                return [link for link in answer.chain if link.code is not None]
        return ()
    if known.locator is None:
        return ()
    if hit.kind == AREA_NAME:
        return _chain_of(known, *known.areas[hit.number])
    if hit.kind == ADDRESS and hit.number in known.listed_in:
        layer, told = known.listed_in[hit.number]
        if layer in known.locator.layers.by_name:
            [position] = told_positions(known.locator.areas(layer), [told]).tolist()
            return _chain_of(known, layer, position)
    return ()


def _chain_of(known: KnownPlaces, layer: str, position: int) -> Sequence[ChainLink]:
    if known.locator is None or position < 0:
        return ()
    for family, chain in known.locator.layers.families.items():
        names = [each.name for each in chain]
        if layer in names:
            links = known.locator.links(family, names.index(layer), position)
            return [link for link in links if link.code is not None]
    return [known.locator.link(layer, position)]
