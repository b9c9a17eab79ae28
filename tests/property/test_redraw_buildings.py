"""Ground goes with the building that is nearest, found by measuring every distance."""

import numpy as np
import pytest
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st

from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import extract
from geo_service.layers.redraw import move_buildings, split_by_lists
from geo_service.layers.redraw.merges import neighbors
from tests.redrawing import assert_sound, cities, ground, houses_in

BLURRED_M = 2.0
"""How much nearer one group must be before smoothing and steps along walls can not matter."""


def standing_in(outline, houses):
    return [h for h in houses if outline.intersects(shapely.point_on_surface(h.ground))]


def in_metres(coverage, shapes):
    return shapely.transform(
        np.array(shapes, dtype=object), lambda places: places * np.array(coverage.scale)
    )


def assert_nearest_own_the_ground(coverage, after, outline, groups, random):
    """``groups`` are the keys of areas with the houses that each has the ground of."""
    west, south, east, north = outline.bounds
    places = shapely.points(random.uniform((west, south), (east, north), (200, 2)))
    places = places[shapely.intersects(outline, places)]
    houses = [in_metres(coverage, [house.ground for house in group]) for group in groups.values()]
    plane, spots = in_metres(coverage, [outline])[0], in_metres(coverage, places)
    away = np.array([[shapely.distance(h, spot).min() for spot in spots] for h in houses])
    outlines = [after.area(key).outline for key in groups]
    for i, (spot, place) in enumerate(zip(spots, places, strict=True)):
        nearest, *others = np.argsort(away[:, i])
        group = houses[nearest]
        way = shapely.shortest_line(spot, group[shapely.distance(group, spot).argmin()])
        # Ground behind a bend of the area may hang together with others only.
        is_plain = plane.contains(way) and away[others[0], i] - away[nearest, i] > BLURRED_M
        if is_plain:
            assert outlines[nearest].intersects(place)


def assert_footprints_are_whole(after, outline, groups):
    for key, houses in groups.items():
        own = after.area(key).outline
        for house in houses:
            inside = shapely.intersection(house.ground, outline)
            assert shapely.difference(inside, own).area <= 1e-3 * max(inside.area, 1e-30)


def parts_of(coverage, key):
    return len(shapely.get_parts(coverage.area(key).outline))


@settings(max_examples=max(20, settings.default.max_examples // 2))
@given(cities(), st.integers(0, 10_000), st.booleans(), st.sampled_from([1, 2, 4, 8]))
def test_moved_buildings_take_the_ground_that_is_nearest_to_them(city, seed, points, count):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    random = np.random.default_rng(seed)
    grids = sorted(key for key in coverage.numbers if key.layer == "grid")
    key = grids[seed % len(grids)]
    beside = sorted(neighbors(coverage, coverage.number_of(key)))
    if not beside:
        return
    to = coverage.areas[beside[seed % len(beside)]].key
    outline, taker = coverage.area(key).outline, coverage.area(to).outline
    houses = houses_in(coverage, outline, random, points)
    own = standing_in(outline, houses)
    own.sort(key=lambda house: shapely.distance(house.ground, taker))
    moved = [house.name for house in own[:count]]
    try:
        after, _ = move_buildings(coverage, key, to, houses, moved)
    except GeoServiceError as refusal:
        event(type(refusal).__name__)
        return
    event("moved")
    assert ground(after, "grid") == pytest.approx(ground(coverage, "grid"), rel=1e-9)
    assert_sound(after, layers)
    assert parts_of(after, key) <= parts_of(coverage, key)
    assert parts_of(after, to) <= parts_of(coverage, to)
    groups = {to: own[:count], key: own[count:]}
    assert_footprints_are_whole(after, outline, groups)
    assert_nearest_own_the_ground(coverage, after, outline, groups, random)
    again, _ = move_buildings(coverage, key, to, houses[::-1], moved)
    assert shapely.equals(again.area(key).outline, after.area(key).outline)


@settings(max_examples=max(20, settings.default.max_examples // 4))
@given(cities(), st.integers(0, 10_000), st.booleans(), st.integers(2, 4))
def test_lists_take_the_ground_that_is_nearest_to_their_buildings(city, seed, points, count):
    boundaries, layers, is_degrees = city
    (coverage,) = extract(boundaries, layers, is_degrees=is_degrees)
    random = np.random.default_rng(seed)
    grids = sorted(key for key in coverage.numbers if key.layer == "grid")
    key = grids[seed % len(grids)]
    outline = coverage.area(key).outline
    own = standing_in(outline, houses_in(coverage, outline, random, points))
    lists = {f"999N{i:04d}": own[i::count] for i in range(count)}
    named = {code: [house.name for house in houses] for code, houses in lists.items()}
    after, _ = split_by_lists(coverage, key, own, named)
    assert ground(after, "grid") == pytest.approx(ground(coverage, "grid"), rel=1e-9)
    assert_sound(after, layers)
    groups = {key._replace(code=code): houses for code, houses in lists.items()}
    assert_footprints_are_whole(after, outline, groups)
    assert_nearest_own_the_ground(coverage, after, outline, groups, random)
