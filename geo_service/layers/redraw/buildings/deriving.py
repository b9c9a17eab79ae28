"""All areas of a parent, made anew from their building lists."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely

from geo_service.errors import HasChildren, NothingLeft, WrongParent
from geo_service.layers.arcs import Area, AreaKey, Coverage
from geo_service.layers.arcs.arc import sum_of
from geo_service.layers.area import BuildingList
from geo_service.layers.redraw.buildings.cells import Building
from geo_service.layers.redraw.buildings.dealing import Dealt, dealt
from geo_service.layers.redraw.buildings.moving import refuse_others, standing_in
from geo_service.layers.redraw.drawing.cutting import SNAP_M, Ground
from geo_service.layers.redraw.soundness import Redrawn, finished
from geo_service.layers.redraw.splits import refuse_known_codes


def derive(
    coverage: Coverage,
    parent: AreaKey,
    layer: str,
    buildings: Sequence[Building],
    groups: Mapping[str, Sequence[str]],
    *,
    roads: Sequence[shapely.Geometry] = (),
) -> Redrawn:
    """Part all ground of a parent among areas of one layer, each around its group of buildings.

    The areas are exactly the parent, whatever its children were: one whose code is among
    ``groups`` goes on, others below the parent in this layer are retired, and new codes begin.
    Ground goes with the nearest building; see `split_by_lists`.

    Parameters
    ----------
    layer
        Nested directly in that of the parent.
    buildings
        All that count in the parent, in the frame of the coverage; those that stand elsewhere, or
        in no group, get no ground.
    groups
        Names of buildings by the code of their area; one alone gets all of the parent.
    roads
        Lines that a border rather runs along: a block between them with buildings of one area
        alone is wholly that area's. Blocks with several, or none, are parted half-way.

    Raises
    ------
    UnknownArea
        There is no such parent.
    WrongParent
        It is not of the layer above.
    HasChildren
        A child of the parent is made of areas below it.
    InvalidValue
        A building is neither a point nor a valid polygon.
    BuildingsNotInArea
        One in a group does not stand in the parent, is named twice, several there have its name;
        or a group is empty.
    NothingLeft
        There is no group, or the ground around one is too small to be cut out.
    CodeInUse, CodeRetired
        A code is, or was, that of another area.
    BordersCross
        A new border would come too close to another one.
    LimitExceeded
        There are more buildings than lines can run between; see `network`.
    """
    above = coverage.area(parent)
    if coverage.above.get(layer) != parent.layer:
        raise WrongParent(layer, next(iter(groups), "—"), *parent)
    number = coverage.number_of(parent)
    former = {coverage.areas[n].key.code: n for n in coverage.children_in(number, layer)}
    _refuse_with_children(coverage, former.values())
    refuse_known_codes(coverage, layer, [code for code in groups if code not in former])
    if not groups:
        raise NothingLeft(layer=parent.layer, code=parent.code)
    ground = Ground(AreaKey(layer, next(iter(groups))), above.chain, above.outline)
    own = _grouped(ground, parent, buildings, groups)
    group_by_name = {name: i for i, names in enumerate(groups.values()) for name in names}
    of = np.array([group_by_name[building.name] for building in own])
    found = dealt(coverage, ground, own, of, snap_m=SNAP_M, roads=roads)
    return _made(number, layer, found, list(groups), former)


def with_lists(redrawn: Redrawn, lists: Mapping[AreaKey, BuildingList | None]) -> Redrawn:
    """Return the same after some areas got another building list, or lost theirs with None.

    Raises
    ------
    UnknownArea
        There is no such area afterwards.
    """
    coverage, change = redrawn
    wanted = {coverage.number_of(key): listed for key, listed in lists.items()}
    changed = {n: own for n, own in wanted.items() if coverage.areas[n].buildings != own}
    areas = {n: coverage.areas[n]._replace(buildings=own) for n, own in changed.items()}
    listed = tuple(sorted({*change.listed, *changed}))
    return Redrawn(coverage.with_areas(areas), change.with_listed(listed))


def _refuse_with_children(coverage: Coverage, numbers: Iterable[int]) -> None:
    for number in numbers:
        if coverage.children.get(number):
            key = coverage.areas[number].key
            raise HasChildren(layer=key.layer, code=key.code)


def _grouped(
    ground: Ground,
    parent: AreaKey,
    buildings: Sequence[Building],
    groups: Mapping[str, Sequence[str]],
) -> list[Building]:
    own = standing_in(ground, buildings)
    named = [name for names in groups.values() for name in names]
    for names in groups.values():
        refuse_others(parent, [building.name for building in own], names)
    refuse_others(parent, [building.name for building in own], named)
    wanted = set(named)
    return [building for building in own if building.name in wanted]


def _made(
    parent: int,
    layer: str,
    found: Dealt,
    codes: Sequence[str],
    former: Mapping[str, int],
) -> Redrawn:
    edit = found.edit
    for code in former.keys() - set(codes):
        edit.remove_area(former[code])
    for group, code in enumerate(codes):
        pieces = np.flatnonzero(found.groups == group).tolist()
        if not pieces:
            raise NothingLeft(layer=layer, code=code)
        chain = sum_of(found.pieces.faces[piece].chain for piece in pieces)
        if code in former:
            edit.set_ground(former[code], chain)
        else:
            edit.add_area(Area(AreaKey(layer, code), code, parent, chain, shapely.Polygon()))
    return finished(edit)
