"""What a planner should look at after an operation: gaps, nesting, loose parts, slivers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.arcs.persistent import PersistentMap
from geo_service.layers.arcs.rings import Face
from geo_service.layers.area import Geometries
from geo_service.layers.redraw.free_ground import holes
from geo_service.layers.redraw.soundness import Redrawn
from geo_service.layers.topology import Defect
from geo_service.layers.topology.scale import Scale, area_m2, is_narrow, width_m

SLIVER_M = 0.5
"""A part that holds no circle of this diameter is a sliver."""

Findings: TypeAlias = tuple[Defect, ...]


@dataclass(frozen=True, eq=False)
class Review:
    """Findings by the area that they are about; ``holes`` are those of the root layer."""

    by_area: PersistentMap[int, Findings]
    holes: Findings

    @property
    def findings(self) -> list[Defect]:
        """All findings, by kind, layer and codes, then by place."""
        every = [*self.holes, *(each for some in self.by_area.values() for each in some)]
        return sorted(every, key=lambda d: (d.kind, d.layer, d.codes, d.x or 0.0, d.y or 0.0))


def review(coverage: Coverage) -> Review:
    """Return the findings about all areas; borders that cross are no findings, as none can."""
    about = {number: found for number in coverage.areas if (found := _about(coverage, number))}
    return Review(PersistentMap(about), _holes(coverage))


def review_change(former: Review, before: Coverage, redrawn: Redrawn) -> Review:
    """Return the findings after an operation, looking only at what it changed.

    Parameters
    ----------
    former
        The findings about ``before``, the coverage that the operation started from.

    Notes
    -----
    Findings about an area depend on its outline and on those of its children, so only what was
    touched, came, went or changed its parent is looked at again, with the parents of before and
    after; and the holes of the root layer only if its rim changed.
    """
    after, change = redrawn
    changed = {*change.touched, *change.left, *change.moved, *change.named}
    parents = {c.areas[n].parent for c in (before, after) for n in changed if n in c.areas}
    asked = {number for number in changed | parents if number is not None}
    about: Mapping[int, Findings | None] = {
        number: (_about(after, number) if number in after.areas else ()) or None
        for number in sorted(asked)
    }
    rim = before.rim | after.rim
    is_same = rim.isdisjoint(change.arcs) and rim.isdisjoint(change.arcs_left)
    return Review(former.by_area.with_changes(about), former.holes if is_same else _holes(after))


def _about(coverage: Coverage, number: int) -> Findings:
    found = [*_parts(coverage, number)]
    for layer in coverage.layers_below(coverage.areas[number].key.layer):
        if number in coverage.untiled and coverage.children_in(number, layer):
            found += _nesting(coverage, number, layer)
    return tuple(found)


def _parts(coverage: Coverage, number: int) -> Iterable[Defect]:
    """Yield that an area is in several parts, and its parts that are slivers."""
    area = coverage.areas[number]
    parts = shapely.get_parts(area.outline)
    if len(parts) > 1:
        yield placed(
            Defect("disconnected", area.key.layer, (area.key.code,), count=len(parts)),
            shapely.get_parts(area.outline),
            coverage.scale,
        )
    for part in parts[_is_sliver(parts, coverage.scale)]:
        yield placed(
            Defect("sliver", area.key.layer, (area.key.code,)), np.array([part]), coverage.scale
        )


def _is_sliver(parts: Geometries, scale: Scale) -> NDArray[np.bool_]:
    """Return which parts hold no circle of SLIVER_M; most are too large by area and length."""
    # A polygon holds a circle of radius area / length, in either unit of the frame.
    thick = shapely.area(parts) / shapely.length(parts) * min(scale)
    narrow = 2 * thick <= SLIVER_M
    narrow[narrow] = is_narrow(parts[narrow], scale, SLIVER_M)
    return narrow


def _nesting(coverage: Coverage, parent: int, layer: str) -> Iterable[Defect]:
    """Yield the gaps that children leave in their parent, and what each has beyond it."""
    above = coverage.areas[parent]
    children = [coverage.areas[child] for child in coverage.children_in(parent, layer)]
    union = shapely.union_all([child.outline for child in children])
    for gap in _polygons(shapely.difference(above.outline, union)):
        yield placed(Defect("gap", layer, (above.key.code,)), np.array([gap]), coverage.scale)
    for child in children:
        beyond = _polygons(shapely.difference(child.outline, above.outline))
        if len(beyond):
            codes = child.key.code, above.key.code
            yield placed(Defect("outside_parent", layer, codes), beyond, coverage.scale)


def _polygons(shape: shapely.Geometry) -> Geometries:
    parts = shapely.get_parts(np.array([shape], dtype=object))
    return parts[shapely.area(parts) > 0]


def _holes(coverage: Coverage) -> Findings:
    layer = coverage.root_layer
    found = []
    for face in holes(coverage):
        codes = tuple(sorted(key.code for key in _around(coverage, face) if key.layer == layer))
        found.append(placed(Defect("hole", layer, codes), np.array([face.polygon]), coverage.scale))
    return tuple(found)


def _around(coverage: Coverage, face: Face) -> set[AreaKey]:
    """Return the areas that border on some ground, those that touch it in a point included."""
    arcs = [coverage.arcs[abs(step)] for step in face.chain]
    meeting = {
        number for arc in arcs for end in (arc.tail, arc.head) for number in coverage.arcs_at[end]
    }
    arcs += [coverage.arcs[number] for number in meeting]
    return {coverage.areas[owner].key for arc in arcs for owner in arc.owners()}


def placed(defect: Defect, parts: Geometries, scale: Scale) -> Defect:
    """Return a defect with the place and width of its largest part, and the size of all."""
    largest = parts[[int(shapely.area(parts).argmax())]]
    place = shapely.get_coordinates(shapely.point_on_surface(largest))[0]
    return replace(
        defect,
        x=float(place[0]),
        y=float(place[1]),
        area_m2=float(area_m2(parts, scale).sum()),
        width_m=float(width_m(largest, scale)[0]),
        geometry=parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts.tolist()),
    )
