"""A place that stands for the areas an issue lies in, in the stead of where exactly it was."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import shapely

from geo_service.layers.area import Floats
from geo_service.layers.assignment.ambiguity import provisional_owners
from geo_service.layers.assignment.rule import assign
from geo_service.layers.locator import Locator
from geo_service.storage.issue_queries import Places

_Owner: TypeAlias = tuple[int, int]
"""Depth in the chain of a family, and position; (-1, -1) for nobody."""
_NOBODY: _Owner = (-1, -1)


class _Point(NamedTuple):
    lon: float
    lat: float


_NOWHERE = _Point(float("nan"), float("nan"))


def coarse_places(locator: Locator, places: Places) -> tuple[Floats, Floats]:
    """Return for each place one that has the same owner in every family, the same for all of them.

    Parameters
    ----------
    locator
        Of the edition in force: recounted there, no count changes.
    places
        Where issues are, with their circles of accuracy.

    Returns
    -------
    tuple[Floats, Floats]
        Degrees, shape ``(n,)`` each; NaN for a place that nobody owns. Where what the areas of
        several families share has no inside, the point lies in the area of the first family alone.
    """
    families = list(locator.layers.families)
    owners = [_owners(locator, family, places) for family in families]
    keys = list(zip(*owners, strict=True))
    known = {key: _point(locator, families, key) for key in set(keys)}
    points = np.array([known[key] for key in keys], dtype=np.float64).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def _owners(locator: Locator, family: str, places: Places) -> list[_Owner]:
    assigned = assign(locator, family, lon=places.lon, lat=places.lat)
    found = provisional_owners(
        locator, assigned, lon=places.lon, lat=places.lat, accuracy_m=places.accuracy_m
    )
    return list(zip(found.level.tolist(), found.position.tolist(), strict=True))


def _point(locator: Locator, families: Sequence[str], owners: Sequence[_Owner]) -> _Point:
    chosen = list(zip(families, owners, strict=True))
    owned = [(family, owner) for family, owner in chosen if owner != _NOBODY]
    if not owned:
        return _NOWHERE
    grounds = [_ground(locator, family, owner) for family, owner in owned]
    shared: Any = shapely.intersection_all(grounds)
    for family, owner in chosen:
        if owner == _NOBODY:
            shared = shapely.difference(shared, _everything(locator, family))
    return _inside(shared) or _inside(grounds[0]) or _inside(_area(locator, *owned[0])) or _NOWHERE


def _area(locator: Locator, family: str, owner: _Owner) -> Any:
    depth, position = owner
    return locator.areas(locator.layers.families[family][depth].name).geometries[position]


def _ground(locator: Locator, family: str, owner: _Owner) -> Any:
    """Return what an area owns itself: not what the areas below it do."""
    depth, position = owner
    chain = locator.layers.families[family]
    area = _area(locator, family, owner)
    if depth + 1 == len(chain):
        return area
    code = locator.areas(chain[depth].name).codes[position]
    below = locator.areas(chain[depth + 1].name)
    children = [i for i, parent in enumerate(below.parents) if parent == code]
    return shapely.difference(area, shapely.union_all(below.geometries[children]))


def _everything(locator: Locator, family: str) -> Any:
    return shapely.union_all(locator.areas(locator.layers.families[family][0].name).geometries)


def _inside(ground: Any) -> _Point | None:
    """Return the point of a ground that is farthest from its border; None where it has no inside.

    Far from borders neither a written agreement nor rounding gives it to a neighbor.
    """
    parts = shapely.get_parts(ground)
    polygons = parts[shapely.area(parts) > 0]
    if len(polygons) == 0:
        return None
    circles = shapely.maximum_inscribed_circle(polygons)
    middle = shapely.get_point(circles[shapely.length(circles).argmax()], 0)
    return _Point(float(shapely.get_x(middle)), float(shapely.get_y(middle)))
