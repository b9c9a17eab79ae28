"""Who lives where after a redraw: counts of old areas shared among the new ones, and all kept.

Whole numbers are shared by the method of the largest remainder (Hamilton), so that nobody is lost
or made up by rounding.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import area_m2
from geo_service.layers.frames.edge import POLYGONS

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_LEAST_SHARE = 1e-7
"""Of an area's ground: less than this is how borders are rounded, not ground that moved."""


@dataclass(frozen=True, eq=False)
class Shared:
    """Counts of n old areas among k new ones.

    ``moved`` is ``(n, k + 1)``: how many of each old area come to each new one, and in the last
    column to nobody; where an old count is unknown, nothing. ``totals`` ``(k,)`` sum them up.
    ``is_known`` where every old area that a new one took a part of tells its count, and
    ``is_estimated`` where one of them was divided.
    """

    moved: Integers
    totals: Integers
    is_known: Flags
    is_estimated: Flags


def transfers(counts: Integers, weights: Floats) -> Integers:
    """Return whole numbers in the proportion of weights, row by row.

    Parameters
    ----------
    counts
        What each row shares out, 0 or more, shape ``(n,)``.
    weights
        0 or more, shape ``(n, m)``; nothing comes to a weight of 0. A row without any weight gives
        all to its last column.

    Returns
    -------
    Integers
        Shape ``(n, m)``; each row sums to its count. Of equal remainders the first column's counts.
    """
    weights = weights.copy()
    weights[weights.sum(axis=1) <= 0.0, -1] = 1.0
    quotas = counts[:, None] * weights / weights.sum(axis=1, keepdims=True)
    found: Integers = np.floor(quotas).astype(np.int64)
    remainders = np.where(weights > 0.0, quotas - found, -1.0)
    rank = np.argsort(np.argsort(-remainders, axis=1, kind="stable"), axis=1, kind="stable")
    found += rank < (counts - found.sum(axis=1))[:, None]
    return found


def shared(counts: Integers, weights: Floats) -> Shared:
    """Return how counts of old areas come to new ones.

    Parameters
    ----------
    counts
        Of each old area, shape ``(n,)``; -1 where nobody knows.
    weights
        What of each old area went where, shape ``(n, k + 1)``, the last column to nobody.
    """
    moved = transfers(np.maximum(counts, 0), weights)
    takes = weights[:, :-1] > 0.0
    is_divided = (weights > 0.0).sum(axis=1) > 1
    return Shared(
        moved=moved,
        totals=moved[:, :-1].sum(axis=0),
        is_known=np.asarray(takes.any(axis=0) & ~(takes & (counts < 0)[:, None]).any(axis=0)),
        is_estimated=(takes & is_divided[:, None]).any(axis=0),
    )


def crossings_m2(old: Geometries, new: Geometries) -> Floats:
    """Return how much ground of each old area lies in each new one, and in none.

    Parameters
    ----------
    old, new
        Polygons in EPSG:4490 degrees, ``(n,)`` and ``(k,)``; neither overlap among themselves.

    Returns
    -------
    Floats
        Square meters on the ellipsoid, shape ``(n, k + 1)``, the last column in none. What is as
        thin as the rounding of borders is nothing.
    """
    found = np.zeros((len(old), len(new) + 1))
    if len(old) and len(new):
        at_new, at_old = shapely.STRtree(old).query(new, predicate="intersects")
        pieces = shapely.intersection(old[at_old], new[at_new])
        found[at_old, at_new] = area_m2(_polygons(pieces))
    whole = area_m2(old)
    found[:, -1] = whole - found.sum(axis=1)
    found[found < _LEAST_SHARE * whole[:, None]] = 0.0
    return found


def dwelling_weights(
    households: Floats,
    before: NDArray[np.integer],
    after: NDArray[np.integer],
    *,
    shape: tuple[int, int],
) -> Floats:
    """Return how many households of buildings of each old area come to each new one.

    Parameters
    ----------
    households
        Of each building, shape ``(m,)``.
    before, after
        The old and the new area that each building lies in, ``(m,)``; -1 for none.
    shape
        How many old and new areas there are.

    Returns
    -------
    Floats
        Shape ``(n, k + 1)``, the last column for nobody; buildings of no old area are left out.
    """
    found = np.zeros((shape[0], shape[1] + 1))
    had = before >= 0
    np.add.at(found, (before[had], after[had]), households[had])  # -1 is the last column
    return found


def _polygons(pieces: Geometries) -> Geometries:
    """Return of each geometry what has an area."""
    mixed = shapely.get_type_id(pieces) == shapely.GeometryType.GEOMETRYCOLLECTION
    for i in np.flatnonzero(mixed).tolist():
        parts = shapely.get_parts(pieces[i])
        pieces[i] = shapely.multipolygons(parts[np.isin(shapely.get_type_id(parts), POLYGONS)])
    return pieces
