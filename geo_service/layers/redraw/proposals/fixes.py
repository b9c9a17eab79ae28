"""Fixes to offer for what the review found: each was tried, and works."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely

from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.arcs.arc import Chain
from geo_service.layers.arcs.rings import Face, faces_of
from geo_service.layers.redraw.asked.ground import CutAlong, GivePart, MoveBuildings
from geo_service.layers.redraw.asked.lists import Relist
from geo_service.layers.redraw.asked.operation import (
    Give,
    GiveGap,
    Merge,
    Places,
    Reparent,
    SplitByChildren,
)
from geo_service.layers.redraw.buildings.outside import CUT_M
from geo_service.layers.redraw.free_ground import at, gaps, holes
from geo_service.layers.redraw.merges import neighbors
from geo_service.layers.redraw.proposals.fix import Fix, Known, Step
from geo_service.layers.redraw.proposals.groups import groups_of_children
from geo_service.layers.redraw.proposals.list_fixes import of_unknown, of_unlisted
from geo_service.layers.redraw.proposals.new_codes import codes_for
from geo_service.layers.redraw.proposals.parts import MOST_PARTS, suggest_parts
from geo_service.layers.topology import Defect

_NOTHING_KNOWN = Known()
_POLYGON = 2


class _Case(NamedTuple):
    """A finding, the area that it names first, and its place."""

    coverage: Coverage
    defect: Defect
    known: Known
    key: AreaKey
    place: Place


def fixes_for(coverage: Coverage, defect: Defect, known: Known = _NOTHING_KNOWN) -> list[Fix]:
    """Return what would put a finding right, the best first; none where nothing does.

    Parameters
    ----------
    defect
        A finding of `review`, `unusual_sizes`, `building_findings` or `list_findings` about this
        coverage. One that is no longer so has no fixes.

    Notes
    -----
    A gap goes to a neighbor, the longest border first; a hole of the root layer too, or is
    declared an enclave. A sliver or a loose part goes to a neighbor; an area that is a sliver is
    merged. Ground beyond a parent goes to a neighbor whose parent has it; or the whole area goes
    to the parent that has it all; or it is cut along the parent's border. An area that is too
    large is split, by its children where it has any; one that is too small is merged with a
    neighbor below the same parent, the longest border first. Buildings go, with their ground, to
    the area that lists them, or the border goes round their footprints, or they go on the list of
    the area where they stand, if the other has a building list; round one that is cut it
    goes to the side that has most of it, or to another. For building lists see `of_unlisted` and
    `of_unknown`. Each fix was done once on a copy; whether
    it leaves other findings, the review of its result tells.
    """
    find = _FIXES.get(defect.kind)
    if find is None or defect.x is None or defect.y is None:
        return []
    key = AreaKey(defect.layer, (*defect.codes, "")[0])
    case = _Case(coverage, defect, known, key, (defect.x, defect.y))
    return [fix for fix in find(case) if _works(coverage, fix)]


def _works(coverage: Coverage, fix: Fix) -> bool:
    try:
        fix.apply(coverage)
    except GeoServiceError:
        return False
    return True


def _of_gap(case: _Case) -> Iterator[Fix]:
    coverage, layer = case.coverage, case.defect.layer
    parent = coverage.numbers.get(AreaKey(coverage.above[layer] or "", case.key.code))
    if parent is None:
        return
    gap = at(gaps(coverage, parent, layer), case.place)
    layers = {layer, *_below(coverage, layer)}
    for to, border_m in _takers(coverage, gap, layers):
        yield Fix("give_gap", (GiveGap(to, case.place),), (to,), border_m)


def _of_hole(case: _Case) -> Iterator[Fix]:
    coverage, place = case.coverage, case.place
    hole = at(holes(coverage), place)
    for to, border_m in _takers(coverage, hole, set(coverage.above)):
        yield Fix("give_gap", (GiveGap(to, place),), (to,), border_m)
    if hole is not None:
        yield Fix("declare_enclave")


def _of_sliver(case: _Case) -> Iterator[Fix]:
    coverage, key = case.coverage, case.key
    if key not in coverage.numbers:
        return
    faces = _parts(coverage, key)
    if len(faces) > 1:
        part = at(faces, case.place)
        yield from _part_fixes(coverage, key, [] if part is None else [part])
        return
    for to, border_m in _takers(coverage, faces[0], {key.layer}, leaves_only=False):
        yield _merged(key, to, border_m)


def _of_loose_parts(case: _Case) -> Iterator[Fix]:
    coverage, key = case.coverage, case.key
    if key not in coverage.numbers:
        return
    _, *loose = sorted(_parts(coverage, key), key=lambda face: -face.polygon.area)
    yield from _part_fixes(coverage, key, loose)


def _part_fixes(coverage: Coverage, key: AreaKey, parts: list[Face]) -> Iterator[Fix]:
    """Yield who may get parts of an area: every neighbor of a single one, the best of several."""
    number = coverage.number_of(key)
    has_children = bool(coverage.children.get(number))
    takers = [_takers(coverage, part, {key.layer}, leaves_only=False) for part in parts]
    kind = "reparent_children" if has_children else "give_part"
    steps = _reparented if has_children else _given
    if len(parts) == 1:
        for to, border_m in takers[0]:
            yield Fix(kind, tuple(steps(coverage, key, parts[0], to)), (to,), border_m)
    elif parts and all(takers):
        best = [some[0][0] for some in takers]
        each = zip(parts, best, strict=True)
        every = tuple(step for part, to in each for step in steps(coverage, key, part, to))
        yield Fix("give_parts", every, tuple(dict.fromkeys(best)))


def _given(_coverage: Coverage, key: AreaKey, part: Face, to: AreaKey) -> Iterator[Step]:
    yield GivePart(key, to, _inside(part.polygon))


def _reparented(coverage: Coverage, key: AreaKey, part: Face, to: AreaKey) -> Iterator[Step]:
    for child in coverage.children[coverage.number_of(key)]:
        area = coverage.areas[child]
        if shapely.intersects(part.polygon, shapely.point_on_surface(area.outline)):
            yield Reparent(area.key, to)


def _of_ground_beyond(case: _Case) -> Iterator[Fix]:
    coverage, key = case.coverage, case.key
    number = coverage.numbers.get(key)
    if number is None or (parent := coverage.areas[number].parent) is None:
        return
    area, above = coverage.areas[number], coverage.areas[parent]
    beyond = [
        part
        for part in shapely.get_parts(shapely.difference(area.outline, above.outline))
        if part.area > 0
    ]
    hosts = [coverage.areas[n].key for n in _covering(coverage, above.key.layer, beyond)]
    if len(beyond) == 1:
        yield from _beyond_to_neighbors(coverage, key, beyond[0], set(hosts))
    for host in hosts:
        if shapely.covers(coverage.area(host).outline, area.outline):
            yield Fix("reparent", (Reparent(key, host),), (host,))
        elif len(beyond) == 1:
            yield _cut_off(coverage, key, beyond[0], host, case.known)


def _covering(coverage: Coverage, layer: str, parts: list[shapely.Polygon]) -> list[int]:
    """Return the areas of a layer that cover all of some ground, by number."""
    boxes = shapely.bounds(np.array(parts, dtype=object)).reshape(-1, 4)
    near = np.unique(coverage.parts[layer].meeting(boxes)[1]) if parts else np.zeros(0, np.int64)
    return [n for n in near.tolist() if shapely.covers(coverage.areas[n].outline, parts).all()]


def _beyond_to_neighbors(
    coverage: Coverage, key: AreaKey, beyond: shapely.Polygon, hosts: set[AreaKey]
) -> Iterator[Fix]:
    ring = _places(beyond.exterior)
    unit = np.array(coverage.scale)
    found = []
    for number in sorted(neighbors(coverage, coverage.number_of(key))):
        area = coverage.areas[number]
        if area.parent is not None and coverage.areas[area.parent].key in hosts:
            common = shapely.intersection(shapely.boundary(area.outline), beyond.exterior)
            border = shapely.transform(common, lambda places: places * unit)
            found.append((-float(shapely.length(border)), area.key))
    for less_m, to in sorted(found):
        yield Fix("give_beyond", (Give(key, to, ring),), (to,), -less_m)


def _cut_off(
    coverage: Coverage, key: AreaKey, beyond: shapely.Polygon, host: AreaKey, known: Known
) -> Fix:
    area = coverage.area(key)
    (code,) = _codes(coverage, key.layer, host, [beyond], known)
    rest = shapely.difference(area.outline, beyond)
    borders = tuple(map(_places, (beyond.exterior, *beyond.interiors)))
    cut = CutAlong(key, borders, (code,), _inside(rest))
    return Fix("cut_beyond", (cut, Reparent(AreaKey(key.layer, code), host)), (host,))


def _of_too_large(case: _Case) -> Iterator[Fix]:
    coverage, defect, known, key, _ = case
    number = coverage.numbers.get(key)
    if number is None or not (defect.usual and defect.amount):
        return
    count = min(MOST_PARTS, max(2, math.ceil(defect.amount / defect.usual[1])))
    if coverage.children.get(number):
        yield from _split_by_children(case, count)
        return
    places, weights = known.weights.get(defect.reason, (None, None))
    try:
        parts = suggest_parts(coverage, key, count, places=places, weights=weights)
        codes = _codes(coverage, key.layer, _parent_of(coverage, key), list(parts.pieces), known)
    except GeoServiceError:
        return
    lines = tuple(_places(shapely.LineString(line)) for line in parts.lines)
    cut = CutAlong(key, lines, tuple(codes))
    kind = "split_by_ground" if places is None else "split"
    yield Fix(kind, (cut,), tuple(AreaKey(key.layer, code) for code in codes))


def _split_by_children(case: _Case, count: int) -> Iterator[Fix]:
    coverage, defect, known, key, _ = case
    amounts = known.figures.get(defect.reason, {})
    groups = groups_of_children(coverage, key, count, amounts)
    if groups is None:
        return
    grounds = [
        shapely.union_all(coverage.outlines(map(coverage.number_of, group))) for group in groups
    ]
    try:
        codes = _codes(coverage, key.layer, _parent_of(coverage, key), grounds, known)
    except GeoServiceError:
        return
    split = SplitByChildren(key, dict(zip(codes, groups, strict=True)))
    yield Fix("split_by_children", (split,), tuple(AreaKey(key.layer, code) for code in codes))


def _parent_of(coverage: Coverage, key: AreaKey) -> AreaKey | None:
    above = coverage.area(key).parent
    return None if above is None else coverage.areas[above].key


def _codes(
    coverage: Coverage,
    layer: str,
    parent: AreaKey | None,
    places: Sequence[shapely.Geometry],
    known: Known,
) -> list[str]:
    scheme, taken = known.schemes.get(layer, ()), known.taken.get(layer, ())
    return codes_for(coverage, layer, parent, places, scheme=scheme, taken=taken)


def _of_too_small(case: _Case) -> Iterator[Fix]:
    coverage, key = case.coverage, case.key
    number = coverage.numbers.get(key)
    if number is None:
        return
    parent = coverage.areas[number].parent
    for to, border_m in _beside(coverage, coverage.areas[number].chain, {key.layer}):
        if to != key and coverage.area(to).parent == parent:
            yield _merged(key, to, border_m)


def _merged(key: AreaKey, to: AreaKey, border_m: float | None) -> Fix:
    return Fix("merge", (Merge((key, to), to.code),), (to,), border_m)


def _of_building(case: _Case) -> Iterator[Fix]:
    defect, listed, buildings = case.defect, case.key, case.known.buildings
    found = [AreaKey(defect.layer, code) for code in defect.codes[1:]]
    for key in found:
        moved = MoveBuildings(key, listed, tuple(buildings), defect.buildings)
        yield Fix("move_buildings", (moved,), (listed,))
        rings = _rings_round(case, defect.buildings)
        if rings:
            yield Fix("go_round", tuple(Give(key, listed, ring) for ring in rings), (listed,))
        if case.coverage.area(listed).buildings is not None:
            at = case.known.every.position_by_identity
            positions = tuple(at[name] for name in defect.buildings)
            yield Fix("relist", (Relist(listed, key, case.known.every, positions),), (key,))


def _of_cut_building(case: _Case) -> Iterator[Fix]:
    defect = case.defect
    sides = [AreaKey(defect.layer, code) for code in defect.codes]
    rings = _rings_round(case, defect.buildings)
    for to in sides if rings else ():
        steps = tuple(Give(key, to, ring) for key in sides if key != to for ring in rings)
        yield Fix("go_round", steps, (to,))


def _rings_round(case: _Case, names: Collection[str]) -> list[Places]:
    """Return rings half a metre off the walls of buildings; none where one has no footprint."""
    own = [each.ground for each in case.known.buildings if each.name in names]
    grounds = np.array(own, dtype=object)
    if len(own) != len(names) or (shapely.get_dimensions(grounds) < _POLYGON).any():
        return []
    unit = np.array(case.coverage.scale)
    plane = shapely.transform(grounds, lambda places: places * unit)
    around = shapely.union_all(shapely.buffer(plane, CUT_M, join_style="mitre"))
    rings = shapely.get_exterior_ring(shapely.get_parts(around))
    return [_places(ring) for ring in shapely.transform(rings, lambda places: places / unit)]


def _takers(
    coverage: Coverage, ground: Face | None, layers: set[str], *, leaves_only: bool = True
) -> list[tuple[AreaKey, float]]:
    """Return the areas across the border of some ground, with metres, the longest border first."""
    found = [] if ground is None else _beside(coverage, ground.chain, layers)
    return [
        (key, border_m)
        for key, border_m in found
        if not (leaves_only and coverage.children.get(coverage.number_of(key)))
    ]


def _beside(coverage: Coverage, chain: Chain, layers: set[str]) -> list[tuple[AreaKey, float]]:
    """Return the areas on the other side of a chain, with metres, the longest border first."""
    lengths: dict[AreaKey, float] = {}
    for step in chain:
        arc = coverage.arcs[abs(step)]
        along = np.diff(arc.places * np.array(coverage.scale), axis=0)
        for owner in arc.right if step > 0 else arc.left:
            key = coverage.areas[owner].key
            if key.layer in layers:
                lengths[key] = lengths.get(key, 0.0) + float(np.hypot(*along.T).sum())
    return sorted(lengths.items(), key=lambda item: (-item[1], item[0]))


def _parts(coverage: Coverage, key: AreaKey) -> list[Face]:
    return faces_of(coverage.area(key).chain, coverage.arcs.__getitem__)


def _below(coverage: Coverage, layer: str) -> list[str]:
    return [name for name in coverage.above if layer in coverage.layers_above(name)]


def _places(line: shapely.Geometry) -> Places:
    return tuple((x, y) for x, y in shapely.get_coordinates(line).tolist())


def _inside(shape: shapely.Geometry) -> Place:
    x, y = shapely.get_coordinates(shapely.point_on_surface(shape))[0].tolist()
    return x, y


_FIXES: Final[Mapping[str, Callable[[_Case], Iterator[Fix]]]] = {
    "gap": _of_gap,
    "hole": _of_hole,
    "sliver": _of_sliver,
    "disconnected": _of_loose_parts,
    "outside_parent": _of_ground_beyond,
    "too_large": _of_too_large,
    "too_small": _of_too_small,
    "building_outside": _of_building,
    "building_cut": _of_cut_building,
    "building_unlisted": lambda case: of_unlisted(case.coverage, case.defect, case.known),
    "building_unknown": lambda case: of_unknown(case.coverage, case.defect, case.known),
}
