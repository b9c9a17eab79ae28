"""Whatever the shape, parts are connected, shares are true, and cuts leave a sound coverage."""

import numpy as np
import pytest
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st

from geo_service.errors import NoBalancedParts
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import cut_along, suggest_parts
from tests.redrawing import assert_sound, cities, ground
from tests.shapes import ONE_LAYER, one_layer

KEY = AreaKey("street", "999001")


def blob(random, holes):
    """Return a winding shape of 100 to 200 m, with round holes in it."""
    angles = np.sort(random.uniform(0, 2 * np.pi, 14))
    radii = random.uniform(30, 100, 14)
    shell = shapely.Polygon(np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None])
    shape = shapely.buffer(shell, 3)
    for x, y in random.uniform(-30, 30, (holes, 2)):
        shape -= shapely.Point(x, y).buffer(6)
    return max(shapely.get_parts(shape), key=shapely.area)


@settings(max_examples=max(10, settings.default.max_examples // 4))
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(0, 3), st.booleans())
def test_parts_of_any_shape_are_connected_and_weigh_what_is_said(seed, count, holes, has_places):
    random = np.random.default_rng(seed)
    shape = blob(random, holes)
    (coverage,) = extract(one_layer(shape), ONE_LAYER, is_degrees=False)
    places = random.uniform(-100, 100, (200, 2)) if has_places else None
    weights = random.integers(0, 90, 200) if has_places else None
    try:
        parts = suggest_parts(coverage, KEY, count, places=places, weights=weights)
    except NoBalancedParts as refusal:
        event(refusal.reason_en)
        return
    assert len(parts.pieces) == count
    assert sum(piece.area for piece in parts.pieces) == pytest.approx(shape.area)
    if has_places:
        points = shapely.points(places)
        held = [weights[shapely.intersects(piece, points)].sum() for piece in parts.pieces]
        assert parts.left_out == weights[~shapely.intersects(shape, points)].sum()
    else:
        held = [piece.area for piece in parts.pieces]
    assert parts.shares == pytest.approx(np.array(held) / sum(held))
    event(f"imbalance up to {np.ceil(parts.imbalance * 10) / 10:.1f}")
    lines = [shapely.LineString(line) for line in parts.lines]
    codes = [f"999N{i:04d}" for i in range(count)]
    after, _ = cut_along(coverage, KEY, lines, codes)
    assert [after.area(AreaKey("street", code)).outline for code in codes] == list(parts.pieces)
    assert_sound(after, ONE_LAYER)


@settings(max_examples=max(10, settings.default.max_examples // 4))
@given(cities(), st.integers(0, 10_000), st.integers(2, 5))
def test_parts_of_grids_are_within_a_tenth_of_fair(city, seed, count):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    grids = sorted(key for key in coverage.numbers if key.layer == "grid")
    key = grids[seed % len(grids)]
    parts = suggest_parts(coverage, key, count)
    assert parts.imbalance < 0.1
    lines = [shapely.LineString(line) for line in parts.lines]
    after, _ = cut_along(coverage, key, lines, [f"999N{i:04d}" for i in range(count)])
    assert ground(after, "grid") == pytest.approx(ground(coverage, "grid"), rel=1e-9)
    assert_sound(after, layers)
