"""The buildings that are known: ground, code, name, and which areas are told to list each."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.governance.headings import place_columns
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.layer import BUILDING, Layers
from geo_service.layers.redraw import KnownBuildings
from geo_service.services.addresses.defects import told_positions
from geo_service.services.kept import Kept
from geo_service.services.lists.cells import layer_words
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, place_state, places, references
from geo_service.storage.databases import Transaction
from geo_service.storage.places import PlaceRow

_POINT, _POLYGON = 0, 2
_KEPT = 4

_Told = dict[int, tuple[AreaKey, ...]]


class _House(NamedTuple):
    code: str
    name: str
    ground: shapely.Geometry


class BuildingKnowledge:
    """The stored buildings as editions know them, read once for each loading."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: Kept[KnownBuildings] = Kept(_KEPT)

    def get(self, connection: Transaction, edition: int) -> KnownBuildings:
        """Return the buildings that a transaction sees, the same while nothing is new."""
        stored, layers = place_state.state(connection), self._workspace.layers
        key = (stored.places, stored.references, edition)
        return self._kept.get(key, lambda: known_buildings(connection, layers, edition))


def known_buildings(connection: Transaction, layers: Layers, edition: int) -> KnownBuildings:
    """Return the buildings that an edition knows, and the areas that are told to list each.

    A building is an area of a layer of the name ``building``, a reference feature of that kind, or
    a place of an address list with a building or house number. Features and places that stand in
    the ground of a building are that building. Told to list it is the area that an address list
    names for a place in its ground, or an attribute of the area: by code, or by a name that one
    area of the edition alone has. Reference features that are neither points nor ground are no
    buildings; ground that crosses itself is mended.
    """
    houses = None
    if BUILDING in layers.by_name:
        houses = editions.read_layer(connection, edition, BUILDING)
    found = [*_areas(houses)]
    found += _apart(found, _referenced(connection))
    rows = places.listed_rows(connection)
    stored = {
        layer: editions.read_layer(connection, edition, layer)
        for layer in sorted({row.layer or "" for row in rows} & set(layers.names))
    }
    return _together(found, rows, _told(rows, stored), _by_attributes(houses, layers))


def _areas(houses: AreaSet | None) -> Iterator[_House]:
    if houses is not None:
        for each in zip(houses.codes, houses.names, houses.geometries, strict=True):
            yield _House(*each)


def _referenced(connection: Transaction) -> Iterator[_House]:
    for code, name, shape in references.read_buildings(connection):
        ground = _fit(shape)
        if ground is not None:
            yield _House(code, name, ground)


def _apart(houses: Sequence[_House], others: Iterator[_House]) -> list[_House]:
    """Return the others that do not stand in the ground of a house."""
    found = list(others)
    if not houses or not found:
        return found
    held = _holding(houses, shapely.point_on_surface([each.ground for each in found]))
    return [each for each, holder in zip(found, held, strict=True) if holder is None]


def _fit(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return a point or ground as it is to be used; None of lines and of nothing."""
    if shapely.is_empty(shape) or shapely.get_dimensions(shape) not in {_POINT, _POLYGON}:
        return None
    if shapely.is_valid(shape):
        return shape
    parts = shapely.get_parts(shapely.make_valid(shape))
    ground = shapely.union_all(parts[shapely.get_dimensions(parts) == _POLYGON])
    return None if shapely.is_empty(ground) else ground


def _told(rows: Sequence[PlaceRow], stored: Mapping[str, AreaSet]) -> list[AreaKey | None]:
    """Return the area that each row lists its place in; None where the edition has none so."""
    found: list[AreaKey | None] = [None] * len(rows)
    for layer, areas in stored.items():
        at = [i for i, row in enumerate(rows) if row.layer == layer]
        positions = told_positions(areas, [rows[i].area for i in at]).tolist()
        for i, position in zip(at, positions, strict=True):
            if position >= 0:
                found[i] = AreaKey(layer, areas.codes[position])
    return found


def _by_attributes(houses: AreaSet | None, layers: Layers) -> _Told:
    """Return the areas that features of the layer of buildings name, the finest that each does."""
    if houses is None or not houses.attributes:
        return {}
    headings = sorted(set(chain.from_iterable(houses.attributes)))
    columns = place_columns(headings, layers=layer_words(layers)).heading_by_field
    named = [
        (layer.name, columns[f"area:{layer.name}"])
        for layer in reversed(list(layers))
        if f"area:{layer.name}" in columns
    ]
    found: _Told = {}
    for i, told in enumerate(houses.attributes):
        keys = [AreaKey(name, str(told[heading])) for name, heading in named if told.get(heading)]
        if keys:
            found[i] = (keys[0],)
    return found


def _together(
    houses: list[_House], rows: Sequence[PlaceRow], areas: Sequence[AreaKey | None], told: _Told
) -> KnownBuildings:
    """Put listed places into the ground that holds them; those with none stand for themselves."""
    spots = np.array([(row.lon, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2)
    points = np.array(shapely.points(spots), dtype=object)
    held = _holding(houses, points)
    by_address: dict[str, int] = {}
    found = list(houses)
    names: dict[int, str] = {}
    for row, key, point, holder in zip(rows, areas, points, held, strict=True):
        at = holder
        if at is None and (row.building or row.number):
            at = by_address.setdefault(row.row_key, len(found))
            if at == len(found):
                found.append(_House("", "", point))
        if at is not None:
            names.setdefault(at, row.address or row.row_key)
            if key is not None and key not in told.get(at, ()):
                told[at] = (*told.get(at, ()), key)
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = [each.ground for each in found]
    return KnownBuildings(
        [each.code for each in found],
        [each.name or names.get(i, "") for i, each in enumerate(found)],
        shapes,
        told,
        doors=range(len(houses), len(found)),
    )


def _holding(houses: Sequence[_House], points: Geometries) -> list[int | None]:
    """Return the first ground that each point lies in."""
    found: list[int | None] = [None] * len(points)
    shapes = np.array([each.ground for each in houses], dtype=object)
    pairs = shapely.STRtree(shapes).query(points, predicate="intersects").T.tolist()
    for i, ground in sorted(pairs, reverse=True):
        found[i] = ground
    return found
