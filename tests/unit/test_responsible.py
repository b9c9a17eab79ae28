"""Who is responsible for a category at a place, and the sentence that says so."""

import pytest

from geo_service.layers.assignment.responsible import (
    ResponsibleOwner,
    responsibility,
    responsible_reason,
)
from geo_service.layers.layer import Layer, Layers

GRID = Layer("grid", "网格", "grid")
PARK = Layer("park", "园区", "park", is_overlay=True, overrides=("环境", "设施/路灯"))
LANE = Layer("lane", "街巷", "lane", is_overlay=True, overrides=("环境/垃圾", "停车"))
ESTATE = Layer("estate", "小区", "estate", is_overlay=True)

OWNER = ResponsibleOwner(GRID, "g1", "第1网格")
OVERLAYS = [
    ResponsibleOwner(ESTATE, "e1", "小区一"),
    ResponsibleOwner(PARK, "p1", "园区一"),
    ResponsibleOwner(PARK, "p2", "园区二"),
    ResponsibleOwner(LANE, "l1", "甲巷"),
]


def told(owner):
    return owner and (owner.layer.name, owner.code, owner.because, owner.category)


@pytest.mark.parametrize(
    ("major", "minor", "key"),
    [
        ("环境", None, "环境"),
        ("环境", "垃圾", "环境"),
        ("设施", "路灯", "设施/路灯"),
        ("设施", None, None),
        ("设施", "井盖", None),
        (None, "路灯", None),
        (None, None, None),
    ],
)
def test_an_overlay_takes_a_whole_major_or_one_minor(major, minor, key):
    assert PARK.override_for(major, minor) == key


def test_the_minor_is_named_where_a_layer_made_by_hand_takes_both():
    both = Layer("park", "园区", "park", is_overlay=True, overrides=("环境", "环境/垃圾"))
    assert both.override_for("环境", "垃圾") == "环境/垃圾"


def test_the_first_overlay_in_order_is_responsible_and_all_that_compete_are_listed():
    found = responsibility(OWNER, OVERLAYS, category=("环境", "垃圾"))
    assert told(found.responsible) == ("park", "p1", "override", "环境")
    assert [told(each) for each in found.overrides] == [
        ("park", "p1", "override", "环境"),
        ("park", "p2", "override", "环境"),
        ("lane", "l1", "override", "环境/垃圾"),
    ]
    assert found.category == "环境/垃圾"


def test_the_order_of_the_overlays_decides_not_how_closely_a_category_is_named():
    found = responsibility(OWNER, OVERLAYS[::-1], category=("环境", "垃圾"))
    assert told(found.responsible) == ("lane", "l1", "override", "环境/垃圾")


def test_a_category_that_no_overlay_takes_stays_with_the_ground():
    found = responsibility(OWNER, OVERLAYS, category=("养老", None))
    assert told(found.responsible) == ("grid", "g1", "ground", None)
    assert found.overrides == ()


def test_without_a_category_the_ground_is_responsible_and_all_that_would_be_taken_is_listed():
    found = responsibility(OWNER, OVERLAYS, category=None)
    assert told(found.responsible) == ("grid", "g1", "ground", None)
    assert [(each.code, each.category) for each in found.overrides] == [
        ("p1", "环境"),
        ("p1", "设施/路灯"),
        ("p2", "环境"),
        ("p2", "设施/路灯"),
        ("l1", "环境/垃圾"),
        ("l1", "停车"),
    ]


def test_where_nobody_owns_the_ground_an_overlay_may_still_be_responsible():
    assert responsibility(None, [], category=("环境", None)).responsible is None
    found = responsibility(None, OVERLAYS, category=("停车", None))
    assert told(found.responsible) == ("lane", "l1", "override", "停车")


@pytest.mark.parametrize(
    ("ground", "overlays", "category", "zh", "en"),
    [
        (
            OWNER,
            OVERLAYS[:2],
            ("设施", "路灯"),
            "设施/路灯 由园区园区一（p1）负责，所在区域为网格第1网格（g1）",
            "设施/路灯 is for park 园区一 (p1); the ground is that of grid 第1网格 (g1)",
        ),
        (
            None,
            OVERLAYS,
            ("环境", "垃圾"),
            "环境 由园区园区一（p1）负责，此处不属于任何区域"
            "；园区园区二（p2）、街巷甲巷（l1）也代管此类，次序在后",
            "环境 is for park 园区一 (p1); the ground is nobody's"
            "; park 园区二 (p2), lane 甲巷 (l1) would take it too, but come later",
        ),
        (
            OWNER,
            OVERLAYS,
            ("养老", None),
            "养老 由所在区域网格第1网格（g1）负责，没有叠加图层代管",
            "养老 is for grid 第1网格 (g1), whose ground it is; no overlay takes it",
        ),
        (None, [], ("养老", None), "养老 在此无人负责", "养老 is for nobody here"),
        (
            OWNER,
            OVERLAYS[3:],
            None,
            "由所在区域网格第1网格（g1）负责；环境/垃圾 由街巷甲巷（l1）代管"
            "；停车 由街巷甲巷（l1）代管",
            "for grid 第1网格 (g1), whose ground it is; 环境/垃圾 is for lane 甲巷 (l1)"
            "; 停车 is for lane 甲巷 (l1)",
        ),
        (None, [], None, "此处不属于任何区域", "the ground is nobody's"),
    ],
)
def test_one_sentence_says_who_is_responsible_and_whose_the_ground_is(
    ground, overlays, category, zh, en
):
    found = responsibility(ground, overlays, category=category)
    assert (responsible_reason(found, "zh"), responsible_reason(found, "en")) == (zh, en)


def test_layers_know_which_overlays_take_categories_and_which_family_is_the_ground():
    layers = Layers((ESTATE, GRID, LANE, PARK, Layer("unit_grid", "单元网格", "unit grid")))
    assert list(layers.overriding) == [LANE, PARK]
    assert layers.ground_family == "grid"
    assert Layers((ESTATE,)).ground_family is None
