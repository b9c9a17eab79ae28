"""What a map draws whatever is counted on it: outlines, borders, names and reference layers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo_service.layers.area import AreaSet, Geometries
from geo_service.layers.layer import Layer
from geo_service.maps.outlines import (
    anchors,
    borders,
    display_copies,
    joined,
    line_paths,
    origin,
    points_inside,
    polygon_paths,
)
from geo_service.maps.pages import JsonText, json_text
from geo_service.maps.view import Ancestors, Reference, parent_names

REFERENCE_KINDS = ("water", "building", "road_side", "road_main")

MAX_NAMED = 3000
"""With more areas than this, names would not be readable and take long to place."""

LINE_STYLES: Mapping[str, Mapping[str, Any]] = {
    "street": {"color": "#1f1f1f", "weight": 3.4, "dashArray": "16 4 3 4", "lineCap": "butt"},
    "subarea": {"color": "#2b2b2b", "weight": 2.6, "dashArray": "12 3 2 3", "lineCap": "butt"},
    "community": {"color": "#333333", "weight": 1.8, "dashArray": "7 3", "lineCap": "butt"},
    "unit_grid": {"color": "#a3238e", "weight": 0.9},
    "thin": {"color": "#6b6459", "weight": 0.8},
}
"""Street thick dash-dot, community medium dashed, grids thin solid, unit grid magenta."""


@dataclass(frozen=True)
class Drawing:
    """The parts of a map's data block that know neither the language nor any number.

    Kept as text, which is a tenth of the size of the lists and need not be written again.
    ``start`` is the corner, in steps, that every path starts from; ``area_columns`` are aligned to
    the areas.
    """

    start: tuple[int, int]
    area_columns: Mapping[str, JsonText]
    ancestors: JsonText
    references: JsonText


@dataclass(frozen=True)
class LegendLine:
    """One kind of line of the map."""

    title: str
    color: str
    weight: float
    dashes: str


def draw(
    layer: Layer,
    areas: AreaSet,
    *,
    ancestors: Sequence[Ancestors],
    references: Sequence[Reference],
) -> Drawing:
    """Return the drawing of the areas of ``layer``, the levels above them and what lies under."""
    outlines = display_copies(areas.geometries)
    start = origin(outlines)
    columns = {
        "codes": areas.codes,
        "names": areas.names,
        "parents": parent_names(areas, ancestors),
        "short_names": _short_names(areas, layer, ancestors),
        "paths": polygon_paths(outlines, start),
        "anchors": _anchor_rows(outlines),
    }
    return Drawing(
        start=start,
        area_columns={name: json_text(column) for name, column in columns.items()},
        ancestors=json_text(_levels(areas, outlines, ancestors, start)),
        references=json_text([_reference(one, start) for one in in_drawing_order(references)]),
    )


def line_style(layer: Layer, *, depth: int) -> Mapping[str, Any]:
    """Return how the borders of a layer are drawn, ``depth`` levels above the displayed one."""
    if layer.name in LINE_STYLES:
        return LINE_STYLES[layer.name]
    return LINE_STYLES[("thin", "community", "subarea", "street")[min(depth, 3)]]


def legend_lines(layers: Sequence[Layer], language: str) -> list[LegendLine]:
    """Return the kinds of lines on a map of the first layer, the outermost first."""
    lines = []
    for depth, layer in reversed(list(enumerate(layers))):
        style = line_style(layer, depth=depth)
        dashes = str(style.get("dashArray", ""))
        lines.append(LegendLine(layer.title(language), style["color"], style["weight"], dashes))
    return lines


def in_drawing_order(references: Sequence[Reference]) -> list[Reference]:
    """Return the reference layers as they are drawn: unknown kinds first, main roads last."""
    order = {kind: place for place, kind in enumerate(REFERENCE_KINDS, start=1)}
    return sorted(references, key=lambda reference: order.get(reference.kind, 0))


def short_name(name: str, *, parent: str, layer: Layer, parent_layer: Layer | None) -> str:
    """Return what tells an area from its siblings: without the parent's name and the layer's."""
    parent_stem = _stem(parent, parent_layer) if parent_layer else parent
    short = name.removeprefix(parent) if parent else name
    if parent_stem:
        short = short.removeprefix(parent_stem)
    return _stem(short, layer) or short.strip() or name


def _stem(name: str, layer: Layer) -> str:
    return name.removesuffix(layer.title_zh).removesuffix(layer.title_en).strip()


def _short_names(areas: AreaSet, layer: Layer, above: Sequence[Ancestors]) -> list[str]:
    parent_layer = above[0].layer if above else None
    return [
        short_name(name, parent=parent, layer=layer, parent_layer=parent_layer)
        for name, parent in zip(areas.names, parent_names(areas, above), strict=True)
    ]


def _levels(
    areas: AreaSet, outlines: Geometries, ancestors: Sequence[Ancestors], start: tuple[int, int]
) -> list[dict[str, Any]]:
    """Return each level above: its areas joined from the display copies, so that lines agree."""
    drawn, groups = [], areas.parents
    for level in ancestors:
        found = joined(outlines, groups)
        drawn.append((list(found), _column(found.values())))
        parent_of = dict(zip(level.areas.codes, level.areas.parents, strict=True))
        groups = tuple(parent_of.get(group) if group else None for group in groups)
    higher = [shapes for _, shapes in drawn[1:]] + [_column(())]
    return [
        {
            "names": _level_names(ancestors[depth - 1 : depth + 1], codes),
            "style": line_style(ancestors[depth - 1].layer, depth=depth),
            "is_labelled": depth == 1 and len(codes) > 1,
            "paths": line_paths(borders(shapes, above=above), start),
            "anchors": _anchor_rows(shapes),
        }
        for depth, ((codes, shapes), above) in enumerate(zip(drawn, higher, strict=False), start=1)
    ]


def _level_names(levels: Sequence[Ancestors], codes: Sequence[str]) -> list[str]:
    """Return short names of areas of the first level; the second one, if any, is above it."""
    level, above = levels[0], levels[1] if len(levels) > 1 else None
    names = dict(zip(level.areas.codes, level.areas.names, strict=True))
    parents = dict(zip(level.areas.codes, parent_names(level.areas, levels[1:]), strict=True))
    return [
        short_name(
            names.get(code, code),
            parent=parents.get(code, ""),
            layer=level.layer,
            parent_layer=above.layer if above else None,
        )
        for code in codes
    ]


def _column(shapes: Iterable[shapely.Geometry]) -> Geometries:
    listed = list(shapes)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _anchor_rows(outlines: Geometries) -> list[list[float]]:
    placed = anchors(outlines) if len(outlines) <= MAX_NAMED else points_inside(outlines)
    return [[a.lon, a.lat, a.half_width, a.half_height] for a in placed]


def _reference(reference: Reference, start: tuple[int, int]) -> dict[str, Any]:
    is_line = shapely.get_dimensions(reference.geometries) == 1
    return {
        "kind": reference.kind,
        "polygons": polygon_paths(reference.geometries[~is_line], start),
        "lines": line_paths(reference.geometries[is_line], start),
    }
