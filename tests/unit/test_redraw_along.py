"""Cutting an area along several lines at once, on four squares in a row."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from geo_service import errors
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import cut_along, pieces_along
from geo_service.layers.redraw.drawing.drawn import MOST_PLACES
from tests.redrawing import TWO_FAMILIES, assert_sound, row_of_grids
from tests.shapes import ONE_LAYER, RING, THREE_LAYERS, one_layer

G1 = AreaKey("grid", "G1")
C1 = AreaKey("community", "C1")
UP = LineString([(5, -1), (5, 11)])


def areas(pieces):
    return [piece.area for piece in pieces]


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def test_roads_that_cross_part_an_area_into_four(row):
    across = LineString([(-1, 3), (11, 3)])
    assert areas(pieces_along(row, G1, [UP, across])) == pytest.approx([15, 35, 15, 35])
    after, change = cut_along(row, G1, [UP, across], ["A", "B", "C", "D"])
    # GEOS computes where the roads cross, to the last bit but one
    north_east = after.area(AreaKey("grid", "D")).outline
    assert north_east.symmetric_difference(box(5, 3, 10, 10)).area < 1e-9
    assert [after.areas[n].key.code for n in change.entered] == ["A", "B", "C", "D"]
    assert G1 in after.retired
    assert_sound(after, THREE_LAYERS)


def test_a_road_may_end_on_another_and_loose_ends_do_nothing(row):
    # all sides are at 0, 5 and 10 metres; the second road stops at 10 mm from the first
    lines = [
        UP,
        LineString([(5.005, 3), (11, 3)]),
        LineString([(1, 1), (3, 3)]),
        LineString([(7, 11), (7, 8)]),
        Point(2, 2),
    ]
    after, _ = cut_along(row, G1, lines, ["A", "B"], keep=(2, 2))
    assert after.area(G1).outline.equals(box(0, 0, 5, 10))
    assert after.area(AreaKey("grid", "A")).outline.equals(box(5, 0, 10, 3))
    assert_sound(after, THREE_LAYERS)


def test_a_road_that_stops_short_of_another_does_not_reach_it(row):
    short = LineString([(5.1, 3), (11, 3)])
    assert areas(pieces_along(row, G1, [UP, short])) == [50, 50]


def test_two_pieces_of_one_road_make_one_border(row):
    lines = [LineString([(5, -1), (5, 4)]), LineString([(5, 4), (5, 11)])]
    after, _ = cut_along(row, G1, lines, ["A", "B"])
    between = [
        arc for arc in after.arcs.values() if after.numbers[AreaKey("grid", "A")] in arc.left
    ]
    assert len([arc for arc in between if after.numbers[AreaKey("grid", "B")] in arc.right]) == 1
    assert_sound(after, THREE_LAYERS)


def test_a_ring_with_a_spoke_is_cut_out_and_parted(row):
    lines = [box(3, 3, 6, 6), LineString([(4, 3), (4, 6)])]
    assert areas(pieces_along(row, G1, lines)) == [91, 3, 6]
    after, _ = cut_along(row, G1, lines, ["A", "B"], keep=(1, 1))
    assert_sound(after, THREE_LAYERS)


def test_a_ring_that_crosses_the_border_cuts_what_is_inside(row):
    lines = [box(8, 3, 12, 6)]
    assert areas(pieces_along(row, G1, lines)) == [94, 6]


def test_a_line_to_a_hole_alone_parts_nothing():
    (coverage,) = extract(one_layer(RING, box(4, 4, 6, 6)), ONE_LAYER, is_degrees=False)
    key = AreaKey("street", "999001")
    west, east = LineString([(-1, 5), (4, 5)]), LineString([(6, 5), (11, 5)])
    with pytest.raises(errors.UnfitLine, match="part nothing"):
        pieces_along(coverage, key, [west])
    assert areas(pieces_along(coverage, key, [west, east])) == [48, 48]


def test_borders_of_another_family_become_those_of_the_pieces():
    row = row_of_grids(with_party=True)
    north = row.area(AreaKey("party_grid", "P1")).outline
    after, change = cut_along(row, G1, [north], ["A", "B"])
    assert after.area(AreaKey("grid", "A")).outline.equals(box(0, 0, 10, 5))
    assert AreaKey("party_grid", "P1") not in {after.areas[n].key for n in change.named}
    assert_sound(after, TWO_FAMILIES)


def test_lines_far_away_do_not_count(row):
    rows = np.arange(MOST_PLACES)
    far = LineString(np.stack([rows + 100.0, rows % 2 + 50.0], axis=1))
    assert areas(pieces_along(row, G1, [far, UP])) == [50, 50]


def test_more_vertices_than_anybody_draws_are_refused(row):
    zigzag = np.stack([np.linspace(1, 9, MOST_PLACES + 1), np.arange(MOST_PLACES + 1) % 2 + 4.0], 1)
    with pytest.raises(errors.LimitExceeded):
        pieces_along(row, G1, [LineString(zigzag)])


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], errors.UnfitLine),
        ([LineString([(50, 50), (60, 60)])], errors.UnfitLine),
        ([LineString([(5, 5), (5, 11)])], errors.UnfitLine),
        ([LineString([(0, -1), (0, 11)])], errors.UnfitLine),
        ([LineString([(5, 5), (5, 5)])], errors.UnfitLine),
        ([shapely.from_wkt("LINESTRING (5 5, inf 5)")], errors.InvalidCoordinates),
    ],
)
def test_lines_that_part_nothing_are_refused(row, lines, error):
    with pytest.raises(error):
        pieces_along(row, G1, lines)


def test_each_piece_needs_a_code_and_parents_are_cut_by_their_children(row):
    with pytest.raises(errors.PiecesUnnamed):
        cut_along(row, G1, [UP], ["A"])
    with pytest.raises(errors.UnfitLine, match="keep"):
        cut_along(row, G1, [UP], ["A"], keep=(50, 50))
    with pytest.raises(errors.HasChildren):
        cut_along(row, C1, [UP], ["A", "B"])
    with pytest.raises(errors.UnknownArea):
        pieces_along(row, AreaKey("grid", "G9"), [UP])
    assert shapely.equals(pieces_along(row, G1, [UP])[0], box(0, 0, 5, 10))
