"""A change order: what its maps show, how long the scale bar is, which rows go to which page."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geo_service.layers.layer import Layer
from geo_service.maps.change_order.layout import layout_of, row_mm
from geo_service.maps.change_order.view import OrderRow
from geo_service.maps.outlines import Anchor
from geo_service.maps.paper import extent_of, fits, scale_bar

GRID = Layer("grid", "网格", "grid")


def row(number=1, *, codes=("A",), bounds=("东至界", "")):
    return OrderRow(
        number, GRID, "A", (codes, ["A"]), (["甲"], ["甲"]), ["拆出"], (None, None), bounds
    )


class View:
    """The part of a view that its layout rests on."""

    def __init__(self, count):
        self.rows = [row(i) for i in range(count)]
        self.sums = ()


@pytest.mark.parametrize(
    ("meters_per_mm", "length_mm", "text"),
    [
        (1.0, 20.0, "20 m"),  # 45 m have room: 20, as 50 would be longer
        (2.0, 25.0, "50 m"),  # 90 m
        (10.0, 20.0, "200 m"),  # 450 m
        (100.0, 20.0, "2 km"),  # 4,500 m
    ],
)
def test_the_scale_bar_is_the_longest_round_one(meters_per_mm, length_mm, text):
    assert scale_bar(meters_per_mm) == (length_mm, text)


def test_what_changed_lies_in_the_middle_with_its_margin():
    changed = np.array([shapely.box(1000, 2000, 2000, 2400)], dtype=object)
    extent = extent_of(changed, height_mm=100.0, width_mm=200.0)
    # 1,000 m with 150 m on both sides on 200 mm; 400 m with 150 m on 100 mm take more: 7 m each
    assert extent.meters_per_mm == 7.0
    assert (extent.west_m, extent.north_m) == (1500 - 700, 2200 + 350)


def test_a_small_change_has_thirty_meters_around_it():
    changed = np.array([shapely.box(0, 0, 40, 40)], dtype=object)
    extent = extent_of(changed, height_mm=100.0, width_mm=200.0)
    assert extent.meters_per_mm == 1.0  # 40 + 2 × 30 meters on 100 mm


def test_a_name_is_drawn_where_it_has_room():
    room = Anchor(0.0, 0.0, 10.0, 8.0)
    assert fits(room, ("第一网格", "999001"))  # four characters of 3.2 mm
    assert not fits(room, ("第一二三四五网格", "999001"))  # eight: 25.6 mm


def test_rows_are_as_high_as_what_they_tell():
    plain = row_mm(row(bounds=("", "")))
    assert row_mm(row()) == pytest.approx(2 * plain)
    listed = replace(row(bounds=("", "")), lists=(["2号楼"], []))
    assert row_mm(listed) == pytest.approx(2 * plain)
    # nine codes of twelve digits and eight commas are 68.5 em of 3 mm: six lines of 40 mm
    many = row_mm(row(codes=["9" * 12] * 9, bounds=("", "")))
    assert many - plain == pytest.approx(5 * 4.4)


def test_rows_go_on_to_further_pages_and_none_is_lost():
    foot = ["坐标系"]
    few, many = layout_of(View(2), ["", ""], foot), layout_of(View(100), ["", ""], foot)
    assert len(few.pages) == 1
    assert few.map_height_mm > many.map_height_mm
    # 278 mm less the foot: 128.6 mm beside the maps hold 13 rows of 9.4 mm, later pages 27 each
    assert [len(page) for page in many.pages] == [13, 27, 27, 27, 6]
    assert [unit.row.number for page in many.pages for unit in page] == list(range(100))
