"""Which ground changed hands between two states of a layer, piece by piece."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import AreaSet, Floats, Geometries
from geo_service.layers.frames import area_m2, length_m
from geo_service.layers.topology import NODE_TOLERANCE_M, compare_outlines

_NOTHING_M2 = 1e-6
"""A square millimetre: what is left of an area's sum is rounding. Of 10 km² it is a 1e-13th."""

_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

Key: TypeAlias = tuple[str | None, str | None]
"""(old code, new code); None is nobody."""


@dataclass(frozen=True, eq=False)
class ChangedGround:
    """The areas whose ground changed, old and new by their codes, and every piece in m²."""

    old: dict[str, shapely.Geometry]
    new: dict[str, shapely.Geometry]
    pieces_m2: dict[Key, float]


def changed_ground(before: AreaSet, after: AreaSet) -> ChangedGround:
    """Return the pieces of ground of all areas that lost or gained some.

    A piece goes from the area that gave it up to the one that it came to; what an area kept is a
    piece from itself to itself. Ground that nobody gained goes to nobody, ground that nobody gave
    up comes from nobody. Areas that only got or lost nodes are left out, and so is whatever is
    less than a millimetre wide on average: that is where a border was rounded, not moved. Where
    new areas of an overlay overlap, the same ground goes to each of them.

    Parameters
    ----------
    before, after
        EPSG:4490 degrees; areas that are the same in both may be left out of both. Lines have no
        ground and are passed over.
    """
    old, new = _moved(before, after)
    lost = _taken(old, new)
    gained = _taken(new, old)
    pieces = _handed_over(lost, gained)
    touched = [code for code in old if code in new and (code in lost or code in gained)]
    kept = shapely.intersection(_column(old, touched), _column(new, touched))
    areas_m2 = area_m2(_without_hairs(kept))
    pieces |= {(code, code): m2 for code, m2 in zip(touched, areas_m2.tolist(), strict=True) if m2}
    return ChangedGround(
        {code: shape for code, shape in old.items() if code in lost or code in gained},
        {code: shape for code, shape in new.items() if code in lost or code in gained},
        pieces,
    )


def _moved(
    before: AreaSet, after: AreaSet
) -> tuple[dict[str, shapely.Geometry], dict[str, shapely.Geometry]]:
    """Return the polygons by code, but for those whose outline stayed."""
    old, new = (dict(zip(each.codes, each.geometries, strict=True)) for each in (before, after))
    both = [code for code in old if code in new]
    verdicts = compare_outlines(_column(old, both), _column(new, both))
    stayed = {code for code, verdict in zip(both, verdicts, strict=True) if verdict != "changed"}
    return _polygons(old, stayed), _polygons(new, stayed)


def _polygons(shapes: dict[str, shapely.Geometry], stayed: set[str]) -> dict[str, shapely.Geometry]:
    return {
        code: shape
        for code, shape in shapes.items()
        if code not in stayed and shapely.get_type_id(shape) in _POLYGONS
    }


def _taken(
    shapes: dict[str, shapely.Geometry], others: dict[str, shapely.Geometry]
) -> dict[str, shapely.Geometry]:
    """Return the ground of each area that the area with its code does not have there."""
    codes = list(shapes)
    there = np.array([others.get(code) or shapely.Polygon() for code in codes], dtype=object)
    left = _without_hairs(shapely.difference(_column(shapes, codes), there))
    return {code: each for code, each in zip(codes, left, strict=True) if not each.is_empty}


def _handed_over(
    lost: dict[str, shapely.Geometry], gained: dict[str, shapely.Geometry]
) -> dict[Key, float]:
    givers, takers = list(lost), list(gained)
    given, taken = _column(lost, givers), _column(gained, takers)
    at_giver, at_taker = shapely.STRtree(taken).query(given, predicate="intersects")
    shared = _without_hairs(shapely.intersection(given[at_giver], taken[at_taker]))
    areas_m2 = area_m2(shared)
    pieces: dict[Key, float] = {
        (givers[i], takers[j]): m2
        for i, j, m2 in zip(at_giver, at_taker, areas_m2.tolist(), strict=True)
        if m2
    }
    from_nobody = _rest_m2(taken, at_taker, given[at_giver], areas_m2)
    to_nobody = _rest_m2(given, at_giver, taken[at_taker], areas_m2)
    pieces |= {(code, None): m2 for code, m2 in zip(givers, to_nobody, strict=True) if m2}
    pieces |= {(None, code): m2 for code, m2 in zip(takers, from_nobody, strict=True) if m2}
    return pieces


def _rest_m2(
    shapes: Geometries, at: NDArray[np.intp], others: Geometries, shared_m2: Floats
) -> list[float]:
    """Return how much of each shape none of the others has.

    ``at`` says which shape each of the others meets, ``shared_m2`` how much of it that one has.
    """
    rest = np.zeros(len(shapes))
    missing_m2 = area_m2(shapes) - np.bincount(at, shared_m2, minlength=len(shapes))
    open_ones = np.flatnonzero(np.abs(missing_m2) >= _NOTHING_M2)
    order = np.argsort(at, kind="stable")
    ends = np.searchsorted(at[order], np.arange(len(shapes) + 1))
    covers = np.empty(len(open_ones), dtype=object)
    for k, i in enumerate(open_ones):
        covers[k] = shapely.union_all(others[order[ends[i] : ends[i + 1]]])
    left = shapely.difference(shapes[open_ones], covers)
    rest[open_ones] = area_m2(_without_hairs(left))
    return [float(m2) for m2 in rest]


def _without_hairs(geometries: Geometries) -> Geometries:
    """Return the parts of geometries that are polygons at least a millimetre wide on average."""
    parts, owners = shapely.get_parts(geometries, return_index=True)
    inside, of_part = shapely.get_parts(parts, return_index=True)
    owners = owners[of_part]
    is_ground = shapely.get_type_id(inside) == shapely.GeometryType.POLYGON
    inside, owners = inside[is_ground], owners[is_ground]
    wide = np.flatnonzero(_mean_width_m(inside) >= NODE_TOLERANCE_M)
    inside, owners = inside[wide], owners[wide]
    ends = np.searchsorted(owners, np.arange(len(geometries) + 1))
    found = np.full(len(geometries), shapely.MultiPolygon(), dtype=object)
    count = np.diff(ends)
    found[count == 1] = inside[ends[:-1][count == 1]]
    for i in np.flatnonzero(count > 1):
        found[i] = shapely.MultiPolygon(list(inside[ends[i] : ends[i + 1]]))
    return found


def _mean_width_m(polygons: Geometries) -> Floats:
    around_m = length_m(polygons) if len(polygons) else np.empty(0)
    width_m: Floats = 2.0 * area_m2(polygons) / np.maximum(around_m, 1e-300)
    return width_m


def _column(shapes: dict[str, shapely.Geometry], codes: list[str]) -> Geometries:
    found = np.empty(len(codes), dtype=object)
    found[:] = [shapes[code] for code in codes]
    return found
