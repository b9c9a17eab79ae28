"""What discs leave open of polygons, as polygons: never within a disc, and close to its border."""

from typing import NamedTuple

import numpy as np
import shapely

from geo_service.analysis.reach.discs import Discs, Indices, sums
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import area_m2, points_to_metric, to_storage

ARC_TOLERANCE_M = 0.1
"""How far the drawn outline of a circle may lie outside of it; it never lies inside."""

SLIVER_M2 = 1.0
"""Parts of gaps below this area are left out, and counted."""

_FEWEST_EDGES = 32
_ONE_BY_ONE = 12


class OpenGround(NamedTuple):
    """What is left open of n areas.

    ``geometries`` are (Multi)Polygons in EPSG:4490 degrees, None where nothing is; ``area_m2`` is
    measured on the ellipsoid. ``slivers`` parts that measure ``sliver_m2`` together were left out.
    """

    geometries: Geometries
    area_m2: Floats
    slivers: int
    sliver_m2: float


def open_ground(polygons: Geometries, discs: Discs, *, metric_frame: str) -> Geometries:
    """Return what discs leave open of polygons.

    Parameters
    ----------
    polygons
        Valid (Multi)Polygons in EPSG:4490 degrees, shape ``(n,)``.
    discs
        In the plane of ``metric_frame``.
    metric_frame
        As ``frames.metric_frame`` names it.

    Returns
    -------
    Geometries
        Shape ``(n,)``, EPSG:4490 degrees, perhaps empty. A polygon that no disc comes near is
        returned as it is; of the others the old vertices that stay keep their bits. Circles are
        drawn as polygons around them, at most ``ARC_TOLERANCE_M`` outside, so that no gap reaches
        into one by more than a millimeter (what a straight edge of the plane bends in degrees).
    """
    outlines = disc_outlines(discs, metric_frame=metric_frame)
    area, disc = shapely.STRtree(outlines).query(polygons)
    rank, order = _ranks(polygons, discs, area, disc, metric_frame)
    area, disc = area[order], disc[order]
    left = polygons.copy()
    for number in range(_ONE_BY_ONE):
        at = np.flatnonzero(rank == number)
        at = at[_meet(left[area[at]], outlines[disc[at]])]
        left[area[at]] = shapely.difference(left[area[at]], outlines[disc[at]])
    return _without_rest(left, outlines, area[rank >= _ONE_BY_ONE], disc[rank >= _ONE_BY_ONE])


def without_slivers(geometries: Geometries) -> OpenGround:
    """Return gaps without parts below ``SLIVER_M2``; EPSG:4490 degrees, shape ``(n,)``."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    size_m2 = area_m2(parts)
    is_kept = size_m2 >= SLIVER_M2
    kept = np.bincount(owner[is_kept], minlength=len(geometries))
    is_torn = kept < np.bincount(owner, minlength=len(geometries))
    found = geometries.copy()
    found[kept == 0] = None
    torn = is_kept & (is_torn & (kept > 0))[owner]
    again, owners = np.unique(owner[torn], return_inverse=True)
    found[again] = _joined(parts[torn], owners)
    # lines and points, which a difference may leave of touching outlines, are no slivers
    is_sliver = ~is_kept & (size_m2 > 0.0)
    return OpenGround(
        geometries=found,
        area_m2=sums(owner, np.where(is_kept, size_m2, 0.0), count=len(geometries)),
        slivers=int(is_sliver.sum()),
        sliver_m2=float(size_m2[is_sliver].sum()),
    )


def disc_outlines(discs: Discs, *, metric_frame: str) -> Geometries:
    """Return polygons around discs, in EPSG:4490 degrees, shape ``(m,)``.

    Regular polygons whose edges touch the circle; corners are at most ``ARC_TOLERANCE_M`` outside.
    """
    # the corner of a polygon of n edges around a circle lies at r / cos(pi / n)
    half = np.arccos(discs.radius_m / (discs.radius_m + ARC_TOLERANCE_M))
    edges = np.maximum(np.ceil(np.pi / half), _FEWEST_EDGES).astype(np.intp)
    angle = np.concatenate([np.arange(count) for count in edges]) * np.repeat(
        2.0 * np.pi / edges, edges
    )
    corner_m = np.repeat(discs.radius_m / np.cos(np.pi / edges), edges)
    lon, lat = to_storage(
        x=np.repeat(discs.x, edges) + corner_m * np.cos(angle),
        y=np.repeat(discs.y, edges) + corner_m * np.sin(angle),
        source_frame=metric_frame,
    )
    ring = np.repeat(np.arange(len(edges)), edges)
    return np.asarray(shapely.polygons(shapely.linearrings(lon, lat, indices=ring)))


def _ranks(
    polygons: Geometries, discs: Discs, area: Indices, disc: Indices, metric_frame: str
) -> tuple[Indices, Indices]:
    """Return the order by area, those discs first that take most, and each one's rank there."""
    west, south, east, north = shapely.bounds(polygons).T
    x, y = points_to_metric(
        lon=(west + east) / 2.0, lat=(south + north) / 2.0, metric_frame=metric_frame
    )
    apart_m = np.hypot(x[area] - discs.x[disc], y[area] - discs.y[disc]) - discs.radius_m[disc]
    order = np.lexsort((apart_m, area))
    ordered = area[order]
    return np.arange(len(order)) - np.searchsorted(ordered, ordered), order


def _meet(left: Geometries, outlines: Geometries) -> Indices:
    """Return the pairs whose boxes meet; an empty geometry meets nothing."""
    one, other = shapely.bounds(left), shapely.bounds(outlines)
    meets = (one[:, :2] <= other[:, 2:]) & (other[:, :2] <= one[:, 2:])
    return np.flatnonzero(meets.all(axis=1))


def _without_rest(
    left: Geometries, outlines: Geometries, area: Indices, disc: Indices
) -> Geometries:
    """Take many outlines off at once: one by one each would meet ever longer borders."""
    meets = _meet(left[area], outlines[disc])
    area, disc = area[meets], disc[meets]
    for each in np.unique(area):
        taken = shapely.union_all(outlines[disc[area == each]])
        left[each] = shapely.difference(left[each], taken)
    return left


def _joined(parts: Geometries, owners: Indices) -> Geometries:
    """Return the parts of each owner as one, a single part as what it is."""
    joined = np.asarray(shapely.multipolygons(parts, indices=owners), dtype=object)
    is_single = np.bincount(owners) == 1
    joined[is_single] = parts[is_single[owners]]
    return joined
