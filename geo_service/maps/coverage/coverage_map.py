"""The map of the coverage page: its layers through folium, everything else in one JSON block."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from branca.element import MacroElement
from folium import LayerControl
from folium.map import CustomPane, Layer
from folium.template import Template

from geo_service.maps.assets import Assets
from geo_service.maps.coverage.fills import Coloring, Fill
from geo_service.maps.coverage.view import CoverageView, FacilityFacts, OrganisationFacts
from geo_service.maps.drawings import Drawing, in_drawing_order, line_style
from geo_service.maps.hotspot_map import AreaLayer, BorderLayer, ReferenceLayer, bounds_of
from geo_service.maps.offline import OfflineMap
from geo_service.maps.outlines import display_copies, polygon_paths
from geo_service.maps.wording import Words

PANES = {"reference": 300, "areas": 400, "borders": 430, "selection": 450, "symbols": 600}
LABEL_PANE = {"labels": 590}

MOST_SYMBOLS = 6_000
"""With more, the page would be too large; the registers hold all."""


class SymbolLayer(Layer):
    """Organisations or facilities as clustered symbols; the page's switch shows them."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = symbolLayer(data, {{ this.register|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, register: str) -> None:
        super().__init__(overlay=True, control=False, show=False)
        self._name = "SymbolLayer"
        self.register = register


class CoverageScript(MacroElement):
    """Hands the finished map and its areas to the page's own script; added last."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "startCoverage({data, map: {{ this._parent.get_name() }}, "
        "areas: {{ this.areas.get_name() }}, symbols: { "
        "{% for layer in this.symbols %}{{ layer.register }}: {{ layer.get_name() }},{% endfor %}"
        "}});"
        "{% endmacro %}"
    )

    def __init__(self, *, areas: AreaLayer, symbols: Sequence[SymbolLayer]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca types this one not
        self._name = "CoverageScript"
        self.areas = areas
        self.symbols = symbols


def coverage_map(
    view: CoverageView, *, assets: Assets, title: str, words: Words, is_standalone: bool
) -> OfflineMap:
    """Return the folium map of a view, all its layers on it."""
    page_map = OfflineMap(
        assets=assets,
        label=words["map_label"].format(title=title),
        is_standalone=is_standalone,
        plugins=("leaflet.markercluster",),
        zoom_titles=(words["zoom_in"], words["zoom_out"]),
        zoom_snap=0.1,
        zoom_delta=0.5,
    )
    page_map.options["max_zoom"] = 22  # folium keeps its own for tiles; clusters ask the map
    for name, height in (PANES | LABEL_PANE).items():
        has_pointer = name in {"areas", "symbols"}
        CustomPane(name, z_index=height, pointer_events=has_pointer).add_to(page_map)
    for position, reference in enumerate(in_drawing_order(view.references)):
        name = words.get(f"reference_{reference.kind}", reference.title)
        ReferenceLayer(position, title=name).add_to(page_map)
    areas = AreaLayer()
    areas.add_to(page_map)
    for position in range(len(view.ancestors)):
        BorderLayer(position).add_to(page_map)
    symbols = [SymbolLayer(register) for register in ("organisations", "facilities")]
    for layer in symbols:
        layer.add_to(page_map)
    if view.references:
        LayerControl(position="topright").add_to(page_map)
    page_map.fit_bounds(bounds_of(view.areas.geometries), padding=(10, 10))
    CoverageScript(areas=areas, symbols=symbols).add_to(page_map)
    return page_map


def map_data(
    view: CoverageView,
    drawing: Drawing,
    *,
    found: Coloring,
    summaries: Sequence[str],
    words: Words,
) -> dict[str, Any]:
    """Return the page's data block: paths from one origin, columns aligned to the areas."""
    return {
        "origin": drawing.start,
        "bounds": bounds_of(view.areas.geometries),
        "colors": [_fill(each.fill) for each in found.classes],
        "area_style": line_style(view.layer, depth=0),
        "areas": {
            **drawing.area_columns,
            "classes": found.positions.tolist(),
            "summaries": list(summaries),
            "bodies": [list(each) for each in view.bodies],
            "marks": _marks(view),
            "chains": _chains(view),
        },
        "ancestors": drawing.ancestors,
        "references": drawing.references,
        "symbols": symbol_rows(view.organisations, view.facilities, words),
        "gaps": _gaps(view, drawing.start),
        "organisations": [_card(each) for each in view.organisations],
        "activities_url": view.links.activities,
        "area_url": view.links.area,
        "today": view.day.isoformat(),
        "words": {key: text for key, text in words.items() if key.startswith("js_")},
    }


def _fill(fill: Fill) -> str | Mapping[str, Any]:
    return fill if isinstance(fill, str) else asdict(fill)


def _marks(view: CoverageView) -> list[str]:
    """Return which areas gained or lost their body since the day compared with."""
    marks = [""] * len(view.areas)
    covered = {0, 1}
    for change in view.compared.changes if view.compared else ():
        was, is_now = change.before in covered, change.after in covered
        if was != is_now:
            marks[change.index] = "up" if is_now else "down"
    return marks


def _chains(view: CoverageView) -> list[dict[str, Any]]:
    """Return, for each level above, its title, the names of areas and the bodies by area."""
    told = []
    parents: Sequence[str | None] = view.areas.parents
    for level in view.ancestors:
        codes = level.areas.position_by_code
        bodies = view.chains.get(level.layer.name, {})
        told.append(
            {
                "title": level.layer.title(view.language),
                "at": [-1 if code is None else codes.get(code, -1) for code in parents],
                "names": list(level.areas.names),
                "bodies": [list(bodies.get(code, ())) for code in level.areas.codes],
            }
        )
        parents = [
            None if code is None or code not in codes else level.areas.parents[codes[code]]
            for code in parents
        ]
    return told


def symbol_rows(
    organisations: Sequence[OrganisationFacts], facilities: Sequence[FacilityFacts], words: Words
) -> dict[str, list[list[Any]]]:
    """Return what static/app/symbols.js draws: organisations that have a place, and sites."""
    placed = [each for each in organisations if each.lon is not None]
    return {
        "organisations": [
            [each.lon, each.lat, each.symbol, each.mode, each.life, each.name, each.kind]
            for each in placed[:MOST_SYMBOLS]
        ],
        "facilities": [
            [each.lon, each.lat, words["cov_facility_symbol"], "site", 0, each.name, each.kind]
            for each in facilities[:MOST_SYMBOLS]
        ],
    }


def _gaps(view: CoverageView, start: tuple[int, int]) -> list[Any]:
    if view.reach is None:
        return []
    open_ground = [gap for gap in view.reach.gaps if gap is not None]
    column = np.empty(len(open_ground), dtype=object)
    column[:] = open_ground
    return polygon_paths(display_copies(column), start)


def _card(facts: OrganisationFacts) -> list[Any]:
    return [
        facts.code,
        facts.name,
        facts.symbol,
        facts.mode,
        facts.life,
        "" if facts.last is None else facts.last.isoformat(),
        facts.post,
        facts.duty_phone,
        facts.kind,
    ]
