"""The hotspot page: one view in, one HTML text out."""

from typing import Any

from geo_service.analysis.classes import Classes, classify
from geo_service.maps.assets import Assets
from geo_service.maps.drawings import Drawing, draw, legend_lines
from geo_service.maps.hotspots import conditions, figures
from geo_service.maps.hotspots.hotspot_map import hotspot_map, map_data
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import json_inside_html, page_head, page_modules, template
from geo_service.maps.view import COUNTED, HotspotView
from geo_service.maps.wording import Words, html_language, words

__all__ = ["Drawing", "HotspotView", "drawing_of", "render_hotspots"]

STYLES = ("app/page.css", "app/hotspots.css", "app/print.css")
MODULES = ("geometry", "layers", "hotspots")


def render_hotspots(
    view: HotspotView,
    *,
    standalone: bool,
    assets: Assets | None = None,
    drawing: Drawing | None = None,
) -> str:
    """Return the hotspot page; the same view gives the same bytes.

    Parameters
    ----------
    standalone
        One file with everything inside that opens without the service; what needs the service
        (issues, exports, other conditions) is left out.
    drawing
        What ``drawing_of(view)`` returned for the same areas; drawn now when it is left out.

    Raises
    ------
    MissingAssets
        When the browser assets were not built.
    ExternalReference
        When the page would load anything from outside.
    """
    page_assets = assets or Assets()
    facts = _facts(view)
    page_map = hotspot_map(
        view,
        assets=page_assets,
        title=facts["title"],
        words=facts["w"],
        is_standalone=standalone,
    ).parts()
    data = json_inside_html(
        map_data(
            view,
            drawing or drawing_of(view),
            classes=facts["classes"],
            summaries=facts["summaries"],
            words=facts["w"],
        )
        | ({"issues_url": ""} if standalone else {})
    )
    html = template("hotspots.html.j2").render(
        **facts,
        map=page_map,
        data=data,
        head=page_head(page_assets, STYLES, is_standalone=standalone),
        modules=page_modules(page_assets, MODULES, is_standalone=standalone),
        is_standalone=standalone,
    )
    return render_checked(html, is_standalone=standalone)


def drawing_of(view: HotspotView) -> Drawing:
    """Return what stays the same while areas and reference layers do, to be kept."""
    return draw(view.layer, view.areas, ancestors=view.ancestors, references=view.references)


def _facts(view: HotspotView) -> dict[str, Any]:
    w = words(view.language)
    classes = classify(
        view.table.column(view.measure),
        method=view.classification,
        k=view.class_count,
        are_counts=view.measure in COUNTED,
    )
    return {
        "view": view,
        "w": w,
        "html_language": html_language(view.language),
        "classes": classes,
        "figure_text": figures.figure_text,
        "summaries": figures.summaries(view, w),
        **_named(view, w),
        **_figures(view, classes, w),
        **_switches(view, w),
    }


def _named(view: HotspotView, w: Words) -> dict[str, str]:
    """Return what the page says of itself."""
    layer, measure = view.layer.title(view.language), w[f"measure_{view.measure}"]
    return {
        "layer": layer,
        "measure": measure,
        "unit": w[f"unit_{view.measure}"],
        "title": w["figure_title"].format(
            place=view.place, layer=layer, measure=w[f"figure_{view.measure}"]
        ),
        "period": conditions.days_text(view.period, w),
        "before": conditions.days_text(view.before, w),
        "data_until": conditions.data_until_text(view, w),
        "edition": w["edition"].format(number=view.edition, date=view.effective_from.isoformat()),
        "method": conditions.method_text(view, w),
    }


def _figures(view: HotspotView, classes: Classes, w: Words) -> dict[str, Any]:
    """Return tiles, list, table and legend."""
    rows = figures.rows(view, w)
    return {
        "tiles": figures.tiles(view, w),
        "worst": figures.worst(rows),
        "rows": rows[: figures.TABLE_ROWS],
        "is_cut": len(rows) > figures.TABLE_ROWS,
        "legend": figures.legend(view, classes, w),
        "legend_lines": legend_lines(
            [view.layer, *(level.layer for level in view.ancestors)], view.language
        ),
        "heat_legend": figures.heat_legend(view),
        "definitions": figures.definitions(view, w),
    }


def _switches(view: HotspotView, w: Words) -> dict[str, Any]:
    """Return what leads to other conditions, and the conditions now."""
    return {
        "choices": conditions.choices(view, w),
        "presets": conditions.presets(view, w),
        "conditions": conditions.conditions(view, w),
        "other_language": conditions.page_address(
            view, language="en" if view.language == "zh" else "zh"
        ),
    }
