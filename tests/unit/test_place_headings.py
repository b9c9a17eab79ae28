"""Columns of lists of addresses: recognized as offices head them, persons never."""

import pytest

from geo_service.errors import UnknownColumn
from geo_service.governance.headings import place_columns
from geo_service.governance.personal import heading_words

LAYERS = {"community": ("community", "社区", "community"), "micro_grid": ("micro_grid", "微网格")}


def fields(headings):
    return dict(place_columns(headings, layers=LAYERS).heading_by_field)


def test_every_word_for_a_field_is_recognized_alone_and_none_is_about_a_person():
    for field, spellings in heading_words()["place"].items():
        for spelling in spellings:
            assert fields([spelling]) == {field: spelling}, (field, spelling)


def test_the_headings_of_an_office_go_to_their_fields():
    headings = [
        "路",
        "弄",
        "号",
        "楼栋",
        "小区",
        "微网格编码",
        "所属社区",
        "经度",
        "纬度",
        "坐标系",
    ]
    found = place_columns([*headings, "联系电话", "产权人"], layers=LAYERS)
    assert found.heading_by_field == {
        "road": "路",
        "lane": "弄",
        "number": "号",
        "estate": "小区",
        "building": "楼栋",
        "x": "经度",
        "y": "纬度",
        "frame": "坐标系",
        "area:community": "所属社区",
        "area:micro_grid": "微网格编码",
    }
    assert found.dropped == ("联系电话",)
    assert found.unused == ("产权人",)
    assert fields(["网格编码", "地址", "名称", "别名"]).keys() == {
        "area",
        "address",
        "title",
        "aliases",
    }


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(UnknownColumn):
        place_columns(["路"], layers=LAYERS, overrides={"lane": "弄"})
