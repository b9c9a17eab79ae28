"""Small counts of persons: which cells of a tree are hidden, by hand."""

import numpy as np
import pytest

from geo_service.governance.organisations.suppression import hidden_cells, telling_totals


def column(*values) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def hidden(*levels, parents=(), telling=()) -> list[list[int]]:
    """Return the positions of the hidden cells of each level, counts from 5 on being told."""
    found = hidden_cells(
        [column(*each) for each in levels],
        [column(-1), *(column(*each) for each in parents)],
        least_cell=5,
        telling=[np.array(each, dtype=bool) for each in telling],
    )
    return [np.flatnonzero(each).tolist() for each in found]


def test_counts_from_one_to_four_are_hidden_and_zero_is_not():
    assert hidden([0, 1, 4, 5, 6]) == [[1, 2]]


def test_a_small_count_alone_hides_the_smallest_other_one():
    assert hidden([42], [2, 30, 10], parents=[[0, 0, 0]]) == [[], [0, 2]]


def test_two_small_ones_hide_each_other_where_they_leave_enough_open():
    assert hidden([37], [4, 3, 30], parents=[[0, 0, 0]]) == [[], [0, 1]]
    # 2 + 2 = 4 leaves less than 5 values
    assert hidden([34], [2, 2, 30], parents=[[0, 0, 0]]) == [[], [0, 1, 2]]


def test_five_ones_are_not_told_by_their_sum():
    assert hidden([35], [1, 1, 1, 1, 1, 30], parents=[[0] * 6]) == [[], [0, 1, 2, 3, 4, 5]]


def test_where_nothing_else_can_be_hidden_the_total_is():
    assert hidden([6], [6], parents=[[0]], telling=[[False], [True]]) == [[0], [0]]
    assert hidden([5], [1, 1, 1, 1, 1], parents=[[0] * 5]) == [[0], [0, 1, 2, 3, 4]]


def test_a_zero_is_hidden_last():
    assert hidden([12], [2, 0, 10], parents=[[0, 0, 0]]) == [[], [0, 2]]


def test_a_hidden_total_hides_one_of_its_children():
    told = hidden([40], [3, 7, 30], [5, 2, 10, 20], parents=[[0, 0, 0], [1, 1, 2, 2]])

    # 3 hides 7, whose children would sum to it: 2 is hidden of itself, and 5 with it
    assert told == [[], [0, 1], [0, 1]]


def test_a_hidden_total_of_shown_children_hides_the_smallest():
    told = hidden([40], [3, 7, 30], [7, 0, 10, 20], parents=[[0, 0, 0], [1, 1, 2, 2]])

    assert told == [[], [0, 1], [0]]


def test_what_shown_grandchildren_leave_over_is_looked_at_and_not_the_sum():
    # 2 + 32 is 34, but 30 of it is shown: 4 would be left to two cells of 2
    told = hidden(
        [40], [2, 32, 6], [30, 2], parents=[[0, 0, 0], [1, 1]],
        telling=[[False], [True, True, False], [False, True]],
    )  # fmt: skip

    assert told == [[], [0, 1, 2], [1]]


def test_a_parent_without_children_stays_as_it_is():
    assert hidden([9, 8], [9], parents=[[0]]) == [[], []]


@pytest.mark.parametrize(
    ("small", "is_telling"),
    [
        ([], False),  # nobody to tell of
        ([1], True),  # the total less the listed ones is the hidden one
        ([2], True),
        ([1, 1], True),  # 2 persons are an area's small count themselves
        ([1, 2], False),  # 3: 1 + 2, 2 + 1
        ([2, 2], True),  # 4 is 2 + 2 alone
        ([0, 0, 0], True),  # nobody at all
        ([2, 2, 0], False),
        ([2, 2, 2], True),
    ],
)
def test_a_total_is_told_where_its_small_entries_are_mixed(small, is_telling):
    [found] = telling_totals(
        [column(len(small))], [column(sum(small))], [column(-1)], lowest=0, highest=2
    )

    assert found.tolist() == [is_telling]


def test_where_zero_is_told_ones_alone_tell():
    [found] = telling_totals(
        [column(5, 5, 4)], [column(5, 6, 16)], [column(-1)] * 3, lowest=1, highest=4
    )

    assert found.tolist() == [True, False, True]  # five ones, 6 of five, four fours


def test_small_entries_below_a_safe_total_protect_nobody_above_it():
    # the grid tells 1 + 2; the community holds these and one 2 of its own, which would be left over
    entries, persons, parents = [column(1), column(2)], [column(2), column(3)], [column(-1)]
    parents.append(column(0))

    found = telling_totals(entries, persons, parents, lowest=0, highest=2)

    assert [each.tolist() for each in found] == [[True], [False]]


def test_small_entries_below_a_hidden_total_count_above_it():
    entries, persons, parents = [column(0), column(1, 1)], [column(0), column(1, 2)], [column(-1)]
    parents.append(column(0, 0))

    found = telling_totals(entries, persons, parents, lowest=0, highest=2)

    assert [each.tolist() for each in found] == [[False], [True, True]]


def test_beside_other_totals_of_the_same_entries_none_of_them_is_in_a_total():
    entries, persons = [column(3, 0)], [column(4, 0)]

    found = telling_totals(entries, persons, [column(-1, -1)], lowest=0, highest=2, are_alone=False)

    assert found[0].tolist() == [True, False]


def test_a_cell_without_a_parent_is_part_of_no_total():
    levels = [np.array([30]), np.array([30, 3, 40])]
    parents = [np.array([-1]), np.array([0, -1, -1])]

    found = hidden_cells(levels, parents, least_cell=5)
    told = telling_totals(
        [np.array([0]), np.array([0, 1, 0])],
        [np.array([0]), np.array([0, 2, 0])],
        parents,
        lowest=0,
        highest=2,
    )

    assert [each.tolist() for each in found] == [[False], [False, True, False]]
    assert [each.tolist() for each in told] == [[False], [False, True, False]]
