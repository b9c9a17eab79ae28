"""The map that desks draw on: areas of one layer, filled alike, with what is above and beneath."""

from collections.abc import Mapping
from typing import Any

from geo_service.maps.assets import Assets
from geo_service.maps.base_map import DeskScript, add_areas, base_map, bounds_of
from geo_service.maps.drawings import draw, line_style
from geo_service.maps.offline import OfflineMap
from geo_service.maps.view import DeskView
from geo_service.maps.wording import Words

_PLAIN = "#f7f4ec"


def desk_map(
    view: DeskView,
    *,
    assets: Assets,
    start: str,
    title: str,
    words: Words,
    panes: Mapping[str, int],
) -> OfflineMap:
    """Return the map, handed to the page's function ``start`` when it is finished."""
    page_map = base_map(
        assets=assets, title=title, words=words, panes=panes, shown=view.areas.geometries
    )
    areas = add_areas(page_map, references=view.references, ancestors=view.ancestors, words=words)
    DeskScript(start, areas=areas).add_to(page_map)
    return page_map


def desk_data(view: DeskView, words: Words) -> dict[str, Any]:
    """Return what the page's data block holds of the drawing, and the words for its scripts."""
    drawing = draw(view.layer, view.areas, ancestors=view.ancestors, references=view.references)
    return {
        "origin": drawing.start,
        "bounds": bounds_of(view.areas.geometries),
        "colors": [_PLAIN],
        "area_style": line_style(view.layer, depth=0),
        "areas": {**drawing.area_columns, "classes": [0] * len(view.areas)},
        "ancestors": drawing.ancestors,
        "references": drawing.references,
        "layer": view.layer.name,
        "edition": view.edition,
        "language": view.language,
        "words": {key: text for key, text in words.items() if key.startswith("js_")},
    }
