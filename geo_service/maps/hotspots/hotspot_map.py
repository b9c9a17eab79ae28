"""The map of the hotspot page: its layers through folium, its figures in one JSON block.

Each folium element of our own calls one function of static/app with the page's data block.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from geo_service.analysis.bins import HeatBins
from geo_service.analysis.classes import Classes, classify
from geo_service.maps.assets import Assets
from geo_service.maps.base_map import AreaLayer, add_areas, base_map, bounds_of
from geo_service.maps.colors import class_colors
from geo_service.maps.drawings import Drawing, line_style
from geo_service.maps.offline import OfflineMap
from geo_service.maps.outlines import STEPS_PER_DEGREE
from geo_service.maps.view import HotspotView
from geo_service.maps.wording import Words

_PANES = {"bins": 410, "labels": 620}


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
    page_map = base_map(
        assets=assets,
        title=title,
        words=words,
        panes=_PANES,
        shown=view.areas.geometries,
        is_standalone=is_standalone,
    )
    bins = BinLayer() if view.bins else None
    areas = add_areas(
        page_map,
        references=view.references,
        ancestors=view.ancestors,
        overlays=[bins] if bins else [],
        words=words,
    )
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
