"""Nothing on a page comes from outside, and the same map gives the same bytes."""

import folium
import pytest
from folium.plugins import HeatMap, MarkerCluster

from geo_service.errors import ExternalReference
from geo_service.maps.assets import Assets
from geo_service.maps.offline import OfflineMap, render_checked

ASSETS = Assets()


def _map(**options):
    page_map = OfflineMap(assets=ASSETS, label="示例", **options)
    folium.map.CustomPane("areas", z_index=400).add_to(page_map)
    folium.GeoJson({"type": "Point", "coordinates": [118.5, 31.2]}).add_to(page_map)
    return page_map


def test_a_plain_folium_map_is_refused():
    with pytest.raises(ExternalReference, match="jsdelivr"):
        render_checked(folium.Map(tiles=None).get_root().render())


def test_an_offline_map_loads_leaflet_from_the_service_itself():
    html = _map().page()
    assert html.count("<script src=") == 1
    assert '<script src="/static/vendor/leaflet/1.9.4/leaflet.js">' in html
    assert "jquery" not in html
    assert "bootstrap" not in html


def test_a_standalone_map_carries_leaflet_and_its_images():
    html = _map(is_standalone=True).page()
    assert "src=" not in html.partition("<script>")[0]
    assert "/static/" not in html
    assert "url(data:image/png;base64," in html


def test_the_same_map_gives_the_same_bytes():
    assert _map().page() == _map().page()


def test_a_map_from_content_networks_is_refused():
    page_map = _map()
    folium.TileLayer("OpenStreetMap").add_to(page_map)
    with pytest.raises(ExternalReference, match="openstreetmap"):
        page_map.page()


@pytest.mark.parametrize("plugin", [HeatMap([[31.2, 118.5]]), MarkerCluster()])
def test_a_plugin_that_loads_from_outside_is_refused(plugin):
    page_map = _map()
    plugin.add_to(page_map)
    with pytest.raises(ExternalReference):
        page_map.page()


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://example.org/a.png">',
        "<img src=http://example.org/a.png>",
        '<img src="//example.org/a.png">',
        '<img src="\\\\example.org\\a.png">',
        '<img src="&#104;ttps://example.org/a.png">',
        '<img src=" \thttps://example.org/a.png">',
        '<img srcset="/a.png 1x, https://example.org/b.png 2x">',
        '<a href="HTTPS://example.org">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        '<form action="https://example.org"></form>',
        '<object data="https://example.org/a.swf"></object>',
        '<meta http-equiv="refresh" content="0; url=https://example.org">',
        '<p style="background:url(https://example.org/a.png)">x</p>',
        "<style>p { background: url('//example.org/a.png') }</style>",
        '<style>@import "https://example.org/a.css";</style>',
        "<style>@import url(https://example.org/a.css);</style>",
        '<script>fetch("https://example.org")</script>',
        "<script>load('//example.org/a.js')</script>",
        "<script>load(`https:\\/\\/example.org/a.js`)</script>",
        '<script>new WebSocket("wss://example.org")</script>',
        '<script src="https://example.org/a.js"></script>',
    ],
)
def test_an_outside_address_is_found_wherever_it_stands(html):
    with pytest.raises(ExternalReference):
        render_checked(html)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/desk/hotspots?from=2026-11-01">x</a>',
        '<a href="#areas-table">x</a>',
        '<img src="data:image/png;base64,AAAA">',
        "<p>https://example.org is only text, src=https://example.org too</p>",
        '<p title="见 https://example.org">x</p>',
        '<script type="application/json">{"name": "https://example.org"}</script>',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        "<style>p { fill: url(#null-hatch) }</style>",
        "<script>const half = a / b; // not an address</script>",
    ],
)
def test_what_loads_nothing_from_outside_passes(html):
    assert render_checked(html) == html


def test_a_standalone_page_may_not_need_the_service():
    with pytest.raises(ExternalReference):
        render_checked('<link href="/static/app/page.css">', is_standalone=True)


def test_the_refusal_says_what_and_where():
    with pytest.raises(ExternalReference) as refusal:
        render_checked('<img src="https://example.org/a.png">')
    assert "<img src>" in refusal.value.text("zh")
    assert "https://example.org/a.png" in refusal.value.text("en")
