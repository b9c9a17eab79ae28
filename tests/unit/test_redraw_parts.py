"""Lines offered for a split into balanced parts: balance, length, and what cannot be parted."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.errors import HasChildren, InvalidValue, NoBalancedParts
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import cut_along, split, suggest_parts
from tests.redrawing import assert_sound, row_of_grids
from tests.shapes import FAR_PARTS, ONE_LAYER, RING, U_SHAPE, one_layer

KEY = AreaKey("street", "999001")
COMB = Polygon(
    [
        *[(0, 0), (13, 0), (13, 13), (11, 13), (11, 6), (8, 6), (8, 13)],
        *[(5, 13), (5, 6), (2, 6), (2, 13), (0, 13)],
    ]
)
"""Three teeth: the line along their roots leaves four pieces."""


def coverage_of(shape):
    (coverage,) = extract(one_layer(shape), ONE_LAYER, is_degrees=False)
    return coverage


def length(parts):
    return sum(float(np.hypot(*(line[1] - line[0]))) for line in parts.lines)


def test_a_square_is_halved_straight_across():
    parts = suggest_parts(coverage_of(box(0, 0, 10, 10)), KEY, 2)
    assert parts.shares == pytest.approx([0.5, 0.5])
    assert length(parts) == pytest.approx(10)
    assert parts.imbalance == pytest.approx(0, abs=1e-9)
    assert parts.left_out == 0


def test_a_long_area_is_cut_across_and_not_along():
    parts = suggest_parts(coverage_of(box(0, 0, 40, 10)), KEY, 4)
    assert parts.shares == pytest.approx([0.25] * 4)
    assert length(parts) == pytest.approx(30)


def test_three_parts_take_a_third_each():
    parts = suggest_parts(coverage_of(box(0, 0, 30, 10)), KEY, 3)
    assert parts.shares == pytest.approx([1 / 3] * 3)
    assert length(parts) == pytest.approx(20)


def test_a_concave_area_is_cut_at_one_place_only():
    # legs of 3 by 10 and between them 4 by 3: half of 72 is on either side of x = 5
    parts = suggest_parts(coverage_of(U_SHAPE), KEY, 2)
    assert parts.shares == pytest.approx([0.5, 0.5], abs=1e-6)
    assert length(parts) == pytest.approx(3)


def test_an_area_around_a_hole_is_cut_on_both_sides_of_it():
    coverage = coverage_of(RING)
    parts = suggest_parts(coverage, KEY, 2)
    assert parts.shares == pytest.approx([0.5, 0.5], abs=0.03)
    after, _ = cut_along(coverage, KEY, [shapely.LineString(x) for x in parts.lines], ["A", "B"])
    assert_sound(after, ONE_LAYER)


def test_a_comb_is_parted_between_its_teeth():
    parts = suggest_parts(coverage_of(COMB), KEY, 3)
    assert parts.imbalance < 0.06
    assert all(piece.geom_type == "Polygon" for piece in parts.pieces)


def test_weights_decide_and_not_the_ground():
    # 90 households stand in the west, 10 in the east: the line runs through the west
    places = [(1, 1), (1, 9), (2, 5), (9, 5)]
    parts = suggest_parts(
        coverage_of(box(0, 0, 10, 10)), KEY, 2, places=places, weights=[45, 30, 15, 10]
    )
    assert sorted(parts.shares) == pytest.approx([0.45, 0.55])


def test_a_line_runs_in_the_middle_between_places():
    places = [(2, 5), (2, 6), (6, 5), (6, 6)]
    parts = suggest_parts(coverage_of(box(0, 0, 10, 10)), KEY, 2, places=places)
    assert parts.shares == (0.5, 0.5)
    (line,) = parts.lines
    assert shapely.distance(shapely.LineString(line), shapely.points(places)).min() >= 0.5


def test_weight_outside_is_told_and_places_without_weight_do_not_count():
    places = [(2, 5), (8, 5), (50, 50), (5, 5)]
    parts = suggest_parts(
        coverage_of(box(0, 0, 10, 10)), KEY, 2, places=places, weights=[1, 1, 7, 0]
    )
    assert (parts.shares, parts.left_out) == ((0.5, 0.5), 7)


def test_an_area_in_parts_gives_each_part_as_many_as_it_is_worth():
    parts = MultiPolygon([box(0, 0, 30, 10), box(50, 0, 60, 10)])
    found = suggest_parts(coverage_of(parts), KEY, 4)
    assert found.shares == pytest.approx([0.25] * 4)
    weighted = suggest_parts(
        coverage_of(parts), KEY, 3, places=[(5, 5), (55, 2), (55, 8)], weights=[1, 5, 5]
    )
    assert sorted(weighted.shares) == pytest.approx([1 / 11, 5 / 11, 5 / 11])


def test_lines_serve_one_split_after_the_other():
    coverage = coverage_of(U_SHAPE)
    parts = suggest_parts(coverage, KEY, 5)
    names = iter("ABCDEFGH")
    for line in parts.lines:
        middle = shapely.Point(line.mean(axis=0))
        areas = coverage.areas.values()
        key = next(area.key for area in areas if shapely.intersects(area.outline, middle))
        coverage, _ = split(coverage, key, line, [next(names), next(names)])
    assert sorted(area.outline.area for area in coverage.areas.values()) == pytest.approx(
        # an end may fall on a corner within a centimetre of it; no line is longer than 3 m
        sorted(piece.area for piece in parts.pieces),
        abs=0.03,
    )
    assert_sound(coverage, ONE_LAYER)


@pytest.mark.parametrize(
    ("shape", "count", "how", "reason"),
    [
        (FAR_PARTS, 2, {}, "lies in 2 parts"),
        (box(0, 0, 9, 9), 3, {"places": [(1, 1), (2, 2), (2, 2)]}, "only 3 places"),
        (box(0, 0, 9, 9), 2, {"places": [(50, 50), (60, 60)]}, "only 0 places"),
        (box(0, 0, 9, 9), 2, {"places": [(1, 1), (1, 1 + 1e-7)]}, "no straight line"),
        # ground of half a millimetre is a single place to whoever cuts
        (box(0, 0, 0.0005, 0.0005), 2, {}, "parts? nothing|miss"),
        (box(0, 0, 0.01, 0.01), 5, {}, "the lines part it into"),
    ],
)
def test_what_cannot_be_parted_says_why(shape, count, how, reason):
    with pytest.raises(NoBalancedParts, match=reason) as refused:
        suggest_parts(coverage_of(shape), KEY, count, **how)
    assert refused.value.text("zh") != refused.value.text("en")


@pytest.mark.parametrize(
    ("count", "how"),
    [
        (1, {}),
        (51, {}),
        (2, {"places": [(1, 1), (2, 2)], "weights": [1]}),
        (2, {"places": [(1, 1), (2, 2)], "weights": [1, -1]}),
        (2, {"places": [(1, 1), (2, 2)], "weights": [1, float("inf")]}),
    ],
)
def test_counts_and_weights_that_mean_nothing_are_refused(count, how):
    with pytest.raises(InvalidValue):
        suggest_parts(coverage_of(box(0, 0, 9, 9)), KEY, count, **how)


def test_parents_are_parted_by_their_children():
    with pytest.raises(HasChildren):
        suggest_parts(row_of_grids(), AreaKey("community", "C1"), 2)
