"""The nearest border and the `nearest` rule, against plain distances in the metric frame."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.assignment.border import near_borders
from geo_service.layers.assignment.rule import assign
from geo_service.layers.frames import metric_frame, points_to_metric, to_metric
from geo_service.layers.index import coverage_index
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from tests.coverages import areas_in, edges_of, in_degrees, lattice_of, mosaic
from tests.property.test_index_family import CHAIN, families

SAME_M = 1e-6
"""Distances that differ by less are one."""
PLANES_DIFFER_M = 1e-3
"""An edge is straight in degrees, the oracle's in meters, and both bend apart by less."""

GROUND = st.builds(
    in_degrees,
    # inside a zone, across the line between two, on the equator, in the west and far north
    st.sampled_from([116.3, 118.4995, -0.0005, -70.1]),
    st.sampled_from([39.9, -0.0003, 59.9]),
    st.just(2.0**-11),
    st.sampled_from([0.0, 0.3, -2.0]),
)
PLACES = st.tuples(st.floats(-3, 6), st.floats(-3, 5)) | st.tuples(
    st.integers(-2, 8).map(lambda half: half / 2), st.integers(-2, 6).map(lambda half: half / 2)
)


def metric_distances(shapes, lon, lat):
    """Return the distance (meters) from a point to each shape, measured in the point's frame."""
    frame = metric_frame(lon=lon, lat=lat)
    x, y = points_to_metric(lon=[lon], lat=[lat], metric_frame=frame)
    dense = shapely.segmentize(np.array(shapes, dtype=object), 2.0**-14)
    planes = to_metric(dense, metric_frame=frame)
    return shapely.distance(shapely.Point(x[0], y[0]), planes)


@st.composite
def grounds(draw):
    labels = draw(st.lists(st.integers(-1, 3), min_size=12, max_size=12))
    place = draw(GROUND)
    return mosaic(place(lattice_of(3, 2)), labels), place(np.array([draw(PLACES)]))[0]


@given(grounds(), st.sampled_from([5.0, 60.0, 5000.0]))
def test_the_nearest_border_is_as_near_as_shapely_says_and_has_the_same_areas(ground, reach_m):
    shapes, (lon, lat) = ground
    if not shapes:
        return
    index = coverage_index(areas_in(shapes), "grid", range(len(shapes)))
    found = near_borders(
        index,
        lon=np.array([lon]),
        lat=np.array([lat]),
        metric_frames=np.array([metric_frame(lon=lon, lat=lat)], dtype=object),
        reach_m=reach_m,
    )
    areas_of: dict[frozenset, list[int]] = {}
    for area, shape in enumerate(shapes):
        for edge in edges_of(shape):
            areas_of.setdefault(frozenset(edge), []).append(area)
    lines = [shapely.LineString(sorted(edge)) for edge in areas_of]
    distances_m = metric_distances(lines, lon, lat)
    least_m = distances_m.min()
    if abs(least_m - reach_m) < PLANES_DIFFER_M:
        return
    if least_m > reach_m:
        assert len(found.point) == 0
        return
    assert found.distance_m == pytest.approx(least_m, abs=1e-5)
    near = {
        (*areas, -1)[:2]
        for areas, distance_m in zip(areas_of.values(), distances_m, strict=True)
        if distance_m <= least_m + SAME_M / 10
    }
    maybe = {
        (*areas, -1)[:2]
        for areas, distance_m in zip(areas_of.values(), distances_m, strict=True)
        if distance_m <= least_m + 1e-5
    }
    assert near <= {tuple(pair) for pair in found.areas.tolist()} <= maybe


TOLERANCES = st.lists(st.sampled_from([0.5, 20.0, 45.0, 90.0, 200.0]), min_size=3, max_size=3)


def nearest_by_brute_force(layers, tolerances_m, lon, lat):
    """Return depth, position and distance: the deepest layer, unless one above is truly nearer."""
    best = (-1, -1, np.inf)
    for depth in reversed(range(len(CHAIN))):
        shapes = layers[CHAIN[depth]].geometries
        distances_m = metric_distances(shapes, lon, lat)
        distances_m[shapely.is_empty(shapes)] = np.inf
        least_m = distances_m.min(initial=np.inf)
        if least_m <= tolerances_m[depth] and least_m < best[2] - SAME_M:
            best = depth, int(np.argmax(distances_m <= least_m + SAME_M)), float(least_m)
    return best


@given(families(places=GROUND), TOLERANCES, st.lists(PLACES, min_size=1, max_size=4))
def test_outside_every_area_the_nearest_one_in_tolerance_has_the_point(
    family, tolerances_m, places
):
    layers, place = family
    chain = [
        Layer(name, name, name, parent=parent, nearest_m=tolerance_m)
        for name, parent, tolerance_m in zip(CHAIN, [None, *CHAIN[:2]], tolerances_m, strict=True)
    ]
    locator = Locator(Layers(tuple(chain)), layers)
    lon, lat = place(np.array(places)).T
    found = assign(locator, "grid", lon=lon, lat=lat)
    for i in np.flatnonzero(np.isin(found.rules, ["nearest", "unassigned"])):
        depth, position, distance_m = nearest_by_brute_force(layers, tolerances_m, lon[i], lat[i])
        assert (found.owners.level[i], found.owners.position[i]) == (depth, position)
        assert found.rules[i] == ("nearest" if depth >= 0 else "unassigned")
        if depth >= 0:
            assert found.distance_m[i] == pytest.approx(distance_m, abs=1e-6)
            assert found.metric_frames[i] == metric_frame(lon=lon[i], lat=lat[i])
