"""Two states of an area compared: the same, only with more or fewer nodes, or changed."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.topology.linework import Ints, Linework, linework
from geo_service.layers.topology.nest import is_polygonal

_MILLIMETRE_DEG = 1e-8


def compare_outlines(
    before: Geometries, after: Geometries, *, tolerance_deg: float = _MILLIMETRE_DEG
) -> NDArray[np.str_]:
    """Return ``same``, ``renoded`` or ``changed`` for each pair, shape ``(n,)``.

    ``same``: the same edges, bit for bit; where a ring starts, how it turns and the order of
    parts do not count. ``renoded``: the same shape, but for nodes that lie on edges of the other
    (inserted into a straight border, or taken out of one). Anything else is ``changed``; so are
    lines, unless they are identical.

    Parameters
    ----------
    before, after
        ``(n,)`` in one frame.
    tolerance_deg
        How far a node may lie beside an edge and still be on it; in the units of the
        coordinates, the default being one millimetre in degrees.
    """
    answer = np.full(len(before), "changed", dtype="<U7")
    answer[shapely.equals_identical(before, after)] = "same"
    rest = np.flatnonzero((answer != "same") & is_polygonal(before) & is_polygonal(after))
    both = linework(np.concatenate([before[rest], after[rest]]))
    is_same = _agrees(both.areas, both.vertices, both.heads, len(rest), len(both.nodes))
    answer[rest[is_same]] = "same"
    rest = rest[~is_same]
    both = linework(np.concatenate([before[rest], after[rest]]))
    is_renoded = _has_only_shared_nodes_on_edges(both, len(rest), tolerance_deg)
    answer[rest[is_renoded]] = "renoded"
    return answer


def is_renoded(before: Geometries, after: Geometries) -> NDArray[np.bool_]:
    """Return where only nodes on existing edges differ, shape ``(n,)``; see `compare_outlines`."""
    renoded: NDArray[np.bool_] = compare_outlines(before, after) == "renoded"
    return renoded


def _agrees(areas: Ints, tails: Ints, heads: Ints, count: int, nodes: int) -> NDArray[np.bool_]:
    """Return which pairs (area i, area count + i) have the same undirected edges."""
    keys = np.minimum(tails, heads) * nodes + np.maximum(tails, heads)
    _, keys = np.unique(keys, return_inverse=True)
    keys = keys * count + areas % count
    keys, inverse = np.unique(keys, return_inverse=True)
    balance = np.bincount(inverse, np.where(areas < count, 1, -1), minlength=len(keys))
    agrees = np.ones(count, dtype=bool)
    agrees[keys[balance != 0] % count] = False
    return agrees


def _has_only_shared_nodes_on_edges(
    both: Linework, count: int, tolerance_deg: float
) -> NDArray[np.bool_]:
    pair, is_before = both.areas % count, both.areas < count
    keys = pair * len(both.nodes) + both.vertices
    is_shared = np.where(is_before, np.isin(keys, keys[~is_before]), np.isin(keys, keys[is_before]))
    previous, following = _shared_around(both, is_shared)
    is_whole = np.ones(count, dtype=bool)
    is_whole[pair[previous < 0]] = False
    extra = np.flatnonzero(~is_shared & (previous >= 0))
    ends = both.vertices[previous[extra]], both.vertices[following[extra]]
    away = _distance(both.nodes[both.vertices[extra]], *(both.nodes[end] for end in ends))
    is_whole[pair[extra[away > tolerance_deg]]] = False
    kept = np.flatnonzero(is_shared)
    heads = both.vertices[following[kept]]
    return is_whole & _agrees(both.areas[kept], both.vertices[kept], heads, count, len(both.nodes))


def _shared_around(both: Linework, is_shared: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the shared vertex before and after each vertex in its ring; -1 where there is none."""
    shared = np.flatnonzero(is_shared)
    previous, following = np.full((2, len(is_shared)), -1)
    if not len(shared):
        return previous, following
    ring = both.ring_of
    first = np.searchsorted(ring[shared], ring, side="left")
    last = np.searchsorted(ring[shared], ring, side="right")
    here = np.arange(len(is_shared))
    below = np.searchsorted(shared, here, side="left") - 1
    above = np.searchsorted(shared, here, side="right")
    below = np.where(below < first, last - 1, below)
    above = np.where(above >= last, first, above)
    has = last > first
    previous[has], following[has] = shared[below[has]], shared[above[has]]
    return previous, following


def _distance(places: Floats, starts: Floats, ends: Floats) -> Floats:
    """Return how far places lie from straight lines, shape ``(n,)``."""
    way = ends - starts
    length = np.maximum((way**2).sum(axis=1), 1e-300)
    share = np.clip(((places - starts) * way).sum(axis=1) / length, 0, 1)
    away: Floats = np.hypot(*(places - starts - share[:, None] * way).T)
    return away
