"""Hard points in thousands, by family: owners against shapely, and beside borders by fractions.

Shapely's predicates are GEOS's, as PostGIS's are: one oracle, not two. The fractions are another.
"""

import numpy as np
import pytest
import shapely

from geo_service.layers.index import coverage_index
from geo_service.layers.index.cells import opened
from geo_service.layers.index.lattice import lattice_of_parts
from tests.coverages import OUTSIDE, areas_in, hard_points, where_in
from tests.shapes import grid_of

STREET = {"size": (0.004, 0.003), "origin": (116.3, 39.9)}
"""About 340 by 330 meters a cell, no coordinate a round number."""

FAMILIES_OF_CITY = {
    # 21 x 21 corners and 6 vertices within each of 2 * 20 * 21 sides, hence 7 edges a side
    "vertices": 5_481,
    "midpoints": 5_880,
    "on edges": 11_760,
    "beside vertices": 8 * 5_481,
    "beside midpoints": 8 * 5_880,
    "beside on edges": 8 * 11_760,
    "anywhere": 5_880,
}
FAMILIES_OF_STREET = {
    # 5 x 5 corners, 3 vertices within each of 2 * 4 * 5 sides
    "vertices": 145,
    "midpoints": 160,
    "on edges": 320,
    "beside vertices": 8 * 145,
    "beside midpoints": 8 * 160,
    "beside on edges": 8 * 320,
    "anywhere": 160,
}


@pytest.fixture(scope="module")
def city():
    return grid_of(20, 20, nodes_per_side=6, seed=1, **STREET)


@pytest.fixture(scope="module")
def street():
    return grid_of(4, 4, nodes_per_side=3, seed=2, **STREET)


def lowest_and_shared(points, areas, count):
    """Return each point's lowest holder (-1 for none), and whether there are several."""
    lowest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(lowest, points, areas)
    holders = np.bincount(points, minlength=count)
    return np.where(holders > 0, lowest, -1), holders > 1


def assert_same(index, points, expected):
    found = index.owners(lon=points[:, 0], lat=points[:, 1])
    np.testing.assert_array_equal(found.position, expected[0])
    np.testing.assert_array_equal(found.is_shared, expected[1])


def test_a_city_is_answered_as_shapely_answers(city):
    index = coverage_index(areas_in(city), "grid", range(len(city)))
    tree = shapely.STRtree(city)
    families = hard_points(city)
    assert {name: len(points) for name, points in families.items()} == FAMILIES_OF_CITY
    for points in families.values():
        pairs = tree.query(shapely.points(points), "intersects")
        assert_same(index, points, lowest_and_shared(*pairs, len(points)))


def test_a_street_is_answered_as_fractions_answer(street):
    index = coverage_index(areas_in(street), "grid", range(len(street)))
    tree = shapely.STRtree(street)
    families = hard_points(street)
    assert {name: len(points) for name, points in families.items()} == FAMILIES_OF_STREET
    for points in families.values():
        point, near = tree.query(shapely.points(points))  # whose box holds the point
        holds = [
            where_in(street[area], *points[i]) != OUTSIDE
            for i, area in zip(point, near, strict=True)
        ]
        assert_same(index, points, lowest_and_shared(point[holds], near[holds], len(points)))


def test_a_million_places_are_answered_as_shapely_answers(city):
    index = coverage_index(areas_in(city), "grid", range(len(city)))
    west, south, east, north = shapely.total_bounds(city)
    points = np.random.default_rng(3).uniform((west, south), (east, north), (1_000_000, 2))
    pairs = shapely.STRtree(city).query(shapely.points(points), "intersects")
    assert_same(index, points, lowest_and_shared(*pairs, len(points)))


def test_corners_of_cells_and_of_their_parts_are_answered_as_shapely_answers(city):
    """Where the tables change their answer, and one ulp around: 20,000 corners, 180,000 points."""
    index = coverage_index(areas_in(city), "grid", range(len(city)))
    parts = lattice_of_parts(opened(index.words).lattice)
    draw = np.random.default_rng(4)
    columns, rows = (draw.integers(0, count, 20_000) for count in (parts.columns, parts.rows))
    x, y = (parts.first_x + columns) * parts.side_x, (parts.first_y + rows) * parts.side_y
    points = np.concatenate(
        [np.column_stack([east, north]) for east in around(x) for north in around(y)]
    )
    pairs = shapely.STRtree(city).query(shapely.points(points), "intersects")
    assert_same(index, points, lowest_and_shared(*pairs, len(points)))


def around(numbers):
    return np.nextafter(numbers, -np.inf), numbers, np.nextafter(numbers, np.inf)
