"""Folium elements of our own; each calls one function of static/app with the page's data block."""

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

from geo_service.maps.offline import inert


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
