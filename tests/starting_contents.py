"""What stands in a house before planners begin: squares, or streets out of a file that was dirty.

The environment may name a file of streets, ``TESTS_STREETS``, with its frame in ``TESTS_FRAME`` and
a tolerance of repair in ``TESTS_REPAIR_M``; else it is the one of ``tests.dirty_streets``.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely

from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.preparation import Plan
from geo_service.layers.redraw.asked.operation import Split, SplitByChildren
from geo_service.services.boundaries.files import BoundaryOptions
from geo_service.services.boundaries.imports import EditionOptions
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.service_set import ServiceSet
from geo_service.storage import editions
from tests.databases import KeptCopy, kept_copy, remove_databases
from tests.dirty_streets import FRAME, REPAIR_M, write_dirty_streets
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    open_house,
    publish_areas,
    street_boundaries,
)

SEED = 7
_CUTS = ((0.5, True), (0.45, False), (0.4, True))
_APPROVED = {"authority": "区政府", "document": "1号", "date": "2026-11-20"}


@cache
def house_of_squares() -> KeptCopy:
    """Return a house with the street of ``tests.houses``."""
    return _house_with(street_boundaries())


@cache
def house_of_repaired_streets() -> KeptCopy:
    """Return a house with streets that were imported and repaired, cut into grids by planners."""
    with TemporaryDirectory() as folder:
        return _house_with(_repaired_streets(Path(folder)))


def _house_with(boundaries: Boundaries) -> KeptCopy:
    with TemporaryDirectory() as folder:
        house = open_house(Path(folder))
        publish_areas(house, boundaries, on=0, effective_from_s=LONG_AGO_S)
        house.close()
        return kept_copy(Path(folder))


def _repaired_streets(folder: Path) -> Boundaries:
    house = open_house(folder)
    _import_streets(house, _file(folder))
    _draw_grids(house)
    with house.workspace.database.read() as connection:
        content = editions.read_boundaries(connection, editions.latest_number(connection))
    house.close()
    remove_databases([folder])
    return content


def _file(folder: Path) -> Path:
    named = os.environ.get("TESTS_STREETS")
    return Path(named) if named else write_dirty_streets(folder / "streets.geojson", SEED)


def _import_streets(house: ServiceSet, path: Path) -> None:
    """Import streets below a district that is drawn roughly, and becomes what they are together."""
    publish_areas(house, {"district": _around_everything()}, on=0, effective_from_s=LONG_AGO_S)
    repair_m = float(os.environ.get("TESTS_REPAIR_M", REPAIR_M))
    frame = os.environ.get("TESTS_FRAME", FRAME)
    report = house.boundaries.import_file(
        CALLER,
        path,
        BoundaryOptions("street", frame=frame, new_codes="999001##"),
        plan=Plan(repair_m=repair_m, are_parents_from_children=True),
        edition_options=EditionOptions(),
    )
    assert report.is_clean, report.preparation.defects
    assert report.preparation.changes  # it was dirty


def _around_everything() -> AreaSet:
    box = shapely.box(70, 15, 140, 55)
    return area_set("district", codes=["999001"], names=["示例区"], geometries=[box])


def _draw_grids(house: ServiceSet) -> None:
    """Cut each street into about four grids, half of them for a second community."""
    _publish_one_grid_a_street(house)
    draft = house.drafts.begin(CALLER, "划网格").id
    for community in _newest(house, "community").codes:
        for number, (share, is_upright) in enumerate(_CUTS, 2):
            with suppress(GeoServiceError):  # a line may part an area into more than two
                cut = _cut(
                    house, draft, f"{community}01", f"{community}0{number}", share, is_upright
                )
                house.drafts.perform(CALLER, draft, cut)
        with suppress(GeoServiceError):  # ... or leave a community with one grid
            house.drafts.perform(CALLER, draft, _two_communities(community))
    asked = PublicationAsked("划网格", approval=_APPROVED)
    house.draft_publications.publish(CALLER, draft, asked)


def _publish_one_grid_a_street(house: ServiceSet) -> None:
    with house.workspace.database.read() as connection:
        number = editions.latest_number(connection)
        content = dict(editions.read_boundaries(connection, number))
    streets, parents = content["street"], content["street"].codes
    for layer, ending in (("community", "01"), ("grid", "01")):
        codes = [f"{parent}{ending}" for parent in parents]
        content[layer] = area_set(
            layer, codes=codes, parents=list(parents), geometries=streets.geometries
        )
        parents = codes
    publish_areas(house, content, on=number)


def _newest(house: ServiceSet, layer: str) -> AreaSet:
    with house.workspace.database.read() as connection:
        return editions.read_boundaries(connection, editions.latest_number(connection))[layer]


def _cut(
    house: ServiceSet, draft: int, code: str, new: str, share: float, is_upright: bool
) -> Split:
    """Return the split of a grid by a slanting line; its western or southern part stays it."""
    key = AreaKey("grid", code)
    outline = house.drafts.state(CALLER, draft).state.coverage_of(key).area(key).outline
    low, high = np.array(outline.bounds).reshape(2, 2)
    at, size = low + share * (high - low), high - low
    way = size * ((0.05, 1.0) if is_upright else (1.0, 0.05))
    line = tuple(map(tuple, (at - way, at + way)))
    [(west, south), _] = line
    side = shapely.box(-180, -90, west, 90) if is_upright else shapely.box(-180, -90, 180, south)
    keep = shapely.point_on_surface(shapely.intersection(outline, side))
    return Split(key, line, (new,), keep.coords[0])


def _two_communities(code: str) -> SplitByChildren:
    moved = (AreaKey("grid", f"{code}02"),)
    return SplitByChildren(AreaKey("community", code), {f"{code[:-2]}02": moved})
