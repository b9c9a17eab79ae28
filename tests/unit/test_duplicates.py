"""What a profile says of duplicates, and the words for how one issue lies to another."""

import pytest

from geo_service.errors import InvalidProfile
from geo_service.governance.handling.duplicates import CATEGORY, MAJOR, DuplicateRules, Likeness
from geo_service.governance.profile import parse_profile, shipped_profile, shipped_profiles

LAYERS = '[[layers]]\nname = "street"\n'
FLOW = """
[handling]
start = "new"

[[tiers]]
name = "desk"

[[roles]]
name = "clerk"

[[states]]
name = "new"

[[states]]
name = "done"
phase = "closed"

[[steps]]
name = "end"
from = ["new"]
to = "done"
"""
HOUR, DAY = 3600, 86_400


def profile_with(written):
    return parse_profile(f"{LAYERS}{FLOW}\n[dispatch]\n{written}\n", file="small.toml")


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_says_what_may_be_a_duplicate(name):
    rules = shipped_profile(name).dispatch.duplicates
    assert rules is not None
    assert 0 < rules.distance_m <= 100
    assert 1 <= rules.days <= 31
    assert rules.same == CATEGORY


def test_a_profile_says_how_near_how_long_apart_and_what_is_the_same():
    rules = profile_with("duplicate_distance_m = 12.5\nduplicate_days = 3").dispatch.duplicates
    assert rules == DuplicateRules(12.5, 3, CATEGORY)
    assert rules.apart_s == 3 * DAY
    assert rules.text("zh", CATEGORY) == "同类、12.5 米以内、上报相隔不超过 3 天"
    assert rules.text("en", CATEGORY) == "the same category, within 12.5 m and 3 days"
    both = 'duplicate_distance_m = 50\nduplicate_days = 1\nduplicate_same = "major"'
    rules = profile_with(both).dispatch.duplicates
    assert rules == DuplicateRules(50.0, 1, MAJOR)
    assert rules.text("zh", MAJOR) == "同大类、50 米以内、上报相隔不超过 1 天"
    assert rules.text("en", MAJOR) == "the same major category, within 50 m and 1 day"
    assert rules.text("zh", None) == "不限类别、50 米以内、上报相隔不超过 1 天"
    assert rules.text("en", None) == "any category, within 50 m and 1 day"


def test_a_profile_that_says_nothing_of_them_proposes_none():
    assert profile_with("").dispatch.duplicates is None


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        ("duplicate_distance_m = 0\nduplicate_days = 7", 0, "应为大于 0、不超过 1000 的米数"),
        ("duplicate_distance_m = 1001\nduplicate_days = 7", 0, "应为大于 0、不超过 1000 的米数"),
        ("duplicate_distance_m = true\nduplicate_days = 7", 0, "应为大于 0、不超过 1000 的米数"),
        ("duplicate_distance_m = 50\nduplicate_days = 0", 1, "应为1 到 366 之间的整数"),
        ("duplicate_distance_m = 50\nduplicate_days = 1.5", 1, "应为1 到 366 之间的整数"),
        (
            'duplicate_distance_m = 50\nduplicate_days = 7\nduplicate_same = "minor"',
            2,
            "应为category、major 之一",
        ),
        ("duplicate_distance_m = 50", 0, "缺少 duplicate_days"),
        ("duplicate_days = 7", 0, "缺少 duplicate_distance_m"),
        ('duplicate_same = "category"', 0, "缺少 duplicate_distance_m"),
        ("duplicate_meters = 50", 0, "不认识的键"),
    ],
)
def test_what_a_profile_says_wrongly_of_duplicates_is_refused_with_its_line(written, line, said):
    with pytest.raises(InvalidProfile) as refused:
        profile_with(written)
    assert said in refused.value.text("zh")
    assert refused.value.line == f"{LAYERS}{FLOW}\n[dispatch]\n".count("\n") + line + 1


@pytest.mark.parametrize(
    ("distance_m", "later_s", "same", "zh", "en"),
    [
        (
            12.4,
            -3 * HOUR - 5,
            CATEGORY,
            "同类，相距 12 米，早 3 小时",
            "same category, 12 m away, 3 hours earlier",
        ),
        (
            0.0,
            59,
            MAJOR,
            "同大类，同一地点，同时",
            "same major category, at the same place, at the same time",
        ),
        (0.4, 60, None, "相距不到 1 米，晚 1 分钟", "less than 1 m away, 1 minute later"),
        (49.6, 2 * DAY - 1, None, "相距 50 米，晚 47 小时", "50 m away, 47 hours later"),
        (1.0, -2 * DAY, None, "相距 1 米，早 2 天", "1 m away, 2 days earlier"),
    ],
)
def test_how_one_lies_to_another_is_told_in_words(distance_m, later_s, same, zh, en):
    likeness = Likeness(distance_m, later_s, same)
    assert (likeness.text("zh"), likeness.text("en")) == (zh, en)


def test_the_nearest_is_the_most_likely_and_of_equally_near_ones_the_one_close_in_time():
    near, soon, late = (
        Likeness(*each, CATEGORY) for each in ((1.0, 9 * DAY), (2.0, -HOUR), (2.0, 2 * HOUR))
    )
    assert sorted([late, soon, near], key=lambda each: each.order) == [near, soon, late]
