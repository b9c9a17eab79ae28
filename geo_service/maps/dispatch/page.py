"""The dispatch page: one view in, one HTML text out."""

from dataclasses import asdict
from typing import Any

from geo_service.maps.assets import Assets
from geo_service.maps.desk_map import desk_data, desk_map
from geo_service.maps.dispatch.view import DispatchView
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import json_inside_html, page_head, page_modules, template
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/dispatch.css", "app/dispatch_nearby.css", "app/dispatch_list.css")

_PANES = {"places": 460, "labels": 620}


def render_dispatch(view: DispatchView, *, assets: Assets | None = None) -> str:
    """Return the dispatch page; the same view gives the same bytes.

    Raises
    ------
    MissingAssets
        When the browser assets were not built.
    ExternalReference
        When the page would load anything from outside.
    """
    page_assets, w = assets or Assets(), words(view.language)
    title = w["dsp_title"]
    html = template("dispatch.html.j2").render(
        view=view,
        w=w,
        title=title,
        html_language=html_language(view.language),
        map=desk_map(
            view, assets=page_assets, start="startDispatch", title=title, words=w, panes=_PANES
        ).parts(),
        data=json_inside_html(_data(view, w)),
        head=page_head(page_assets, STYLES, is_standalone=False),
        views=[(name, w[f"dsp_view_{name}"]) for name in ("all", *view.views)],
        edition=w["edition"].format(number=view.edition, date=view.effective_from.isoformat()),
        modules=page_modules(page_assets, ("geometry", "layers", "dispatch")),
    )
    return render_checked(html)


def _data(view: DispatchView, w: Words) -> dict[str, Any]:
    return {
        **desk_data(view, w),
        "links": asdict(view.links),
        "titles": view.titles,
        "role": view.role,
        "categories": [(each.value, each.title) for each in view.categories],
    }
