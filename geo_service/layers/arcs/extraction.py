"""From the areas of a clean edition to arcs with their owners on both sides."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geo_service.errors import TopologyBroken
from geo_service.layers.arcs.arc import Arc, Place
from geo_service.layers.arcs.coverage import Area, AreaKey, Coverage
from geo_service.layers.arcs.part_index import part_index
from geo_service.layers.arcs.persistent import PersistentMap
from geo_service.layers.area import Boundaries, Floats
from geo_service.layers.layer import Layers
from geo_service.layers.topology import local_scale
from geo_service.layers.topology.linework import Ints, Linework, linework
from geo_service.layers.topology.nest import Nest, nests
from geo_service.layers.topology.nodes import ranges

_BORDERS_OF_A_JUNCTION = 3


class _Runs(NamedTuple):
    """Rings cut at junctions, ring after ring: where each run begins, and its steps in order."""

    starts: Ints
    steps: Ints


class _Traced(NamedTuple):
    """The places of all arcs one after the other, and the arc, area and side of each run.

    Arc i is ``places[bounds[i]:bounds[i + 1]]``; ``sides`` is +1 where the area of the run is on
    the left of the arc, else -1.
    """

    places: Floats
    bounds: Ints
    arcs: Ints
    areas: Ints
    sides: Ints


def extract(
    boundaries: Boundaries,
    layers: Layers,
    *,
    is_degrees: bool = True,
    retired: Iterable[AreaKey] = (),
) -> list[Coverage]:
    """Return one coverage per root layer that holds areas; overlay and line layers are in none.

    A nested layer without areas is in the coverage of the layer above it: its first area can come.

    Parameters
    ----------
    boundaries
        A clean content, as `check` proves it: planar coordinates of one frame, every area valid,
        borders shared vertex for vertex on all levels.
    is_degrees
        Whether the frame is lon, lat; else metres.
    retired
        Keys that were given once and must not be given again.

    Raises
    ------
    TopologyBroken
        Two areas of one layer lie on the same side of a border. What else `check` would find is
        not looked for here.

    Notes
    -----
    Every ring is cut at junctions, the nodes where other than two edges meet. Two runs are the
    same arc where their lowest edges are the same, since each edge belongs to one arc. No
    arithmetic on coordinates decides anything.
    """
    gone = frozenset(retired)
    found = [_coverage(nest, boundaries, is_degrees, gone) for nest in nests(boundaries, layers)]
    return [_with_empty_layers(each, layers) for each in found]


def _with_empty_layers(coverage: Coverage, layers: Layers) -> Coverage:
    above, parts = dict(coverage.above), dict(coverage.parts)
    nobody = np.empty(0, dtype=object)
    for layer in layers:
        is_ground = layer.geometry == "polygon" and not layer.is_overlay
        if is_ground and layer.name not in above and layer.parent in above:
            above[layer.name] = layer.parent
            parts[layer.name] = part_index(nobody, np.empty(0, dtype=np.int64))
    return replace(coverage, above=above, parts=parts)


def _coverage(
    nest: Nest, boundaries: Boundaries, is_degrees: bool, retired: frozenset[AreaKey]
) -> Coverage:
    traced = _traced(linework(nest.geometries))
    _refuse_shared_sides(nest, traced)
    arcs = _arcs(traced)
    areas = _areas(nest, boundaries, _chains(traced, len(nest)))
    root = set(nest.members(0).tolist())
    return Coverage(
        above=_above(nest),
        scale=local_scale(nest.geometries, is_degrees),
        areas=PersistentMap(areas),
        numbers=PersistentMap({area.key: number for number, area in areas.items()}),
        children=PersistentMap(_children(areas)),
        arcs=PersistentMap(arcs),
        arcs_at=PersistentMap(_arcs_at(arcs)),
        rim=frozenset(n for n, a in arcs.items() if len(root.intersection(a.owners())) == 1),
        untiled=_untiled(nest, traced),
        parts={
            name: part_index(nest.geometries[nest.members(i)], nest.members(i))
            for i, name in enumerate(nest.layers)
        },
        retired=retired,
        next_area=len(nest),
        next_arc=len(arcs) + 1,
    )


def _above(nest: Nest) -> dict[str, str | None]:
    names = [None if up < 0 else nest.layers[up] for up in nest.above]
    return dict(zip(nest.layers, names, strict=True))


def _traced(work: Linework) -> _Traced:
    runs = _runs(work)
    edges = work.edges[runs.steps]
    lowest = np.minimum.reduceat(edges, runs.starts) if len(edges) else edges
    lengths = np.diff(np.r_[runs.starts, len(runs.steps)])
    _, first, arcs = np.unique(lowest, return_index=True, return_inverse=True)
    # An edge occurs once in a run: the direction in which it is walked is that of the run.
    at_lowest = runs.steps[edges == np.repeat(lowest, lengths)]
    is_up = work.vertices[at_lowest] < work.heads[at_lowest]
    is_forward = is_up == is_up[first][arcs]
    bounds = np.r_[0, np.cumsum(lengths[first] + 1)]
    steps = runs.steps[ranges(runs.starts[first], lengths[first])]
    nodes = np.empty(int(bounds[-1]), dtype=np.int64)
    is_head = np.zeros(len(nodes), dtype=bool)
    is_head[bounds[1:] - 1] = True
    nodes[~is_head] = work.vertices[steps]
    nodes[is_head] = work.heads[runs.steps[runs.starts[first] + lengths[first] - 1]]
    begin = runs.steps[runs.starts]
    sides = np.where(is_forward, 1, -1) * work.ring_turns[work.ring_of[begin]]
    return _Traced(work.nodes[nodes], bounds, arcs, work.areas[begin], sides)


def _runs(work: Linework) -> _Runs:
    """Cut rings at junctions, and those without one at their lowest place."""
    degrees = np.bincount(work.ends.ravel(), minlength=len(work.nodes))
    is_start = (degrees >= _BORDERS_OF_A_JUNCTION)[work.vertices]
    ring_starts, ring_of = work.ring_starts[:-1], work.ring_of
    counts = np.diff(work.ring_starts)
    alone = np.flatnonzero(~(np.bincount(ring_of[is_start], minlength=len(counts)) > 0)[ring_of])
    order = alone[np.lexsort((*work.nodes[work.vertices[alone]].T[::-1], ring_of[alone]))]
    is_start[order[np.r_[True, np.diff(ring_of[order]) > 0][: len(order)]]] = True
    begins = np.flatnonzero(is_start)
    shift = begins[np.searchsorted(ring_of[begins], np.arange(len(counts)))] - ring_starts
    steps = np.arange(len(work.vertices)) - ring_starts[ring_of]
    steps = ring_starts[ring_of] + (steps + shift[ring_of]) % counts[ring_of]
    return _Runs(np.flatnonzero(is_start[steps]), steps)


def _refuse_shared_sides(nest: Nest, traced: _Traced) -> None:
    layer = nest.layer_of[traced.areas]
    keys = np.stack([traced.arcs, layer, traced.sides])
    _, counts = np.unique(keys, axis=1, return_counts=True)
    if (counts > 1).any():
        raise TopologyBroken(count=int((counts > 1).sum()), defects=())


def _arcs(traced: _Traced) -> dict[int, Arc]:
    traced.places.flags.writeable = False
    left, right = (_owners(traced, side) for side in (1, -1))
    tails = map(_place, traced.places[traced.bounds[:-1]].tolist())
    heads = map(_place, traced.places[traced.bounds[1:] - 1].tolist())
    bounds = traced.bounds.tolist()
    return {
        i + 1: Arc(traced.places[bounds[i] : bounds[i + 1]], tail, head, left[i], right[i])
        for i, (tail, head) in enumerate(zip(tails, heads, strict=True))
    }


def _place(pair: list[float]) -> Place:
    return pair[0], pair[1]


def _owners(traced: _Traced, side: int) -> list[tuple[int, ...]]:
    """Return the areas on one side of each arc, ancestors first."""
    runs = np.flatnonzero(traced.sides == side)
    return _grouped(traced.arcs[runs], traced.areas[runs], len(traced.bounds) - 1)


def _chains(traced: _Traced, count: int) -> list[tuple[int, ...]]:
    order = np.argsort(traced.arcs, kind="stable")
    steps = (traced.arcs[order] + 1) * traced.sides[order]
    return _grouped(traced.areas[order], steps, count)


def _grouped(keys: Ints, values: Ints, count: int) -> list[tuple[int, ...]]:
    """Return the values of each key from 0 on, as they come."""
    order = np.argsort(keys, kind="stable")
    bounds = np.searchsorted(keys[order], np.arange(count + 1)).tolist()
    listed = values[order].tolist()
    return [tuple(listed[bounds[i] : bounds[i + 1]]) for i in range(count)]


def _areas(nest: Nest, boundaries: Boundaries, chains: list[tuple[int, ...]]) -> dict[int, Area]:
    areas: dict[int, Area] = {}
    for name in nest.layers:
        stored = boundaries[name]
        for i, code in enumerate(stored.codes):
            number = len(areas)
            parent = int(nest.parent_of[number])
            areas[number] = Area(
                key=AreaKey(name, code),
                name=stored.names[i],
                parent=parent if parent >= 0 else None,
                chain=chains[number],
                outline=stored.geometries[i],
                attributes=stored.attributes[i] if stored.attributes else {},
                buildings=stored.lists[i] if stored.lists else None,
            )
    return areas


def _untiled(nest: Nest, traced: _Traced) -> frozenset[int]:
    """Return the parents whose arcs are not those of their children in some layer."""
    found: set[int] = set()
    for layer in range(1, len(nest.layers)):
        is_child = (nest.layer_of == layer)[traced.areas] & (nest.parent_of >= 0)[traced.areas]
        is_parent = nest.has_children_in[traced.areas, layer]
        owners = np.r_[nest.parent_of[traced.areas[is_child]], traced.areas[is_parent]]
        arcs = np.r_[traced.arcs[is_child], traced.arcs[is_parent]]
        signs = np.r_[traced.sides[is_child], -traced.sides[is_parent]]
        keys, where = np.unique(owners * len(traced.bounds) + arcs, return_inverse=True)
        is_left = np.bincount(where, signs, minlength=len(keys)) != 0
        found.update((keys[is_left] // len(traced.bounds)).tolist())
    return frozenset(found)


def _children(areas: dict[int, Area]) -> dict[int, tuple[int, ...]]:
    children: dict[int, list[int]] = {}
    for number, area in areas.items():
        if area.parent is not None:
            children.setdefault(area.parent, []).append(number)
    return {parent: tuple(some) for parent, some in children.items()}


def _arcs_at(arcs: dict[int, Arc]) -> dict[Place, tuple[int, ...]]:
    found: dict[Place, list[int]] = {}
    for number, arc in arcs.items():
        found.setdefault(arc.tail, []).append(number)
        found.setdefault(arc.head, []).append(number)
    return {place: tuple(some) for place, some in found.items()}
