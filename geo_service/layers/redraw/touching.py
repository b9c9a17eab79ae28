"""Arcs that meet elsewhere than in junctions, though no two areas overlap."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.area import Floats
from geo_service.layers.topology import NODE_TOLERANCE_M
from geo_service.layers.topology.faults import unshared_nodes
from geo_service.layers.topology.linework import linework


def first_touch(
    coverage: Coverage, arcs: Sequence[int]
) -> tuple[tuple[AreaKey, ...], Place] | None:
    """Return the first place where some arcs touch another one, and the areas there.

    Two arcs have the same vertex inside; or borders of two families of layers run within a
    millimetre of each other without sharing their vertices. None where neither is so.

    Parameters
    ----------
    arcs
        By number; areas must be sound and clear of each other.
    """
    if not arcs:
        return None
    near = _near(coverage, arcs)
    place = _repeated_vertex(coverage, arcs, near)
    if place is not None:
        keys = [coverage.areas[n].key for n in near if _has_vertex(coverage, n, place)]
        return tuple(sorted(keys)), place
    return _unmatched(coverage, near)


def _near(coverage: Coverage, arcs: Sequence[int]) -> list[int]:
    """Return the areas, by number, with parts that meet the boxes of arcs, but for a millimetre.

    Unions of children are left out: their borders are those of their children.
    """
    places = [coverage.arcs[arc].places for arc in arcs]
    starts = np.cumsum([0, *(len(some) for some in places[:-1])])
    every = np.concatenate(places)
    low, high = np.minimum.reduceat(every, starts), np.maximum.reduceat(every, starts)
    margin = np.repeat([[-1, 1]], 2) * NODE_TOLERANCE_M / min(coverage.scale)
    boxes = np.hstack([low, high]) + margin
    found = [index.meeting(boxes)[1] for index in coverage.parts.values()]
    every_near = set(np.concatenate(found).tolist())
    return sorted(number for number in every_near if not coverage.is_tiled(number))


def _repeated_vertex(
    coverage: Coverage, numbers: Sequence[int], near: Sequence[int]
) -> Place | None:
    """Return a vertex of an arc that more rings pass than its owners', or who meets there."""
    arcs = [coverage.arcs[number] for number in numbers]
    ends = sorted({end for arc in arcs for end in (arc.tail, arc.head)})
    vertices = np.concatenate([*(arc.places[1:-1] for arc in arcs), np.array(ends)])
    rings_along = np.repeat(
        [_rings_of(coverage, number) for number in numbers], [len(arc.places) - 2 for arc in arcs]
    )
    # Each ring that passes a junction comes by one arc and goes by another.
    meeting = [sum(_rings_of(coverage, n) for n in coverage.arcs_at[end]) // 2 for end in ends]
    expected = np.concatenate([rings_along, meeting])
    rings = shapely.get_rings(shapely.get_parts(coverage.outlines(near)))
    passed, ring = shapely.get_coordinates(rings, return_index=True)
    is_counted = np.r_[ring[1:] == ring[:-1], False]  # the last place of a ring is its first
    is_counted &= ((passed >= vertices.min(axis=0)) & (passed <= vertices.max(axis=0))).all(axis=1)
    places, counts = np.unique(_as_keys(passed[is_counted]), return_counts=True)
    keys = _as_keys(vertices)
    is_touched = counts[np.searchsorted(places, keys)] != expected
    if not is_touched.any():
        return None
    x, y = vertices[is_touched][0].tolist()
    return x, y


def _rings_of(coverage: Coverage, number: int) -> int:
    return sum(not coverage.is_tiled(owner) for owner in coverage.arcs[number].owners())


def _as_keys(places: Floats) -> NDArray[np.complex128]:
    """Return places as complex numbers, which compare as pairs in one pass, exactly."""
    # Negative zero is zero, as everywhere in arcs.
    return np.ascontiguousarray(places + 0.0).view(np.complex128).ravel()


def _has_vertex(coverage: Coverage, number: int, place: Place) -> bool:
    places = shapely.get_coordinates(coverage.areas[number].outline)
    return bool((places == np.array(place)).all(axis=1).any())


def _unmatched(coverage: Coverage, near: Sequence[int]) -> tuple[tuple[AreaKey, ...], Place] | None:
    """Return where a border has a vertex that one of another family beside it lacks."""
    for pair in combinations(coverage.above, 2):
        if pair[1] not in coverage.layers_beside(pair[0]):
            continue
        areas = [n for n in near if coverage.areas[n].key.layer in pair]
        work = linework(coverage.outlines(areas))
        edges = np.unique(work.edges)
        found = unshared_nodes(work, edges, np.arange(len(areas)), coverage.scale)
        for owners, nodes in found.items():
            keys = tuple(coverage.areas[areas[owner]].key for owner in owners)
            if keys[0].layer != keys[1].layer:
                x, y = work.nodes[nodes[0]].tolist()
                return keys, (x, y)
    return None
