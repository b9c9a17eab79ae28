"""Crossing borders cut into pieces with shared nodes, and the faces between the pieces."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.topology.faults import Cover, covered, is_inside
from geo_service.layers.topology.linework import Ints, Linework, segments
from geo_service.layers.topology.nest import Nest
from geo_service.layers.topology.nodes import Pieces, cut, merged, renoded, split
from geo_service.layers.topology.scale import NODE_TOLERANCE_M, Scale

Step: TypeAlias = tuple[int, int]
"""From a node to a node."""

_ROUNDS = 20


class Noded(NamedTuple):
    """Pieces that meet in nodes only; ``nodes`` may have more rows than before."""

    nodes: Floats
    pieces: Pieces


def noded(nodes: Floats, pieces: Pieces, scale: Scale) -> Noded:
    """Cut pieces where they cross, until they meet in nodes only.

    A crossing within a millimetre of a node becomes this node: micro pieces would follow else.
    """
    is_new = np.ones(len(pieces.edges), dtype=bool)
    rounds_left = _ROUNDS
    while is_new.any() and rounds_left:
        mine = np.unique(np.r_[pieces.tails, pieces.heads])
        points = nodes * np.array(scale)
        pieces, is_new = split(points, pieces, NODE_TOLERANCE_M, among=mine, is_new=is_new)
        i, j, places = _crossings(nodes, pieces, is_new)
        nodes, crossings = with_places(nodes, mine, places, scale)
        where, at = np.unique(np.stack([np.r_[i, j], np.r_[crossings, crossings]]), axis=1)
        is_inner = (pieces.tails[where] != at) & (pieces.heads[where] != at)
        points = nodes * np.array(scale)
        pieces, is_new = cut(points, pieces, where[is_inner], at[is_inner])
        rounds_left -= 1
    return Noded(nodes, pieces)


def _crossings(
    nodes: Floats, pieces: Pieces, is_new: NDArray[np.bool_]
) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of pieces that cross, where at least one is new, and the places."""
    lines = segments(nodes[pieces.tails], nodes[pieces.heads])
    new = np.flatnonzero(is_new)
    i, j = shapely.STRtree(lines).query(lines[new], predicate="crosses")
    i = new[i]
    is_first = (i < j) | ~is_new[j]
    i, j = i[is_first], j[is_first]
    return i, j, shapely.get_coordinates(shapely.intersection(lines[i], lines[j]))


def with_places(nodes: Floats, mine: Ints, places: Floats, scale: Scale) -> tuple[Floats, Ints]:
    """Return nodes with the places added, and the node of each place.

    A place within a millimetre of one of the nodes ``mine``, or of a place before it, is no new
    node.
    """
    together = np.vstack([nodes[mine], places])
    numbers = np.r_[mine, np.arange(len(nodes), len(nodes) + len(places))]
    targets = merged(together * np.array(scale), NODE_TOLERANCE_M)
    # Nodes already there are further apart than the tolerance, so each of them stays.
    return np.vstack([nodes, places]), numbers[targets[len(mine) :]]


class Atom(NamedTuple):
    """A face with the steps around it, the face on the left of each, and what covers it."""

    steps: tuple[Step, ...]
    cover: Cover


class Arrangement(NamedTuple):
    """Faces inside some ground, and the areas on the left of each directed piece."""

    noded: Noded
    polygons: Geometries
    atoms: list[Atom]
    left_of: dict[Step, set[int]]

    def beyond(self, atom: Atom, step: Step) -> Cover:
        """Return what covers the ground on the other side of a step."""
        here = self.left_of.get(step, set())
        there = self.left_of.get(step[::-1], set())
        return frozenset((atom.cover - here) | there)


def arrangement(
    nest: Nest, work: Linework, edges: Ints, ground: Geometries, *, cuts: Geometries, scale: Scale
) -> Arrangement:
    """Return the faces that ``edges`` and ``cuts`` part the ``ground`` into.

    Edges of the pieces are positions in ``edges``; those of cuts follow after them.
    """
    places = shapely.get_coordinates(cuts)
    local = np.unique(work.ends[edges])
    nodes, ends = with_places(work.nodes, local, places, scale)
    pairs = np.vstack([work.ends[edges], ends.reshape(-1, 2)])
    pieces = Pieces(np.arange(len(pairs)), pairs[:, 0], pairs[:, 1])
    result = noded(nodes, pieces, scale)
    nodes, pieces = result
    polygons = _enclosed(nodes, pieces)
    polygons = polygons[is_inside(polygons, ground)]
    faces = covered(polygons, _bent(nest, work, edges, result), np.arange(len(nest)))
    number = {tuple(nodes[n].tolist()): n for n in np.unique(pieces.tails).tolist()}
    number |= {tuple(nodes[n].tolist()): n for n in np.unique(pieces.heads).tolist()}
    atoms = [
        Atom(tuple(_steps(polygon, number)), cover)
        for polygon, cover in zip(polygons, faces.covers, strict=True)
    ]
    return Arrangement(result, polygons, atoms, _left_of(work, edges, pieces))


def _bent(nest: Nest, work: Linework, edges: Ints, result: Noded) -> Nest:
    """Return the areas as the noding has bent them: a face a millimetre wide must not err."""
    is_edge = result.pieces.edges < len(edges)
    local = Pieces(*(column[is_edge] for column in result.pieces))
    is_cut = np.bincount(local.edges, minlength=len(edges)) > 1
    areas = np.unique(work.areas[np.isin(work.edges, edges[is_cut])])
    geometries = nest.geometries.copy()
    if len(areas):
        pieces = with_pieces(work, edges, local)
        geometries[areas] = renoded(work, pieces, result.nodes, areas)
    return nest.with_geometries(geometries)


def with_pieces(work: Linework, edges: Ints, local: Pieces) -> Pieces:
    """Return all edges whole, but ``edges`` in the pieces given (by position in ``edges``)."""
    is_whole = np.ones(len(work.ends), dtype=bool)
    is_whole[edges] = False
    rest = np.flatnonzero(is_whole)
    numbers = np.r_[edges[local.edges], rest]
    order = np.argsort(numbers, kind="stable")
    return Pieces(
        numbers[order],
        np.r_[local.tails, work.ends[rest, 0]][order],
        np.r_[local.heads, work.ends[rest, 1]][order],
    )


def _enclosed(nodes: Floats, pieces: Pieces) -> Geometries:
    """Return the faces between pieces; each place is walked once, or GEOS finds no face."""
    ends = np.sort(np.stack([pieces.tails, pieces.heads], axis=1), axis=1)
    low, high = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0).T
    faces: Geometries = shapely.get_parts(shapely.polygonize(segments(nodes[low], nodes[high])))
    return faces


def _steps(polygon: shapely.Polygon, number: dict[tuple[float, ...], int]) -> Iterator[Step]:
    """Yield the steps around a face, shell and holes, the face on the left."""
    for is_shell, ring in [(True, polygon.exterior), *((False, r) for r in polygon.interiors)]:
        nodes = [number[place] for place in map(tuple, shapely.get_coordinates(ring).tolist())]
        yield from pairwise(nodes if ring.is_ccw == is_shell else nodes[::-1])


def _left_of(work: Linework, edges: Ints, pieces: Pieces) -> dict[Step, set[int]]:
    """Return the areas on the left of each piece of the edges, in either direction."""
    local = np.full(len(work.ends), -1)
    local[edges] = np.arange(len(edges))
    steps = np.flatnonzero(local[work.edges] >= 0)
    first = np.searchsorted(pieces.edges, local[work.edges[steps]], side="left")
    last = np.searchsorted(pieces.edges, local[work.edges[steps]], side="right")
    left: dict[Step, set[int]] = {}
    runs_up = work.signs[steps] > 0
    for i, step in enumerate(steps.tolist()):
        for piece in range(first[i], last[i]):
            ends = int(pieces.tails[piece]), int(pieces.heads[piece])
            left.setdefault(ends if runs_up[i] else ends[::-1], set()).add(int(work.areas[step]))
    return left
