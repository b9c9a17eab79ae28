"""Buildings that go to a neighbor with the ground around them, and areas made of building lists."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from geo_service.errors import (
    BuildingNotAdjacent,
    BuildingsCutOff,
    BuildingsNotInArea,
    NotAdjacent,
    NothingLeft,
)
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.arcs.arc import sum_of
from geo_service.layers.redraw.buildings.cells import Building, places_of
from geo_service.layers.redraw.buildings.dealing import Dealt, dealt
from geo_service.layers.redraw.drawing.cutting import SNAP_M, Ground
from geo_service.layers.redraw.following import follow
from geo_service.layers.redraw.soundness import Redrawn, finished
from geo_service.layers.redraw.splits import ground_of, leaf, refuse_known_codes

_STAYING, _MOVING = 0, 1


def move_buildings(
    coverage: Coverage,
    key: AreaKey,
    to: AreaKey,
    buildings: Sequence[Building],
    moved: Sequence[str],
    *,
    snap_m: float = SNAP_M,
) -> Redrawn:
    """Give a neighbor the ground around some buildings of an area; ancestors follow.

    Each place of the area belongs to the building nearest to it; the border runs between those
    that move and those that stay, and through no footprint. Ground that would be cut off from the
    buildings that stay, and has none of them, moves along; what belongs to a moved building but
    does not hang together with it stays.

    Parameters
    ----------
    key, to
        The area that the buildings leave, and the neighbor that gets them.
    buildings
        All buildings of the area, in the frame of the coverage; those that stand elsewhere do not
        count. A building stands where its point, or a point on the surface of its footprint, is.
    moved
        Names of those that move.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    InvalidValue
        A building is neither a point nor a valid polygon.
    BuildingsNotInArea
        One that should move does not stand in the area, or several there have its name; or none
        is named.
    NothingLeft
        All buildings of the area would move, or all that an ancestor has: merge instead.
    BuildingNotAdjacent
        The ground around a building does not reach the neighbor, not by that of others that move
        either.
    NotAdjacent
        The areas are of two layers.
    BuildingsCutOff
        Buildings that stay would be parted from the rest of their area.
    OutsideParent
        The parents differ, and that of the giver does not have the ground.
    BordersCross
        The new border would come too close to another one.
    LimitExceeded
        There are more buildings than one line can run between; see `network`.
    """
    ground, taker = ground_of(coverage, key), leaf(coverage, to)
    if key.layer != to.layer or key == to:
        raise NotAdjacent(layer=to.layer, codes=[key.code, to.code])
    own = standing_in(ground, buildings)
    refuse_others(key, [building.name for building in own], moved)
    if len(set(moved)) == len(own):
        raise NothingLeft(layer=key.layer, code=key.code)
    groups = np.array([_MOVING if each.name in moved else _STAYING for each in own])
    found = dealt(coverage, ground, own, groups, snap_m=snap_m)
    given = _given(found)
    beside = _reaching(found, found.edit.area(taker).chain, given)
    for name in moved:
        if found.piece_of[name] not in beside:
            raise BuildingNotAdjacent(key.layer, [key.code, to.code], name)
    _refuse_cutting_off(key, found, given, own)
    chain = sum_of(found.pieces.faces[piece].chain for piece in given)
    number = coverage.number_of(key)
    edit = found.edit
    edit.take_ground(number, chain)
    edit.add_ground(taker, chain)
    follow(edit, chain, left=coverage.ancestors(number), joined=coverage.ancestors(taker))
    return finished(edit)


def split_by_lists(
    coverage: Coverage,
    key: AreaKey,
    buildings: Sequence[Building],
    lists: Mapping[str, Sequence[str]],
    *,
    snap_m: float = SNAP_M,
) -> Redrawn:
    """Split an area into areas that are each the ground around a list of buildings.

    Each place belongs to the listed building nearest to it; ground that does not hang together
    with one goes to the area with the longest border to it. A list whose buildings do not stand
    together gives an area in several parts, which the review tells.

    Parameters
    ----------
    buildings
        As for `move_buildings`; who is on no list gets no ground.
    lists
        Names of buildings by the code of their area, at least two; a name is the code. The code of
        the area itself may be among them, and goes on then; else it is retired.

    Raises
    ------
    UnknownArea, HasChildren
        There is no such area, or it is made of areas below it.
    InvalidValue
        A building is neither a point nor a valid polygon.
    BuildingsNotInArea
        One that is listed does not stand in the area, is listed twice, several there have its
        name; or a list is empty.
    NothingLeft
        There are fewer than two lists, or the ground around one is too small to be cut out.
    CodeInUse, CodeRetired
        A code is, or was, that of another area.
    BordersCross
        A new border would come too close to another one.
    LimitExceeded
        There are more buildings than lines can run between; see `network`.
    """
    ground = ground_of(coverage, key)
    refuse_known_codes(coverage, key.layer, [code for code in lists if code != key.code])
    listed = [name for names in lists.values() for name in names]
    own = standing_in(ground, buildings)
    refuse_others(key, [building.name for building in own], listed)
    if len(lists) < len(("one", "another")):
        raise NothingLeft(layer=key.layer, code=key.code)
    group_by_name = {name: i for i, names in enumerate(lists.values()) for name in names}
    own = [building for building in own if building.name in group_by_name]
    groups = np.array([group_by_name[building.name] for building in own])
    found = dealt(coverage, ground, own, groups, snap_m=snap_m)
    return _named(coverage, key, found, list(lists))


def _named(coverage: Coverage, key: AreaKey, found: Dealt, codes: Sequence[str]) -> Redrawn:
    number = coverage.number_of(key)
    area, edit = coverage.areas[number], found.edit
    if key.code not in codes:
        edit.remove_area(number)
    for group, code in enumerate(codes):
        pieces = np.flatnonzero(found.groups == group).tolist()
        if not pieces:
            raise NothingLeft(layer=key.layer, code=code)
        chain = sum_of(found.pieces.faces[piece].chain for piece in pieces)
        if code == key.code:
            edit.set_ground(number, chain)
        else:
            edit.add_area(area._replace(key=AreaKey(key.layer, code), name=code, chain=chain))
    return finished(edit)


def standing_in(ground: Ground, buildings: Sequence[Building]) -> list[Building]:
    """Return the buildings that stand in some ground or on its border, in their order.

    Raises
    ------
    InvalidValue
        A building is neither a point nor a valid polygon.
    """
    is_in = shapely.intersects(ground.polygon, places_of(buildings))
    return [building for building, own in zip(buildings, is_in, strict=True) if own]


def refuse_others(key: AreaKey, own: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse names of none or several of the buildings, and the same name wanted twice.

    Raises
    ------
    BuildingsNotInArea
        Naming them; also where none is wanted.
    """
    known, asked = Counter(own), Counter(wanted)
    unfit = [name for name in asked if known[name] != 1 or asked[name] != 1]
    if unfit or not wanted:
        raise BuildingsNotInArea(key.layer, key.code, unfit or ["—"])


def _given(found: Dealt) -> list[int]:
    """Return the pieces that move: parts of the area without a moved building do not."""
    moving = np.flatnonzero(found.groups == _MOVING).tolist()
    return sorted(
        piece
        for together in found.pieces.together(moving)
        if any(_MOVING in found.homes[piece] for piece in together)
        for piece in together
    )


def _reaching(found: Dealt, chain: Sequence[int], given: Sequence[int]) -> set[int]:
    """Return those pieces that hang together with the ground within a chain."""
    own = set(chain)
    return {
        piece
        for together in found.pieces.together(given)
        if any(-step in own for each in together for step in found.pieces.faces[each].chain)
        for piece in together
    }


def _refuse_cutting_off(
    key: AreaKey, found: Dealt, given: Sequence[int], own: Sequence[Building]
) -> None:
    """Refuse what would part a piece of the area that hung together before."""
    every = range(len(found.pieces.faces))
    before = found.pieces.together(every)
    after = found.pieces.together(set(every) - set(given))
    for whole in before:
        rests = [rest for rest in after if rest[0] in whole]
        if len(rests) > 1:
            rests.sort(key=lambda rest: -float(found.pieces.sizes[rest].sum()))
            cut_off = {piece for rest in rests[1:] for piece in rest}
            names = [each.name for each in own if found.piece_of[each.name] in cut_off]
            raise BuildingsCutOff(key.layer, key.code, names)
