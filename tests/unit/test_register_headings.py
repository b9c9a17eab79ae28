"""Columns of registers: recognized as offices and our own exports head them, persons never."""

import pytest

from geo_service.governance.headings import register_columns
from geo_service.governance.organisations.register import REGISTERS
from geo_service.governance.personal import heading_words, personal_columns

LAYERS = {"community": ("community", "社区", "community"), "grid": ("grid", "网格", "grid")}
LISTS = [*REGISTERS, "activity"]


def fields(headings: list[str], register: str = "party_organisation") -> dict[str, str]:
    return dict(register_columns(headings, register, layers=LAYERS).heading_by_field)


@pytest.mark.parametrize("register", LISTS)
def test_every_word_for_a_field_is_recognized_alone_and_none_is_about_a_person(register):
    words = dict(heading_words()[register])
    if register != "activity":
        words |= heading_words()["placed"]

    for field, spellings in words.items():
        for spelling in spellings:
            assert fields([spelling], register) == {field: spelling}, (field, spelling)


@pytest.mark.parametrize("register", LISTS)
def test_every_field_of_a_register_has_words(register):
    known = {*heading_words()[register], *heading_words()["placed"]}
    details = REGISTERS[register].details if register in REGISTERS else {}

    assert set(details) <= known


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("网格编码", "area:grid"), ("所属网格", "area:grid"), ("覆盖网格编号", "area:grid"),
        ("grid_code", "area:grid"), ("社区", "area:community"), ("所在社区代码", "area:community"),
    ],
)  # fmt: skip
def test_the_layer_of_an_area_stands_in_the_heading(heading, field):
    assert fields([heading], "unit") == {field: heading}


def test_a_list_of_activities_names_no_areas():
    assert fields(["党组织", "活动时间", "所属网格"], "activity") == {
        "organisation": "党组织",
        "held_on": "活动时间",
    }


def test_an_override_goes_before_every_guess():
    found = register_columns(
        ["编码", "旧编码"], "unit", layers={}, overrides={"code": "旧编码"}
    ).heading_by_field

    assert found == {"code": "旧编码"}


def test_the_columns_about_persons_of_a_roster_are_dropped_and_told():
    roster = [
        "党组织编码", "党组织名称", "组织类别", "书记", "书记（兼）", "书记姓名", "党支部书记",
        "联系电话", "支委", "党小组组长", "党建指导员", "联络员", "党员名单", "法定代表人",
        "负责人", "党员数", "值班电话", "书记空缺", "是否有党建指导员",
    ]  # fmt: skip
    kept = {"党组织编码", "党组织名称", "组织类别", "党员数", "值班电话", "书记空缺",
            "是否有党建指导员"}  # fmt: skip

    found = register_columns(roster, "party_organisation", layers=LAYERS)

    assert set(found.dropped) == set(roster) - kept
    assert set(found.heading_by_field.values()) <= kept


@pytest.mark.parametrize(
    "heading",
    ["值班电话", "办公电话", "服务电话", "duty_phone", "Duty Phone", "24小时值班电话",
     "值班电话（24小时）", "社区值班电话", "２４小时值班电话"],
)  # fmt: skip
def test_the_phone_of_a_post_is_about_nobody(heading):
    assert personal_columns([heading]) == []


@pytest.mark.parametrize(
    "heading", ["网格长值班电话", "值班电话（书记手机）", "手机、值班电话", "联系人/办公电话"]
)
def test_the_phone_of_a_post_excuses_no_person_beside_it(heading):
    assert personal_columns([heading]) == [heading]


def test_the_duty_phone_is_known_by_its_hours():
    assert fields(["24小时值班电话"]) == {"duty_phone": "24小时值班电话"}
    assert fields(["值班电话（24小时）"], "facility") == {"duty_phone": "值班电话（24小时）"}


@pytest.mark.parametrize(
    "heading", ["责任岗位", "站长是否党员", "指导员派驻时间", "党员人数（人）"]
)
def test_a_fact_about_a_post_is_about_nobody(heading):
    assert personal_columns([heading]) == []


@pytest.mark.parametrize(
    "heading",
    ["主持人", "填报人（签字）", "站长（党员）", "指导员[联系]", "组长【兼】", "楼组长", "名字"],
)
def test_brackets_hide_nobody(heading):
    assert personal_columns([heading]) == [heading]
