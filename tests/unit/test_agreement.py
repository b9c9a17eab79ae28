"""Agreements and their moments; corridors of an edition, and what makes an agreement rest."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo_service.layers.agreement import Agreement, AgreementBook
from geo_service.layers.area import area_set
from geo_service.layers.assignment.answer import answer_at
from geo_service.layers.assignment.reason import reason
from geo_service.layers.assignment.rule import assign
from geo_service.layers.edition import EditionChoice
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from tests.houses import SOUTH, STEP, WEST, square

METER = 1 / 96_500


def agreement(number=1, layer="grid", first="a", second="b", owner="b", **more):
    terms = {"within_m": 15.0, "document": f"{number}号", "wording": "", "recorded_at_s": 0}
    return Agreement(
        number, layer, first, second, owner, **{"effective_from_s": 0, **terms, **more}
    )


def land(grids, **options):
    """Return squares by code: a block, its size, under one community ``x`` or the one named."""
    layers = Layers(
        (Layer("community", "社区", "C"), Layer("grid", "网格", "G", parent="community"))
    )
    shapes = {code: square(*block) for code, block in grids.items()}
    parents = options.get("parents", dict.fromkeys(grids, "x"))
    above = options.get("communities") or {"x": shapely.union_all(list(shapes.values()))}
    return Locator(
        layers,
        {
            "community": area_set("community", codes=list(above), geometries=list(above.values())),
            "grid": area_set(
                "grid",
                codes=list(shapes),
                geometries=list(shapes.values()),
                parents=[parents[code] for code in shapes],
            ),
        },
    )


PAIR = land({"a": (0, 0), "b": (1, 0)})


def owner_at(locator, x, y=0.5):
    found = assign(
        locator, "grid", lon=np.array([WEST + x * STEP]), lat=np.array([SOUTH + y * STEP])
    )
    level, position = int(found.owners.level[0]), int(found.owners.position[0])
    name = ["community", "grid"][level]
    return str(found.rules[0]), locator.areas(name).codes[position] if level >= 0 else None


def test_an_agreement_stands_from_its_first_moment_to_before_its_last_by_what_was_known():
    found = agreement(effective_from_s=10, effective_to_s=20, recorded_at_s=5, withdrawn_at_s=15)
    book = AgreementBook([found])
    for as_of_s, known_at_s, stands in [
        (9, 5, False),
        (10, 5, True),
        (19, 14, True),
        (20, 14, False),
        (10, 4, False),
        (10, 15, False),
    ]:
        choice = EditionChoice(as_of_s, known_at_s)
        assert book.standing(choice, now_s=0) == ((found,) if stands else ())
    assert book.standing(now_s=12) == (found,)
    assert book.periods(np.array([0, 9, 10, 19, 20])).tolist() == [0, 0, 1, 1, 2]


def test_an_empty_book_has_nothing_that_stands():
    assert AgreementBook().standing(now_s=0) == ()
    assert AgreementBook().periods(np.array([3, 5])).tolist() == [0, 0]


def test_the_same_terms_are_the_same_whoever_is_named_first_and_whenever_they_were_recorded():
    line = shapely.LineString([(120, 30), (120, 31)])
    found = agreement(stretch=line)
    later = {"document": "1号", "effective_from_s": 9, "recorded_at_s": 9}
    swapped = agreement(2, first="b", second="a", stretch=line, **later)
    assert found.terms == swapped.terms
    assert found.terms != agreement(within_m=16.0, stretch=line).terms
    assert found.terms != agreement().terms
    assert found.terms != agreement(effective_from_s=7, stretch=line).terms


def test_a_stretch_that_leaves_the_border_by_more_than_the_half_width_rests_as_a_whole():
    x, y = WEST + STEP, SOUTH
    inside = shapely.LineString([(x + 14 * METER, y), (x, y + STEP / 2)])
    astray = shapely.LineString([(x + 16 * METER, y), (x, y + STEP / 2)])
    for line, rule in [(inside, "agreement"), (astray, "assigned")]:
        agreed = PAIR.with_agreements((agreement(stretch=line),))
        assert owner_at(agreed, 0.95, 0.25)[0] == rule
    [rests] = agreed.corridors["grid"].inert
    assert "16.0" in rests.reason_en


def test_a_book_answers_for_more_moments_than_it_keeps():
    book = AgreementBook([agreement(n, effective_from_s=n) for n in range(1, 401)])
    assert [len(book.standing(now_s=n)) for n in range(401)] == list(range(401))
    assert len(book.standing(now_s=7)) == 7


def test_the_same_agreements_give_the_same_locator_and_none_the_drawn_one():
    found = (agreement(),)
    agreed = PAIR.with_agreements(found)
    assert PAIR.with_agreements(()) is PAIR
    assert PAIR.with_agreements(found) is agreed
    assert PAIR.with_agreements((agreement(),)) is agreed
    assert owner_at(agreed.with_agreements(()), 0.9) == ("assigned", "a")
    # a number says nothing about who recorded it: one that was taken back may be given again
    assert owner_at(PAIR.with_agreements((agreement(owner="a"),)), 0.95) == ("agreement", "a")


def test_many_sets_of_agreements_can_be_asked_for_in_turn():
    for number in range(1, 20):
        assert owner_at(PAIR.with_agreements((agreement(number),)), 0.95) == ("agreement", "b")


def test_an_agreement_about_a_layer_of_no_family_reaches_nothing_and_is_not_missed():
    agreed = PAIR.with_agreements((agreement(layer="lane"),))
    assert (agreed.corridors["grid"].corridors, agreed.corridors["grid"].inert) == ([], [])
    assert owner_at(agreed, 0.95) == ("assigned", "a")


def test_a_point_that_no_area_covers_is_left_alone():
    agreed = PAIR.with_agreements((agreement(),))
    assert owner_at(agreed, 1 - 5 * METER / STEP, -0.05)[0] == "nearest"


@pytest.mark.parametrize("meters", [1, 10, 14, 14.9, 15.1, 16, 18, 22, 30, 60])
def test_a_point_alone_is_agreed_on_to_the_very_half_width(meters):
    """The border is a meridian; the agreed owner lies east of it, the points west."""
    agreed = PAIR.with_agreements((agreement(),))
    lon, lat = WEST + STEP - meters * METER, SOUTH + 0.5 * STEP
    plane_m = distance_of(lon, lat)
    found = answer_at(agreed, "grid", lon=lon, lat=lat)
    assert abs(plane_m - meters) < 0.01 * meters
    assert (found.agreement is not None) == (plane_m <= 15.0)
    assert found.chain[-1].code == ("b" if plane_m <= 15.0 else "a")


def distance_of(lon, lat):
    """Return how far a point lies from the meridian between the pair, by the geodesic."""
    return Geod(ellps="GRS80").inv(lon, lat, WEST + STEP, lat)[2]


def test_where_children_leave_a_gap_the_agreed_parent_itself_owns():
    blocks = {"x": square(0, 0, 1, 2), "y": square(1, 0, 1, 2)}
    grids, parents = {"a": (0, 0, 1, 2), "b": (1, 0)}, {"a": "x", "b": "y"}
    locator = land(grids, parents=parents, communities=blocks)
    made = agreement(layer="community", first="x", second="y", owner="y")
    agreed = locator.with_agreements((made,))
    assert owner_at(agreed, 0.95, 0.5) == ("agreement", "b")
    assert owner_at(agreed, 0.95, 1.5) == ("agreement", "y")
    # grids below a community that they leave open can be parted by an agreement about grids alone
    assert owner_at(locator.with_agreements((agreement(owner="a"),)), 1.05, 1.5) == (
        "assigned",
        "y",
    )


def test_at_a_triple_point_an_agreement_between_the_two_others_decides():
    locator = land({"a": (0, 0, 2, 1), "b": (0, 1), "c": (1, 1)})
    made = agreement(first="b", second="c", owner="c")
    assert owner_at(locator, 1, 1) == ("boundary", "a")
    assert owner_at(locator.with_agreements((made,)), 1, 1) == ("agreement", "c")
    elsewhere = agreement(first="a", second="b", owner="b", within_m=3.0)
    assert owner_at(locator.with_agreements((elsewhere, made)), 1.5, 1) == ("boundary", "a")


def test_of_equally_near_agreements_the_later_decides_then_the_lower_number():
    older = agreement(1, owner="a")
    newer = agreement(2, owner="b", effective_from_s=5)
    same = agreement(3, owner="a", effective_from_s=5)
    assert owner_at(PAIR.with_agreements((older, newer, same)), 0.95) == ("agreement", "b")
    assert owner_at(PAIR.with_agreements((older, same)), 0.95) == ("agreement", "a")


def test_areas_in_two_zones_are_measured_each_in_the_zone_of_its_root():
    # 121.5° E is half-way between two central meridians
    west, east = (shapely.box(x, 30.0, x + 0.01, 30.01) for x in (121.49, 121.5))
    layers = Layers((Layer("grid", "网格", "G"),))
    grids = area_set("grid", codes=["a", "b"], geometries=[west, east])
    agreed = Locator(layers, {"grid": grids}).with_agreements((agreement(owner="a"),))
    found = assign(
        agreed,
        "grid",
        lon=np.array([121.5 - 10 * METER, 121.5 + 10 * METER, 121.5 + 20 * METER]),
        lat=np.full(3, 30.005),
    )
    assert found.rules.tolist() == ["agreement", "agreement", "assigned"]
    assert found.owners.position.tolist() == [0, 0, 1]
    assert found.metric_frames.tolist() == ["EPSG:4549", "EPSG:4550", ""]


def test_the_reason_cites_the_document_in_both_languages():
    agreed = PAIR.with_agreements((agreement(wording="道路归东侧"),))
    told = answer_at(agreed, "grid", lon=WEST + STEP - 10 * METER, lat=SOUTH + 0.5 * STEP)
    assert reason(told, "zh") == (
        "点离 a、b 的公共边界 10.0 米，在约定的 15 米之内，"
        "按边界约定（1号：道路归东侧）归网格b（b）"
    )
    assert reason(told, "en").startswith("10.0 m from the common border of a and b")


def test_a_circle_on_an_agreed_road_is_certain_where_the_drawn_border_splits_it():
    lon, lat = WEST + STEP - 1 * METER, SOUTH + 0.5 * STEP
    drawn = answer_at(PAIR, "grid", lon=lon, lat=lat, accuracy_m=14.0)
    assert drawn.status == "ambiguous"
    agreed = PAIR.with_agreements((agreement(within_m=20.0),))
    told = answer_at(agreed, "grid", lon=lon, lat=lat, accuracy_m=14.0)
    assert told.status == "agreement"
    assert [each.area.code for each in told.candidates] == ["b"]
    assert told.candidates[0].share == pytest.approx(1)


def beyond(share):
    """Return how much of a circle lies beyond a chord that is this share of its radius away."""
    return (np.arccos(share) - share * np.sqrt(1 - share**2)) / np.pi


def test_an_agreement_of_communities_takes_of_their_grids_what_lies_in_reach():
    """A circle of 30 m, 5 m west of the border: what is over 10 m west of its middle stays."""
    west, border, east = (WEST + STEP + meters * METER for meters in (-80, 0, 80))
    inner, north = border - 20 * METER, SOUTH + STEP
    far, strip, across = (
        shapely.box(left, SOUTH, right, north)
        for left, right in ((west, inner), (inner, border), (border, east))
    )
    communities = area_set("community", codes=["x", "y"], geometries=[far | strip, across])
    grids = area_set(
        "grid",
        codes=["far", "strip", "across"],
        parents=["x", "x", "y"],
        geometries=[far, strip, across],
    )
    locator = Locator(PAIR.layers, {"community": communities, "grid": grids})
    made = agreement(layer="community", first="x", second="y", owner="y")
    found = answer_at(
        locator.with_agreements((made,)),
        "grid",
        lon=border - 5 * METER,
        lat=SOUTH + 0.5 * STEP,
        accuracy_m=30.0,
    )
    shares = {each.area.code: each.share for each in found.candidates}
    expected = {
        "across": 1 - beyond(10 / 30),
        "strip": beyond(10 / 30) - beyond(15 / 30),
        "far": beyond(15 / 30),
    }
    assert shares == pytest.approx(expected, abs=1e-3)


def test_agreements_that_meet_in_a_corner_move_each_their_own_ground():
    locator = land({"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1)})
    south = agreement(1, first="a", second="b", owner="a")
    north = agreement(2, first="c", second="d", owner="c")
    found = answer_at(
        locator.with_agreements((south, north)),
        "grid",
        lon=WEST + STEP - METER,
        lat=SOUTH + STEP,
        accuracy_m=10.0,
    )
    # all of the circle is within 15 m of either border: each takes the other side of its half
    shares = {each.area.code: each.share for each in found.candidates}
    assert shares == pytest.approx({"a": 0.5, "c": 0.5}, abs=1e-3)
