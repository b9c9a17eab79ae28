"""The hotspot page: what it says of its figures, on the screen, on paper and standalone."""

import gzip
import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from geo_service.analysis.hotspots import LocatedIssues, MeasuredAreas, hotspot_table
from geo_service.errors import MissingAssets
from geo_service.layers.area import area_set
from geo_service.layers.layer import Layer
from geo_service.maps.assets import Assets
from geo_service.maps.drawings import short_name
from geo_service.maps.hotspots.page import drawing_of, render_hotspots
from geo_service.maps.view import Ancestors, DayNumber, Days, Option
from tests.hotspot_views import COMMUNITY, MICRO_GRID, small_view, street_view
from tests.parsed_pages import PageText

ROOT = Path(__file__).resolve().parents[2]
PAGE_LIMIT_BYTES = 600_000


def _page(view, *, standalone=False):
    return PageText(render_hotspots(view, standalone=standalone))


@cache
def _street_page(standalone=False):
    return _page(street_view(), standalone=standalone)


def _segments(paths, origin):
    """The straight pieces of lines, in steps, without direction."""
    pieces = set()
    for path in paths:
        steps = np.array(path).reshape(-1, 2).cumsum(axis=0) + origin
        pieces |= {frozenset([tuple(a), tuple(b)]) for a, b in pairwise(steps.tolist())}
    return pieces


def _compressed(*contents):
    return sum(len(gzip.compress(content)) for content in contents)


def test_the_same_view_gives_the_same_bytes():
    first = render_hotspots(street_view(), standalone=False)
    assert render_hotspots(street_view(), standalone=False) == first


@pytest.mark.parametrize("standalone", [False, True])
def test_a_kept_drawing_serves_other_words_and_numbers(standalone):
    drawing = drawing_of(street_view())
    other = street_view(language="en", measure="per_km2", classification="equal", class_count=3)
    drawn_anew = render_hotspots(other, standalone=standalone)
    assert render_hotspots(other, standalone=standalone, drawing=drawing) == drawn_anew


def test_the_page_with_all_its_assets_is_light():
    page = render_hotspots(street_view(), standalone=False)
    scripts = [ROOT / "static/vendor/leaflet/1.9.4/leaflet.js"]
    styles = [ROOT / "static/vendor/leaflet/1.9.4/leaflet.css"]
    own = (ROOT / "static/app").iterdir()
    assets = [path.read_bytes() for path in (*scripts, *styles, *own)]
    assert _compressed(page.encode(), *assets) < PAGE_LIMIT_BYTES


def test_the_standalone_page_is_light_too():
    page = render_hotspots(street_view(), standalone=True)
    assert _compressed(page.encode()) < PAGE_LIMIT_BYTES


def test_the_legend_says_what_its_figures_rest_on():
    text = _street_page().text
    for fact in (
        "n = 969 件 · 155 个微网格",
        "另有 7 件未落格",
        "2026-11-13 至 2026-11-19",
        "第 3 版网格，2026-07-01 起生效",
        "按本版网格重新归属",
        "分位数 5 级",
        "数据截至 2026-11-19 23:42",
    ):
        assert fact in text


def test_the_areas_of_all_classes_add_up():
    sizes = re.findall(r"(\d+)个", _street_page().text)
    assert sum(map(int, sizes[: len(_street_page().data["colors"])])) == 155


def test_areas_without_residents_are_hatched_and_counted_apart():
    page = _page(street_view(measure="per_1000_residents"))
    assert page.data["areas"]["classes"][:4].count(-1) == 3
    assert "无数据 3个" in page.text
    assert page.all("rect", fill="url(#null-hatch)")


def test_without_nulls_the_legend_has_no_class_for_them():
    assert "无数据" not in _street_page().text
    assert -1 not in _street_page().data["areas"]["classes"]


def test_the_day_numbers_stand_with_their_change():
    text = _street_page().text
    for fact in ("受理", "142", "较前日多 12", "129", "较前日少 5", "1,387", "与前日持平"):
        assert fact in text


def test_a_day_without_a_day_before_says_so():
    view = small_view()
    numbers = replace(view.day_numbers, reported=DayNumber(3))
    assert "无前日数据" in _page(replace(view, day_numbers=numbers)).text


def test_the_ten_worst_stand_in_order_with_a_word_for_their_change():
    view = street_view()
    html = render_hotspots(view, standalone=False)
    worst = html[html.index('<section class="worst"') : html.index('<section class="all"')]
    values = [int(value) for value in re.findall(r'<span class="value">(\d+)</span>', worst)]
    assert values == sorted((row.count for row in view.table.rows), reverse=True)[:10]
    changes = re.findall(r'aria-hidden="true">(.)</b> (\S+)', worst)
    assert {("▲", "明显上升"), ("◇", "可能是波动")} == set(changes)


def test_an_area_without_issues_is_not_among_the_worst():
    view = small_view(["甲", "乙"], measure="per_1000_residents")
    html = render_hotspots(view, standalone=False)
    assert html.count('<li data-index="') == 1  # the other one has no residents


def test_the_table_lists_every_area_and_the_sums():
    rows = [attrs for attrs in _street_page().all("tr") if "data-index" in attrs]
    assert sorted(int(row["data-index"]) for row in rows) == list(range(155))
    assert "全部问题 976" in _street_page().text
    assert "未落格 7" in _street_page().text


def test_a_null_is_a_dash_and_never_a_zero():
    view = small_view(["甲", "乙"])
    html = render_hotspots(view, standalone=False)
    assert '<td class="number" data-value="">–</td>' in html


def test_every_figure_opens_its_definition():
    labels = {attrs["aria-label"] for attrs in _street_page().all("summary") if attrs.get("title")}
    for figure in ("受理", "办结", "在办", "未落格", "本期", "前期", "变化", "每km²", "每千人"):
        assert f"口径：{figure}" in labels


def test_an_own_definition_takes_the_place_of_ours():
    assert "按街道考核口径" in _page(small_view(definitions={"count": "按街道考核口径"})).text


def test_the_form_keeps_every_condition():
    view = small_view(
        categories=[Option("养老", "养老", is_selected=True)],
        sources=[Option("patrol", "巡查发现", is_selected=True)],
        measure="per_km2",
        basis="kept",
        classification="natural",
        class_count=4,
    )
    page = _page(view)
    selected = [attrs["value"] for attrs in page.all("option") if "selected" in attrs]
    assert selected == ["micro_grid", "养老", "patrol", "per_km2", "kept", "natural", "4"]
    dates = [attrs["value"] for attrs in page.all("input", type="date")]
    assert dates == ["2026-11-13", "2026-11-19"]


def test_a_preset_changes_the_period_alone():
    view = small_view(measure="per_km2", categories=[Option("养老", "养老", is_selected=True)])
    page = _page(view)
    hrefs = [a["href"] for a in page.all("a") if a.get("href", "").startswith("/desk/hotspots?")]
    queries = [parse_qs(urlsplit(href).query) for href in hrefs]
    periods = {(query["from"][0], query["to"][0]) for query in queries if query["lang"] == ["zh"]}
    assert periods == {
        ("2026-11-13", "2026-11-19"),
        ("2026-10-21", "2026-11-19"),
        ("2026-11-01", "2026-11-19"),
        ("2026-10-01", "2026-10-31"),
    }
    assert {query["measure"][0] for query in queries} == {"per_km2"}
    assert {query["category"][0] for query in queries} == {"养老"}


def test_the_preset_in_use_is_marked():
    marked = [attrs["href"] for attrs in _street_page().all("a") if "aria-current" in attrs]
    assert len(marked) == 1
    assert "from=2026-11-13&to=2026-11-19" in marked[0]


def test_without_any_issue_there_is_no_time_until_which_data_reach():
    assert "数据截至 无" in _page(small_view(data_until=None)).text


def test_a_period_of_one_day_is_written_as_one():
    day = date(2026, 11, 19)
    view = small_view(period=Days(day, day), before=Days(day - timedelta(1), day - timedelta(1)))
    assert "2026-11-19，对比前期 2026-11-18" in _page(view).text


def test_the_standalone_page_leaves_out_what_needs_the_service():
    page = _street_page(standalone=True)
    assert not page.all("form")
    assert not page.all("a", href="/")
    assert page.data["issues_url"] == ""
    assert not [attrs for attrs in page.all("button") if attrs.get("class") == "issues-of"]
    assert "独立文件" in page.text


def test_the_standalone_page_still_says_its_conditions():
    text = _street_page(standalone=True).text
    for fact in ("图层 微网格", "类别 全部类别", "指标 问题数", "归属口径 按本版网格重新归属"):
        assert fact in text


def test_notices_stand_on_the_page_and_on_its_print():
    notice = "本系统为非涉密系统，严禁存储、处理、传输国家秘密"
    assert _street_page().text.count(notice) == 2
    assert _street_page(standalone=True).text.count(notice) == 2


def test_fictional_data_say_so():
    assert _street_page().text.count("虚构数据") == 3
    assert "虚构数据" not in _page(small_view(is_fictional=False)).text


def test_a_print_names_its_frame_its_maker_and_its_review():
    assert "坐标系：CGCS2000（EPSG:4490）" in _street_page().text
    assert "制图单位：示例街道网格化中心" in _street_page().text
    assert "内部用图·界线不作为划界依据" in _street_page().text
    reviewed = _page(small_view(review_number="示例（2026）0001 号", map_unit="")).text
    assert "审图号：示例（2026）0001 号" in reviewed
    assert "内部用图" not in reviewed
    assert "制图单位" not in reviewed


def test_the_english_page_has_no_chinese_of_ours():
    grid = Layer("grid", "网格", "grid")
    view = small_view(
        ["A", "B"],
        language="en",
        place="Example street",
        layer=grid,
        layers=[Option("grid", "grid", is_selected=True)],
        categories=[],
        sources=[],
        ancestors=[],
        notices=["No access control yet"],
        map_unit="Example",
        references=street_view().references,
        bins=street_view().bins,
    )
    page = _page(view)
    chinese = re.findall(r"[\u4e00-\u9fff]+", page.text + page.scripts[-1])
    assert chinese == ["中文"]
    assert page.all("html", lang="en")


def test_lines_of_higher_levels_leave_out_those_above_them():
    data = _street_page().data
    drawn = [_segments(level["paths"], data["origin"]) for level in data["ancestors"]]
    assert len(drawn) == 3
    assert all(drawn)
    assert not drawn[0] & (drawn[1] | drawn[2])
    assert not drawn[1] & drawn[2]


def test_reference_layers_are_drawn_from_water_up_to_main_roads():
    kinds = [layer["kind"] for layer in _street_page().data["references"]]
    assert kinds == ["water", "building", "road_side", "road_main"]


def test_heat_squares_say_their_size_and_what_they_keep_back():
    assert re.search(
        r"每格 100 米见方；不足 3 件的格不显示（另有 \d+ 件在其中）", _street_page().text
    )


def test_heat_squares_show_no_count_under_three():
    assert min(_street_page().data["bins"]["counts"]) == 3


def test_without_heat_squares_there_is_no_switch():
    page = _page(small_view(bins=None))
    assert page.data["bins"] is None
    assert not page.all("input", name="shown")


def test_a_layer_without_areas_still_makes_a_page():
    view = small_view()
    empty = area_set("grid", codes=[], geometries=[])
    none = view.areas.geometries[:0].astype(float)
    owners = none.astype("int32")
    table = hotspot_table(
        MeasuredAreas([], [], none, none),
        LocatedIssues(owners, owners.astype(bool), owners),
        view.table.stamp,
    )
    page = _page(replace(view, areas=empty, table=table, ancestors=[]))
    assert "本时段没有问题" in page.text


def test_a_root_layer_has_no_parents():
    page = _page(small_view(ancestors=[]))
    assert page.data["ancestors"] == []
    assert page.data["areas"]["parents"] == ["", ""]


def test_an_area_outside_every_ancestor_is_drawn_without_one():
    view = small_view()
    orphans = replace(view, areas=view.areas.with_parents([None, "99901"]))
    assert _page(orphans).data["areas"]["parents"] == ["", "示例居民区"]


def test_several_levels_are_joined_from_the_displayed_areas():
    view = small_view()
    street = area_set("street", codes=["999"], geometries=view.ancestors[0].areas.geometries)
    community = replace(view.ancestors[0], areas=view.ancestors[0].areas.with_parents(["999"]))
    levels = [community, Ancestors(Layer("street", "街道", "street"), street)]
    data = _page(replace(view, ancestors=levels)).data
    assert [bool(level["paths"]) for level in data["ancestors"]] == [False, True]


@pytest.mark.parametrize(
    ("name", "parent", "short"),
    [
        ("枫林居民区第三微网格", "枫林居民区", "第三"),
        ("枫林第3微网格", "枫林居民区", "第3"),
        ("第三微网格", "枫林居民区", "第三"),
        ("枫林居民区", "枫林居民区", "枫林居民区"),
        ("微网格", "", "微网格"),
    ],
)
def test_a_label_says_only_what_tells_siblings_apart(name, parent, short):
    label = short_name(name, parent=parent, layer=MICRO_GRID, parent_layer=COMMUNITY)
    assert label == short


def test_labels_of_the_level_above_leave_out_what_stands_above_them():
    data = _street_page().data
    assert data["ancestors"][1]["names"] == ["第一", "第二", "第三", "第四", "第五"]


def test_a_page_without_built_assets_says_what_to_run(tmp_path):
    with pytest.raises(MissingAssets, match="make assets"):
        render_hotspots(small_view(), standalone=False, assets=Assets(tmp_path))
