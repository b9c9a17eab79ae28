"""A folium map that loads nothing from outside, and the check that no page does."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import folium
from branca.element import Element, Figure
from folium.template import Template
from markupsafe import Markup

from geo_service.errors import ExternalReference
from geo_service.maps.assets import Assets

_LOADING = {
    "action", "background", "data", "formaction", "href", "manifest", "ping", "poster", "src",
    "srcset", "xlink:href",
}  # fmt: skip
_RAW_ELEMENT = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_JSON_TYPE = re.compile(r"""type\s*=\s*["']?[\w./+-]*json\b""", re.IGNORECASE)
_TAG = re.compile(r"""<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>""", re.IGNORECASE)
_MAY_LEAD_OUT = re.compile(
    rf"""[\s"'/](?:{"|".join(sorted(_LOADING))}|style|http-equiv)\s*=""", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""(?<=[\s"'/])([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SCHEME = re.compile(r"(?!data:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_CSS_ADDRESS = re.compile(r"""url\(\s*['"]?\s*([^'")\s]*)|@import\s*['"]([^'"]*)""", re.IGNORECASE)
_SCRIPT_ADDRESS = re.compile(
    r"""(?:https?|wss?|ftp):\\?/\\?/[^\s"'`<>)\\]*|["'`]\\?/\\?/[\w{][^\s"'`<>)\\]*"""
)
PLUGIN_FILES = {"leaflet.markercluster": "leaflet.markercluster/leaflet.markercluster"}
"""Leaflet's plugins by name: the script of each."""

STYLE_FILES = {"leaflet.markercluster/leaflet.markercluster": "leaflet.markercluster/MarkerCluster"}
"""Style sheets that are not called like their scripts."""

_NAMES_NOT_LOADED = ("http://www.w3.org/", "https://leafletjs.com")
"""XML namespaces, and the home page in Leaflet's licence comment and (unused) attribution."""


@dataclass(frozen=True)
class MapParts:
    """A rendered map in the three pieces that a page puts where they belong."""

    head: Markup
    body: Markup
    script: Markup


class OfflineMap(folium.Map):
    """A folium map without a basemap that loads Leaflet from /static, or carries it inside.

    The same map gives the same bytes: folium numbers its elements at random, and these numbers
    are replaced by their order. Anything added that needs a content network is refused when the
    map is rendered.
    """

    _template = Template(
        """
        {% macro header(this, kwargs) %}
            <style>
                #{{ this.get_name() }} {
                    position: relative;
                    width: {{ this.width[0] }}{{ this.width[1] }};
                    height: {{ this.height[0] }}{{ this.height[1] }};
                }
            </style>
        {% endmacro %}
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }} role="region"
                aria-label="{{ this.label }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }},
                crs: L.CRS.{{ this.crs }},
                ...{{ this.options|tojavascript }}
            });
            L.control.zoom({{ this.zoom_options|tojson }}).addTo({{ this.get_name() }});
            L.control.scale({imperial: false}).addTo({{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        *,
        assets: Assets,
        label: str,
        is_standalone: bool = False,
        plugins: Sequence[str] = (),
        zoom_titles: tuple[str, str] = ("放大", "缩小"),
        **options: Any,
    ) -> None:
        super().__init__(
            **{
                "tiles": None,
                "location": (0.0, 0.0),
                "zoom_control": False,
                "attribution_control": False,
                **options,
            }
        )
        self.label = inert(label)
        self.zoom_options = {"zoomInTitle": zoom_titles[0], "zoomOutTitle": zoom_titles[1]}
        self._assets = assets
        self._is_standalone = is_standalone
        self._files = ("leaflet/leaflet", *(PLUGIN_FILES[name] for name in plugins))
        names = ("leaflet", *plugins)
        linked = () if is_standalone else tuple(zip(names, self._files, strict=True))
        self.default_js = [(name, assets.url(f"{file}.js")) for name, file in linked]
        self.default_css = [
            (f"{name}_css", assets.url(f"{STYLE_FILES.get(file, file)}.css"))
            for name, file in linked
        ]

    @property
    def figure(self) -> Figure:
        """The figure that this map stands in."""
        figure = self.get_root()
        assert isinstance(figure, Figure)  # noqa: S101  # folium.Map puts itself into one
        return figure

    def render(self, **kwargs: Any) -> str:
        """Put the map's pieces into its figure; called by folium."""
        if self._is_standalone:
            for file in self._files:
                style, script = _inside(self._assets, file)
                self.figure.header.add_child(_raw(style), name=f"{file}_css")
                self.figure.header.add_child(_raw(script), name=file)
        super().render(**kwargs)  # type: ignore[no-untyped-call]  # folium types its constructors only
        return ""

    def parts(self) -> MapParts:
        """Render the map and everything on it for a page of our own, which is then checked."""
        figure = self.figure
        for child in list(figure._children.values()):
            child.render()
        rendered = [piece.render() for piece in (figure.header, figure.html, figure.script)]
        head, body, script = (self._in_order(text) for text in rendered)
        return MapParts(head=Markup(head), body=Markup(body), script=Markup(script))  # noqa: S704  # written by folium and our own escaping templates

    def page(self) -> str:
        """Render the map as a page of its own, checked and repeatable."""
        html = self._in_order(self.figure.render())
        return render_checked(html, is_standalone=self._is_standalone)

    def _in_order(self, text: str) -> str:
        for number, identifier in enumerate(_identifiers(self.figure)):
            text = text.replace(identifier, str(number))
        return text


def render_checked(html: str, *, is_standalone: bool = False) -> str:
    """Return ``html`` unless it would load, or lead to, anything outside this service.

    Looks at attributes that load or lead away, at styles and at scripts (folium writes tile
    addresses into these). JSON blocks are data and are not looked at.

    Parameters
    ----------
    is_standalone
        The page must also do without the service: only data addresses and places in the page.

    Raises
    ------
    ExternalReference
        Naming the first such address and where it stands.
    """
    for where, address in _addresses(html):
        if _is_external(address) or (is_standalone and not address.startswith(("#", "data:"))):
            raise ExternalReference(where=where, address=address[:200])
    return html


def inert(text: str) -> str:
    """Return text that folium may put anywhere into HTML.

    Escaped, and without braces: branca compiles what was rendered once more as a template, so that
    a name like ``{{ 7 * 7 }}`` would be carried out.
    """
    return escape(text).replace("{", "&#123;")


def _addresses(html: str) -> Iterator[tuple[str, str]]:
    """Yield every address of a page with the place where it stands."""
    before, *pieces = _RAW_ELEMENT.split(html)
    elements = list(zip(*(pieces[place::4] for place in range(4)), strict=True))
    for tag, attributes, content, _ in elements:
        is_script = tag.lower() == "script"
        if is_script and not _JSON_TYPE.search(attributes):
            yield from (("<script>", address) for address in _script_addresses(content))
        elif not is_script:
            yield from (("<style>", address) for address in _style_addresses(content))
    outside = (f"<{tag}{attributes}>{after}" for tag, attributes, _, after in elements)
    for tag in dict.fromkeys(_TAG.findall(before + "".join(outside))):
        if _MAY_LEAD_OUT.search(tag):
            yield from _tag_addresses(tag)


def _tag_addresses(tag: str) -> Iterator[tuple[str, str]]:
    given = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
    name = re.split(r"[\s/>]", tag[1:], maxsplit=1)[0].lower()
    for attribute in sorted(given.keys() & _LOADING):
        values = given[attribute].split(",") if attribute == "srcset" else [given[attribute]]
        yield from ((f"<{name} {attribute}>", value.strip()) for value in values)
    if given.get("http-equiv", "").lower() == "refresh":
        yield "<meta refresh>", given.get("content", "").partition("=")[2]
    for address in _style_addresses(given.get("style", "")):
        yield f"<{name} style>", address


def _style_addresses(css: str) -> Iterator[str]:
    for address, imported in _CSS_ADDRESS.findall(css):
        yield address or imported or "#"


def _script_addresses(script: str) -> Iterator[str]:
    for match in _SCRIPT_ADDRESS.finditer(script):
        address = match[0].strip("\"'`").replace("\\", "")
        if not address.startswith(_NAMES_NOT_LOADED):
            yield address


def _is_external(address: str) -> bool:
    # Browsers drop control characters and white space, and read a backslash as a slash.
    plain = re.sub(r"[\x00-\x20]", "", address).replace("\\", "/")
    return plain.startswith("//") or _SCHEME.match(plain) is not None


def _identifiers(element: Element) -> Iterator[str]:
    yield element._id
    for part in (getattr(element, "header", None), getattr(element, "script", None)):
        if isinstance(part, Element):
            yield from _identifiers(part)
    for child in element._children.values():
        yield from _identifiers(child)


def _inside(assets: Assets, file: str) -> tuple[str, str]:
    return (
        f"<style>{assets.style(f'{STYLE_FILES.get(file, file)}.css')}</style>",
        f"<script>{assets.script(f'{file}.js')}</script>",
    )


def _raw(text: str) -> Element:
    # Element compiles its text as a template, where Leaflet's own {{ or {% would mean something.
    return Element("{% raw %}" + text + "{% endraw %}")
