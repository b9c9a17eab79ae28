"""The laws of the demo land, for any seed, size and nesting."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.demo.city import Plan, found
from geo_service.demo.land.blocks import Land
from geo_service.demo.land.groups import apportion
from geo_service.demo.land.naming import Level, ordinal
from geo_service.errors import LimitExceeded

COUNTS = st.tuples(st.integers(1, 3), st.integers(0, 4), st.integers(0, 12)).map(
    lambda steps: (steps[0], steps[0] + steps[1], steps[0] + steps[1] + steps[2])
)


def hamlet(counts: tuple[int, int, int], width_m: float, height_m: float) -> Plan:
    return Plan(
        title="示例",
        levels=(
            Level("street", counts[0], None, 3, "示例第{number}街道"),
            Level("community", counts[1], "street", 3, "{stem}社区", "places"),
            Level("grid", counts[2], "community", 3, "{stem}第{number}网格"),
        ),
        land=Land(width_m=width_m, height_m=height_m, block_m2=7000, main_m2=200_000, notches=1),
        origin=(118.5, 33.6),
        prefix="999",
        first=800,
        households=5_000,
    )


def edges(geometries) -> Counter:
    points, ring = shapely.get_coordinates(geometries, return_index=True)
    inside = ring[1:] == ring[:-1]
    return Counter(e.tobytes() for e in np.hstack([points[:-1], points[1:]])[inside])


def outline_edges(geometries) -> set[bytes]:
    directed = edges(geometries)
    half = 16
    return {edge for edge in directed if edge[half:] + edge[:half] not in directed}


@given(
    seed=st.integers(0, 2**32 - 1),
    counts=COUNTS,
    width_m=st.floats(550, 1400),
    height_m=st.floats(550, 1400),
)
def test_any_land_is_tiled_exactly_on_every_level(seed, counts, width_m, height_m):
    city = found(hamlet(counts, width_m, height_m), seed=seed)
    layers = list(city.boundaries.values())
    for areas, count in zip(layers, counts, strict=True):
        assert len(areas) == count
        assert shapely.is_valid(areas.geometries).all()
        assert shapely.coverage_is_valid(areas.geometries)
        assert not shapely.get_num_interior_rings(areas.geometries).any()
    for above, below in pairwise(layers):
        parents = np.array(below.parents)
        for code, outline in zip(above.codes, above.geometries, strict=True):
            assert outline_edges(below.geometries[parents == code]) == set(edges([outline]))


@given(seed=st.integers(0, 2**32 - 1))
def test_buildings_of_any_land_stand_inside_their_grid(seed):
    city = found(hamlet((1, 2, 8), 900, 800), seed=seed)
    grids = city.boundaries["grid"]
    owners = [grids.position_by_code[code] for code in city.buildings.grids]
    assert shapely.contains_properly(grids.geometries[owners], city.buildings.geometries).all()
    assert city.buildings.households.sum() == 5_000


@given(
    totals=st.lists(st.floats(0, 1e6), min_size=1, max_size=40),
    most=st.integers(1, 9),
    share=st.floats(0, 1),
)
def test_what_is_shared_out_sums_to_the_whole_within_its_limits(totals, most, share):
    limits = np.full(len(totals), most)
    count = len(totals) + round(share * (most - 1) * len(totals))
    shares = apportion(count, np.array(totals), least=1, most=limits)
    assert shares.sum() == count
    assert (shares >= 1).all()
    assert (shares <= most).all()


@given(extra=st.integers(1, 50))
def test_more_than_the_limits_allow_is_refused(extra):
    with pytest.raises(LimitExceeded):
        apportion(6 + extra, np.ones(3), least=0, most=np.full(3, 2))


def test_ordinals_count_in_chinese():
    assert [ordinal(n) for n in (1, 9, 10, 11, 20, 35, 99)] == [
        "一", "九", "十", "十一", "二十", "三十五", "九十九",
    ]  # fmt: skip
