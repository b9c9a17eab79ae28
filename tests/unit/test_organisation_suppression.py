"""Small counts of persons: what is told of totals that hold some, by hand."""

import numpy as np
import pytest

from geo_service.governance.organisations.suppression import (
    SmallCounts,
    is_telling,
    told_totals,
)

MEMBERS, OTHERS = SmallCounts(0, 2), SmallCounts(1, 4)


def told(counts, at, size=1, small=MEMBERS) -> list[int | str]:
    totals = told_totals(np.array(counts, dtype=int), np.array(at, dtype=int), size, small=small)
    return [totals.told(area) for area in range(size)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], 0),
        ([4], 4),  # as the register lists it
        ([3, 50], 53),
        ([-1, 50], 50),  # nobody knows of one
        ([2], "<3"),
        ([0], "<3"),
        ([1, 1], "<5"),  # neither 2 nor that it is less than 3
        ([2, 50], "50–52"),
        ([0, 2, 3], "3–7"),
    ],
)
def test_a_total_tells_no_more_than_the_counts_that_are_listed(counts, expected):
    assert told(counts, [0] * len(counts)) == [expected]


def test_of_counts_that_may_be_told_when_nobody_is_there_none_means_none():
    assert told([0, 0], [0, 0], small=OTHERS) == [0]
    assert told([0, 4], [0, 0], small=OTHERS) == ["<5"]
    assert told([20, 1, 4], [0, 0, 0], small=OTHERS) == ["22–28"]


def test_an_entry_counts_in_its_own_area_alone_or_in_none():
    assert told([2, 9, 30, 1], [0, 1, -1, -1], size=3) == ["<3", 9, 0]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([5, 0, 60], False),  # nobody to tell of
        ([3], True),
        ([1, 4], False),  # 5 is 1 + 4, 2 + 3, 3 + 2, 4 + 1
        ([2, 4], True),  # 6 leaves no 1
        ([1, 1, 1, 1, 1], True),
        ([1, 1, 1, 1, 4], False),  # 8: 4 and four ones, 1 and others of 7
        ([1, 1, 1, 1, 3], True),  # 7 leaves no 4
        ([4, 4, 3], True),
        ([4, 4, 1, 40], False),
    ],
)
def test_an_exact_total_tells_nothing_where_each_small_count_may_still_be_any(counts, expected):
    assert is_telling(np.array(counts), small=OTHERS) is expected
