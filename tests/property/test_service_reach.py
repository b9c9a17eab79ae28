"""Shares of reach against a dense lattice of points, and what every circle adds."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from geo_service.analysis.reach.discs import Discs, are_within
from geo_service.analysis.reach.gaps import ARC_TOLERANCE_M
from geo_service.analysis.reach.ground import ground_within
from geo_service.analysis.reach.planes import Facilities, Ground
from geo_service.analysis.reach.shares import gaps, reach
from geo_service.layers.frames import to_metric, to_storage
from tests.examples import examples

FRAME, EAST, NORTH = "EPSG:4549", 500_000.0, 3_320_000.0
AREAS = np.array(
    [
        box(-40, -40, 0, 40),
        Polygon(box(0, -40, 40, 40).exterior, [box(10, -10, 20, 10).exterior.coords]),
        MultiPolygon([box(10, -10, 14, 10), box(60, 60, 70, 70)]),
        Polygon([(-40, 40), (0, 90), (40, 40)]),
    ],
    dtype=object,
)

# whole numbers make circles that touch, repeat, and go through nodes
PLACE = st.one_of(st.integers(-5, 5).map(lambda n: 10.0 * n), st.floats(-60, 60))
RADIUS = st.one_of(st.sampled_from([5.0, 10.0, 20.0, 40.0]), st.floats(1, 80))
CIRCLES = st.lists(st.tuples(PLACE, PLACE, RADIUS), min_size=1, max_size=8)

STEP = 1.0
LATTICE = np.stack(np.meshgrid(*[np.arange(-100, 100, STEP) + STEP / 2] * 2)).reshape(2, -1)
HELD = [shapely.contains_xy(area, *LATTICE) for area in AREAS]


def discs(circles):
    return Discs(*np.array(circles, dtype=float).T)


@settings(max_examples=examples(100))
@given(circles=CIRCLES)
def test_the_ground_held_is_that_of_a_dense_lattice(circles):
    held = ground_within(AREAS, discs(circles))
    x, y, radius = np.array(circles).T
    is_reached = (np.hypot(LATTICE[0][:, None] - x, LATTICE[1][:, None] - y) <= radius).any(axis=1)
    # cells that a border goes through may count wrongly: no more than its length tells
    border_m = 2 * np.pi * radius.sum() + shapely.length(AREAS)
    counted = np.array([(is_reached & inside).sum() for inside in HELD]) * STEP**2
    assert (np.abs(held - counted) <= 1.5 * STEP * border_m).all()
    outlines = shapely.buffer(shapely.points(x, y), radius, quad_segs=256)
    drawn = shapely.area(shapely.intersection(AREAS, shapely.union_all(outlines)))
    # a polygon in a circle of 1024 corners lacks 6.3 parts in a million of its area
    slack = 6.4e-6 * np.pi * (radius**2).sum() + 1e-6
    assert (held - drawn >= -1e-6).all()
    assert (held - drawn <= slack).all()


@settings(max_examples=examples(100))
@given(circles=CIRCLES, more=st.floats(1.0, 2.0), extra=st.tuples(PLACE, PLACE, RADIUS))
def test_more_reach_never_holds_less_and_never_more_than_everything(circles, more, extra):
    held = ground_within(AREAS, discs(circles))
    assert (held <= shapely.area(AREAS)).all()
    wider = ground_within(AREAS, discs([(x, y, radius * more) for x, y, radius in circles]))
    assert (wider >= held - 1e-6).all()
    added = ground_within(AREAS, discs([*circles, extra]))
    alone = ground_within(AREAS, discs([extra]))
    assert (added >= np.maximum(held, alone) - 1e-6).all()
    assert (added <= held + alone + 1e-6).all()


@settings(max_examples=examples(100))
@given(circles=CIRCLES, order=st.randoms(use_true_random=False))
def test_the_order_of_facilities_and_those_told_twice_change_nothing(circles, order):
    twice = [*circles, *circles]
    order.shuffle(twice)
    found, again = ground_within(AREAS, discs(circles)), ground_within(AREAS, discs(twice))
    np.testing.assert_allclose(found, again, rtol=1e-9, atol=1e-7)


@settings(max_examples=examples(60), deadline=None)
@given(circles=CIRCLES)
def test_gaps_and_what_is_reached_make_up_every_area_and_share_no_ground(circles):
    # ten times as large, in a real plane
    x, y, radius_m = np.array(circles).T * 10
    lon, lat = to_storage(x=x + EAST, y=y + NORTH, source_frame=FRAME)
    facilities = Facilities(lon, lat, radius_m)
    corners = shapely.transform(AREAS, lambda each: each * 10 + (EAST, NORTH))
    outlines = shapely.transform(
        shapely.segmentize(corners, 100.0),
        lambda each: np.column_stack(to_storage(x=each[:, 0], y=each[:, 1], source_frame=FRAME)),
    )
    ground = Ground(outlines, np.full(len(outlines), FRAME, dtype=object))
    found = reach(ground, facilities, residents=np.full(len(outlines), np.nan))
    left = gaps(ground, facilities, found)
    reached_m2 = found.ground_share * found.ground_m2
    # a gap ends up to the tolerance before a circle, and loses its slivers
    most_m2 = 2 * np.pi * (radius_m * ARC_TOLERANCE_M).sum() + left.sliver_m2 + 0.5
    missing_m2 = found.ground_m2 - reached_m2 - left.area_m2
    assert (missing_m2 >= -0.5).all()
    assert (missing_m2 <= most_m2).all()
    for gap, outline in zip(left.geometries, outlines, strict=True):
        if gap is not None:
            assert gap.is_valid
            assert shapely.difference(gap, outline).area < 1e-14
            inside = shapely.get_coordinates(shapely.point_on_surface(shapely.get_parts(gap)))
            [plane] = to_metric(np.array([shapely.multipoints(inside)]), metric_frame=FRAME)
            points = shapely.get_coordinates(plane).T
            at = Discs(x + EAST, y + NORTH, radius_m - 1e-3)
            assert not are_within(at, x=points[0], y=points[1]).any()
