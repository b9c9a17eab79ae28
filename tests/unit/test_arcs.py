"""Arcs of small named coverages, their owners, and their way back to areas."""

import itertools

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.errors import TopologyBroken, UnknownArea, UnknownBorder
from geo_service.layers.arcs import Arc, AreaKey, extract
from geo_service.layers.arcs.persistent import PersistentMap
from geo_service.layers.arcs.rings import faces_of, outline_of
from tests.shapes import (
    ALL_LAYERS,
    CORNER_TOUCH,
    ISLAND,
    ONE_LAYER,
    RIGHT_SQUARE,
    RING,
    SQUARE,
    THREE_LAYERS,
    TRIPLE_POINT,
    TWO_LAYERS,
    areas_of,
    one_layer,
    three_levels,
)


def coverage_of(*shapes, layers=ONE_LAYER):
    (coverage,) = extract(one_layer(*shapes), layers, is_degrees=False)
    return coverage


def owners(coverage):
    """Return the codes of both sides of each arc, the lower first, None for nobody; sorted."""
    sides = [coverage.owners_in(number, "street") for number in coverage.arcs]
    named = [sorted((key.code[-1] if key else "") for key in pair) for pair in sides]
    return sorted(map(tuple, named))


def assembled(coverage):
    """Return every area put together from its arcs, in the order of their codes."""
    areas = sorted(coverage.areas.values(), key=lambda area: area.key)
    return [outline_of(faces_of(area.chain, coverage.arcs.__getitem__)) for area in areas]


def assert_same_bits(shapes, others):
    for one, other in zip(shapes, others, strict=True):
        pair = [shapely.to_wkb(shapely.normalize(shape)) for shape in (one, other)]
        assert pair[0] == pair[1]


def test_two_squares_are_three_arcs_between_two_junctions():
    coverage = coverage_of(SQUARE, RIGHT_SQUARE)
    assert owners(coverage) == [("", "1"), ("", "2"), ("1", "2")]
    assert set(coverage.arcs_at) == {(10.0, 0.0), (10.0, 10.0)}
    assert all(len(arcs) == 3 for arcs in coverage.arcs_at.values())


def test_the_left_of_an_arc_is_where_its_left_owner_lies():
    coverage = coverage_of(SQUARE, RIGHT_SQUARE)
    for number, arc in coverage.arcs.items():
        (x, y), (to_x, to_y) = arc.places[:2]
        middle, normal = np.array([x + to_x, y + to_y]) / 2, np.array([y - to_y, to_x - x])
        beside = shapely.Point(middle + 1e-3 * normal)
        left, _ = coverage.owners_in(number, "street")
        holders = [a.key for a in coverage.areas.values() if a.outline.contains(beside)]
        assert holders == ([left] if left else [])


def test_an_island_is_one_closed_arc_without_a_junction():
    coverage = coverage_of(RING, ISLAND)
    closed = [arc for arc in coverage.arcs.values() if arc.is_closed]
    assert owners(coverage) == [("", "1"), ("1", "2")]
    assert len(closed) == 2
    assert all(len(set(arcs)) == 1 for arcs in coverage.arcs_at.values())
    assert_same_bits(assembled(coverage), [RING, ISLAND])


def test_a_closed_arc_begins_at_its_lowest_place():
    coverage = coverage_of(SQUARE)
    assert coverage.arcs[1].tail == (0.0, 0.0)


def test_squares_that_touch_in_a_corner_have_a_junction_there_and_no_common_arc():
    coverage = coverage_of(*CORNER_TOUCH)
    assert owners(coverage) == [("", "1"), ("", "2")]
    assert set(coverage.arcs_at) == {(10.0, 10.0)}
    assert_same_bits(assembled(coverage), CORNER_TOUCH)


def test_three_areas_around_a_point_are_six_arcs():
    assert owners(coverage_of(*TRIPLE_POINT)) == [
        ("", "1"),
        ("", "2"),
        ("", "3"),
        ("1", "2"),
        ("1", "3"),
        ("2", "3"),
    ]


def test_an_area_in_several_parts_comes_back_in_all_of_them():
    shape = MultiPolygon([SQUARE, box(30, 0, 40, 10)])
    coverage = coverage_of(shape, RIGHT_SQUARE, box(20, 0, 30, 10))
    assert_same_bits(assembled(coverage), [shape, RIGHT_SQUARE, box(20, 0, 30, 10)])


def test_a_hole_that_touches_its_shell_in_a_point_stays_a_hole():
    shape = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(0, 0), (3, 5), (5, 3)]])
    inner = Polygon([(0, 0), (5, 3), (3, 5)])
    coverage = coverage_of(shape, inner)
    assert_same_bits(assembled(coverage), [shape, inner])


def test_parts_that_touch_in_a_point_stay_two_parts():
    shape = MultiPolygon(list(CORNER_TOUCH))
    assert_same_bits(assembled(coverage_of(shape)), [shape])


def test_holes_go_to_the_smallest_shell_around_them():
    nested = MultiPolygon(
        [
            Polygon(box(0, 0, 30, 30).exterior, [box(5, 5, 25, 25).exterior]),
            Polygon(box(10, 10, 20, 20).exterior, [box(12, 12, 18, 18).exterior]),
        ]
    )
    assert_same_bits(assembled(coverage_of(nested)), [nested])


def test_rings_are_written_from_their_lowest_place_and_shells_counterclockwise():
    (outline,) = assembled(coverage_of(SQUARE))
    assert outline.exterior.is_ccw
    assert outline.exterior.coords[0] == (0.0, 0.0)


def test_every_level_has_its_owners_on_the_arcs():
    (coverage,) = extract(three_levels(2, 1, 2), THREE_LAYERS, is_degrees=False)
    for number, arc in coverage.arcs.items():
        for side, keys in zip(
            (arc.left, arc.right),
            zip(*(coverage.owners_in(number, layer) for layer in coverage.above), strict=True),
            strict=True,
        ):
            outside = all(key is None for key in keys)
            assert outside == (side == ())
            assert outside or all(keys)
            chain = [coverage.area(key) for key in keys if key]
            for above, below in itertools.pairwise(chain):
                assert coverage.areas[below.parent].key == above.key


def test_an_area_below_is_no_owner_where_only_levels_above_are_cut():
    parts = {
        "street": areas_of("street", [SQUARE, RIGHT_SQUARE]),
        "community": areas_of("community", [SQUARE], parents=["999001"], codes=["999C1"]),
    }
    (coverage,) = extract(parts, TWO_LAYERS, is_degrees=False)
    between = next(n for n in coverage.arcs if all(coverage.owners_in(n, "street")))
    keys = coverage.owners_in(between, "community")
    assert set(keys) == {AreaKey("community", "999C1"), None}


def test_a_parent_that_children_do_not_fill_is_known_as_such():
    half = {
        "street": areas_of("street", [shapely.union(SQUARE, RIGHT_SQUARE)]),
        "community": areas_of("community", [SQUARE], parents=["999001"]),
    }
    (coverage,) = extract(half, TWO_LAYERS, is_degrees=False)
    assert coverage.untiled == {coverage.number_of(AreaKey("street", "999001"))}


def test_what_is_not_nested_is_in_no_coverage():
    boundaries = {**one_layer(SQUARE), "estate": areas_of("estate", [SQUARE])}
    (coverage,) = extract(boundaries, ALL_LAYERS, is_degrees=False)
    assert "estate" not in coverage.above
    assert extract({}, ALL_LAYERS) == []


def test_nested_layers_without_areas_are_there_for_their_first_ones():
    (coverage,) = extract(one_layer(SQUARE), ALL_LAYERS, is_degrees=False)
    nested = {layer.name: layer.parent for layer in ALL_LAYERS if layer.parent == "street"}
    assert nested.items() <= coverage.above.items()
    assert not len(coverage.area_sets()["community"])


def test_what_comes_in_goes_out_with_the_very_same_outlines():
    boundaries = three_levels(1, 2, 2)
    named = boundaries["grid"]
    named = type(named)(
        named.codes, named.names, named.parents, named.geometries, ({"a": 1},) * len(named)
    )
    boundaries = {**boundaries, "grid": named}
    (coverage,) = extract(boundaries, THREE_LAYERS, is_degrees=False)
    sets = coverage.area_sets()
    for layer, areas in boundaries.items():
        assert sets[layer].codes == areas.codes
        assert sets[layer].parents == areas.parents
        assert sets[layer].attributes == areas.attributes
        assert all(a is b for a, b in zip(sets[layer].geometries, areas.geometries, strict=True))


def test_two_owners_on_one_side_are_refused():
    with pytest.raises(TopologyBroken):
        coverage_of(SQUARE, box(0, 0, 10, 10))


def test_unknown_areas_and_arcs_are_named():
    coverage = coverage_of(SQUARE)
    with pytest.raises(UnknownArea, match="999777"):
        coverage.area(AreaKey("street", "999777"))
    with pytest.raises(UnknownBorder, match="77"):
        coverage.arc(77)


def test_an_arc_cannot_be_changed_in_place():
    arc: Arc = coverage_of(SQUARE).arcs[1]
    with pytest.raises(ValueError, match="read-only"):
        arc.places[0, 0] = 1.0


def test_a_changed_mapping_shares_what_it_does_not_change():
    before = PersistentMap({i: str(i) for i in range(1000)})
    after = before.with_changes({1: "one", 2: None, 5000: "new", 6000: None})
    assert dict(after) == {**{i: str(i) for i in range(1000) if i != 2}, 1: "one", 5000: "new"}
    assert (len(before), len(after)) == (1000, 1000)
    assert before[1] == "1"
    assert 2 in before
    assert 2 not in after
