"""The map of the hotspot page: its layers through folium, its figures in one JSON block.

Each folium element of our own calls one function of static/app with the page's data block.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from branca.element import MacroElement
from folium import LayerControl
from folium.map import CustomPane, Layer
from folium.template import Template

from geo_service.analysis.bins import HeatBins
from geo_service.analysis.classes import Classes, classify
from geo_service.layers.area import Geometries
from geo_service.maps.assets import Assets
from geo_service.maps.colors import class_colors
from geo_service.maps.drawings import Drawing, in_drawing_order, line_style
from geo_service.maps.offline import OfflineMap, inert
from geo_service.maps.outlines import STEPS_PER_DEGREE
from geo_service.maps.view import HotspotView
from geo_service.maps.wording import Words

PANES = {"reference": 300, "areas": 400, "bins": 410, "borders": 430, "selection": 450}
"""Names and heights of what lies over what; only areas and bins answer the pointer."""

LABEL_PANE = {"labels": 620}


class AreaLayer(Layer):
    """The areas of the displayed layer, filled by class."""

    _template = Template(
        "{% macro script(this, kwargs) %}var {{ this.get_name() }} = areaLayer(data);{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__(overlay=True, control=False)
        self._name = "AreaLayer"


class BorderLayer(Layer):
    """The borders of one level above, without fill; ``position`` counts from the nearest level."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = borderLayer(data, {{ this.position }});"
        "{% endmacro %}"
    )

    def __init__(self, position: int) -> None:
        super().__init__(overlay=True, control=False)
        self._name = "BorderLayer"
        self.position = position


class ReferenceLayer(Layer):
    """Roads, water or buildings under the areas; its title stands in the layer control."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = referenceLayer(data, {{ this.position }});"
        "{% endmacro %}"
    )

    def __init__(self, position: int, *, title: str) -> None:
        # Leaflet's layer control writes titles through innerHTML.
        super().__init__(name=inert(title), overlay=True)
        self._name = "ReferenceLayer"
        self.position = position


class BinLayer(Layer):
    """The heat squares; the page's switch shows them."""

    _template = Template(
        "{% macro script(this, kwargs) %}var {{ this.get_name() }} = binLayer(data);{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__(overlay=True, control=False, show=False)
        self._name = "BinLayer"


class DeskScript(MacroElement):
    """Hands the finished map and its layers to the page's own script; added last."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "startHotspots({data, map: {{ this._parent.get_name() }}, "
        "areas: {{ this.areas.get_name() }}, "
        "bins: {{ this.bins.get_name() if this.bins else 'null' }}});"
        "{% endmacro %}"
    )

    def __init__(self, *, areas: AreaLayer, bins: BinLayer | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca types this one not
        self._name = "DeskScript"
        self.areas = areas
        self.bins = bins


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
    for position, reference in enumerate(in_drawing_order(view.references)):
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
    page_map.fit_bounds(bounds_of(view.areas.geometries), padding=(10, 10))
    DeskScript(areas=areas, bins=bins).add_to(page_map)
    return page_map


def map_data(
    view: HotspotView,
    drawing: Drawing,
    *,
    classes: Classes,
    summaries: Sequence[str],
    words: Words,
) -> dict[str, Any]:
    """Return the page's data block: paths from one origin, columns aligned to the areas."""
    return {
        "origin": drawing.start,
        "bounds": bounds_of(view.areas.geometries),
        "colors": class_colors(classes.labels),
        "area_style": line_style(view.layer, depth=0),
        "areas": {**drawing.area_columns, **_figures(view, classes, summaries)},
        "ancestors": drawing.ancestors,
        "references": drawing.references,
        "bins": _bins(view, drawing.start),
        "issues_url": view.links.issues,
        "area_url": view.links.area,
        "words": {key: text for key, text in words.items() if key.startswith("js_")},
    }


def _figures(view: HotspotView, classes: Classes, summaries: Sequence[str]) -> dict[str, Any]:
    return {
        "classes": classes.positions(view.table.column(view.measure)).tolist(),
        "verdicts": [row.verdict for row in view.table.rows],
        "summaries": summaries,
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


def bounds_of(geometries: Geometries) -> list[list[float]]:
    """Return the corners that hold all geometries as Leaflet takes them: latitudes first."""
    if not len(geometries):
        return [[-1.0, -1.0], [1.0, 1.0]]
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    return [[south, west], [north, east]]
