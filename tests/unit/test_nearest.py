"""The nearest of some places to each of others, beside every geodesic distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo_service.analysis.nearest import nearest

GEOD = Geod(a=6_378_137, rf=298.257222101)
"""The ellipsoid of CGCS2000."""
places = st.lists(
    st.tuples(st.floats(119.5, 120.5), st.floats(29.5, 30.5)), min_size=1, max_size=12
)


def columns(found) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = np.array(found, dtype=float).reshape(-1, 2).T
    return lon, lat


def every_distance_m(lon, lat, to_lon, to_lat) -> np.ndarray:
    near = [np.repeat(each, len(to_lon)) for each in (lon, lat)]
    far = [np.tile(each, len(lon)) for each in (to_lon, to_lat)]
    return GEOD.inv(*near, *far)[2].reshape(len(lon), len(to_lon))


@given(places, places)
def test_no_other_place_is_nearer_by_the_geodesic(asked, there):
    (lon, lat), (to_lon, to_lat) = columns(asked), columns(there)

    found = nearest(lon=lon, lat=lat, to_lon=to_lon, to_lat=to_lat)

    distances_m = every_distance_m(lon, lat, to_lon, to_lat)
    own_m = distances_m[np.arange(len(lon)), found.position]
    # straight lines through the ellipsoid order places as geodesics do, to a millionth
    assert (own_m <= distances_m.min(axis=1) * (1 + 1e-6) + 1e-6).all()
    assert found.distance_m == pytest.approx(own_m, rel=1e-9, abs=1e-6)


@given(places)
def test_no_place_is_its_own_nearest(there):
    lon, lat = columns(there)

    found = nearest(lon=lon, lat=lat, to_lon=lon, to_lat=lat, without_itself=True)

    if len(there) == 1:
        assert found.position.tolist() == [-1]
        assert np.isnan(found.distance_m).all()
        return
    distances_m = every_distance_m(lon, lat, lon, lat)
    np.fill_diagonal(distances_m, np.inf)
    everyone = np.arange(len(lon))
    assert (found.position != everyone).all()
    own_m = distances_m[everyone, found.position]
    assert (own_m <= distances_m.min(axis=1) * (1 + 1e-6) + 1e-6).all()


def test_what_lies_nowhere_has_no_nearest_and_is_nobodys():
    nan = np.nan

    found = nearest(
        lon=np.array([nan, 120.0, 120.0]),
        lat=np.array([30.0, nan, 30.0]),
        to_lon=np.array([nan, 120.0, 121.0]),
        to_lat=np.array([30.0, nan, 30.0]),
    )

    assert found.position.tolist() == [-1, -1, 2]
    assert np.isnan(found.distance_m[:2]).all()


def test_a_place_that_may_not_be_joined_finds_its_two_nearest_others():
    # only the first two may be joined; the third asks too, and is no candidate
    lon, lat = np.array([120.0, 120.01, 120.02]), np.full(3, 30.0)
    to_lon = np.array([120.0, 120.01, np.nan])

    found = nearest(lon=lon, lat=lat, to_lon=to_lon, to_lat=lat, without_itself=True)

    assert found.position.tolist() == [1, 0, 1]


@pytest.mark.parametrize("count", [0, 1])
def test_with_nobody_there_nobody_is_nearest(count):
    none = np.array([])
    asked = np.full(count, 30.0)

    found = nearest(lon=asked, lat=asked, to_lon=none, to_lat=none)

    assert found.position.tolist() == [-1] * count
