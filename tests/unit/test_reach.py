"""Boxes around what differs between outlines, and what lies in them."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.layers.frames import distance_m
from geo_service.layers.reach import (
    are_in_boxes,
    changed_boxes,
    changed_edges,
    grown_boxes,
    uneven_boxes,
)
from tests.shapes import FAR_PARTS, RING, SQUARE, U_SHAPE

ISLAND_MOVED = Polygon(SQUARE.exterior, [box(4, 4, 6, 7).exterior.coords])


def box_between(before, after):
    [found] = changed_boxes(np.array([before], dtype=object), np.array([after], dtype=object))
    return tuple(found.tolist())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SQUARE, SQUARE),
        (SQUARE, shapely.reverse(SQUARE)),
        (SQUARE, Polygon([(10, 10), (0, 10), (0, 0), (10, 0)])),
        (SQUARE, MultiPolygon([SQUARE])),
        (FAR_PARTS, MultiPolygon(list(FAR_PARTS.geoms)[::-1])),
        (None, None),
    ],
)
def test_the_same_edges_in_any_order_leave_no_box(before, after):
    assert np.isnan(box_between(before, after)).all()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (SQUARE, None, (0, 0, 10, 10)),
        (None, U_SHAPE, (0, 0, 10, 10)),
        (SQUARE, Polygon([(0, 0), (4, 0), (10, 0), (10, 10), (0, 10)]), (0, 0, 10, 0)),  # a node
        (SQUARE, Polygon([(0, 0), (10, 0), (10, 10), (3, 12), (0, 10)]), (0, 10, 10, 12)),
        (RING, ISLAND_MOVED, (4, 4, 6, 7)),  # the hole alone: its lower edge stays
        (FAR_PARTS, SQUARE, (100_000, 50_000, 100_010, 50_010)),  # a part went
    ],
)
def test_the_box_holds_the_edges_that_one_outline_has_alone(before, after, expected):
    assert box_between(before, after) == expected


def test_every_pair_has_a_box_of_its_own():
    before = np.array([SQUARE, SQUARE, None], dtype=object)
    after = np.array([box(0, 0, 10, 11), SQUARE, RING], dtype=object)
    boxes = changed_boxes(before, after)
    assert boxes[0].tolist() == [0, 0, 10, 11]
    assert np.isnan(boxes[1]).all()
    assert boxes[2].tolist() == [0, 0, 10, 10]
    assert changed_boxes(before[:0], after[:0]).shape == (0, 4)


@pytest.mark.parametrize("lat", [-60.0, 0.0, 30.0, 53.5])
@pytest.mark.parametrize("reach_m", [0.5, 50.0, 2000.0])
def test_a_grown_box_holds_every_place_within_reach_and_few_others(lat, reach_m):
    [[west, south, east, north]] = grown_boxes(np.array([[120, lat, 120, lat]]), reach_m=reach_m)
    for lon, at_lat in ((west, lat), (east, lat), (120, south), (120, north)):
        [found_m] = distance_m(lon1=120, lat1=lat, lon2=lon, lat2=at_lat)
        assert reach_m <= found_m <= 1.02 * reach_m


def test_boxes_may_grow_by_a_reach_each_and_stay_finite_at_the_pole():
    boxes = grown_boxes(np.array([[120, 30, 121, 31], [0, 89.9, 0, 89.99]]), reach_m=[0, 1e5])
    assert boxes[0].tolist() == [120, 30, 121, 31]
    assert np.isfinite(boxes).all()
    assert boxes[1][0] <= -90


def test_points_are_in_boxes_with_their_borders_and_nowhere_without_a_place():
    boxes = np.array([[0, 0, 1, 1], [5, 5, 5, 6]], dtype=float)
    lon = np.array([0.5, 1.0, 5.0, 5.1, 1.1, np.nan, np.inf])
    lat = np.array([0.5, 0.0, 5.5, 5.5, 0.5, 0.5, 0.5])
    expected = [True, True, True, False, False, False, False]
    assert are_in_boxes(boxes, lon=lon, lat=lat).tolist() == expected
    assert not are_in_boxes(boxes[:0], lon=lon, lat=lat).any()


def test_a_point_may_reach_a_box_each_as_far_as_its_own_reach():
    """On the equator 0.001 degrees are 111 m of longitude."""
    boxes = np.array([[0, 0, 1, 1]], dtype=float)
    lon, lat = np.array([1.001, 1.001, 1.001, np.nan]), np.full(4, 0.5)
    reach_m = np.array([0.0, 105.0, 115.0, 1e6])
    assert are_in_boxes(boxes, lon=lon, lat=lat, reach_m=reach_m).tolist() == [
        False,
        False,
        True,
        False,
    ]


def outlines(*found):
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = found
    return shapes


def uneven(before, after):
    """The box around what areas of one group, and another, do not have alike."""
    shapes = outlines(*before, *after)
    nothing = np.full(len(shapes), None)
    _, ends = changed_edges(shapes, nothing)
    return uneven_boxes(np.zeros(len(ends), dtype=np.intp), ends, count=2).tolist()


def test_areas_hold_the_same_ground_however_it_is_cut_inside_and_no_other():
    whole = Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)])
    left = Polygon([(0, 0), (1, 0), (1, 2), (0, 2), (0, 1)])
    right = Polygon([(1, 0), (2, 0), (2, 1), (2, 2), (1, 2)])
    low = Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (0, 1)])
    high = Polygon([(0, 1), (2, 1), (2, 2), (1, 2), (0, 2)])
    even = [[np.nan] * 4] * 2
    np.testing.assert_array_equal(uneven([left, right], [low, high]), even)
    np.testing.assert_array_equal(uneven([left, right], [whole]), even)
    np.testing.assert_array_equal(uneven([left, right], [low])[0], [0, 1, 2, 2])
    np.testing.assert_array_equal(uneven([left], [])[0], [0, 0, 1, 2])
    np.testing.assert_array_equal(uneven([box(0, 0, 1, 1)], [box(0, 0, 1, 2)])[0], [0, 0, 1, 2])


def test_edges_that_one_outline_has_alone_lead_from_the_west():
    before, after = outlines(box(0, 0, 1, 1), box(5, 5, 6, 6)), outlines(box(0, 0, 1, 1), None)
    pair, ends = changed_edges(before, after)
    assert pair.tolist() == [1] * 4
    assert sorted(ends.tolist()) == [[5, 5, 5, 6], [5, 5, 6, 5], [5, 6, 6, 6], [6, 5, 6, 6]]
