"""Layers from sources that never matched: who belongs to whom, and whose outline counts."""

import numpy as np
import shapely

from geo_service.errors import TopologyBroken
from geo_service.layers.area import AreaSet, Boundaries, Floats, Geometries
from geo_service.layers.layer import Layers
from geo_service.layers.topology.defect import Defect
from geo_service.layers.topology.faults import Relation
from geo_service.layers.topology.linework import Ints, Linework, linework, polygons_of_edges
from geo_service.layers.topology.nest import NO_PARENT, Nest, nests, usable
from geo_service.layers.topology.outlines import compare_outlines
from geo_service.layers.topology.repair import Kinds, Repaired, changes_between
from geo_service.layers.topology.scale import Scale

_DIGITS = 9


def parents_by_share(children: AreaSet, parents: AreaSet) -> tuple[list[str | None], Floats]:
    """Return for each child the parent that holds most of it, and the share held.

    Parameters
    ----------
    children, parents
        Planar coordinates of one frame; invalid polygons are judged as `make_valid` leaves them.

    Returns
    -------
    tuple
        Codes, None where no parent holds anything; and shares of the child's area from 0 to 1,
        shape ``(children,)``. Of equal shares (to nine digits) the lowest code.
    """
    inner, outer = usable(children.geometries), usable(parents.geometries)
    tree = shapely.STRtree(inner)
    # The parents ask: each is prepared once, and most children lie wholly inside one.
    parent, child = tree.query(outer, predicate="intersects")
    whole = np.unique(tree.query(outer, predicate="covers"), axis=1)
    shares = np.zeros((len(children),))
    owners = np.full(len(children), -1)
    is_open = ~np.isin(child, whole[1])
    pairs = np.stack([parent[is_open], child[is_open]])
    common = shapely.area(shapely.intersection(outer[pairs[0]], inner[pairs[1]]))
    pairs, held = np.hstack([pairs, whole]), np.r_[common, shapely.area(inner[whole[1]])]
    held = np.round(held / np.maximum(shapely.area(inner[pairs[1]]), 1e-300), _DIGITS)
    order = np.lexsort((-pairs[0], held))
    # The last one written wins: the largest share, and of equal ones the lowest code.
    best = order[held[order] > 0]
    owners[pairs[1, best]], shares[pairs[1, best]] = pairs[0, best], held[best]
    return [None if owner < 0 else parents.codes[owner] for owner in owners], shares


def parents_from_children(
    boundaries: Boundaries, layers: Layers, layer_name: str, *, metres_per_unit: Scale
) -> Repaired:
    """Let the areas above a layer become the union of their children, level by level upward.

    Parameters
    ----------
    boundaries
        Planar coordinates of one frame, with parents set.
    layer_name
        The children's layer. Its parents, their parents and so on to the root change; those
        without children do not.
    metres_per_unit
        Scale of x and y, see `local_scale`.

    Raises
    ------
    UnknownLayer
        When the profile has no such layer.

    Notes
    -----
    Children that share their borders are put together by their edges, so that the parent has
    exactly their nodes. Where siblings overlap or do not share borders that gives no polygon of
    the right size, and their overlay union is taken: match or repair the children first.
    """
    result, kinds = dict(boundaries), Kinds()
    for name in [layer.name for layer in layers.chain(layer_name)][:0:-1]:
        for nest in nests(result, layers):
            if name not in nest.layers or nest.above[nest.layers.index(name)] == NO_PARENT:
                continue
            parents, shapes = _unions(nest, nest.layers.index(name), np.arange(len(nest)))
            geometries = nest.geometries.copy()
            geometries[parents] = shapes
            result.update(nest.with_geometries(geometries).area_sets(result))
            kinds |= {
                (nest.layers[nest.layer_of[p]], nest.codes[p]): "from_children"
                for p in parents.tolist()
            }
    changes = changes_between(boundaries, result, kinds=kinds, metres_per_unit=metres_per_unit)
    return Repaired(result, changes)


def unify_parents(
    boundaries: Boundaries, layers: Layers
) -> tuple[Boundaries, list[tuple[str, str]]]:
    """Give every parent exactly the nodes of its children; return layer and code of the renoded.

    For boundaries that `match_nodes` has matched: shapes stay, and a parent that has all nodes
    already keeps its very object.

    Raises
    ------
    TopologyBroken
        With one defect for each parent whose children cover other ground than it does.
    """
    result, renoded, broken = dict(boundaries), [], []
    for nest in nests(boundaries, layers):
        current, work = nest, linework(usable(nest.geometries))
        # From the deepest level up, so that new nodes reach the root.
        for layer in range(len(nest.layers) - 1, -1, -1):
            parents, shapes = _unions(current, layer, _unlike_their_children(current, work, layer))
            if not len(parents):
                continue
            verdict = compare_outlines(current.geometries[parents], shapes)
            names = [(nest.layers[nest.layer_of[p]], nest.codes[p]) for p in parents.tolist()]
            broken += [
                Defect("gap", nest.layers[layer], (code,), geometry=nest.geometries[parent])
                for parent, (_, code), v in zip(parents, names, verdict, strict=True)
                if v == "changed"
            ]
            renoded += [n for n, v in zip(names, verdict, strict=True) if v == "renoded"]
            geometries = current.geometries.copy()
            geometries[parents[verdict == "renoded"]] = shapes[verdict == "renoded"]
            current = current.with_geometries(geometries)
            work = linework(usable(geometries))
        result.update(current.area_sets(boundaries))
    if broken:
        raise TopologyBroken(count=len(broken), defects=broken)
    return result, sorted(set(renoded))


def _unlike_their_children(nest: Nest, work: Linework, layer: int) -> Ints:
    """Return the parents that have other edges than their children in a layer together."""
    relation = Relation(layer, nest.above[layer])
    if relation.above == NO_PARENT:
        return np.zeros(0, dtype=np.int64)
    return np.unique(work.imbalance(*relation.groups(nest)).groups)


def _unions(nest: Nest, layer: int, parents: Ints) -> tuple[Ints, Geometries]:
    """Return those of the parents that have children in a layer, and the unions of these."""
    members = nest.members(layer)
    children = members[np.isin(nest.parent_of[members], parents)]
    parents = np.unique(nest.parent_of[children])
    shapes = usable(nest.geometries[children])
    holders = np.searchsorted(parents, nest.parent_of[children])
    work = linework(shapes)
    result = _outlines(work, holders, len(parents))
    expected = np.bincount(holders, shapely.area(shapes), minlength=len(parents))
    is_wrong = ~(np.abs(shapely.area(result) - expected) <= 1e-9 * expected)
    is_wrong |= ~shapely.is_valid(result)
    for i in np.flatnonzero(is_wrong).tolist():
        result[i] = shapely.union_all(shapes[holders == i])
    return parents, result


def _outlines(work: Linework, holders: Ints, count: int) -> Geometries:
    is_turned = work.ring_turns[work.ring_of] < 0
    return polygons_of_edges(
        work.nodes,
        np.where(is_turned, work.heads, work.vertices),
        np.where(is_turned, work.vertices, work.heads),
        holders[work.areas],
        areas=np.arange(count),
    )
