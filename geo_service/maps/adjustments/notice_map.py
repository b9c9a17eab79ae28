"""The map of a sheet to be posted: the new outline, the old one dashed, roads with their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.area import Geometries
from geo_service.layers.frames import metric_frame, to_metric
from geo_service.layers.layer import Layer
from geo_service.maps.adjustments.view import NoticeMap
from geo_service.maps.drawings import in_drawing_order
from geo_service.maps.outlines import anchors, borders, display_copies
from geo_service.maps.paper import (
    Extent,
    Label,
    Plane,
    ScaleBar,
    Stroke,
    border_look,
    borders_above,
    extent_of,
    scale_bar,
    width_mm,
)

WIDTH_MM = 188.0
ROAD_MM, BESIDE_MM = 2.6, 2.8
"""How high letters of roads and of neighbors are."""

_MAX_VERTICES = 20_000
_ROADS = ("road_main", "road_side", "water")
_QUARTER_TURN = 90.0
_NOTHING: Geometries = np.empty(0, dtype=object)


class RoadName(NamedTuple):
    """A name along a line, in millimeters from the north-west corner, and its turn in degrees."""

    x: float
    y: float
    turn: float
    name: str


@dataclass(frozen=True)
class NoticeDrawing:
    """One map: strokes from below, then names; ``own`` is where the area's own name stands."""

    extent: Extent
    frame: str
    scale: int
    bar: ScaleBar
    strokes: Sequence[Stroke]
    labels: Sequence[Label]
    roads: Sequence[RoadName]
    own: tuple[float, float]


def draw_notice(shown: NoticeMap, layer: Layer, *, height_mm: float) -> NoticeDrawing:
    """Return the map of one area, as large as it and its old outline have room."""
    west, south, east, north = shapely.total_bounds(shown.shown).tolist()
    frame = metric_frame(lon=(west + east) / 2, lat=(south + north) / 2)
    extent = extent_of(
        to_metric(shown.shown, metric_frame=frame), height_mm=height_mm, width_mm=WIDTH_MM
    )
    plane = Plane(frame, extent)
    names, own = _names(shown, plane)
    return NoticeDrawing(
        extent=extent,
        frame=frame,
        scale=round(extent.meters_per_mm * 1000),
        bar=scale_bar(extent.meters_per_mm),
        strokes=[each for each in _strokes(shown, layer, plane) if each.path],
        labels=names,
        roads=_roads(shown, plane),
        own=own,
    )


def _strokes(shown: NoticeMap, layer: Layer, plane: Plane) -> list[Stroke]:
    areas = shown.areas
    copies = display_copies(areas.geometries, max_vertices=_MAX_VERTICES)
    color, width, _ = border_look(layer, depth=0)
    own = plane.path(copies[[shown.position]])
    return [
        Stroke(own, "ground-own"),
        *(
            Stroke(plane.path(each.geometries), each.kind)
            for each in in_drawing_order(shown.references)
        ),
        Stroke(plane.path(copies), "beside", color, width),
        *borders_above(shown.ancestors, plane),
        Stroke(own, "own"),
        Stroke(plane.path(borders(shown.old, above=_NOTHING)), "old"),
    ]


def _names(shown: NoticeMap, plane: Plane) -> tuple[list[Label], tuple[float, float]]:
    """Return names of neighbors as far as there is room, and where the area's own one stands."""
    shapes = plane.on_paper(shown.areas.geometries)
    seen = np.flatnonzero(~shapely.is_empty(shapes))
    labels, own = [], (0.0, 0.0)
    for i, anchor in zip(seen.tolist(), anchors(shapes[seen]), strict=True):
        name = shown.areas.names[i]
        if i == shown.position:
            own = (anchor.lon, anchor.lat)
        elif width_mm(name, BESIDE_MM) <= 2 * anchor.half_width:
            labels.append(Label(anchor.lon, anchor.lat, None, name, ""))
    return labels, own


def _roads(shown: NoticeMap, plane: Plane) -> list[RoadName]:
    """Return the name of each road and water once, along its longest piece that has room for it."""
    longest: dict[str, tuple[float, shapely.Geometry]] = {}
    for each in shown.references:
        if each.kind not in _ROADS:
            continue
        parts, of_shape = shapely.get_parts(plane.on_paper(each.geometries), return_index=True)
        lengths = shapely.length(parts).tolist()
        for part, length_mm, at in zip(parts, lengths, of_shape.tolist(), strict=True):
            name = each.names[at].strip()
            if name and length_mm > (longest[name][0] if name in longest else 0.0):
                longest[name] = (length_mm, part)
    return [
        found
        for name in sorted(longest)
        if (found := _along(name, longest[name][1], width_mm(name, ROAD_MM))) is not None
    ]


def _along(name: str, part: shapely.Geometry, length_mm: float) -> RoadName | None:
    """Return where a name stands along a line, or inside of water; None without room for it."""
    if shapely.get_dimensions(part) != 1:
        center = shapely.point_on_surface(part)
        west, _, east, _ = shapely.bounds(part).tolist()
        return RoadName(center.x, center.y, 0.0, name) if east - west >= length_mm else None
    middle_mm = float(shapely.length(part)) / 2
    if 2 * middle_mm < length_mm:
        return None
    places = middle_mm + np.array([-0.5, 0.0, 0.5]) * length_mm
    (west, north), (x, y), (east, south) = shapely.get_coordinates(
        shapely.line_interpolate_point(np.array([part], dtype=object), places)
    ).tolist()
    turn = degrees(atan2(south - north, east - west))
    if not -_QUARTER_TURN < turn <= _QUARTER_TURN:
        turn += 2 * _QUARTER_TURN * (1 if turn < 0 else -1)
    return RoadName(x, y, turn, name)
