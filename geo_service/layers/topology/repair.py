"""Repair of boundaries that almost fit: slivers are closed, and every change is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Boundaries, Geometries
from geo_service.layers.layer import Layers
from geo_service.layers.topology.defect import area_text, length_text
from geo_service.layers.topology.faults import Fault, Relation
from geo_service.layers.topology.linework import Ints, segments
from geo_service.layers.topology.nest import NO_PARENT, Nest, nests, sound, usable
from geo_service.layers.topology.nodes import match_nest
from geo_service.layers.topology.outlines import compare_outlines
from geo_service.layers.topology.scale import NODE_TOLERANCE_M, Scale, area_m2, in_metres
from geo_service.layers.topology.slivers import close_slivers

_ROUNDS = 6

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "made_valid": ("图形无效，已改为有效图形", "an invalid geometry was made valid"),
    "reshaped": ("窄缝已归入或划出", "slivers were taken or given away"),
    "matched": ("节点已与相邻界线对齐", "nodes were moved onto those of the neighbors"),
    "renoded": ("只增加了共用节点，形状未变", "shared nodes were added, the shape is the same"),
    "from_children": ("界线改为下级的外轮廓", "the outline became that of the children"),
    "fitted": ("外边界已贴合上级界线", "the outer border was fitted to the parent's"),
}


@dataclass(frozen=True)
class Change:
    """One area that is not as it was.

    ``moved_m2`` is the ground that changed hands (gained plus lost); ``largest_move_m`` how far
    the outline moved at most. Kinds: ``made_valid``, ``reshaped``, ``matched`` (moved by no more
    than the tolerance of nodes), ``renoded``, ``from_children``, ``fitted``.
    """

    layer: str
    code: str
    kind: str
    area_before_m2: float
    area_after_m2: float
    moved_m2: float
    largest_move_m: float

    def text(self, language: str = "zh") -> str:
        """Return one sentence in ``zh`` or ``en``."""
        is_english = language == "en"
        sentence = f"{self.layer} {self.code}"
        sentence += (
            f": {_SENTENCES[self.kind][1]}" if is_english else f"：{_SENTENCES[self.kind][0]}"
        )
        if self.kind == "renoded":
            return sentence
        before, after = area_text(self.area_before_m2), area_text(self.area_after_m2)
        moved, furthest = area_text(self.moved_m2), length_text(self.largest_move_m)
        if is_english:
            return (
                f"{sentence}; {before} → {after}, {moved} changed hands, moved {furthest} at most"
            )
        return f"{sentence}；{before} → {after}，变动 {moved}，界线最多移动 {furthest}"


Kinds: TypeAlias = dict[tuple[str, str], str]
"""What was done, by layer and code."""


class Repaired(NamedTuple):
    """New boundaries, and every area that changed, the most ground first."""

    boundaries: Boundaries
    changes: list[Change]


def repair(
    boundaries: Boundaries,
    layers: Layers,
    *,
    metres_per_unit: Scale,
    tolerance_m: float = 0.5,
) -> Repaired:
    """Make boundaries valid, match their nodes and close slivers; say what was done to whom.

    Invalid polygons are made valid (structure method, polygons only), nodes are matched to a
    millimetre, and every gap, hole, overlap or piece outside its parent that is nowhere wider
    than ``tolerance_m`` goes to a neighbor, on all levels at once. What is wider stays, for
    `check` to report: it is a question to a person. Areas not concerned stay bit-identical.

    Parameters
    ----------
    boundaries
        Planar coordinates of one frame. Overlay layers are made valid only; lines stay.
    metres_per_unit
        Scale of x and y, see `local_scale`.
    tolerance_m
        Width (diameter of the largest circle inside) up to which a sliver is closed.

    Notes
    -----
    The levels are not cleaned one after the other. `shapely.coverage_clean` on one level moves
    nodes that the other levels share, so whichever level goes first, the next no longer fits; and
    it would merge every gap below its width, real ones in a parent included. Instead the broken
    ground is parted into faces and each face changes hands on all levels together; where levels
    disagree the upper one keeps its ground, because streets and communities have statutory
    borders and grids have not. On one level alone the outcome is that of `coverage_clean`.
    """
    start = {name: _made_valid(areas, layers, name) for name, areas in boundaries.items()}
    kinds: Kinds = {
        (name, code): "made_valid"
        for name, areas in boundaries.items()
        for code, old, new in zip(
            areas.codes, areas.geometries, start[name].geometries, strict=True
        )
        if old is not new
    }
    result = dict(start)
    for nest in nests(start, layers):
        mended, reshaped = _mended(nest, metres_per_unit, tolerance_m, lambda *_: True)
        result.update(mended.area_sets(start))
        kinds = {**_named(nest, reshaped, "reshaped"), **kinds}
    return _report(boundaries, result, kinds, metres_per_unit)


def fit_to_parent(
    boundaries: Boundaries,
    layers: Layers,
    layer_name: str,
    *,
    max_m: float,
    metres_per_unit: Scale,
) -> Repaired:
    """Fit the outer borders of the areas of a layer to their parents' outlines.

    Ground between a parent's outline and its children's that is nowhere wider than ``max_m``
    changes hands so that the parents keep theirs: children grow to the outline, each in front of
    its own border, or are cut back to it. What is further away stays, for `check` to report.
    Layers nested in ``layer_name`` follow. Overlaps and gaps between siblings stay as they are.

    Parameters
    ----------
    boundaries
        Planar coordinates of one frame, with parents set.
    layer_name
        The children's layer; one that stands without parents comes back unchanged.
    max_m
        Width (diameter of the largest circle inside) up to which ground is moved, metres.
    metres_per_unit
        Scale of x and y, see `local_scale`.

    Raises
    ------
    UnknownLayer
        When the profile has no such layer.
    """
    layer = layers[layer_name].name
    result, kinds = dict(boundaries), Kinds()
    for nest in nests(boundaries, layers):
        if layer not in nest.layers:
            continue
        position = nest.layers.index(layer)

        def is_wanted(relation: Relation, fault: Fault, position: int = position) -> bool:
            is_this = relation.layer == position and relation.above != NO_PARENT
            return is_this and fault[0] in ("gap", "outside_parent")

        mended, reshaped = _mended(
            nest, metres_per_unit, max_m, is_wanted, nest.ancestors(position)
        )
        result.update(mended.area_sets(boundaries))
        kinds = _named(nest, reshaped, "fitted")
    return _report(boundaries, result, kinds, metres_per_unit)


def _made_valid(areas: AreaSet, layers: Layers, name: str) -> AreaSet:
    if layers[name].geometry != "polygon":
        return areas
    valid = usable(areas.geometries)
    # What cannot be made valid stays as it is, for the check to name.
    return areas.with_geometries(np.where(shapely.is_empty(valid), areas.geometries, valid))


def _mended(
    nest: Nest,
    scale: Scale,
    tolerance_m: float,
    is_wanted: Callable[[Relation, Fault], bool],
    fixed: Sequence[int] = (),
) -> tuple[Nest, Ints]:
    """Match and close in turns until nothing is left to close; return who gave or took ground."""
    close = partial(
        close_slivers, scale=scale, tolerance_m=tolerance_m, is_wanted=is_wanted, fixed=fixed
    )
    match = partial(match_nest, scale=scale, tolerance_m=NODE_TOLERANCE_M)
    current = match(nest.with_geometries(sound(nest.geometries))).nest
    reshaped, closed, rounds_left = np.zeros(0, dtype=np.int64), close(current), _ROUNDS
    while len(closed.reshaped) and rounds_left:
        reshaped = np.union1d(reshaped, closed.reshaped)
        current = match(closed.nest).nest
        closed, rounds_left = close(current), rounds_left - 1
    is_lost = shapely.is_empty(current.geometries)
    return current.with_geometries(np.where(is_lost, nest.geometries, current.geometries)), reshaped


def _named(nest: Nest, areas: Ints, kind: str) -> Kinds:
    return {(nest.layers[nest.layer_of[a]], nest.codes[a]): kind for a in areas.tolist()}


def _report(before: Boundaries, after: Boundaries, kinds: Kinds, scale: Scale) -> Repaired:
    return Repaired(after, changes_between(before, after, kinds=kinds, metres_per_unit=scale))


def changes_between(
    before: Boundaries,
    after: Boundaries,
    *,
    kinds: Kinds,
    metres_per_unit: Scale,
) -> list[Change]:
    """Return what differs between two states of the same areas, the most ground first.

    ``kinds`` names what was done by layer and code; what it does not name was ``matched``.
    """
    found = [
        change
        for name, areas in before.items()
        for change in _layer_changes(name, areas, after[name], kinds, metres_per_unit)
    ]
    return sorted(found, key=lambda change: (-change.moved_m2, change.layer, change.code))


def _layer_changes(
    name: str, before: AreaSet, after: AreaSet, kinds: Kinds, scale: Scale
) -> list[Change]:
    tolerance = 2 * NODE_TOLERANCE_M / max(scale)
    verdict = compare_outlines(before.geometries, after.geometries, tolerance_deg=tolerance)
    touched = np.flatnonzero(verdict != "same")
    old, new = usable(before.geometries[touched]), usable(after.geometries[touched])
    moved = area_m2(shapely.symmetric_difference(old, new), scale)
    sizes = zip(
        area_m2(old, scale), area_m2(new, scale), moved, _moves(old, new, scale), strict=True
    )
    return [
        Change(name, before.codes[i], _kind(name, before.codes[i], str(verdict[i]), kinds), *values)
        for i, values in zip(touched.tolist(), ((*map(float, v),) for v in sizes), strict=True)
    ]


def _kind(layer: str, code: str, verdict: str, kinds: Kinds) -> str:
    named = kinds.get((layer, code), "matched")
    return "renoded" if verdict == "renoded" and named == "matched" else named


def _moves(old: Geometries, new: Geometries, scale: Scale) -> list[float]:
    """Return how far the furthest vertex of one state lies from the outline of the other."""
    before, after = in_metres(old, scale), in_metres(new, scale)
    return [max(_reach(a, b), _reach(b, a)) for a, b in zip(before, after, strict=True)]


def _reach(geometry: shapely.Geometry, other: shapely.Geometry) -> float:
    known = set(map(tuple, shapely.get_coordinates(other).tolist()))
    new = [p for p in map(tuple, shapely.get_coordinates(geometry).tolist()) if p not in known]
    if not new or not known:
        return 0.0
    rings = shapely.get_rings(shapely.get_parts(other))
    places, ring = shapely.get_coordinates(rings, return_index=True)
    is_step = ring[1:] == ring[:-1]
    tree = shapely.STRtree(segments(places[:-1][is_step], places[1:][is_step]))
    _, away = tree.query_nearest(shapely.points(new), return_distance=True, all_matches=False)
    return float(away.max())
