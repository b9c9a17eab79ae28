"""The whole check of boundaries: all valid, no overlap, no gap, every border shared."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from geo_service.layers.area import AreaSet, Boundaries, Floats, Geometries
from geo_service.layers.layer import Enclave, Layer, Layers
from geo_service.layers.topology.defect import Defect
from geo_service.layers.topology.faults import (
    Fault,
    GroundByFault,
    NodesByPair,
    broken_faces,
    cousins,
    edges_at_fault,
    owners_along,
    relations,
    unshared_nodes,
)
from geo_service.layers.topology.linework import Linework, linework
from geo_service.layers.topology.nest import (
    MISSING_PARENT,
    Nest,
    has_finite_coordinates,
    nests,
    usable,
)
from geo_service.layers.topology.scale import NODE_TOLERANCE_M, Scale, area_m2, width_m

_KINDS = {
    "polygon": (GeometryType.POLYGON, GeometryType.MULTIPOLYGON),
    "line": (GeometryType.LINESTRING, GeometryType.MULTILINESTRING),
}
_PLACE = re.compile(r"\[(\S+) (\S+)\]$")


_Wide: TypeAlias = Mapping[Fault, tuple[Geometries, Floats]]
"""The ground of each fault in connected polygons, and their widths in metres."""


def check(
    boundaries: Boundaries,
    layers: Layers,
    *,
    metres_per_unit: Scale,
    enclaves: Sequence[Enclave] = (),
) -> list[Defect]:
    """Return everything that is wrong, the largest first; an empty list is a proof.

    Without defects every area is valid, siblings share their borders vertex for vertex and do not
    overlap, children tile their parent exactly, and the union of a root layer has no hole but
    declared ones. There is no tolerance: a gap of a hair is found. Pieces of one cause are put
    together, one defect per pair of areas or per gap. What is thinner than a millimetre is called
    `unmatched_node`, since `match_nodes` cures it.

    Parameters
    ----------
    boundaries
        Planar coordinates of one frame. A layer whose parent layer is absent or empty is a root.
        A parent without any child in a layer need not be tiled by it. Overlay and line layers are
        checked for validity only.
    metres_per_unit
        Scale of x and y, see `local_scale`.
    enclaves
        Ground that root layers leave out on purpose, in the same frame: a hole inside is no defect.

    Notes
    -----
    The edges decide (see `Linework`); polygons are computed only around edges that do not cancel.
    An invalid area is judged as `make_valid` would leave it, so that a bow-tie does not also make
    a gap of its neighborhood.
    """
    defects = _validity_defects(boundaries, layers)
    for nest in nests(boundaries, layers):
        sound = nest.with_geometries(usable(nest.geometries))
        work = linework(sound.geometries)
        defects += _missing_parents(sound, boundaries)
        for layer in range(len(nest.layers)):
            defects += _layer_defects(sound, work, layer, metres_per_unit)
        defects += _cousin_defects(sound, work, metres_per_unit)
    undeclared = without_enclaves(defects, enclaves, metres_per_unit=metres_per_unit)
    return sorted(undeclared, key=_order)


def without_enclaves(
    defects: Iterable[Defect], enclaves: Sequence[Enclave], *, metres_per_unit: Scale
) -> list[Defect]:
    """Return the defects but for holes inside enclaves of their layer, in the same order."""
    if not enclaves:
        return list(defects)
    margin = NODE_TOLERANCE_M / min(metres_per_unit)
    declared = [(each.layer, shapely.buffer(each.outline, margin)) for each in enclaves]
    return [each for each in defects if not _is_declared(each, declared)]


def _is_declared(defect: Defect, declared: Iterable[tuple[str, shapely.Geometry]]) -> bool:
    return defect.kind == "hole" and any(
        layer == defect.layer and shapely.covers(outline, defect.geometry)
        for layer, outline in declared
    )


def _order(defect: Defect) -> tuple[float, str, tuple[str, ...]]:
    """Sort what has no size first, then by size; nodes, which have none either, last."""
    size = 0.0 if defect.kind == "unmatched_node" else np.inf
    return (-(defect.area_m2 or size), defect.layer, defect.codes)


def _missing_parents(nest: Nest, boundaries: Boundaries) -> Iterator[Defect]:
    """Yield one defect for each parent that is named and does not exist, with all its children."""
    for i, name in enumerate(nest.layers):
        members = nest.members(i)
        orphans = defaultdict(list)
        for position in np.flatnonzero(nest.parent_of[members] == MISSING_PARENT).tolist():
            orphans[boundaries[name].parents[position] or "—"].append(members[position])
        for parent, areas in sorted(orphans.items()):
            inside = shapely.point_on_surface(nest.geometries[areas])
            places = shapely.MultiPoint(inside[~shapely.is_empty(inside)].tolist())
            codes = tuple(nest.codes[area] for area in areas)
            yield _at(
                places, Defect("missing_parent", name, codes, reason=parent, count=len(areas))
            )


def _layer_defects(nest: Nest, work: Linework, layer: int, scale: Scale) -> list[Defect]:
    defects: list[Defect] = []
    for relation in relations(nest, layer):
        edges = np.unique(work.imbalance(*relation.groups(nest)).edges)
        if not len(edges):
            continue
        ground = broken_faces(nest, work, relation, edges).by_fault(nest, relation)
        wide, thin = _wide_and_thin(ground, scale)
        defects += _face_defects(nest, layer, wide, scale)
        at_fault = edges_at_fault(nest, work, relation, edges, thin, scale)
        areas = relation.areas(nest)
        pairs = _apart_from(wide, unshared_nodes(work, at_fault, areas, scale), work, scale)
        if len(at_fault) and not pairs and not defects:
            pairs = owners_along(work, at_fault, areas)
        defects += _node_defects(nest, work, layer, pairs)
    return defects


def _apart_from(wide: _Wide, pairs: NodesByPair, work: Linework, scale: Scale) -> NodesByPair:
    """Leave out nodes at the corners of what is reported as a gap or an overlap anyway."""
    parts = np.concatenate([np.empty(0, dtype=object), *(some for some, _ in wide.values())])
    tree, margin = shapely.STRtree(parts), NODE_TOLERANCE_M / min(scale)
    apart = {}
    for areas, nodes in pairs.items():
        places = shapely.points(work.nodes[nodes])
        told = tree.query(places, predicate="dwithin", distance=margin)[0]
        if len(left := np.delete(nodes, told)):
            apart[areas] = left
    return apart


def _cousin_defects(nest: Nest, work: Linework, scale: Scale) -> list[Defect]:
    """Return borders of layers that stand side by side and run together on other nodes."""
    defects: list[Defect] = []
    for pair in cousins(nest):
        areas = np.flatnonzero(np.isin(nest.layer_of, pair))
        edges = np.unique(work.edges[np.isin(work.areas, areas)])
        found = unshared_nodes(work, edges, areas, scale)
        apart = {p: n for p, n in found.items() if nest.layer_of[p[0]] != nest.layer_of[p[1]]}
        defects += _node_defects(nest, work, max(pair), apart)
    return defects


def _wide_and_thin(ground: GroundByFault, scale: Scale) -> tuple[_Wide, Geometries]:
    """Part what can be seen, with its widths in metres, from what is thinner than a node."""
    wide: dict[Fault, tuple[Geometries, Floats]] = {}
    thin = [np.empty(0, dtype=object)]
    for fault, parts in ground.items():
        widths = width_m(parts, scale)
        is_wide = widths > NODE_TOLERANCE_M
        thin.append(parts[~is_wide])
        if is_wide.any():
            wide[fault] = parts[is_wide], widths[is_wide]
    return wide, np.concatenate(thin)


def _face_defects(nest: Nest, layer: int, wide: _Wide, scale: Scale) -> Iterator[Defect]:
    """Yield one defect per pair of areas, and one per place for gaps and holes."""
    for (kind, areas), (parts, widths) in wide.items():
        if kind == "gap":
            for i in range(len(parts)):
                yield _face_defect(nest, layer, (kind, areas), (parts[i : i + 1], widths[i]), scale)
        elif kind == "hole":
            for i, around in enumerate(_around(nest, layer, parts, scale)):
                place = parts[i : i + 1], widths[i]
                yield _face_defect(nest, layer, (kind, around), place, scale)
        else:
            is_same = kind == "overlap" and _is_same_ground(nest, areas, parts)
            named = "duplicate_geometry" if is_same else kind
            yield _face_defect(nest, layer, (named, areas), (parts, widths.max()), scale)


def _face_defect(
    nest: Nest, layer: int, fault: Fault, place: tuple[Geometries, float], scale: Scale
) -> Defect:
    parts, width = place
    parts = parts[np.argsort(-shapely.area(parts), kind="stable")]
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts.tolist())
    defect = Defect(
        fault[0],
        nest.layers[layer],
        tuple(nest.codes[area] for area in fault[1]),
        area_m2=float(area_m2(parts, scale).sum()),
        width_m=float(width),
        count=len(parts),
    )
    return _at(whole, defect)


def _node_defects(nest: Nest, work: Linework, layer: int, pairs: NodesByPair) -> Iterator[Defect]:
    for areas, nodes in pairs.items():
        # The child first, then the parent; siblings by code.
        order = sorted(areas, key=lambda area: (-nest.layer_of[area], area))
        codes = tuple(nest.codes[area] for area in order)
        places = shapely.MultiPoint(work.nodes[nodes])
        yield _at(
            places, Defect("unmatched_node", nest.layers[layer], codes, count=max(len(nodes), 1))
        )


def _at(geometry: shapely.Geometry, defect: Defect) -> Defect:
    """Return the defect at its first (largest) piece."""
    pieces = shapely.get_parts(geometry)
    place = shapely.point_on_surface(pieces[0]) if len(pieces) else shapely.Point()
    x, y = (None, None) if place.is_empty else (place.x, place.y)
    return replace(defect, geometry=geometry, x=x, y=y)


def _is_same_ground(nest: Nest, areas: Sequence[int], parts: Geometries) -> bool:
    largest = float(shapely.area(nest.geometries[list(areas)]).max())
    return float(shapely.area(parts).sum()) >= largest * (1 - 1e-9)


def _around(nest: Nest, layer: int, holes: Geometries, scale: Scale) -> list[tuple[int, ...]]:
    """Return the areas that border on each hole."""
    members = nest.members(layer)
    tree = shapely.STRtree(nest.geometries[members])
    margin = NODE_TOLERANCE_M / max(scale)
    hole, member = tree.query(holes, predicate="dwithin", distance=margin)
    return [tuple(np.sort(members[member[hole == i]]).tolist()) for i in range(len(holes))]


def _validity_defects(boundaries: Boundaries, layers: Layers) -> list[Defect]:
    """Return the areas of every layer, overlays and lines included, that are no sound geometry."""
    return [
        defect
        for layer in layers
        if layer.name in boundaries
        for defect in _unsound_areas(layer, boundaries[layer.name])
    ]


def _unsound_areas(layer: Layer, areas: AreaSet) -> Iterator[Defect]:
    shapes = areas.geometries
    kinds = shapely.get_type_id(shapes)
    is_missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    is_wrong = ~is_missing & ~np.isin(kinds, _KINDS[layer.geometry])
    is_finite = has_finite_coordinates(shapes)
    is_bent = ~is_missing & ~is_wrong & (~is_finite | ~_is_valid(areas, is_finite))
    for i in np.flatnonzero(is_missing | is_wrong | is_bent).tolist():
        if is_missing[i]:
            yield Defect("empty_geometry", layer.name, (areas.codes[i],))
        elif is_wrong[i]:
            yield _unsound("wrong_kind", layer, areas, i, shapes[i].geom_type)
        else:
            yield _unsound("invalid_geometry", layer, areas, i, shapely.is_valid_reason(shapes[i]))


def _is_valid(areas: AreaSet, is_finite: NDArray[np.bool_]) -> NDArray[np.bool_]:
    valid = np.zeros(len(areas), dtype=bool)
    valid[is_finite] = shapely.is_valid(areas.geometries[is_finite])
    return valid


def _unsound(kind: str, layer: Layer, areas: AreaSet, position: int, reason: str) -> Defect:
    place = _place(reason, areas.geometries[position])
    return Defect(
        kind,
        layer.name,
        (areas.codes[position],),
        x=None if place is None else place.x,
        y=None if place is None else place.y,
        reason=_PLACE.sub("", reason),
        geometry=place,
    )


def _place(reason: str, geometry: shapely.Geometry) -> shapely.Point | None:
    """Return the place that GEOS names, else the first vertex that has a place."""
    places = shapely.get_coordinates(geometry)
    if named := _PLACE.search(reason):
        places = np.vstack([np.array([named.groups()], dtype=np.float64), places])
    finite = places[np.isfinite(places).all(axis=1)]
    return shapely.Point(finite[0]) if len(finite) else None
