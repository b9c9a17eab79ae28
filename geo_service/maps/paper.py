"""Maps as plain SVG on paper: what is shown at which scale, strokes, labels, the scale bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.area import Geometries
from geo_service.layers.frames import to_metric
from geo_service.layers.layer import Layer
from geo_service.maps.drawings import line_style
from geo_service.maps.outlines import Anchor, borders
from geo_service.maps.view import Ancestors

MARGIN = 0.15
LEAST_MARGIN_M = 30.0
NAME_MM = 3.2
"""How high letters of names are."""

_DIGIT_MM = 0.62
"""How wide a digit is, of its height."""
_NARROW = 0.56
"""How wide a Latin letter of running text is, of a Chinese one."""
_LINE_MM = 0.26
"""How wide a line is on paper that is one pixel on the screen."""
_BAR_MM = 45.0
_STEPS = (5, 2, 1)
_KM_M, _SURFACE, _WIDE_FROM = 1000, 2, 0x2E80


class Extent(NamedTuple):
    """What a map shows: the north-west corner and a millimeter of paper, in meters."""

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


def extent_of(changed_m: Geometries, *, height_mm: float, width_mm: float) -> Extent:
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
class Plane:
    """From degrees (EPSG:4490) to millimeters of paper, by a metric frame."""

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


def fits(anchor: Anchor, lines: Sequence[str]) -> bool:
    """Tell whether lines have room in an area of paper, in millimeters."""
    widest = max(width_mm(line, NAME_MM) for line in lines)
    return widest <= 2 * anchor.half_width and anchor.half_height >= NAME_MM * len(lines)


def width_mm(text: str, height_mm: float) -> float:
    """Return how wide a line of letters is on a map."""
    return sum(height_mm * (1.0 if ord(each) >= _WIDE_FROM else _DIGIT_MM) for each in text)


def border_look(layer: Layer, *, depth: int) -> tuple[str, float, str]:
    """Return color, width and dashes in millimeters of a layer's borders; see `line_style`."""
    look = line_style(layer, depth=depth)
    dashes = " ".join(f"{float(n) * _LINE_MM:g}" for n in look.get("dashArray", "").split())
    return look["color"], look["weight"] * _LINE_MM, dashes


def borders_above(ancestors: Sequence[Ancestors], plane: Plane) -> list[Stroke]:
    """Return the borders of each level above the displayed one, each piece at its highest level."""
    strokes = []
    for depth, level in enumerate(ancestors, start=1):
        higher = [each.areas.geometries for each in ancestors[depth:]]
        above = np.concatenate([*higher, np.empty(0, dtype=object)])
        path = plane.path(borders(level.areas.geometries, above=above))
        strokes.append(Stroke(path, "above", *border_look(level.layer, depth=depth)))
    return strokes


def ems(text: str) -> float:
    """Return how wide running text is, in widths of a Chinese letter, never too narrow."""
    return sum(1.0 if ord(character) >= _WIDE_FROM else _NARROW for character in text)


def line_count(text: str, *, width_mm: float, em_mm: float) -> int:
    """Return how many lines a text takes, one at least."""
    return max(1, ceil(ems(text) * em_mm / width_mm))
