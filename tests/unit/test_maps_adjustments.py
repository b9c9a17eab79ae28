"""The pack on paper: which rows and buildings have room where, and how roads are named."""

import numpy as np
import pytest
import shapely

from geo_service.layers.area import area_set
from geo_service.layers.layer import Layer
from geo_service.maps.adjustments.layout import (
    LEAST_MAP_MM,
    MOST_MAP_MM,
    NOTICE_MM,
    Column,
    PaperTable,
    notice_layout,
    row_mm,
    table_pages,
)
from geo_service.maps.adjustments.notice_map import draw_notice
from geo_service.maps.adjustments.view import NoticeMap
from geo_service.maps.view import Reference

COLUMNS = [Column("甲", 32.2), Column("乙", 62.2)]
GRID = Layer("grid", "网格", "grid")


def table(count, name="rows"):
    return PaperTable(name, name, COLUMNS, [(str(i), "字") for i in range(count)])


def test_a_row_is_as_high_as_its_longest_cell():
    # 30 mm hold ten letters of 3 mm; a line is 4.4 mm, a rule 0.3 mm
    assert row_mm(("一二三四五六七八九十", ""), COLUMNS) == pytest.approx(4.7)
    assert row_mm(("一二三四五六七八九十一", ""), COLUMNS) == pytest.approx(9.1)


def test_tables_follow_each_other_and_go_on_under_their_heading():
    pages = table_pages([table(3, "a"), table(60, "b")], ["脚"])
    # 63 rows of 4.7 mm are 296 mm, a page has 277 mm
    assert len(pages) == 2
    assert [(chunk.table.name, chunk.is_continued) for page in pages for chunk in page] == [
        ("a", False),
        ("b", False),
        ("b", True),
    ]
    assert [row for page in pages for chunk in page for row in chunk.rows][3:] == table(60).rows


def test_a_heading_never_stands_alone_at_the_end_of_a_page():
    for count in range(30, 60):
        for page in table_pages([table(count, "a"), table(2, "b")], ["脚"]):
            assert all(chunk.rows for chunk in page)


@pytest.mark.parametrize("count", [0, 1, 8, 40, 60, 61, 200, 1000])
def test_every_building_of_a_sheet_stands_on_one_page_in_order(count):
    houses = [f"虚构里{i}号楼" for i in range(count)]
    found = notice_layout("网格", [("原因", "短")] * 8, [], houses, ["脚"])
    assert [each for page in found.pages for each in page] == houses
    assert LEAST_MAP_MM <= found.map_height_mm <= MOST_MAP_MM
    # 7 letters, 3.75 mm each, and 3.5 mm between: six in a line; 5.4 mm a line
    lines = -(-count // 6)
    assert (len(found.pages) == 1) == (lines * 5.4 < NOTICE_MM - LEAST_MAP_MM - 107)


def test_a_name_wider_than_the_paper_takes_several_lines():
    long = notice_layout("网格", [], [], ["字" * 120], ["脚"])  # 450 mm on 190 mm
    short = notice_layout("网格", [], [], ["字"] * 40 * 3, ["脚"])
    assert long.pages == [["字" * 120]]
    assert len(short.pages) == 1


def notice_of(*lines):
    squares = [shapely.box(120, 30, 120.001, 30.001), shapely.box(120.001, 30, 120.002, 30.001)]
    areas = area_set("grid", codes=["A", "B"], names=["甲", "乙"], geometries=squares)
    shapes = np.array([shapely.LineString(line) for line in lines], dtype=object)
    references = [Reference("road_main", "", shapes, [f"路{i}" for i in range(len(lines))])]
    return NoticeMap(areas, 0, areas.geometries[[1]], areas.geometries[[0]], [], references)


def test_a_road_is_named_along_its_run_and_never_upside_down():
    eastward = [(119.9, 30.0005), (120.1, 30.0005)]
    northward = [(120.0005, 29.9), (120.0005, 30.1)]
    drawing = draw_notice(notice_of(eastward, eastward[::-1], northward), GRID, height_mm=100.0)
    turns = {each.name: each.turn for each in drawing.roads}
    # the plane's north turns less than half a degree from the map's at this distance
    assert turns["路0"] == pytest.approx(0.0, abs=0.5)
    assert turns["路1"] == pytest.approx(0.0, abs=0.5)
    assert abs(turns["路2"]) == pytest.approx(90.0, abs=0.5)


def test_a_road_without_room_for_its_name_has_none():
    short = [(120.0005, 30.0005), (120.00051, 30.0005)]  # a meter
    assert draw_notice(notice_of(short), GRID, height_mm=100.0).roads == []


def test_the_map_shows_the_area_with_its_margin_and_the_old_outline():
    drawing = draw_notice(notice_of(), GRID, height_mm=100.0)
    # 111 m from south to north and 30 m or more on both sides on 100 mm: 1.7 m to a millimeter
    assert drawing.scale == pytest.approx(1709, abs=5)
    assert {each.kind for each in drawing.strokes} >= {"own", "old", "beside"}
    assert [label.name for label in drawing.labels] == ["乙"]
