"""The planner page: one view in, one HTML text out."""

from dataclasses import asdict
from typing import Any

from geo_service.analysis.bounds_text import LONGEST_EN, LONGEST_ZH
from geo_service.maps.assets import Assets
from geo_service.maps.desk_map import desk_data, desk_map
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import json_inside_html, page_head, page_modules, template
from geo_service.maps.planner.view import PlannerView
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/planner.css", "app/planner_cuts.css", "app/planner_look.css")

CUT_KINDS = ("road_main", "road_side", "water")
"""Kinds of reference features that make borders, in the order they are offered."""

_PANES = {"before": 405, "draft": 440, "drawing": 470, "labels": 620}

_KEYS = {
    "split": ("S",),
    "merge": ("M",),
    "give": ("G",),
    "buildings": ("B",),
    "parts": ("E",),
    "along": ("L",),
    "swap": ("W",),
    "children": ("C",),
    "rename": ("N",),
    "undo": ("Ctrl+Z", "Ctrl+Y"),
    "draw": ("Enter", "Esc", "Alt"),
    "several": ("Shift",),
    "compare": ("D",),
    "divider": ("←", "→", "PageUp", "PageDown", "Home", "End"),
    "help": ("?",),
}
"""The keys of the desk, in the order of its help."""


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
        map=desk_map(
            view, assets=page_assets, start="startPlanner", title=title, words=w, panes=_PANES
        ).parts(),
        data=json_inside_html(_data(view, w)),
        head=page_head(page_assets, STYLES, is_standalone=False),
        edition=w["edition"].format(number=view.edition, date=view.effective_from.isoformat()),
        help=[(keys, w[f"pln_help_{name}"]) for name, keys in _KEYS.items()],
        modules=page_modules(page_assets, ("geometry", "layers", "planner")),
    )
    return render_checked(html)


def _data(view: PlannerView, w: Words) -> dict[str, Any]:
    own = {
        "links": asdict(view.links),
        "titles": view.titles,
        "locked": sorted(view.locked),
        "cut_lines": _cut_lines(view, w),
    }
    return {**desk_data(view, w), **own}


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
