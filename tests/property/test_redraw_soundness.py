"""The check of what changed says what the whole check says, also of what is wrong."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.part_index import part_index
from geo_service.layers.redraw import first_clash, merge, split
from geo_service.layers.topology import check
from tests.redrawing import TWO_FAMILIES, cities, row_of_grids
from tests.shapes import METRES, ONE_LAYER, one_layer

BROKEN = {"overlap", "invalid_geometry", "duplicate_geometry", "unmatched_node", "empty_geometry"}


def laid(coverage, number, places):
    """Lay an arc elsewhere without asking whether it may lie there."""
    edit = Edit(coverage)
    edit.set_places(number, np.array(places, dtype=float))
    return edit.finish()


def is_broken(coverage, layers):
    """Return what the house's own whole check says of the areas alone."""
    found = check(coverage.area_sets(), layers, metres_per_unit=coverage.scale)
    return bool({defect.kind for defect in found} & BROKEN)


@given(cities(), st.data())
def test_the_check_of_a_moved_arc_agrees_with_the_check_of_everything(city, data):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    cell = 100 / coverage.scale[1]
    for _ in range(5):
        number = data.draw(st.sampled_from(sorted(coverage.arcs)))
        arc = coverage.arcs[number]
        random = np.random.default_rng(data.draw(st.integers(0, 10_000)))
        size = data.draw(st.sampled_from([0.01, 0.1, 0.5, 2])) * cell
        count = data.draw(st.integers(1, 4))
        middle = random.uniform(
            arc.places.min(axis=0) - size, arc.places.max(axis=0) + size, (count, 2)
        )
        moved, change = laid(coverage, number, [arc.places[0], *middle, arc.places[-1]])
        part, whole = first_clash(moved, change), first_clash(moved)
        assert (part is None) == (whole is None)
        if is_broken(moved, layers):
            assert whole is not None
        if part is None:
            coverage = moved


def islands(*shapes):
    (coverage,) = extract(one_layer(*shapes), ONE_LAYER, is_degrees=False)
    return coverage


def arc_of(coverage, code):
    chain = coverage.area(AreaKey("street", code)).chain
    return abs(chain[0])


@pytest.mark.parametrize(
    ("shapes", "ring"),
    [
        # swallows another area whole
        ([box(0, 0, 10, 10), box(20, 0, 30, 10)], box(-5, -5, 40, 20)),
        # goes wholly into another area
        ([box(0, 0, 10, 10), box(20, 0, 60, 40)], box(30, 10, 40, 20)),
        # changes places with what lies around it
        ([box(0, 0, 40, 40) - box(10, 10, 20, 20), box(10, 10, 20, 20)], box(-5, -5, 50, 50)),
        # leaves the hole that it fills
        ([box(0, 0, 40, 40) - box(10, 10, 20, 20), box(10, 10, 20, 20)], box(50, 0, 60, 10)),
        # becomes the same ground as another area
        ([box(0, 0, 10, 10), box(20, 0, 30, 10)], box(20, 0, 30, 10)),
        # touches another area in a corner that is no junction
        ([box(0, 0, 10, 10), box(20, 0, 30, 10)], box(10, -10, 20, 0)),
        # touches a side of another area with a corner
        (
            [box(0, 0, 10, 10), box(20, 0, 30, 10)],
            shapely.Polygon([(0, 0), (10, 0), (20, 5), (10, 10)]),
        ),
        # runs along a side of another area
        ([box(0, 0, 10, 10), box(20, 0, 30, 10)], box(0, 2, 20, 8)),
    ],
)
def test_areas_that_swallow_or_touch_each_other_are_found_by_either_check(shapes, ring):
    coverage = islands(*shapes)
    number = arc_of(coverage, "999002" if len(shapes[0].interiors) else "999001")
    places = shapely.get_coordinates(ring)
    moved, change = laid(coverage, number, places)
    part, whole = first_clash(moved, change), first_clash(moved)
    assert part is not None
    assert whole is not None


def test_a_hole_that_touches_its_shell_is_sound_whatever_geos_says_of_a_part():
    """The fan around the corner (0, 0): shell, hole and both fillings meet there."""
    shell = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(0, 0), (3, 5), (5, 3)]])
    low, high = shapely.Polygon([(0, 0), (5, 3), (4, 4)]), shapely.Polygon([(0, 0), (4, 4), (3, 5)])
    shell = shapely.Polygon(shell.exterior, [[(0, 0), (3, 5), (4, 4), (5, 3)]])
    around = [(4.6, 0.2), (4.6, 0.4), (4.7, 0.4), (4.8, 0.4), (4.8, 0.2), (4.7, 0.2)]
    shell = shapely.Polygon(shell.exterior, [*shell.interiors, around])
    coverage = islands(shell, low, high, box(4.6, 0.2, 4.7, 0.4), box(4.7, 0.2, 4.8, 0.4))
    areas = coverage.area_sets()["street"].geometries
    assert (
        check({"street": coverage.area_sets()["street"]}, ONE_LAYER, metres_per_unit=METRES) == []
    )
    assert not shapely.coverage_is_valid(areas[[0, 1]])
    # Merged, the islands ask only who meets their boxes: the shell and the low filling.
    keys = [AreaKey("street", code) for code in ("999004", "999005")]
    merged, change = merge(coverage, keys, "999004")
    assert change.touched == (coverage.number_of(keys[0]),)
    assert first_clash(merged, change) is None
    assert first_clash(merged) is None


def test_a_narrow_neck_is_no_fault_within_one_family():
    row = row_of_grids(with_party=True)
    g3, half = AreaKey("grid", "G3"), AreaKey("grid", "G5")
    row, _ = split(row, g3, [(25, -1), (25, 11)], ["G5"], keep=(22, 5))
    numbers = {row.number_of(g3), row.number_of(half)}
    between = next(n for n, arc in row.arcs.items() if numbers <= set(arc.owners()))
    ends = row.arcs[between].places
    # half a millimetre is left of G5 between G3 and G4
    moved, change = laid(row, between, [ends[0], (29.9995, 5), ends[-1]])
    assert first_clash(moved, change) is None
    assert not is_broken(moved, TWO_FAMILIES)


def test_borders_of_two_families_may_not_run_beside_each_other_unmatched():
    row = row_of_grids(with_party=True)
    between = next(
        n
        for n, arc in row.arcs.items()
        if {row.areas[o].key.code for o in arc.owners()} == {"G1", "G2"}
    )
    ends = row.arcs[between].places
    # (12, 5.0005) lies half a millimetre beside the border between P1 and P2
    moved, change = laid(row, between, [ends[0], (12, 5.0005), ends[-1]])
    clash = first_clash(moved, change)
    assert {key.layer for key in clash.keys} == {"grid", "party_grid"}
    assert first_clash(moved) is not None


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_index_of_parts_knows_who_is_near_after_any_changes(seed, rounds):
    random = np.random.default_rng(seed)
    shapes = {i: squares_at(random) for i in range(600)}
    outlines = np.array(list(shapes.values()), dtype=object)
    index = part_index(outlines, np.arange(600))
    for _ in range(rounds):
        some = random.choice(700, 60, replace=False).tolist()
        changes = {i: squares_at(random) if random.random() < 0.7 else None for i in some}
        index = index.with_changes(changes)
        shapes = {i: s for i, s in {**shapes, **changes}.items() if s is not None}
        boxes = shapely.bounds([squares_at(random), squares_at(random)])
        parts, owners = index.meeting(boxes)
        asked = shapely.box(*boxes.T)
        expected = {
            (i, shapely.to_wkb(part))
            for i, shape in shapes.items()
            for part in shapely.get_parts(shape)
            if shapely.intersects(asked, part).any()
        }
        assert set(zip(owners.tolist(), shapely.to_wkb(parts).tolist(), strict=True)) == expected


def squares_at(random):
    """Return two squares somewhere, sides whole numbers so that many touch."""
    corners = random.integers(0, 100, (2, 2))
    return shapely.MultiPolygon([box(x, y, x + 3, y + 3) for x, y in corners.tolist()])
