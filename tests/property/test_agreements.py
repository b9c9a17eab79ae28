"""Border agreements against brute force: every point, every agreement, every area, in shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_service.layers.agreement import Agreement
from geo_service.layers.assignment.agreed import apply_agreements
from geo_service.layers.assignment.answer import answer_at
from geo_service.layers.assignment.candidate import candidates_of
from geo_service.layers.assignment.rule import assign
from geo_service.layers.frames import points_to_metric, to_metric, to_storage
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from geo_service.layers.points.located import RULES, locate_points
from geo_service.layers.points.place import places_of
from tests.examples import examples
from tests.houses import SOUTH, STEP, WEST, street_boundaries

FRAME = "EPSG:4549"
NAMES = ["district", "street", "community", "grid"]
BOUNDARIES = street_boundaries()
STREET = Locator(
    Layers(tuple(Layer(n, n, n, parent=p) for n, p in zip(NAMES, [None, *NAMES], strict=False))),
    BOUNDARIES,
)
FEW = settings(max_examples=examples(60), deadline=None)
DOUBTFUL_M = 1e-3
"""Straight edges are bent by less in a metric plane."""


def metric(geometry):
    return to_metric(np.array([shapely.segmentize(geometry, 1e-4)]), metric_frame=FRAME)[0]


def border(layer, first, second):
    areas = BOUNDARIES[layer]
    outlines = [areas.geometries[areas.position_by_code[code]] for code in (first, second)]
    return shapely.intersection(outlines[0].boundary, outlines[1].boundary)


@st.composite
def agreements(draw):
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        layer = draw(st.sampled_from(["grid", "grid", "grid", "community"]))
        codes = st.sampled_from(BOUNDARIES[layer].codes)
        first, second = draw(st.tuples(codes, codes).filter(lambda pair: pair[0] != pair[1]))
        line, stretch = border(layer, first, second), None
        if line.length and draw(st.booleans()):
            part = shapely.line_merge(line)
            share = draw(st.sampled_from([0.25, 0.5, 0.75]))
            stretch = shapely.LineString(
                [part.interpolate(0), part.interpolate(share, normalized=True)]
            )
        found.append(
            Agreement(
                number=number,
                layer=layer,
                first_code=first,
                second_code=second,
                owner_code=draw(st.sampled_from([first, second])),
                within_m=draw(st.sampled_from([3.0, 12.0, 30.0, 60.0])),
                document=f"示例〔2026〕{number}号",
                wording="",
                effective_from_s=draw(st.sampled_from([0, 1])),
                recorded_at_s=0,
                stretch=stretch,
            )
        )
    return tuple(found)


eighths = st.integers(-2, 34).map(lambda n: n / 8)
places = st.lists(
    st.tuples(eighths | st.floats(-0.2, 4.2), eighths | st.floats(-0.2, 2.2)), min_size=1
)


def columns(found):
    x, y = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return WEST + x * STEP, SOUTH + y * STEP


def drawn_owner(point):
    grids = BOUNDARIES["grid"]
    held = np.flatnonzero(shapely.intersects(grids.geometries, point))
    return int(held[0]) if len(held) else None


def concerned(agreement, leaf, point):
    """Whether the drawn owner is one of the two areas', or the point lies on both of them."""
    areas = BOUNDARIES[agreement.layer]
    codes = (agreement.first_code, agreement.second_code)
    grid = BOUNDARIES["grid"]
    own = grid.codes[leaf] if agreement.layer == "grid" else grid.parents[leaf]
    outlines = [areas.geometries[areas.position_by_code[code]] for code in codes]
    return own in codes or all(shapely.intersects(each, point) for each in outlines), own


def by_brute_force(found, lon, lat):
    """Return (leaf position, number of the deciding agreement or 0); None where it is too close."""
    point = shapely.Point(lon, lat)
    leaf = drawn_owner(point)
    if leaf is None:
        return -1, 0
    here = shapely.Point(*points_to_metric(lon=lon, lat=lat, metric_frame=FRAME))
    reaching = []
    for each in found:
        line = each.stretch or border(each.layer, each.first_code, each.second_code)
        is_concerned, own = concerned(each, leaf, point)
        if line.is_empty or not is_concerned:
            continue
        distance_m = shapely.distance(metric(line), here)
        assume(abs(distance_m - each.within_m) > DOUBTFUL_M)
        if distance_m <= each.within_m:
            reaching.append((distance_m, -each.effective_from_s, each.number, each, own))
    if not reaching:
        return leaf, 0
    least_m = min(each[0] for each in reaching)
    near = [each for each in reaching if each[0] <= least_m + 1e-6]
    assume(not any(1e-6 < each[0] - least_m < DOUBTFUL_M for each in reaching))
    _, _, number, deciding, own = min(near, key=lambda each: each[1:3])
    if own == deciding.owner_code:
        return leaf, number
    grids = BOUNDARIES["grid"]
    kin = grids.codes if deciding.layer == "grid" else grids.parents
    side = [i for i, code in enumerate(kin) if code == deciding.owner_code]
    lengths = [shapely.distance(metric(grids.geometries[i]), here) for i in side]
    assume(not any(1e-7 < length - min(lengths) < DOUBTFUL_M for length in lengths))
    return next(i for i, m in zip(side, lengths, strict=True) if m <= min(lengths) + 1e-7), number


@FEW
@given(agreements(), places)
def test_the_owner_is_that_of_brute_force(found, points):
    lon, lat = columns(points)
    told = assign(STREET.with_agreements(found), "grid", lon=lon, lat=lat)
    for i in range(len(lon)):
        if told.rules[i] != "nearest":
            owner, number = by_brute_force(found, lon[i], lat[i])
            assert (told.owners.position[i], told.numbers[i]) == (owner, number)


@FEW
@given(agreements(), places)
def test_one_point_alone_is_answered_as_among_many_whatever_their_order(found, points):
    locator = STREET.with_agreements(found)
    lon, lat = columns(points)
    fine = np.zeros(len(lon), dtype=np.int8)
    accuracy_m = np.full(len(lon), 10.0)
    many = locate_points(
        locator,
        places_of((lon, fine), (lat, fine), (accuracy_m, fine.copy())),
        source_frame="EPSG:4490",
        is_explaining=True,
    ).families[0]
    documents = many.explanations.agreement_document.to_list()
    distances_m = many.explanations.agreement_distance_m
    backwards = assign(locator, "grid", lon=lon[::-1], lat=lat[::-1])
    codes = many.codes["grid"].to_list()
    for i in range(len(lon)):
        alone = answer_at(locator, "grid", lon=lon[i], lat=lat[i], accuracy_m=10.0)
        assert RULES[many.rule[i]] == alone.rule == backwards.rules[len(lon) - 1 - i]
        assert codes[i] == alone.chain[-1].code
        assert (alone.agreement is not None) == (alone.rule == "agreement")
        if alone.agreement is None:
            assert documents[i] is None
            assert np.isnan(distances_m[i])
        else:
            cited, distance_m = alone.agreement
            assert (documents[i], distances_m[i]) == (cited.document, distance_m)


@pytest.fixture(scope="module")
def sunflower():
    """Return so many places of a disc of radius 1 that each stands for an equal part of it."""
    number = np.arange(3000) + 0.5
    radius, angle = np.sqrt(number / 3000), number * np.pi * (3 - 5**0.5)
    return radius * np.cos(angle), radius * np.sin(angle)


@settings(max_examples=examples(25), deadline=None)
@given(agreements(), eighths, eighths, st.sampled_from([5.0, 20.0, 45.0]))
def test_shares_of_a_circle_follow_the_agreed_ground_and_sum_to_one(
    sunflower, found, x, y, radius_m
):
    locator = STREET.with_agreements(found)
    lon, lat = columns([(x, y)])
    told = candidates_of(
        locator,
        "grid",
        lon=lon,
        lat=lat,
        accuracy_m=np.array([radius_m]),
        metric_frames=np.array([FRAME], dtype=object),
    )
    assert told.share.sum() == pytest.approx(1, abs=1e-9)
    assert (told.share > 0).all()
    east, north = points_to_metric(lon=lon, lat=lat, metric_frame=FRAME)
    at = to_storage(
        x=east + radius_m * sunflower[0], y=north + radius_m * sunflower[1], source_frame=FRAME
    )
    owners = locator.owners("grid", lon=at[0], lat=at[1])
    apply_agreements(locator, "grid", owners, lon=at[0], lat=at[1])
    counted = np.bincount(owners.position + 1, minlength=9) / len(owners.position)
    shares = np.zeros(9)
    np.add.at(shares, told.position + 1, told.share)
    assert shares == pytest.approx(counted, abs=0.012)
