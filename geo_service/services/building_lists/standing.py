"""Building lists of areas as they are: stored ones, and what stands on the ground of others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo_service.layers.area import AreaSet
from geo_service.layers.redraw import KnownBuildings, listed

LIST, GROUND = "list", "ground"


@dataclass(frozen=True)
class ListedBuilding:
    """A building of an area.

    ``building`` is its identity. ``code``, ``name`` and the place (degrees) are None where none or
    several are known by it; ``stands_in`` is the code of the area where it stands, None of none.
    """

    building: str
    code: str | None
    name: str | None
    lon: float | None
    lat: float | None
    stands_in: str | None


@dataclass(frozen=True)
class AreaBuildings:
    """The buildings of one area.

    ``basis`` is ``list`` where the area has a building list, and ``ground`` where these are the
    buildings that stand in it. ``unlisted`` stand in the ground of an area with a list, and are not
    on it.
    """

    code: str
    name: str
    parent: str | None
    basis: str
    buildings: Sequence[ListedBuilding]
    unlisted: Sequence[ListedBuilding]


def buildings_of(areas: AreaSet, position: int, known: KnownBuildings) -> AreaBuildings:
    """Return the buildings of one area.

    Parameters
    ----------
    areas
        All areas of one layer below one parent, EPSG:4490.
    known
        The buildings that stand in the parent. Of one on the border between two areas it is the
        first of them.
    """
    words = areas.lists[position] if areas.lists else None
    outline = areas.geometries[position]
    standing = [i for i in known.at(outline) if _owner(areas, known, i) == position]
    if words is None:
        found, others = [(known.identities[i], i) for i in standing], []
    else:
        meant = listed(words, known, outline)
        on_list = {at for _, at in meant}
        found = [(word, -1 if at is None else at) for word, at in meant]
        others = [i for i in standing if i not in on_list and known.is_named(i)]
    return AreaBuildings(
        areas.codes[position],
        areas.names[position],
        areas.parents[position],
        GROUND if words is None else LIST,
        [_building(areas, known, word, at) for word, at in found],
        [_building(areas, known, known.identities[i], i) for i in others],
    )


def buildings_by_area(
    areas: AreaSet, parents: Mapping[str | None, shapely.Geometry], known: KnownBuildings
) -> Iterator[AreaBuildings]:
    """Yield the buildings of every area of a layer, parent by parent.

    ``parents`` are the outlines of the parents by code; None has that of a root layer's areas.
    """
    by_parent: dict[str | None, list[int]] = {}
    for i, parent in enumerate(areas.parents):
        by_parent.setdefault(parent, []).append(i)
    for parent, positions in by_parent.items():
        own = areas.take(positions)
        outline = parents.get(parent)
        around = shapely.union_all(own.geometries) if outline is None else outline
        scope = known.within(around)
        for position in range(len(own)):
            yield buildings_of(own, position, scope)


def areas_listing(
    areas: AreaSet, parents: Mapping[str | None, shapely.Geometry], known: KnownBuildings
) -> dict[int, list[str]]:
    """Return the codes of the areas whose building lists have a building, by its position.

    Only buildings that a list names are told of; see `buildings_by_area` for ``parents``.
    """
    found: dict[int, list[str]] = {}
    by_parent: dict[str | None, list[str]] = {}
    lists = areas.list_by_code
    for code in lists:
        by_parent.setdefault(areas.parents[areas.position_by_code[code]], []).append(code)
    for parent, codes in by_parent.items():
        outline = parents.get(parent)
        own = [i for i, each in enumerate(areas.parents) if each == parent]
        at = known.at(shapely.union_all(areas.geometries[own]) if outline is None else outline)
        scope = known.take(at)
        for code in codes:
            around = areas.geometries[areas.position_by_code[code]]
            for _, i in listed(lists[code], scope, around):
                if i is not None:
                    found.setdefault(at[i], []).append(code)
    return found


def _owner(areas: AreaSet, known: KnownBuildings, building: int) -> int | None:
    found = np.flatnonzero(shapely.intersects(areas.geometries, known.middles[building]))
    return int(found[0]) if len(found) else None


def _building(areas: AreaSet, known: KnownBuildings, word: str, position: int) -> ListedBuilding:
    told: dict[str, Any] = dict.fromkeys(("code", "name", "lon", "lat", "stands_in"))
    if position >= 0:
        owner = _owner(areas, known, position)
        lon, lat = known.places[position].tolist()
        told = {
            "code": known.codes[position] or None,
            "name": known.names[position] or None,
            "lon": lon,
            "lat": lat,
            "stands_in": None if owner is None else areas.codes[owner],
        }
    return ListedBuilding(building=word, **told)
