"""The page of an area as HTML: facts as text, names harmless, and never more than a sheet holds."""

from dataclasses import replace

import pytest
import shapely

from geo_service.layers.area import area_set
from geo_service.layers.layer import Layer
from geo_service.maps.area_sheet.page import PRINTED_BODIES, render_area_sheet
from geo_service.maps.area_sheet.view import SheetLinks, shown_box
from tests.area_sheet_views import sheet_view
from tests.parsed_pages import PageText

NASTY = (
    '<script>alert("x")</script>',
    "</script><img src=x onerror=alert(1)>",
    "'\"`{{7*7}}${1}&amp;{% raw %}",
)


def _page(view):
    return PageText(render_area_sheet(view))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("text", NASTY)
def test_whatever_comes_from_outside_is_only_text(text, language):
    plain = _page(sheet_view("甲", language=language, times=3))
    nasty = _page(sheet_view(text, language=language, times=3))
    assert [tag for tag, _ in nasty.tags] == [tag for tag, _ in plain.tags]
    assert set(nasty.data["areas"]["names"]) == {text}
    assert text in nasty.text


def test_everything_the_map_shows_stands_on_the_page_as_text():
    page = _page(sheet_view())
    for fact in (
        "甲网格一页清",
        "数据截至 2026-11-21",
        "第 3 版网格，2026-07-01 起生效",
        "联合覆盖",
        "265 天（2026-03-01 受理）",
        "33.33%（1/3）",
        "—（1/0）",  # no unit, no share
        "书记空缺、届满待换届",
        "超期未登记",
        "空白点",
        "新设；土地来自 甲网格（998）25%",
        "内部用图·界线不作为划界依据",
        "虚构数据",
    ):
        assert fact in page.text, fact
    numbers = page.text[page.text.index("近30天每千人") :]
    assert numbers.startswith("近30天每千人 12.3 近30天每平方公里 — ")


def test_what_an_edition_did_is_told_with_what_was_before():
    told = _page(sheet_view("乙", times=3)).text
    assert "界线调整；更名（原名 乙）；改属上级（原属 乙）；土地来自 乙（998）25%" in told
    assert "待生效" in told
    assert "撤销" in told


def test_other_areas_are_reached_at_the_same_moment_and_in_the_same_language():
    view = replace(sheet_view(language="en"), links=SheetLinks(query="as_of=2026-01-01"))
    page = _page(view)
    addresses = {attrs["href"] for attrs in page.all("a") if "href" in attrs}
    assert "/areas/community/9990?lang=en&as_of=2026-01-01" in addresses
    assert "/areas/grid/999001?lang=en&as_of=2026-01-01" in addresses
    assert "/areas/grid/999000?lang=zh&as_of=2026-01-01" in addresses
    assert page.data["areas"]["pages"][1] == "/areas/grid/999001?lang=en&as_of=2026-01-01"


def test_paper_has_the_first_bodies_and_counts_the_others():
    rows = _page(sheet_view(times=9))
    # ten lines in the chain: nine bodies of the grid, and the community's missing one
    hidden = 10 - PRINTED_BODIES
    assert f"另有 {hidden} 项，见网页" in rows.text
    assert "is-dense" in rows.all("main")[0]["class"]
    assert "is-dense" not in _page(sheet_view()).all("main")[0]["class"]


def test_a_layer_without_a_ladder_says_so_instead_of_a_state():
    view = sheet_view()
    own, above = view.party.levels
    levels = [replace(own, state=None, bodies=[]), above]
    party = replace(view.party, levels=levels, members=None, liaison=None)
    empty = replace(view, party=party, figures={}, ground=replace(view.ground, bounds_text=""))
    page = _page(empty)
    assert "本图层不设党组织层级" in page.text
    assert "没有党组织" in page.text
    assert "线状图层没有四至" in page.text


def test_a_lane_is_drawn_as_wide_as_a_road():
    view = sheet_view()
    lane = shapely.LineString([(118.5, 31.2), (118.503, 31.2)])
    areas = area_set("lane", codes=["999000"], names=["甲巷"], geometries=[lane])
    shown = replace(view.map, areas=areas, ancestors=[])
    layer = Layer("lane", "街巷", "lane", is_overlay=True, geometry="line", reach_m=20)
    page = _page(replace(view, layer=layer, map=shown))
    assert len(page.data["areas"]["paths"][0]) == 1


def test_the_map_shows_more_than_the_area_in_the_shape_of_its_frame():
    # at the equator a degree is as long as it is wide: 0.98 x 0.76 fills the frame
    west, south, east, north = shown_box(shapely.box(0, -0.38, 0.98, 0.38)).bounds
    assert east - west == pytest.approx(1.42 * 0.98)
    assert north - south == pytest.approx(1.42 * 0.76)
    # a tower is as high as the frame, and the frame's shape makes the width; at 60 degrees of
    # latitude a degree of longitude is half as long
    west, south, east, north = shown_box(shapely.box(0, 59.5, 0.1, 60.5)).bounds
    assert north - south == pytest.approx(1.42)
    assert east - west == pytest.approx(1.42 * 98 / 76 * 2)
