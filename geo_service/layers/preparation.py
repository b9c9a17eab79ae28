"""Preparing an edition: new areas of one layer fitted into what stands, and the whole checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo_service.errors import UnclearParent, UnknownParent
from geo_service.layers.area import AreaSet, Boundaries, area_set
from geo_service.layers.difference import LayerDifference, layer_differences
from geo_service.layers.frames import geometries_to_storage, is_degrees
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.topology import (
    Change,
    Defect,
    Matched,
    check,
    fit_to_parent,
    local_scale,
    match_nodes,
    parents_by_share,
    parents_from_children,
    repair,
    unify_parents,
)

LEAST_SHARE = 0.99
"""A parent found by area must hold at least this share of its child."""


@dataclass(frozen=True)
class Plan:
    """How new areas meet what stands; lengths in metres."""

    is_replacing: bool = False
    repair_m: float | None = None
    are_parents_from_children: bool = False
    fit_to_parent_m: float | None = None


@dataclass(frozen=True, eq=False)
class Preparation:
    """The content that would be published, what was done to reach it, and what is wrong with it.

    ``moved_nodes`` and ``inserted_nodes`` count the harmless matching of nodes less than a
    millimetre apart; ``changes`` are what a repair did, area by area; ``found_parents`` are the
    parents that were found by area, with their share.
    """

    boundaries: Boundaries
    defects: Sequence[Defect]
    differences: Sequence[LayerDifference]
    changes: Sequence[Change] = ()
    found_parents: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    inserted_nodes: int = 0
    moved_nodes: int = 0
    largest_move_m: float = 0.0


def prepare(
    base: Boundaries, layers: Layers, layer: Layer, areas: AreaSet, *, source_frame: str, plan: Plan
) -> Preparation:
    """Return the content after ``areas`` came into ``layer``, checked as a whole.

    Parameters
    ----------
    base
        The edition to build on, EPSG:4490.
    areas
        The new areas, in ``source_frame``.

    Raises
    ------
    UnknownParent
        A parent is named that the parent layer does not have.
    UnclearParent
        No parent was named, and none holds LEAST_SHARE of an area.
    """
    stored, own = _into_storage(areas, layers, layer, source_frame)
    candidate: Boundaries = {**base, layer.name: _merged(base.get(layer.name), stored, layer, plan)}
    candidate, found = _with_parents(candidate, layers, layer)
    candidate, changes = _reconciled(candidate, layers, layer, plan)
    scale = local_scale(candidate[layer.name].geometries, is_degrees=True)
    matched = match_nodes(candidate, layers, metres_per_unit=scale)
    content, defects = matched.boundaries, check(matched.boundaries, layers, metres_per_unit=scale)
    if not defects:
        content, _ = unify_parents(content, layers)
    return Preparation(
        boundaries=content,
        defects=defects,
        differences=layer_differences(base, content),
        changes=changes,
        found_parents=found,
        inserted_nodes=own.inserted + matched.inserted,
        moved_nodes=own.moved + matched.moved,
        largest_move_m=max(own.largest_move_m, matched.largest_move_m),
    )


def _into_storage(
    areas: AreaSet, layers: Layers, layer: Layer, source_frame: str
) -> tuple[AreaSet, Matched]:
    """Return the areas in EPSG:4490, and what matching their nodes in the file's frame did."""
    # Nodes are matched in the file's own frame: a node inserted into an edge after a non-linear
    # conversion would stand beside it, by 3 cm on a 500 m edge of GCJ-02.
    scale = local_scale(areas.geometries, is_degrees=is_degrees(source_frame))
    matched = match_nodes({layer.name: areas}, layers, metres_per_unit=scale)
    own = matched.boundaries[layer.name]
    geometries = geometries_to_storage(own.geometries, source_frame=source_frame)
    return own.with_geometries(geometries), matched


def _merged(before: AreaSet | None, new: AreaSet, layer: Layer, plan: Plan) -> AreaSet:
    if before is None or plan.is_replacing:
        return new
    kept = before.take(
        [i for i, code in enumerate(before.codes) if code not in new.position_by_code]
    )
    return area_set(
        layer.name,
        codes=kept.codes + new.codes,
        names=kept.names + new.names,
        parents=kept.parents + new.parents,
        attributes=_attributes(kept) + _attributes(new),
        geometries=np.concatenate([kept.geometries, new.geometries]),
    )


def _attributes(areas: AreaSet) -> tuple[Mapping[str, object], ...]:
    return tuple(areas.attributes) or ({},) * len(areas)


def _with_parents(
    candidate: Boundaries, layers: Layers, layer: Layer
) -> tuple[Boundaries, dict[str, tuple[str, float]]]:
    """Name the parents of the new areas, and of children that waited for this layer."""
    found: dict[str, tuple[str, float]] = {}
    named = dict(candidate)
    for child in (layer, *layers.children(layer.name)):
        parents = named.get(child.parent or "")
        if parents is None or len(parents) == 0 or child.name not in named:
            continue
        named[child.name] = _by_code_or_name(named[child.name], parents, child)
        named[child.name], shares = _by_area(named[child.name], parents, child)
        found |= shares
    return named, found


def _by_code_or_name(areas: AreaSet, parents: AreaSet, layer: Layer) -> AreaSet:
    """Return the areas with parents as codes; a parent may be given by a name that is unique."""
    by_name = {
        name: code
        for name, code in zip(parents.names, parents.codes, strict=True)
        if parents.names.count(name) == 1
    }
    resolved = [
        parent if parent is None or parent in parents.position_by_code else by_name.get(parent)
        for parent in areas.parents
    ]
    unknown = [i for i, code in enumerate(resolved) if code is None and areas.parents[i]]
    if unknown:
        raise UnknownParent(
            layer=layer.name,
            codes=[areas.codes[i] for i in unknown[:20]],
            parents=sorted({areas.parents[i] or "" for i in unknown})[:20],
        )
    return areas.with_parents(resolved)


def _by_area(
    areas: AreaSet, parents: AreaSet, layer: Layer
) -> tuple[AreaSet, dict[str, tuple[str, float]]]:
    waiting = [i for i, parent in enumerate(areas.parents) if parent is None]
    if not waiting:
        return areas, {}
    codes, shares = parents_by_share(areas.take(waiting), parents)
    unclear = [k for k in range(len(waiting)) if shares[k] < LEAST_SHARE]
    if unclear:
        raise UnclearParent(
            layer=layer.name,
            codes=[areas.codes[waiting[k]] for k in unclear[:20]],
            shares=[round(float(shares[k]), 4) for k in unclear[:20]],
            needed_share=LEAST_SHARE,
        )
    found = list(areas.parents)
    for i, code in zip(waiting, codes, strict=True):
        found[i] = code
    named = {areas.codes[i]: (codes[k] or "", float(shares[k])) for k, i in enumerate(waiting)}
    return areas.with_parents(found), named


def _reconciled(
    candidate: Boundaries, layers: Layers, layer: Layer, plan: Plan
) -> tuple[Boundaries, list[Change]]:
    scale = local_scale(candidate[layer.name].geometries, is_degrees=True)
    changes: list[Change] = []
    if plan.are_parents_from_children:
        united = parents_from_children(candidate, layers, layer.name, metres_per_unit=scale)
        candidate, changes = united.boundaries, [*changes, *united.changes]
    if plan.fit_to_parent_m is not None:
        fitted = fit_to_parent(
            candidate, layers, layer.name, max_m=plan.fit_to_parent_m, metres_per_unit=scale
        )
        candidate, changes = fitted.boundaries, [*changes, *fitted.changes]
    if plan.repair_m is not None:
        repaired = repair(candidate, layers, metres_per_unit=scale, tolerance_m=plan.repair_m)
        candidate, changes = repaired.boundaries, [*changes, *repaired.changes]
    return candidate, changes
