import math

import numpy as np
import pytest
import shapely

from geo_service.errors import (
    InvalidCoordinates,
    InvalidGeometry,
    UnsupportedFrame,
)
from geo_service.layers.frames import (
    STORAGE_FRAME,
    area_m2,
    densify,
    distance_m,
    length_m,
    metric_frame,
    metric_frames,
    points_to_metric,
    to_metric,
)

EMPTY = np.empty(0, dtype=object)


def shapes(*geometries):
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def vertices(geometry):
    return shapely.get_coordinates(geometry).tolist()


# Nodes on long edges


def test_an_edge_gets_equally_spaced_nodes():
    (line,) = densify(shapes(shapely.LineString([(0, 0), (900, 0)])), source_frame="EPSG:4548")
    assert vertices(line) == [[0, 0], [180, 0], [360, 0], [540, 0], [720, 0], [900, 0]]


def test_an_edge_that_is_just_short_enough_stays():
    line = shapely.LineString([(0, 0), (200, 0), (200, 200.0001)])
    (same,) = densify(shapes(line), source_frame="EPSG:4548")
    assert vertices(same) == vertices(line)


def test_both_directions_of_an_edge_get_the_same_nodes():
    there = [(0.1, 0.7), (1000.3, 777.7)]
    one, other = densify(
        shapes(shapely.LineString(there), shapely.LineString(there[::-1])), source_frame="EPSG:4548"
    )
    assert vertices(one) == vertices(other)[::-1]
    upright = [(0.1, 0.7), (0.1, 777.7)]
    one, other = densify(
        shapes(shapely.LineString(upright), shapely.LineString(upright[::-1])),
        source_frame="EPSG:4548",
    )
    assert vertices(one) == vertices(other)[::-1]


def test_feet_are_counted_as_feet():
    # EPSG:2263 is in US survey feet: 700 ft are 213.4 m
    (line,) = densify(shapes(shapely.LineString([(0, 0), (700, 0)])), source_frame="EPSG:2263")
    assert vertices(line) == [[0, 0], [350, 0], [700, 0]]


def test_degrees_are_measured_on_the_ellipsoid():
    # 0.01° of the equator: 1113.2 m; of the 60th parallel: 558.0 m
    lines = shapes(
        shapely.LineString([(10.0, 0.0), (10.01, 0.0)]),
        shapely.LineString([(10.0, 60.0), (10.01, 60.0)]),
    )
    dense = densify(lines, source_frame="GCJ02")
    assert shapely.get_num_coordinates(dense).tolist() == [7, 4]


def test_every_kind_of_geometry_keeps_its_kind_and_its_holes():
    square = shapely.Polygon(
        [(0, 0), (300, 0), (300, 300), (0, 300)], [[(100, 100), (110, 100), (110, 110)]]
    )
    small = shapely.box(500, 0, 510, 10)
    before = shapes(
        square,
        shapely.MultiPolygon([square, small]),
        shapely.MultiPolygon([small]),
        shapely.LineString([(0, 0), (300, 0)]),
        shapely.MultiLineString([[(0, 0), (300, 0)], [(0, 5), (10, 5)]]),
        shapely.Point(7, 7),
        shapely.MultiPoint([(7, 7), (8, 8)]),
        shapely.MultiPolygon([shapely.Polygon(), small]),
        shapely.Polygon(),
        None,
    )
    after = densify(before, source_frame="EPSG:4548")
    assert shapely.get_type_id(after).tolist() == shapely.get_type_id(before).tolist()
    assert shapely.get_num_coordinates(after[:7]).tolist() == [13, 18, 5, 3, 5, 1, 2]
    assert shapely.get_num_interior_rings(after[0]) == 1
    assert after[-1] is None
    assert all(shapely.equals(a, b) for a, b in zip(after[:-1], before[:-1], strict=True))


def test_an_edge_without_end_is_refused():
    line = shapely.LineString([(0, 0), (math.inf, 0)])
    with pytest.raises(InvalidCoordinates, match="not a finite number"):
        densify(shapes(line), source_frame="EPSG:4548")


def test_a_collection_is_refused():
    collection = shapes(shapely.Point(0, 0), shapely.GeometryCollection([shapely.Point(0, 0)]))
    with pytest.raises(InvalidGeometry, match="GeometryCollection"):
        densify(collection, source_frame="EPSG:4548")


# The metric frame


@pytest.mark.parametrize(
    ("lon", "lat", "frame"),
    [
        (116.4, 39.9, "EPSG:4548"),  # central meridian 117
        (121.5, 31.2, "EPSG:4550"),  # half-way between 120 and 123
        (121.49, 31.2, "EPSG:4549"),
        (73.0, 39.0, "EPSG:4534"),
        (75.0, 54.0, "EPSG:4534"),
        (136.5, 3.0, "EPSG:4554"),
        (72.99, 39.0, "EPSG:32643"),
        (136.51, 39.0, "EPSG:32653"),
        (116.0, 54.01, "EPSG:32650"),
        (116.0, 2.99, "EPSG:32650"),
        (2.35, 48.85, "EPSG:32631"),
        (-60.0, -0.1, "EPSG:32721"),
        (180.0, 0.0, "EPSG:32601"),
        (-180.0, 0.0, "EPSG:32601"),
    ],
)
def test_the_metric_frame_is_the_nearest_zone(lon, lat, frame):
    assert metric_frame(lon=lon, lat=lat) == frame


@pytest.mark.parametrize("lat", [-30.0, 0.0, 3.0, 30.0, 54.0, 80.0])
def test_many_places_have_each_the_metric_frame_they_have_alone(lat):
    lon = np.concatenate([np.arange(-180.0, 180.5, 0.5), [72.999999, 136.500001, 76.4999999999]])
    alone = [metric_frame(lon=each, lat=lat) for each in lon.tolist()]
    assert metric_frames(lon=lon, lat=np.full(len(lon), lat)).tolist() == alone
    assert metric_frames(lon=lon[:0], lat=lon[:0]).tolist() == []


def test_a_place_that_is_none_has_no_metric_frame():
    with pytest.raises(InvalidCoordinates):
        metric_frame(lon=39.9, lat=116.4)


def test_distances_in_the_metric_frame_are_meters():
    frame = metric_frame(lon=117.0, lat=40.0)
    x, y = points_to_metric(lon=[117.0, 117.0], lat=[40.0, 40.01], metric_frame=frame)
    assert x == pytest.approx([500000.0, 500000.0])
    # scale is 1 on the central meridian, so the arc keeps its length
    along = distance_m(lon1=117.0, lat1=40.0, lon2=117.0, lat2=40.01)
    assert y[1] - y[0] == pytest.approx(along.item(), abs=1e-6)


def test_geometries_come_to_the_metric_frame_as_their_points_do():
    line = shapely.LineString([(117.0, 40.0), (117.01, 40.0)])
    (flat,) = to_metric(shapes(line), metric_frame="EPSG:4548")
    x, y = points_to_metric(lon=[117.0, 117.01], lat=[40.0, 40.0], metric_frame="EPSG:4548")
    assert vertices(flat) == np.column_stack((x, y)).tolist()


@pytest.mark.parametrize("frame", ["EPSG:4490", "GCJ02", "EPSG:2263"])
def test_distances_are_never_measured_in_degrees_or_feet(frame):
    with pytest.raises(UnsupportedFrame) as refusal:
        points_to_metric(lon=117.0, lat=40.0, metric_frame=frame)
    assert "不以米为单位" in refusal.value.text("zh")


# Measures


def test_the_earth_has_its_published_area():
    # GRS 80: 510 065 621.7 km²
    (area,) = area_m2(shapes(shapely.box(-180, -90, 180, 90)))
    assert area == pytest.approx(510_065_621.7e6, rel=1e-10)


def test_direction_of_rings_does_not_matter_and_holes_and_parts_count():
    shell = [(116.0, 39.0), (116.1, 39.0), (116.1, 39.1), (116.0, 39.1)]
    hole = [(116.02, 39.02), (116.05, 39.02), (116.05, 39.05), (116.02, 39.05)]
    far = shapely.box(118.0, 39.0, 118.1, 39.1)
    full, there, back, cut, two, lost = area_m2(
        shapes(
            shapely.Polygon(shell),
            shapely.Polygon(hole),
            shapely.Polygon(shell[::-1], [hole]),
            shapely.Polygon(shell, [hole[::-1]]),
            shapely.MultiPolygon([shapely.Polygon(shell, [hole]), far]),
            shapely.MultiPolygon([shapely.Polygon()]),
        )
    )
    assert back == pytest.approx(full - there, rel=1e-12)
    assert cut == pytest.approx(full - there, rel=1e-12)
    assert two == pytest.approx(2 * full - there, rel=1e-12)
    assert lost == 0.0


def test_what_is_no_polygon_has_no_area():
    line = shapely.LineString([(0, 0), (1, 0), (1, 1)])
    nothing = shapes(None, shapely.Polygon(), line, shapely.Point(0, 0))
    assert area_m2(nothing).tolist() == [0.0, 0.0, 0.0, 0.0]


def test_length_adds_up_parts_and_rings():
    quarter = 10001965.729  # meridian quadrant of GRS 80, meters
    equator = shapely.LineString([(0, 0), (90, 0)])
    meridian = shapely.LineString([(0, 0), (0, 90)])
    lengths = length_m(
        shapes(meridian, equator, shapely.MultiLineString([meridian, equator]), None)
    )
    assert lengths[0] == pytest.approx(quarter, abs=1e-3)
    assert lengths[1] == pytest.approx(6378137.0 * math.pi / 2, abs=1e-3)
    assert lengths[2] == pytest.approx(lengths[0] + lengths[1])
    assert lengths[3] == 0.0
    octant = shapely.Polygon([(0, 0), (90, 0), (0, 90)])
    # the third side is the meridian of 90° E bent to the pole: also a quadrant
    assert length_m(shapes(octant))[0] == pytest.approx(lengths[1] + 2 * quarter, abs=1e-3)


def test_distances_from_one_point_to_many_broadcast():
    distances = distance_m(lon1=0.0, lat1=0.0, lon2=[0.0, 90.0], lat2=[90.0, 0.0])
    assert distances == pytest.approx([10001965.729, 6378137.0 * math.pi / 2], abs=1e-3)


def test_the_storage_frame_is_cgcs2000():
    assert STORAGE_FRAME == "EPSG:4490"
