"""What service circles hold of areas, against closed forms, and the edges of each rule."""

from math import acos, pi, sqrt

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo_service.analysis.reach import discs as disc_module
from geo_service.analysis.reach.discs import Discs, are_within, exposed_arcs
from geo_service.analysis.reach.gaps import (
    ARC_TOLERANCE_M,
    SLIVER_M2,
    disc_outlines,
    open_ground,
    without_slivers,
)
from geo_service.analysis.reach.ground import ground_within
from geo_service.analysis.reach.planes import Facilities, Ground
from geo_service.analysis.reach.shares import Dwellings, gaps, reach
from geo_service.layers.frames import area_m2, points_to_metric, to_metric, to_storage

FRAME = "EPSG:4549"  # central meridian 120° E
EAST, NORTH = 500_000.0, 3_320_000.0
SQUARE = box(-10, -10, 10, 10)
RING = SQUARE.difference(box(-1, -1, 1, 1))
LENS = 2 * 9 * acos(2.5 / 6) - 2.5 / 2 * sqrt(4 * 9 - 2.5**2)
"""Common to two circles of radius 3 whose centers are 2.5 apart."""


def discs(*rows):
    """Return discs of (x, y, radius)."""
    return Discs(*np.array(rows, dtype=float).reshape(-1, 3).T)


def held(polygon, *rows, at=(0.0, 0.0)):
    """Return what discs hold of a polygon, both moved by ``at``."""
    moved = shapely.transform(polygon, lambda each: each + at)
    beside = box(900, 900, 901, 901)
    moved_discs = discs(*[(x + at[0], y + at[1], r) for x, y, r in rows])
    return ground_within(np.array([beside, moved], dtype=object), moved_discs)[1]


@pytest.mark.parametrize(
    ("polygon", "circles", "expected"),
    [
        (SQUARE, [(0, 0, 3)], 9 * pi),  # a circle inside
        (SQUARE, [(10, 0, 3)], 4.5 * pi),  # half of it, the center on the border
        (SQUARE, [(10, 10, 3)], 2.25 * pi),  # a quarter, around a corner
        (SQUARE, [(13, 0, 3)], 0.0),  # it touches from outside
        (SQUARE, [(7, 0, 3)], 9 * pi),  # it touches from inside
        (SQUARE, [(0, 0, 15)], 400.0),  # all of the square
        (SQUARE, [(0, 0, 10)], 100 * pi),  # it touches all four sides
        (SQUARE, [(0, 0, sqrt(200))], 400.0),  # it goes through the corners
        (SQUARE, [(50, 50, 3)], 0.0),
        (SQUARE, [(0, 0, 3), (2.5, 0, 3)], 18 * pi - LENS),
        (SQUARE, [(0, 0, 3), (0, 0, 3), (0, 0, 2), (1, 0, 2)], 9 * pi),  # equal, and inside
        (SQUARE, [(-5, 0, 1), (5, 0, 2)], 5 * pi),  # apart
        (SQUARE, [(-1, 0, 1), (1, 0, 1)], 2 * pi),  # they touch
        (RING, [(0, 0, 3)], 9 * pi - 4),
        (RING, [(0, 0, 0.5)], 0.0),  # in the hole
        (RING, [(0, 0, 15)], 396.0),
        (MultiPolygon([box(0, -9, 9, 9), box(-9, -9, 0, 0)]), [(0, 0, 1)], 0.75 * pi),
        (MultiPolygon([box(0, 0, 1, 1), box(50, 50, 51, 51)]), [(0.5, 0.5, 9)], 1.0),
        (Polygon([(-10, 10), (10, 10), (10, -10), (-10, -10)]), [(0, 0, 3)], 9 * pi),  # clockwise
        (
            Polygon([(0, -20), (20, -20), (20, 20), (0, 20), (0, 0), (0, -20)]),
            [(0, 0, 3)],
            4.5 * pi,
        ),
    ],
)
@pytest.mark.parametrize("at", [(0.0, 0.0), (EAST, NORTH)])
def test_circles_hold_of_a_polygon_what_the_closed_form_says(polygon, circles, expected, at):
    assert held(polygon, *circles, at=at) == pytest.approx(expected, rel=1e-8, abs=1e-7)


def test_ground_around_a_hole_that_circles_leave_open_is_counted_exactly():
    # six circles around a hexagon touch their neighbors in the middle of each side: what they leave
    # open inside is the hexagon less six times a third of a circle
    side = 10.0
    angle = np.arange(6) * pi / 3
    ring = [(side * np.cos(a), side * np.sin(a), side / 2) for a in angle]
    hexagon = Polygon([(x, y) for x, y, _ in ring])
    open_inside = hexagon.area - 6 * pi * (side / 2) ** 2 / 3
    assert held(hexagon, *ring) == pytest.approx(hexagon.area - open_inside, rel=1e-9)
    # what is left open reaches from the middle to the sides, 8.7 away
    assert held(hexagon, *ring, (0, 0, 9)) == pytest.approx(hexagon.area, rel=1e-9)


def test_a_circle_far_from_every_edge_lies_inside_or_in_the_hole():
    outline = shapely.Point(0, 0).buffer(100, quad_segs=128)
    assert held(outline, (0, 0, 5)) == pytest.approx(25 * pi, rel=1e-12)
    assert held(outline.difference(shapely.Point(0, 0).buffer(50)), (0, 0, 5)) == 0.0


def test_circles_that_touch_within_a_millionth_of_a_meter_are_on_the_right_side():
    for off in (0.0, 1e-10, -1e-10, 3e-9, -3e-9, 2e-7, -2e-7):
        for at in ((0.0, 0.0), (EAST, NORTH)):
            inside = held(SQUARE, (-7 + off, 0, 3), at=at)
            assert inside == pytest.approx(9 * pi, abs=1e-5)
            assert held(SQUARE, (-13 + off, 0, 3), at=at) == pytest.approx(0.0, abs=1e-5)
            assert held(SQUARE, (0, 0, 10 + off), at=at) == pytest.approx(100 * pi, abs=1e-4)
            # a corner that just meets a circle from outside
            corner = held(SQUARE, (10 + off + sqrt(4.5), 10 + sqrt(4.5), 3), at=at)
            assert corner == pytest.approx(0.0, abs=1e-5)


def test_nothing_is_held_of_no_polygon_and_by_no_disc():
    assert ground_within(np.array([SQUARE], dtype=object), discs()).tolist() == [0.0]
    assert ground_within(np.array([], dtype=object), discs((0, 0, 1))).tolist() == []
    assert are_within(discs(), x=np.zeros(2), y=np.zeros(2)).tolist() == [False, False]


def test_the_same_is_found_in_small_pieces(monkeypatch):
    random = np.random.default_rng(7)
    rows = np.column_stack([random.uniform(-12, 12, (300, 2)), random.uniform(0.2, 1.5, 300)])
    polygons = np.array([box(x, y, x + 3, y + 3) for x in range(-12, 12, 3) for y in (-9, 0, 6)])
    at_once = ground_within(polygons, discs(*rows))
    points = random.uniform(-12, 12, (2, 500))
    within = are_within(discs(*rows), x=points[0], y=points[1])
    for module in ("discs", "ground"):
        monkeypatch.setattr(f"geo_service.analysis.reach.{module}.PAIRS", 700)
    assert ground_within(polygons, discs(*rows)) == pytest.approx(at_once, rel=1e-12, abs=1e-12)
    assert are_within(discs(*rows), x=points[0], y=points[1]).tolist() == within.tolist()
    apart = np.hypot(points[0][:, None] - rows[:, 0], points[1][:, None] - rows[:, 1])
    assert within.tolist() == (apart <= rows[:, 2]).any(axis=1).tolist()


def test_the_border_of_many_wide_discs_is_that_of_the_few_outer_ones():
    side = 30
    x, y = (each.ravel() * 1.0 for each in np.meshgrid(np.arange(side), np.arange(side)))
    arcs = exposed_arcs(Discs(x, y, np.full(side * side, 40.0)))
    assert side * side > 8 * disc_module._FEW
    # the middle of a side of the square lies in no circle around another place as far out
    assert set(arcs.disc.tolist()) <= set(np.flatnonzero((x % 29 == 0) | (y % 29 == 0)).tolist())
    middle = (arcs.start + arcs.end) / 2
    out_x = x[arcs.disc] + 40 * np.cos(middle)
    out_y = y[arcs.disc] + 40 * np.sin(middle)
    nearest = np.hypot(out_x[:, None] - x, out_y[:, None] - y).min(axis=1)
    assert nearest == pytest.approx(40.0, abs=1e-9)


def square_at(x, y, side_m=1000.0):
    """Return a square whose corners are given in the metric frame, in degrees."""
    corners = np.array([(x, y), (x + side_m, y), (x + side_m, y + side_m), (x, y + side_m)])
    lon, lat = to_storage(x=corners[:, 0], y=corners[:, 1], source_frame=FRAME)
    return Polygon(np.column_stack([lon, lat]))


def ground_of(*polygons):
    return Ground(np.array(polygons, dtype=object), np.full(len(polygons), FRAME, dtype=object))


def facilities_at(*rows):
    """Return facilities of (easting, northing, radius)."""
    x, y, radius_m = np.array(rows, dtype=float).reshape(-1, 3).T
    lon, lat = to_storage(x=x, y=y, source_frame=FRAME)
    return Facilities(lon, lat, radius_m)


def unknown(count):
    return np.full(count, np.nan)


def test_a_center_across_the_border_serves_both_sides():
    west, east = square_at(EAST, NORTH), square_at(EAST + 1000, NORTH)
    far = square_at(EAST + 90_000, NORTH)
    facilities = facilities_at((EAST + 1000, NORTH + 500, 300))
    found = reach(
        ground_of(west, east, far), facilities, residents=np.array([100.0, 300.0, np.nan])
    )
    half = pi * 300**2 / 2 / 1000**2
    assert found.ground_share.tolist() == pytest.approx([half, half, 0.0], rel=1e-5)
    assert found.residents_share[:2].tolist() == found.ground_share[:2].tolist()
    assert [found.basis(i) for i in range(3)] == ["areal", "areal", None]
    assert found.whole_residents_share == pytest.approx(half, rel=1e-5)
    assert (found.whole_basis, found.is_counted.tolist()) == ("areal", [True, True, False])
    assert found.whole_ground_share == pytest.approx(2 * half / 3, rel=1e-3)


def test_without_any_facility_nothing_is_reached_and_every_area_is_its_own_gap():
    ground = ground_of(square_at(EAST, NORTH))
    found = reach(ground, facilities_at(), residents=np.array([0.0]))
    assert found.ground_share.tolist() == [0.0]
    assert found.whole_residents_share is found.whole_basis is None
    left = gaps(ground, facilities_at(), found)
    assert left.geometries[0] is ground.geometries[0]
    assert left.area_m2.tolist() == found.ground_m2.tolist()
    assert (left.slivers, left.sliver_m2) == (0, 0.0)


def test_no_areas_have_no_share():
    found = reach(ground_of(), facilities_at((EAST, NORTH, 9)), residents=np.zeros(0))
    assert found.whole_ground_share is None
    assert gaps(ground_of(), facilities_at(), found).area_m2.tolist() == []


def test_households_tell_the_share_of_residents_where_their_places_are_known():
    ground = ground_of(*[square_at(EAST + 1000 * i, NORTH) for i in range(3)])
    facility = facilities_at((EAST, NORTH, 200))
    places = np.array(
        [(EAST, NORTH), (EAST + 200, NORTH), (EAST + 201, NORTH), (EAST + 1500, NORTH)]
    )
    lon, lat = to_storage(x=places[:, 0], y=places[:, 1], source_frame=FRAME)
    # the second one stands exactly at the radius, to what degrees can tell
    x, y = points_to_metric(lon=lon, lat=lat, metric_frame=FRAME)
    center_x, center_y = points_to_metric(lon=facility.lon, lat=facility.lat, metric_frame=FRAME)
    radius_m = np.hypot(x[1] - center_x, y[1] - center_y)
    facility = facility._replace(radius_m=radius_m)
    dwellings = Dwellings(lon, lat, np.array([10.0, 20.0, 70.0, 5.0]), np.array([0, 0, 0, 1]))
    found = reach(ground, facility, residents=unknown(3), dwellings=dwellings)
    assert found.households.tolist() == [100.0, 5.0, 0.0]
    assert found.households_reached.tolist() == [30.0, 0.0, 0.0]
    assert found.residents_share[:2].tolist() == [0.3, 0.0]
    assert [found.basis(i) for i in range(3)] == ["households", "households", None]
    # nobody told residents: households weigh
    assert found.whole_residents_share == pytest.approx(30 / 105)
    assert found.whole_basis == "households"
    told = reach(ground, facility, residents=np.array([300.0, 60.0, 40.0]), dwellings=dwellings)
    areal = float(told.ground_share[2])
    assert (told.basis(2), areal, told.whole_basis) == ("areal", 0.0, "mixed")
    assert told.whole_residents_share == pytest.approx((0.3 * 300) / 400)


def test_each_area_is_measured_in_its_own_frame():
    # a degree of longitude east of the zone's edge the next zone holds; its circles are its own
    lon = np.array([118.4, 118.6])
    polygons = [box(x, 30.0, x + 1 / 64, 30 + 1 / 64) for x in lon]
    frames = np.array(["EPSG:4548", "EPSG:4549"], dtype=object)
    facilities = Facilities(lon + 1 / 128, np.full(2, 30 + 1 / 128), np.full(2, 300.0))
    found = reach(
        Ground(np.array(polygons, dtype=object), frames), facilities, residents=unknown(2)
    )
    for i, frame in enumerate(frames):
        plane = to_metric(np.array([polygons[i]], dtype=object), metric_frame=frame)
        assert found.ground_share[i] == pytest.approx(pi * 300**2 / plane[0].area, rel=1e-6)


def test_an_area_reached_as_a_whole_has_no_gap_and_its_share_is_one():
    ground = ground_of(square_at(EAST, NORTH), square_at(EAST + 3000, NORTH))
    # two circles that only together hold the first square
    facilities = facilities_at((EAST, NORTH + 500, 800), (EAST + 1000, NORTH + 500, 800))
    found = reach(ground, facilities, residents=unknown(2))
    assert found.ground_share.tolist() == [1.0, 0.0]
    left = gaps(ground, facilities, found)
    assert [each is None for each in left.geometries] == [True, False]
    alone = reach(ground, facilities_at((EAST + 500, NORTH + 500, 800)), residents=unknown(2))
    assert alone.ground_share.tolist() == [1.0, 0.0]


def test_a_gap_lies_outside_of_circles_and_follows_them_within_the_tolerance():
    ground = ground_of(square_at(EAST, NORTH))
    facilities = facilities_at((EAST + 200, NORTH + 500, 300), (EAST + 800, NORTH + 500, 200))
    found = reach(ground, facilities, residents=unknown(1))
    left = gaps(ground, facilities, found)
    [gap] = to_metric(left.geometries, metric_frame=FRAME)
    centers = shapely.points([EAST + 200, EAST + 800], [NORTH + 500] * 2)
    assert (shapely.distance(gap, centers) >= np.array([300, 200]) - 1e-3).all()
    assert (shapely.distance(gap, centers) <= np.array([300, 200]) + ARC_TOLERANCE_M).all()
    # the corners of the square keep their bits
    corners = shapely.points(shapely.get_coordinates(ground.geometries[0])[1:3])
    assert shapely.intersects(
        shapely.MultiPoint(shapely.get_coordinates(left.geometries[0])), corners
    ).all()
    whole = left.area_m2[0] / found.ground_m2[0] + found.ground_share[0]
    assert 1 - (2 * pi * 500 * ARC_TOLERANCE_M) / 1000**2 < whole < 1 + 1e-6


def test_many_circles_over_one_area_leave_what_their_union_leaves():
    ground = ground_of(square_at(EAST, NORTH))
    random = np.random.default_rng(3)
    rows = [(EAST + x, NORTH + y, 60.0) for x, y in random.uniform(0, 1000, (60, 2))]
    found = reach(ground, facilities_at(*rows), residents=unknown(1))
    left = gaps(ground, facilities_at(*rows), found)
    assert left.geometries[0].geom_type == "MultiPolygon"
    told = left.area_m2[0] + left.sliver_m2
    assert told == pytest.approx(found.ground_m2[0] * (1 - found.ground_share[0]), rel=2e-3)
    outlines = disc_outlines(discs(*rows), metric_frame=FRAME)
    assert shapely.intersection(left.geometries[0], shapely.union_all(outlines)).area < 1e-15


def test_slivers_are_left_out_and_counted():
    sliver, small = square_at(EAST, NORTH, 0.9), square_at(EAST + 10, NORTH, 1.2)
    large = square_at(EAST + 20, NORTH, 50)
    given = np.array(
        [MultiPolygon([sliver, small]), sliver, Polygon(), MultiPolygon([sliver, small, large])],
        dtype=object,
    )
    left = without_slivers(given)
    assert area_m2(np.array([sliver, small], dtype=object)).tolist() == pytest.approx(
        [0.81, 1.44], rel=1e-3
    )
    assert SLIVER_M2 == 1.0
    assert shapely.equals(left.geometries[0], small)
    assert left.geometries[0].geom_type == "Polygon"
    assert [left.geometries[1], left.geometries[2]] == [None, None]
    assert left.geometries[3].equals(MultiPolygon([small, large]))
    assert left.slivers == 3
    assert left.sliver_m2 == pytest.approx(3 * 0.81, rel=1e-3)
    assert left.area_m2.tolist() == pytest.approx([1.44, 0, 0, 2501.44], rel=1e-3)


def test_ground_that_no_circle_comes_near_stays_as_it_is():
    polygons = ground_of(square_at(EAST, NORTH), square_at(EAST + 5000, NORTH)).geometries
    left = open_ground(polygons, discs((EAST, NORTH, 100)), metric_frame=FRAME)
    assert left[1] is polygons[1]
    assert left[0].area < polygons[0].area
