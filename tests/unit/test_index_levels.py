"""The index of a family of layers: areas that their children tile have none of their own."""

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from geo_service.errors import CoverageOverlap
from geo_service.layers.index import family_index
from tests.coverages import areas_in

LEVELS = {
    # street 0 is exactly its two grids, street 1 has a gap, street 2 has no grid at all
    "street": [box(0, 0, 2, 2), box(2, 0, 4, 2), box(4, 0, 6, 2)],
    "grid": [
        Polygon([(0, 0), (1, 0), (1, 2), (0, 2)]),
        Polygon([(1, 0), (2, 0), (2, 2), (1, 2)]),
        box(2, 0, 3, 2),
    ],
}


def family(levels, parents):
    street, grid = areas_in(levels["street"], "street"), areas_in(levels["grid"], "grid")
    none = np.full(len(street), -1, dtype=np.int32)
    return family_index([("street", street), ("grid", grid)], [none, np.array(parents, np.int32)])


def with_nodes(shape, *nodes):
    return shapely.Polygon(shapely.snap(shape, shapely.MultiPoint(nodes), 1e-9).exterior)


def test_an_area_that_its_children_tile_has_no_index_of_its_own():
    streets = LEVELS["street"]
    tiled = with_nodes(streets[0], (1, 0), (1, 2))
    index = family({**LEVELS, "street": [tiled, *streets[1:]]}, [0, 0, 1])
    assert [level.depth for level in index.levels] == [1, 0]
    assert index.holding(0, lon=0.5, lat=0.5) == []
    assert index.holding(0, lon=2.0, lat=0.5) == [1]
    assert index.owner(lon=0.5, lat=0.5) == (1, 0, False)
    assert index.owner(lon=3.5, lat=0.5) == (0, 1, False)
    assert index.owner(lon=4.0, lat=0.5) == (0, 1, True)
    assert index.owner(lon=7.0, lat=0.5) == (-1, -1, False)


def test_an_area_whose_children_are_somebody_elses_keeps_its_index():
    tiled = with_nodes(LEVELS["street"][0], (1, 0), (1, 2))
    index = family({**LEVELS, "street": [tiled, *LEVELS["street"][1:]]}, [0, -1, 1])
    assert index.holding(0, lon=0.5, lat=0.5) == [0]


def test_where_children_tile_every_parent_one_level_is_left():
    index = family({"street": [box(0, 0, 1, 1)], "grid": [box(0, 0, 1, 1)]}, [0])
    assert [level.depth for level in index.levels] == [1]
    assert index.holding(0, lon=0.5, lat=0.5) == []


def test_an_area_that_overlaps_one_that_its_children_tile_is_found():
    levels = {
        "street": [box(0, 0, 2, 2), box(1, 1, 3, 3)],
        "grid": [box(0, 0, 2, 2)],
    }
    with pytest.raises(CoverageOverlap) as overlap:
        family(levels, [0])
    assert (overlap.value.layer, overlap.value.codes) == ("street", ["9990000", "9990001"])


def test_a_family_without_areas_owns_nothing():
    index = family({"street": [], "grid": []}, [])
    level, position, is_shared = index.owners(lon=np.zeros(2), lat=np.zeros(2))
    assert level.tolist() == position.tolist() == [-1] * 2
    assert not is_shared.any()
    assert index.owner(lon=0.0, lat=0.0) == (-1, -1, False)
