"""Areas derived from building lists: what is refused, and what they are called."""

import pytest
from shapely import LineString, Point, box

from geo_service import errors
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw import Building
from geo_service.layers.redraw.asked.lists import DeriveByLists
from geo_service.layers.redraw.buildings.deriving import derive
from tests.redrawing import assert_sound, row_of_grids
from tests.shapes import THREE_LAYERS

C1, STREET = AreaKey("community", "C1"), AreaKey("street", "S")
HOUSES = (Building("west", box(2, 4, 4, 6)), Building("east", box(16, 4, 18, 6)))
ON_ONE_SPOT = (Building("west", Point(15, 5)), Building("east", Point(15, 5)))
LISTS = {"G1": ("west",), "N1": ("east",)}


@pytest.mark.parametrize(
    ("parent", "layer", "houses", "groups", "error"),
    [
        (STREET, "grid", HOUSES, LISTS, errors.WrongParent),
        (STREET, "community", HOUSES, {"C1": ("west",)}, errors.HasChildren),
        (C1, "grid", HOUSES, {}, errors.NothingLeft),
        (C1, "grid", ON_ONE_SPOT, LISTS, errors.NothingLeft),
    ],
)
def test_lists_that_make_no_areas_are_refused(parent, layer, houses, groups, error):
    with pytest.raises(error):
        derive(row_of_grids(), parent, layer, houses, groups)


def test_only_areas_with_another_name_are_renamed():
    row = row_of_grids()
    names = {"G1": row.area(AreaKey("grid", "G1")).name, "N1": "东片"}
    told = {"C1": LISTS}
    asked = DeriveByLists("grid", (C1,), told, told, {"C1": HOUSES}, names)
    after, _ = asked.on(row)
    found = {code: after.area(AreaKey("grid", code)) for code in LISTS}
    assert {code: area.name for code, area in found.items()} == names
    # half way between the walls at 4 and 16
    assert found["N1"].outline.symmetric_difference(box(10, 0, 20, 10)).area < 0.01
    assert_sound(after, THREE_LAYERS)


def test_a_block_between_roads_with_houses_of_one_list_is_wholly_of_that_list():
    def derived(*roads):
        after, _ = derive(row_of_grids(), C1, "grid", HOUSES, LISTS, roads=roads)
        assert_sound(after, THREE_LAYERS)
        return [after.area(AreaKey("grid", code)).outline for code in LISTS]

    # half way between the walls at 4 and 16, but along the road at 7 where there is one
    street = LineString([(7, -1), (7, 11)])
    for roads, middle in [((), 10), ((street,), 7)]:
        for outline, shape in zip(
            derived(*roads), [box(0, 0, middle, 10), box(middle, 0, 20, 10)], strict=True
        ):
            assert outline.symmetric_difference(shape).area < 0.01


def test_a_road_through_a_house_parts_nothing_there():
    # one runs through the western house, one lies wholly in it: no block ends at them
    roads = [LineString([(3, -1), (3, 11)]), LineString([(3, 4.5), (3, 5.5)])]
    after, _ = derive(row_of_grids(), C1, "grid", HOUSES, LISTS, roads=roads)
    assert after.area(AreaKey("grid", "G1")).outline.covers(HOUSES[0].ground)
    assert (
        after.area(AreaKey("grid", "G1")).outline.symmetric_difference(box(0, 0, 10, 10)).area
        < 0.01
    )
