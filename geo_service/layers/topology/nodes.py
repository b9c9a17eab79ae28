"""Vertex matching: what lies within a millimetre becomes one node, with the same bits."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Boundaries, Floats, Geometries
from geo_service.layers.layer import Layers
from geo_service.layers.topology.linework import (
    Ints,
    Linework,
    linework,
    polygons_of_edges,
    polygons_of_rings,
)
from geo_service.layers.topology.nest import Nest, nests, sound
from geo_service.layers.topology.scale import NODE_TOLERANCE_M, Scale

_ROUNDS = 12
_CHUNK = 400_000


class Matched(NamedTuple):
    """Boundaries with matched nodes, and what that took.

    ``inserted`` counts nodes added to rings, ``moved`` the places that were merged into another;
    ``largest_move_m`` is the furthest that a place or an edge moved.
    """

    boundaries: Boundaries
    inserted: int
    moved: int
    largest_move_m: float


def match_nodes(
    boundaries: Boundaries,
    layers: Layers,
    *,
    metres_per_unit: Scale,
    tolerance_m: float = NODE_TOLERANCE_M,
) -> Matched:
    """Give every border the same nodes, bit for bit, in all rings that pass it.

    Places within ``tolerance_m`` of each other become one, and a place within ``tolerance_m`` of
    an edge becomes a vertex of it: between siblings, cousins, ancestors and descendants, that is,
    within all layers under one root. Areas that need nothing keep their very objects; so do
    invalid ones, which `check` reports, and areas that would vanish.

    Parameters
    ----------
    boundaries
        Planar coordinates of one frame. Overlay and line layers stay as they are.
    metres_per_unit
        Scale of x and y, see `local_scale`.

    Notes
    -----
    Which place stays is decided in one order: the ancestor's before the descendant's, then the
    area with the lowest code, then the order in its ring. A place stays unless one that comes
    before it and stays is within the tolerance; else it moves to the nearest that stays. So no
    place moves further than the tolerance and chains do not drift. After that places never move
    again: nodes are only inserted, until no edge has a place beside it.
    """
    result, inserted, moved, furthest = dict(boundaries), 0, 0, 0.0
    for nest in nests(boundaries, layers):
        one = match_nest(nest, scale=metres_per_unit, tolerance_m=tolerance_m)
        result.update(one.nest.area_sets(boundaries))
        inserted, moved = inserted + one.inserted, moved + one.moved
        furthest = max(furthest, one.largest_move_m)
    return Matched(result, inserted, moved, furthest)


class MatchedNest(NamedTuple):
    """The same for one nest."""

    nest: Nest
    inserted: int
    moved: int
    largest_move_m: float


def match_nest(nest: Nest, *, scale: Scale, tolerance_m: float) -> MatchedNest:
    """Match the nodes of all areas of a nest; see `match_nodes`."""
    work = linework(sound(nest.geometries))
    points = work.nodes * np.array(scale)
    targets = merged(points, tolerance_m)
    ends = targets[work.ends]
    pieces, _ = split(points, whole_edges(ends), tolerance_m, among=np.unique(targets))
    touched, inserted = _touched(work, targets, pieces)
    if not len(touched):
        return MatchedNest(nest, 0, 0, 0.0)
    geometries = renoded(work, pieces, work.nodes, touched)
    is_lost = shapely.is_empty(geometries)
    result = nest.geometries.copy()
    result[touched[~is_lost]] = geometries[~is_lost]
    furthest = max(_longest(points - points[targets]), _furthest_insertion(points, ends, pieces))
    moved = int((targets != np.arange(len(targets))).sum())
    return MatchedNest(nest.with_geometries(result), inserted, moved, furthest)


class Pieces(NamedTuple):
    """Edges in pieces: edge by edge, each from its first to its last node, shape ``(k,)``."""

    edges: Ints
    tails: Ints
    heads: Ints


def whole_edges(ends: Ints) -> Pieces:
    """Return each edge as one piece; edges whose ends are one node as well."""
    return Pieces(np.arange(len(ends)), ends[:, 0], ends[:, 1])


def split(
    points: Floats,
    pieces: Pieces,
    tolerance_m: float,
    *,
    among: Ints,
    is_new: NDArray[np.bool_] | None = None,
) -> tuple[Pieces, NDArray[np.bool_]]:
    """Cut pieces at the nodes ``among`` that lie within the tolerance, until none does.

    Parameters
    ----------
    points
        ``(n, 2)`` metres.
    is_new
        Which pieces to look at; all where it is None.

    Returns
    -------
    tuple
        The pieces, and which of them are new or were to begin with.
    """
    grid = NodeGrid(points, among, cell_size(points, pieces, tolerance_m))
    is_new = np.ones(len(pieces.edges), dtype=bool) if is_new is None else is_new
    is_open = is_new & (pieces.tails != pieces.heads)
    rounds_left = _ROUNDS
    while is_open.any() and rounds_left:
        suspects = np.flatnonzero(is_open)
        where, nodes = grid.beside(pieces.tails[suspects], pieces.heads[suspects], tolerance_m)
        was_new = np.repeat(is_new, 1 + np.bincount(suspects[where], minlength=len(is_new)))
        pieces, is_open = cut(points, pieces, suspects[where], nodes)
        is_new = was_new | is_open
        rounds_left -= 1
    return pieces, is_new


def cut(
    points: Floats, pieces: Pieces, where: Ints, nodes: Ints
) -> tuple[Pieces, NDArray[np.bool_]]:
    """Insert ``nodes`` into the pieces ``where``, in the order along each; say which are new."""
    along = _along(points, pieces.tails[where], pieces.heads[where], nodes)
    order = np.lexsort((nodes, along, where))
    where, nodes = where[order], nodes[order]
    counts = np.bincount(where, minlength=len(pieces.edges))
    owner = np.repeat(np.arange(len(pieces.edges)), counts + 1)
    first = np.cumsum(counts + 1) - counts - 1
    tails = pieces.tails[owner]
    is_inserted = np.ones(len(owner), dtype=bool)
    is_inserted[first] = False
    tails[is_inserted] = nodes
    heads = np.r_[tails[1:], 0]
    last = first + counts
    heads[last] = pieces.heads
    return Pieces(pieces.edges[owner], tails, heads), counts[owner] > 0


def merged(points: Floats, tolerance_m: float) -> Ints:
    """Return for each place the one that it becomes; see the notes of `match_nodes`."""
    from scipy.spatial import cKDTree  # loads for a quarter of a second: locating does without

    targets = np.arange(len(points))
    # Without balancing the tree is built four times faster, and real places are spread enough.
    tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
    pairs = tree.query_pairs(tolerance_m, output_type="ndarray")
    if not len(pairs):
        return targets
    before, after = pairs.min(axis=1), pairs.max(axis=1)
    is_open = np.zeros(len(points), dtype=bool)
    is_open[pairs] = True
    stays = ~is_open
    while is_open.any():
        live = is_open[before] & is_open[after]
        is_next = is_open.copy()
        is_next[after[live]] = False
        stays |= is_next
        is_open &= ~is_next
        is_open[after[is_next[before]]] = False
        is_open[before[is_next[after]]] = False
    return _nearest_that_stays(points, targets, stays, pairs)


def _nearest_that_stays(
    points: Floats, targets: Ints, stays: NDArray[np.bool_], pairs: Ints
) -> Ints:
    goes, comes = np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]]
    useful = ~stays[goes] & stays[comes]
    goes, comes = goes[useful], comes[useful]
    distance = np.hypot(*(points[goes] - points[comes]).T)
    order = np.lexsort((comes, distance, goes))
    goes, first = np.unique(goes[order], return_index=True)
    targets[goes] = comes[order][first]
    return targets


class NodeGrid:
    """Nodes sorted into square cells, to ask which lie beside an edge."""

    def __init__(self, points: Floats, nodes: Ints, size: float) -> None:
        self._points, self._size = points, size
        self._origin = points[nodes].min(axis=0) if len(nodes) else np.zeros(2)
        keys = self._key(self._cell(points[nodes]))
        order = np.argsort(keys, kind="stable")
        self._keys, self._nodes = keys[order], nodes[order]

    def _cell(self, places: Floats) -> Ints:
        return np.floor((places - self._origin) / self._size).astype(np.int64)

    @staticmethod
    def _key(cells: Ints) -> Ints:
        return (cells[..., 0] << 32) + cells[..., 1]

    def beside(self, tails: Ints, heads: Ints, tolerance_m: float) -> tuple[Ints, Ints]:
        """Return pairs (position of edge, node) where a node that is no end lies on the edge.

        "On" is within the tolerance, with the foot of the perpendicular between the ends, and
        seen from the node the ends lie in opposite directions: a place diagonally beside an end
        would otherwise send the edge back and forth.
        """
        found = [
            self._beside(tails[start : start + _CHUNK], heads[start : start + _CHUNK], tolerance_m)
            for start in range(0, len(tails), _CHUNK)
        ]
        if not found:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        where = np.concatenate([w + i * _CHUNK for i, (w, _) in enumerate(found)])
        return where, np.concatenate([n for _, n in found])

    def _beside(self, tails: Ints, heads: Ints, tolerance_m: float) -> tuple[Ints, Ints]:
        where, nodes = self._candidates(tails, heads, tolerance_m)
        strange = (nodes != tails[where]) & (nodes != heads[where])
        where, nodes = where[strange], nodes[strange]
        to_tail = self._points[tails[where]] - self._points[nodes]
        to_head = self._points[heads[where]] - self._points[nodes]
        cross = to_tail[:, 0] * to_head[:, 1] - to_tail[:, 1] * to_head[:, 0]
        length = np.hypot(*(to_head - to_tail).T)
        is_on = (np.abs(cross) <= tolerance_m * length) & ((to_tail * to_head).sum(axis=1) < 0)
        pairs = np.unique(np.stack([where[is_on], nodes[is_on]], axis=1), axis=0)
        return pairs[:, 0], pairs[:, 1]

    def _candidates(self, tails: Ints, heads: Ints, tolerance_m: float) -> tuple[Ints, Ints]:
        """Return pairs (position of edge, node) that share a cell, some of them twice."""
        cells, where = self._cells_along(self._points[tails], self._points[heads], tolerance_m)
        keys = self._key(cells)
        first = np.searchsorted(self._keys, keys, side="left")
        counts = np.searchsorted(self._keys, keys, side="right") - first
        return np.repeat(where, counts), self._nodes[ranges(first, counts)]

    def _cells_along(self, tails: Floats, heads: Floats, tolerance_m: float) -> tuple[Ints, Ints]:
        """Return the cells around each edge; a long edge goes in pieces of one cell's length."""
        length = np.hypot(*(heads - tails).T)
        counts = np.maximum(np.ceil(length / self._size).astype(np.int64), 1)
        where = np.repeat(np.arange(len(tails)), counts)
        step = ranges(np.zeros(len(tails), dtype=np.int64), counts)
        share = np.stack([step, step + 1]) / counts[where]
        a, b = (tails[where] + s[:, None] * (heads - tails)[where] for s in share)
        low = self._cell(np.minimum(a, b) - tolerance_m)
        span = self._cell(np.maximum(a, b) + tolerance_m) - low + 1
        total = span[:, 0] * span[:, 1]
        box = np.repeat(np.arange(len(where)), total)
        offset = ranges(np.zeros(len(where), dtype=np.int64), total)
        columns = span[box, 0]
        cells = low[box] + np.stack([offset % columns, offset // columns], axis=1)
        return cells, where[box]


def ranges(starts: Ints, counts: Ints) -> Ints:
    """Return start, start + 1, … for each count, one after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - counts, counts) + np.repeat(starts, counts)


def cell_size(points: Floats, pieces: Pieces, tolerance_m: float) -> float:
    """Return a cell for `NodeGrid` in metres: about two edges long."""
    length = np.hypot(*(points[pieces.heads] - points[pieces.tails]).T)
    if not len(length):
        return 1.0
    # The mean bounds the number of cells where a stray place makes edges across half a country.
    return max(2 * float(np.median(length)), float(length.mean()) / 4, 8 * tolerance_m)


def _along(points: Floats, tails: Ints, heads: Ints, nodes: Ints) -> Floats:
    along: Floats = ((points[nodes] - points[tails]) * (points[heads] - points[tails])).sum(axis=1)
    return along


def _touched(work: Linework, targets: Ints, pieces: Pieces) -> tuple[Ints, int]:
    """Return the areas with a vertex moved or added, and how many were added."""
    added = np.bincount(pieces.edges, minlength=len(work.ends))[work.edges] - 1
    is_touched = (added > 0) | (targets[work.vertices] != work.vertices)
    return np.unique(work.areas[is_touched]), int(added.sum())


def renoded(work: Linework, pieces: Pieces, nodes: Floats, areas: Ints) -> Geometries:
    """Return ``areas`` (ascending) with their edges replaced by the pieces; empty if they vanish.

    A ring that now touches itself is taken apart, so that the area stays valid.
    """
    steps = np.flatnonzero(np.isin(work.areas, areas))
    tails, heads, owner = along_rings(work, pieces, steps)
    geometries = polygons_of_rings(work, tails, work.ring_of[owner], areas=areas, nodes=nodes)
    bent = np.flatnonzero(~shapely.is_valid(geometries))
    if len(bent):
        mine = np.isin(work.areas[owner], areas[bent])
        tails, heads, owner = tails[mine], heads[mine], owner[mine]
        turned = work.ring_turns[work.ring_of[owner]] < 0
        geometries[bent] = polygons_of_edges(
            nodes,
            np.where(turned, heads, tails),
            np.where(turned, tails, heads),
            work.areas[owner],
            areas=areas[bent],
        )
    geometries[~shapely.is_valid(geometries)] = shapely.Polygon()
    return geometries


def along_rings(work: Linework, pieces: Pieces, steps: Ints) -> tuple[Ints, Ints, Ints]:
    """Return tail, head and step of the pieces that the steps walk, in the rings' own order."""
    edges = work.edges[steps]
    first = np.searchsorted(pieces.edges, edges, side="left")
    counts = np.searchsorted(pieces.edges, edges, side="right") - first
    is_forward = np.repeat(work.vertices[steps] < work.heads[steps], counts)
    up = ranges(first, counts)
    down = np.repeat(2 * first + counts - 1, counts) - up
    tails = np.where(is_forward, pieces.tails[up], pieces.heads[down])
    heads = np.where(is_forward, pieces.heads[up], pieces.tails[down])
    return tails, heads, np.repeat(steps, counts)


def _furthest_insertion(points: Floats, ends: Ints, pieces: Pieces) -> float:
    """Return how far the furthest inserted node lies from its edge."""
    inner = np.flatnonzero(pieces.tails != ends[pieces.edges, 0])
    a, b = points[ends[pieces.edges[inner]]].transpose(1, 0, 2)
    node = points[pieces.tails[inner]]
    cross = (a - node)[:, 0] * (b - node)[:, 1] - (a - node)[:, 1] * (b - node)[:, 0]
    length = np.maximum(np.hypot(*(b - a).T), 1e-300)
    return float(np.max(np.abs(cross) / length, initial=0.0))


def _longest(moves: Floats) -> float:
    return float(np.max(np.hypot(*moves.T), initial=0.0))
