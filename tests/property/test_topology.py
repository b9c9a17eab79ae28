"""Laws of check and repair that hold for any coverage."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import Polygon

from geo_service.layers.topology import (
    check,
    compare_outlines,
    local_scale,
    match_nodes,
    parents_by_share,
    repair,
    unify_parents,
)
from tests.shapes import METRES, ONE_LAYER, THREE_LAYERS, grid_of, one_layer, three_levels, without

SEEDS = st.integers(0, 10_000)

# A city takes ten times longer than a number: fewer of them, in every profile.
few = settings(max_examples=max(15, settings.default.max_examples // 4))


@st.composite
def nested_cities(draw):
    """Return three nested levels, in metres or degrees, and their scale."""
    is_degrees = draw(st.booleans())
    how = {"size": (0.001, 0.001), "origin": (116.4, 39.9)} if is_degrees else {}
    sides = (draw(st.integers(1, 2)) for _ in range(3))
    boundaries = three_levels(
        *sides, seed=draw(SEEDS), nodes_per_side=draw(st.integers(0, 4)), **how
    )
    return boundaries, local_scale(boundaries["grid"].geometries, is_degrees)


@st.composite
def shaken_cities(draw, largest_m):
    """Return a city with some areas on some levels drawn a little differently; all valid."""
    boundaries, scale = draw(nested_cities())
    random = np.random.default_rng(draw(SEEDS))
    for _ in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from(sorted(boundaries)))
        areas = boundaries[name]
        position = int(random.integers(len(areas)))
        move = random.uniform(-largest_m, largest_m, 2) / np.array(scale)
        places = shapely.get_coordinates(areas.geometries[position])
        start, count = random.integers(len(places) - 1), random.integers(1, len(places))
        places[(start + np.arange(count)) % (len(places) - 1)] += move
        places[-1] = places[0]
        changed = areas.geometries.copy()
        changed[position] = Polygon(places)
        assume(shapely.is_valid(changed[position]))
        boundaries = {**boundaries, name: areas.with_geometries(changed)}
    return boundaries, scale


@given(nested_cities())
def test_a_clean_city_has_no_defects_and_nothing_touches_it(city):
    boundaries, scale = city
    assert check(boundaries, THREE_LAYERS, metres_per_unit=scale) == []
    matched = match_nodes(boundaries, THREE_LAYERS, metres_per_unit=scale)
    unified, renoded = unify_parents(matched.boundaries, THREE_LAYERS)
    repaired = repair(unified, THREE_LAYERS, metres_per_unit=scale)
    assert (matched.inserted, matched.moved, renoded, repaired.changes) == (0, 0, [], [])
    for name, areas in boundaries.items():
        pairs = zip(areas.geometries, repaired.boundaries[name].geometries, strict=True)
        assert all(before is after for before, after in pairs)


@given(SEEDS, st.integers(3, 6), st.integers(3, 6))
def test_an_area_taken_out_leaves_a_hole_or_a_bay_of_its_size(seed, columns, rows):
    cells = grid_of(columns, rows, seed=seed)
    lost = seed % len(cells)
    is_inside = 0 < lost % columns < columns - 1 and columns <= lost < len(cells) - columns
    defects = check(one_layer(*np.delete(cells, lost)), ONE_LAYER, metres_per_unit=METRES)
    assert [d.kind for d in defects] == ["hole"] * is_inside
    for defect in defects:
        assert defect.area_m2 == pytest.approx(shapely.area(cells[lost]))
        assert shapely.covers(cells[lost], shapely.Point(defect.x, defect.y))


@given(nested_cities(), SEEDS)
def test_a_child_taken_out_leaves_a_gap_of_its_size_in_its_parent(city, seed):
    boundaries, scale = city
    lost = seed % len(boundaries["grid"])
    parent = boundaries["grid"].parents[lost]
    assume(boundaries["grid"].parents.count(parent) > 1)
    (defect,) = check(without(boundaries, "grid", lost), THREE_LAYERS, metres_per_unit=scale)
    assert (defect.kind, defect.layer, defect.codes) == ("gap", "grid", (parent,))
    size = shapely.area(boundaries["grid"].geometries[lost]) * scale[0] * scale[1]
    assert defect.area_m2 == pytest.approx(size, rel=1e-6)


@given(SEEDS, st.floats(0.002, 3.0), st.booleans())
def test_a_shared_node_moved_on_one_side_makes_a_fault_of_the_triangle(seed, by_m, is_outward):
    """Move one node of a straight side; the triangle has half the side times the way."""
    cells = grid_of(2, 1, seed=seed, nodes_per_side=1)
    left, right = (shapely.get_coordinates(cell) for cell in cells)
    shared = [i for i in range(len(left) - 1) if (left[i] == right).all(axis=1).any()]
    middle = next(i for i in shared if {i - 1, i + 1} <= set(shared))
    side = left[middle + 1] - left[middle - 1]
    outward = np.array([side[1], -side[0]]) / np.hypot(*side)
    left[middle] += outward * (by_m if is_outward else -by_m)
    moved = Polygon(left)
    assume(moved.is_valid)
    (defect,) = check(one_layer(moved, cells[1]), ONE_LAYER, metres_per_unit=METRES)
    assert defect.kind == ("overlap" if is_outward else "hole")
    assert defect.area_m2 == pytest.approx(np.hypot(*side) * by_m / 2, rel=1e-4)


@given(shaken_cities(largest_m=20.0))
def test_without_defects_geos_finds_every_level_valid_and_every_parent_covered(city):
    boundaries, scale = city
    defects = check(boundaries, THREE_LAYERS, metres_per_unit=scale)
    is_clean = all(
        shapely.coverage_is_valid(shapely.get_parts(areas.geometries))
        for areas in boundaries.values()
    ) and all(
        set(compare_outlines(boundaries[parent].geometries, unions)) == {"same"}
        for parent, unions in _unions(boundaries)
    )
    assert (defects == []) == is_clean


def _unions(boundaries):
    for child, parent in (("grid", "community"), ("community", "street")):
        owners = np.array(boundaries[child].parents)
        yield (
            parent,
            np.array(
                [
                    shapely.union_all(boundaries[child].geometries[owners == code])
                    for code in boundaries[parent].codes
                ]
            ),
        )


@few
@given(shaken_cities(largest_m=0.0001))
def test_matching_cures_what_is_off_by_less_than_its_tolerance(city):
    boundaries, scale = city
    matched = match_nodes(boundaries, THREE_LAYERS, metres_per_unit=scale)
    assert check(matched.boundaries, THREE_LAYERS, metres_per_unit=scale) == []
    assert matched.largest_move_m <= 0.001 * (1 + 1e-6)
    again = match_nodes(matched.boundaries, THREE_LAYERS, metres_per_unit=scale)
    assert (again.inserted, again.moved) == (0, 0)


@few
@given(shaken_cities(largest_m=0.15))
def test_repair_closes_what_is_narrow_and_does_so_once(city):
    boundaries, scale = city
    once = repair(boundaries, THREE_LAYERS, metres_per_unit=scale)
    left = check(once.boundaries, THREE_LAYERS, metres_per_unit=scale)
    assert [d.text("en") for d in left if d.width_m is None or d.width_m < 0.49] == []
    assert repair(once.boundaries, THREE_LAYERS, metres_per_unit=scale).changes == []


@few
@given(shaken_cities(largest_m=0.15))
def test_what_repair_does_not_name_stays_the_very_same(city):
    boundaries, scale = city
    result = repair(boundaries, THREE_LAYERS, metres_per_unit=scale)
    named = {(change.layer, change.code) for change in result.changes}
    for name, areas in boundaries.items():
        for code, before, after in zip(
            areas.codes, areas.geometries, result.boundaries[name].geometries, strict=True
        ):
            assert (name, code) in named or shapely.to_wkb(before) == shapely.to_wkb(after)


@few
@given(shaken_cities(largest_m=0.15))
def test_no_outline_moves_further_than_repair_says(city):
    boundaries, scale = city
    result = repair(boundaries, THREE_LAYERS, metres_per_unit=scale)
    for change in result.changes:
        position = boundaries[change.layer].position_by_code[change.code]
        before, after = (
            shapely.transform(b[change.layer].geometries[position], lambda p: p * np.array(scale))
            for b in (boundaries, result.boundaries)
        )
        away = shapely.hausdorff_distance(before.boundary, after.boundary)
        assert away <= change.largest_move_m + 1e-6
        assert change.moved_m2 == pytest.approx(
            before.symmetric_difference(after).area, rel=1e-3, abs=1e-3
        )


@given(nested_cities())
def test_each_child_lies_wholly_in_the_parent_by_share(city):
    boundaries, _ = city
    codes, shares = parents_by_share(boundaries["grid"], boundaries["community"])
    assert codes == list(boundaries["grid"].parents)
    assert (shares == 1.0).all()
