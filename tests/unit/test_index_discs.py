"""What circles hold of polygons, against closed forms; also run without the compiler."""

from math import acos, pi, sqrt

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.layers.index import edges_of, shares_of_discs

SQUARE = box(-2, -2, 2, 2)
RING = SQUARE.difference(box(-1, -1, 1, 1))
HALF = 0.5
SEGMENT = (acos(HALF) - HALF * sqrt(1 - HALF**2)) / pi
"""Of a disc of radius 1, what lies beyond a line at half its radius."""


@pytest.mark.parametrize(
    ("polygon", "center", "radius_m", "share"),
    [
        (SQUARE, (0, 0), 2, 1.0),  # touched on four sides
        (SQUARE, (2, 0), 1, 0.5),
        (SQUARE, (2, 2), 1, 0.25),
        (SQUARE, (2.5, 0), 1, SEGMENT),
        (SQUARE, (1.5, 0), 1, 1 - SEGMENT),
        (SQUARE, (9, 0), 1, 0.0),
        (SQUARE, (0, 0), 3, 16 / (9 * pi)),  # all of it
        (RING, (0, 0), 1, 0.0),
        (RING, (0, 0), 3, 12 / (9 * pi)),
        (RING, (1, 0), 1, 0.5),
        (MultiPolygon([box(0, -2, 2, 2), box(-2, -2, 0, 0)]), (0, 0), 1, 0.75),
        (Polygon([(0, 0), (0, 2), (2, 2), (2, 0)]), (0, 0), 1, 0.25),  # clockwise
    ],
)
def test_the_share_of_a_disc_is_that_of_the_closed_form(polygon, center, radius_m, share):
    # asked beside another polygon and another disc, in both places
    polygons = np.array([box(50, 50, 60, 60), polygon])
    found = shares_of_discs(
        edges_of(polygons),
        np.array([1, 0, 1]),
        centers=np.array([center, (55, 55), center], dtype=float),
        radii_m=np.array([radius_m, 2.0, radius_m]),
    )
    assert found.tolist() == pytest.approx([share, 1.0, share], abs=1e-14)


def test_the_parts_of_a_disc_that_neighbors_hold_sum_to_one():
    corner = shapely.Point(0.3, -0.2)
    parts = [box(-5, -5, 0.3, 5), box(0.3, -0.2, 5, 5), box(0.3, -5, 5, -0.2)]
    found = shares_of_discs(
        edges_of(np.array(parts)),
        np.arange(3),
        centers=np.repeat([[corner.x, corner.y]], 3, axis=0),
        radii_m=np.ones(3),
    )
    assert found.tolist() == pytest.approx([0.5, 0.25, 0.25], abs=1e-15)
