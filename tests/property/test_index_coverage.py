"""The exact index on random coverages: owners by fractions, overlaps found, no false alarm."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import CoverageOverlap
from geo_service.layers.index import coverage_index, overlay_index
from tests.coverages import (
    areas_in,
    coverages,
    hard_points,
    holders,
    in_degrees,
    in_ulps,
    lattice_of,
    mosaic,
    side,
)

WHOLE = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda point: np.array(point) * 1.0)


@st.composite
def convex_areas(draw):
    """Draw up to four convex areas with corners on a small lattice; most of them overlap."""
    corners = st.lists(WHOLE, min_size=3, max_size=5)
    hulls = [shapely.MultiPoint(draw(corners)).convex_hull for _ in range(draw(st.integers(2, 4)))]
    return [hull for hull in hulls if hull.geom_type == "Polygon"]


def placed(shapes, place):
    return list(shapely.transform(np.array(shapes, dtype=object), place))


def overlap_exactly(one, other):
    """Whether two convex areas share ground: no edge of either has the other wholly beside it."""
    return not any(
        all(turn * side(a, b, point) <= 0 for point in far.exterior.coords)
        for near, far in ((one, other), (other, one))
        for turn in (1 if near.exterior.is_ccw else -1,)
        for a, b in zip(near.exterior.coords, near.exterior.coords[1:], strict=False)
    )


def overlapping_pairs(shapes):
    return {
        (i, j)
        for j in range(len(shapes))
        for i in range(j)
        if overlap_exactly(shapes[i], shapes[j])
    }


@given(coverages(), st.integers(0, 2**32 - 1))
def test_owners_are_those_that_fractions_find(shapes, seed):
    if not shapes:
        return
    index = coverage_index(areas_in(shapes), "grid", range(len(shapes)))
    points = np.concatenate(list(hard_points(shapes, seed=seed).values()))
    points = points[np.random.default_rng(seed).permutation(len(points))[:150]]
    expected = [holders(shapes, x, y) for x, y in points]
    found = index.owners(lon=points[:, 0], lat=points[:, 1])
    assert found.position.tolist() == [min(each, default=-1) for each in expected]
    assert found.is_shared.tolist() == [len(each) > 1 for each in expected]
    assert found.without_owner == sum(not each for each in expected)
    assert [index.holding(lon=x, lat=y) for x, y in points.tolist()] == expected
    assert [index.owner(lon=x, lat=y) for x, y in points.tolist()] == [
        (min(each, default=-1), len(each) > 1) for each in expected
    ]


@given(convex_areas(), st.sampled_from([in_degrees(-2, -1, 1), in_ulps((116.3, 39.9))]))
def test_areas_that_overlap_are_named_and_no_others(shapes, place):
    shapes = placed(shapes, place)
    pairs = overlapping_pairs(shapes)
    areas = areas_in(shapes)
    if not pairs:
        coverage_index(areas, "grid", range(len(shapes)))
        return
    with pytest.raises(CoverageOverlap) as overlap:
        coverage_index(areas, "grid", range(len(shapes)))
    named = [areas.position_by_code[code] for code in overlap.value.codes]
    assert any((i, j) in pairs for i in named for j in named)
    assert all(any((i, j) in pairs or (j, i) in pairs for j in named) for i in named)


@given(convex_areas(), st.sampled_from([in_degrees(-2, -1, 1), in_ulps((116.3, 39.9))]))
def test_an_overlay_answers_with_all_areas_that_fractions_find(shapes, place):
    shapes = placed(shapes, place)
    index = overlay_index(areas_in(shapes), "estate")
    halves = (lattice_of(10, 10) / 2 - 0.5).reshape(-1, 2)
    points = np.unique(place(halves), axis=0)
    found = [index.holding(lon=x, lat=y) for x, y in points.tolist()]
    assert found == [holders(shapes, x, y) for x, y in points]


@given(
    st.lists(st.integers(-1, 4), min_size=12, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
    st.sampled_from(
        [in_degrees(-1, -1, 1), in_degrees(116.3, 39.9, 1e-3, 0.3), in_ulps((0.1, 0.3))]
    ),
)
def test_an_area_on_the_same_vertices_overlaps_where_it_takes_what_has_an_owner(
    labels, taken, place
):
    vertices = place(lattice_of(3, 2))
    shapes = mosaic(vertices, labels)
    shapes += mosaic(vertices, [0 if is_taken else -1 for is_taken in taken])
    is_clash = any(a >= 0 and is_taken for a, is_taken in zip(labels, taken, strict=True))
    areas = areas_in(shapes)
    if not is_clash:
        coverage_index(areas, "grid", range(len(shapes)))
        return
    with pytest.raises(CoverageOverlap) as overlap:
        coverage_index(areas, "grid", range(len(shapes)))
    assert areas.codes[-1] in overlap.value.codes


@given(coverages(), st.randoms(use_true_random=False))
def test_where_a_ring_starts_and_which_way_it_runs_changes_nothing(shapes, random):
    if not shapes:
        return
    points = np.concatenate(list(hard_points(shapes).values()))
    turned = [turned_about(shape, random) for shape in shapes]
    found = [
        coverage_index(areas_in(each), "grid", range(len(each))).owners(
            lon=points[:, 0], lat=points[:, 1]
        )
        for each in (shapes, turned)
    ]
    np.testing.assert_array_equal(found[0].position, found[1].position)
    np.testing.assert_array_equal(found[0].is_shared, found[1].is_shared)


def turned_about(shape, random):
    def ring(coordinates):
        *nodes, _ = coordinates
        start = random.randrange(len(nodes))
        nodes = nodes[start:] + nodes[:start]
        return nodes if random.random() < 0.5 else nodes[::-1]

    parts = list(shapely.get_parts(shape))
    random.shuffle(parts)
    return shapely.MultiPolygon(
        [
            (ring(part.exterior.coords), [ring(hole.coords) for hole in part.interiors])
            for part in parts
        ]
    )
