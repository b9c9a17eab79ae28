"""Buildings that go to a neighbor, and areas made of building lists, on four squares in a row."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from geo_service import errors
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import Building, move_buildings, split_by_children, split_by_lists
from tests.redrawing import TWO_FAMILIES, assert_sound, row_of_grids
from tests.shapes import ONE_LAYER, THREE_LAYERS, one_layer

G1, G2, G3 = (AreaKey("grid", code) for code in ("G1", "G2", "G3"))
C1, C2 = (AreaKey("community", code) for code in ("C1", "C2"))

HOUSES = [
    Building(f"{column}{row}", box(x + 0.5, y + 0.5, x + 2, y + 2))
    for column, x in zip("abcd", (10, 12.5, 15, 17.5), strict=True)
    for row, y in enumerate((0, 2.5, 5, 7.5), start=1)
]
"""Sixteen houses in G2, columns a to d from the west, 1 to 4 from the south, a metre apart.

The middles between them are at 12.5, 15, 17.5 and 2.5, 5, 7.5.
"""
POINTS = [Building(each.name, shapely.centroid(each.ground)) for each in HOUSES]


def outline(coverage, key):
    return coverage.area(key).outline


def differs_by(one, other):
    return one.symmetric_difference(other).area


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


@pytest.mark.parametrize("houses", [HOUSES, POINTS])
def test_a_column_goes_to_the_neighbor_with_its_ground(row, houses):
    after, _ = move_buildings(row, G2, G3, houses, ["d1", "d2", "d3", "d4"])
    # points and walls alike: the middle between c and d is at 17.5
    assert differs_by(outline(after, G3), box(17.5, 0, 30, 10)) < 0.01
    assert differs_by(outline(after, C1), box(0, 0, 17.5, 10)) < 0.01
    assert_sound(after, THREE_LAYERS)


def test_a_single_house_at_the_border_goes(row):
    after, _ = move_buildings(row, G2, G3, HOUSES, ["d1"])
    assert differs_by(outline(after, G2), box(10, 0, 20, 10) - box(17.5, 0, 20, 2.5)) < 0.01
    assert_sound(after, THREE_LAYERS)


def test_a_house_behind_one_that_moves_goes_with_it(row):
    after, _ = move_buildings(row, G2, G3, HOUSES, ["c1", "d1"])
    assert differs_by(outline(after, G3), box(20, 0, 30, 10) | box(15, 0, 20, 2.5)) < 0.01


def test_a_house_that_does_not_reach_the_neighbor_is_named(row):
    # c1 reaches it over d1, and nothing helps c4
    with pytest.raises(errors.BuildingNotAdjacent, match="'c4'") as refused:
        move_buildings(row, G2, G3, HOUSES, ["c1", "c4", "d1"])
    assert refused.value.building == "c4"
    with pytest.raises(errors.NotAdjacent, match="'a2'"):
        move_buildings(row, G2, G3, HOUSES, ["a2"])


def test_houses_that_would_be_cut_off_are_named(row):
    # b to d of row 2 go: nothing is cut off; all of row 2 goes: row 1 is
    move_buildings(row, G2, G3, HOUSES, ["b2", "c2", "d2"])
    with pytest.raises(errors.BuildingsCutOff) as refused:
        move_buildings(row, G2, G3, HOUSES, ["a2", "b2", "c2", "d2"])
    assert refused.value.buildings == ["a1", "b1", "c1", "d1"]


def test_ground_without_houses_that_would_be_cut_off_goes_along(row):
    two = [Building("west", Point(11, 5)), Building("east", Point(15, 5))]
    wall = Polygon([(12, 0), (12, 10), (14, 10), (14, 0)])
    after, _ = move_buildings(row, G2, G3, [*two, Building("wall", wall)], ["east"])
    # the middle between the wall and the point is no straight line, and the wall stays
    assert outline(after, G2).covers(wall)
    assert_sound(after, THREE_LAYERS)
    # moved with the wall, the west has only its own side
    after, _ = move_buildings(row, G2, G3, [*two, Building("wall", wall)], ["wall", "east"])
    assert outline(after, G3).covers(wall)


def test_ground_behind_what_moves_goes_along_when_nobody_lives_there():
    """An L of two arms: the house in its bend moves, and the bare arm has no other way."""
    bend = Polygon([(0, 0), (30, 0), (30, 10), (10, 10), (10, 30), (0, 30), (0, 10)])
    (coverage,) = extract(one_layer(bend, box(-10, 0, 0, 10)), ONE_LAYER, is_degrees=False)
    one, other = (AreaKey("street", code) for code in ("999001", "999002"))
    # what is north of y = 17.5 is nearer to "far", which stands in the eastern arm
    houses = [Building("bend", Point(5, 5)), Building("far", Point(25, 5))]
    after, _ = move_buildings(coverage, one, other, houses, ["bend"])
    assert len(shapely.get_parts(outline(after, one))) == 1
    assert outline(after, other).covers(Point(5, 29))
    assert outline(after, one).covers(Point(25, 9))


def test_ground_of_a_moved_house_apart_from_it_stays():
    """A U: places in the right arm are nearest to the house in the left one."""
    shape = Polygon([(0, 0), (30, 0), (30, 30), (25, 30), (25, 5), (5, 5), (5, 30), (0, 30)])
    (coverage,) = extract(one_layer(shape, box(-10, 0, 0, 30)), ONE_LAYER, is_degrees=False)
    one, other = (AreaKey("street", code) for code in ("999001", "999002"))
    houses = [Building("left", Point(2, 28)), Building("bottom", Point(20, 0.5))]
    after, _ = move_buildings(coverage, one, other, houses, ["left"])
    assert outline(after, one).covers(Point(27, 29))
    assert outline(after, other).covers(Point(2, 29))
    assert_sound(after, ONE_LAYER)


def test_a_part_of_the_area_without_houses_stays():
    parts = MultiPolygon([box(0, 0, 10, 10), box(20, 0, 24, 10)])
    (coverage,) = extract(one_layer(parts, box(10, 0, 20, 10)), ONE_LAYER, is_degrees=False)
    one, other = (AreaKey("street", code) for code in ("999001", "999002"))
    houses = [Building("west", Point(2, 5)), Building("east", Point(8, 5))]
    after, _ = move_buildings(coverage, one, other, houses, ["east"])
    assert outline(after, one).covers(box(20, 0, 24, 10))
    assert outline(after, other).equals(box(5, 0, 20, 10))
    assert_sound(after, ONE_LAYER)


def test_houses_that_share_a_wall_are_parted_along_it(row):
    pair = [Building("north", box(12, 5, 18, 9)), Building("south", box(12, 1, 18, 5))]
    after, _ = move_buildings(row, G2, G3, pair, ["north"])
    assert differs_by(outline(after, G3), box(20, 0, 30, 10) | box(10, 5, 20, 10)) < 0.01
    assert_sound(after, THREE_LAYERS)


def test_houses_elsewhere_do_not_count(row):
    away = [Building("elsewhere", Point(25, 5)), Building("d1", Point(35, 5))]
    one, other = (
        move_buildings(row, G2, G3, houses, ["d1", "d2"]).coverage
        for houses in (HOUSES, [*HOUSES, *away])
    )
    assert shapely.to_wkb(outline(one, G2)) == shapely.to_wkb(outline(other, G2))


def test_another_family_keeps_its_borders():
    row = row_of_grids(with_party=True)
    party = [AreaKey("party_grid", code) for code in ("P1", "P2")]
    after, _ = move_buildings(row, G2, G1, HOUSES, ["a1", "a2", "a3"])
    for key in party:
        assert outline(after, key).equals(outline(row, key))
    assert_sound(after, TWO_FAMILIES)


@pytest.mark.parametrize("moved", [["x"], [], ["d1", "d1"], ["twin"], ["outside"]])
def test_names_that_mean_no_single_house_of_the_area_are_refused(row, moved):
    twins = [Building("twin", Point(11, 5)), Building("twin", Point(12, 5))]
    houses = [*HOUSES, *twins, Building("outside", Point(25, 5))]
    with pytest.raises(errors.BuildingsNotInArea):
        move_buildings(row, G2, G3, houses, moved)


@pytest.mark.parametrize(
    "ground",
    [
        Polygon([(11, 1), (12, 2), (12, 1), (11, 2)]),
        shapely.LineString([(11, 1), (12, 2)]),
        Point(),
    ],
)
def test_what_is_no_point_and_no_polygon_is_no_building(row, ground):
    with pytest.raises(errors.InvalidValue, match="odd"):
        move_buildings(row, G2, G3, [*HOUSES, Building("odd", ground)], ["d1"])


def test_not_all_houses_can_leave_and_only_to_an_area_of_their_layer(row):
    with pytest.raises(errors.NothingLeft):
        move_buildings(row, G2, G3, HOUSES, [house.name for house in HOUSES])
    for to in (G2, AreaKey("street", "S")):
        with pytest.raises((errors.NotAdjacent, errors.HasChildren)):
            move_buildings(row, G2, to, HOUSES, ["d1"])
    party = row_of_grids(with_party=True)
    with pytest.raises(errors.NotAdjacent):
        move_buildings(party, G2, AreaKey("party_grid", "P1"), HOUSES, ["d1"])
    with pytest.raises(errors.HasChildren):
        move_buildings(row, C1, C2, HOUSES, ["d1"])


def test_an_area_is_split_by_building_lists(row):
    names = [house.name for house in HOUSES]
    lists = {"W": names[:8], "G2": names[8:12], "E": names[12:]}
    after, change = split_by_lists(row, G2, HOUSES, lists)
    assert differs_by(outline(after, AreaKey("grid", "W")), box(10, 0, 15, 10)) < 0.01
    assert differs_by(outline(after, G2), box(15, 0, 17.5, 10)) < 0.01
    assert after.area(AreaKey("grid", "E")).parent == row.number_of(C1)
    assert [after.areas[n].key.code for n in change.entered] == ["W", "E"]
    assert after.retired == frozenset()
    assert_sound(after, THREE_LAYERS)


def test_a_list_that_does_not_stand_together_gives_an_area_in_parts(row):
    names = {house.name for house in HOUSES}
    corners = ["a1", "d4"]
    lists = {"corners": corners, "rest": sorted(names - set(corners))}
    after, _ = split_by_lists(row, G2, HOUSES, lists)
    assert len(shapely.get_parts(outline(after, AreaKey("grid", "corners")))) == 2
    assert G2 in after.retired
    assert_sound(after, THREE_LAYERS)


def test_who_is_on_no_list_gets_no_ground(row):
    after, _ = split_by_lists(row, G2, POINTS, {"W": ["a2"], "E": ["d2"]})
    # the middle between the two is at 15
    assert differs_by(outline(after, AreaKey("grid", "W")), box(10, 0, 15, 10)) < 0.01


def test_lists_that_contradict_themselves_are_refused(row):
    for lists in ({"W": ["a1"], "E": ["a1"]}, {"W": ["a1"], "E": ["x"]}):
        with pytest.raises(errors.BuildingsNotInArea):
            split_by_lists(row, G2, HOUSES, lists)
    for lists in ({"W": ["a1"]}, {"W": ["a1"], "E": []}):
        with pytest.raises(errors.NothingLeft):
            split_by_lists(row, G2, HOUSES, lists)
    with pytest.raises(errors.CodeInUse):
        split_by_lists(row, G2, HOUSES, {"G1": ["a1"], "E": ["d1"]})


@pytest.mark.parametrize("spot", [Point(15, 5), box(14, 4, 16, 6)])
def test_houses_on_one_spot_cannot_have_areas_of_their_own(row, spot):
    spot = [Building("one", spot), Building("other", spot)]
    with pytest.raises(errors.NothingLeft):
        split_by_lists(row, G2, spot, {"W": ["one"], "E": ["other"]})


def test_overlapping_houses_are_parted_somehow_and_leave_no_hole(row):
    pair = [Building("one", box(12, 3, 16, 7)), Building("other", box(15, 3, 18, 7))]
    after, _ = move_buildings(row, G2, G3, pair, ["other"])
    # the one that stays keeps what both cover
    assert differs_by(outline(after, G2) & box(12, 3, 18, 7), box(12, 3, 16, 7)) < 0.01
    assert np.isclose(outline(after, C1).area + outline(after, C2).area, 400)
    assert_sound(after, THREE_LAYERS)


def test_children_of_a_parent_split_later_follow_their_lists(row):
    after, _ = split_by_lists(row, G2, HOUSES, {"W": ["a1"], "E": ["d1"]})
    parted, _ = split_by_children(after, C1, {"C3": [AreaKey("grid", "E")]})
    assert_sound(parted, THREE_LAYERS)
