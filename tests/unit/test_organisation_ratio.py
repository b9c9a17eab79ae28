"""Ratios of dated counts, and the targets they are held against."""

from datetime import date

import pytest

from geo_service.errors import MixedDates
from geo_service.governance.organisations.ratio import DatedCount, ratio
from geo_service.governance.organisations.rules import FormationTarget

DAY, OTHER = date(2018, 11, 30), date(2019, 6, 30)


def share(numerator: int, denominator: int):
    return ratio(DatedCount(numerator, DAY), DatedCount(denominator, DAY))


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (45, 48, "93.75"),  # leaders of stations who are party members, N street, printed 93.8
        (600, 667, "89.96"),  # 89.9550…
        (202, 502, "40.24"),  # printed 40.2
        (4, 10, "40.00"),
        (7, 10, "70.00"),
        (1, 800, "0.13"),  # 0.125: half up, where floats and half to even give 0.12
        (0, 3, "0.00"),
        (3, 3, "100.00"),
    ],
)
def test_a_share_prints_with_two_decimals_of_a_per_cent(numerator, denominator, text):
    found = share(numerator, denominator)

    assert found.percent_text == text
    assert found.share == numerator / denominator


def test_without_anything_to_cover_there_is_no_share():
    nothing = share(0, 0)

    assert (nothing.share, nothing.percent_text, nothing.reaches(0)) == (None, None, None)


def test_a_share_is_compared_unrounded():
    assert share(600, 667).reaches(90) is False  # 89.955 %, and 600.3 would be needed
    assert share(89_996, 100_000).percent_text == "90.00"
    assert share(89_996, 100_000).reaches(90) is False
    assert share(9, 10).reaches(90) is True
    assert share(9, 10).reaches(90.1) is False


def test_counts_of_two_days_make_no_share_unless_it_is_asked_for():
    communities = DatedCount(323, DAY), DatedCount(326, OTHER)

    with pytest.raises(MixedDates) as caught:
        ratio(*communities)
    asked = ratio(*communities, across_days=True)

    assert caught.value.facts == {
        "numerator": 323,
        "numerator_day": "2018-11-30",
        "denominator": 326,
        "denominator_day": "2019-06-30",
    }
    assert share(323, 323).percent_text == "100.00"
    assert asked.percent_text == "99.08"  # 323 / 326 = 0.990797…
    assert (asked.numerator.day, asked.denominator.day) == (DAY, OTHER)


FORMATION = FormationTarget(
    "owners",
    "组建率",
    "formation",
    steps=((date(2020, 12, 31), 30), (date(2021, 12, 31), 70), (date(2022, 12, 31), 90)),
)


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2019, 1, 1), 30), (date(2020, 12, 31), 30), (date(2021, 1, 1), 70),
        (date(2021, 12, 31), 70), (date(2022, 1, 1), 90), (date(2022, 12, 31), 90),
        (date(2026, 1, 1), 90),
    ],
)  # fmt: skip
def test_a_target_holds_to_its_day_and_the_last_one_for_ever(day, percent):
    assert FORMATION.percent_on(day) == percent


def test_a_target_without_steps_asks_for_nothing():
    assert FormationTarget("none", "无", "none").percent_on(DAY) is None
