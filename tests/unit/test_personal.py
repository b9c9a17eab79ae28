"""Numbers of persons in texts: found however they are written, and no other number."""

import pytest

from geo_service.errors import InvalidValue
from geo_service.governance.handling.facts import FACTS
from geo_service.governance.personal import holds_personal_number

# 11010519491231002X is the example of GB 11643 itself; the phones are no assigned ones
_NUMBERS = (
    "13800000000",
    "联系 138 0000 0000 的业主",
    "138-0000-0000",
    "+86 13800000000",
    "8613800000000",
    "１３８００００００００",
    "致电010-62345678",
    "(0571)62345678",
    "11010519491231002X",
    "证号11010519491231002x，已核",
)
_OTHERS = (
    "已转12345、110",
    "依据沪府办规〔2021〕12号第三条",
    "工单 20261110138000000001 已并案",
    "11010519491231002",  # a digit is missing
    "110105194912310021",  # the last one is wrong
    "2026-11-20 08:00 至 2026-11-21",
    "幸福路88弄3号1301室",
    "10000000000 平方米",
)


@pytest.mark.parametrize("text", _NUMBERS)
def test_numbers_of_persons_are_found_however_they_are_written(text):
    assert holds_personal_number(text)


@pytest.mark.parametrize("text", _OTHERS)
def test_other_numbers_are_none_of_a_person(text):
    assert not holds_personal_number(text)


@pytest.mark.parametrize("fact", ["reason", "rule", "unit", "department"])
def test_a_fact_with_such_a_number_is_refused_without_repeating_it(fact):
    with pytest.raises(InvalidValue) as caught:
        FACTS[fact](fact, "请与 13800000000 联系")
    told = caught.value.text("zh") + caught.value.text("en")
    assert "13800000000" not in told
    assert "不能删改" in told
    assert fact in told
    assert FACTS[fact](fact, "已与市民当面说明") == "已与市民当面说明"


def test_each_of_several_departments_is_looked_at():
    with pytest.raises(InvalidValue):
        FACTS["departments"]("departments", ["城管", "张某13800000000"])
