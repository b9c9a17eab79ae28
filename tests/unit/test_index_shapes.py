"""The exact index on named small shapes; all of it also runs without the compiler, see the end."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.errors import CoverageOverlap
from geo_service.layers.frames import meters_per_degree
from geo_service.layers.index import coverage_index, family_index, overlay_index
from tests.coverages import (
    areas_in,
    hard_points,
    holders,
    in_degrees,
    in_ulps,
    lattice_of,
    mosaic,
)
from tests.shapes import (
    BOW_TIE,
    CORNER_TOUCH,
    RING,
    SLIVER_GAP,
    SLIVER_OVERLAP,
    T_JUNCTION,
    TRIPLE_POINT,
)

ULP = float(np.spacing(116.3))
"""Also that of every coordinate from 64 to 128."""
WITHOUT_COMPILER = os.environ.get("NUMBA_DISABLE_JIT") == "1"

NEEDLE = Polygon([(0, 0), (3, 0), (1, 1), (-2, 1)])
CROSS_NEEDLE = Polygon([(1, 0), (1, 3), (0, 1), (0, -2)])
"""With NEEDLE they form a pinwheel: each has the unit square, corners lie on the other's edges, and
no two edges cross."""


def in_ulps_at(*nodes):
    return Polygon(in_ulps((116.3, 39.9))(np.array(nodes)))


COVERAGES = {
    "one area": [box(0, 0, 1, 1)],
    "a hole with an island": [RING, box(4, 4, 6, 6)],
    "an open hole": [RING],
    "an island that touches the hole's corner": [
        RING,
        Polygon([(4, 4), (6, 5), (5, 6)]),
    ],
    "two parts and what lies between": [
        MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)]),
        box(1, 0, 2, 1),
    ],
    "a triple point": list(TRIPLE_POINT),
    "areas that touch in one point": list(CORNER_TOUCH),
    "four areas around a point inside a cell": [
        box(0, 0, 0.3, 0.3),
        box(0.3, 0, 1, 0.3),
        box(0, 0.3, 0.3, 1),
        box(0.3, 0.3, 1, 1),
    ],
    "a T-junction without its node": list(T_JUNCTION),
    "a T-junction in the middle of an edge": [
        box(0, 0, 10, 5),
        box(0, 5, 5, 10),
        box(5, 5, 10, 10),
    ],
    "a corner on another's edge from outside": [
        box(0, 0, 10, 5),
        Polygon([(5, 5), (8, 9), (2, 9)]),
    ],
    "a sliver gap": list(SLIVER_GAP),
    "across zero": [box(-1, -1, 0, 1), box(0, -1, 1, 1)],
    "in the southern and western half": [box(-3, -3, -2, -2), box(-2, -3, -1, -2)],
    "edges along lines of cells": mosaic(
        in_degrees(-2, -1, 0.25)(lattice_of(4, 2)), [*range(5)] * 3 + [-1]
    ),
    "through corners of cells but for rounding": [  # 48 / 187 * 187 is more than 48
        Polygon([(0, 0), (187, 187), (0, 187)]),
        Polygon([(0, 0), (np.nextafter(187, 188), 187), (187, 187)]),
        Polygon([(0, 0), (187, 0), (np.nextafter(187, 188), 187)]),
    ],
    "300 degrees wide": [box(-150, -80, 0, 80), box(0, -80, 150, 80)],
    "a billionth of a degree": mosaic(
        in_degrees(116.3, 39.9, 1e-9, 0.4)(lattice_of(2, 1)), [0, 1, 2, 0]
    ),
    "a few units in the last place": mosaic(
        in_ulps((116.3, 39.9))(lattice_of(3, 2)), [0, 1, 2, 3, -1, 2] * 2
    ),
    "slivers one unit in the last place wide": [
        box(116 + k * ULP, 39, 116 + (k + 1) * ULP, 40) for k in range(4)
    ],
    "a long thin area aslant": [
        Polygon([(0, 0), (300, 150), (300, np.nextafter(150, 151)), (0, 1e-13)]),
        Polygon([(0, 0), (300, 0), (300, 150)]),
    ],
    "two long thin areas that cross nothing": [
        Polygon([(0, 0), (100, 1e-9), (100, 2e-9)]),
        Polygon([(0, 0), (100, 2e-9), (100, 1)]),
    ],
}

OVERLAPS = {
    "edges cross": ([box(0, 0, 10, 10), box(9, 9, 20, 20)], [0, 1]),
    "edges cross far from their middles": ([box(0, 0, 10, 10), box(9.99, 9.99, 1000, 20)], [0, 1]),
    "one in another": ([box(0, 0, 10, 10), box(4, 4, 6, 6)], [0, 1]),
    "one in another, along its edge": ([box(0, 0, 10, 10), box(0, 0, 10, 5)], [0, 1]),
    "twice the same": ([box(0, 0, 10, 10), box(0, 0, 10, 10)], [0, 1]),
    "three times the same": ([box(0, 0, 1, 1)] * 3, [0, 1, 2]),
    "three on one edge": ([box(0, 0, 1, 1), box(1, 0, 2, 1), box(1, 0, 3, 1)], [1, 2]),
    "corners on each other's edges": ([NEEDLE, CROSS_NEEDLE], [0, 1]),
    "a sliver": (list(SLIVER_OVERLAP), [0, 1]),
    "a corner dips in by one unit in the last place": (
        [
            box(100, 10, 110, 20),
            Polygon([(110, 10), (120, 10), (120, 20), (110, 20), (110 - ULP, 15)]),
        ],
        [0, 1],
    ),
    "the corner of a T-junction dips in": (
        [
            box(100, 30, 110, 40),
            Polygon([(100, 40), (105, np.nextafter(40.0, 0)), (105, 50), (100, 50)]),
            Polygon([(105, 41), (110, 41), (110, 50), (105, 50)]),
        ],
        [0, 1],
    ),
    "the second part": (
        [MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)]), box(5.5, 5.5, 7, 7), box(1, 0, 2, 1)],
        [0, 1],
    ),
    "an island larger than its hole": ([RING, box(3, 4, 6, 6)], [0, 1]),
    "crossings that shapely rounds away": (
        [in_ulps_at((2, 0), (2, 2), (1, 2)), in_ulps_at((0, 0), (2, 3), (0, 3))],
        [0, 1],
    ),
    "the smallest there is": (
        [
            box(100, 10, 110, 20),
            Polygon([(110 - ULP, 15), (111, 15), (110 - ULP, 15 + np.spacing(15.0))]),
        ],
        [0, 1],
    ),
}


def index_of(shapes):
    return coverage_index(areas_in(shapes), "grid", range(len(shapes)))


def some_hard_points(shapes):
    # without the compiler a point takes a thousand times as long
    most = 20 if WITHOUT_COMPILER else 300
    return np.concatenate([points[:most] for points in hard_points(shapes).values()])


def fingerprint():
    """Return what all indexes over COVERAGES hold, to the last bit."""
    words = [index_of(shapes).words.tobytes() for shapes in COVERAGES.values()]
    return hashlib.sha256(b"".join(words)).hexdigest()


@pytest.mark.parametrize("name", COVERAGES)
def test_hard_points_have_the_owners_that_fractions_find(name):
    shapes = COVERAGES[name]
    index, points = index_of(shapes), some_hard_points(shapes)
    expected = [holders(shapes, x, y) for x, y in points]
    found = index.owners(lon=points[:, 0], lat=points[:, 1])
    assert found.position.tolist() == [min(each, default=-1) for each in expected]
    assert found.is_shared.tolist() == [len(each) > 1 for each in expected]
    assert [index.holding(lon=x, lat=y) for x, y in points.tolist()] == expected


@pytest.mark.parametrize("name", OVERLAPS)
def test_an_overlap_is_found_and_named_with_its_place(name):
    shapes, overlapping = OVERLAPS[name]
    areas = areas_in(shapes)
    with pytest.raises(CoverageOverlap) as overlap:
        index_of(shapes)
    found = overlap.value
    assert (found.layer, found.codes) == ("grid", [areas.codes[i] for i in overlapping])
    away = shapely.distance(areas.geometries[overlapping], shapely.Point(found.lon, found.lat))
    assert away.max() <= 1e-12


@pytest.mark.parametrize("name", OVERLAPS)
def test_an_overlay_may_overlap_in_any_way(name):
    shapes, _ = OVERLAPS[name]
    index = overlay_index(areas_in(shapes), "estate")
    for x, y in some_hard_points(shapes)[:: 8 if WITHOUT_COMPILER else 1].tolist():
        assert index.holding(lon=x, lat=y) == holders(shapes, x, y)


def test_places_that_are_not_finite_have_no_owner():
    index = index_of([box(-1, -1, 1, 1)])
    strange = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300])
    lon = np.concatenate([strange, np.zeros(5), strange])
    lat = np.concatenate([np.zeros(5), strange, strange])
    found = index.owners(lon=lon, lat=lat)
    assert found.position.tolist() == [-1] * 15
    assert found.without_owner == 15
    assert not found.is_shared.any()
    for x, y in zip(lon.tolist(), lat.tolist(), strict=True):
        assert index.owner(lon=x, lat=y) == (-1, False)
        assert index.holding(lon=x, lat=y) == []


def test_an_outline_that_crosses_itself_is_named():
    for build in (index_of, lambda shapes: overlay_index(areas_in(shapes), "grid")):
        with pytest.raises(CoverageOverlap) as overlap:
            build([BOW_TIE, box(20, 20, 30, 30)])
        assert overlap.value.codes == ["9990000"]
        assert (overlap.value.lon, overlap.value.lat) == (5.0, 5.0)


def test_no_areas_have_no_points():
    index = index_of([])
    assert index.owners(lon=np.zeros(2), lat=np.array([0.0, 0.5])).position.tolist() == [-1, -1]
    assert index.holding(lon=0.0, lat=0.0) == []
    assert overlay_index(areas_in([]), "estate").holding(lon=0.0, lat=0.0) == []


def test_an_empty_batch_has_no_answers():
    found = index_of([box(0, 0, 1, 1)]).owners(lon=np.empty(0), lat=np.empty(0))
    assert (len(found.position), len(found.is_shared), found.without_owner) == (0, 0, 0)


def test_an_area_without_ground_holds_nothing():
    index = index_of([Polygon(), box(0, 0, 1, 1)])
    assert index.owner(lon=0.5, lat=0.5) == (1, False)


def test_what_is_zero_but_for_underflow_counts_as_zero():
    least = 5e-324
    index = index_of([box(-1, -1, -least, 1), box(least, -1, 1, 1)])
    for x in (0.0, -0.0, least, -least, 2.0**-401, -(2.0**-401)):
        for y in (0.5, -0.0, least):
            assert index.owner(lon=x, lat=y) == (0, True)
            assert index.owners(lon=np.array([x]), lat=np.array([y])).is_shared.tolist() == [True]
    assert index.owner(lon=2.0**-399, lat=0.5) == (1, False)


def test_an_edge_that_underflow_makes_a_point_is_no_edge():
    index = index_of([Polygon([(0, 0), (1e-300, 0), (1, 0), (1, 1)])])
    assert index.owner(lon=0.5, lat=0.25) == (0, False)
    assert index.owner(lon=0.5, lat=0.75) == (-1, False)


def test_an_edge_that_one_area_has_twice_is_inside_it():
    halves = MultiPolygon([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    index = index_of([halves, box(2, 0, 3, 1)])
    assert index.owner(lon=1.0, lat=0.5) == (0, False)
    assert index.owner(lon=2.0, lat=0.5) == (0, True)


def test_the_third_dimension_is_not_looked_at():
    assert index_of([shapely.force_3d(box(0, 0, 1, 1), 5.0)]).owner(lon=0.5, lat=0.5) == (0, False)


# labels are 1 + position; on the equator 0.01 degrees are 1,113 m of longitude, 1,106 m of latitude
NEAR = {
    "inside": ((0.005, 0.004), 1e6, [(0.005, 0, 1, 0)]),
    "on the border of both": ((0.01, 0.004), 1e6, [(0.01, 0.004, 1, 2)]),
    "west of all, beyond the lattice": ((-0.03, 0.005), 5e3, [(0, 0.005, 1, 0)]),
    "as near to both": ((0.01, -0.005), 1e6, [(0.01, 0, 1, 0), (0.01, 0, 1, 2), (0.01, 0, 2, 0)]),
    "none in reach": ((0.1, 0.1), 1e3, []),
    "none at the pole": ((1, 90), 1e3, []),
}


@pytest.mark.parametrize("name", NEAR)
def test_the_nearest_edges_are_found_on_a_flat_map(name):
    (lon, lat), reach_m, expected = NEAR[name]
    index = index_of([box(0, 0, 0.01, 0.01), box(0.01, 0, 0.02, 0.01)])
    rows = index.edges_near(lon=float(lon), lat=float(lat), reach_m=reach_m)
    assert sorted(rows[:, :4].round(12).tolist()) == [list(edge) for edge in expected]


def test_many_points_have_each_their_nearest_edges():
    index = index_of([box(0, 0, 0.01, 0.01)])
    lon, lat = np.tile([5e-3, -1e-3, 5e-3, 5e-3], 3), np.tile([5e-3, 5e-3, 0.9, 5e-3], 3)
    point, rows = index.edges_near_each(lon=lon, lat=lat, reach_m=2e3)
    each = [index.edges_near(lon=x, lat=y, reach_m=2e3) for x, y in zip(lon, lat, strict=True)]
    assert [len(edges) for edges in each] == [2, 1, 0, 2] * 3
    assert point.tolist() == np.repeat(np.arange(12), [2, 1, 0, 2] * 3).tolist()
    np.testing.assert_array_equal(rows, np.concatenate(each))


def test_an_edge_exactly_as_far_as_the_reach_is_found_and_none_beyond_it():
    index = index_of([box(0, 0, 0.01, 0.01)])
    found = index.edges_near(lon=0.005, lat=0.004, reach_m=2e3)
    distance_m = found[0, 4]
    reached = index.edges_near(lon=0.005, lat=0.004, reach_m=distance_m)
    np.testing.assert_array_equal(reached, found)
    short_m = np.nextafter(distance_m, 0.0)
    assert len(index.edges_near(lon=0.005, lat=0.004, reach_m=short_m)) == 0


def test_a_place_alone_has_the_owner_and_the_depth_that_it_has_in_a_list():
    areas = areas_in(COVERAGES["four areas around a point inside a cell"])
    family = family_index([("grid", areas)], [np.full(4, -1, dtype=np.int32)])
    lon, lat = np.random.default_rng(5).uniform(-0.1, 1.1, (2, 500))
    found = zip(*[column.tolist() for column in family.owners(lon=lon, lat=lat)], strict=True)
    alone = [family.owner(lon=x, lat=y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    assert list(found) == alone
    assert {depth for depth, _, _ in alone} == {-1, 0}


def test_of_areas_that_are_not_asked_for_no_edge_is_found():
    index = index_of([box(0, 0, 0.01, 0.01), box(0.01, 0, 0.02, 0.01), box(0.03, 0, 0.04, 0.01)])
    lon, lat = np.array([-0.005, 0.021]), np.array([0.005, 0.005])
    for asked, nearest_lon in enumerate(([0.0, 0.01], [0.01, 0.02], [0.03, 0.03])):
        is_asked = np.arange(3) == asked
        point, rows = index.edges_near_each(lon=lon, lat=lat, reach_m=5e3, is_asked=is_asked)
        assert (point.tolist(), rows[:, 0].tolist()) == ([0, 1], nearest_lon)


def test_very_many_edges_that_are_equally_near_are_all_found():
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    [along], [across] = meters_per_degree(lat=np.zeros(1))
    ring = np.column_stack([0.5 + 1e3 * np.cos(turns) / along, 1e3 * np.sin(turns) / across])
    rows = index_of([Polygon(ring)]).edges_near(lon=0.5, lat=0.0, reach_m=5e3)
    assert len(np.unique(rows, axis=0)) == len(rows) == 60
    assert rows[:, 4] == pytest.approx(1e3 * np.cos(np.pi / 60))


def test_areas_within_a_reach_are_those_whose_border_comes_near():
    shapes = [box(0, 0, 0.01, 0.01), box(0.01, 0, 0.02, 0.01), box(0.03, 0, 0.04, 0.01)]
    shapes += [box(0.1, k / 1e3, 0.101, (k + 1) / 1e3) for k in range(40)]
    lon = np.array([0.009, 0.005, 0.005, 0.025, 0.1005, 0.5])
    lat = np.array([0.005, 0.005, 0.005, 0.005, 0.0045, 0.5])
    reach_m = np.array([120.0, 120.0, 600.0, 600.0, 5e3, 5e3])
    point, area = index_of(shapes).areas_within_each(lon=lon, lat=lat, reach_m=reach_m)
    found = [sorted(area[point == each].tolist()) for each in range(len(lon))]
    assert found == [[0, 1], [], [0, 1], [1, 2], list(range(3, 43)), []]
    assert np.all(np.diff(point) >= 0)


def run_without_compiler(*arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_the_compiler_all_this_holds_too():
    others = ("-k", "not without_the_compiler", "-p", "no:cacheprovider", "-p", "no:xdist")
    kernels = (
        Path(__file__).with_name(f"test_index_{name}.py") for name in ("chains", "discs", "levels")
    )
    run = run_without_compiler("-m", "pytest", "-q", *others, __file__, *map(str, kernels))
    assert run.returncode == 0, run.stdout


def test_without_the_compiler_an_index_is_the_same_to_the_bit():
    ask = "from tests.unit.test_index_shapes import fingerprint; print(fingerprint())"
    assert run_without_compiler("-c", ask).stdout.strip() == fingerprint()
