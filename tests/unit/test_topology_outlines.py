"""Two states of an area are the same, renoded or changed."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Polygon, box

from geo_service.layers.topology import compare_outlines, is_renoded
from tests.shapes import FAR_PARTS, ISLAND, RING, SQUARE, U_SHAPE, grid_of


def verdict(before, after, **how):
    return str(compare_outlines(np.array([before]), np.array([after]), **how)[0])


WITH_NODE = Polygon([(0, 0), (4, 0), (10, 0), (10, 10), (0, 10)])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (SQUARE, SQUARE, "same"),
        (SQUARE, shapely.reverse(SQUARE), "same"),
        (SQUARE, Polygon([(10, 10), (0, 10), (0, 0), (10, 0)]), "same"),
        (SQUARE, MultiPolygon([SQUARE]), "same"),
        (FAR_PARTS, MultiPolygon(list(FAR_PARTS.geoms)[::-1]), "same"),
        (SQUARE, WITH_NODE, "renoded"),
        (WITH_NODE, SQUARE, "renoded"),
        (WITH_NODE, Polygon([(0, 0), (6, 0), (10, 0), (10, 10), (0, 10)]), "renoded"),
        (SQUARE, Polygon([(0, 0), (4, np.nextafter(0, 1)), (10, 0), (10, 10), (0, 10)]), "renoded"),
        (SQUARE, Polygon([(0, 0), (4, 0.1), (10, 0), (10, 10), (0, 10)]), "changed"),
        (SQUARE, box(0, 0, 10, 11), "changed"),
        (SQUARE, Polygon([(0, 0), (10, 0), (10, 10)]), "changed"),
        (SQUARE, RING, "changed"),
        (RING, ISLAND, "changed"),
        (SQUARE, box(50, 50, 60, 60), "changed"),
        (SQUARE, Polygon(), "changed"),
        (LineString([(0, 0), (1, 1)]), LineString([(0, 0), (1, 1)]), "same"),
        (LineString([(0, 0), (1, 1)]), LineString([(0, 0), (1, 2)]), "changed"),
    ],
)
def test_a_pair_of_outlines_gets_its_verdict(before, after, expected):
    assert verdict(before, after) == expected


def test_a_node_outside_the_tolerance_is_a_change():
    bent = Polygon([(0, 0), (4, 0.002), (10, 0), (10, 10), (0, 10)])
    assert verdict(SQUARE, bent, tolerance_deg=0.001) == "changed"
    assert verdict(SQUARE, bent, tolerance_deg=0.003) == "renoded"


def test_many_pairs_are_judged_each_for_itself():
    before = np.array([SQUARE, U_SHAPE, SQUARE, SQUARE])
    after = np.array([SQUARE, box(0, 0, 1, 1), WITH_NODE, shapely.reverse(SQUARE)])
    assert compare_outlines(before, after).tolist() == ["same", "changed", "renoded", "same"]
    assert is_renoded(before, after).tolist() == [False, False, True, False]


def test_adding_the_middle_of_every_edge_only_renodes():
    cells = grid_of(3, 3)
    assert set(compare_outlines(cells, shapely.segmentize(cells, 20.0)).tolist()) == {"renoded"}


def test_no_pairs_at_all_give_no_verdicts():
    nothing = np.empty(0, dtype=object)
    assert compare_outlines(nothing, nothing).tolist() == []
