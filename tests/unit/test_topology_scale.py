"""Metres out of degrees, and the width of a sliver."""

import numpy as np
import pyproj
import pytest
import shapely
from shapely import Point, Polygon, box

from geo_service.layers.topology import local_scale
from geo_service.layers.topology.scale import area_m2, is_narrow, width_m


def at(lat):
    return np.array([box(116.0, lat - 0.1, 117.0, lat + 0.1)])


@pytest.mark.parametrize("lat", [0.0, 31.2, 39.9, 53.5])
def test_a_degree_is_as_long_as_the_geodesic_says(lat):
    geod = pyproj.Geod(ellps="GRS80")
    east = geod.inv(116.0, lat, 116.001, lat)[2] * 1000
    north = geod.inv(116.0, lat - 0.0005, 116.0, lat + 0.0005)[2] * 1000
    assert local_scale(at(lat), True) == pytest.approx((east, north), rel=1e-6)


def test_a_metric_frame_has_the_scale_one():
    assert local_scale(at(39.9), False) == (1.0, 1.0)


def test_nothing_has_the_scale_of_the_equator():
    assert local_scale(np.empty(0, dtype=object), True) == local_scale(at(0), True)


def test_coordinates_that_are_not_finite_do_not_spoil_the_scale():
    with np.errstate(invalid="ignore"):
        broken = Polygon([(0, 0), (1, 0), (1, np.nan)])
    shapes = np.array([at(30)[0], broken])
    assert np.isfinite(local_scale(shapes, True)).all()


def test_areas_are_scaled_on_both_axes():
    assert area_m2(np.array([box(0, 0, 2, 3)]), (10.0, 100.0)).tolist() == [6000.0]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (box(0, 0, 1000, 0.3), 0.3),
        (box(0, 0, 3, 4), 3.0),
        (box(500_000, 4_400_000, 501_000, 4_400_000.000001), 1e-6),
        # The incircle of a right triangle has the radius (a + b - c) / 2.
        (Polygon([(0, 0), (3, 0), (0, 4)]), 2.0),
        (Point(0, 0).buffer(5, quad_segs=200), 10.0),
        # A strip that opens into a pond is as wide as the pond.
        (shapely.union(box(0, 0, 100, 0.2), box(50, 0, 54, 4)), 4.0),
    ],
)
def test_the_width_is_the_diameter_of_the_largest_circle_inside(shape, expected):
    assert width_m(np.array([shape]), (1.0, 1.0)) == pytest.approx([expected], rel=0.01)


def test_the_width_is_measured_in_metres_not_in_degrees():
    # One degree by a ten-thousandth: narrow on the axis with many metres per unit.
    shape = np.array([box(0, 0, 0.0001, 1)])
    assert width_m(shape, (1000.0, 1000.0)) == pytest.approx([0.1], rel=0.01)


def test_narrow_is_what_holds_no_circle_of_the_tolerance():
    shapes = np.array([box(0, 0, 100, 0.49), box(0, 0, 100, 0.51)])
    assert is_narrow(shapes, (1.0, 1.0), 0.5).tolist() == [True, False]


def test_no_polygons_have_no_widths():
    nothing = np.empty(0, dtype=object)
    assert width_m(nothing, (1.0, 1.0)).tolist() == []
    assert is_narrow(nothing, (1.0, 1.0), 0.5).tolist() == []
