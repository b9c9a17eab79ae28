from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo_service.layers.frames import (
    area_m2,
    densify,
    distance_m,
    from_storage,
    geometries_from_storage,
    geometries_to_storage,
    length_m,
    looks_swapped,
    metric_frame,
    points_to_metric,
    to_storage,
)

# the box of GCJ-02, as published: west, south, east, north
BOX = (72.004, 0.8293, 137.8347, 55.8271)
ZONES = [f"EPSG:{code}" for code in range(4534, 4555)]
SHIFTED = ["GCJ02", "BD09"]
FRAMES = [*SHIFTED, "EPSG:4490", "EPSG:4548", "EPSG:32650", "EPSG:3857", "EPSG:2326"]


def numbers(least, most, *, size=None):
    size = st.integers(1, 40) if size is None else size
    return arrays.arrays(np.float64, size, elements=st.floats(least, most, allow_subnormal=False))


@st.composite
def points(draw, bbox, *, least=1, most=20):
    west, south, east, north = bbox
    count = draw(st.integers(least, most))
    return draw(numbers(west, east, size=count)), draw(numbers(south, north, size=count))


def inside(margin_deg):
    west, south, east, north = BOX
    return west + margin_deg, south + margin_deg, east - margin_deg, north - margin_deg


def shapes(*geometries):
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def bits(*columns):
    return tuple(np.asarray(column, dtype=np.float64).tobytes() for column in columns)


def worst_m(one, other):
    return distance_m(lon1=one[0], lat1=one[1], lon2=other[0], lat2=other[1]).max()


# There and back


@given(points(inside(0.0201)))
def test_gcj02_there_and_back_is_within_a_micrometer(point):
    lon, lat = point
    x, y = from_storage(lon=lon, lat=lat, target_frame="GCJ02")
    assert worst_m(to_storage(x=x, y=y, source_frame="GCJ02"), point) <= 1e-6


@given(points(inside(0.0401)))
def test_bd09_there_and_back_is_within_a_micrometer(point):
    lon, lat = point
    x, y = from_storage(lon=lon, lat=lat, target_frame="BD09")
    assert worst_m(to_storage(x=x, y=y, source_frame="BD09"), point) <= 1e-6


@given(points(inside(0.0401)), st.sampled_from(SHIFTED))
def test_back_and_there_is_within_a_micrometer(point, frame):
    x, y = point
    lon, lat = to_storage(x=x, y=y, source_frame=frame)
    assert worst_m(from_storage(lon=lon, lat=lat, target_frame=frame), point) <= 1e-6


@given(st.floats(1.0, 55.0), st.floats(-1e-6, 1e-6))
def test_the_kink_of_gcj02_at_105_degrees_keeps_the_micrometer(lat, east_deg):
    lon = 105.0 + east_deg
    x, y = from_storage(lon=lon, lat=lat, target_frame="GCJ02")
    assert worst_m(to_storage(x=x, y=y, source_frame="GCJ02"), (lon, lat)) <= 1e-6


@given(points((-180.0, -90.0, 180.0, 90.0)), st.sampled_from(SHIFTED))
def test_points_outside_the_box_are_unchanged_both_ways(point, frame):
    lon, lat = point
    west, south, east, north = BOX
    outside = (lon < west) | (lon > east) | (lat < south) | (lat > north)
    for x, y in (
        to_storage(x=lon, y=lat, source_frame=frame),
        from_storage(lon=lon, lat=lat, target_frame=frame),
    ):
        assert bits(x[outside], y[outside]) == bits(lon[outside], lat[outside])


@given(points((-1.6, 3.0, 1.6, 54.0)), st.integers(0, 20))
def test_a_zone_there_and_back_is_within_a_millimeter(point, zone):
    lon, lat = point[0] + 75.0 + 3.0 * zone, point[1]
    x, y = from_storage(lon=lon, lat=lat, target_frame=ZONES[zone])
    assert worst_m(to_storage(x=x, y=y, source_frame=ZONES[zone]), (lon, lat)) <= 1e-3


@given(
    points((113.8, 22.2, 114.4, 22.5)), st.sampled_from(["EPSG:2326", "EPSG:32650", "EPSG:3857"])
)
def test_a_frame_on_another_datum_there_and_back_is_within_a_millimeter(point, frame):
    lon, lat = point
    x, y = from_storage(lon=lon, lat=lat, target_frame=frame)
    assert worst_m(to_storage(x=x, y=y, source_frame=frame), point) <= 1e-3


# Element by element


@given(points((113.8, 22.2, 116.0, 23.5), least=2), st.sampled_from(FRAMES), st.data())
def test_converting_in_pieces_equals_converting_at_once_bit_for_bit(point, frame, data):
    lon, lat = point
    cut = data.draw(st.integers(1, len(lon) - 1))
    x, y = from_storage(lon=lon, lat=lat, target_frame=frame)
    pieces = [
        from_storage(lon=lon[part], lat=lat[part], target_frame=frame)
        for part in (slice(cut), slice(cut, None))
    ]
    assert bits(x, y) == bits(*map(np.concatenate, zip(*pieces, strict=True)))
    back = to_storage(x=x, y=y, source_frame=frame)
    pieces = [
        to_storage(x=x[part], y=y[part], source_frame=frame)
        for part in (slice(cut), slice(cut, None))
    ]
    assert bits(*back) == bits(*map(np.concatenate, zip(*pieces, strict=True)))


@given(points((113.8, 22.2, 116.0, 23.5)), st.sampled_from(FRAMES))
def test_order_and_memory_layout_do_not_change_a_bit(point, frame):
    lon, lat = point
    x, y = to_storage(x=lon, y=lat, source_frame="EPSG:4490")
    x, y = from_storage(lon=x, lat=y, target_frame=frame)
    both = np.column_stack((lon[::-1], lat[::-1]))  # columns of a table are not contiguous
    turned_x, turned_y = from_storage(lon=both[:, 0], lat=both[:, 1], target_frame=frame)
    assert bits(x, y) == bits(turned_x[::-1], turned_y[::-1])


@given(
    st.sampled_from(["GCJ02", "BD09", "EPSG:4548", "EPSG:32650"]),
    st.floats(-0.02, 0.02),
    st.floats(-0.02, 0.02),
    st.floats(0.001, 0.02),
)
def test_neighbors_that_share_nodes_share_them_after_conversion(frame, east, north, side):
    west, south = 116.4 + east, 39.9 + north
    corners = np.array(
        [[west, south], [west + side, south], [west + side, south + side], [west, south + side]]
    )
    middle = [west + side / 3, south + side / 3]
    corners, (middle,) = (
        np.column_stack(from_storage(lon=v[:, 0], lat=v[:, 1], target_frame=frame))
        for v in (corners, np.array([middle]))
    )
    left = shapely.Polygon([corners[0], middle, corners[2], corners[3]])
    right = shapely.Polygon([corners[0], corners[1], corners[2], middle])
    together = geometries_to_storage(shapes(left, right), source_frame=frame)
    apart = [geometries_to_storage(shapes(one), source_frame=frame)[0] for one in (left, right)]
    assert [one.wkb for one in together] == [one.wkb for one in apart]
    assert shapely.coverage_is_valid(together)
    border = [set(map(tuple, shapely.get_coordinates(one))) for one in together]
    shared = shapely.get_num_coordinates(shapely.shared_paths(*(one.exterior for one in together)))
    assert len(border[0] & border[1]) >= 3
    assert shared > 0


# Nodes on long edges


@st.composite
def lines(draw, frame):
    bbox = (0.0, 0.0, 5e3, 5e3) if frame == "EPSG:4548" else (116.0, -60.0, 116.2, 60.0)
    x, y = draw(points(bbox, least=2, most=6))
    if frame != "EPSG:4548":
        y = y[0] + (y - y[0]) / 1000.0
    # no edge without length: millimeters, and tenths of them
    vertices = np.round(np.column_stack((x, y)), 3 if frame == "EPSG:4548" else 9)
    moves = (np.diff(vertices, axis=0) != 0.0).any(axis=1)
    assume(moves.any())
    return shapely.LineString(vertices[np.append(True, moves)])


FRAME_AND_LINE = st.sampled_from(["EPSG:4548", "GCJ02"]).flatmap(
    lambda frame: st.tuples(st.just(frame), lines(frame))
)


@given(FRAME_AND_LINE, st.floats(50.0, 500.0))
def test_nodes_do_not_depend_on_the_direction_of_an_edge(frame_and_line, max_edge_m):
    frame, line = frame_and_line
    there, back = densify(shapes(line, line.reverse()), source_frame=frame, max_edge_m=max_edge_m)
    assert there.wkb == back.reverse().wkb


@given(FRAME_AND_LINE, st.floats(50.0, 500.0))
def test_old_vertices_stay_in_order_with_their_bits(frame_and_line, max_edge_m):
    frame, line = frame_and_line
    (dense,) = densify(shapes(line), source_frame=frame, max_edge_m=max_edge_m)
    nodes = iter(map(tuple, dense.coords))
    assert all(any(node == vertex for node in nodes) for vertex in line.coords)


@given(FRAME_AND_LINE, st.floats(50.0, 500.0))
def test_no_piece_is_too_long_and_none_is_cut_again(frame_and_line, max_edge_m):
    frame, line = frame_and_line
    dense = densify(shapes(line), source_frame=frame, max_edge_m=max_edge_m)
    x, y = shapely.get_coordinates(dense[0]).T
    if frame == "GCJ02":
        pieces_m = distance_m(lon1=x[:-1], lat1=y[:-1], lon2=x[1:], lat2=y[1:])
    else:
        pieces_m = np.hypot(np.diff(x), np.diff(y))
    assert pieces_m.max() <= max_edge_m * (1 + 2e-6)
    again = densify(dense, source_frame=frame, max_edge_m=max_edge_m)
    assert again[0].wkb == dense[0].wkb


@given(FRAME_AND_LINE)
def test_nodes_lie_on_the_edge_to_rounding(frame_and_line):
    frame, line = frame_and_line
    (dense,) = densify(shapes(line), source_frame=frame)
    rounding = 1e-11 if frame == "EPSG:4548" else 1e-13
    assert shapely.distance(shapely.points(dense.coords), line).max() <= rounding


# Measures


@st.composite
def stars(draw, *, least_m=20.0):
    """A polygon around a point: random radii at equal angles."""
    lon, lat = draw(st.floats(75.0, 135.0)), draw(st.floats(3.0, 54.0))
    radii_m = draw(numbers(least_m, 3000.0, size=st.integers(3, 12)))
    angle = np.linspace(0.0, 2 * np.pi, len(radii_m), endpoint=False)
    east = lon + radii_m * np.cos(angle) / (111_320.0 * np.cos(np.radians(lat)))
    return shapely.Polygon(np.column_stack((east, lat + radii_m * np.sin(angle) / 110_574.0)))


@given(stars(), st.floats(0.2, 0.8))
def test_a_node_on_an_edge_does_not_change_the_area(star, share):
    corners = shapely.get_coordinates(star)
    node = corners[0] + share * (corners[1] - corners[0])
    noded = shapely.Polygon(np.insert(corners, 1, node, axis=0))
    one, other = area_m2(shapes(star, noded))
    assert other == pytest.approx(one, rel=1e-9)


@given(stars())
def test_pieces_of_a_star_add_up_to_its_area(star):
    corners = shapely.get_coordinates(star)
    center = corners[:-1].mean(axis=0)
    wedges = [shapely.Polygon([center, start, end]) for start, end in pairwise(corners)]
    # signs: a center outside the star makes some wedges turn the other way
    turns = [1.0 if shapely.is_ccw(wedge.exterior) else -1.0 for wedge in wedges]
    total = float(np.dot(area_m2(shapes(*wedges)), turns))
    assert total == pytest.approx(area_m2(shapes(star))[0], rel=1e-8)


@given(stars(), st.floats(-20.0, 20.0))
def test_moving_along_the_parallel_changes_neither_area_nor_length(star, east_deg):
    moved = shapely.transform(star, lambda xy: xy + np.array([east_deg, 0.0]))
    assert area_m2(shapes(moved)) == pytest.approx(area_m2(shapes(star)), rel=1e-6)
    assert length_m(shapes(moved)) == pytest.approx(length_m(shapes(star)), rel=1e-8)


@given(st.floats(73.0, 136.5), st.floats(3.0, 54.0), st.floats(0.0, 360.0))
def test_distances_in_the_metric_frame_are_true_to_four_parts_in_ten_thousand(lon, lat, azimuth):
    # 1.5° off the central meridian the scale of Gauss-Krüger is 1 + 3.4e-4 at the equator; at the
    # western rim, where the area of use begins at 73° and the first meridian is 75°, 6.1e-4
    turn = np.radians(azimuth)
    far_lon = lon + 0.005 * np.sin(turn)
    far_lat = lat + 0.005 * np.cos(turn)
    x, y = points_to_metric(
        lon=[lon, far_lon], lat=[lat, far_lat], metric_frame=metric_frame(lon=lon, lat=lat)
    )
    plane = np.hypot(np.diff(x), np.diff(y)).item()
    ground = distance_m(lon1=lon, lat1=lat, lon2=far_lon, lat2=far_lat).item()
    assert plane == pytest.approx(ground, rel=6.2e-4 if lon < 73.5 else 3.6e-4)


@given(stars(), st.sampled_from([*SHIFTED, "EPSG:4490", "EPSG:3857"]))
def test_vertices_there_and_back_are_the_same_places(star, frame):
    given_frame = geometries_from_storage(shapes(star), target_frame=frame)
    back = geometries_to_storage(given_frame, source_frame=frame)
    vertices = shapely.points(shapely.get_coordinates(back))
    away = shapely.distance(shapely.points(star.exterior.coords)[:, None], vertices[None, :])
    assert away.min(axis=1).max() <= 1e-11


@given(points((116.3, 39.8, 116.5, 40.0)))
def test_points_in_their_box_never_look_swapped_and_swapped_ones_always(point):
    lon, lat = point
    bbox = (116.3, 39.8, 116.5, 40.0)
    assert not looks_swapped(lon=lon, lat=lat, bbox=bbox)
    assert looks_swapped(lon=lat, lat=lon, bbox=bbox)
