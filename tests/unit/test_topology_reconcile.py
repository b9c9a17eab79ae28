"""Parents and children from sources that never matched are brought together."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.errors import TopologyBroken, UnknownLayer
from geo_service.layers.layer import Layers
from geo_service.layers.topology import (
    check,
    match_nodes,
    parents_by_share,
    parents_from_children,
    unify_parents,
)
from tests.shapes import (
    BOW_TIE,
    METRES,
    ONE_LAYER,
    PLACE,
    RIGHT_SQUARE,
    SQUARE,
    T_JUNCTION,
    THREE_LAYERS,
    TWO_LAYERS,
    areas_of,
    one_layer,
    three_levels,
    with_geometry,
)


def of_children(boundaries, layers, layer):
    return parents_from_children(boundaries, layers, layer, metres_per_unit=METRES)


def test_the_parent_is_who_holds_the_larger_share():
    parents = areas_of("street", [SQUARE, RIGHT_SQUARE])
    children = areas_of("grid", [box(0, 0, 5, 5), box(8, 0, 13, 4), box(6, 0, 11, 4)])
    codes, shares = parents_by_share(children, parents)
    # Of x from 8 to 13 three fifths lie right of 10; of 6 to 11 four fifths lie left of it.
    assert codes == ["999001", "999002", "999001"]
    assert shares.tolist() == pytest.approx([1.0, 0.6, 0.8])


def test_of_two_equal_shares_the_lowest_code_has_the_child():
    parents = areas_of("street", [RIGHT_SQUARE, SQUARE], codes=["999009", "999001"])
    codes, shares = parents_by_share(areas_of("grid", [box(5, 0, 15, 1)]), parents)
    assert (codes, shares.tolist()) == (["999001"], [0.5])


def test_a_child_that_no_parent_holds_has_none():
    codes, shares = parents_by_share(
        areas_of("grid", [box(50, 50, 60, 60), None, box(-10, 0, 0, 10)]),
        areas_of("street", [SQUARE]),
    )
    assert codes == [None, None, None]
    assert shares.tolist() == [0.0, 0.0, 0.0]


def test_a_child_that_two_overlapping_parents_hold_wholly_goes_to_the_lowest_code():
    codes, shares = parents_by_share(
        areas_of("grid", [box(1, 1, 2, 2)]), areas_of("street", [SQUARE, SQUARE])
    )
    assert (codes, shares.tolist()) == (["999001"], [1.0])


def test_shares_of_invalid_areas_are_those_of_their_valid_form():
    codes, shares = parents_by_share(
        areas_of("grid", [BOW_TIE]), areas_of("street", [box(0, 0, 5, 10), box(5, 0, 10, 10)])
    )
    assert (codes, shares.tolist()) == (["999001"], [0.5])


def test_every_area_of_a_nested_city_finds_its_parent_again():
    boundaries = three_levels()
    for child, parent in (("grid", "community"), ("community", "street")):
        codes, shares = parents_by_share(boundaries[child], boundaries[parent])
        assert codes == list(boundaries[child].parents)
        assert shares.tolist() == [1.0] * len(codes)


def test_no_children_and_no_parents_have_no_shares():
    codes, shares = parents_by_share(areas_of("grid", []), areas_of("street", []))
    assert (codes, shares.tolist()) == ([], [])


def test_parents_become_the_union_of_their_children_up_to_the_root():
    boundaries = three_levels()
    moved = shapely.get_coordinates(boundaries["grid"].geometries[0]).copy()
    moved[0] -= 4.0
    moved[-1] = moved[0]
    boundaries = with_geometry(boundaries, "grid", 0, Polygon(moved))
    result = of_children(boundaries, THREE_LAYERS, "grid")
    assert check(result.boundaries, THREE_LAYERS, metres_per_unit=METRES) == []
    assert {(c.layer, c.code) for c in result.changes} == {
        ("street", "99900"),
        ("community", "999C0000"),
    }
    for change in result.changes:
        assert change.kind == "from_children"
        assert change.moved_m2 == pytest.approx(change.area_after_m2 - change.area_before_m2)
        # The corner moved by 4 m on both axes; the old outline is no further than that away.
        assert 0 < change.largest_move_m <= np.hypot(4, 4)


def test_parents_that_fit_already_do_not_change():
    boundaries = three_levels()
    assert of_children(boundaries, THREE_LAYERS, "grid").changes == []


def test_a_parent_without_children_keeps_its_outline():
    streets = areas_of("street", [SQUARE, RIGHT_SQUARE])
    communities = areas_of("community", [box(0, 0, 10, 8)], parents=["999001"])
    result = of_children({"street": streets, "community": communities}, TWO_LAYERS, "community")
    assert result.boundaries["street"].geometries[1] is RIGHT_SQUARE
    (change,) = result.changes
    assert (change.code, change.moved_m2) == ("999001", pytest.approx(20))


def test_overlapping_children_still_give_their_parent_a_valid_outline():
    streets = areas_of("street", [SQUARE])
    communities = areas_of(
        "community", [box(0, 0, 6, 10), box(5, 0, 12, 10)], parents=["999001"] * 2
    )
    result = of_children({"street": streets, "community": communities}, TWO_LAYERS, "community")
    assert shapely.equals(result.boundaries["street"].geometries[0], box(0, 0, 12, 10))


def test_the_union_of_islands_is_a_parent_in_parts_with_its_hole():
    ring = Polygon(SQUARE.exterior, [box(4, 4, 6, 6).exterior])
    far = box(50, 50, 60, 60)
    streets = areas_of("street", [box(0, 0, 60, 60)])
    communities = areas_of("community", [ring, far], parents=["999001"] * 2)
    result = of_children({"street": streets, "community": communities}, TWO_LAYERS, "community")
    assert shapely.equals(result.boundaries["street"].geometries[0], MultiPolygon([ring, far]))


def test_only_the_family_of_the_children_changes():
    layers = Layers((*TWO_LAYERS, PLACE))
    boundaries = {
        "street": areas_of("street", [SQUARE]),
        "community": areas_of("community", [box(0, 0, 10, 9)], parents=["999001"]),
        "place": areas_of("place", [box(50, 0, 60, 10)]),
    }
    result = of_children(boundaries, layers, "community")
    assert result.boundaries["place"] is boundaries["place"]
    assert [c.layer for c in result.changes] == ["street"]


def test_a_root_layer_has_no_parents_to_change():
    assert of_children(one_layer(SQUARE), ONE_LAYER, "street").changes == []


def test_an_unknown_layer_is_named_with_those_there_are():
    with pytest.raises(UnknownLayer, match="no layer 'moon'"):
        of_children(one_layer(SQUARE), ONE_LAYER, "moon")


def test_unifying_gives_parents_the_nodes_of_their_children_and_names_them():
    child = Polygon([(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)])
    boundaries = {
        "street": areas_of("street", [SQUARE, RIGHT_SQUARE]),
        "community": areas_of("community", [child, RIGHT_SQUARE], parents=["999001", "999002"]),
    }
    result, renoded = unify_parents(boundaries, TWO_LAYERS)
    assert renoded == [("street", "999001")]
    assert result["street"].geometries[1] is RIGHT_SQUARE
    assert check(result, TWO_LAYERS, metres_per_unit=METRES) == []


def test_unifying_reaches_the_root_through_all_levels():
    upper = [Polygon(g) for g in T_JUNCTION[1:]]
    whole = shapely.union_all(T_JUNCTION)
    without_node = Polygon([(0, 0), (20, 0), (20, 20), (0, 20)])
    boundaries = {
        "street": areas_of("street", [without_node]),
        "community": areas_of("community", [without_node], parents=["999001"]),
        "grid": areas_of("grid", [T_JUNCTION[0], *upper], parents=["999001"] * 3),
    }
    matched = match_nodes(boundaries, THREE_LAYERS, metres_per_unit=METRES).boundaries
    result, _ = unify_parents(matched, THREE_LAYERS)
    assert check(result, THREE_LAYERS, metres_per_unit=METRES) == []
    # Whole lacks nothing: every corner of a grid on the rim is a node of street and community.
    assert shapely.equals(result["street"].geometries[0], whole)


def test_unifying_refuses_children_that_cover_other_ground():
    boundaries = {
        "street": areas_of("street", [SQUARE]),
        "community": areas_of("community", [box(0, 0, 9, 10)], parents=["999001"]),
    }
    with pytest.raises(TopologyBroken) as refused:
        unify_parents(boundaries, TWO_LAYERS)
    assert refused.value.count == 1
    assert refused.value.defects[0].codes == ("999001",)
    assert "999001" in refused.value.defects[0].text("en")


def test_unifying_clean_boundaries_changes_nothing():
    boundaries = three_levels()
    result, renoded = unify_parents(boundaries, THREE_LAYERS)
    assert renoded == []
    for name, areas in boundaries.items():
        pairs = zip(areas.geometries, result[name].geometries, strict=True)
        assert all(before is after for before, after in pairs)
