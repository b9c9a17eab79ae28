"""The rings of many areas as one table of nodes and edges, and back: topology by bits alone."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

Ints: TypeAlias = NDArray[np.int64]


_SMALLEST_RING = 3


class Imbalance(NamedTuple):
    """Edges that do not cancel within their group, shape ``(k,)`` each."""

    groups: Ints
    edges: Ints


@dataclass(frozen=True, eq=False)
class Linework:
    """Rings as node numbers; equal coordinates (bit for bit) are one node.

    ``nodes`` is ``(n, 2)``; ``vertices`` holds the node of each ring vertex, ring after ring,
    without the closing one and without repetitions; ring r is
    ``vertices[ring_starts[r]:ring_starts[r + 1]]``. ``ring_turns`` is +1 where the ring as given
    has its area on the left, else -1. Nodes are numbered in the order in which the areas first
    use them.

    Notes
    -----
    The step from vertex i to the following one is edge ``edges[i]``; ``signs[i]`` is +1 where it
    runs from the edge's lower to its higher node with the area on its left. Add the signs of all
    steps of an edge: siblings on both sides cancel, and what is left is the outline of the sum.
    Because a plane has no closed surface, two sets of polygons whose outlines agree edge by edge
    cover the same ground equally often everywhere. So comparing edges proves "no gap, no overlap,
    nothing outside" exactly, with no arithmetic on coordinates at all.
    """

    nodes: Floats
    vertices: Ints
    ring_starts: Ints
    ring_parts: Ints
    ring_turns: Ints
    part_areas: Ints

    @cached_property
    def ring_of(self) -> Ints:
        """The ring of each vertex."""
        return np.repeat(np.arange(len(self.ring_starts) - 1), np.diff(self.ring_starts))

    @cached_property
    def areas(self) -> Ints:
        """The area of each vertex."""
        return self.part_areas[self.ring_parts[self.ring_of]]

    @cached_property
    def heads(self) -> Ints:
        """The node after each vertex in its ring."""
        following = np.arange(1, len(self.vertices) + 1)
        following[self.ring_starts[1:] - 1] = self.ring_starts[:-1]
        return self.vertices[following]

    @cached_property
    def _keys(self) -> tuple[Ints, Ints]:
        low = np.minimum(self.vertices, self.heads)
        high = np.maximum(self.vertices, self.heads)
        keys, edges = np.unique(low * len(self.nodes) + high, return_inverse=True)
        return keys, edges

    @property
    def edges(self) -> Ints:
        """The edge of each step, numbered over all rings."""
        return self._keys[1]

    @cached_property
    def ends(self) -> Ints:
        """The lower and the higher node of each edge, shape ``(e, 2)``."""
        keys = self._keys[0]
        return np.stack([keys // len(self.nodes), keys % len(self.nodes)], axis=1)

    @cached_property
    def signs(self) -> Ints:
        """+1 where a step runs from low to high node with its area on the left, else -1."""
        return np.where(self.vertices < self.heads, 1, -1) * self.ring_turns[self.ring_of]

    def lines(self, edges: Ints) -> Geometries:
        """Return edges as straight lines."""
        return segments(self.nodes[self.ends[edges, 0]], self.nodes[self.ends[edges, 1]])

    def imbalance(self, groups: Ints, weights: Ints) -> Imbalance:
        """Return the edges that do not cancel, and those that lie twice on the same side.

        Parameters
        ----------
        groups
            ``(areas,)``, -1 for areas that take no part. Edges cancel within a group only.
        weights
            ``(areas,)``, +1 for areas that tile, -1 for the area that they are to tile.
        """
        used = np.flatnonzero(groups[self.areas] >= 0)
        areas, count = self.areas[used], len(self.ends)
        keys = groups[areas] * count + self.edges[used]
        order = np.argsort(keys, kind="stable")
        keys, signs, weight = keys[order], self.signs[used][order], weights[areas][order]
        if not len(keys):
            return Imbalance(keys, keys)
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        total = np.add.reduceat(signs * weight, first)
        left = np.add.reduceat(((signs > 0) & (weight > 0)).astype(np.int64), first)
        right = np.add.reduceat(((signs < 0) & (weight > 0)).astype(np.int64), first)
        keys = keys[first][(total != 0) | (left > 1) | (right > 1)]
        return Imbalance(keys // count, keys % count)


def segments(starts: Floats, ends: Floats) -> Geometries:
    """Return straight lines between places, both of shape ``(n, 2)``."""
    lines = np.empty(len(starts), dtype=object)
    if len(starts):
        lines[:] = shapely.linestrings(np.stack([starts, ends], axis=1))
    return lines


def linework(geometries: Geometries) -> Linework:
    """Take polygons apart; they must be valid (an empty one has no ring).

    Negative zero counts as zero, since both are the same place.
    """
    parts, part_areas = shapely.get_parts(geometries, return_index=True)
    rings, ring_parts = shapely.get_rings(parts, return_index=True)
    places, ring_of = shapely.get_coordinates(rings, return_index=True)
    # The closing vertex repeats the first; others may repeat the one before.
    keep = np.r_[(ring_of[1:] == ring_of[:-1]) & (places[1:] != places[:-1]).any(axis=1), False]
    keep = keep[: len(places)]
    vertices, nodes = _numbered(places[keep] + 0.0)
    return Linework(
        nodes=nodes,
        vertices=vertices,
        ring_starts=np.searchsorted(ring_of[keep], np.arange(len(rings) + 1)),
        ring_parts=ring_parts,
        ring_turns=_turns(rings, ring_parts),
        part_areas=part_areas,
    )


def _numbered(places: Floats) -> tuple[Ints, Floats]:
    """Give equal places one number, in the order in which they first occur."""
    # As complex numbers pairs sort in one pass, exactly.
    distinct, first, inverse = np.unique(
        np.ascontiguousarray(places).view(np.complex128).ravel(),
        return_index=True,
        return_inverse=True,
    )
    rank = np.argsort(first)
    number = np.empty(len(rank), dtype=np.int64)
    number[rank] = np.arange(len(rank))
    return number[inverse], distinct[rank].view(np.float64).reshape(-1, 2)


def _turns(rings: Geometries, ring_parts: Ints) -> Ints:
    """Return +1 for shells drawn counterclockwise and holes drawn clockwise, else -1."""
    is_hole = np.r_[False, ring_parts[1:] == ring_parts[:-1]][: len(rings)]
    return np.where(shapely.is_ccw(rings) != is_hole, 1, -1)


def polygons_of_rings(
    work: Linework, vertices: Ints, ring_of: Ints, *, areas: Ints, nodes: Floats
) -> Geometries:
    """Return areas with other vertices in their rings, shape of ``areas``.

    Parameters
    ----------
    work
        Says which ring belongs to which part, and which part to which area.
    vertices, ring_of
        Node and ring of each vertex, ring after ring, for at least the rings of ``areas``.
        Repetitions are dropped, then rings of fewer than three nodes; a part goes with its shell.
    areas
        Ascending. An area is a polygon where it has one part, else a multipolygon.
    nodes
        ``(n, 2)`` coordinates.
    """
    is_wanted = np.isin(work.part_areas[work.ring_parts[ring_of]], areas)
    vertices, ring_of = _without_repetitions(vertices[is_wanted], ring_of[is_wanted])
    is_kept = ~_is_lost(work, ring_of)[ring_of]
    vertices, ring_of = vertices[is_kept], ring_of[is_kept]
    rings, ring_index = np.unique(ring_of, return_inverse=True)
    parts, part_index = np.unique(work.ring_parts[rings], return_inverse=True)
    shapes = np.empty(len(parts), dtype=object)
    if len(parts):
        outlines = np.asarray(shapely.linearrings(nodes[vertices], indices=ring_index))
        shapes[:] = shapely.polygons(outlines, indices=part_index)
    return _gathered(shapes, work.part_areas[parts], areas)


def polygons_of_edges(
    nodes: Floats, tails: Ints, heads: Ints, owners: Ints, *, areas: Ints
) -> Geometries:
    """Return the areas that directed edges run around, each area on the left of its edges.

    Opposite edges of one area cancel. A ring that touches itself becomes shell and hole, or two
    parts. Edges that do not close enclose nothing.

    Parameters
    ----------
    nodes
        ``(n, 2)`` coordinates.
    tails, heads, owners
        ``(k,)`` nodes and area of each edge.
    areas
        Ascending. An area is a polygon where it has one part, else a multipolygon.
    """
    net = _net_edges(tails, heads, owners)
    net = net[np.argsort(owners[net], kind="stable")]
    first = np.searchsorted(owners[net], areas, side="left")
    last = np.searchsorted(owners[net], areas, side="right")
    found = [
        _faces_left_of(nodes[tails[net[start:end]]], nodes[heads[net[start:end]]])
        for start, end in zip(first, last, strict=True)
    ]
    parts = np.empty(sum(map(len, found)), dtype=object)
    parts[:] = [face for faces in found for face in faces]
    return _gathered(parts, np.repeat(areas, [len(faces) for faces in found]), areas)


def _without_repetitions(vertices: Ints, ring_of: Ints) -> tuple[Ints, Ints]:
    """Drop vertices equal to the one before in their ring; the first follows the last."""
    if not len(vertices):
        return vertices, ring_of
    before = np.roll(vertices, 1)
    starts = np.flatnonzero(np.r_[True, ring_of[1:] != ring_of[:-1]])
    before[starts] = vertices[np.r_[starts[1:], len(vertices)] - 1]
    is_kept = vertices != before
    return vertices[is_kept], ring_of[is_kept]


def _is_lost(work: Linework, ring_of: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rings have collapsed, and which are holes of a shell that has."""
    count = len(work.ring_parts)
    has_collapsed = np.bincount(ring_of, minlength=count) < _SMALLEST_RING
    is_shell = np.r_[True, work.ring_parts[1:] != work.ring_parts[:-1]][:count]
    lost: np.ndarray[tuple[int], np.dtype[np.bool_]] = has_collapsed | np.isin(
        work.ring_parts, work.ring_parts[is_shell & has_collapsed]
    )
    return lost


def _gathered(parts: Geometries, part_areas: Ints, areas: Ints) -> Geometries:
    """Return one geometry per area from parts in the order of their areas."""
    result = np.empty(len(areas), dtype=object)
    first = np.searchsorted(part_areas, areas, side="left")
    last = np.searchsorted(part_areas, areas, side="right")
    for i, (start, end) in enumerate(zip(first, last, strict=True)):
        some = parts[start:end].tolist()
        result[i] = some[0] if len(some) == 1 else shapely.MultiPolygon(some)
    return result


def _net_edges(tails: Ints, heads: Ints, owners: Ints) -> Ints:
    """Return the positions of edges that no opposite edge of the same area cancels, each once."""
    low, high = np.minimum(tails, heads), np.maximum(tails, heads)
    order = np.lexsort((high, low, owners))
    if not len(order):
        return order
    keys = np.stack([owners, low, high])[:, order]
    is_first = np.r_[True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)]
    sign = np.where(tails < heads, 1, -1)[order]
    group = np.cumsum(is_first) - 1
    total = np.add.reduceat(sign, np.flatnonzero(is_first))
    runs_the_right_way = (total[group] * sign > 0) & (low[order] != high[order])
    left = np.flatnonzero(runs_the_right_way)
    _, once = np.unique(group[left], return_index=True)
    return order[left[once]]


def _faces_left_of(tails: Floats, heads: Floats) -> list[shapely.Polygon]:
    faces = shapely.get_parts(shapely.polygonize(segments(tails, heads))).tolist()
    steps = set(map(tuple, np.hstack([tails, heads]).tolist()))
    return [face for face in faces if _first_step(face) in steps]


def _first_step(face: shapely.Polygon) -> tuple[float, ...]:
    """Return the first step of the shell, walked with the face on its left."""
    places = shapely.get_coordinates(face.exterior)[:2]
    return tuple((places if face.exterior.is_ccw else places[::-1]).ravel().tolist())
