"""Closing of slivers: narrow ground with no owner, or two, goes to a neighbor on all levels."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.area import Geometries
from geo_service.layers.topology.arrangement import (
    Arrangement,
    Atom,
    Step,
    arrangement,
    with_pieces,
)
from geo_service.layers.topology.faults import (
    Cover,
    Fault,
    Relation,
    broken_faces,
    edges_near,
    relations,
)
from geo_service.layers.topology.linework import Ints, Linework, linework, polygons_of_edges
from geo_service.layers.topology.nest import Nest
from geo_service.layers.topology.nodes import Pieces, along_rings, renoded
from geo_service.layers.topology.scale import Scale, is_narrow

_CUT_SLACK = 1.5
_SIDES_OF_A_STRIP = 3


class Closed(NamedTuple):
    """A nest with slivers closed, and the positions of the areas that gave or took ground."""

    nest: Nest
    reshaped: Ints


def close_slivers(
    nest: Nest,
    *,
    scale: Scale,
    tolerance_m: float,
    is_wanted: Callable[[Relation, Fault], bool],
    fixed: Sequence[int] = (),
) -> Closed:
    """Give away every connected piece of broken ground that is nowhere wider than the tolerance.

    Parameters
    ----------
    nest
        Valid areas with matched nodes.
    tolerance_m
        Diameter of the largest circle that may lie inside a sliver.
    is_wanted
        Which faults to close.
    fixed
        Positions of layers that may not gain or lose ground.

    Notes
    -----
    The broken ground is parted into faces each covered alike on all levels. A face takes the
    owners of a neighbor: of those that mend most, the one that keeps the owners of the upper
    levels (they are the more official), then the one with the longest common border, then the
    lowest codes. All levels change together, so a nest that fitted elsewhere still fits. Rings
    change by adding and removing steps; no coordinate is computed but for crossings.
    """
    work = linework(nest.geometries)
    ground = _narrow_ground(nest, work, scale, tolerance_m, is_wanted)
    if not len(ground):
        return Closed(nest, np.zeros(0, dtype=np.int64))
    edges = edges_near(work, nest, np.arange(len(nest)), ground)
    whole = arrangement(nest, work, edges, ground, cuts=_no_lines(), scale=scale)
    cuts = _cuts(whole, scale, tolerance_m)
    if len(cuts):
        whole = arrangement(nest, work, edges, ground, cuts=cuts, scale=scale)
    owners = _new_owners(nest, whole, fixed)
    return _applied(nest, work, edges, whole, owners)


def _narrow_ground(
    nest: Nest,
    work: Linework,
    scale: Scale,
    tolerance_m: float,
    is_wanted: Callable[[Relation, Fault], bool],
) -> Geometries:
    found = [_no_lines()]
    for layer in range(len(nest.layers)):
        for relation in relations(nest, layer):
            edges = np.unique(work.imbalance(*relation.groups(nest)).edges)
            if not len(edges):
                continue
            ground = broken_faces(nest, work, relation, edges).by_fault(nest, relation)
            found += [parts for fault, parts in ground.items() if is_wanted(relation, fault)]
    parts = np.concatenate(found)
    return parts[is_narrow(parts, scale, tolerance_m)]


def _no_lines() -> Geometries:
    return np.empty(0, dtype=object)


def _cuts(whole: Arrangement, scale: Scale, tolerance_m: float) -> Geometries:
    """Return lines straight across long faces, at the nodes where one neighbor follows another.

    Without them a strip along five areas would go to one of them, as a tail along the others.
    """
    cuts = [
        cut
        for atom, polygon in zip(whole.atoms, whole.polygons, strict=True)
        for cut in _cuts_across(whole, atom, polygon, scale, tolerance_m)
    ]
    lines = _no_lines() if not cuts else np.empty(len(cuts), dtype=object)
    lines[:] = cuts
    return lines


def _cuts_across(
    whole: Arrangement, atom: Atom, polygon: shapely.Polygon, scale: Scale, tolerance_m: float
) -> Iterable[shapely.LineString]:
    sides: dict[Cover, list[Step]] = defaultdict(list)
    for step in atom.steps:
        sides[whole.beyond(atom, step)].append(step)
    if len(sides) < _SIDES_OF_A_STRIP:
        return
    before = {step[1]: whole.beyond(atom, step) for step in atom.steps}
    stretch = np.array(scale)
    nodes = whole.noded.nodes
    room = shapely.buffer(polygon, 1e-6 / max(scale))
    for step in atom.steps:
        adjacent = {before[step[0]], whole.beyond(atom, step)}
        across = [s for side, steps in sides.items() if side not in adjacent for s in steps]
        if len(adjacent) == 1 or not across:
            continue
        start = shapely.Point(nodes[step[0]] * stretch)
        opposite = shapely.MultiLineString([nodes[list(s)] * stretch for s in across])
        way = shapely.shortest_line(start, opposite)
        cut = shapely.LineString(shapely.get_coordinates(way) / stretch)
        if 0 < way.length <= _CUT_SLACK * tolerance_m and room.covers(cut):
            yield cut


def _new_owners(nest: Nest, whole: Arrangement, fixed: Sequence[int]) -> list[Cover]:
    """Return what covers each face in the end; what cannot be mended stays as it is."""
    owners = [atom.cover for atom in whole.atoms]
    atom_of = {step: i for i, atom in enumerate(whole.atoms) for step in atom.steps}
    rules = [r for layer in range(len(nest.layers)) for r in relations(nest, layer)]
    faults = [_fault_count(nest, rules, cover, is_face=True) for cover in owners]
    waiting = {i for i, count in enumerate(faults) if count}
    while waiting:
        offers = {}
        for i in sorted(waiting):
            settled = _offers(whole, i, owners, atom_of, waiting)
            best = _best(nest, rules, whole.atoms[i].cover, settled, fixed)
            if best is not None and best.faults < faults[i]:
                offers[i] = best
        # Who is offered little may be offered more once its other neighbors are settled.
        least = min((best.disagreement for best in offers.values()), default=())
        chosen = {i: b.cover for i, b in offers.items() if b.disagreement == least}
        if not chosen:
            break
        for i, cover in chosen.items():
            owners[i] = cover
        waiting -= chosen.keys()
    return owners


def _fault_count(nest: Nest, rules: Sequence[Relation], cover: Cover, *, is_face: bool) -> int:
    """Count what is wrong with a cover; uncovered ground is a hole only if it is enclosed."""
    return sum(kind != "hole" or is_face for rule in rules for kind, _ in rule.faults(nest, cover))


def _offers(
    whole: Arrangement,
    i: int,
    owners: Sequence[Cover],
    atom_of: Mapping[Step, int],
    waiting: set[int],
) -> Mapping[Cover, float]:
    """Return the covers of settled neighbors, with the length of the common border."""
    atom = whole.atoms[i]
    offers: dict[Cover, float] = defaultdict(float)
    for step in atom.steps:
        neighbor = atom_of.get(step[::-1])
        if neighbor in waiting:
            continue
        cover = whole.beyond(atom, step) if neighbor is None else owners[neighbor]
        offers[cover] += float(np.hypot(*np.diff(whole.noded.nodes[list(step)], axis=0)[0]))
    return offers


class _Offer(NamedTuple):
    """What a neighbor would make of a face; the least is the best."""

    faults: int
    disagreement: tuple[bool, ...]
    shortness: float
    areas: list[int]
    cover: Cover


def _best(
    nest: Nest,
    rules: Sequence[Relation],
    cover: Cover,
    offers: Mapping[Cover, float],
    fixed: Sequence[int],
) -> _Offer | None:
    return min(
        (
            _Offer(
                _fault_count(nest, rules, offer, is_face=False),
                _disagreement(nest, cover, offer),
                -length,
                sorted(offer),
                offer,
            )
            for offer, length in offers.items()
            if all(_of(nest, layer, offer) == _of(nest, layer, cover) for layer in fixed)
            # Ground of the root layer never falls to the outside.
            and bool(_of(nest, 0, offer)) >= bool(_of(nest, 0, cover))
        ),
        default=None,
    )


def _disagreement(nest: Nest, cover: Cover, offer: Cover) -> tuple[bool, ...]:
    """Say for each level, from the root down, whether the offer is somebody not there before."""
    levels = range(len(nest.layers))
    pairs = [(_of(nest, layer, cover), _of(nest, layer, offer)) for layer in levels]
    return tuple(not (gets <= had and bool(gets) == bool(had)) for had, gets in pairs)


def _of(nest: Nest, layer: int, cover: Cover) -> set[int]:
    return {area for area in cover if nest.layer_of[area] == layer}


def _applied(
    nest: Nest, work: Linework, edges: Ints, whole: Arrangement, owners: Sequence[Cover]
) -> Closed:
    """Rebuild the areas that gave or took a face; give its nodes to all others along it."""
    moved = [i for i, cover in enumerate(owners) if cover != whole.atoms[i].cover]
    geometries = nest.geometries.copy()
    reshaped, shapes = _reshaped(work, edges, whole, owners, moved)
    # An area narrower than the tolerance would be given away whole: leave all it touches.
    while (is_lost := shapely.is_empty(shapes) | ~shapely.is_valid(shapes)).any():
        lost = set(reshaped[is_lost].tolist())
        moved = [i for i in moved if not lost & (whole.atoms[i].cover | owners[i])]
        reshaped, shapes = _reshaped(work, edges, whole, owners, moved)
    if not moved:
        return Closed(nest, reshaped)
    geometries[reshaped] = shapes
    pieces = _kept_pieces(work, edges, whole, moved)
    counts = np.bincount(pieces.edges, minlength=len(work.ends))
    others = np.setdiff1d(work.areas[counts[work.edges] > 1], reshaped)
    geometries[others] = renoded(work, pieces, whole.noded.nodes, others)
    return Closed(nest.with_geometries(geometries), reshaped)


def _reshaped(
    work: Linework, edges: Ints, whole: Arrangement, owners: Sequence[Cover], moved: Sequence[int]
) -> tuple[Ints, Geometries]:
    """Return the areas that give or take faces, and what becomes of them."""
    steps = [
        (*(step if gains else step[::-1]), area)
        for i in moved
        for area in owners[i] ^ whole.atoms[i].cover
        for gains in (area in owners[i],)
        for step in whole.atoms[i].steps
    ]
    tails, heads, holders = np.array(steps, dtype=np.int64).reshape(-1, 3).T
    areas = np.unique(holders)
    pieces = _kept_pieces(work, edges, whole, moved)
    old = np.flatnonzero(np.isin(work.areas, areas))
    old_tails, old_heads, owner = along_rings(work, pieces, old)
    is_turned = work.ring_turns[work.ring_of[owner]] < 0
    shapes = polygons_of_edges(
        whole.noded.nodes,
        np.r_[np.where(is_turned, old_heads, old_tails), tails],
        np.r_[np.where(is_turned, old_tails, old_heads), heads],
        np.r_[work.areas[owner], holders],
        areas=areas,
    )
    return areas, shapes


def _kept_pieces(work: Linework, edges: Ints, whole: Arrangement, moved: Sequence[int]) -> Pieces:
    """Return all edges of the nest, cut at the nodes of the faces that change hands only."""
    local = whole.noded.pieces
    used = np.unique([node for i in moved for step in whole.atoms[i].steps for node in step])
    is_first = np.r_[True, local.edges[1:] != local.edges[:-1]]
    kept = np.flatnonzero((is_first | np.isin(local.tails, used)) & (local.edges < len(edges)))
    ends = work.ends[edges]
    first_of_next = np.r_[is_first[kept][1:], True]
    heads = np.where(first_of_next, ends[local.edges[kept], 1], np.r_[local.tails[kept][1:], 0])
    return with_pieces(work, edges, Pieces(local.edges[kept], local.tails[kept], heads))
