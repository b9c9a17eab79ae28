"""All that has a name, in memory: made once for what a transaction sees, the last one kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.governance.organisations.register import Entry
from geo_service.layers.addresses.address import Address
from geo_service.layers.addresses.book import AddressBook, KnownPlace
from geo_service.layers.addresses.gazetteer import Gazetteer, NamedSpot
from geo_service.layers.edition import IN_FORCE, Edition, governing_edition
from geo_service.layers.locator import Locator
from geo_service.services.addresses.defects import OTHER_AREA, judge, listed
from geo_service.services.kept import Kept
from geo_service.storage import place_state, places, references, registers
from geo_service.storage.databases import Transaction
from geo_service.storage.place_state import PlaceState
from geo_service.storage.places import PlaceRow

if TYPE_CHECKING:
    from geo_service.services.workspaces import Workspace

_ROADS = ("road_main", "road_side")
_MOST_AREAS = 100_000
"""Of a country whose grids are more, the layers above them are known by name."""
_DAY_S = 86_400


@dataclass(frozen=True, eq=False)
class KnownPlaces:
    """What can be named, on one edition; ``edition`` and ``locator`` are None before the first.

    ``areas`` are layer and position of the gazetteer's areas, ``flaws`` what is wrong with each
    place of its book, ``disputed`` those listed in another area since the boundaries in force were
    published: of older ones the boundaries know better. ``listed_in`` are layer and code that lists
    tell of places without a point.
    """

    gazetteer: Gazetteer
    edition: Edition | None
    locator: Locator | None
    areas: Sequence[tuple[str, int]]
    facilities: Sequence[Entry]
    flaws: Mapping[int, str]
    disputed: frozenset[int]
    listed_in: Mapping[int, tuple[str, str]]


@dataclass(frozen=True, eq=False)
class _Book:
    book: AddressBook
    rows: Sequence[PlaceRow]


class Knowledge:
    """Known places for all who ask with the same data, from any thread.

    What rests on less is kept longer: the book of addresses stays while only registers, roads or
    boundaries are others.
    """

    def __init__(self) -> None:
        self._known: Kept[KnownPlaces] = Kept(2)
        self._books: Kept[_Book] = Kept(1)
        self._lines: Kept[Mapping[str, shapely.Geometry]] = Kept(1)

    def get(self, workspace: "Workspace", connection: Transaction) -> KnownPlaces | None:
        """Return what a transaction knows by name; None where no list of addresses was imported."""
        state = place_state.state(connection)
        return self._at(workspace, connection, state) if state.places else None

    def all_named(self, workspace: "Workspace", connection: Transaction) -> KnownPlaces:
        """Return the same, also where nothing but areas, sites and roads have names."""
        return self._at(workspace, connection, place_state.state(connection))

    def _at(
        self, workspace: "Workspace", connection: Transaction, state: PlaceState
    ) -> KnownPlaces:
        now_s = workspace.now_s()
        known = workspace.editions(connection)
        edition = governing_edition(known, IN_FORCE, now_s=now_s)
        standing = workspace.agreements(connection).standing(now_s=now_s)
        numbers = tuple(each.number for each in standing)
        key = (state, edition and edition.number, numbers, int(now_s // _DAY_S))
        return self._known.get(key, lambda: self._made(workspace, connection, state, edition))

    def _made(
        self,
        workspace: "Workspace",
        connection: Transaction,
        state: PlaceState,
        edition: Edition | None,
    ) -> KnownPlaces:
        kept = self._books.get(state.places, lambda: _book(connection))
        lines = self._lines.get(state.references, lambda: _lines(connection))
        locator = workspace.locator(connection, edition) if edition else None
        areas, spots = _areas(locator) if locator else ([], [])
        facilities = _facilities(workspace, connection)
        gazetteer = Gazetteer(
            kept.book, facilities=[_spot(each) for each in facilities], areas=spots, lines=lines
        )
        flaws = _flaws(locator, kept.rows) if locator else {}
        return KnownPlaces(
            gazetteer=gazetteer,
            edition=edition,
            locator=locator,
            areas=areas,
            facilities=facilities,
            flaws=flaws,
            disputed=_disputed(connection, edition, kept.book, flaws) if edition else frozenset(),
            listed_in={
                i: (row.layer, row.area)
                for i, row in enumerate(kept.rows)
                if row.lon is None and row.layer and row.area
            },
        )


def _book(connection: Transaction) -> _Book:
    standing = places.standing_rows(connection)
    rows = [_told(row) for _, row in standing]
    return _Book(AddressBook(_known_place(*each) for each in standing), rows)


def _told(row: PlaceRow) -> PlaceRow:
    """Return a row with what is asked of it again, and none of its texts."""
    return _EMPTY._replace(layer=row.layer, area=row.area, lon=row.lon, lat=row.lat)


_EMPTY = PlaceRow("", *([None] * (len(PlaceRow._fields) - 1)))


def _known_place(place_id: int, row: PlaceRow) -> KnownPlace:
    lanes = tuple(row.lanes.split("/")) if row.lanes else ()
    return KnownPlace(
        place_id,
        Address(row.road, lanes, row.number, row.name, row.building),
        row.title,
        tuple(row.aliases.split("\n")) if row.aliases else (),
        nan if row.lon is None else row.lon,
        nan if row.lat is None else row.lat,
    )


def _flaws(locator: Locator, rows: Sequence[PlaceRow]) -> dict[int, str]:
    kinds = judge(locator, listed(rows)).kinds
    return {i: kind for i, kind in enumerate(kinds) if kind is not None}


def _disputed(
    connection: Transaction, edition: Edition, book: AddressBook, flaws: Mapping[int, str]
) -> frozenset[int]:
    wrong = [i for i, kind in flaws.items() if kind == OTHER_AREA]
    if not wrong:
        return frozenset()
    newer = places.recorded_since(connection, edition.published_at_s)
    return frozenset(i for i in wrong if book.ids.item(i) in newer)


def _lines(connection: Transaction) -> dict[str, shapely.Geometry]:
    """Return the line of each road by its name, all its pieces together."""
    stored = references.read_references(connection)
    by_name: dict[str, list[shapely.Geometry]] = {}
    for kind in _ROADS:
        for name, line in zip(*stored.get(kind, ((), ())), strict=True):
            if name:
                by_name.setdefault(name, []).append(line)
    return {name: shapely.union_all(np.array(lines)) for name, lines in by_name.items()}


def _areas(locator: Locator) -> tuple[list[tuple[str, int]], list[NamedSpot]]:
    refs: list[tuple[str, int]] = []
    spots: list[NamedSpot] = []
    for layer in locator.layers:
        areas = locator.areas(layer.name)
        if len(refs) + len(areas) > _MOST_AREAS:
            continue
        points = shapely.point_on_surface(areas.geometries)
        refs += [(layer.name, position) for position in range(len(areas))]
        spots += [
            NamedSpot((name,), lon, lat)
            for name, lon, lat in zip(
                areas.names,
                shapely.get_x(points).tolist(),
                shapely.get_y(points).tolist(),
                strict=True,
            )
        ]
    return refs, spots


def _facilities(workspace: "Workspace", connection: Transaction) -> list[Entry]:
    now_s = workspace.now_s()
    found = registers.entries_as_of(connection, "facility", as_of_s=now_s, known_at_s=now_s)
    return [entry for entry in found if entry.exists(now_s)]


def _spot(entry: Entry) -> NamedSpot:
    lon, lat = entry.lon, entry.lat
    return NamedSpot((entry.name,), nan if lon is None else lon, nan if lat is None else lat)
