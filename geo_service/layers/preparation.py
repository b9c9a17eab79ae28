"""Preparing an edition: new areas of layers fitted into what stands, and the whole checked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from geo_service.errors import UnclearParent, UnknownParent
from geo_service.layers.area import AreaSet, Boundaries, Geometries, area_set
from geo_service.layers.difference import LayerDifference, layer_differences
from geo_service.layers.frames import geometries_to_storage, is_degrees
from geo_service.layers.layer import Enclave, Layer, Layers
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

_BAGS = (shapely.GeometryType.MULTIPOLYGON, shapely.GeometryType.MULTILINESTRING)

LEAST_SHARE = 0.99
"""A parent found by area must hold at least this share of its child."""


@dataclass(frozen=True)
class Plan:
    """How new areas meet what stands; lengths in metres, enclaves as they are declared."""

    is_replacing: bool = False
    repair_m: float | None = None
    are_parents_from_children: bool = False
    fit_to_parent_m: float | None = None
    enclaves: Sequence[Enclave] = ()


@dataclass(frozen=True, eq=False)
class Arrival:
    """New areas of one layer, in the frame of their file."""

    layer: Layer
    areas: AreaSet
    source_frame: str


@dataclass(frozen=True, eq=False)
class Preparation:
    """The content that would be published, what was done to reach it, and what is wrong with it.

    ``moved_nodes`` and ``inserted_nodes`` count the harmless matching of nodes less than a
    millimetre apart; ``changes`` are what a repair did, area by area; ``parents_by_layer`` are the
    parents that were found by area, for each child with their share.
    """

    boundaries: Boundaries
    defects: Sequence[Defect]
    differences: Sequence[LayerDifference]
    changes: Sequence[Change] = ()
    parents_by_layer: Mapping[str, Mapping[str, tuple[str, float]]] = field(default_factory=dict)
    inserted_nodes: int = 0
    moved_nodes: int = 0
    largest_move_m: float = 0.0

    @property
    def found_parents(self) -> Mapping[str, tuple[str, float]]:
        """The parents that were found by area, whatever layer the child is in."""
        return {
            child: it for found in self.parents_by_layer.values() for child, it in found.items()
        }


def prepare(
    base: Boundaries, layers: Layers, arrivals: Sequence[Arrival], *, plan: Plan
) -> Preparation:
    """Return the content after new areas came into their layers, checked as a whole.

    What arrives together is fitted in and checked together, whatever its order: a border that
    several levels share may move on all of them at once.

    Parameters
    ----------
    base
        The edition to build on, EPSG:4490.
    arrivals
        One for each layer that gets new areas.

    Raises
    ------
    UnknownParent
        A parent is named that the parent layer does not have.
    UnclearParent
        No parent was named, and none holds LEAST_SHARE of an area.
    """
    stored, own = _into_storage(arrivals, layers)
    arrived = [layer for layer in layers if layer.name in stored]
    candidate: Boundaries = {
        **base,
        **{
            each.name: _merged(base.get(each.name), stored[each.name], each, plan)
            for each in arrived
        },
    }
    candidate, found = _with_parents(candidate, layers, stored.keys())
    candidate, changes = _reconciled(candidate, layers, arrived, plan)
    scale = local_scale(_outlines(candidate, stored), is_degrees=True)
    matched = match_nodes(candidate, layers, metres_per_unit=scale)
    content = matched.boundaries
    defects = check(content, layers, metres_per_unit=scale, enclaves=plan.enclaves)
    if not defects:
        content, _ = unify_parents(content, layers)
    content = _written_alike(content, base)
    every = [*own, matched]
    return Preparation(
        boundaries=content,
        defects=defects,
        differences=layer_differences(base, content),
        changes=changes,
        parents_by_layer=found,
        inserted_nodes=sum(each.inserted for each in every),
        moved_nodes=sum(each.moved for each in every),
        largest_move_m=max(each.largest_move_m for each in every),
    )


def _into_storage(
    arrivals: Sequence[Arrival], layers: Layers
) -> tuple[dict[str, AreaSet], list[Matched]]:
    """Return the areas in EPSG:4490, and what matching their nodes in the files' frames did."""
    # Nodes are matched in the file's own frame: a node inserted into an edge after a non-linear
    # conversion would stand beside it, by 3 cm on a 500 m edge of GCJ-02.
    stored: dict[str, AreaSet] = {}
    done: list[Matched] = []
    for frame in dict.fromkeys(each.source_frame for each in arrivals):
        inside = {each.layer.name: each.areas for each in arrivals if each.source_frame == frame}
        scale = local_scale(_outlines(inside, inside), is_degrees=is_degrees(frame))
        matched = match_nodes(inside, layers, metres_per_unit=scale)
        for name, own in matched.boundaries.items():
            geometries = geometries_to_storage(own.geometries, source_frame=frame)
            stored[name] = own.with_geometries(geometries)
        done.append(matched)
    return stored, done


def _outlines(boundaries: Boundaries, names: Iterable[str]) -> Geometries:
    return np.concatenate([boundaries[name].geometries for name in names])


def _written_alike(content: Boundaries, base: Boundaries) -> Boundaries:
    """Write new outlines one way: one part as such, shells counterclockwise.

    Formats differ in this and shapes do not: so a file that went out comes back bit for bit.
    """
    kept = {id(outline) for areas in base.values() for outline in areas.geometries.tolist()}
    written = {}
    for name, areas in content.items():
        result = areas.geometries.copy()
        is_new = np.array([id(outline) not in kept for outline in result.tolist()], dtype=bool)
        result[is_new] = shapely.orient_polygons(result[is_new])
        is_bag = is_new & np.isin(shapely.get_type_id(result), _BAGS)
        is_bag &= shapely.get_num_geometries(result) == 1
        result[is_bag] = shapely.get_geometry(result[is_bag], 0)
        written[name] = areas.with_geometries(result)
    return written


def _merged(before: AreaSet | None, new: AreaSet, layer: Layer, plan: Plan) -> AreaSet:
    if before is None:
        return new
    # a file of boundaries says nothing about building lists
    new = new.with_lists(before.list_by_code)
    if plan.is_replacing:
        return new
    kept = before.take(
        [i for i, code in enumerate(before.codes) if code not in new.position_by_code]
    )
    merged = area_set(
        layer.name,
        codes=kept.codes + new.codes,
        names=kept.names + new.names,
        parents=kept.parents + new.parents,
        attributes=_attributes(kept) + _attributes(new),
        geometries=np.concatenate([kept.geometries, new.geometries]),
    )
    return merged.with_lists({**kept.list_by_code, **new.list_by_code})


def _attributes(areas: AreaSet) -> tuple[Mapping[str, object], ...]:
    return tuple(areas.attributes) or ({},) * len(areas)


def _with_parents(
    candidate: Boundaries, layers: Layers, arrived: Collection[str]
) -> tuple[Boundaries, dict[str, Mapping[str, tuple[str, float]]]]:
    """Name the parents of the new areas, and of children that waited for these layers."""
    found: dict[str, Mapping[str, tuple[str, float]]] = {}
    named = dict(candidate)
    for child in layers:
        parents = named.get(child.parent or "")
        is_waiting = child.name in arrived or child.parent in arrived
        if not is_waiting or parents is None or len(parents) == 0 or child.name not in named:
            continue
        named[child.name] = _by_code_or_name(named[child.name], parents, child)
        named[child.name], found[child.name] = _by_area(named[child.name], parents, child)
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
    candidate: Boundaries, layers: Layers, arrived: Sequence[Layer], plan: Plan
) -> tuple[Boundaries, list[Change]]:
    names = [layer.name for layer in arrived]
    scale = local_scale(_outlines(candidate, names), is_degrees=True)
    changes: list[Change] = []
    if plan.are_parents_from_children:
        for name in _deepest(layers, names):
            united = parents_from_children(candidate, layers, name, metres_per_unit=scale)
            candidate, changes = united.boundaries, [*changes, *united.changes]
    if plan.fit_to_parent_m is not None:
        for name in names:
            fitted = fit_to_parent(
                candidate, layers, name, max_m=plan.fit_to_parent_m, metres_per_unit=scale
            )
            candidate, changes = fitted.boundaries, [*changes, *fitted.changes]
    if plan.repair_m is not None:
        repaired = repair(candidate, layers, metres_per_unit=scale, tolerance_m=plan.repair_m)
        candidate, changes = repaired.boundaries, [*changes, *repaired.changes]
    return candidate, changes


def _deepest(layers: Layers, names: Sequence[str]) -> list[str]:
    """Return the layers that are above no other of them: from these all parents are made."""
    above = {layer.name for name in names for layer in layers.chain(name)[:-1]}
    return [name for name in names if name not in above]
