"""Matching gives all rings that pass a place the same node, and leaves everything else alone."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.layers.topology import check, local_scale, match_nodes
from tests.shapes import (
    ALL_LAYERS,
    BOW_TIE,
    METRES,
    ONE_LAYER,
    RIGHT_SQUARE,
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


def matched(boundaries, layers=ONE_LAYER, **how):
    return match_nodes(boundaries, layers, metres_per_unit=METRES, **how)


def nodes_of(geometry):
    return set(map(tuple, shapely.get_coordinates(geometry).tolist()))


def test_clean_boundaries_keep_their_very_objects():
    boundaries = three_levels()
    result = matched(boundaries, THREE_LAYERS)
    assert (result.inserted, result.moved, result.largest_move_m) == (0, 0, 0.0)
    for name, areas in boundaries.items():
        pairs = zip(areas.geometries, result.boundaries[name].geometries, strict=True)
        assert all(before is after for before, after in pairs)


def test_a_straight_border_gets_the_node_of_the_junction_on_it():
    result = matched(one_layer(*T_JUNCTION))
    lower, left, right = result.boundaries["street"].geometries
    assert (8.0, 10.0) in nodes_of(lower)
    assert (result.inserted, result.moved, result.largest_move_m) == (1, 0, 0.0)
    assert (left, right) == T_JUNCTION[1:]
    assert check(result.boundaries, ONE_LAYER, metres_per_unit=METRES) == []


def test_an_inserted_node_has_the_same_bits_though_it_lies_beside_the_edge():
    third = 10 / 3
    beside = (10 + 2e-4, third)
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), beside])
    result = matched(one_layer(SQUARE, right))
    assert beside in nodes_of(result.boundaries["street"].geometries[0])
    assert result.largest_move_m == pytest.approx(2e-4)
    assert check(result.boundaries, ONE_LAYER, metres_per_unit=METRES) == []


def test_places_within_a_millimetre_become_that_of_the_lowest_code():
    right = Polygon([(10.0004, 0.0003), (20, 0), (20, 10), (10, 9.9995)])
    result = matched(one_layer(SQUARE, right))
    left, right = result.boundaries["street"].geometries
    assert left == SQUARE
    assert {(10.0, 0.0), (10.0, 10.0)} <= nodes_of(right)
    assert result.moved == 2
    assert result.largest_move_m == pytest.approx(0.0005)


def test_the_place_of_the_ancestor_stays_whatever_the_codes():
    streets = areas_of("street", [SQUARE], codes=["999900"])
    child = Polygon([(0.0002, 0), (10, 0), (10, 10), (0, 10)])
    communities = areas_of("community", [child], parents=["999900"])
    result = matched({"street": streets, "community": communities}, TWO_LAYERS)
    assert result.boundaries["street"].geometries[0] == SQUARE
    assert nodes_of(result.boundaries["community"].geometries[0]) == nodes_of(SQUARE)


def test_a_chain_of_close_places_does_not_drift():
    # 0.0, 0.6, 1.2 mm: the first and the last stay, the middle one goes to the nearest of them.
    shapes = [
        Polygon([(0, 0), (-5, -5), (5, -5)]),
        Polygon([(0.0006, 0), (20, 1), (20, 9)]),
        Polygon([(0.0012, 0), (5, 9), (-5, 9)]),
    ]
    result = matched(one_layer(*shapes))
    first, middle, last = result.boundaries["street"].geometries
    assert shapely.bounds(middle)[0] in (0.0, 0.0012)
    assert (0.0, 0.0) in nodes_of(first)
    assert (0.0012, 0.0) in nodes_of(last)
    assert result.largest_move_m <= 0.001


def test_a_gap_wider_than_the_tolerance_stays_open():
    apart = box(10.002, 0, 20, 10)
    result = matched(one_layer(SQUARE, apart))
    assert (result.inserted, result.moved) == (0, 0)
    closed = matched(one_layer(SQUARE, apart), tolerance_m=0.003)
    assert closed.moved == 2


def test_the_tolerance_is_in_metres_also_in_degrees():
    lon, lat = 116.4, 39.9
    scale = local_scale(np.array([box(lon, lat, lon + 0.01, lat + 0.01)]), True)
    left = box(lon, lat, lon + 0.01, lat + 0.01)

    def right_of(gap_m):
        return box(lon + 0.01 + gap_m / scale[0], lat, lon + 0.02, lat + 0.01)

    for gap_m, moved in ((0.0008, 2), (0.0012, 0)):
        result = match_nodes(one_layer(left, right_of(gap_m)), ONE_LAYER, metres_per_unit=scale)
        assert result.moved == moved


def test_all_levels_and_cousins_get_a_node_that_one_area_brings():
    boundaries = three_levels(2, 1, 1)
    # One grid on the border of two streets has a node more, in the middle of its right side.
    cell = boundaries["grid"].geometries[0]
    places = shapely.get_coordinates(cell)
    shared = nodes_of(cell) & nodes_of(boundaries["grid"].geometries[1])
    first = next(
        i
        for i in range(len(places) - 1)
        if tuple(places[i]) in shared and tuple(places[i + 1]) in shared
    )
    middle = (places[first] + places[first + 1]) / 2
    boundaries = with_geometry(
        boundaries, "grid", 0, Polygon(np.insert(places, first + 1, middle, axis=0))
    )
    result = matched(boundaries, THREE_LAYERS)
    holders = {
        (name, code)
        for name, areas in result.boundaries.items()
        for code, geometry in zip(areas.codes, areas.geometries, strict=True)
        if tuple(middle) in nodes_of(geometry)
    }
    # With one community per street and one grid per community each level has two holders.
    assert sorted(name for name, _ in holders) == ["community"] * 2 + ["grid"] * 2 + ["street"] * 2
    assert result.inserted == 5
    assert check(result.boundaries, THREE_LAYERS, metres_per_unit=METRES) == []


def test_families_side_by_side_are_matched_too():
    whole = box(0, 0, 20, 20)
    upper_with_node = Polygon([(0, 10), (12, 10), (20, 10), (20, 20), (0, 20)])
    grids = [box(0, 0, 20, 10), box(0, 10, 20, 20)]
    party_grids = [Polygon([(0, 0), (20, 0), (20, 10), (12, 10), (0, 10)]), upper_with_node]
    boundaries = {
        "street": areas_of("street", [whole]),
        "community": areas_of("community", [whole], parents=["999001"]),
        "grid": areas_of("grid", grids, parents=["999001"] * 2),
        "party_grid": areas_of("party_grid", party_grids, parents=["999001"] * 2),
    }
    result = matched(boundaries, ALL_LAYERS)
    assert all((12.0, 10.0) in nodes_of(g) for g in result.boundaries["grid"].geometries)
    assert check(result.boundaries, ALL_LAYERS, metres_per_unit=METRES) == []


def test_holes_and_far_parts_keep_their_structure():
    ring = Polygon(SQUARE.exterior, [box(4, 4, 6, 6).exterior])
    far = MultiPolygon([box(4, 4, 6, 6), box(100_000, 0, 100_010, 10)])
    island = Polygon([(4, 4), (5, 4), (6, 4), (6, 6), (4, 6)])
    far = MultiPolygon([island, far.geoms[1]])
    result = matched(one_layer(ring, far))
    assert len(result.boundaries["street"].geometries[0].interiors) == 1
    assert (5.0, 4.0) in nodes_of(result.boundaries["street"].geometries[0])
    assert result.boundaries["street"].geometries[1] == far


def test_a_neck_thinner_than_the_tolerance_leaves_two_valid_parts():
    hourglass = Polygon([(0, 0), (5, 4.9998), (10, 0), (10, 10), (5, 5.0002), (0, 10)])
    (result,) = matched(one_layer(hourglass)).boundaries["street"].geometries
    assert result.geom_type == "MultiPolygon"
    assert shapely.is_valid(result)
    assert shapely.area(result) == pytest.approx(50, abs=0.01)


def test_an_area_that_would_vanish_stays_as_it_is():
    needle = Polygon([(20, 0), (20.0004, 0), (20.0002, 5)])
    (_, result) = matched(one_layer(SQUARE, needle)).boundaries["street"].geometries
    assert result is needle


def test_invalid_and_missing_geometries_pass_untouched():
    boundaries = one_layer(BOW_TIE, None, RIGHT_SQUARE)
    result = matched(boundaries).boundaries["street"].geometries
    assert list(result) == [BOW_TIE, None, RIGHT_SQUARE]


def test_overlay_layers_are_not_matched():
    estates = areas_of("estate", [SQUARE, Polygon([(10.0002, 0), (20, 0), (20, 9)])])
    result = matched({"estate": estates}, ALL_LAYERS)
    assert result.boundaries["estate"] is estates


def test_the_order_of_areas_in_their_file_does_not_matter():
    cells = grid_of(3, 3)
    random = np.random.default_rng(1)
    shaken = [
        Polygon(np.vstack([moved := p[:-1] + random.uniform(-3e-4, 3e-4, p[:-1].shape), moved[0]]))
        for p in map(shapely.get_coordinates, cells)
    ]
    codes = [f"999{i:03d}" for i in range(9)]
    order = random.permutation(9)
    straight = {"street": areas_of("street", shaken, codes=codes)}
    mixed = {
        "street": areas_of("street", [shaken[i] for i in order], codes=[codes[i] for i in order])
    }
    first, second = matched(straight).boundaries, matched(mixed).boundaries
    assert list(first["street"].geometries) == list(second["street"].geometries)
    assert check(first, ONE_LAYER, metres_per_unit=METRES) == []
