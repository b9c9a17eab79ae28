"""The ground around a redraw, before and after: a locator of each that holds nothing else."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.layers.agreement import Standing
from geo_service.layers.area import AreaSet, Boundaries, Floats, Geometries, area_set
from geo_service.layers.assignment.patched import PatchedLocator
from geo_service.layers.layer import BUILDING, Layers
from geo_service.layers.locator import Locator
from geo_service.layers.reach import grown_boxes, reached_boxes
from geo_service.services.impact.recut import are_meeting, recut_parents
from geo_service.services.impact.redrawing import FindOthers, Redrawing, joined, no_others
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.storage import editions
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey


@dataclass(frozen=True, eq=False)
class Region:
    """Where is looked, as boxes in degrees (``(k, 4)``), none of them too small.

    ``relocated`` hold every open issue whose owner can change, ``counted`` every place that can be
    a touched area's, or that of one beside it. ``beside`` are the siblings of touched areas as
    stored rows, by the key of the parent; ``with_beside`` are the layers whose siblings' ground is
    in, too.
    """

    relocated: Floats
    counted: Floats
    beside: dict[AreaKey | None, list[int]]
    with_beside: frozenset[str]

    @property
    def boxes(self) -> Floats:
        """All boxes."""
        return np.concatenate([self.relocated, self.counted])


@dataclass(frozen=True, eq=False)
class Ground:
    """The areas that matter, before and after, as locators that obey the standing agreements.

    ``buildings`` are those of the edition on this ground.
    """

    before: Locator
    after: Locator
    buildings: AreaSet


@dataclass(frozen=True, eq=False)
class Places:
    """Where owners are asked for, as boxes in degrees, ``(k, 4)`` each.

    ``counted`` hold all ground that is counted on, ``circles`` the circles of accuracy of what lies
    there, ``apart`` single places that may lie anywhere. All are grown by how far areas reach.
    """

    counted: Floats
    circles: Floats
    apart: Floats

    @property
    def boxes(self) -> Floats:
        """All boxes."""
        return np.concatenate([self.counted, self.circles, self.apart])


def reach_m(layers: Layers, standing: Standing) -> float:
    """Return how far from an area a place can be that it owns, in meters."""
    nearest = [layer.nearest_m for layer in layers if not layer.is_overlay]
    lines = [layer.reach_m for layer in layers.overlays]
    return max([0.0, *nearest, *lines, *(each.within_m for each in standing)])


def region_of(
    redrawing: Redrawing, stored: StoredAreas, standing: Standing, *, most_beside: int
) -> Region:
    """Return where a redraw can be felt, and what has to be counted to tell of it.

    Siblings of touched areas are counted as long as no more than ``most_beside`` areas lie around
    those of one layer.
    """
    layers = stored.layers
    reach = reach_m(layers, standing)
    counted = [
        grown_boxes(_bounds(redrawing.outlines(layer)), reach_m=reach)
        for layer in redrawing.touched
    ]
    beside = _beside(redrawing, stored)
    with_beside = set()
    for layer in redrawing.touched:
        rows = {row for some in beside.values() for row in some}
        boxes = stored.boxes_of(row for row in rows if stored.columns.keys[row][0] == layer)
        if len(stored.meeting(boxes)) <= most_beside:
            with_beside.add(layer)
            counted.append(grown_boxes(boxes, reach_m=reach))
    return Region(
        relocated=np.concatenate(
            [reached_boxes(layers, redrawing.pairs()), _agreed_boxes(redrawing, stored, standing)]
        ),
        counted=np.concatenate([np.empty((0, 4)), *counted]),
        beside=beside,
        with_beside=frozenset(with_beside),
    )


@dataclass(frozen=True, eq=False)
class Base:
    """The edition that is before: its areas, what agreements stand, and where areas decide.

    ``depths`` are those of each family at which areas decide that no children hold; None where
    nobody knows. ``whole`` is the locator of the edition, under the standing agreements, where one
    is at hand: then an index is made of that ground alone which is another one after.
    """

    stored: StoredAreas
    standing: Standing
    depths: Mapping[str, Collection[int]] | None
    others: FindOthers = no_others
    whole: Locator | None = None


def ground_of(
    connection: Transaction,
    redrawing: Redrawing,
    base: Base,
    *,
    places: Places,
    keys: Iterable[AreaKey],
) -> Ground:
    """Return both sides of all ground in some places, with named areas and all above them.

    Parameters
    ----------
    places
        Every area whose box meets one of theirs is in.
    keys
        Other areas that have to be in, if they are there.
    """
    stored, boxes = base.stored, places.boxes
    near = stored.meeting(boxes)
    above = {key for key in _parents(redrawing, stored) if key is not None}
    near |= stored.rows_of([*keys, *above])
    rows = stored.with_ancestors(near)
    redrawing = _with_others(redrawing, base, rows, boxes)
    rows = rows - stored.rows_of(redrawing.keys)
    if base.whole is not None:
        return _patched(connection, redrawing, base, (rows, places), base.whole)
    hollow = _hollow(redrawing, base, rows, boxes)
    around = _around(connection, stored, rows, hollow)
    before, after = (
        Locator(stored.layers, joined([*around, content]), boxes=stored.box_by_key(hollow))
        for content in (redrawing.before, redrawing.after)
    )
    return Ground(
        before.with_agreements(base.standing),
        after.with_agreements(base.standing),
        buildings_of(before),
    )


def _around(
    connection: Transaction, stored: StoredAreas, rows: Collection[int], hollow: set[int]
) -> list[Boundaries]:
    """Return stored areas, and hollow ones without outlines."""
    outlined = set(rows) - hollow
    return [
        editions.read_rows(connection, stored.ids_of(outlined)),
        stored.without_outlines(hollow),
    ]


def _patched(
    connection: Transaction,
    redrawing: Redrawing,
    base: Base,
    asked: tuple[set[int], Places],
    whole: Locator,
) -> Ground:
    """Return the ground before as the whole edition's, and after with an index of what differs.

    Areas that do not meet what differs are there by their links alone.
    """
    stored, (rows, places) = base.stored, asked
    patches = np.concatenate([_patches(redrawing, base), places.apart])
    near = grown_boxes(patches, reach_m=reach_m(stored.layers, base.standing))
    outlined = rows & stored.meeting(np.concatenate([near, _meeting(places.circles, patches)]))
    if is_agreed := _are_agreed(base, redrawing, outlined):
        outlined = rows
    own = stored.rows_of(redrawing.keys)
    tiled = _hollow(redrawing, base, outlined | own, places.boxes)
    hollow = (rows - outlined) | (tiled - own)
    around = _around(connection, stored, rows, hollow)
    deciding = _without_outlines(redrawing.after, {stored.columns.keys[row] for row in tiled & own})
    after = PatchedLocator(
        stored.layers,
        joined([*around, redrawing.after]),
        Locator(stored.layers, joined([*around, deciding]), is_brief=True).sections,
        boxes=stored.box_by_key(hollow),
        whole=whole,
        patches=patches,
    )
    return Ground(
        whole,
        after.with_agreements(base.standing if is_agreed else ()),
        _buildings(whole, stored, places.counted),
    )


def _meeting(boxes: Floats, others: Floats) -> Floats:
    """Return the boxes that meet one of others."""
    return boxes[are_meeting(boxes, others)]


def _without_outlines(content: Boundaries, keys: Collection[AreaKey]) -> Boundaries:
    """Return the same areas, some of them with nothing for an outline."""
    found = {}
    for layer, areas in content.items():
        outlines = areas.geometries.copy()
        outlines[[(layer, code) in keys for code in areas.codes]] = shapely.Polygon()
        found[layer] = areas.with_geometries(outlines)
    return found


def buildings_of(locator: Locator) -> AreaSet:
    """Return the buildings of a locator, none where there is no layer of them."""
    return locator.areas(BUILDING) if BUILDING in locator.layers.by_name else _NO_BUILDINGS


def _buildings(whole: Locator, stored: StoredAreas, boxes: Floats) -> AreaSet:
    """Return the buildings of an edition whose boxes meet some boxes."""
    if not len(buildings_of(whole)):
        return _NO_BUILDINGS
    keys = (stored.columns.keys[row] for row in stored.meeting(boxes))
    every = whole.areas(BUILDING)
    return every.take(sorted(every.position_by_code[c] for layer, c in keys if layer == BUILDING))


def _patches(redrawing: Redrawing, base: Base) -> Floats:
    """Return boxes that hold every place whose owner can be another one after."""
    layers = base.stored.layers
    return np.concatenate(
        [
            reached_boxes(layers, redrawing.pairs(), with_overlays=True),
            _agreed_boxes(redrawing, base.stored, base.standing),
        ]
    )


def _with_others(
    redrawing: Redrawing, base: Base, rows: Collection[int], boxes: Floats
) -> Redrawing:
    """Return a redraw with all that differs around it, but for parents that only got nodes.

    These are as before where their children hold all their ground.
    """
    stored = base.stored
    found = base.others(boxes, {stored.columns.keys[row] for row in rows})
    beside = found.redrawing.without(redrawing.keys)
    if not beside.keys:
        return redrawing
    whole = Redrawing(
        joined([redrawing.before, beside.before]), joined([redrawing.after, beside.after])
    )
    renoded = stored.rows_of(found.renoded)
    hollow = _hollow(whole, base, renoded, boxes)
    return whole.without({stored.columns.keys[row] for row in hollow})


def _hollow(redrawing: Redrawing, base: Base, rows: Collection[int], boxes: Floats) -> set[int]:
    """Return the areas whose outlines need not be read, as their children hold all their ground.

    Before as the index knows it, and after as those that were redrawn hold what they held, at least
    in some boxes.
    """
    if base.depths is None or _are_agreed(base, redrawing, rows):
        return set()
    keys, layers = base.stored.columns.keys, base.stored.layers
    deciding = {layer.name for layer in layers.overlays}
    for family, chain in layers.families.items():
        deciding |= {chain[depth].name for depth in base.depths[family]}
    other = recut_parents(redrawing, base.stored, boxes)
    return {row for row in rows if keys[row][0] not in deciding and keys[row] not in other}


def _are_agreed(base: Base, redrawing: Redrawing, rows: Collection[int]) -> bool:
    """Tell whether an agreement stands between any of some areas, redrawn ones among them."""
    keys = base.stored.columns.keys
    near = {keys[row] for row in rows} | redrawing.keys if base.standing else set()
    return any(
        {(each.layer, each.first_code), (each.layer, each.second_code)} & near
        for each in base.standing
    )


def _parents(redrawing: Redrawing, stored: StoredAreas) -> set[AreaKey | None]:
    """Return the parents of all areas that differ, before and after."""
    return {
        stored.parent_key(layer, parent)
        for content in (redrawing.before, redrawing.after)
        for layer, areas in content.items()
        for parent in areas.parents
    }


def _beside(redrawing: Redrawing, stored: StoredAreas) -> dict[AreaKey | None, list[int]]:
    """Return the stored areas under each parent of a touched area."""
    parents: set[AreaKey] = set()
    for content in (redrawing.before, redrawing.after):
        for layer, codes in redrawing.touched.items():
            areas = content.get(layer)
            at = [] if areas is None else [areas.position_by_code.get(code) for code in codes]
            keys = (
                stored.parent_key(layer, areas.parents[i]) for i in at if areas and i is not None
            )
            parents |= {key for key in keys if key is not None}
    return {
        key: [row for row in stored.below.get(key, ()) if _is_touched(redrawing, stored, row)]
        for key in sorted(parents)
    }


def _is_touched(redrawing: Redrawing, stored: StoredAreas, row: int) -> bool:
    return stored.columns.keys[row][0] in redrawing.touched


def _agreed_boxes(redrawing: Redrawing, stored: StoredAreas, standing: Standing) -> Floats:
    """Return boxes around both areas of each agreement that the redraw touches one of.

    An agreement may begin or cease to decide far from where an outline changed.
    """
    found = [np.empty((0, 4))]
    for each in standing:
        keys = {(each.layer, each.first_code), (each.layer, each.second_code)}
        if keys.isdisjoint(redrawing.keys):
            continue
        new = redrawing.after.get(each.layer)
        at = [new.position_by_code.get(code) for _, code in keys] if new is not None else []
        outlines = [new.geometries[i] for i in at if new is not None and i is not None]
        boxes = np.concatenate([stored.boxes_of(stored.rows_of(keys)), _bounds(outlines)])
        found.append(grown_boxes(boxes, reach_m=each.within_m))
    return np.concatenate(found)


def _bounds(outlines: Sequence[shapely.Geometry]) -> Floats:
    return np.asarray(shapely.bounds(_outlines(outlines)), dtype=np.float64).reshape(-1, 4)


def _outlines(found: Sequence[shapely.Geometry]) -> Geometries:
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = found
    return shapes


_NO_BUILDINGS = area_set(BUILDING, codes=[], geometries=[])
