"""Several areas cut along the same lines at once, on four squares of 10 m in a row."""

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from geo_service import errors
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import cuts_along, suggest_parts
from geo_service.layers.redraw.asked.ground import CutAreas
from geo_service.layers.redraw.drawing.drawn import MOST_PLACES
from tests.redrawing import TWO_FAMILIES, assert_sound, row_of_grids
from tests.shapes import ONE_LAYER, THREE_LAYERS, one_layer

G1, G2, G3, G4 = ALL = [AreaKey("grid", f"G{i}") for i in (1, 2, 3, 4)]
ROAD = LineString([(-1, 3), (25, 3)])
"""Through G1 and G2, and into G3, where it ends."""


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def areas(cuts):
    return {cut.key.code: sorted(piece.area for piece in cut.pieces) for cut in cuts}


def places(lines):
    return tuple(tuple(map(tuple, shapely.get_coordinates(line).tolist())) for line in lines)


def test_a_road_cuts_those_areas_that_it_crosses(row):
    found = cuts_along(row, ALL, [ROAD])
    assert areas(found) == {"G1": pytest.approx([30, 70]), "G2": pytest.approx([30, 70])}
    # what is offered as new borders are the stretches of the road between the old ones
    drawn = shapely.union_all([LineString(line) for cut in found for line in cut.lines])
    assert drawn.hausdorff_distance(LineString([(0, 3), (20, 3)])) < 1e-9
    assert drawn.length == pytest.approx(20)


def test_what_was_found_is_done_as_one_operation_with_the_same_pieces(row):
    found = cuts_along(row, ALL, [ROAD])
    lines = places(LineString(line) for cut in found for line in cut.lines)
    asked = CutAreas("grid", lines, {"G1": ("A", "B"), "G2": ("C",)}, {"G2": (15, 9)}, {"A": "南"})
    after, change = asked.on(row)
    assert [after.areas[number].key.code for number in change.entered] == ["A", "B", "C"]
    assert after.area(AreaKey("grid", "A")).name == "南"
    for key, shape in ((AreaKey("grid", "A"), box(0, 0, 10, 3)), (G2, box(10, 3, 20, 10))):
        assert shapely.symmetric_difference(after.area(key).outline, shape).area < 1e-9
    assert after.area(G3).outline.equals(row.area(G3).outline)
    assert G1 in after.retired
    assert_sound(after, THREE_LAYERS)


def test_no_sliver_is_made_between_lines_that_run_side_by_side(row):
    beside = LineString([(-1, 3.2), (25, 3.2)])
    # the strip between them has as much border with either: it stays with one, whole
    [cut] = cuts_along(row, [G1], [ROAD, beside])
    assert areas([cut])["G1"] == pytest.approx([32, 68])
    [thin] = cuts_along(row, [G1], [ROAD, beside], narrowest_m=0.1)
    assert areas([thin])["G1"] == pytest.approx([2, 30, 68])


def test_a_narrow_piece_stays_with_the_neighbor_it_has_the_longest_new_border_with(row):
    # a strip of 1 m along the northern road; the short road parts what lies south of it
    north, short = LineString([(-1, 9), (11, 9)]), LineString([(7, -1), (7, 9)])
    assert areas(cuts_along(row, [G1], [north, short], narrowest_m=0.5))["G1"] == pytest.approx(
        [10, 27, 63]
    )
    # 7 m of it are with the west, 3 m with the east: the west gets it
    [cut] = cuts_along(row, [G1], [north, short], narrowest_m=2)
    assert areas([cut])["G1"] == pytest.approx([27, 73])


def test_pieces_around_a_crossing_that_are_too_narrow_are_all_joined(row):
    # a dual carriageway both ways: nine pieces, of which five are narrower than 1 m
    roads = [LineString([(x, -1), (x, 11)]) for x in (5, 5.6)]
    roads += [LineString([(-1, y), (11, y)]) for y in (5, 5.6)]
    [all_of_them] = cuts_along(row, [G1], roads, narrowest_m=0.5)
    assert len(all_of_them.pieces) == 9
    [cut] = cuts_along(row, [G1], roads, narrowest_m=1)
    assert len(cut.pieces) == 4
    assert sum(piece.area for piece in cut.pieces) == pytest.approx(100)
    assert min(piece.area for piece in cut.pieces) > 19


def test_the_borders_of_another_family_are_lines_too():
    row = row_of_grids(with_party=True)
    north = row.area(AreaKey("party_grid", "P1")).outline
    found = cuts_along(row, ALL, [north])
    assert areas(found) == {"G1": [50, 50], "G2": [50, 50]}
    lines = places(LineString(line) for cut in found for line in cut.lines)
    after, _ = CutAreas("grid", lines, {"G1": ("A", "B"), "G2": ("C", "D")}).on(row)
    assert_sound(after, TWO_FAMILIES)


@pytest.mark.parametrize(
    "line",
    [
        LineString([(0, -5), (0, 15)]),  # along the border
        LineString([(-5, 5), (0, 5)]),  # touches it
        LineString([(-5, 5), (5, 15)]),  # touches a corner of it
        LineString([(5, 5), (5, 15)]),  # ends inside
        LineString([(50, 50), (60, 60)]),  # misses it
        LineString([(0.3, -1), (0.3, 11)]),  # would make a sliver
    ],
)
def test_lines_that_part_nothing_are_refused(row, line):
    with pytest.raises(errors.UnfitLine):
        cuts_along(row, [G1], [line])


def test_lines_of_a_million_vertices_count_where_they_are_near(row):
    at = np.arange(1_000_000)
    far = LineString(np.stack([at + 100.0, at % 2 + 50.0], axis=1))
    assert areas(cuts_along(row, [G1], [far, ROAD])) == {"G1": pytest.approx([30, 70])}
    near = np.stack([at / 1e5, at % 2 + 4.0], axis=1)
    with pytest.raises(errors.LimitExceeded):
        cuts_along(row, [G1], [LineString(near)])
    with pytest.raises(errors.LimitExceeded):
        CutAreas("grid", (tuple(map(tuple, near.tolist())),), {"G1": ("A", "B")}).on(row)
    short = at[: MOST_PLACES // 2 + 1]
    one = tuple(zip((short / 1e4).tolist(), (short % 2 + 4.0).tolist(), strict=True))
    with pytest.raises(errors.LimitExceeded):
        CutAreas("grid", (one, one), {"G1": ("A", "B")}).on(row)


def test_what_cannot_be_asked_for_is_refused(row):
    line = (((5.0, -1.0), (5.0, 11.0)),)
    with pytest.raises(errors.InvalidValue, match="keeps"):
        CutAreas("grid", line, {"G1": ("A", "B")}, {"G9": (1.0, 1.0)}).on(row)
    with pytest.raises(errors.UnfitLine):
        CutAreas("grid", (((5.0, 5.0),),), {"G1": ("A", "B")}).on(row)
    with pytest.raises(errors.PiecesUnnamed):
        CutAreas("grid", line, {"G1": ("A",)}).on(row)
    with pytest.raises(errors.HasChildren):
        cuts_along(row, [AreaKey("community", "C1")], [ROAD])
    with pytest.raises(errors.UnknownArea):
        cuts_along(row, [AreaKey("grid", "G9")], [ROAD])


def test_parts_that_would_be_slivers_are_not_offered():
    # 30 parts of a strip of 12 by 0.6 m would be 0.4 m wide
    (coverage,) = extract(one_layer(box(0, 0, 12, 0.6)), ONE_LAYER, is_degrees=False)
    key = AreaKey("street", "999001")
    assert len(suggest_parts(coverage, key, 10).pieces) == 10
    with pytest.raises(errors.NoBalancedParts, match=r"0\.5 m"):
        suggest_parts(coverage, key, 30)


def test_narrow_pieces_side_by_side_stay_with_their_neighbors_one_after_another(row):
    # the bend makes the southern border of the lower strip the longer one: it joins what lies
    # south of it, and only then the upper strip can
    roads = [LineString([(-1, 3), (11, 3)]), LineString([(-1, 9.6), (5, 9.5), (11, 9.6)])]
    roads.append(LineString([(-1, 9.75), (11, 9.75)]))
    assert len(cuts_along(row, [G1], roads, narrowest_m=0.1)[0].pieces) == 4
    [cut] = cuts_along(row, [G1], roads, narrowest_m=0.5)
    assert areas([cut])["G1"] == pytest.approx([30, 70])
