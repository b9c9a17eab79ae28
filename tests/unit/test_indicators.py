"""Indicators, cadence and figures of a profile: what cannot be counted is refused with its line."""

from fractions import Fraction

import pytest

from geo_service.governance.indicators.indicator import MEASURES, Indicator
from geo_service.governance.indicators.reached import Reached
from geo_service.governance.profile import parse_profile, shipped_profile
from tests.profiles import changed, refusal_of

PROFILE = """
[[layers]]
name = "street"

[[indicators]]
name = "formation"
title_zh = "组建率"
numerator = "covered_areas"
denominator = "areas"
target = 95
target_by_year = { "2020" = 30, "2021" = 70 }
reported_zh = "文献所载"
reported_en = "as printed"

[[indicators]]
name = "time"
numerator = "handling_hours"
unit = "hours"
better = "lower"

[[cadence]]
name = "month"
title_zh = "月点评"
period = "month"

[[figures]]
name = "households"
usual = { street = [1000, 3000] }

[[figures]]
name = "property_level"
kind = "text"
levels = [{ name = "none", title_zh = "无物业" }, { name = "red", title_zh = "红色物业" }]
"""


def test_a_target_is_that_of_its_year_or_else_the_lasting_one():
    formation, time = parse_profile(PROFILE, file="own.toml").indicators
    assert [formation.target_of(year) for year in (2019, 2020, 2021)] == [95, 30, 70]
    assert (time.target_of(2020), time.better, time.unit) == (None, "lower", "hours")
    assert formation.definition("zh") == "有党组织覆盖的区域数 ÷ 区域数"
    assert time.definition("en") == MEASURES["handling_hours"].title_en
    (month,) = parse_profile(PROFILE, file="own.toml").cadence
    assert (month.title_zh, month.period) == ("月点评", "month")


def test_a_profile_without_any_has_the_three_rates():
    names = [each.name for each in shipped_profile("generic").indicators]
    assert names[:3] == ["response_rate", "resolution_rate", "satisfaction_rate"]
    generic = shipped_profile("generic")
    assert len({each.denominator for each in generic.indicators[:3]}) == 3
    assert generic.category_set.version == "1"
    own = parse_profile(PROFILE + '[[categories]]\nname = "甲"\n', file="own.toml")
    assert (own.category_set.origin, own.departments) == ("", ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"covered_areas"', '"covered"', "numerator 应为reported、accepted"),
        ('numerator = "handling_hours"\n', "", "numerator 缺少这一项"),
        ('denominator = "areas"\n', "", "denominator 要写明除以什么"),
        ("target = 95", "target = 101", "target 目标不能超过 100%"),
        ('"2021" = 70', '"2021" = 170', "target_by_year 目标不能超过 100%"),
        ('"2021" = 70', '"21" = 70', "target_by_year 应为年份到目标的表"),
        ("target = 95", "target = true", "target 应为大于 0"),
        ('reported_en = "as printed"\n', "", "reported_zh 与 reported_en 要一起写"),
        ('reported_zh = "文献所载"\n', "", "reported_en reported_zh 与"),
        ('period = "month"\n', "", "cadence[1].period 缺少这一项"),
        ('period = "month"', 'period = "decade"', "cadence[1].period 应为"),
        (
            'period = "month"\n',
            'period = "month"\nstarts_on = 26\n',
            "cadence[1].starts_on 不认识的键",
        ),
        ("usual = { street", "usual = { city", "没有“city”；已有：street"),
        ("[1000, 3000]", "[3000, 1000]", "应为图层到 [最少, 最多] 的表"),
        ("[1000, 3000]", "[3000]", "应为图层到 [最少, 最多] 的表"),
        ('kind = "text"', 'kind = "count"', '只用于 kind = "text" 的指标'),
        ('"households"\nusual', '"households"\nkind = "text"\nusual', '只用于 kind = "count"'),
        ('{ name = "red", title_zh = "红色物业" }', '{ title_zh = "红" }', "缺少这一项"),
        ('title_zh = "红色物业"', 'title_zh = "无物业"', "出现了两次"),
        (
            '[[figures]]\nname = "h',
            '[category_set]\norigin = "x"\n[[figures]]\nname = "h',
            "version",
        ),
        ('name = "time"', 'name = "组建率"', "出现了两次"),
    ],
)
def test_what_cannot_be_counted_is_refused(old, new, said):
    error = refusal_of(changed(PROFILE, old, new))
    assert said in f"{error.key} {error.text('zh').split(error.key)[-1].lstrip('：: ')}", error
    assert error.line > 1


def reached(share, target, **told):
    indicator = Indicator(
        "each", "某率", "each", numerator="closed", denominator="accepted", **told
    )
    return Reached(indicator, share, target)


@pytest.mark.parametrize(
    ("share", "target", "told", "is_met", "text"),
    [
        # printed: 600 of 667 are 89.96 % and miss a target of 90 %
        (Fraction(600, 667), 90.0, {}, False, "89.96"),
        # what rounds to the target and lies below it misses it
        (Fraction(89_996, 100_000), 90.0, {}, False, "90.00"),
        (Fraction(9, 10), 90.0, {}, True, "90.00"),
        (Fraction(748, 1000), 74.8, {}, True, "74.80"),
        (Fraction(15, 2), 7.5, {"unit": "hours", "better": "lower"}, True, "7.50"),
        (Fraction(151, 20), 7.5, {"unit": "hours", "better": "lower"}, False, "7.55"),
        (Fraction(3, 1000), 2.0, {"unit": "per_1000"}, True, "3.00"),
        (None, 90.0, {}, None, None),
        (Fraction(1, 2), None, {}, None, "50.00"),
    ],
)
def test_a_target_is_met_by_the_unrounded_value(share, target, told, is_met, text):
    found = reached(share, target, **told)
    assert (found.is_met, found.value_text) == (is_met, text)


def test_a_target_is_told_with_its_direction_and_unit():
    assert reached(None, 90.0).target_text("zh") == "≥ 90%"
    slow = reached(Fraction(50), 48.0, unit="hours", better="lower")
    assert (slow.target_text("zh"), slow.target_text("en")) == ("≤ 48 小时", "≤ 48 h")
    assert (slow.verdict("zh"), slow.verdict("en")) == ("未达到", "missed")
    count = reached(Fraction(3), None, unit="count")
    assert (count.target_text("zh"), count.verdict("en"), count.unit_text("zh")) == ("—", "—", "")
