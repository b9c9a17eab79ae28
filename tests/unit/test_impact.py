"""The numbers that a redraw is judged by."""

from math import nan, pi

import numpy as np
import pytest
import shapely

from geo_service.analysis.impact import (
    balance,
    compactness,
    crossings_m2,
    dwelling_weights,
    shared,
    transfers,
)
from geo_service.governance.clock.limit import Limit, OfficeHours
from geo_service.layers.frames import area_m2
from geo_service.services.impact.issues.hours import limit_hours


def shapes(*found):
    outlines = np.empty(len(found), dtype=object)
    outlines[:] = found
    return outlines


def test_the_largest_remainders_get_the_persons_that_are_left():
    # quotas 1.5, 0.9, 0.6: two are left, and 0.9 and 0.6 lie nearest to the next whole one
    assert transfers(np.array([3]), np.array([[5.0, 3.0, 2.0]])).tolist() == [[1, 1, 1]]
    assert transfers(np.array([1]), np.array([[2.0, 2.0]])).tolist() == [[1, 0]]


def test_a_row_without_any_weight_goes_to_nobody():
    assert transfers(np.array([4]), np.array([[0.0, 0.0]])).tolist() == [[0, 4]]


def test_one_unknown_part_makes_a_sum_unknown_and_a_divided_one_makes_it_an_estimate():
    found = shared(np.array([10, -1, 6]), np.array([[1.0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]))
    assert found.totals.tolist() == [5, 5, 6]
    assert found.is_known.tolist() == [True, False, True]
    assert found.is_estimated.tolist() == [True, True, False]


def test_an_area_that_took_nothing_of_any_is_unknown():
    assert shared(np.array([10]), np.array([[1.0, 0, 0]])).is_known.tolist() == [True, False]


def test_ground_is_shared_out_and_what_nobody_has_is_told():
    old = shapes(shapely.box(120, 30, 120.01, 30.01))
    west, east = shapely.box(120, 30, 120.0025, 30.01), shapely.box(120.005, 30, 120.02, 30.01)
    [found] = crossings_m2(old, shapes(west, east))
    [whole] = area_m2(old)
    assert found == pytest.approx(whole * np.array([0.25, 0.5, 0.25]), rel=1e-9)


def test_areas_that_only_touch_share_no_ground_not_even_a_line():
    old = shapes(shapely.box(120, 30, 120.01, 30.01))
    bent = shapely.Polygon(
        [(120.01, 30), (120.02, 30), (120.02, 30.02), (120.005, 30.02), (120.005, 30.009),
         (120.006, 30.009), (120.006, 30.01), (120.01, 30.01)]
    )  # fmt: skip
    [found] = crossings_m2(old, shapes(bent, old[0]))
    [[both]] = [area_m2(shapes(shapely.box(120.005, 30.009, 120.006, 30.01)))]
    assert found[0] == pytest.approx(both, rel=1e-6)
    assert found[1] == pytest.approx(area_m2(old)[0], rel=1e-12)


def test_nothing_before_or_after_is_no_ground():
    one = shapes(shapely.box(120, 30, 120.01, 30.01))
    assert crossings_m2(shapes(), one).shape == (0, 2)
    assert crossings_m2(one, shapes()) == pytest.approx(area_m2(one)[:, None])


def test_households_go_where_their_buildings_stand():
    households = np.array([4.0, 6.0, 5.0, 7.0, 9.0])
    before, after = np.array([0, 0, 1, 0, -1]), np.array([0, 1, 1, -1, 0])
    found = dwelling_weights(households, before, after, shape=(2, 2))
    assert found.tolist() == [[4, 6, 7], [0, 5, 0]]


def test_a_circle_is_round_a_square_less_so_and_a_line_not_at_all():
    found = compactness(np.array([pi, 4.0, 0.0, 0.0]), np.array([2 * pi, 8.0, 5.0, 0.0]))
    assert found[:3] == pytest.approx([1.0, pi / 4, 0.0])
    assert np.isnan(found[3])


def test_balance_leaves_out_what_nobody_knows():
    found = balance(np.array([2.0, nan, 8.0]))
    assert (found.count, found.unknown, found.mean) == (2, 1, 5.0)
    assert (found.spread, found.ratio) == (6.0, 4.0)
    assert balance(np.array([0.0, 5.0])).ratio is None
    nobody = balance(np.array([nan]))
    assert (nobody.count, nobody.unknown, nobody.spread, nobody.ratio) == (0, 1, None, None)


@pytest.mark.parametrize(
    ("clock", "amount", "hours"),
    [
        ("continuous_hours", 36, 36),
        ("working_hours", 4, 12),  # half of an office day of eight hours
        ("working_days", 5, 120),
        ("calendar_days", 7, 168),
    ],
)
def test_limits_of_every_clock_are_weighed_in_hours(clock, amount, hours):
    assert limit_hours(Limit(clock, amount), OfficeHours()) == hours
