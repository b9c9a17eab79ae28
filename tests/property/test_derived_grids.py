"""Areas derived from building lists are exactly their parent, and hold their buildings."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from geo_service.errors import GeoServiceError
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw.buildings.deriving import derive
from tests.examples import examples
from tests.redrawing import assert_sound, bits, cities, houses_in


def dealt(draw, houses, codes):
    """Return the houses by code, each code with one at least."""
    order = draw(st.permutations(range(len(houses))))
    groups = {code: [houses[order[i]].name] for i, code in enumerate(codes)}
    for i in order[len(codes) :]:
        groups[draw(st.sampled_from(codes))].append(houses[i].name)
    return groups


def roads_in(outline, random):
    """Return two straight lines across an outline."""
    west, south, east, north = outline.bounds
    ends = random.uniform(0.1, 0.9, (2, 2))
    x, y = west + ends[0] * (east - west), south + ends[1] * (north - south)
    return [
        shapely.LineString([(x[0], south - 1), (x[1], north + 1)]),
        shapely.LineString([(west - 1, y[0]), (east + 1, y[1])]),
    ]


@settings(max_examples=examples(40), deadline=None)
@given(cities(), st.data())
def test_derived_grids_tile_their_parent_and_each_building_lies_in_its_own(city, data):
    boundaries, layers, is_degrees = city
    coverage = extract(boundaries, layers, is_degrees=is_degrees)[0]
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    parent = AreaKey("community", data.draw(st.sampled_from(boundaries["community"].codes)))
    outline = coverage.area(parent).outline
    houses = houses_in(coverage, outline, random, data.draw(st.booleans()))
    own = [h for h in houses if shapely.intersects(outline, shapely.point_on_surface(h.ground))]
    former = [
        coverage.areas[n].key.code for n in coverage.children_in(coverage.number_of(parent), "grid")
    ]
    kept = data.draw(st.integers(0, len(former)))
    codes = [*former[:kept], *(f"999N{i}" for i in range(data.draw(st.integers(not kept, 3))))]
    assume(len(codes) <= len(own))
    groups = dealt(data.draw, own, codes)
    roads = roads_in(outline, random) if data.draw(st.booleans()) else []
    before = bits(coverage)
    try:
        after, change = derive(coverage, parent, "grid", houses, groups, roads=roads)
    except GeoServiceError as error:
        event(type(error).__name__)
        assert bits(coverage) == before
        return
    assert_sound(after, layers)
    made = {code: after.area(AreaKey("grid", code)) for code in codes}
    below = after.children_in(after.number_of(parent), "grid")
    assert {after.areas[n].key.code for n in below} == set(codes)
    whole = after.area(parent).outline
    union = shapely.coverage_union_all([area.outline for area in made.values()])
    assert union.normalize().equals(whole)
    # new nodes on its border are rounded to the nearest doubles, nothing else moves
    rounded = float(np.spacing(np.abs(whole.bounds).max()))
    assert whole.symmetric_difference(outline).area <= 2 * rounded * whole.length
    assert sum(area.outline.area for area in made.values()) == pytest.approx(whole.area)
    ground = {house.name: house.ground for house in houses}
    for code, names in groups.items():
        middles = shapely.point_on_surface(np.array([ground[n] for n in names], dtype=object))
        assert shapely.intersects(made[code].outline, middles).all()
    elsewhere = set(before) - {AreaKey("grid", code) for code in former} - {parent}
    touched = {after.areas[n].key for n in change.touched}
    for key in elsewhere - touched:
        assert bits(after)[key] == before[key]
