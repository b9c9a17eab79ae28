"""The small map of one area: its neighbors, what lies under it, what stands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import shapely
from branca.element import MacroElement
from folium.template import Template

from geo_service.governance.organisations.coverage import AreaState
from geo_service.layers.area import AreaSet
from geo_service.maps.area_sheet.view import AreaSheetView, shown_box
from geo_service.maps.assets import Assets
from geo_service.maps.base_map import AreaLayer, add_areas, base_map, bounds_of
from geo_service.maps.coverage.coverage_map import PANES, REGISTERS, SymbolLayer
from geo_service.maps.coverage.fills import Fill, state_fills
from geo_service.maps.coverage.register_columns import facility_columns, organisation_columns
from geo_service.maps.drawings import draw, line_style
from geo_service.maps.offline import OfflineMap
from geo_service.maps.outlines import anchors, borders, line_paths
from geo_service.maps.wording import Words

_NO_LADDER = "#dfe6ee"
_SURFACES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_LANE_DEG = 3e-5
"""About 3 m to both sides: a lane is drawn as wide as a road."""


class SheetScript(MacroElement):
    """Hands the finished map to the page's own script; added last."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "startAreaSheet({data, map: {{ this._parent.get_name() }}, "
        "areas: {{ this.areas.get_name() }}, "
        "symbols: [{% for layer in this.symbols %}{{ layer.get_name() }},{% endfor %}]});"
        "{% endmacro %}"
    )

    def __init__(self, *, areas: AreaLayer, symbols: Sequence[SymbolLayer]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca types this one not
        self._name = "SheetScript"
        self.areas = areas
        self.symbols = symbols


def sheet_map(view: AreaSheetView, *, assets: Assets, title: str, words: Words) -> OfflineMap:
    """Return the folium map of an area, all its layers on it."""
    page_map = base_map(
        assets=assets,
        title=title,
        words=words,
        panes=PANES,
        shown=view.map.outline,
        padding=36,
        plugins=("leaflet.markercluster",),
    )
    areas = add_areas(
        page_map,
        references=view.map.references,
        ancestors=view.map.ancestors,
        words=words,
        is_switchable=False,
    )
    symbols = [SymbolLayer(register) for register in REGISTERS]
    for layer in symbols:
        layer.add_to(page_map)
    SheetScript(areas=areas, symbols=symbols).add_to(page_map)
    return page_map


def map_data(view: AreaSheetView, *, pages: Sequence[str], words: Words) -> dict[str, Any]:
    """Return the page's data block; ``pages`` are the addresses of the areas on the map."""
    shown = _drawn(view)
    drawing = draw(view.layer, shown, ancestors=view.map.ancestors, references=view.map.references)
    fill = fill_of(view)
    return {
        "origin": drawing.start,
        "bounds": bounds_of(view.map.outline),
        "colors": [fill if isinstance(fill, str) else asdict(fill), "#ffffff"],
        "area_style": line_style(view.layer, depth=0),
        "own": view.map.position,
        "areas": {
            **drawing.area_columns,
            "classes": [int(i != view.map.position) for i in range(len(shown))],
            "pages": list(pages),
            "anchors": _anchors(view, shown),
        },
        "ancestors": _borders(view, drawing.start),
        "references": drawing.references,
        "registers": {
            "organisations": organisation_columns(view.map.organisations),
            "facilities": facility_columns(view.map.facilities, words),
        },
    }


def fill_of(view: AreaSheetView) -> Fill:
    """Return what the area is filled with: its state, as the coverage desk draws it."""
    state = view.party.levels[0].state
    return _NO_LADDER if state is None else state_fills()[AreaState(state)]


def _drawn(view: AreaSheetView) -> AreaSet:
    if view.layer.geometry != "line":
        return view.map.areas
    wide = np.asarray(shapely.buffer(view.map.areas.geometries, _LANE_DEG))
    return view.map.areas.with_geometries(wide)


def _anchors(view: AreaSheetView, shown: AreaSet) -> list[list[float]]:
    """Return where names stand: in the part of each area that the map shows."""
    box = shown_box(view.map.outline[0]).bounds
    seen = np.asarray(shapely.clip_by_rect(shown.geometries, *box))
    is_surface = np.isin(shapely.get_type_id(seen), _SURFACES) & ~shapely.is_empty(seen)
    placed = anchors(np.where(is_surface, seen, shown.geometries))
    return [[each.lon, each.lat, each.half_width, each.half_height] for each in placed]


def _borders(view: AreaSheetView, start: tuple[int, int]) -> list[Mapping[str, Any]]:
    """Return the borders of the areas above, as far as they may be seen, each line once."""
    box = shown_box(view.map.outline[0]).bounds
    told: list[Mapping[str, Any]] = []
    for depth, level in enumerate(view.map.ancestors, start=1):
        higher = [each.areas.geometries for each in view.map.ancestors[depth:]]
        above = np.concatenate([*higher, np.empty(0, dtype=object)])
        lines = shapely.clip_by_rect(borders(level.areas.geometries, above=above), *box)
        told.append(
            {"style": line_style(level.layer, depth=depth), "paths": line_paths(lines, start)}
        )
    return told
