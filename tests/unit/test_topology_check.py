"""The check finds each kind of defect with its codes and size, and nothing in clean coverages."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geo_service.layers.topology import KINDS, Defect, check, local_scale
from tests.shapes import (
    ALL_LAYERS,
    BOW_TIE,
    CORNER_TOUCH,
    FAR_PARTS,
    HOLE_OUTSIDE,
    ISLAND,
    METRES,
    ONE_LAYER,
    RIGHT_SQUARE,
    RING,
    SLIVER_GAP,
    SLIVER_OVERLAP,
    SQUARE,
    T_JUNCTION,
    THREE_LAYERS,
    TRIPLE_POINT,
    TWO_LAYERS,
    U_SHAPE,
    areas_of,
    grid_of,
    one_layer,
    three_levels,
    with_geometry,
    without,
)


def found(boundaries, layers=ONE_LAYER, **how):
    return check(boundaries, layers, metres_per_unit=METRES, **how)


def the_only(boundaries, layers=ONE_LAYER):
    defects = found(boundaries, layers)
    assert len(defects) == 1, [d.text("en") for d in defects]
    return defects[0]


def nested(parents, children, owners):
    """One street layer over communities; ``owners`` are positions of parents."""
    streets = areas_of("street", parents)
    codes = [None if i is None else streets.codes[i] for i in owners]
    return {"street": streets, "community": areas_of("community", children, parents=codes)}


@pytest.mark.parametrize(
    "shapes",
    [
        (SQUARE,),
        (SQUARE, RIGHT_SQUARE),
        (RING, ISLAND),
        (U_SHAPE,),
        TRIPLE_POINT,
        CORNER_TOUCH,
        (FAR_PARTS, RIGHT_SQUARE),
        (SQUARE, box(500, 500, 510, 510)),
        (shapely.reverse(SQUARE), RIGHT_SQUARE),
    ],
    ids=["one", "two", "island", "u", "triple", "corner", "far parts", "apart", "clockwise"],
)
def test_clean_shapes_have_no_defect(shapes):
    assert found(one_layer(*shapes)) == []


def test_three_clean_levels_have_no_defect():
    assert found(three_levels(), THREE_LAYERS) == []


def test_three_clean_levels_in_degrees_have_no_defect():
    boundaries = three_levels(size=(0.001, 0.001), origin=(116.4, 39.9))
    scale = local_scale(boundaries["street"].geometries, True)
    assert check(boundaries, THREE_LAYERS, metres_per_unit=scale) == []


def test_nothing_at_all_has_no_defect():
    assert found({}, THREE_LAYERS) == []
    assert found({"street": areas_of("street", [])}, THREE_LAYERS) == []


def test_a_bow_tie_is_invalid_at_its_crossing():
    defect = the_only(one_layer(BOW_TIE))
    assert (defect.kind, defect.codes) == ("invalid_geometry", ("999001",))
    # The diagonals of the square from (0, 0) to (10, 10) cross in its middle.
    assert (defect.x, defect.y) == (5.0, 5.0)
    assert defect.reason == "Self-intersection"


def test_a_hole_outside_its_shell_is_invalid_with_the_reason():
    defect = the_only(one_layer(HOLE_OUTSIDE))
    assert (defect.kind, defect.reason) == ("invalid_geometry", "Hole lies outside shell")


def test_parts_nested_in_one_another_are_invalid():
    defect = the_only(one_layer(MultiPolygon([SQUARE, ISLAND])))
    assert (defect.kind, defect.reason) == ("invalid_geometry", "Nested shells")


@pytest.mark.parametrize("strange", [np.nan, np.inf])
def test_a_coordinate_that_is_not_finite_is_invalid_and_has_a_finite_place(strange):
    with np.errstate(invalid="ignore"):
        broken = Polygon([(0, 0), (10, 0), (strange, 10), (0, 10)])
    defect = the_only(one_layer(broken, RIGHT_SQUARE))
    assert (defect.kind, defect.codes) == ("invalid_geometry", ("999001",))
    assert (defect.x, defect.y) == (0.0, 0.0)


@pytest.mark.parametrize("nothing", [None, Polygon()])
def test_a_missing_or_empty_geometry_is_named_without_a_place(nothing):
    defect = the_only(one_layer(nothing, SQUARE))
    assert (defect.kind, defect.codes, defect.x) == ("empty_geometry", ("999001",), None)


@pytest.mark.parametrize(
    ("layer", "geometry"),
    [("street", LineString([(0, 0), (1, 1)])), ("street", Point(0, 0)), ("lane", SQUARE)],
)
def test_a_geometry_of_the_wrong_kind_is_named(layer, geometry):
    defect = the_only({layer: areas_of(layer, [geometry])}, ALL_LAYERS)
    assert (defect.kind, defect.reason) == ("wrong_kind", geometry.geom_type)


def test_overlays_may_overlap_but_must_be_valid():
    estates = areas_of("estate", [SQUARE, SQUARE, BOW_TIE])
    defect = the_only({"estate": estates}, ALL_LAYERS)
    assert (defect.kind, defect.layer, defect.codes) == ("invalid_geometry", "estate", ("999003",))


def test_lines_may_cross_each_other():
    lanes = [LineString([(0, 0), (9, 9)]), LineString([(0, 9), (9, 0)])]
    assert found({"lane": areas_of("lane", lanes)}, ALL_LAYERS) == []


def test_an_overlap_has_both_codes_and_its_area():
    defect = the_only(one_layer(*SLIVER_OVERLAP))
    assert (defect.kind, defect.codes) == ("overlap", ("999001", "999002"))
    assert defect.area_m2 == pytest.approx(1.0, rel=1e-12)
    # The incircle of the triangle has the radius 2 A / P; P = 10 + 2 * hypot(5, 0.2).
    assert defect.width_m == pytest.approx(4 / (10 + 2 * np.hypot(5, 0.2)), rel=0.01)
    assert shapely.intersects_xy(SQUARE, defect.x, defect.y)


def test_areas_that_cross_without_a_common_node_overlap():
    defect = the_only(one_layer(box(0, 4, 20, 6), box(9, -5, 11, 15)))
    assert (defect.kind, defect.area_m2) == ("overlap", 4.0)


def test_an_area_inside_another_overlaps_it_with_its_whole_area():
    defect = the_only(one_layer(SQUARE, ISLAND))
    assert (defect.kind, defect.codes) == ("overlap", ("999001", "999002"))
    assert defect.area_m2 == pytest.approx(4.0)


def test_two_areas_on_the_same_ground_are_duplicates():
    defect = the_only(one_layer(SQUARE, shapely.reverse(SQUARE), RIGHT_SQUARE))
    assert (defect.kind, defect.codes) == ("duplicate_geometry", ("999001", "999002"))
    assert defect.area_m2 == pytest.approx(100.0)


def test_a_coverage_laid_over_another_reports_every_pair():
    lower = [box(x, 0, x + 10, 10) for x in (0, 10, 20)]
    upper = [box(x, 0, x + 15, 10) for x in (0, 15)]
    pairs = {d.codes: d.area_m2 for d in found(one_layer(*lower, *upper)) if d.kind == "overlap"}
    # [0,10], [10,20], [20,30] against [0,15], [15,30], each ten metres high.
    assert pairs == pytest.approx(
        {
            ("999001", "999004"): 100.0,
            ("999002", "999004"): 50.0,
            ("999002", "999005"): 50.0,
            ("999003", "999005"): 100.0,
        }
    )


def test_a_hole_of_a_root_layer_has_its_area_and_the_areas_around_it():
    defect = the_only(one_layer(*SLIVER_GAP))
    assert (defect.kind, defect.codes) == ("hole", ("999001", "999002"))
    assert defect.area_m2 == pytest.approx(1.0, rel=1e-12)


def test_a_lake_that_only_one_area_surrounds_is_a_hole():
    defect = the_only(one_layer(RING))
    assert (defect.kind, defect.codes, defect.area_m2) == ("hole", ("999001",), 4.0)
    assert defect.width_m == pytest.approx(2.0, rel=0.01)


def test_a_bay_that_opens_to_the_outside_is_no_hole():
    assert found(one_layer(U_SHAPE, box(3, 12, 7, 14))) == []


def test_ground_that_children_leave_free_is_a_gap_of_the_parent():
    boundaries = nested([box(0, 0, 20, 10)], [SQUARE, box(12, 0, 20, 10)], [0, 0])
    defect = the_only(boundaries, TWO_LAYERS)
    assert (defect.kind, defect.layer, defect.codes) == ("gap", "community", ("999001",))
    assert defect.area_m2 == pytest.approx(20.0)
    assert defect.width_m == pytest.approx(2.0, rel=0.01)


def test_every_gap_of_a_parent_is_a_defect_of_its_own_largest_first():
    boundaries = nested([box(0, 0, 30, 10)], [box(1, 0, 10, 10), box(13, 0, 30, 10)], [0, 0])
    gaps = found(boundaries, TWO_LAYERS)
    assert [d.kind for d in gaps] == ["gap", "gap"]
    assert [d.area_m2 for d in gaps] == pytest.approx([30.0, 10.0])


def test_a_child_outside_its_parent_has_both_codes_and_the_area_outside():
    boundaries = nested([SQUARE], [box(0, 0, 13, 10)], [0])
    defect = the_only(boundaries, TWO_LAYERS)
    assert (defect.kind, defect.codes) == ("outside_parent", ("999001", "999001"))
    assert defect.area_m2 == pytest.approx(30.0)


def test_a_child_under_the_wrong_parent_is_outside_and_leaves_a_gap():
    boundaries = nested(
        [SQUARE, RIGHT_SQUARE], [SQUARE, box(10, 0, 15, 10), box(15, 0, 20, 10)], [0, 0, 1]
    )
    kinds = {(d.kind, d.codes): d.area_m2 for d in found(boundaries, TWO_LAYERS)}
    assert kinds == pytest.approx(
        {("outside_parent", ("999002", "999001")): 50.0, ("gap", ("999002",)): 50.0}
    )


def test_a_missing_parent_is_told_once_with_all_its_children():
    boundaries = nested([SQUARE], [SQUARE, RIGHT_SQUARE, box(20, 0, 30, 10)], [0, 0, 0])
    children = boundaries["community"].with_parents(["999001", "999404", "999404"])
    defect = the_only({**boundaries, "community": children}, TWO_LAYERS)
    assert (defect.kind, defect.reason) == ("missing_parent", "999404")
    assert defect.codes == ("999002", "999003")


def test_a_missing_parent_of_an_empty_child_has_no_place():
    boundaries = nested([SQUARE], [SQUARE, None], [0, None])
    defects = {d.kind: d for d in found(boundaries, TWO_LAYERS)}
    assert set(defects) == {"missing_parent", "empty_geometry"}
    assert (defects["missing_parent"].x, defects["missing_parent"].reason) == (None, "—")


def test_children_without_a_parent_must_not_overlap_either():
    boundaries = nested([SQUARE], [SQUARE, RIGHT_SQUARE, RIGHT_SQUARE], [0, None, None])
    kinds = {d.kind for d in found(boundaries, TWO_LAYERS)}
    assert kinds == {"missing_parent", "duplicate_geometry"}


@pytest.mark.parametrize("streets", [None, []])
def test_a_layer_without_parents_yet_is_a_root(streets):
    boundaries = {"community": areas_of("community", [RING], parents=["999404"])}
    if streets is not None:
        boundaries["street"] = areas_of("street", streets)
    assert the_only(boundaries, TWO_LAYERS).kind == "hole"


def test_a_parent_without_any_child_need_not_be_tiled():
    boundaries = nested([SQUARE, RIGHT_SQUARE], [SQUARE], [0])
    assert found(boundaries, TWO_LAYERS) == []


def test_a_straight_border_past_a_junction_lacks_its_node():
    defects = found(one_layer(*T_JUNCTION))
    assert {(d.kind, d.codes, d.count) for d in defects} == {
        ("unmatched_node", ("999001", "999002"), 1),
        ("unmatched_node", ("999001", "999003"), 1),
    }
    assert all((d.x, d.y) == (8.0, 10.0) for d in defects)


def test_a_node_of_a_child_that_the_parent_lacks_is_unmatched():
    child = Polygon([(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)])
    defect = the_only(nested([SQUARE], [child], [0]), TWO_LAYERS)
    assert (defect.kind, defect.layer, defect.count) == ("unmatched_node", "community", 1)
    assert (defect.x, defect.y) == (5.0, 0.0)


def test_a_node_beside_the_neighbors_edge_by_a_hair_is_unmatched():
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (np.nextafter(10, 11), 5)])
    defect = the_only(one_layer(SQUARE, right))
    assert (defect.kind, defect.codes, defect.count) == ("unmatched_node", ("999001", "999002"), 1)


def test_corners_that_differ_by_a_tenth_of_a_millimetre_are_unmatched():
    right = Polygon([(10.0001, 0), (20, 0), (20, 10), (10.0001, 10)])
    left = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
    boundaries = nested([box(0, 0, 20, 10)], [left, right], [0, 0])
    assert {d.kind for d in found(boundaries, TWO_LAYERS)} == {"unmatched_node"}


def test_a_spike_too_thin_to_have_a_width_is_still_a_defect():
    # Half a millimetre at its base, where both have the same two nodes, and five metres deep.
    base, tip = [(10.0, 5.0), (10.0, 5.0005)], (15.0, 5.0002)
    left = Polygon([(0, 0), (10, 0), base[0], tip, base[1], (10, 10), (0, 10)])
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), base[1], base[0]])
    defect = the_only(one_layer(left, right))
    assert (defect.kind, defect.codes) == ("unmatched_node", ("999001", "999002"))


def test_families_side_by_side_must_share_the_nodes_of_common_borders():
    streets = areas_of("street", [box(0, 0, 20, 20)])
    communities = areas_of("community", [box(0, 0, 20, 20)], parents=["999001"])
    lower, upper = box(0, 0, 20, 10), box(0, 10, 20, 20)
    whole = shapely.union(lower, upper)
    streets, communities = (a.with_geometries(np.array([whole])) for a in (streets, communities))
    grids = areas_of("grid", [lower, upper], parents=["999001"] * 2)
    quarter = [
        Polygon([(0, 0), (20, 0), (20, 10), (12, 10), (0, 10)]),
        Polygon([(0, 10), (12, 10), (20, 10), (20, 20), (0, 20)]),
    ]
    party_grids = areas_of("party_grid", quarter, parents=["999001"] * 2)
    layers = {"street": streets, "community": communities, "grid": grids}
    assert found(layers, ALL_LAYERS) == []
    defects = found({**layers, "party_grid": party_grids}, ALL_LAYERS)
    assert {d.kind for d in defects} == {"unmatched_node"}
    assert {(d.x, d.y) for d in defects} == {(12.0, 10.0)}


def test_an_invalid_area_does_not_make_a_gap_of_its_own_ground():
    boundaries = three_levels(1, 1, 2)
    cell = boundaries["grid"].geometries[0]
    # A spike out and back makes the ring invalid but encloses nothing.
    places = shapely.get_coordinates(cell)
    spike = np.insert(places, 1, [places[0] + 3, places[0]], axis=0)
    defects = found(with_geometry(boundaries, "grid", 0, Polygon(spike)), THREE_LAYERS)
    assert [d.kind for d in defects] == ["invalid_geometry"]


def test_far_apart_parts_are_checked_part_by_part():
    parts = [
        box(i * 1000, j * 1000, i * 1000 + 10, j * 1000 + 10) for i in range(9) for j in range(9)
    ]
    scattered = [MultiPolygon(parts[i::3]) for i in range(3)]
    assert found(one_layer(*scattered)) == []
    (defect,) = found(one_layer(*scattered, box(5, 5, 8, 8)))
    assert (defect.kind, defect.codes) == ("overlap", ("999001", "999004"))


def test_an_area_taken_out_of_a_city_leaves_a_gap_of_its_size_on_the_level_above():
    boundaries = three_levels()
    lost = boundaries["grid"].geometries[27]
    defect = the_only(without(boundaries, "grid", 27), THREE_LAYERS)
    assert (defect.kind, defect.layer) == ("gap", "grid")
    assert defect.codes == (boundaries["grid"].parents[27],)
    assert defect.area_m2 == pytest.approx(shapely.area(lost))


def test_a_clean_root_layer_agrees_with_the_judge_of_geos():
    cells = grid_of(6, 6)
    assert shapely.coverage_is_valid(cells)
    defects = found(one_layer(*np.delete(cells, 14)))
    assert [d.kind for d in defects] == ["hole"]
    assert defects[0].area_m2 == pytest.approx(shapely.area(cells[14]))


def test_defects_come_the_largest_first():
    shapes = [box(0, 0, 10, 10), box(9, 0, 20, 10), box(18, 0, 30, 10)]
    sizes = [d.area_m2 for d in found(one_layer(*shapes))]
    assert sizes == pytest.approx([20.0, 10.0])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_defect_reads_as_one_sentence_in_both_languages(kind):
    told = {"area_m2": 12.34, "width_m": 0.5, "buildings": ("3号楼",), "shares": (0.6, 0.4)}
    defect = Defect(kind, "grid", ("999001", "999002"), x=116.4, y=39.9, reason="R", **told)
    for text in (defect.text("zh"), defect.text("en")):
        assert "999001" in text
        assert "116.400000, 39.900000" in text
        assert "{" not in text


def test_sizes_are_written_with_three_digits_and_tiny_ones_as_less():
    written = [
        Defect("overlap", "grid", ("1", "2"), area_m2=area, width_m=0.25).text("en")
        for area in (12345.6, 12.345, 0.5, 1e-9, 0.0)
    ]
    assert [text.split(" by ")[1].split(" (")[0] for text in written] == [
        "12,346 m²",
        "12.3 m²",
        "0.500 m²",
        "<0.001 m²",
        "0 m²",
    ]


def test_many_codes_are_cut_short_in_the_sentence():
    codes = tuple(f"999{i:03d}" for i in range(40))
    text = Defect("missing_parent", "grid", codes, reason="999C").text("zh")
    assert "999005" in text
    assert "999006" not in text
    assert "(40)" in text
