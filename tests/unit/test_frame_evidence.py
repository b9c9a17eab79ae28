"""What outlines and points say about their frame, and when they keep silent."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely

from geo_service.layers.frame_evidence import (
    PlaceSample,
    Silence,
    frame_evidence,
    point_evidence,
)
from geo_service.layers.frames import (
    from_storage,
    geometries_from_storage,
    geometries_to_storage,
    length_m,
)
from tests.shapes import grid_of

WEST, SOUTH = 118.5, 33.6
CELL = (0.0032, 0.0027)
"""About 300 m."""


@cache
def _land(columns=6, rows=5, seed=1, origin=(WEST, SOUTH), cell=CELL):
    return grid_of(columns, rows, size=cell, origin=origin, seed=seed)


_DOTS = np.random.default_rng(2).uniform((WEST, SOUTH), (WEST + 0.02, SOUTH + 0.01), (20, 2))
_FEW = Silence.TOO_FEW_VERTICES
_WITHOUT_LENGTH = np.array([None, shapely.Polygon(), *shapely.points(_DOTS)])


def _swapped(geometries):
    return shapely.transform(geometries, lambda at: at[:, ::-1])


def _noisy(geometries, meters):
    """Move every node on its own: an outline drawn again by hand."""
    random = np.random.default_rng(3)

    def moved(at):
        nodes, which = np.unique(at, axis=0, return_inverse=True)
        return (nodes + random.normal(0, meters, nodes.shape) / (92_000, 111_000))[which]

    return shapely.transform(geometries, moved)


def _read_as(frame, geometries=None):
    shapes = _land() if geometries is None else geometries
    return geometries_from_storage(shapes, target_frame=frame)


@pytest.mark.parametrize("frame", ["EPSG:4490", "GCJ02", "BD09"])
@pytest.mark.parametrize("declared", ["EPSG:4490", "EPSG:4326", "GCJ02", "BD09"])
def test_the_frame_of_degrees_is_found_whatever_is_declared(frame, declared):
    evidence = frame_evidence(_read_as(frame), _land(), declared=declared)
    is_same = declared == frame or {declared, frame} == {"EPSG:4326", "EPSG:4490"}
    assert evidence.best.frame == (declared if is_same else frame)
    assert evidence.is_contradicting is not is_same
    assert evidence.best.matched_share == 1.0
    assert evidence.best.distance_m < 0.01
    assert evidence.confidence > 0.5


def test_the_shift_is_the_offset_at_the_place():
    evidence = frame_evidence(_read_as("GCJ02"), _land(), declared="EPSG:4490")
    lon, lat = WEST + 3 * CELL[0], SOUTH + 2.5 * CELL[1]
    x, y = from_storage(lon=lon, lat=lat, target_frame="GCJ02")
    offset_m = float(length_m(np.array([shapely.LineString([(lon, lat), (x[0], y[0])])]))[0])
    assert evidence.best.shift_m == pytest.approx(offset_m, abs=2.0)
    assert "GCJ02" in evidence.text("zh")
    assert f"median shift {evidence.best.shift_m:.0f} m" in evidence.text("en")
    assert "as EPSG:4490 only" in evidence.text("en")


def test_a_frame_that_fits_is_told_without_a_shift():
    evidence = frame_evidence(_land(), _land(), declared="EPSG:4490")
    assert evidence.text("en") == (
        "this looks like EPSG:4490: 100% of the outlines lie on trusted ones, median distance 0.0 m"
    )
    assert not evidence.is_contradicting


def test_swapped_axes_are_found_at_a_place_where_both_orders_are_possible():
    place = _land(origin=(80.2, 41.1))
    evidence = frame_evidence(_swapped(place), place, declared="EPSG:4490")
    assert (evidence.best.frame, evidence.best.is_swapped) == ("EPSG:4490", True)
    assert evidence.is_contradicting
    assert "two axes" not in evidence.text("en")
    assert "EPSG:4490 with swapped axes" in evidence.text("en")
    assert "两轴颠倒的 EPSG:4490" in evidence.text("zh")


@pytest.mark.parametrize("frame", ["EPSG:4527", "EPSG:4548", "EPSG:32650", "EPSG:3857"])
@pytest.mark.parametrize("is_swapped", [False, True])
def test_projected_numbers_find_their_zone_and_their_axes(frame, is_swapped):
    place = _land(origin=(117.4, 33.6))
    file = _read_as(frame, place)
    evidence = frame_evidence(_swapped(file) if is_swapped else file, place, declared=None)
    assert (evidence.best.frame, evidence.best.is_swapped) == (frame, is_swapped)


def test_a_wrong_zone_is_contradicted_though_it_lies_elsewhere():
    place = _land(origin=(117.4, 33.6))
    evidence = frame_evidence(_read_as("EPSG:4548", place), place, declared="EPSG:4549")
    assert evidence.best.frame == "EPSG:4548"
    assert evidence.is_contradicting
    assert evidence.best.shift_m > 200_000
    assert "as EPSG:4549 only 0%" in evidence.text("en")


def test_an_offset_below_a_projection_is_seen():
    place = _land(origin=(117.4, 33.6))
    file = _read_as("EPSG:4548", _read_as("GCJ02", place))
    evidence = frame_evidence(file, place, declared="EPSG:4548")
    assert evidence.best.frame == "EPSG:4548+GCJ02"
    assert evidence.is_contradicting


@pytest.mark.parametrize("frame", ["EPSG:4490", "GCJ02"])
@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(lambda land: land[7:9], id="two areas of thirty"),
        pytest.param(lambda land: _noisy(land, 3.0), id="drawn again within meters"),
        pytest.param(lambda land: shapely.simplify(land, 5 / 111_000), id="generalized by 5 m"),
        pytest.param(lambda land: shapely.segmentize(land, 5 / 111_000), id="many more vertices"),
        pytest.param(
            lambda land: np.concatenate([land[:12], _land(seed=9)[12:]]), id="most borders new"
        ),
        pytest.param(
            lambda land: np.array([shapely.union_all(land[i : i + 6]) for i in range(0, 30, 6)]),
            id="merged",
        ),
    ],
)
def test_the_frame_is_found_though_the_areas_are_not_the_same(frame, drawn):
    evidence = frame_evidence(_read_as(frame, drawn(_land())), _land(), declared="EPSG:4490")
    assert evidence.best.frame == frame
    assert evidence.is_contradicting is (frame != "EPSG:4490")


def test_parts_of_a_trusted_outline_are_judged_by_it():
    whole = np.array([shapely.union_all(_land())])
    evidence = frame_evidence(_read_as("GCJ02"), whole, declared="EPSG:4490")
    assert evidence.best.frame == "GCJ02"
    assert evidence.best.matched_share == 1.0


def test_a_street_beside_the_trusted_one_is_judged_by_the_border_they_share():
    west = _land()[[i for i in range(30) if i % 6 < 3]]
    east = _land()[[i for i in range(30) if i % 6 >= 3]]
    for frame in ("EPSG:4490", "GCJ02", "BD09"):
        evidence = frame_evidence(_read_as(frame, east), west, declared="EPSG:4490")
        assert evidence.best.frame == frame


def test_lines_are_judged_as_areas_are():
    lines = shapely.boundary(_land())
    evidence = frame_evidence(_read_as("BD09", lines), lines, declared="GCJ02")
    assert evidence.best.frame == "BD09"


def test_of_very_many_areas_some_places_are_looked_at():
    land = _land(30, 20)
    evidence = frame_evidence(_read_as("GCJ02", land), land, declared="EPSG:4490")
    assert evidence.best.frame == "GCJ02"


def test_what_the_declared_frame_fits_needs_no_shifts_to_be_left_alone():
    brief = frame_evidence(_land(), _land(), declared="EPSG:4490", is_brief=True)
    assert brief.best.frame == "EPSG:4490"
    assert brief.chance_share == 0.0
    asked = frame_evidence(_read_as("GCJ02"), _land(), declared="EPSG:4490", is_brief=True)
    assert asked == frame_evidence(_read_as("GCJ02"), _land(), declared="EPSG:4490")


@pytest.mark.parametrize(
    ("file", "trusted", "reason"),
    [
        (_land, lambda: _land()[:0], Silence.NOTHING_TRUSTED),
        (lambda: _land()[:0], _land, _FEW),
        (
            lambda: np.array([None, shapely.Polygon(), *shapely.points(_DOTS)]),
            _land,
            Silence.TOO_FEW_VERTICES,
        ),
        (lambda: np.array([shapely.box(118.5, 33.6, 118.51, 33.61)]), _land, _FEW),
        (_land, lambda: _land(origin=(110.0, 30.0)), Silence.ELSEWHERE),
        (_land, lambda: _land(origin=(WEST + 0.032, SOUTH)), Silence.NO_MATCH),
        (_land, lambda: _land(seed=8), Silence.NO_MATCH),
        (lambda: _noisy(_land(), 100.0), _land, Silence.NO_MATCH),
    ],
)
def test_it_keeps_silent_where_it_cannot_judge(file, trusted, reason):
    evidence = frame_evidence(file(), trusted(), declared="GCJ02")
    assert evidence.silence is reason
    assert evidence.best is None
    assert not evidence.is_contradicting
    assert evidence.text("zh").startswith("无法判断")
    assert evidence.text("en").startswith("cannot judge")


def test_two_frames_that_fit_alike_leave_it_undecided():
    land = _land()
    both = np.concatenate([land, geometries_to_storage(land, source_frame="GCJ02")])
    evidence = frame_evidence(land, both, declared=None)
    assert evidence.silence is Silence.UNDECIDED


def test_frames_that_lie_on_each_other_are_named_together():
    # Where the offset is a few dozen meters, broad areas cannot tell GCJ02 from none.
    place = _land(origin=(96.57, 37.115), cell=(0.01, 0.01))
    evidence = frame_evidence(place, place, declared=None)
    assert evidence.best.frame == "EPSG:4490"
    assert evidence.alike == ("GCJ02",)
    assert "(or GCJ02: here they are alike)" in evidence.text("en")
    assert "（或 GCJ02，在这里分不开）" in evidence.text("zh")


def test_outside_the_box_of_gcj02_no_declared_frame_of_degrees_is_contradicted():
    place = _land(origin=(-3.7, 40.4))
    for declared in ("EPSG:4490", "GCJ02", "BD09"):
        evidence = frame_evidence(place, place, declared=declared)
        assert evidence.best.frame == declared
        assert evidence.alike == ()


def _square_outside(lon, lat):
    inside = (lon > WEST) & (lon < WEST + 0.06) & (lat > SOUTH) & (lat < SOUTH + 0.05)
    return ~inside


def _points(count, *, frame="EPSG:4490", west=WEST, wide=0.06):
    random = np.random.default_rng(5)
    lon, lat = random.uniform(west, west + wide, count), random.uniform(SOUTH, SOUTH + 0.05, count)
    return from_storage(lon=lon, lat=lat, target_frame=frame)


def _said(points, declared, are_outside=_square_outside):
    sample = PlaceSample()
    sample.add(*points)
    places = sample.places()
    said = point_evidence(*places, declared=declared, are_outside=are_outside)
    brief = point_evidence(*places, declared=declared, are_outside=are_outside, is_brief=True)
    assert replace(brief, is_judged=said.is_judged) == said
    return said


@pytest.mark.parametrize(
    ("frame", "declared"),
    [("GCJ02", "EPSG:4490"), ("BD09", "EPSG:4326"), ("EPSG:4490", "GCJ02"), ("BD09", "GCJ02")],
)
def test_points_outside_that_another_frame_brings_inside_are_told(frame, declared):
    said = _said(_points(3000, frame=frame), declared)
    assert said.frame == frame
    assert said.outside_share > 0.05
    assert said.outside_share_then == 0.0
    assert said.alike == ()
    assert frame in said.text("zh")
    assert f"read as {frame} only 0.0%" in said.text("en")


def test_points_of_an_offset_below_a_projection_are_told():
    lon, lat = _points(1000, frame="GCJ02")
    said = _said(from_storage(lon=lon, lat=lat, target_frame="EPSG:4549"), "EPSG:4549")
    assert said.frame == "EPSG:4549+GCJ02"


@pytest.mark.parametrize("frame", ["EPSG:4490", "GCJ02", "BD09", "EPSG:4549"])
def test_points_in_the_frame_that_was_declared_raise_no_warning(frame):
    said = _said(_points(3000, frame=frame), frame)
    assert said.frame is None
    assert said.is_judged
    assert "no other frame helps" in said.text("en")
    assert "没有改善" in said.text("zh")


def test_points_from_the_middle_are_not_judged():
    said = _said(_points(500, frame="GCJ02", west=WEST + 0.025, wide=0.01), "EPSG:4490", _never)
    assert said.frame is None
    assert not said.is_judged


def _never(lon, _lat):
    return np.zeros(len(lon), dtype=bool)


def test_few_places_are_not_judged_however_often_they_are_named():
    few = _points(20, frame="GCJ02")
    said = _said(np.tile(few, 500), "EPSG:4490")
    assert said.places == 20
    assert not said.is_judged
    assert _said((np.empty(0), np.empty(0)), "GCJ02").places == 0


def test_a_district_beyond_one_border_that_is_not_imported_raises_no_warning():
    said = _said(_points(3000, wide=0.09), "EPSG:4490")
    assert said.outside_share > 0.3
    assert said.frame is None


def test_frames_that_help_alike_are_both_named():
    # Nothing lies west of the areas, so going further than needed costs nothing.
    def are_east(lon, _lat):
        return lon > WEST + 0.06

    said = _said(_points(3000, frame="GCJ02", west=WEST + 0.03, wide=0.03), "EPSG:4490", are_east)
    assert {said.frame, *said.alike} == {"GCJ02", "BD09"}
    assert "GCJ02" in said.text("en")
    assert " 或 " in said.text("zh")


def test_a_long_stream_is_sampled_whatever_its_order_and_its_repetitions():
    x = np.arange(100_000) * 100.0
    forth, back = PlaceSample(), PlaceSample()
    for start in range(0, len(x), 7_000):
        part = np.append(x[start : start + 7_000], np.nan)
        forth.add(part, part)
    back.add(np.tile(x[::-1], 2), np.tile(x[::-1], 2))
    places = np.sort(forth.places()[0])
    assert (places == np.sort(back.places()[0])).all()
    assert 1_000 < len(places) <= 2_000
    assert np.unique(places // 1e6).tolist() == list(range(10))
