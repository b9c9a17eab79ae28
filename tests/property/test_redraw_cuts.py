"""Cuts of several areas tile them, are wide enough, and are done as they were found."""

import numpy as np
import pytest
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st

from geo_service.errors import UnfitLine
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import cuts_along, suggest_parts
from geo_service.layers.redraw.asked.ground import CutAreas
from geo_service.layers.topology.scale import NODE_TOLERANCE_M, area_m2, in_metres, is_narrow
from tests.redrawing import assert_sound, cities, ground
from tests.shapes import ONE_LAYER, one_layer

SIDE_M = 400.0
OFF_A_FAIR_PART = 0.1
"""Of 400 buildings in a square of 400 m no part of up to eight is farther off a fair one."""


@settings(max_examples=max(10, settings.default.max_examples // 2))
@given(cities(), st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([0.5, 5.0, 20.0]))
def test_cuts_of_a_whole_city_are_wide_tile_it_and_are_done_as_found(
    city, seed, count, narrowest_m
):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    keys = sorted(key for key in coverage.numbers if key.layer == "grid")
    random = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds([coverage.area(key).outline for key in keys])
    size = np.array([east - west, north - south])
    roads = [
        shapely.LineString([west, south] + size * random.uniform(-0.3, 1.3, (3, 2)))
        for _ in range(count)
    ]
    try:
        found = cuts_along(coverage, keys, roads, narrowest_m=narrowest_m)
    except UnfitLine:
        event("nothing parted")
        return
    event(f"{len(found)} areas cut")
    codes = {}
    for cut in found:
        pieces = np.array(cut.pieces, dtype=object)
        outline = coverage.area(cut.key).outline
        assert len(pieces) > 1
        assert not is_narrow(pieces, coverage.scale, narrowest_m).any()
        assert shapely.area(pieces).sum() == pytest.approx(outline.area, rel=1e-9)
        assert shapely.union_all(pieces).symmetric_difference(outline).area < 1e-6 * outline.area
        codes[cut.key.code] = tuple(f"{cut.key.code}N{i:03d}" for i in range(len(pieces)))
    lines = tuple(tuple(map(tuple, line.tolist())) for cut in found for line in cut.lines)
    after = CutAreas("grid", lines, codes).on(coverage).coverage
    for cut in found:
        done = [after.area(AreaKey("grid", code)).outline for code in codes[cut.key.code]]
        pieces = np.array(cut.pieces, dtype=object)
        sizes_m2 = [
            area_m2(np.array(some, dtype=object), coverage.scale) for some in (done, pieces)
        ]
        off_m2 = np.abs(sizes_m2[0] - sizes_m2[1])
        # lines go through vertices of borders that are within a millimetre, each time anew
        rims_m = shapely.length(in_metres(pieces, coverage.scale))
        assert (off_m2 <= 2 * NODE_TOLERANCE_M * rims_m).all()
    for layer in coverage.above:
        assert ground(after, layer) == pytest.approx(ground(coverage, layer), rel=1e-9)
    assert_sound(after, layers)


@settings(max_examples=max(10, settings.default.max_examples // 4))
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_parts_of_a_square_by_its_buildings_are_near_a_fair_one(seed, count):
    (coverage,) = extract(one_layer(shapely.box(0, 0, SIDE_M, SIDE_M)), ONE_LAYER, is_degrees=False)
    random = np.random.default_rng(seed)
    places = random.uniform(0, SIDE_M, (400, 2))
    households = random.integers(1, 60, 400)
    parts = suggest_parts(
        coverage, AreaKey("street", "999001"), count, places=places, weights=households
    )
    held = [
        households[shapely.contains_xy(piece, *places.T)].sum() * count / households.sum()
        for piece in parts.pieces
    ]
    assert max(abs(each - 1) for each in held) <= OFF_A_FAIR_PART
