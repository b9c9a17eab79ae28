"""The two maps of a change order as plain SVG: one extent, one scale, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.frames import metric_frame, to_metric
from geo_service.maps.change_order.view import MapSide, OrderMaps
from geo_service.maps.drawings import in_drawing_order, line_style
from geo_service.maps.outlines import Anchor, anchors, borders, display_copies, points_inside

WIDTH_MM = 196.0
MARGIN = 0.15
LEAST_MARGIN_M = 30.0

_MAX_VERTICES = 20_000
_NAME_MM, _BESIDE_MM, _DIGIT_MM = 3.2, 2.6, 0.62
"""Heights of letters, and how wide a digit is beside them."""
_BAR_MM = 45.0
_STEPS = (5, 2, 1)
_KM_M, _SURFACE, _WIDE_FROM = 1000, 2, 0x2E80


class Extent(NamedTuple):
    """What both maps show: the north-west corner and a millimeter of paper, in meters."""

    west_m: float
    north_m: float
    meters_per_mm: float
    width_mm: float
    height_mm: float

    @property
    def box_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north in meters, a little larger than what is shown."""
        spare = 2 * self.meters_per_mm
        return (
            self.west_m - spare,
            self.north_m - self.height_mm * self.meters_per_mm - spare,
            self.west_m + self.width_mm * self.meters_per_mm + spare,
            self.north_m + spare,
        )


class Stroke(NamedTuple):
    """One path with its look."""

    path: str
    kind: str
    color: str = ""
    width: float = 0.0
    dashes: str = ""


class Label(NamedTuple):
    """A text on the map, in millimeters from its north-west corner."""

    x: float
    y: float
    number: int | None
    name: str
    code: str


class ScaleBar(NamedTuple):
    """How long the bar is on paper, and what it stands for."""

    length_mm: float
    text: str


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
    extent = extent_of(to_metric(changed, metric_frame=frame), height_mm=height_mm)
    plane = _Plane(frame, extent)
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


def extent_of(changed_m: Geometries, *, height_mm: float, width_mm: float = WIDTH_MM) -> Extent:
    """Return what is shown around outlines in a plane in meters.

    On every side a margin of 15 % of the longer side of their box, 30 m or more, is left.
    """
    west, south, east, north = shapely.total_bounds(changed_m).tolist()
    margin_m = max(LEAST_MARGIN_M, MARGIN * max(east - west, north - south))
    per_mm = max(
        (east - west + 2 * margin_m) / width_mm, (north - south + 2 * margin_m) / height_mm
    )
    return Extent(
        west_m=(west + east - width_mm * per_mm) / 2,
        north_m=(south + north + height_mm * per_mm) / 2,
        meters_per_mm=per_mm,
        width_mm=width_mm,
        height_mm=height_mm,
    )


def scale_bar(meters_per_mm: float) -> ScaleBar:
    """Return the longest bar of 1, 2 or 5 times a power of ten that is no longer than 45 mm."""
    most_m = _BAR_MM * meters_per_mm
    power = 10.0 ** floor(log10(most_m))
    length_m = next(step * power for step in _STEPS if step * power <= most_m)
    text = f"{length_m / _KM_M:g} km" if length_m >= _KM_M else f"{length_m:g} m"
    return ScaleBar(round(length_m / meters_per_mm, 2), text)


@dataclass(frozen=True)
class _Plane:
    """From degrees to millimeters of paper."""

    frame: str
    extent: Extent

    def on_paper(self, shapes: Geometries) -> Geometries:
        """Return shapes, cut at the edge, in millimeters from the corner, y downwards."""
        if not len(shapes):
            return shapes
        extent = self.extent
        cut = shapely.clip_by_rect(to_metric(shapes, metric_frame=self.frame), *extent.box_m)
        corner = np.array([extent.west_m, extent.north_m])
        per_mm = np.array([extent.meters_per_mm, -extent.meters_per_mm])
        moved = shapely.transform(cut, lambda places: (places - corner) / per_mm)
        return np.asarray(moved, dtype=object)

    def path(self, shapes: Geometries) -> str:
        """Return shapes as the data of one SVG path."""
        parts = shapely.get_parts(self.on_paper(shapes))
        parts = parts[~shapely.is_empty(parts)]
        is_area = shapely.get_dimensions(parts) == _SURFACE
        lines = [*shapely.get_rings(parts[is_area]), *parts[shapely.get_dimensions(parts) == 1]]
        return "".join(_moves(line) for line in lines)


def _moves(line: shapely.Geometry) -> str:
    told = [f"{x:.2f} {y:.2f}" for x, y in shapely.get_coordinates(line).tolist()]
    is_ring = told[0] == told[-1]
    return f"M{'L'.join(told[:-1])}Z" if is_ring else f"M{'L'.join(told)}"


def _side(maps: OrderMaps, side: MapSide, numbers: dict[str, int], plane: _Plane) -> SideDrawing:
    areas = side.areas
    copies = areas.geometries
    if maps.layer.geometry == "polygon":
        copies = display_copies(copies, max_vertices=_MAX_VERTICES)
    own = line_style(maps.layer, depth=0)
    strokes = [Stroke(plane.path(copies), "beside", own["color"], own["weight"] * 0.26)]
    marks = [maps.marks.get(code) for code in areas.codes]
    for mark in ("changed", "removed", "added"):
        held = [i for i, each in enumerate(marks) if each == mark]
        if held:
            strokes.append(Stroke(plane.path(copies[held]), mark))
    for depth, level in enumerate(side.ancestors, start=1):
        higher = [each.areas.geometries for each in side.ancestors[depth:]]
        above = np.concatenate([*higher, np.empty(0, dtype=object)])
        look = line_style(level.layer, depth=depth)
        dashes = " ".join(f"{float(n) * 0.26:g}" for n in look.get("dashArray", "").split())
        path = plane.path(borders(level.areas.geometries, above=above))
        strokes.append(Stroke(path, "above", look["color"], look["weight"] * 0.26, dashes))
    return SideDrawing(
        [each for each in strokes if each.path], _labels(maps, areas, numbers, plane)
    )


def _labels(maps: OrderMaps, areas: AreaSet, numbers: dict[str, int], plane: _Plane) -> list[Label]:
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
        elif _width_mm(name, _BESIDE_MM) <= 2 * anchor.half_width:
            labels.append(Label(anchor.lon, anchor.lat, None, name, ""))
    return labels


def fits(anchor: Anchor, lines: Sequence[str]) -> bool:
    """Tell whether lines have room in an area of paper, in millimeters."""
    widest = max(_width_mm(line, _NAME_MM) for line in lines)
    return widest <= 2 * anchor.half_width and anchor.half_height >= _NAME_MM * len(lines)


def _width_mm(text: str, height_mm: float) -> float:
    return sum(height_mm * (1.0 if ord(each) >= _WIDE_FROM else _DIGIT_MM) for each in text)


def _all_changed(maps: OrderMaps) -> Geometries:
    return np.concatenate([_changed(side.areas, maps) for side in (maps.before, maps.after)])


def _changed(areas: AreaSet, maps: OrderMaps) -> Geometries:
    held = [i for i, code in enumerate(areas.codes) if code in maps.marks]
    return areas.geometries[np.asarray(held, dtype=np.intp)]
