"""Repair closes what is narrow, tells what it did, and leaves everything else as it was."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Polygon, box

from geo_service.errors import UnknownLayer
from geo_service.layers.layer import Layers
from geo_service.layers.topology import Change, check, fit_to_parent, local_scale, repair
from tests.shapes import (
    ALL_LAYERS,
    BOW_TIE,
    METRES,
    ONE_LAYER,
    PLACE,
    RIGHT_SQUARE,
    SLIVER_GAP,
    SLIVER_OVERLAP,
    SQUARE,
    T_JUNCTION,
    THREE_LAYERS,
    TWO_LAYERS,
    areas_of,
    grid_of,
    one_layer,
    three_levels,
    with_geometry,
)


def repaired(boundaries, layers=ONE_LAYER, **how):
    return repair(boundaries, layers, metres_per_unit=METRES, **how)


def defects_of(boundaries, layers=ONE_LAYER):
    return check(boundaries, layers, metres_per_unit=METRES)


def areas(boundaries, layer="street"):
    return shapely.area(boundaries[layer].geometries)


def nested(parents, children, owners):
    streets = areas_of("street", parents)
    codes = [streets.codes[i] for i in owners]
    return {"street": streets, "community": areas_of("community", children, parents=codes)}


def shifted(polygon, vertices, by):
    places = shapely.get_coordinates(polygon).copy()
    places[vertices] += by
    places[-1] = places[0]
    return Polygon(places)


def test_clean_boundaries_keep_their_very_objects():
    boundaries = three_levels()
    result = repaired(boundaries, THREE_LAYERS)
    assert result.changes == []
    for name, some in boundaries.items():
        pairs = zip(some.geometries, result.boundaries[name].geometries, strict=True)
        assert all(before is after for before, after in pairs)


@pytest.mark.parametrize("shapes", [SLIVER_GAP, SLIVER_OVERLAP, T_JUNCTION])
def test_a_narrow_fault_between_two_areas_is_closed(shapes):
    result = repaired(one_layer(*shapes))
    assert defects_of(result.boundaries) == []


def test_closing_a_gap_moves_exactly_its_area_to_one_neighbor():
    result = repaired(one_layer(*SLIVER_GAP))
    # The gap has 1 m²; the left side of it is one straight edge of 10 m, the right one is longer.
    assert areas(result.boundaries) == pytest.approx([100, 100])
    (change,) = (c for c in result.changes if c.kind == "reshaped")
    assert (change.layer, change.code) == ("street", "999002")
    assert (change.area_before_m2, change.area_after_m2) == pytest.approx((99, 100))
    assert change.moved_m2 == pytest.approx(1)
    assert change.largest_move_m == pytest.approx(0.2)


def test_an_overlap_is_taken_from_the_area_with_the_shorter_border():
    result = repaired(one_layer(*SLIVER_OVERLAP))
    # Beyond the bent side, the longer one, lies 999001 alone: it keeps its 100 m², and 999002 goes
    # back from 101 to 100.
    assert areas(result.boundaries) == pytest.approx([100, 100])
    assert [c.code for c in result.changes if c.kind == "reshaped"] == ["999002"]


def test_what_is_wider_than_the_tolerance_stays_a_defect():
    boundaries = one_layer(*SLIVER_GAP)
    result = repaired(boundaries, tolerance_m=0.1)
    assert result.changes == []
    assert [d.kind for d in defects_of(result.boundaries)] == ["hole"]


def test_a_sliver_that_opens_into_a_pond_stays_whole():
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10.2, 6), (13, 5), (10.2, 4)])
    result = repaired(one_layer(SQUARE, right))
    assert result.changes == []


def test_an_invalid_area_is_made_valid_and_told():
    boundaries = one_layer(BOW_TIE, box(20, 0, 30, 10))
    result = repaired(boundaries)
    assert defects_of(result.boundaries) == []
    (change,) = result.changes
    assert (change.code, change.kind) == ("999001", "made_valid")
    # Two triangles of 10 by 5 by 0.5.
    assert change.area_after_m2 == pytest.approx(50)


def test_overlays_are_made_valid_and_may_go_on_overlapping():
    boundaries = {"estate": areas_of("estate", [SQUARE, BOW_TIE])}
    result = repaired(boundaries, ALL_LAYERS)
    assert [c.kind for c in result.changes] == ["made_valid"]
    assert result.boundaries["estate"].geometries[0] is SQUARE


def test_what_cannot_be_made_valid_stays_for_the_check_to_name():
    with np.errstate(invalid="ignore"):
        broken = Polygon([(0, 0), (1, 0), (np.nan, 1)])
    result = repaired(one_layer(broken, None, RIGHT_SQUARE))
    assert result.boundaries["street"].geometries[0] is broken
    assert result.boundaries["street"].geometries[1] is None
    kinds = [d.kind for d in defects_of(result.boundaries)]
    assert sorted(kinds) == ["empty_geometry", "invalid_geometry"]


def test_areas_not_concerned_keep_their_very_objects():
    cells = grid_of(6, 6)
    cells[14] = shifted(cells[14], [2], 0.1)
    result = repaired(one_layer(*cells))
    assert defects_of(result.boundaries) == []
    changed = {c.code for c in result.changes}
    for code, before, after in zip(
        result.boundaries["street"].codes,
        cells,
        result.boundaries["street"].geometries,
        strict=True,
    ):
        assert (before is after) == (code not in changed)
    assert len(changed) <= 2


def test_where_levels_disagree_the_upper_one_keeps_its_ground():
    # The child leaves 0.2 m of its parent free on the left and sticks out by 0.2 m on the right.
    boundaries = nested([SQUARE], [box(0.2, 0, 10.2, 10)], [0])
    result = repaired(boundaries, TWO_LAYERS)
    assert defects_of(result.boundaries, TWO_LAYERS) == []
    assert areas(result.boundaries) == pytest.approx([100])
    assert shapely.equals(*(result.boundaries[n].geometries[0] for n in ("street", "community")))


def test_two_parents_that_overlap_are_mended_together_with_their_children():
    streets = [box(0, 0, 10.1, 10), box(10, 0, 20, 10)]
    boundaries = nested(streets, list(streets), [0, 1])
    result = repaired(boundaries, TWO_LAYERS)
    assert defects_of(result.boundaries, TWO_LAYERS) == []
    assert areas(result.boundaries).sum() == pytest.approx(200)
    assert areas(result.boundaries, "community") == pytest.approx(areas(result.boundaries))


def test_a_strip_along_several_areas_is_shared_out_in_front_of_each():
    parent = box(0, 0, 40, 10.4)
    children = [box(x, 0, x + 10, 10) for x in (0, 10, 20, 30)]
    result = repaired(nested([parent], children, [0] * 4), TWO_LAYERS)
    assert defects_of(result.boundaries, TWO_LAYERS) == []
    assert areas(result.boundaries, "community") == pytest.approx([104] * 4)


def test_an_area_that_is_itself_a_sliver_is_not_given_away():
    boundaries = one_layer(SQUARE, box(9.8, 0, 10, 10))
    result = repaired(boundaries)
    assert not shapely.is_empty(result.boundaries["street"].geometries).any()
    assert [d.kind for d in defects_of(result.boundaries)] == ["overlap"]


def test_a_narrow_part_of_the_root_layer_is_not_given_to_the_outside():
    strip = box(50, 0, 50.3, 10)
    boundaries = nested([MultiPolygon([SQUARE, strip])], [SQUARE], [0])
    result = repaired(boundaries, TWO_LAYERS)
    assert result.changes == []
    assert [d.kind for d in defects_of(result.boundaries, TWO_LAYERS)] == ["gap"]


def test_lines_stay_as_they_are():
    lanes = areas_of("lane", [LineString([(0, 0), (9, 9), (0, 9), (9, 0)])])
    assert repaired({"lane": lanes}, ALL_LAYERS).boundaries["lane"] is lanes


def test_crossing_borders_are_closed_face_by_face():
    # The two borders cross twice: an overlap, a gap and an overlap, each 0.1 m wide at most.
    left = Polygon([(0, 0), (10.1, 0), (9.9, 5), (10.1, 10), (0, 10)])
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10)])
    boundaries = nested([box(0, 0, 20, 10)], [left, right], [0, 0])
    result = repaired(boundaries, TWO_LAYERS)
    assert defects_of(result.boundaries, TWO_LAYERS) == []
    assert areas(result.boundaries, "community").sum() == pytest.approx(200)


def test_repair_in_degrees_keeps_the_metric_tolerance():
    boundaries = three_levels(size=(0.001, 0.001), origin=(116.4, 39.9))
    scale = local_scale(boundaries["grid"].geometries, True)
    cell = boundaries["grid"].geometries[27]
    for metres, is_closed in ((0.3, True), (3.0, False)):
        dirty = with_geometry(
            boundaries, "grid", 27, shifted(cell, [2], np.array([metres, metres]) / scale)
        )
        result = repair(dirty, THREE_LAYERS, metres_per_unit=scale)
        left = check(result.boundaries, THREE_LAYERS, metres_per_unit=scale)
        assert (left == []) == is_closed


def test_repairing_twice_changes_nothing_more():
    boundaries = three_levels()
    for position in (3, 27, 40):
        cell = boundaries["grid"].geometries[position]
        dirty = shifted(cell, [1, 6], np.array([0.15, -0.1]))
        boundaries = with_geometry(boundaries, "grid", position, dirty)
    once = repaired(boundaries, THREE_LAYERS)
    assert defects_of(once.boundaries, THREE_LAYERS) == []
    assert repaired(once.boundaries, THREE_LAYERS).changes == []


def test_changes_come_with_the_most_ground_first():
    boundaries = three_levels()
    boundaries = with_geometry(
        boundaries, "community", 5, shapely.transform(boundaries["community"].geometries[5], _aside)
    )
    moved = [change.moved_m2 for change in repaired(boundaries, THREE_LAYERS).changes]
    assert moved == sorted(moved, reverse=True)
    assert moved


def _aside(places):
    return places + 0.05


@pytest.mark.parametrize(
    "kind", ["made_valid", "reshaped", "matched", "renoded", "from_children", "fitted"]
)
def test_every_kind_of_change_reads_as_one_sentence_in_both_languages(kind):
    change = Change("grid", "999001", kind, 100.0, 101.0, 1.0, 0.2)
    for text in (change.text("zh"), change.text("en")):
        assert "grid 999001" in text
        assert ("101 m²" in text) == (kind != "renoded")


def test_children_within_reach_are_fitted_to_their_parents():
    # Streets meet at x = 100; the communities were drawn from another source, up to 8 m off.
    streets = [box(0, 0, 100, 100), box(100, 0, 200, 100)]
    communities = [
        Polygon([(3, 2), (104, -5), (97, 50), (-4, 50)]),
        Polygon([(-4, 50), (97, 50), (106, 95), (2, 104)]),
        Polygon([(104, -5), (195, 3), (197, 104), (106, 95), (97, 50)]),
    ]
    boundaries = nested(streets, communities, [0, 0, 1])
    fitted = fit_to_parent(boundaries, TWO_LAYERS, "community", max_m=12, metres_per_unit=METRES)
    assert defects_of(fitted.boundaries, TWO_LAYERS) == []
    assert areas(fitted.boundaries) == pytest.approx([10_000, 10_000])
    community = areas(fitted.boundaries, "community")
    assert community[:2].sum() == pytest.approx(10_000)
    assert community[2] == pytest.approx(10_000)
    assert {c.kind for c in fitted.changes if c.layer == "community"} == {"fitted"}


def test_what_is_further_than_the_reach_is_not_fitted():
    boundaries = nested([box(0, 0, 100, 100)], [box(0, 0, 90, 100)], [0])
    fitted = fit_to_parent(boundaries, TWO_LAYERS, "community", max_m=5, metres_per_unit=METRES)
    # Only the corners of the child become nodes of the parent's straight border.
    assert [c.kind for c in fitted.changes] == ["renoded"]
    assert [d.kind for d in defects_of(fitted.boundaries, TWO_LAYERS)] == ["gap"]


def test_fitting_leaves_overlaps_of_siblings_to_a_person():
    children = [box(0, 0, 52, 100), box(50, 0, 99, 100)]
    boundaries = nested([box(0, 0, 100, 100)], children, [0, 0])
    fitted = fit_to_parent(boundaries, TWO_LAYERS, "community", max_m=5, metres_per_unit=METRES)
    assert [d.kind for d in defects_of(fitted.boundaries, TWO_LAYERS)] == ["overlap"]


def test_fitting_one_family_leaves_another_untouched():
    layers = Layers((*TWO_LAYERS, PLACE))
    boundaries = nested([SQUARE], [box(0, 0, 10, 9.8)], [0])
    boundaries["place"] = areas_of("place", [box(50, 0, 60, 10), box(59.9, 0, 70, 10)])
    fitted = fit_to_parent(boundaries, layers, "community", max_m=5, metres_per_unit=METRES)
    assert fitted.boundaries["place"] is boundaries["place"]
    assert {c.code for c in fitted.changes if c.kind == "fitted"} == {"999001"}


def test_a_layer_without_parents_is_not_fitted_to_anything():
    fitted = fit_to_parent(one_layer(SQUARE), ONE_LAYER, "street", max_m=5, metres_per_unit=METRES)
    assert fitted.changes == []


def test_fitting_an_unknown_layer_says_which_there_are():
    with pytest.raises(UnknownLayer, match="no layer 'moon'"):
        fit_to_parent(one_layer(SQUARE), ONE_LAYER, "moon", max_m=5, metres_per_unit=METRES)
