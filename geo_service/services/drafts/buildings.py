"""The buildings that drafts know: their ground, their names, and which areas list each."""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import shapely

from geo_service.governance.headings import place_columns
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.layer import BUILDING, Layers
from geo_service.layers.redraw import Buildings
from geo_service.services.addresses.defects import told_positions
from geo_service.services.lists.cells import layer_words
from geo_service.storage import editions, places, references
from geo_service.storage.databases import Transaction
from geo_service.storage.places import PlaceRow

_POINT, _POLYGON = 0, 2

_Ground = tuple[str, shapely.Geometry]
_Lists = dict[int, tuple[AreaKey, ...]]


def known_buildings(connection: Transaction, layers: Layers, edition: int) -> Buildings | None:
    """Return the buildings that a draft on an edition knows; None where there are none.

    A building is a reference feature of the kind ``building``, an area of a layer of that name, or
    a place of an address list with a building or house number. It is listed in the area that an
    address list names for a place in its ground, or an attribute of the area: by code, or by a
    name that one area of the edition alone has. Reference features that are neither points nor
    ground are no buildings; ground that crosses itself is mended.
    """
    houses = None
    if BUILDING in layers.by_name:
        houses = editions.read_layer(connection, edition, BUILDING)
    grounds = [*_referenced(connection), *_areas(houses)]
    rows = places.listed_rows(connection)
    if not grounds and not rows:
        return None
    stored = {
        layer: editions.read_layer(connection, edition, layer)
        for layer in sorted({row.layer or "" for row in rows} & set(layers.names))
    }
    listed = _by_attributes(houses, layers, at=len(grounds) - len(houses or ()))
    return _together(grounds, rows, _told(rows, stored), listed)


def _referenced(connection: Transaction) -> list[_Ground]:
    names, shapes = references.read_references(connection, [BUILDING]).get(BUILDING, ([], []))
    fit = [(name, _fit(shape)) for name, shape in zip(names, shapes, strict=True)]
    return [(name, shape) for name, shape in fit if shape is not None]


def _areas(houses: AreaSet | None) -> list[_Ground]:
    if houses is None:
        return []
    return [
        (name or code, shape)
        for name, code, shape in zip(houses.names, houses.codes, houses.geometries, strict=True)
    ]


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


def _by_attributes(houses: AreaSet | None, layers: Layers, *, at: int) -> _Lists:
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
    found: _Lists = {}
    for i, told in enumerate(houses.attributes, at):
        keys = [AreaKey(name, str(told[heading])) for name, heading in named if told.get(heading)]
        if keys:
            found[i] = (keys[0],)
    return found


def _together(
    grounds: list[_Ground],
    rows: Sequence[PlaceRow],
    told: Sequence[AreaKey | None],
    listed: _Lists,
) -> Buildings:
    """Put listed places into the ground that holds them; those with none stand for themselves."""
    places = np.array([(row.lon, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2)
    points = np.array(shapely.points(places), dtype=object)
    held = _holding(grounds, points)
    by_address: dict[str, int] = {}
    names: dict[int, str] = {}
    for row, key, point, holder in zip(rows, told, points, held, strict=True):
        at = holder
        if at is None and (row.building or row.number):
            at = by_address.setdefault(row.row_key, len(grounds))
            if at == len(grounds):
                grounds.append(("", point))
        if at is not None:
            names.setdefault(at, row.address or row.row_key)
            if key is not None and key not in listed.get(at, ()):
                listed[at] = (*listed.get(at, ()), key)
    shapes = np.empty(len(grounds), dtype=object)
    shapes[:] = [shape for _, shape in grounds]
    called = [f"{name or names.get(i, '')}#{i}" for i, (name, _) in enumerate(grounds)]
    return Buildings(called, shapes, listed)


def _holding(grounds: Sequence[_Ground], points: Geometries) -> list[int | None]:
    """Return the first ground that each point lies in."""
    found: list[int | None] = [None] * len(points)
    shapes = np.array([shape for _, shape in grounds], dtype=object)
    pairs = shapely.STRtree(shapes).query(points, predicate="intersects").T.tolist()
    for i, ground in sorted(pairs, reverse=True):
        found[i] = ground
    return found
