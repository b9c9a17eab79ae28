"""Codes for new areas, by a scheme of digits or as those beside them are called."""

import pytest
import shapely
from shapely import Point, box

from geo_service.errors import CodesExhausted, InvalidValue, UnknownArea
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import codes_for, codes_like, next_codes, reading_order, retire
from tests.redrawing import row_of_grids
from tests.shapes import ONE_LAYER, one_layer

UNIT_GRID = (6, 3, 3, 3)
COMMUNITY = "999101001001"
HERE = [Point(0, 0)]


def test_a_first_numbering_runs_in_rows_from_the_north_west():
    cells = [box(x, y, x + 10, y + 10) for y in (0, 10) for x in (20, 0, 10)]
    numbers = [code[-3:] for code in next_codes(UNIT_GRID, COMMUNITY, (), cells)]
    # the upper row, from the west, is 1 to 3; the lower one 4 to 6
    assert numbers == ["006", "004", "005", "003", "001", "002"]


def test_areas_that_stand_a_little_lower_are_in_the_same_row():
    # 4 is less than half the height of 10; 6 is more
    near = [box(20, 0, 30, 10), box(10, -4, 20, 6), box(0, 0, 10, 10)]
    assert reading_order(near) == [2, 1, 0]
    far = [box(20, 0, 30, 10), box(10, -6, 20, 4), box(0, 0, 10, 10)]
    assert reading_order(far) == [2, 0, 1]


def test_points_have_no_height_so_each_latitude_is_a_row():
    assert reading_order([Point(5, 1), Point(0, 0), Point(3, 1)]) == [2, 0, 1]
    assert reading_order([]) == []


def test_places_at_one_point_keep_their_order():
    assert reading_order([Point(1, 1), Point(1, 1)]) == [0, 1]


def test_later_areas_get_the_numbers_after_the_highest_ever_given():
    taken = {COMMUNITY + "001", COMMUNITY + "007", "999101001002050", COMMUNITY + "x"}
    assert next_codes(UNIT_GRID, COMMUNITY, taken, [*HERE, *HERE]) == [
        COMMUNITY + "008",
        COMMUNITY + "009",
    ]


def test_numbers_never_given_serve_when_the_digits_end():
    taken = {f"{COMMUNITY}{n:03d}" for n in range(1, 1000) if n not in (5, 999)}
    assert next_codes(UNIT_GRID, COMMUNITY, taken, [*HERE, *HERE]) == [
        COMMUNITY + "999",
        COMMUNITY + "005",
    ]
    with pytest.raises(CodesExhausted, match=f"{COMMUNITY}.*no 1 more"):
        next_codes(UNIT_GRID, COMMUNITY, taken, HERE * 3)


def test_a_parents_code_of_another_length_is_refused():
    with pytest.raises(InvalidValue, match=r"12 characters \(code scheme 6\+3\+3\+3\)"):
        next_codes(UNIT_GRID, "C1", (), HERE)


@pytest.mark.parametrize(
    ("siblings", "parent", "expected"),
    [
        (["999001", "999009"], "999", "999010"),
        (["999-W01", "999-W02"], "999", "999-W03"),
        (["甲一网格1", "甲一网格2"], "999", "甲一网格3"),
        (["G1", "G2", "other"], "C", "G3"),
        # two of one form against one of another
        (["C-01", "C-02", "D-7"], "X", "C-03"),
        # one of each: the lowest form
        (["C-01", "D-7"], "X", "C-02"),
        ([], "C", "C001"),
        (["one", "two"], "C", "C001"),
        (["Cone"], "C", "C001"),
    ],
)
def test_without_a_scheme_codes_are_like_those_beside(siblings, parent, expected):
    assert codes_like(siblings, parent, siblings, HERE) == [expected]


def test_codes_like_those_beside_stay_in_their_width():
    with pytest.raises(CodesExhausted):
        codes_like(["G8", "G9"], "C", [f"G{n}" for n in range(10)], HERE)


def test_a_coverage_tells_what_is_taken_and_what_was():
    row = row_of_grids()
    parent, g4 = AreaKey("community", "C2"), AreaKey("grid", "G4")
    assert codes_for(row, "grid", parent, HERE) == ["G5"]
    gone = retire(row, g4).coverage
    assert codes_for(gone, "grid", parent, HERE) == ["G5"]
    assert codes_for(gone, "grid", parent, HERE, taken=["G7"]) == ["G8"]
    assert codes_for(row, "grid", parent, HERE, scheme=(2, 3)) == ["C2001"]
    with pytest.raises(UnknownArea):
        codes_for(row, "grid", AreaKey("community", "C9"), HERE)


def test_new_areas_of_the_root_layer_are_called_like_the_others():
    (coverage,) = extract(one_layer(box(0, 0, 1, 1)), ONE_LAYER, is_degrees=False)
    places = [shapely.box(2, 0, 3, 1), shapely.box(1, 0, 2, 1)]
    assert codes_for(coverage, "street", None, places) == ["999003", "999002"]
