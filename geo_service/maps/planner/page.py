"""The planner page: one view in, one HTML text out."""

from dataclasses import asdict
from typing import Any

from geo_service.analysis.bounds_text import LONGEST_EN, LONGEST_ZH
from geo_service.maps.assets import Assets
from geo_service.maps.base_map import DeskScript, add_areas, base_map, bounds_of
from geo_service.maps.drawings import draw, line_style
from geo_service.maps.offline import OfflineMap, render_checked
from geo_service.maps.pages import json_inside_html, page_head, page_modules, template
from geo_service.maps.planner.view import PlannerView
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/planner.css", "app/planner_cuts.css")

CUT_KINDS = ("road_main", "road_side", "water")
"""Kinds of reference features that make borders, in the order they are offered."""

_PANES = {"draft": 440, "drawing": 470, "labels": 620}


def render_planner(view: PlannerView, *, assets: Assets | None = None) -> str:
    """Return the planner page; the same view gives the same bytes.

    Raises
    ------
    MissingAssets
        When the browser assets were not built.
    ExternalReference
        When the page would load anything from outside.
    """
    page_assets, w = assets or Assets(), words(view.language)
    title = w["pln_title"]
    html = template("planner.html.j2").render(
        view=view,
        w=w,
        title=title,
        html_language=html_language(view.language),
        longest_zh=LONGEST_ZH,
        longest_en=LONGEST_EN,
        map=_map(view, page_assets, title, w).parts(),
        data=json_inside_html(_data(view, w)),
        head=page_head(page_assets, STYLES, is_standalone=False),
        edition=w["edition"].format(number=view.edition, date=view.effective_from.isoformat()),
        modules=page_modules(page_assets, ("geometry", "layers", "planner")),
    )
    return render_checked(html)


def _map(view: PlannerView, assets: Assets, title: str, w: Words) -> OfflineMap:
    page_map = base_map(
        assets=assets, title=title, words=w, panes=_PANES, shown=view.areas.geometries
    )
    areas = add_areas(page_map, references=view.references, ancestors=view.ancestors, words=w)
    DeskScript("startPlanner", areas=areas).add_to(page_map)
    return page_map


def _data(view: PlannerView, w: Words) -> dict[str, Any]:
    drawing = draw(view.layer, view.areas, ancestors=view.ancestors, references=view.references)
    return {
        "origin": drawing.start,
        "bounds": bounds_of(view.areas.geometries),
        "colors": ["#f7f4ec"],
        "area_style": line_style(view.layer, depth=0),
        "areas": {**drawing.area_columns, "classes": [0] * len(view.areas)},
        "ancestors": drawing.ancestors,
        "references": drawing.references,
        "links": asdict(view.links),
        "layer": view.layer.name,
        "titles": view.titles,
        "locked": sorted(view.locked),
        "cut_lines": _cut_lines(view, w),
        "edition": view.edition,
        "language": view.language,
        "words": {key: text for key, text in w.items() if key.startswith("js_")},
    }


def _cut_lines(view: PlannerView, w: Words) -> list[dict[str, str]]:
    """Return what areas can be cut along, as forms offer it: roads and water, then layers."""
    kinds = [each.kind for each in view.references if each.kind in CUT_KINDS]
    references = [
        {"kind": "reference", "name": kind, "title": w[f"reference_{kind}"]}
        for kind in sorted(kinds, key=CUT_KINDS.index)
    ]
    layers = [
        {"kind": "layer", "name": layer.name, "title": layer.title(view.language)}
        for layer in view.cut_layers
    ]
    return references + layers
