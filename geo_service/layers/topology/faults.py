"""Where a coverage is broken: faces without one owner, borders without common nodes."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.topology.linework import Ints, Linework
from geo_service.layers.topology.nest import MISSING_PARENT, NO_PARENT, Nest
from geo_service.layers.topology.nodes import NodeGrid, Pieces, cell_size, ranges
from geo_service.layers.topology.scale import NODE_TOLERANCE_M, Scale

Cover: TypeAlias = frozenset[int]
"""The areas of a nest, on every layer, that cover a face."""

Fault: TypeAlias = tuple[str, tuple[int, ...]]
"""A kind of defect, and the areas of the nest concerned."""


GroundByFault: TypeAlias = Mapping[Fault, Geometries]
"""The ground where one fault holds for the same areas, in connected polygons."""


class Relation(NamedTuple):
    """A layer against its parents; or against itself, where nothing may lie twice.

    ``layer`` and ``above`` are positions in the nest's layers; ``above`` is NO_PARENT where the
    layer stands alone.
    """

    layer: int
    above: int

    def groups(self, nest: Nest) -> tuple[Ints, Ints]:
        """Return groups and weights for `Linework.imbalance`."""
        is_member = nest.layer_of == self.layer
        if self.above == NO_PARENT:
            return np.where(is_member, 0, -1), np.ones(len(nest), dtype=np.int64)
        is_parent = nest.has_children_in[:, self.layer]
        groups = np.where(is_member, nest.parent_of, np.where(is_parent, np.arange(len(nest)), -1))
        return np.maximum(groups, -1), np.where(is_member, 1, -1)

    def areas(self, nest: Nest) -> Ints:
        """Return the areas that take part."""
        return np.flatnonzero(np.isin(nest.layer_of, [self.layer, self.above]))

    def faults(self, nest: Nest, cover: Cover) -> Iterator[Fault]:
        """Yield kind and areas of everything that is wrong with a face covered like this."""
        children = sorted(a for a in cover if nest.layer_of[a] == self.layer)
        for pair in combinations(children, 2):
            yield "overlap", pair
        if self.above == NO_PARENT:
            if not children and nest.above[self.layer] == NO_PARENT:
                yield "hole", ()
            return
        parents = [int(nest.parent_of[child]) for child in children]
        for child, parent in zip(children, parents, strict=True):
            if parent != MISSING_PARENT and parent not in cover:
                yield "outside_parent", (child, parent)
        for area in sorted(cover):
            if nest.has_children_in[area, self.layer] and area not in parents:
                yield "gap", (area,)


def relations(nest: Nest, layer: int) -> list[Relation]:
    """Return what a layer must agree with: its parents, and itself where it has none."""
    above = nest.above[layer]
    has_orphans = bool((nest.parent_of[nest.members(layer)] == MISSING_PARENT).any())
    alone = [Relation(layer, NO_PARENT)] if above == NO_PARENT or has_orphans else []
    return alone if above == NO_PARENT else [Relation(layer, above), *alone]


class Faces(NamedTuple):
    """Polygons with the areas that cover each, shape ``(n,)``."""

    polygons: Geometries
    covers: list[Cover]

    def take(self, positions: Ints) -> "Faces":
        """Return the faces at ``positions``."""
        return Faces(self.polygons[positions], [self.covers[i] for i in positions.tolist()])

    def by_fault(self, nest: Nest, relation: Relation) -> GroundByFault:
        """Return the ground where one fault holds for the same areas, in connected parts."""
        polygons: dict[Fault, list[shapely.Geometry]] = {}
        for polygon, cover in zip(self.polygons, self.covers, strict=True):
            for fault in relation.faults(nest, cover):
                polygons.setdefault(fault, []).append(polygon)
        return {f: shapely.get_parts(shapely.union_all(some)) for f, some in polygons.items()}


def broken_faces(nest: Nest, work: Linework, relation: Relation, edges: Ints) -> Faces:
    """Return the faces where the relation does not hold, each covered alike all over.

    Parameters
    ----------
    nest, work
        Areas that can be analyzed, and their rings.
    relation
        What must hold.
    edges
        Its unbalanced edges: between them the sum of the covers is the same all over a face.
    """
    areas = relation.areas(nest)
    lines = work.lines(edges)
    broken = _broken(nest, relation, covered(enclosed(lines), nest, areas))
    crossing = np.setdiff1d(edges_near(work, nest, areas, broken.polygons), edges)
    if not len(crossing):
        return broken
    # The sum may be the same where one neighbor takes over from another: cut there as well.
    finer = enclosed(np.concatenate([lines, work.lines(crossing)]))
    finer = finer[is_inside(finer, broken.polygons)]
    return _broken(nest, relation, covered(finer, nest, areas))


def enclosed(lines: Geometries) -> Geometries:
    """Return all faces that lines enclose, crossings included."""
    noded = shapely.get_parts(shapely.union_all(lines))
    faces: Geometries = shapely.get_parts(shapely.polygonize(noded))
    return faces


def covered(polygons: Geometries, nest: Nest, areas: Ints) -> Faces:
    """Find which of ``areas`` cover each face, by a point inside the face."""
    tree = shapely.STRtree(shapely.point_on_surface(polygons))
    # The areas ask and the points are in the tree: only what asks is prepared, once per area.
    area, face = tree.query(nest.geometries[areas], predicate="intersects")
    covers: list[set[int]] = [set() for _ in polygons]
    for a, f in zip(areas[area].tolist(), face.tolist(), strict=True):
        covers[f].add(a)
    return Faces(polygons, [frozenset(cover) for cover in covers])


def edges_near(work: Linework, nest: Nest, areas: Ints, polygons: Geometries) -> Ints:
    """Return the edges of ``areas`` that touch or cross the polygons."""
    if not len(polygons):
        return np.zeros(0, dtype=np.int64)
    tree = shapely.STRtree(polygons)
    close = np.unique(areas[tree.query(nest.geometries[areas])[0]])
    edges = np.unique(work.edges[np.isin(work.areas, close)])
    touching = np.unique(tree.query(work.lines(edges), predicate="intersects")[0])
    return np.asarray(edges[touching], dtype=np.int64)


def is_inside(faces: Geometries, polygons: Geometries) -> NDArray[np.bool_]:
    """Return which faces lie in one of the polygons, by a point inside the face."""
    inside = np.zeros(len(faces), dtype=bool)
    points = shapely.STRtree(shapely.point_on_surface(faces))
    inside[points.query(polygons, predicate="intersects")[1]] = True
    return inside


def _broken(nest: Nest, relation: Relation, faces: Faces) -> Faces:
    is_broken = [any(True for _ in relation.faults(nest, cover)) for cover in faces.covers]
    return faces.take(np.flatnonzero(is_broken))


NodesByPair: TypeAlias = Mapping[tuple[int, ...], Ints]
"""The nodes that two areas of a nest do not share, by the two areas."""


def edges_at_fault(
    nest: Nest, work: Linework, relation: Relation, edges: Ints, thin: Geometries, scale: Scale
) -> Ints:
    """Return those unbalanced edges that are at fault.

    Against parents that is each of them. A layer that stands alone has an outline, which is no
    fault: there GEOS names the edges that another part covers or runs along, and ``thin`` faces
    have theirs.
    """
    if relation.above != NO_PARENT:
        return edges
    parts = shapely.get_parts(nest.geometries[nest.members(relation.layer)])
    outline = work.lines(edges)
    # Whatever is covered twice has an outline edge inside another part, so only parts near the
    # outline are asked; and parts, since whole areas in far-apart pieces take GEOS for ever.
    near = np.unique(shapely.STRtree(parts).query(outline)[1])
    invalid = shapely.coverage_invalid_edges(parts[near])
    is_invalid = _along(outline, invalid[~shapely.is_empty(invalid)])
    return edges[is_invalid | _beside(outline, thin, NODE_TOLERANCE_M / max(scale))]


def _along(lines: Geometries, culprits: Geometries) -> NDArray[np.bool_]:
    """Return which straight lines are part of a culprit, by their middles."""
    along = np.zeros(len(lines), dtype=bool)
    if len(culprits):
        middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
        distance = float(np.abs(shapely.total_bounds(lines)).max()) * 1e-14
        tree = shapely.STRtree(middles)
        along[tree.query(culprits, predicate="dwithin", distance=distance)[1]] = True
    return along


def _beside(lines: Geometries, faces: Geometries, margin: float) -> NDArray[np.bool_]:
    """Return which lines pass a thin face, by a point inside the face."""
    beside = np.zeros(len(lines), dtype=bool)
    if len(faces):
        tree = shapely.STRtree(lines)
        middles = shapely.point_on_surface(faces)
        beside[tree.query(middles, predicate="dwithin", distance=margin)[1]] = True
    return beside


def unshared_nodes(work: Linework, edges: Ints, areas: Ints, scale: Scale) -> NodesByPair:
    """Return which two areas do not share which nodes along ``edges``.

    A node of one lies within a millimetre of an edge, or of a node, of the other, and the other
    does not have it. Only ``areas`` count.
    """
    points = work.nodes * np.array(scale)
    steps = np.flatnonzero(np.isin(work.edges, edges) & np.isin(work.areas, areas))
    nodes = np.unique(work.ends[edges])
    edge, edge_node = _nodes_beside(points, work.ends, edges, nodes)
    node, node_node = _close_nodes(points, nodes)
    holders = np.r_[work.vertices[steps], work.heads[steps]]
    owners = np.r_[work.areas[steps], work.areas[steps]]
    by_node = (holders, owners)
    found = np.concatenate(
        [
            _owner_pairs((work.edges[steps], work.areas[steps]), edge, by_node, edge_node),
            _owner_pairs(by_node, node, by_node, node_node),
        ],
        axis=1,
    )
    return _by_pair(work, np.unique(found, axis=1))


def _nodes_beside(points: Floats, ends: Ints, edges: Ints, nodes: Ints) -> tuple[Ints, Ints]:
    pieces = Pieces(edges, ends[edges, 0], ends[edges, 1])
    grid = NodeGrid(points, nodes, cell_size(points, pieces, NODE_TOLERANCE_M))
    where, beside = grid.beside(pieces.tails, pieces.heads, NODE_TOLERANCE_M)
    return edges[where], beside


def _close_nodes(points: Floats, nodes: Ints) -> tuple[Ints, Ints]:
    from scipy.spatial import cKDTree  # loads for a quarter of a second: locating does without

    pairs = nodes[cKDTree(points[nodes]).query_pairs(NODE_TOLERANCE_M, output_type="ndarray")]
    return np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]]


def _owner_pairs(
    left: tuple[Ints, Ints], left_keys: Ints, right: tuple[Ints, Ints], right_keys: Ints
) -> Ints:
    """Return rows (owner of the left key, owner of the right key, right key) for all pairs."""
    i, j = _join(left_keys, left[0])
    k, m = _join(right_keys[i], right[0])
    return np.stack([left[1][j[k]], right[1][m], right_keys[i][k]])


def _join(wanted: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Return all pairs of positions with ``wanted[i] == keys[j]``."""
    order = np.argsort(keys, kind="stable")
    first = np.searchsorted(keys[order], wanted, side="left")
    counts = np.searchsorted(keys[order], wanted, side="right") - first
    return np.repeat(np.arange(len(wanted)), counts), order[ranges(first, counts)]


def _by_pair(work: Linework, found: Ints) -> NodesByPair:
    """Group the nodes that the first area does not have by the two areas."""
    here = np.isin(work.vertices, found[2])
    count = len(work.nodes)
    has = np.isin(found[0] * count + found[2], work.areas[here] * count + work.vertices[here])
    first, second, node = found[:, ~has & (found[0] != found[1])]
    grouped: dict[tuple[int, ...], set[int]] = {}
    for a, b, n in zip(first.tolist(), second.tolist(), node.tolist(), strict=True):
        grouped.setdefault((min(a, b), max(a, b)), set()).add(n)
    return {pair: np.array(sorted(nodes), dtype=np.int64) for pair, nodes in grouped.items()}


def cousins(nest: Nest) -> list[Ints]:
    """Return the layer pairs that share ancestors but are not nested in one another."""
    lines = [{layer, *nest.ancestors(layer)} for layer in range(len(nest.layers))]
    return [
        np.array(pair)
        for pair in combinations(range(len(nest.layers)), 2)
        if pair[0] not in lines[pair[1]] and pair[1] not in lines[pair[0]]
    ]


def owners_along(work: Linework, edges: Ints, areas: Ints) -> NodesByPair:
    """Return all areas that the edges belong to, with the nodes: a fault without a known pair."""
    mine = np.isin(work.edges, edges) & np.isin(work.areas, areas)
    return {tuple(np.unique(work.areas[mine]).tolist()): np.unique(work.ends[edges])}
