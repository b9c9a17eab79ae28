"""Whether borders that were changed still keep clear of each other: only what changed is asked."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.errors import BordersCross, NothingLeft
from geo_service.layers.arcs import AreaKey, Coverage, Place
from geo_service.layers.arcs.edit import Change, Edit
from geo_service.layers.redraw.touching import first_touch

_PLACE = re.compile(r"\[(\S+) (\S+)\]$")


class Clash(NamedTuple):
    """Areas of one layer whose borders cross, touch or overlap, and a place where they do."""

    layer: str
    keys: tuple[AreaKey, ...]
    place: Place


class Redrawn(NamedTuple):
    """The coverage after an operation, and what the operation changed."""

    coverage: Coverage
    change: Change


def finished(edit: Edit) -> Redrawn:
    """Return what an edit leads to.

    Raises
    ------
    NothingLeft
        An area would have no ground.
    BordersCross
        Borders would cross, touch or overlap. Nothing was changed.
    """
    coverage, change = edit.finish()
    for number in change.touched:
        if not (area := coverage.areas[number]).chain:
            raise NothingLeft(layer=area.key.layer, code=area.key.code)
    clash = first_clash(coverage, change)
    if clash is not None:
        codes = [key.code for key in clash.keys]
        raise BordersCross(layer=clash.layer, codes=codes, lon=clash.place[0], lat=clash.place[1])
    return Redrawn(coverage, change)


def together(before: Coverage, steps: Sequence[Redrawn]) -> Redrawn:
    """Return several operations, each on what the one before led to, as one."""
    after = steps[-1].coverage
    changes = [step.change for step in steps]
    seen = {number for change in changes for number in change.touched}
    others = {
        number for change in changes for number in (*change.moved, *change.named, *change.listed)
    }
    old, new = before.areas, after.areas
    both = [n for n in sorted(seen | others) if n in old and n in new]
    arcs = {number for change in changes for number in (*change.arcs, *change.arcs_left)}
    change = Change(
        touched=tuple(sorted(n for n in seen if n in new)),
        entered=tuple(sorted(n for n in seen if n in new and n not in old)),
        left=tuple(sorted({n for c in changes for n in c.left if n in old})),
        moved=tuple(n for n in both if old[n].parent != new[n].parent),
        named=tuple(n for n in both if (old[n].key, old[n].name) != (new[n].key, new[n].name)),
        listed=tuple(n for n in both if old[n].buildings != new[n].buildings),
        arcs=tuple(sorted(n for n in arcs if n in after.arcs)),
        arcs_left=tuple(sorted(n for n in arcs if n in before.arcs and n not in after.arcs)),
    )
    return Redrawn(after, change)


def first_clash(coverage: Coverage, change: Change | None = None) -> Clash | None:
    """Return where areas are not valid or not clear of each other; None proves that all are.

    Parameters
    ----------
    change
        What was changed since nothing clashed: only that, and whoever may meet it, is asked.
        Everything where it is None.

    Notes
    -----
    Both sides of an arc have the same bits, so nothing can come apart; but an arc may be laid
    across another, or around a whole area. Valid outlines, and `coverage_is_valid` of their parts
    with every part whose box meets theirs, exclude that. Parts and not areas: areas in far-apart
    parts meet half the city by their boxes. If nothing clashed before, no pair clashes of which
    neither was touched; so the answer is that for all areas. Where all are unions of children
    that are looked at themselves, they are clear of each other if their children are.
    """
    numbers = coverage.areas if change is None else change.touched
    by_layer: dict[str, list[int]] = {}
    for number in sorted(numbers):
        by_layer.setdefault(coverage.areas[number].key.layer, []).append(number)
    for layer, some in by_layer.items():
        clash = _invalid(coverage, some) or _overlapping(coverage, layer, some)
        if clash is not None:
            return clash
    arcs = coverage.arcs if change is None else change.arcs
    touch = first_touch(coverage, sorted(arcs))
    return None if touch is None else Clash(touch[0][0].layer, *touch)


def _invalid(coverage: Coverage, numbers: list[int]) -> Clash | None:
    outlines = coverage.outlines(numbers)
    is_bad = ~shapely.is_valid(outlines) | shapely.is_empty(outlines)
    if not is_bad.any():
        return None
    at = int(is_bad.argmax())
    key = coverage.areas[numbers[at]].key
    named = _PLACE.search(shapely.is_valid_reason(outlines[at]))
    place = (float(named[1]), float(named[2])) if named else _first_place(outlines[at])
    return Clash(key.layer, (key,), place)


def _first_place(outline: shapely.Geometry) -> Place:
    x, y = np.vstack([shapely.get_coordinates(outline), [[0, 0]]])[0].tolist()
    return x, y


def _overlapping(coverage: Coverage, layer: str, numbers: list[int]) -> Clash | None:
    own = shapely.get_parts(coverage.outlines(numbers))
    parts, owners = coverage.parts[layer].meeting(shapely.bounds(own))
    if all(map(coverage.is_tiled, set(owners.tolist()))):
        return None
    if shapely.coverage_is_valid(parts):
        return None
    is_suspect = ~shapely.is_empty(shapely.coverage_invalid_edges(parts))
    # GEOS knows the neighbors of those who were touched, but not those of their neighbors: an edge
    # without its other side may be called invalid where a hole touches its shell in a point.
    is_touched = np.isin(owners, numbers)
    first, second = shapely.STRtree(parts).query(parts)
    is_asked = (first != second) & is_touched[first] & (is_suspect[first] | is_suspect[second])
    for one, other in zip(first[is_asked].tolist(), second[is_asked].tolist(), strict=True):
        place = _place_of_clash(parts[one], parts[other])
        if place is not None:
            keys = {coverage.areas[int(owners[part])].key for part in (one, other)}
            return Clash(layer, tuple(sorted(keys)), place)
    return None


def _place_of_clash(one: shapely.Polygon, other: shapely.Polygon) -> Place | None:
    """Return where two polygons overlap, or meet elsewhere than in vertices of both."""
    if shapely.relate_pattern(one, other, "T********"):
        x, y = shapely.get_coordinates(shapely.point_on_surface(one & other))[0].tolist()
        return x, y
    common = _places(shapely.intersection(one.boundary, other.boundary))
    unshared = sorted(common - (_places(one) & _places(other)))
    return unshared[0] if unshared else None


def _places(shape: shapely.Geometry) -> set[Place]:
    return {(x, y) for x, y in shapely.get_coordinates(shape).tolist()}
