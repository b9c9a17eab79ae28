"""Against independent implementations: PROJ called directly, and the published formulas by hand."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest
import shapely

from geo_service.layers.frames import (
    area_m2,
    densify,
    distance_m,
    frame_of_crs,
    from_storage,
    geometries_to_storage,
    length_m,
    parse_frame,
    to_storage,
)

GRS80 = pyproj.Geod(ellps="GRS80")


def shapes(*geometries):
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


# The formulas as they circulate, for one point, from the standard library alone


def gcj02_by_hand(lon, lat):
    def offset(terms, wave):
        return terms + sum(a * math.sin(b * math.pi) for a, b in wave) * 2 / 3

    x, y = lon - 105.0, lat - 35.0
    both = [(20, 6 * x), (20, 2 * x)]
    north = offset(
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)),
        [*both, (20, y), (40, y / 3), (160, y / 12), (320, y / 30)],
    )
    east = offset(
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)),
        [*both, (20, x), (40, x / 3), (150, x / 12), (300, x / 30)],
    )
    a, ee = 6378245.0, 0.00669342162296594323
    magic = 1 - ee * math.sin(math.radians(lat)) ** 2
    return (
        lon + east * 180 / (a / math.sqrt(magic) * math.cos(math.radians(lat)) * math.pi),
        lat + north * 180 / (a * (1 - ee) / (magic * math.sqrt(magic)) * math.pi),
    )


def bd09_by_hand(lon, lat):
    turn = math.pi * 3000 / 180
    z = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * turn)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * turn)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


# Test vectors of eviltransform (googollee/eviltransform, python/test.py), longitude first
SHANGHAI = ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597))
SHENZHEN = ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766))
BEIJING = ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069))


@pytest.mark.parametrize(("wgs84", "gcj02"), [SHANGHAI, SHENZHEN, BEIJING])
def test_gcj02_agrees_with_the_published_vectors(wgs84, gcj02):
    shifted = from_storage(lon=wgs84[0], lat=wgs84[1], target_frame="GCJ02")
    assert np.ravel(shifted) == pytest.approx(gcj02, abs=1e-12)
    back = to_storage(x=gcj02[0], y=gcj02[1], source_frame="GCJ02")
    assert np.ravel(back) == pytest.approx(wgs84, abs=1e-11)


# Printed answers of the map services' own conversion: the example in Baidu's guide to geoconv (to
# GCJ-02 and to BD-09) and the one in Amap's guide to coordinate/convert.
BAIDU_EXAMPLE = (114.21892734521, 29.575429778924)
AMAP_EXAMPLE = (116.481499, 39.990475)


@pytest.mark.parametrize(
    ("wgs84", "frame", "shifted"),
    [
        (BAIDU_EXAMPLE, "BD09", (114.2307519546763, 29.57908428837437)),
        (BAIDU_EXAMPLE, "GCJ02", (114.22430528428819, 29.57284912109375)),
        (AMAP_EXAMPLE, "GCJ02", (116.487585177952, 39.991754014757)),
    ],
)
def test_the_map_services_agree_within_a_meter(wgs84, frame, shifted):
    x, y = from_storage(lon=wgs84[0], lat=wgs84[1], target_frame=frame)
    assert distance_m(lon1=x, lat1=y, lon2=shifted[0], lat2=shifted[1]) < 1.0


def test_gcj02_and_bd09_agree_with_the_formulas_by_hand():
    random = np.random.default_rng(2026)
    lon, lat = random.uniform(72.1, 137.8, 2000), random.uniform(0.9, 55.8, 2000)
    by_hand = np.array([gcj02_by_hand(*point) for point in zip(lon, lat, strict=True)]).T
    gcj02 = from_storage(lon=lon, lat=lat, target_frame="GCJ02")
    assert np.abs(np.array(gcj02) - by_hand).max() < 1e-12
    by_hand = np.array([bd09_by_hand(*point) for point in by_hand.T]).T
    bd09 = from_storage(lon=lon, lat=lat, target_frame="BD09")
    assert np.abs(np.array(bd09) - by_hand).max() < 1e-12


def test_gcj02_shifts_eastern_cities_by_300_to_700_meters():
    lon, lat = np.array([116.4, 121.5, 113.3, 120.2]), np.array([39.9, 31.2, 23.1, 30.3])
    x, y = from_storage(lon=lon, lat=lat, target_frame="GCJ02")
    shift_m = distance_m(lon1=lon, lat1=lat, lon2=x, lat2=y)
    assert shift_m.min() > 300
    assert shift_m.max() < 700


# PROJ


@pytest.mark.parametrize(
    ("frame", "bbox"),
    [
        ("EPSG:4547", (112.5, 22.0, 115.5, 45.0)),
        ("EPSG:4527", (115.5, 22.0, 118.5, 45.0)),
        ("EPSG:4509", (114.0, 22.0, 120.0, 50.0)),
    ],
)
def test_frames_on_cgcs2000_agree_with_proj(frame, bbox):
    west, south, east, north = bbox
    random = np.random.default_rng(7)
    lon, lat = random.uniform(west, east, 500), random.uniform(south, north, 500)
    direct = pyproj.Transformer.from_crs("EPSG:4490", frame, always_xy=True)
    x, y = from_storage(lon=lon, lat=lat, target_frame=frame)
    assert np.allclose((x, y), direct.transform(lon, lat), rtol=0, atol=1e-6)
    back = to_storage(x=x, y=y, source_frame=frame)
    assert np.allclose(back, direct.transform(x, y, direction="INVERSE"), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("frame", "bbox"),
    [
        ("EPSG:32650", (114.0, 20.0, 120.0, 50.0)),
        ("EPSG:3857", (73.0, 3.0, 136.0, 54.0)),
        ("EPSG:2326", (113.8, 22.2, 114.4, 22.5)),  # Hong Kong 1980, seven published parameters
        ("EPSG:3826", (120.1, 22.0, 121.9, 25.0)),
    ],
)
def test_frames_on_other_datums_agree_with_proj_to_wgs_84(frame, bbox):
    west, south, east, north = bbox
    random = np.random.default_rng(7)
    lon, lat = random.uniform(west, east, 500), random.uniform(south, north, 500)
    direct = pyproj.Transformer.from_crs("EPSG:4326", frame, always_xy=True)
    x, y = from_storage(lon=lon, lat=lat, target_frame=frame)
    assert np.allclose((x, y), direct.transform(lon, lat), rtol=0, atol=1e-6)


@pytest.mark.parametrize("version", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_frames_in_use_in_china_are_recognized_in_every_dialect(version):
    for code in (4490, 4326, 4491, 4502, 4513, 4527, 4534, 4548, 4554, 32650, 2326):
        crs = pyproj.CRS.from_epsg(code)
        frame = frame_of_crs(crs.to_wkt(version))
        assert frame is not None, (code, version)
        # 6-degree and 3-degree zones of one meridian are the same plane under two codes
        assert frame == f"EPSG:{code}" or is_same_plane(frame, crs), (code, version, frame)


def is_same_plane(frame, crs):
    lon = np.array([crs.area_of_use.west, crs.area_of_use.east])
    planes = [
        pyproj.Transformer.from_crs("EPSG:4490", one, always_xy=True).transform(lon, lon * 0 + 40)
        for one in (frame, crs)
    ]
    return np.allclose(*planes, rtol=0, atol=1e-4)


def test_proj_regards_wgs_84_and_cgcs2000_as_one_too():
    both = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4490", always_xy=True)
    assert both.transform(116.4, 39.9) == (116.4, 39.9)


def test_threads_get_the_same_bits_as_one_thread():
    random = np.random.default_rng(3)
    lon, lat = random.uniform(113.8, 114.4, 5000), random.uniform(22.2, 22.5, 5000)

    def converted(frame):
        parse_frame.cache_clear()
        plane = from_storage(lon=lon, lat=lat, target_frame=frame)
        return np.array(to_storage(x=plane[0], y=plane[1], source_frame=frame)).tobytes()

    frames = ["EPSG:4547", "EPSG:2326", "GCJ02", "BD09"] * 8
    alone = {frame: converted(frame) for frame in frames}
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(converted, frames)) == [alone[frame] for frame in frames]


# The ellipsoid


def city(*, lat, radius_m, corners, seed):
    """Return a ragged polygon around 116° E."""
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = radius_m * random.uniform(0.7, 1.3, corners)
    east = 116.0 + radius * np.cos(angle) / (111_320 * math.cos(math.radians(lat)))
    return shapely.Polygon(np.column_stack((east, lat + radius * np.sin(angle) / 110_574)))


@pytest.mark.parametrize("lat", [3.0, 23.0, 40.0, 54.0, 60.0, -33.0])
@pytest.mark.parametrize("radius_m", [30.0, 300.0, 3000.0])
def test_areas_agree_with_geodesic_areas_as_stated(lat, radius_m):
    cities = [city(lat=lat, radius_m=radius_m, corners=12, seed=seed) for seed in range(20)]
    short = densify(shapes(*cities), source_frame="EPSG:4490", max_edge_m=200.0)
    by_geod = [GRS80.geometry_area_perimeter(one) for one in short]
    expected, outline_m = np.abs(np.array(by_geod)).T
    assert (np.abs(area_m2(short) - expected) <= 0.001 * outline_m).all()
    assert area_m2(short) == pytest.approx(expected, rel=2e-6 if radius_m > 50 else 1e-5)


def test_areas_agree_with_an_equal_area_projection_of_finely_cut_edges():
    cities = shapes(*(city(lat=40.0, radius_m=5000, corners=8, seed=seed) for seed in range(20)))
    cut = densify(cities, source_frame="EPSG:4490", max_edge_m=5.0)
    equal_area = pyproj.Proj("+proj=cea +ellps=GRS80")
    plane = shapely.transform(cut, lambda x, y: equal_area(x, y), interleaved=False)
    assert area_m2(cities) == pytest.approx(shapely.area(plane), rel=1e-9)


def test_holes_and_parts_agree_with_geodesic_areas():
    shell, hole = (city(lat=40.0, radius_m=r, corners=90, seed=1) for r in (2000, 500))
    ring = shapely.Polygon(shell.exterior, [hole.exterior])
    other = shapely.transform(ring, lambda xy: xy + np.array([0.2, 0.1]))
    both = shapely.orient_polygons(shapely.MultiPolygon([ring, other]))
    expected = GRS80.geometry_area_perimeter(both)[0]
    assert area_m2(shapes(both)) == pytest.approx([expected], rel=1e-6)


def test_lengths_and_distances_agree_with_geodesics():
    cities = [city(lat=40.0, radius_m=3000, corners=30, seed=seed) for seed in range(5)]
    expected = [GRS80.geometry_length(one) for one in cities]
    assert length_m(shapes(*cities)) == pytest.approx(expected, rel=1e-12)
    boundaries = shapes(*(one.exterior for one in cities))
    assert length_m(boundaries) == pytest.approx(expected, rel=1e-12)
    lon, lat = np.array([116.0, 120.0]), np.array([40.0, 30.0])
    expected = GRS80.inv(lon, lat, lon + 1, lat - 1)[2]
    assert np.array_equal(distance_m(lon1=lon, lat1=lat, lon2=lon + 1, lat2=lat - 1), expected)


@pytest.mark.parametrize(
    ("frame", "most_off_m"), [("GCJ02", 0.01), ("EPSG:4548", 0.01), ("BD09", 0.05)]
)
def test_a_straight_edge_stays_where_it_was_as_stated(frame, most_off_m):
    # a 2 km edge cut finely before conversion shows where its points really lie
    x, y = from_storage(lon=[116.40, 116.42], lat=[39.90, 39.91], target_frame=frame)
    edge = shapely.LineString(np.column_stack((x, y)))
    ours = geometries_to_storage(shapes(edge), source_frame=frame)[0]
    fine_x, fine_y = np.linspace(x[0], x[1], 4001), np.linspace(y[0], y[1], 4001)
    lon, lat = to_storage(x=fine_x, y=fine_y, source_frame=frame)
    off_degrees = shapely.distance(shapely.points(lon, lat), ours).max()
    assert off_degrees * 111_320 < most_off_m
