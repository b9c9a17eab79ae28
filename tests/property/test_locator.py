"""Law 1: one owner per family, the lowest code on a shared border, whatever the order."""

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.area import area_set
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from tests.houses import SOUTH, STEP, WEST, street_boundaries

CHAIN = ["district", "street", "community", "grid"]
LAYERS = Layers(
    tuple(
        Layer(name, name, name, parent=parent)
        for name, parent in zip(CHAIN, [None, *CHAIN], strict=False)
    )
)
# Quarter steps hit corners, edges and insides; the odd ones lie anywhere, outside too.
PLACES = st.one_of(
    st.integers(-4, 20).map(lambda quarter: quarter / 4),
    st.floats(-0.5, 4.5, allow_nan=False),
)


def points(places):
    lon = np.array([WEST + x * STEP for x, _ in places])
    lat = np.array([SOUTH + y * STEP for _, y in places])
    return lon, lat


def lowest_by_brute_force(boundaries, lon, lat):
    """Return (layer, code) by asking shapely of every area, deepest layer first."""
    point = shapely.Point(lon, lat)
    for layer in reversed(CHAIN):
        areas = boundaries[layer]
        codes = [
            code
            for code, shape in zip(areas.codes, areas.geometries, strict=True)
            if shape.intersects(point)
        ]
        if codes:
            return layer, min(codes)
    return None


def owners_of(locator, boundaries, lon, lat):
    found = locator.owners("grid", lon=lon, lat=lat)
    return [
        None if level < 0 else (CHAIN[level], boundaries[CHAIN[level]].codes[position])
        for level, position in zip(found.level, found.position, strict=True)
    ]


@given(st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=40))
def test_every_point_has_the_owner_that_shapely_finds_one_by_one(places):
    boundaries = street_boundaries()
    lon, lat = points(places)
    expected = [lowest_by_brute_force(boundaries, *point) for point in zip(lon, lat, strict=True)]
    assert owners_of(Locator(LAYERS, boundaries), boundaries, lon, lat) == expected


@given(st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=20), st.permutations(range(8)))
def test_the_answer_depends_neither_on_the_order_of_areas_nor_on_the_batch(places, order):
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    shuffled = area_set(
        "grid",
        codes=[grids.codes[i] for i in order],
        parents=[grids.parents[i] for i in order],
        geometries=[grids.geometries[i] for i in order],
    )
    lon, lat = points(places)
    locator = Locator(LAYERS, {**boundaries, "grid": shuffled})
    whole = owners_of(Locator(LAYERS, boundaries), boundaries, lon, lat)
    one_by_one = [
        owners_of(locator, boundaries, lon[i : i + 1], lat[i : i + 1])[0] for i in range(len(lon))
    ]
    assert one_by_one == whole


@given(st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=20))
def test_ancestors_follow_by_link_so_the_chain_is_one_branch(places):
    boundaries = street_boundaries()
    locator = Locator(LAYERS, boundaries)
    lon, lat = points(places)
    chain = locator.positions_at("grid", locator.owners("grid", lon=lon, lat=lat))
    for i in range(len(lon)):
        codes = [
            boundaries[layer].codes[at[i]]
            for layer, at in zip(CHAIN, chain, strict=True)
            if at[i] >= 0
        ]
        assert all(child.startswith(parent) for parent, child in pairwise(codes))
