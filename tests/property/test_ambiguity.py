"""What a circle of accuracy says: of many points at once as of each alone."""

import json
from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo_service.layers.area import area_set
from geo_service.layers.assignment.alone import assigned_and_judged
from geo_service.layers.assignment.ambiguity import judged, provisional_owners
from geo_service.layers.assignment.answer import answer_at
from geo_service.layers.assignment.candidate import OUTSIDE, candidates_of
from geo_service.layers.assignment.rule import assign
from geo_service.layers.frames import meters_per_degree, points_to_metric, to_metric
from geo_service.layers.index import coverage_index
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from geo_service.services.issues.assignments import candidate_texts
from tests.examples import examples
from tests.houses import SOUTH, STEP, WEST, square, street_boundaries

NAMES = ["district", "street", "community", "grid"]
CERTAIN_SHARE = 0.8


def round_grid(column, row):
    """Return a many-cornered island in the middle of a square."""
    middle = shapely.Point(WEST + (column + 0.5) * STEP, SOUTH + (row + 0.5) * STEP)
    return middle.buffer(STEP / 4, quad_segs=200)


@cache
def locator_of(kind):
    """Return a street whose grids cover it, or leave gaps, or hold islands; or no area at all."""
    layers = Layers(
        tuple(
            Layer(name, name, name, parent=parent, nearest_m=30.0)
            for name, parent in zip(NAMES, [None, *NAMES], strict=False)
        )
    )
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    if kind == "gaps":
        boundaries["grid"] = grids.take([0, 3, 4, 5])
    elif kind == "islands":
        outlines = list(grids.geometries)
        outlines[1] = shapely.difference(outlines[1], round_grid(1, 0))
        boundaries["grid"] = area_set(
            "grid",
            codes=[*grids.codes, "999001010109"],
            parents=[*grids.parents, "9990010101"],
            geometries=[*outlines, round_grid(1, 0)],
        )
    elif kind == "nothing":
        boundaries = {}
    return Locator(layers, boundaries)


kinds = st.sampled_from(["covered", "gaps", "islands", "nothing"])
steps = st.integers(-8, 40).map(lambda n: n / 8) | st.floats(-1, 5, allow_nan=False)
radii_m = st.sampled_from([np.nan, 0.0, 1.0, 12.5, 30.0, 120.0, 600.0]) | st.floats(0.01, 300)
circles = st.lists(st.tuples(steps | st.just(np.nan), steps, radii_m), max_size=12)


def columns(circles):
    x, y, accuracy_m = np.array(circles, dtype=np.float64).reshape(-1, 3).T
    return {"lon": WEST + x * STEP, "lat": SOUTH + y * STEP, "accuracy_m": accuracy_m}


@settings(max_examples=examples(150), deadline=None)
@given(kinds, circles)
def test_many_points_are_judged_as_each_alone(kind, circles):
    locator, points = locator_of(kind), columns(circles)
    assigned = assign(locator, "grid", lon=points["lon"], lat=points["lat"])
    found = judged(locator, assigned, **points, certain_share=CERTAIN_SHARE)
    chain = locator.layers.families["grid"]
    for i, accuracy_m in enumerate(points["accuracy_m"].tolist()):
        alone = answer_at(
            locator,
            "grid",
            lon=float(points["lon"][i]),
            lat=float(points["lat"][i]),
            accuracy_m=None if np.isnan(accuracy_m) else accuracy_m,
            certain_share=CERTAIN_SHARE,
        )
        owners = found.assignments.owners
        owner = locator.links("grid", int(owners.level[i]), int(owners.position[i]))
        assert (found.statuses[i], assigned.rules[i], owner) == (
            alone.status,
            alone.rule,
            alone.chain,
        )
        rows = np.flatnonzero(found.candidates.point == i)
        areas = [
            None if depth == OUTSIDE else locator.link(chain[depth].name, position)
            for depth, position in zip(
                found.candidates.depth[rows].tolist(),
                found.candidates.position[rows].tolist(),
                strict=True,
            )
        ]
        assert areas == [each.area for each in alone.candidates]
        shares = [each.share for each in alone.candidates]
        assert found.candidates.share[rows].tolist() == pytest.approx(shares, abs=1e-12)


def columns_of(judgement):
    assigned, candidates = judgement.assignments, judgement.candidates
    return [
        *vars(assigned.owners).values(),
        assigned.rules,
        assigned.distance_m,
        assigned.metric_frames,
        assigned.numbers,
        judgement.statuses,
        candidates.point,
        candidates.depth,
        candidates.position,
        candidates.share,
    ]


@settings(max_examples=examples(150), deadline=None)
@given(kinds, circles)
@example("covered", [(0.0, 0.5, 30.0), (-0.5, 0.5, 12.5)])  # half of it outside every area
def test_one_point_takes_a_shorter_way_to_the_same_columns_bit_for_bit(kind, circles):
    locator, points = locator_of(kind), columns(circles)
    for part in (slice(None), *(slice(i, i + 1) for i in range(len(circles)))):
        one = {name: column[part] for name, column in points.items()}
        found = assigned_and_judged(locator, "grid", **one, certain_share=CERTAIN_SHARE)
        assigned = assign(locator, "grid", lon=one["lon"], lat=one["lat"])
        expected = judged(locator, assigned, **one, certain_share=CERTAIN_SHARE)
        assert found.assignments.family == "grid"
        for column, wanted in zip(columns_of(found), columns_of(expected), strict=True):
            assert column.dtype == wanted.dtype
            assert repr(column.tolist()) == repr(wanted.tolist())


@settings(max_examples=examples(60), deadline=None)
@given(kinds, circles)
def test_provisional_owners_are_those_of_the_judgment(kind, circles):
    locator, points = locator_of(kind), columns(circles)
    assigned = assign(locator, "grid", lon=points["lon"], lat=points["lat"])
    found = judged(locator, assigned, **points, certain_share=CERTAIN_SHARE)
    owners = provisional_owners(locator, assigned, **points)
    assert owners.level.tolist() == found.assignments.owners.level.tolist()
    assert owners.position.tolist() == found.assignments.owners.position.tolist()
    has_owner = assigned.owners.level >= 0
    assert (owners.position[has_owner] == assigned.owners.position[has_owner]).all()


@settings(max_examples=examples(60), deadline=None)
@given(kinds, steps, steps, st.floats(1.0, 300.0))
def test_shares_are_those_of_a_cut_with_a_polygon_of_many_corners(kind, x, y, radius_m):
    """A polygon of 4 × 500 corners in a circle lacks 2 parts in a million of its area."""
    locator, frame = locator_of(kind), "EPSG:4549"
    lon, lat = np.array([WEST + x * STEP]), np.array([SOUTH + y * STEP])
    found = candidates_of(
        locator,
        "grid",
        lon=lon,
        lat=lat,
        accuracy_m=np.array([radius_m]),
        metric_frames=np.array([frame], dtype=object),
    )
    assert found.share.sum() == pytest.approx(1.0, abs=1e-9)
    east, north = points_to_metric(lon=lon, lat=lat, metric_frame=frame)
    disc = shapely.Point(east[0], north[0]).buffer(radius_m, quad_segs=500)
    rest = disc
    expected = {}
    for depth in (3, 2, 1, 0):
        outlines = to_metric(locator.areas(NAMES[depth]).geometries, metric_frame=frame)
        for position, outline in enumerate(outlines):
            expected[depth, position] = shapely.intersection(rest, outline).area / disc.area
        if len(outlines):
            rest = shapely.difference(rest, shapely.union_all(outlines))
    expected[OUTSIDE, OUTSIDE] = rest.area / disc.area
    shares = zip(found.depth.tolist(), found.position.tolist(), found.share.tolist(), strict=True)
    told = {(depth, position): share for depth, position, share in shares}
    for key, share in expected.items():
        assert told.pop(key, 0.0) == pytest.approx(share, abs=1e-5)
    assert not told


def test_an_area_in_a_gap_of_the_layer_above_is_a_candidate_though_its_owner_reaches_all_around():
    locator = locator_of("gaps")
    found = candidates_of(
        locator,
        "grid",
        lon=np.array([WEST + 1.02 * STEP]),
        lat=np.array([SOUTH + 0.5 * STEP]),
        accuracy_m=np.array([20.0]),
        metric_frames=np.array(["EPSG:4549"], dtype=object),
    )
    assert found.depth.tolist() == [2, 3]
    assert found.share.sum() == pytest.approx(1.0)


CHESSBOARD = shapely.transform(
    np.array([shapely.box(x, y, x + 1, y + 1) for y in range(12) for x in range(12)]),
    lambda points: points / 1000,
)


@cache
def chessboard():
    """Return the index over 144 squares of 0.001 degrees."""
    codes = [f"{i:03d}" for i in range(len(CHESSBOARD))]
    areas = area_set("grid", codes=codes, geometries=CHESSBOARD)
    return coverage_index(areas, "grid", range(len(codes)))


places = st.floats(-0.002, 0.014)


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(places, places, st.floats(0.1, 2000.0)), max_size=5))
def test_areas_within_reach_of_each_point_are_those_whose_border_a_flat_map_shows(rows):
    lon, lat, reach_m = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    point, area = chessboard().areas_within_each(lon=lon, lat=lat, reach_m=reach_m)
    assert point.tolist() == sorted(point.tolist())
    for i, (x, y, each_m) in enumerate(rows):
        scale = np.array([each[0] for each in meters_per_degree(lat=lat[i : i + 1])])
        borders = shapely.transform(CHESSBOARD, lambda points, scale=scale: points * scale)
        distance_m = shapely.distance(shapely.boundary(borders), shapely.Point([x, y] * scale))
        found = np.isin(np.arange(len(CHESSBOARD)), area[point == i])
        is_clear = np.abs(distance_m - each_m) > 1e-6
        assert (found == (distance_m <= each_m))[is_clear].all()
        assert len(area[point == i]) == np.count_nonzero(found)


def test_of_a_circle_over_very_many_areas_the_largest_shares_are_told():
    squares = [square(column, row) for row in range(12) for column in range(12)]
    codes = [f"{i:03d}" for i in range(len(squares))]
    areas = area_set("grid", codes=codes, geometries=squares)
    locator = Locator(Layers((Layer("grid", "网格", "grid"),)), {"grid": areas})
    found = candidates_of(
        locator,
        "grid",
        lon=np.array([WEST + 6 * STEP]),
        lat=np.array([SOUTH + 6 * STEP]),
        accuracy_m=np.array([5000.0]),
        metric_frames=np.array(["EPSG:4549"], dtype=object),
    )
    assert found.share.sum() == pytest.approx(1.0)
    assert len(found.share) == 145  # 144 squares and what lies around them
    [text] = candidate_texts(locator, "grid", found, 1)
    told = json.loads(text)
    assert len(told) == 100
    assert told[0] == {"layer": None, "code": None, "share": round(found.share[0], 6)}
