"""Ground cut into pieces by a drawn line: new arcs inside, new vertices on the borders it meets."""

from collections.abc import Container, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.errors import UnfitLine
from geo_service.layers.arcs import AreaKey, Chain, Place
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.rings import Face
from geo_service.layers.area import Floats
from geo_service.layers.redraw.drawing.noding import Border, Stop, arcs_along, border_near, noded
from geo_service.layers.topology import NODE_TOLERANCE_M
from geo_service.layers.topology.scale import Scale, area_m2, is_narrow

SNAP_M = 0.01
"""An end of a line this near to a border ends on it: a centimetre, finer than surveying."""

_STRAIGHT = (0, 1)
"""The stops of a leg that has no vertex between its ends."""


class _Leg(NamedTuple):
    """Part of a drawn line from border to border, or a whole ring that meets none.

    ``along`` is the arc of another family of layers that it runs along, 0 for none.
    """

    stops: list[Stop]
    along: int = 0


class Ground(NamedTuple):
    """What is to be cut: the arcs around it, its polygon, and whose it is."""

    key: AreaKey
    chain: Chain
    polygon: shapely.Geometry


class Cut(NamedTuple):
    """The edit with the new arcs, and the pieces, ordered by their lowest places.

    ``lines`` are the new borders, ``(n, 2)`` each, from one border to another.
    """

    edit: Edit
    pieces: list[Face]
    lines: tuple[Floats, ...] = ()


def cut(
    edit: Edit, ground: Ground, path: Floats, *, snap_m: float = SNAP_M, may_miss: bool = False
) -> Cut:
    """Cut ground along a path; what of it lies outside or runs along the border does nothing.

    Parameters
    ----------
    edit
        Stays as it is; the one returned goes on from it.
    path
        ``(n, 2)``, no place twice in succession; a ring where it ends at its first place.
    snap_m
        How far an end of the path may be off the border and still end on it.
    may_miss
        Whether a path that parts nothing leaves the ground in one piece, instead of an error.

    Raises
    ------
    UnfitLine
        The path misses the ground, ends inside it, crosses itself there, or parts nothing.

    Notes
    -----
    The border gets the new vertices in its arcs, so that everyone who shares them has the same
    bits; so do borders of other families of layers that run through the ground, and where the
    path runs along one of them it becomes one with it. A leg with the same piece on both sides
    (from the shell to a hole) is left out, since it parts nothing, and so are its vertices.
    """
    legs = _legs(edit, ground, path, snap_m)
    if not legs and not may_miss:
        raise unfit(
            ground.key,
            path[0],
            "没有穿过区域，或只沿边界走",
            "it misses the area or runs along its border",
        )
    parted = _parted_by(edit, ground, legs)
    if parted is None and not may_miss:
        raise unfit(ground.key, path[0], "没有把区域分开", "it parts nothing")
    return parted or Cut(edit, edit.faces(ground.chain))


def cut_by_network(
    edit: Edit,
    ground: Ground,
    paths: Sequence[Floats],
    *,
    snap_m: float = SNAP_M,
    may_miss: bool = False,
    narrowest_m: float = 0.0,
) -> Cut:
    """Cut ground along several paths at once; what parts nothing, as a loose end, does nothing.

    Parameters
    ----------
    edit
        Stays as it is; the one returned goes on from it.
    paths
        ``(n, 2)`` each, no place twice in succession. They meet each other in their ends only,
        in the same bits; see `network`.
    snap_m
        How far an end of a path may be off the border and still end on it.
    may_miss
        Whether paths that part nothing leave the ground in one piece, instead of an error.
    narrowest_m
        A piece that holds no circle of this diameter stays with the neighbor that it has the
        longest new border with: that border is not made. 0 makes every piece.

    Raises
    ------
    UnfitLine
        The paths miss the ground, or part nothing.
    """
    legs = _legs_of_network(edit, ground, paths, snap_m) if paths else []
    parted = _parted_by(edit, ground, legs, narrowest_m)
    if parted is None and not may_miss:
        place = shapely.get_coordinates(shapely.point_on_surface(ground.polygon))[0]
        raise unfit(ground.key, place, "这些线没有把区域分开", "the lines part nothing")
    return parted or Cut(edit, edit.faces(ground.chain))


def _parted_by(
    edit: Edit, ground: Ground, legs: list[_Leg], narrowest_m: float = 0.0
) -> Cut | None:
    """Return the ground cut by those legs that part it; None where none does."""
    while legs:
        trial = edit.copy()
        arcs, chain = _laid(trial, legs, ground.chain)
        laid = sorted(set(arcs))
        pieces = trial.faces((*chain, *laid, *(-arc for arc in laid)))
        used = {abs(step) for piece in pieces for step in piece.chain}
        if used.issuperset(laid):
            used -= _beside_narrow(trial, pieces, set(laid), narrowest_m)
        parting = [leg for leg, arc in zip(legs, arcs, strict=True) if arc in used]
        if len(parting) == len(legs):
            return Cut(trial, pieces, tuple(map(_places, legs)))
        legs = parting
    return None


def _beside_narrow(
    edit: Edit, pieces: Sequence[Face], laid: Container[int], narrowest_m: float
) -> set[int]:
    """Return new arcs without which narrow pieces stay with the neighbor they have most of.

    Each piece is joined to one other at most: what that leads to is looked at again.
    """
    scale = edit.base.scale
    polygons = np.array([piece.polygon for piece in pieces], dtype=object)
    is_thin = (
        is_narrow(polygons, scale, narrowest_m) if narrowest_m else np.zeros(len(pieces), np.bool_)
    )
    smallest_first = np.argsort(area_m2(polygons, scale), kind="stable").tolist()
    holder = {step: i for i, piece in enumerate(pieces) for step in piece.chain}
    joined: set[int] = set()
    dropped: set[int] = set()
    for i in (i for i in smallest_first if is_thin[i]):
        shared: dict[int, set[int]] = {}
        for arc in (abs(step) for step in pieces[i].chain if abs(step) in laid):
            other = next(holder[step] for step in (arc, -arc) if holder[step] != i)
            shared.setdefault(other, set()).add(arc)
        if shared and i not in joined:
            most = max(sorted(shared), key=lambda other: _length_m(edit, shared[other], scale))
            if most not in joined:
                joined |= {i, most}
                dropped |= shared[most]
    return dropped


def _length_m(edit: Edit, arcs: set[int], scale: Scale) -> float:
    ways = [np.diff(edit.arc(arc).places * np.array(scale), axis=0) for arc in sorted(arcs)]
    return float(sum(np.hypot(*way.T).sum() for way in ways))


def _places(leg: _Leg) -> Floats:
    return np.array([stop.place for stop in leg.stops])


def unfit(key: AreaKey, place: Floats, reason_zh: str, reason_en: str) -> UnfitLine:
    """Return the error for a line drawn on an area, with the place that shows why."""
    x, y = place
    return UnfitLine(" ".join(key), reason_zh, reason_en, float(x), float(y))


def _legs(edit: Edit, ground: Ground, path: Floats, snap_m: float) -> list[_Leg]:
    own = {abs(step) for step in ground.chain}
    arcs = sorted(own | _arcs_of_other_families(edit, ground, path))
    border = border_near(edit, arcs, path, snap_m)
    stops = noded(
        path,
        border,
        scale=edit.base.scale,
        tolerance_m=NODE_TOLERANCE_M,
        end_tolerance_m=snap_m,
    )
    legs = _not_along(_inside(ground, _parted(ground, stops)), border, edit, own)
    _refuse_knots(ground, legs)
    return legs


def _legs_of_network(
    edit: Edit, ground: Ground, paths: Sequence[Floats], snap_m: float
) -> list[_Leg]:
    own = {abs(step) for step in ground.chain}
    every = np.concatenate(paths)
    arcs = sorted(own | _arcs_of_other_families(edit, ground, every))
    border = border_near(edit, arcs, every, snap_m)
    legs: list[_Leg] = []
    for path in paths:
        stops = noded(
            path,
            border,
            scale=edit.base.scale,
            tolerance_m=NODE_TOLERANCE_M,
            end_tolerance_m=snap_m,
        )
        # Paths end on each other too, not on borders alone.
        met = sorted({0, len(stops) - 1, *(i for i, stop in enumerate(stops) if stop.arcs)})
        legs += [_Leg(stops[i : j + 1]) for i, j in pairwise(met)]
    return _not_along(_inside(ground, legs), border, edit, own)


def _arcs_of_other_families(edit: Edit, ground: Ground, path: Floats) -> set[int]:
    """Return the arcs near a path of layers that are neither above nor below that of the ground."""
    coverage = edit.base
    box = np.concatenate([path.min(axis=0), path.max(axis=0)])[None]
    found: set[int] = set()
    for layer in coverage.layers_beside(ground.key.layer):
        owners = np.unique(coverage.parts[layer].meeting(box)[1]).tolist()
        found |= {abs(step) for owner in owners for step in edit.area(owner).chain}
    return found


def _parted(ground: Ground, stops: list[Stop]) -> list[_Leg]:
    """Part a line at borders; a ring that meets none stays whole.

    What comes before the first and after the last border is left, if it lies outside.
    """
    met = [i for i, stop in enumerate(stops) if stop.arcs]
    if stops[0].place == stops[-1].place:
        stops = stops[met[0] :] + stops[1 : met[0] + 1] if met else stops
        met = [i for i, stop in enumerate(stops) if stop.arcs] or [0, len(stops) - 1]
    else:
        _refuse_loose_ends(ground, [stops[i] for i in (0, -1) if not stops[i].arcs])
    return [_Leg(stops[i : j + 1]) for i, j in pairwise(met)]


def _refuse_loose_ends(ground: Ground, ends: Sequence[Stop]) -> None:
    for end in ends:
        if shapely.intersects_xy(ground.polygon, *end.place):
            raise unfit(
                ground.key,
                np.array(end.place),
                "线的一端停在区域里面，请画到边界",
                "one end lies inside the area: draw it up to the border",
            )


def _refuse_knots(ground: Ground, legs: Sequence[_Leg]) -> None:
    lines = shapely.MultiLineString([[stop.place for stop in leg.stops] for leg in legs])
    if not shapely.is_simple(lines):
        crossing = shapely.get_coordinates(shapely.node(lines))
        _, first, counts = np.unique(crossing, axis=0, return_index=True, return_counts=True)
        place = crossing[first[counts.argmax()]]
        raise unfit(ground.key, place, "线自己相交", "it crosses itself")


def _inside(ground: Ground, legs: Sequence[_Leg]) -> list[_Leg]:
    """Return the legs inside the ground; between borders a leg lies on one side of all of them."""
    begins = np.array([[leg.stops[0].place, leg.stops[1].place] for leg in legs]).reshape(-1, 2, 2)
    # The ground asks and the points are in the tree: so it is prepared once, whatever its size.
    tree = shapely.STRtree(shapely.points(begins.mean(axis=1)))
    found = np.sort(tree.query(ground.polygon, predicate="intersects"))
    return [legs[i] for i in found.tolist()]


def _not_along(legs: Sequence[_Leg], border: Border, edit: Edit, own: Container[int]) -> list[_Leg]:
    """Leave out legs along the border of the ground; name the arc of those along another one."""
    is_straight = [len(leg.stops) == len(_STRAIGHT) for leg in legs]
    ends = np.array([[leg.stops[i].place for i in _STRAIGHT] for leg in legs]).reshape(-1, 2, 2)
    arcs = arcs_along(ends, border, scale=edit.base.scale, tolerance_m=NODE_TOLERANCE_M)
    return [
        leg._replace(along=arc if straight else 0)
        for leg, arc, straight in zip(legs, arcs.tolist(), is_straight, strict=True)
        if not (straight and arc in own)
    ]


def _laid(edit: Edit, legs: Sequence[_Leg], chain: Chain) -> tuple[list[int], Chain]:
    """Add an arc for each leg, ending in junctions; return them, and the chain with cut arcs."""
    ends = [stop for leg in legs for stop in (leg.stops[0], leg.stops[-1])]
    _add_vertices(edit, ends)
    rests: dict[int, list[int]] = {}
    for stop in ends:
        for arc in stop.arcs:
            some = rests.setdefault(arc, [arc])
            holder = next(part for part in some if _has_vertex(edit, part, stop.place))
            rest = edit.make_node(holder, stop.place)
            some += [] if rest is None else [rest]
    arcs = [_arc_for(edit, leg) for leg in legs]
    for leg, arc in zip(legs, arcs, strict=True):
        for end in (leg.stops[0], leg.stops[-1]):
            edit.make_node(arc, end.place)  # joined again where no other leg ends
    longer = (
        part if step > 0 else -part for step in chain for part in rests.get(abs(step), [abs(step)])
    )
    return arcs, tuple(longer)


def _arc_for(edit: Edit, leg: _Leg) -> int:
    if not leg.along:
        return edit.add_arc(np.array([stop.place for stop in leg.stops]))
    tail, head = leg.stops[0].place, leg.stops[-1].place
    both = set(edit.arcs_at(tail)) & set(edit.arcs_at(head))
    return next(arc for arc in sorted(both) if len(edit.arc(arc).places) == len(_STRAIGHT))


def _add_vertices(edit: Edit, stops: Sequence[Stop]) -> None:
    new: dict[int, set[tuple[int, float, Place]]] = {}
    for stop in stops:
        for arc, segment, along in stop.new:
            new.setdefault(arc, set()).add((segment, along, stop.place))
    for arc, some in sorted(new.items()):
        ordered = sorted(some)
        places = np.array([place for _, _, place in ordered])
        edit.insert(arc, [segment for segment, _, _ in ordered], places)


def _has_vertex(edit: Edit, number: int, place: Place) -> bool:
    return bool((edit.arc(number).places == np.array(place)).all(axis=1).any())
