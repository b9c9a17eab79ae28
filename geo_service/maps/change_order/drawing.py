"""The two maps of a change order as plain SVG: one extent, one scale, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.frames import metric_frame, to_metric
from geo_service.maps.change_order.view import MapSide, OrderMaps
from geo_service.maps.drawings import in_drawing_order
from geo_service.maps.outlines import anchors, display_copies, points_inside
from geo_service.maps.paper import (
    Extent,
    Label,
    Plane,
    ScaleBar,
    Stroke,
    border_look,
    borders_above,
    extent_of,
    fits,
    scale_bar,
    width_mm,
)

WIDTH_MM = 196.0

_MAX_VERTICES = 20_000
_BESIDE_MM = 2.6
"""How high letters are of areas that did not change."""


@dataclass(frozen=True)
class SideDrawing:
    """One map: strokes from below, then labels."""

    strokes: Sequence[Stroke]
    labels: Sequence[Label]


@dataclass(frozen=True)
class OrderDrawing:
    """Both maps with what they share."""

    extent: Extent
    scale: int
    bar: ScaleBar
    sides: tuple[SideDrawing, SideDrawing]


def draw_order(maps: OrderMaps, numbers: dict[str, int], *, height_mm: float) -> OrderDrawing:
    """Return both maps; ``numbers`` are those of the changed areas in the table, by code."""
    changed, frame = _all_changed(maps), frame_of(maps)
    extent = extent_of(
        to_metric(changed, metric_frame=frame), height_mm=height_mm, width_mm=WIDTH_MM
    )
    plane = Plane(frame, extent)
    under = [
        Stroke(plane.path(each.geometries), each.kind) for each in in_drawing_order(maps.references)
    ]
    sides = [_side(maps, each, numbers, plane) for each in (maps.before, maps.after)]
    return OrderDrawing(
        extent=extent,
        scale=round(extent.meters_per_mm * 1000),
        bar=scale_bar(extent.meters_per_mm),
        sides=(
            SideDrawing([*under, *sides[0].strokes], sides[0].labels),
            SideDrawing([*under, *sides[1].strokes], sides[1].labels),
        ),
    )


def frame_of(maps: OrderMaps) -> str:
    """Return the plane that both maps are drawn in."""
    west, south, east, north = shapely.total_bounds(_all_changed(maps)).tolist()
    return metric_frame(lon=(west + east) / 2, lat=(south + north) / 2)


def _side(maps: OrderMaps, side: MapSide, numbers: dict[str, int], plane: Plane) -> SideDrawing:
    areas = side.areas
    copies = areas.geometries
    if maps.layer.geometry == "polygon":
        copies = display_copies(copies, max_vertices=_MAX_VERTICES)
    color, width, _ = border_look(maps.layer, depth=0)
    strokes = [Stroke(plane.path(copies), "beside", color, width)]
    marks = [maps.marks.get(code) for code in areas.codes]
    for mark in ("relisted", "changed", "removed", "added"):
        held = [i for i, each in enumerate(marks) if each == mark]
        if held:
            strokes.append(Stroke(plane.path(copies[held]), mark))
    strokes += borders_above(side.ancestors, plane)
    return SideDrawing(
        [each for each in strokes if each.path], _labels(maps, areas, numbers, plane)
    )


def _labels(maps: OrderMaps, areas: AreaSet, numbers: dict[str, int], plane: Plane) -> list[Label]:
    """Return names as far as there is room; a changed area has its number in any case."""
    shapes = plane.on_paper(areas.geometries)
    seen = np.flatnonzero(~shapely.is_empty(shapes))
    is_polygon = maps.layer.geometry == "polygon"
    found = anchors(shapes[seen]) if is_polygon else points_inside(shapes[seen])
    labels = []
    for i, anchor in zip(seen.tolist(), found, strict=True):
        code, name = areas.codes[i], areas.names[i]
        if code in maps.marks:
            has_room = fits(anchor, (name, code))
            told = (name, code) if has_room else ("", "")
            labels.append(Label(anchor.lon, anchor.lat, numbers[code], *told))
        elif width_mm(name, _BESIDE_MM) <= 2 * anchor.half_width:
            labels.append(Label(anchor.lon, anchor.lat, None, name, ""))
    return labels


def _all_changed(maps: OrderMaps) -> Geometries:
    return np.concatenate([_changed(side.areas, maps) for side in (maps.before, maps.after)])


def _changed(areas: AreaSet, maps: OrderMaps) -> Geometries:
    held = [i for i, code in enumerate(areas.codes) if code in maps.marks]
    return areas.geometries[np.asarray(held, dtype=np.intp)]
