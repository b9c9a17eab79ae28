"""Words of hotline lists: what is understood, and what is refused with all that would be."""

import pytest

from geo_service.governance.cell import RefusedCell
from geo_service.governance.handling.listed import answer_of, condition_of
from geo_service.governance.headings import issue_columns
from geo_service.governance.profile import shipped_profile, shipped_profiles

CONDITIONS = shipped_profile("beijing-12345").workflow.conditions


@pytest.mark.parametrize(
    ("name", "cell", "meant"),
    [
        ("responded", "是", "yes"),
        ("responded", "未联系", "no"),
        ("resolved", "已解决", "yes"),
        ("resolved", "未解决", "no"),
        ("resolved", True, "yes"),
        ("resolved", 0.0, "no"),
        ("satisfaction", " 基本满意 ", "mostly_satisfied"),
        ("satisfaction", "非常不满意", "dissatisfied"),
        ("satisfaction", "未接通", "not_reached"),
        ("satisfaction", "拒评", "refused"),
        ("satisfaction", "待回访", None),
        ("satisfaction", "——", None),
        ("resolved", "", None),
    ],
)
def test_words_of_lists_are_understood_as_offices_write_them(name, cell, meant):
    assert answer_of(name, cell) == meant


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("紧急", "urgent"),
        ("特急", "urgent"),
        ("是", "urgent"),
        (1, "urgent"),
        ("否", "normal"),
        ("", None),
        (None, None),
    ],
)
def test_how_pressing_an_issue_is_has_the_names_of_the_profile(cell, meant):
    assert condition_of(cell, CONDITIONS) == meant


def test_an_unknown_word_is_refused_with_the_column_the_word_and_what_is_known():
    with pytest.raises(RefusedCell) as caught:
        answer_of("satisfaction", "五星好评")
    assert caught.value.zh == (
        "“满意度”一列写的是“五星好评”，认不出；可写：满意、基本满意、不满意、未接通、拒评"
    )
    assert "'五星好评'" in caught.value.en
    with pytest.raises(RefusedCell) as pressing:
        condition_of("四级", CONDITIONS)
    assert "“紧急程度”一列写的是“四级”" in pressing.value.zh
    assert pressing.value.zh.endswith("可写：紧急、一般、是、否")


def test_what_stands_where_a_word_should_is_not_repeated_with_its_numbers():
    with pytest.raises(RefusedCell) as caught:
        answer_of("resolved", "致电13900000000告知")
    assert "13900000000" not in caught.value.zh + caught.value.en
    with pytest.raises(RefusedCell) as nobody:
        condition_of("紧急", {})
    assert "[[conditions]]" in nobody.value.zh


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("是否响应", "responded"),
        ("是否联系", "responded"),
        ("是否解决", "resolved"),
        ("解决情况", "resolved"),
        ("满意度", "satisfaction"),
        ("办理结果满意度", "satisfaction"),
        ("诉求人满意度", "satisfaction"),
        ("紧急程度", "condition"),
        ("紧急", "condition"),
    ],
)
def test_columns_of_follow_ups_are_recognized_and_no_personal_ones(heading, field):
    columns = issue_columns(["工单号", heading, "诉求人姓名"])
    assert columns.heading_by_field[field] == heading
    assert columns.dropped == ("诉求人姓名",)


def test_every_shipped_profile_that_handles_issues_knows_how_pressing_they_are():
    for name in shipped_profiles():
        conditions = shipped_profile(name).workflow.conditions
        assert condition_of("紧急", conditions) == "urgent", name
