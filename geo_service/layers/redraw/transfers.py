"""Giving ground from one area to another: a part, a gap, parts in exchange."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import shapely

from geo_service.errors import NoFreeGround, NotAdjacent, NothingLeft
from geo_service.layers.arcs import AreaKey, Chain, Coverage, Place
from geo_service.layers.arcs.arc import sum_of
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.rings import Face
from geo_service.layers.area import Floats
from geo_service.layers.redraw.drawing.cutting import SNAP_M, Ground, cut, unfit
from geo_service.layers.redraw.drawing.drawn import drawn_ring
from geo_service.layers.redraw.following import follow
from geo_service.layers.redraw.free_ground import at, framed_outside, gaps, holes
from geo_service.layers.redraw.soundness import Redrawn, finished, together
from geo_service.layers.redraw.splits import leaf


def give(
    coverage: Coverage, key: AreaKey, to: AreaKey, outline: Floats, *, snap_m: float = SNAP_M
) -> Redrawn:
    """Give what an area has inside a drawn outline to a neighbor; ancestors follow.

    Parameters
    ----------
    outline
        ``(n, 2)`` in the frame of the coverage, open or closed; it may reach beyond the area.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    UnfitLine
        The outline crosses itself or holds nothing of the area.
    NothingLeft
        It holds all of it, or all that an ancestor has.
    NotAdjacent
        The taker does not border on what it would get, or is of another layer.
    OutsideParent
        The parents differ, and that of the giver does not have the ground.
    BordersCross
        The new border would come too close to another one.
    InvalidCoordinates, LimitExceeded
        See `drawn_line`.
    """
    number, taker = leaf(coverage, key), leaf(coverage, to)
    ring = drawn_ring(outline, key)
    area = coverage.areas[number]
    edit, inside, others = parted(
        Edit(coverage), Ground(key, area.chain, area.outline), ring, snap_m
    )
    if not inside:
        place = shapely.get_coordinates(ring)[0]
        raise unfit(key, place, "轮廓里没有这个区域的地", "it holds nothing of the area")
    if not others:
        raise NothingLeft(layer=key.layer, code=key.code)
    chain = sum_of(face.chain for face in inside)
    _refuse_strangers(edit, taker, chain, (key, to))
    edit.take_ground(number, chain)
    edit.add_ground(taker, chain)
    follow(edit, chain, left=coverage.ancestors(number), joined=coverage.ancestors(taker))
    return finished(edit)


def give_part(coverage: Coverage, key: AreaKey, to: AreaKey, place: Place) -> Redrawn:
    """Give the part of an area around a place to a neighbor, whole; ancestors follow.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    UnfitLine
        The place lies outside the area.
    NothingLeft
        The area has no other part: merge it instead; or it is all that an ancestor has.
    NotAdjacent
        The taker does not border on the part, or is of another layer.
    OutsideParent
        The parents differ, and that of the giver does not have the ground.
    BordersCross
        Borders would touch.
    """
    number, taker = leaf(coverage, key), leaf(coverage, to)
    edit = Edit(coverage)
    faces = edit.faces(coverage.areas[number].chain)
    part = at(faces, place)
    if part is None:
        raise unfit(key, np.array(place), "位置不在这个区域里", "the place lies outside the area")
    if len(faces) == 1:
        raise NothingLeft(layer=key.layer, code=key.code)
    _refuse_strangers(edit, taker, part.chain, (key, to))
    edit.take_ground(number, part.chain)
    edit.add_ground(taker, part.chain)
    follow(edit, part.chain, left=coverage.ancestors(number), joined=coverage.ancestors(taker))
    return finished(edit)


def swap(
    coverage: Coverage,
    first: tuple[AreaKey, Floats],
    second: tuple[AreaKey, Floats],
    *,
    snap_m: float = SNAP_M,
) -> Redrawn:
    """Let two neighbors exchange the parts inside drawn outlines, as one operation.

    Parameters
    ----------
    first, second
        An area and the outline, ``(n, 2)``, of what it gives.

    Raises
    ------
    UnfitLine
        The outlines overlap; or as for `give`, whose other errors it raises too.
    """
    one, other = (drawn_ring(outline, key) for key, outline in (first, second))
    if shapely.relate_pattern(one, other, "T********"):
        place = shapely.get_coordinates(shapely.point_on_surface(one & other))[0]
        raise unfit(second[0], place, "两块的轮廓重叠", "the two outlines overlap")
    there = give(coverage, first[0], second[0], first[1], snap_m=snap_m)
    back = give(there.coverage, second[0], first[0], second[1], snap_m=snap_m)
    return together(coverage, [there, back])


def give_gap(coverage: Coverage, place: Place, to: AreaKey) -> Redrawn:
    """Give the gap around a place to an area that borders on it.

    A gap of its parent goes to the area alone, one of another parent leaves that one too; ground
    that no ancestor of its layer has, as a hole of the root layer, goes to all that lack it.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    NoFreeGround
        The place lies in no gap and no hole.
    NotAdjacent
        The area does not border on it.
    BordersCross
        Borders would touch.
    """
    taker = leaf(coverage, to)
    gap, left = _gap_at(coverage, place, to.layer)
    edit = Edit(coverage)
    _refuse_strangers(edit, taker, gap.chain, (to,))
    edit.add_ground(taker, gap.chain)
    follow(edit, gap.chain, left=left, joined=coverage.ancestors(taker))
    return finished(edit)


def _gap_at(coverage: Coverage, place: Place, layer: str) -> tuple[Face, list[int]]:
    """Return the gap or hole around a place, and the parent whose gap it is with its ancestors."""
    line = [layer, *coverage.layers_above(layer)]
    below = {above: child for child, above in pairwise(line)}
    for parent in sorted(coverage.untiled):
        child_layer = below.get(coverage.areas[parent].key.layer)
        if child_layer is not None and coverage.children_in(parent, child_layer):
            gap = at(gaps(coverage, parent, child_layer), place)
            if gap is not None:
                return gap, [parent, *coverage.ancestors(parent)]
    hole = at(holes(coverage), place)
    if hole is None:
        raise NoFreeGround(layer=layer, lon=place[0], lat=place[1])
    return hole, []


def annex(coverage: Coverage, key: AreaKey, outline: Floats, *, snap_m: float = SNAP_M) -> Redrawn:
    """Let an area and its ancestors take the free ground outside the root layer in an outline.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    NoFreeGround
        All ground in the outline has an owner.
    NotAdjacent
        The area does not border on it.
    UnfitLine, BordersCross, InvalidCoordinates, LimitExceeded
        As for `give`.
    """
    taker = leaf(coverage, key)
    ring = drawn_ring(outline, key)
    edit, free = free_outside(Edit(coverage), key, ring, snap_m)
    chain = sum_of(face.chain for face in free)
    _refuse_strangers(edit, taker, chain, (key,))
    edit.add_ground(taker, chain)
    follow(edit, chain, left=(), joined=coverage.ancestors(taker))
    return finished(edit)


def free_outside(
    edit: Edit, key: AreaKey, ring: shapely.Polygon, snap_m: float
) -> tuple[Edit, list[Face]]:
    """Return the ground in an outline that no root area has; raises NoFreeGround."""
    edit = edit.copy()
    chain = framed_outside(edit, shapely.get_coordinates(ring))
    return free_of(edit, chain, key, ring, snap_m=snap_m)


def free_of(
    edit: Edit, chain: Chain, key: AreaKey, ring: shapely.Polygon, *, snap_m: float
) -> tuple[Edit, list[Face]]:
    """Return the ground of a chain in an outline; raises NoFreeGround where there is none."""
    polygons = [face.polygon for face in edit.faces(chain)]
    ground = Ground(key, chain, shapely.MultiPolygon(polygons))
    edit, inside, _ = parted(edit, ground, ring, snap_m)
    if not inside:
        x, y = shapely.get_coordinates(shapely.point_on_surface(ring))[0].tolist()
        raise NoFreeGround(layer=key.layer, lon=x, lat=y)
    return edit, inside


def parted(
    edit: Edit, ground: Ground, ring: shapely.Polygon, snap_m: float
) -> tuple[Edit, list[Face], list[Face]]:
    """Cut ground along an outline; return the edit, and the pieces inside and outside of it."""
    path = shapely.get_coordinates(ring.exterior)
    edit, pieces, _ = cut(edit, ground, path, snap_m=snap_m, may_miss=True)
    inside: list[Face] = []
    others: list[Face] = []
    for piece in pieces:
        is_inside = shapely.intersects(ring, shapely.point_on_surface(piece.polygon))
        (inside if is_inside else others).append(piece)
    return edit, inside, others


def _refuse_strangers(edit: Edit, taker: int, chain: Chain, keys: Sequence[AreaKey]) -> None:
    """Refuse a taker that has no arc of the ground on its other side."""
    own = set(edit.area(taker).chain)
    if len({key.layer for key in keys}) > 1 or not _is_beside(own, chain):
        raise NotAdjacent(layer=keys[-1].layer, codes=[key.code for key in keys])


def _is_beside(own: set[int], chain: Iterable[int]) -> bool:
    return any(-step in own for step in chain)
