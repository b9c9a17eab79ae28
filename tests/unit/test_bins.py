"""Heat bins: squares of a fixed net that never give away a single household."""

import numpy as np
import pytest

from geo_service.analysis.bins import heat_bins
from geo_service.errors import InvalidCoordinates, InvalidValue


def points(*groups: tuple[float, float, int]) -> dict[str, np.ndarray]:
    """``n`` points at each lon, lat."""
    lon = np.repeat([lon for lon, _, _ in groups], [n for _, _, n in groups])
    lat = np.repeat([lat for _, lat, _ in groups], [n for _, _, n in groups])
    return {"lon": lon, "lat": lat}


def test_bins_with_fewer_than_three_points_are_kept_back_and_told_in_number():
    bins = heat_bins(**points((121.4, 31.2, 3), (121.5, 31.2, 2), (121.6, 31.2, 1)))

    assert bins.count.tolist() == [3]
    assert bins.suppressed_points == 3


def test_a_bin_holds_its_points_and_has_the_size_asked_for():
    # at 31° a degree of latitude is about 110.87 km and one of longitude about 95.50 km
    # (M and N cos φ of the CGCS2000 ellipsoid)
    bins = heat_bins(**points((121.4, 31.0, 5)), bin_m=200.0)

    assert bins.west[0] <= 121.4 < bins.east[0]
    assert bins.south[0] <= 31.0 < bins.north[0]
    assert (bins.east - bins.west)[0] * 95_505 == pytest.approx(200, rel=1e-3)
    assert (bins.north - bins.south)[0] * 110_868 == pytest.approx(200, rel=1e-3)


def test_two_filters_over_one_city_use_the_same_squares():
    everything = heat_bins(**points((121.41, 31.21, 4), (121.45, 31.28, 3)), net_lat=31.2)
    part = heat_bins(**points((121.45, 31.28, 3)), net_lat=31.2)

    assert part.west[0] == everything.west[1]
    assert part.south[0] == everything.south[1]


def test_no_points_give_no_bins():
    bins = heat_bins(lon=np.empty(0), lat=np.empty(0))

    assert (len(bins.count), len(bins.west), bins.suppressed_points) == (0, 0, 0)


@pytest.mark.parametrize(
    ("lon", "lat"), [(-70.66, -33.45), (-0.00001, 0.00001), (0.00001, -0.00001), (-179.9, 84.9)]
)
def test_a_bin_west_of_greenwich_or_south_of_the_equator_holds_its_points(lon, lat):
    bins = heat_bins(**points((lon, lat, 4)))

    assert bins.west[0] <= lon < bins.east[0]
    assert bins.south[0] <= lat < bins.north[0]


def test_neighboring_squares_meet():
    bins = heat_bins(**points((0.0001, 0.0001, 3), (0.0010, 0.0001, 3)), bin_m=100.0)

    assert bins.east[0] == bins.west[1]


@pytest.mark.parametrize(
    "sizes", [{"bin_m": 49.9}, {"bin_m": np.nan}, {"bin_m": np.inf}, {"k": 2}, {"k": 0}]
)
def test_bins_that_would_point_at_homes_are_refused(sizes):
    with pytest.raises(InvalidValue):
        heat_bins(**points((121.4, 31.2, 9)), **sizes)


@pytest.mark.parametrize("net_lat", [90.0, np.nan])
def test_a_net_for_the_pole_is_refused(net_lat):
    with pytest.raises(InvalidValue):
        heat_bins(**points((121.4, 31.2, 9)), net_lat=net_lat)


@pytest.mark.parametrize("bad", [(np.nan, 31.2), (121.4, np.inf), (31.2, 121.4), (0.0, 89.0)])
def test_a_point_that_is_no_place_is_named(bad):
    with pytest.raises(InvalidCoordinates) as caught:
        heat_bins(lon=np.array([121.4, bad[0]]), lat=np.array([31.2, bad[1]]))

    assert caught.value.where == "point 1"
