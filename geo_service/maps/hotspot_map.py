"""The map of the hotspot page: its layers through folium, its figures in one JSON block."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from folium import LayerControl
from folium.map import CustomPane

from geo_service.analysis.bins import HeatBins
from geo_service.analysis.classes import Classes, classify
from geo_service.layers.area import Geometries
from geo_service.layers.layer import Layer
from geo_service.maps.assets import Assets
from geo_service.maps.colors import class_colors
from geo_service.maps.offline import OfflineMap
from geo_service.maps.outlines import (
    STEPS_PER_DEGREE,
    anchors,
    borders,
    display_copies,
    joined,
    line_paths,
    origin,
    points_inside,
    polygon_paths,
)
from geo_service.maps.overlays import AreaLayer, BinLayer, BorderLayer, DeskScript, ReferenceLayer
from geo_service.maps.view import Ancestors, HotspotView, Reference
from geo_service.maps.wording import Words

PANES = {"reference": 300, "areas": 400, "bins": 410, "borders": 430, "selection": 450}
"""Names and heights of what lies over what; only areas and bins answer the pointer."""

REFERENCE_KINDS = ("water", "building", "road_side", "road_main")

MAX_NAMED = 3000
"""With more areas than this, names would not be readable and take long to place."""

LABEL_PANE = {"labels": 620}

LINE_STYLES: Mapping[str, Mapping[str, Any]] = {
    "street": {"color": "#1f1f1f", "weight": 3.4, "dashArray": "16 4 3 4", "lineCap": "butt"},
    "subarea": {"color": "#2b2b2b", "weight": 2.6, "dashArray": "12 3 2 3", "lineCap": "butt"},
    "community": {"color": "#333333", "weight": 1.8, "dashArray": "7 3", "lineCap": "butt"},
    "unit_grid": {"color": "#a3238e", "weight": 0.9},
    "thin": {"color": "#6b6459", "weight": 0.8},
}
"""Street thick dash-dot, community medium dashed, grids thin solid, unit grid magenta."""


def hotspot_map(
    view: HotspotView, *, assets: Assets, title: str, words: Words, is_standalone: bool
) -> OfflineMap:
    """Return the folium map of a view, all its layers on it."""
    page_map = OfflineMap(
        assets=assets,
        label=words["map_label"].format(title=title),
        is_standalone=is_standalone,
        zoom_titles=(words["zoom_in"], words["zoom_out"]),
        zoom_snap=0.1,
        zoom_delta=0.5,
        max_zoom=22,
    )
    for name, height in (PANES | LABEL_PANE).items():
        has_pointer = name in {"areas", "bins"}
        CustomPane(name, z_index=height, pointer_events=has_pointer).add_to(page_map)
    for position, reference in enumerate(drawn_references(view)):
        title = words.get(f"reference_{reference.kind}", reference.title)
        ReferenceLayer(position, title=title).add_to(page_map)
    areas = AreaLayer()
    areas.add_to(page_map)
    bins = BinLayer() if view.bins else None
    if bins:
        bins.add_to(page_map)
    for position in range(len(view.ancestors)):
        BorderLayer(position).add_to(page_map)
    if view.references:
        LayerControl(position="topright").add_to(page_map)
    page_map.fit_bounds(_bounds(view.areas.geometries), padding=(10, 10))
    DeskScript(areas=areas, bins=bins).add_to(page_map)
    return page_map


def map_data(
    view: HotspotView, *, classes: Classes, summaries: Sequence[str], words: Words
) -> dict[str, Any]:
    """Return the page's data block: paths from one origin, columns aligned to the areas."""
    outlines = display_copies(view.areas.geometries)
    start = origin(outlines)
    return {
        "origin": start,
        "bounds": _bounds(view.areas.geometries),
        "colors": class_colors(classes.labels),
        "area_style": line_style(view.layer, depth=0),
        "areas": _area_columns(view, outlines, start) | _figures(view, classes, summaries),
        "ancestors": _ancestors(view, outlines, start),
        "references": [_reference(one, start) for one in drawn_references(view)],
        "bins": _bins(view, start),
        "issues_url": view.links.issues,
        "words": {key: text for key, text in words.items() if key.startswith("js_")},
    }


def short_name(name: str, *, parent: str, layer: Layer, parent_layer: Layer | None) -> str:
    """Return what tells an area from its siblings: without the parent's name and the layer's."""
    parent_stem = _stem(parent, parent_layer) if parent_layer else parent
    short = name.removeprefix(parent) if parent else name
    if parent_stem:
        short = short.removeprefix(parent_stem)
    return _stem(short, layer) or short.strip() or name


def _stem(name: str, layer: Layer) -> str:
    return name.removesuffix(layer.title_zh).removesuffix(layer.title_en).strip()


def _area_columns(
    view: HotspotView, outlines: Geometries, start: tuple[int, int]
) -> dict[str, Any]:
    parents = view.parent_names
    above = view.ancestors[0].layer if view.ancestors else None
    return {
        "codes": view.areas.codes,
        "names": view.areas.names,
        "parents": parents,
        "short_names": [
            short_name(name, parent=parent, layer=view.layer, parent_layer=above)
            for name, parent in zip(view.areas.names, parents, strict=True)
        ],
        "paths": polygon_paths(outlines, start),
        "anchors": _anchor_rows(outlines),
    }


def _figures(view: HotspotView, classes: Classes, summaries: Sequence[str]) -> dict[str, Any]:
    return {
        "classes": classes.positions(view.table.column(view.measure)).tolist(),
        "verdicts": [row.verdict for row in view.table.rows],
        "summaries": summaries,
    }


def _ancestors(
    view: HotspotView, outlines: Geometries, start: tuple[int, int]
) -> list[dict[str, Any]]:
    """Return each level above: its areas joined from the display copies, so that lines agree."""
    members, groups = [], view.areas.parents
    for level in view.ancestors:
        members.append(joined(outlines, groups))
        parent_of = dict(zip(level.areas.codes, level.areas.parents, strict=True))
        groups = tuple(parent_of.get(group) if group else None for group in groups)
    columns = [_column(level.values()) for level in members] + [_column(())]
    return [
        {
            "names": _level_names(view.ancestors[i : i + 2], list(members[i])),
            "style": line_style(level.layer, depth=i + 1),
            "is_labelled": i == 0 and len(members[i]) > 1,
            "paths": line_paths(borders(columns[i], above=columns[i + 1]), start),
            "anchors": _anchor_rows(columns[i]),
        }
        for i, level in enumerate(view.ancestors)
    ]


def _level_names(levels: Sequence[Ancestors], codes: Sequence[str]) -> list[str]:
    """Return short names of areas of the first level; the second one, if any, is above it."""
    level, above = levels[0], levels[1] if len(levels) > 1 else None
    names = dict(zip(level.areas.codes, level.areas.names, strict=True))
    parents = dict(zip(level.areas.codes, level.areas.parents, strict=True))
    parent_names = dict(zip(above.areas.codes, above.areas.names, strict=True)) if above else {}
    return [
        short_name(
            names.get(code, code),
            parent=parent_names.get(parents.get(code) or "", ""),
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


def line_style(layer: Layer, *, depth: int) -> Mapping[str, Any]:
    """Return how the borders of a layer are drawn, ``depth`` levels above the displayed one."""
    if layer.name in LINE_STYLES:
        return LINE_STYLES[layer.name]
    return LINE_STYLES[("thin", "community", "subarea", "street")[min(depth, 3)]]


def drawn_references(view: HotspotView) -> list[Reference]:
    """Return the reference layers in drawing order: unknown kinds first, main roads last."""
    order = {kind: place for place, kind in enumerate(REFERENCE_KINDS, start=1)}
    return sorted(view.references, key=lambda reference: order.get(reference.kind, 0))


def _reference(reference: Reference, start: tuple[int, int]) -> dict[str, Any]:
    is_line = shapely.get_dimensions(reference.geometries) == 1
    return {
        "kind": reference.kind,
        "polygons": polygon_paths(reference.geometries[~is_line], start),
        "lines": line_paths(reference.geometries[is_line], start),
    }


def _bins(view: HotspotView, start: tuple[int, int]) -> dict[str, Any] | None:
    if view.bins is None:
        return None
    sides = (view.bins.west, view.bins.south, view.bins.east, view.bins.north)
    steps = np.rint(np.stack(sides, axis=1) * STEPS_PER_DEGREE).astype(np.int64) - (*start, *start)
    classes = bin_classes(view.bins)
    return {
        "squares": steps.tolist(),
        "counts": view.bins.count.tolist(),
        "classes": classes.positions(view.bins.count.astype(np.float64)).tolist(),
        "colors": class_colors(classes.labels),
    }


def bin_classes(bins: HeatBins) -> Classes:
    """Return the classes of the heat squares."""
    return classify(bins.count.astype(np.float64), method="natural", k=5, are_counts=True)


def _anchor_rows(outlines: Geometries) -> list[list[float]]:
    placed = anchors(outlines) if len(outlines) <= MAX_NAMED else points_inside(outlines)
    return [[a.lon, a.lat, a.half_width, a.half_height] for a in placed]


def _bounds(geometries: Geometries) -> list[list[float]]:
    if not len(geometries):
        return [[-1.0, -1.0], [1.0, 1.0]]
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    return [[south, west], [north, east]]
