"""The map of the coverage page: its layers through folium, everything else in one JSON block."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from geo_service.maps.assets import Assets
from geo_service.maps.base_map import AreaLayer, add_areas, base_map, bounds_of
from geo_service.maps.coverage.fills import Coloring, Fill
from geo_service.maps.coverage.register_columns import register_columns
from geo_service.maps.coverage.view import CoverageView
from geo_service.maps.drawings import Drawing, line_style
from geo_service.maps.offline import OfflineMap
from geo_service.maps.outlines import display_copies, polygon_paths
from geo_service.maps.wording import Words

PANES = {"symbols": 600, "labels": 590}
REGISTERS = ("organisations", "facilities")


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
    page_map = base_map(
        assets=assets,
        title=title,
        words=words,
        panes=PANES,
        shown=view.areas.geometries,
        is_standalone=is_standalone,
        plugins=("leaflet.markercluster",),
    )
    areas = add_areas(page_map, references=view.references, ancestors=view.ancestors, words=words)
    symbols = [SymbolLayer(register) for register in REGISTERS]
    for layer in symbols:
        layer.add_to(page_map)
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
            "marks": _marks(view),
            "chains": _chains(view),
        },
        "ancestors": drawing.ancestors,
        "references": drawing.references,
        "edition": view.edition,
        "registers": None if view.registers is None else register_columns(view.registers, words),
        "registers_url": view.links.registers,
        "gaps": _gaps(view, drawing.start),
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
    """Return, for each level above, the names of its areas, and which of them holds each area."""
    told = []
    parents: Sequence[str | None] = view.areas.parents
    for level in view.ancestors:
        codes = level.areas.position_by_code
        at = [-1 if code is None else codes.get(code, -1) for code in parents]
        told.append({"at": at, "names": list(level.areas.names)})
        parents = [None if each < 0 else level.areas.parents[each] for each in at]
    return told


def _gaps(view: CoverageView, start: tuple[int, int]) -> list[Any]:
    if view.reach is None:
        return []
    open_ground = [gap for gap in view.reach.gaps if gap is not None]
    column = np.empty(len(open_ground), dtype=object)
    column[:] = open_ground
    return polygon_paths(display_copies(column), start)
