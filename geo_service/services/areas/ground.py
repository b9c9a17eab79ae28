"""What lies around and under one area: neighbors, roads and water, buildings, its four sides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geo_service.analysis.bounds_text import NamedShapes, SideBound, bounds_text, side_bounds
from geo_service.layers.area import AreaSet, Floats, Geometries
from geo_service.layers.frames import metric_frame, to_metric
from geo_service.layers.layer import Layer
from geo_service.layers.reach import grown_boxes
from geo_service.layers.redraw import listed
from geo_service.maps.view import Ancestors, Reference
from geo_service.services.areas.asked import AskedArea
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.kept import Kept
from geo_service.services.page_facts import references_under
from geo_service.storage import areas, references
from geo_service.storage.databases import Transaction

BOUNDING_KINDS = ("road_main", "road_side", "water")
_BUILDING = "building"
_TOLERANCE_M = 15.0


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Reference features by kind, with what finding them takes; made once for many areas."""

    references: Sequence[Reference]

    @cached_property
    def by_kind(self) -> Mapping[str, Reference]:
        """Features by kind."""
        return {each.kind: each for each in self.references}

    @cached_property
    def trees(self) -> Mapping[str, shapely.STRtree]:
        """An index of each kind's features."""
        return {each.kind: shapely.STRtree(each.geometries) for each in self.references}

    @cached_property
    def building_places(self) -> tuple[Floats, Floats]:
        """A point inside each building: longitudes and latitudes in degrees."""
        if _BUILDING not in self.by_kind:
            return np.empty(0), np.empty(0)
        points = shapely.point_on_surface(self.by_kind[_BUILDING].geometries)
        return shapely.get_x(points), shapely.get_y(points)

    def within(self, box: shapely.Polygon) -> list[Reference]:
        """Return what a box (degrees) shows of each kind, cut at its sides."""
        found = []
        for each in self.references:
            at = np.sort(self.trees[each.kind].query(box, "intersects"))
            shapes = shapely.clip_by_rect(each.geometries[at], *box.bounds)
            names = [each.names[i] for i in at]
            is_seen = ~shapely.is_empty(shapes)
            kept = [name for name, seen in zip(names, is_seen, strict=True) if seen]
            if kept:
                found.append(Reference(each.kind, each.title, shapes[is_seen], kept))
        return found


class KnownSurroundings:
    """The reference features as they were told last, kept with their indexes for all who ask."""

    def __init__(self) -> None:
        self._kept = Kept[Surroundings](1)

    def read(self, connection: Transaction) -> Surroundings:
        """Return them as they stand."""
        latest = references.latest_reference_id(connection)
        return self._kept.get(latest, lambda: Surroundings(references_under(connection)))


def neighbors(asked: AskedArea) -> AreaSet:
    """Return the area with those of its layer in touch with it."""
    at = shapely.STRtree(asked.areas.geometries).query(asked.outline, "intersects")
    return asked.areas.take(np.sort(at))


def ancestors(asked: AskedArea) -> list[Ancestors]:
    """Return the areas above, one of each layer, the nearest first."""
    locator = asked.picture.locator
    return [Ancestors(layer, locator.areas(layer.name).take([at])) for layer, at in asked.chain[1:]]


def buildings(asked: AskedArea, around: Surroundings) -> list[str]:
    """Return the names of the buildings whose inner point is the area's, in their own order."""
    lon, lat = around.building_places
    [[west, south, east, north]] = grown_boxes(
        shapely.bounds(np.array([asked.outline], dtype=object)), reach_m=asked.layer.reach_m
    ).tolist()
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    if not len(near):
        return []
    held = near[asked.holds(lon=lon[near], lat=lat[near])]
    names = around.by_kind[_BUILDING].names
    return [names[i] for i in held.tolist()]


def listed_buildings(asked: AskedArea, knowledge: BuildingKnowledge) -> list[str] | None:
    """Return the buildings on the area's list by their names, None where it has no list."""
    row = areas.area_row(
        asked.connection,
        edition=asked.picture.edition.number,
        layer=asked.layer.name,
        code=asked.code,
    )
    if row is None or row.buildings is None:
        return None
    words = json.loads(row.buildings)
    above_layer, above = asked.chain[:2][-1]
    around = asked.picture.locator.areas(above_layer.name).geometries[above]
    known = knowledge.get(asked.connection, asked.picture.edition.number).within(around)
    meant = listed(words, known, asked.outline)
    return [word if at is None else known.names[at] or word for word, at in meant]


def bounds(asked: AskedArea, beside: AreaSet, around: Surroundings) -> Mapping[str, SideBound]:
    """Return what each side of the area runs along; a lane has no sides."""
    return {} if asked.is_line else bounds_of(asked.outline, asked.code, beside, around)


def bounds_of(
    outline: shapely.Geometry, code: str, beside: AreaSet, around: Surroundings
) -> Mapping[str, SideBound]:
    """Return what each side of a polygon runs along; ``beside`` may hold the area itself."""
    center = shapely.point_on_surface(outline)
    frame = metric_frame(lon=center.x, lat=center.y)
    others = [i for i, other in enumerate(beside.codes) if other != code]
    names, shapes = _bounding(outline, around)
    return side_bounds(
        to_metric(np.array([outline], dtype=object), metric_frame=frame)[0],
        features=NamedShapes(names, to_metric(shapes, metric_frame=frame)),
        neighbors=NamedShapes(
            [beside.names[i] for i in others],
            to_metric(beside.geometries[others], metric_frame=frame),
        ),
        tolerance_m=_TOLERANCE_M,
    )


def bounds_told(asked: AskedArea, found: Mapping[str, SideBound]) -> str:
    """Return the wording of 四至; beyond the last border it is that of the outermost layer."""
    if not found:
        return ""
    is_root = len(asked.chain) == 1
    return bounds_wording(found, asked.chain[-1][0], asked.language, is_root=is_root)


def bounds_wording(
    found: Mapping[str, SideBound], root: Layer, language: str, *, is_root: bool
) -> str:
    """Return the wording of 四至 of an area below the layer ``root``, or of one of its own."""
    outermost = root.title(language)
    if language == "en":
        border = "where nothing is known" if is_root else f"the border of the {outermost}"
    else:
        border = "界外（无数据）" if is_root else f"{outermost}界"
    return bounds_text(found, language, border=border)


def _bounding(outline: shapely.Geometry, around: Surroundings) -> tuple[list[str], Geometries]:
    """Return roads and water near an outline: names and shapes in degrees."""
    [grown] = grown_boxes(
        shapely.bounds(np.array([outline], dtype=object)), reach_m=2 * _TOLERANCE_M
    ).tolist()
    box = shapely.box(*grown)
    names: list[str] = []
    shapes = [np.empty(0, dtype=object)]
    for kind in BOUNDING_KINDS:
        if kind in around.by_kind:
            found = around.by_kind[kind]
            at = np.sort(around.trees[kind].query(box, "intersects"))
            names += [found.names[i] or "" for i in at]
            shapes.append(found.geometries[at])
    return names, np.concatenate(shapes)
