import math
import subprocess
import sys

import numpy as np
import pytest
import shapely

from geo_service.errors import (
    InvalidCoordinates,
    InvalidGeometry,
    UnsupportedFrame,
)
from geo_service.layers.frames import (
    are_inside,
    area_m2,
    check_coordinates,
    densify,
    from_storage,
    geometries_from_storage,
    geometries_to_storage,
    is_degrees,
    length_m,
    looks_swapped,
    place_to_storage,
    to_metric,
    to_storage,
)

EMPTY = np.empty(0, dtype=object)


def shapes(*geometries):
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def vertices(geometry):
    return shapely.get_coordinates(geometry).tolist()


def test_wgs_84_and_cgcs2000_are_one_by_decision():
    lon, lat = to_storage(x=[116.4, 121.5], y=[39.9, 31.2], source_frame="WGS84")
    assert lon.tolist() == [116.4, 121.5]
    assert lat.tolist() == [39.9, 31.2]
    x, y = from_storage(lon=lon, lat=lat, target_frame="EPSG:4326")
    assert (x.tolist(), y.tolist()) == (lon.tolist(), lat.tolist())


@pytest.mark.parametrize("frame", ["EPSG:4490", "GCJ02"])
def test_conversion_gives_new_arrays(frame):
    x, y = np.array([2.35]), np.array([48.85])
    for lon, lat in (
        to_storage(x=x, y=y, source_frame=frame),
        from_storage(lon=x, lat=y, target_frame=frame),
    ):
        assert not np.shares_memory(lon, x)
        assert not np.shares_memory(lat, y)


@pytest.mark.parametrize(
    ("x", "y", "frame"),
    [
        (116.4, 39.9, "EPSG:4490"),
        (-180.0, 90.0, "EPSG:4326"),
        (116.4, 39.9, "GCJ02"),
        (116.4, 39.9, "BD09"),
        (500000.0, 4400000.0, "EPSG:4548"),
    ],
)
def test_one_place_is_converted_to_the_same_bits_as_in_a_list(x, y, frame):
    lon, lat = to_storage(x=[x, x], y=[y, y], source_frame=frame)
    alone = place_to_storage(x=x, y=y, source_frame=frame, where="lon, lat")
    assert alone == (lon[1], lat[1])


@pytest.mark.parametrize(
    ("x", "y", "frame"),
    [(math.nan, 39.0, "EPSG:4490"), (39.9, 116.4, "EPSG:4326"), (116.4, 39.9, "EPSG:4548")],
)
def test_one_place_is_refused_in_the_words_for_a_list(x, y, frame):
    with pytest.raises(InvalidCoordinates) as refusal:
        place_to_storage(x=x, y=y, source_frame=frame, where="points.csv")
    assert str(refusal.value) == str(refusal_of(x, y, frame))


def test_one_point_may_be_given_as_numbers():
    lon, lat = to_storage(x=500000.0, y=0.0, source_frame="EPSG:4548")
    assert lon == pytest.approx([117.0], abs=1e-9)  # a zone's middle is its central meridian
    assert lat == pytest.approx([0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("lon", "lat"), [(2.35, 48.85), (-74.0, 40.7), (139.7, 35.7), (116.0, 60.0)]
)
@pytest.mark.parametrize("frame", ["GCJ02", "BD09"])
def test_points_outside_china_are_not_shifted(lon, lat, frame):
    assert [v.item() for v in to_storage(x=lon, y=lat, source_frame=frame)] == [lon, lat]
    assert [v.item() for v in from_storage(lon=lon, lat=lat, target_frame=frame)] == [lon, lat]


def test_the_edge_of_the_box_is_shifted():
    for lon, lat in [(72.004, 30.0), (137.8347, 30.0), (100.0, 0.8293), (100.0, 55.8271)]:
        x, _ = from_storage(lon=lon, lat=lat, target_frame="GCJ02")
        assert x.item() != lon


def test_a_datum_without_public_parameters_is_refused_rather_than_taken_for_wgs_84():
    # EPSG:4296 Sudan is retired; PROJ would convert it by doing nothing
    with pytest.raises(UnsupportedFrame, match="no published parameters"):
        to_storage(x=30.0, y=15.0, source_frame="EPSG:4296")


def test_a_point_that_cannot_be_converted_is_named():
    with pytest.raises(InvalidCoordinates) as refusal:
        to_storage(x=[116.0, math.nan], y=[39.0, 39.0], source_frame="GCJ02")
    assert refusal.value.where == "GCJ02[1]"
    with pytest.raises(InvalidCoordinates) as refusal:
        from_storage(lon=[116.0, 116.0, math.inf], lat=39.0 * np.ones(3), target_frame="EPSG:4548")
    assert refusal.value.where == "EPSG:4548[2]"


def test_a_file_in_degrees_of_cgcs2000_or_wgs_84_gets_no_nodes():
    block = shapely.box(116.0, 39.0, 117.0, 40.0)
    (stored,) = geometries_to_storage(shapes(block), source_frame="EPSG:4326")
    assert vertices(stored) == vertices(block)


def test_long_edges_of_other_frames_get_nodes_before_conversion():
    # 1 km square: 5 pieces a side, 20 nodes and the closing one
    block = shapely.box(500000, 4400000, 501000, 4401000)
    (stored,) = geometries_to_storage(shapes(block), source_frame="EPSG:4548")
    assert len(vertices(stored)) == 21
    (back,) = geometries_from_storage(shapes(stored), target_frame="EPSG:4548")
    assert shapely.symmetric_difference(back, block).area < 1e-3


def test_heights_are_refused_not_dropped():
    high = shapes(shapely.Point(116, 39), shapely.LineString([(116, 39, 5), (117, 39, 6)]))
    for convert in (
        lambda: geometries_to_storage(high, source_frame="GCJ02"),
        lambda: geometries_to_storage(high, source_frame="EPSG:4490"),
        lambda: geometries_from_storage(high, target_frame="GCJ02"),
        lambda: densify(high, source_frame="GCJ02"),
    ):
        with pytest.raises(InvalidGeometry) as refusal:
            convert()
        assert refusal.value.where == "[1]"


def test_no_geometries_are_no_geometries():
    assert len(geometries_to_storage(EMPTY, source_frame="GCJ02")) == 0
    assert len(geometries_from_storage(EMPTY, target_frame="GCJ02")) == 0
    assert len(to_metric(EMPTY, metric_frame="EPSG:4548")) == 0
    assert len(densify(EMPTY, source_frame="GCJ02")) == 0
    assert len(area_m2(EMPTY)) == 0
    assert len(length_m(EMPTY)) == 0


def test_pyproj_is_loaded_only_when_a_frame_needs_it():
    program = (
        "import sys; from geo_service.layers import frames as f; "
        "f.to_storage(x=116.4, y=39.9, source_frame='GCJ02'); "
        "f.check_coordinates(x=116.4, y=39.9, source_frame='EPSG:4326', where='p'); "
        "assert 'pyproj' not in sys.modules; f.parse_frame('4548'); assert 'pyproj' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# Checks


def refusal_of(x, y, frame):
    with pytest.raises(InvalidCoordinates) as refusal:
        check_coordinates(x=x, y=y, source_frame=frame, where="points.csv")
    return refusal.value


@pytest.mark.parametrize(
    ("x", "y", "frame"),
    [
        (180.0, 90.0, "EPSG:4490"),
        (-180.0, -90.0, "GCJ02"),
        (190000.0, 2500000.0, "EPSG:4548"),  # three degrees west of the central meridian
        (500000.0, 4400000.0, "EPSG:4548"),
        (39500000.0, 4400000.0, "EPSG:4527"),
        (20037508.0, 4400000.0, "EPSG:3857"),
        ([], [], "EPSG:4548"),
    ],
)
def test_coordinates_their_frame_can_hold_pass(x, y, frame):
    check_coordinates(x=x, y=y, source_frame=frame, where="points.csv")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("frame", ["EPSG:4490", "EPSG:4548"])
def test_what_is_not_a_finite_number_is_refused(bad, frame):
    refusal = refusal_of([bad], [39.0], frame)
    assert "不是有限的数" in refusal.text("zh")
    assert "not a finite number" in refusal.text("en")


def test_the_first_bad_position_is_named():
    refusal = refusal_of([116.0, 116.0, 200.0, 300.0], [39.0, 39.0, 39.0, 39.0], "EPSG:4490")
    assert (refusal.where, refusal.x, refusal.y) == ("points.csv[2]", 200.0, 39.0)
    assert "±180" in refusal.text("zh")


def test_a_single_point_is_not_numbered():
    assert refusal_of(200.0, 39.0, "EPSG:4490").where == "points.csv"


def test_swapped_degrees_are_said_to_be_swapped():
    refusal = refusal_of(39.9, 116.4, "GCJ02")
    assert "经纬度似乎颠倒" in refusal.text("zh")
    assert "swapped" in refusal.text("en")


def test_a_latitude_over_90_that_swapping_does_not_mend_is_only_out_of_range():
    assert "颠倒" not in refusal_of(100.0, 116.4, "EPSG:4490").text("zh")
    assert "颠倒" not in refusal_of(39.9, 216.4, "EPSG:4490").text("zh")


def test_meters_in_a_frame_of_degrees_are_said_to_be_meters():
    refusal = refusal_of(500000.0, 4400000.0, "BD09")
    assert "以米为单位" in refusal.text("zh")
    assert "meters" in refusal.text("en")


@pytest.mark.parametrize("frame", ["EPSG:4548", "EPSG:4527", "EPSG:32650", "EPSG:3857"])
@pytest.mark.parametrize(("x", "y"), [(116.4, 39.9), (39.9, 116.4)])
def test_degrees_in_a_projected_frame_are_said_to_be_degrees(x, y, frame):
    refusal = refusal_of(x, y, frame)
    assert "以度为单位" in refusal.text("zh")
    assert "degrees" in refusal.text("en")


def test_northing_before_easting_is_said_to_be_swapped():
    refusal = refusal_of(4400000.0, 500000.0, "EPSG:4548")
    assert "横纵坐标似乎颠倒" in refusal.text("zh")
    assert "northing" in refusal.text("en")


def test_a_zone_number_before_the_easting_is_recognized():
    refusal = refusal_of(39500000.0, 4400000.0, "EPSG:4548")
    assert "带号 39" in refusal.text("zh")
    assert "zone number 39" in refusal.text("en")


def test_a_place_far_from_the_area_of_use_is_refused():
    assert "适用范围" in refusal_of(500000.0, -4400000.0, "EPSG:4548").text("zh")
    assert "zone" in refusal_of(500000.0, 4400000.0, "EPSG:4527").text("en")


def test_an_area_of_use_across_the_antimeridian_has_two_neighboring_sides():
    x, y = from_storage(lon=[179.5, -179.5], lat=[-40.0, -40.0], target_frame="EPSG:3832")
    check_coordinates(x=x, y=y, source_frame="EPSG:3832", where="points.csv")


def test_each_point_can_be_asked_whether_it_fits_its_frame():
    x, y = [116.4, 200.0, math.nan, 39.9], [39.9, 39.9, 39.9, 116.4]
    assert are_inside(x=x, y=y, source_frame="GCJ02").tolist() == [True, False, False, False]
    x, y = [5e5, 5e5, 116.4, math.inf], [4.4e6, -4.4e6, 39.9, 4.4e6]
    assert are_inside(x=x, y=y, source_frame="4548").tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [("GCJ02", True), ("百度", True), ("EPSG:4611", True), ("EPSG:4548", False)],
)
def test_a_frame_is_in_degrees_or_in_a_plane(frame, expected):
    assert is_degrees(frame) is expected


BBOX = (116.3, 39.8, 116.5, 40.0)


def test_points_that_lie_in_the_box_only_when_swapped_look_swapped():
    assert looks_swapped(lon=[39.9, 39.95], lat=[116.4, 116.4], bbox=BBOX)


def test_points_that_lie_in_the_box_do_not_look_swapped():
    assert not looks_swapped(lon=[116.4, 116.3], lat=[39.9, 39.8], bbox=BBOX)


def test_half_of_the_points_are_not_most():
    assert not looks_swapped(lon=[39.9, 10.0], lat=[116.4, 10.0], bbox=BBOX)
    assert looks_swapped(lon=[39.9, 39.9, 10.0], lat=[116.4, 116.4, 10.0], bbox=BBOX)


def test_no_points_and_points_in_a_symmetric_box_do_not_look_swapped():
    assert not looks_swapped(lon=[], lat=[], bbox=BBOX)
    assert not looks_swapped(lon=[1.0], lat=[2.0], bbox=(0.0, 0.0, 3.0, 3.0))
