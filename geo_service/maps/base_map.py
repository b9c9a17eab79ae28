"""What the maps of all pages have: panes, what lies under the areas, the areas and their borders.

Each folium element of our own calls one function of static/app with the page's data block.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from branca.element import MacroElement
from folium import LayerControl
from folium.map import CustomPane, Layer
from folium.template import Template

from geo_service.layers.area import Geometries
from geo_service.maps.drawings import in_drawing_order
from geo_service.maps.offline import OfflineMap, inert
from geo_service.maps.view import Ancestors, Reference
from geo_service.maps.wording import Words

_PANES = {"reference": 300, "areas": 400, "borders": 430, "selection": 450}
_MAX_ZOOM = 22


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


class DeskScript(MacroElement):
    """Hands the finished map and its areas to the page's own script; added last.

    ``start`` is the function of the script, as ``startDispatch``.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this.start }}({data, map: {{ this._parent.get_name() }}, "
        "areas: {{ this.areas.get_name() }}});"
        "{% endmacro %}"
    )

    def __init__(self, start: str, *, areas: AreaLayer) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca types this one not
        self._name = "DeskScript"
        self.start, self.areas = start, areas


def base_map(
    *,
    title: str,
    words: Words,
    panes: Mapping[str, int],
    shown: Geometries,
    padding: int = 10,
    **offline: Any,
) -> OfflineMap:
    """Return a map of what is ``shown``, without layers; ``panes`` are the page's own by heights.

    It has its place before anything is on it: the browser would place thousands of areas twice.
    Areas answer the pointer, and of the page's own panes all but the labels. ``offline`` goes on
    to OfflineMap.
    """
    page_map = OfflineMap(
        label=words["map_label"].format(title=title),
        zoom_titles=(words["zoom_in"], words["zoom_out"]),
        zoom_snap=0.1,
        zoom_delta=0.5,
        **offline,
    )
    page_map.options["max_zoom"] = _MAX_ZOOM  # folium keeps its own for tiles; clusters ask the map
    answering = {"areas", *panes} - {"labels"}
    for name, height in {**_PANES, **panes}.items():
        CustomPane(name, z_index=height, pointer_events=name in answering).add_to(page_map)
    page_map.fit_bounds(bounds_of(shown), padding=(padding, padding))
    return page_map


def add_areas(
    page_map: OfflineMap,
    *,
    references: Sequence[Reference],
    ancestors: Sequence[Ancestors],
    overlays: Sequence[Layer] = (),
    words: Words,
    is_switchable: bool = True,
) -> AreaLayer:
    """Put reference layers, areas, the page's own ``overlays`` and the borders above on a map.

    ``is_switchable`` adds the control by which reference layers are taken away.
    """
    for position, reference in enumerate(in_drawing_order(references)):
        title = words.get(f"reference_{reference.kind}", reference.title)
        ReferenceLayer(position, title=title).add_to(page_map)
    areas = AreaLayer()
    areas.add_to(page_map)
    for overlay in overlays:
        overlay.add_to(page_map)
    for position in range(len(ancestors)):
        BorderLayer(position).add_to(page_map)
    if references and is_switchable:
        LayerControl(position="topright").add_to(page_map)
    return areas


def bounds_of(geometries: Geometries) -> list[list[float]]:
    """Return the corners that hold all geometries as Leaflet takes them: latitudes first."""
    if not len(geometries):
        return [[-1.0, -1.0], [1.0, 1.0]]
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    return [[south, west], [north, east]]
