"""The demo ticket list: its mix, its rhythm, its hotspots, and the dirt an office really has."""

import re
from collections import Counter
from datetime import date

import numpy as np
import pytest
import shapely

from geo_service.demo.demand import demand_mix, minors_of
from geo_service.demo.hotspots import hotspots
from geo_service.demo.issues import issues
from geo_service.demo.places import n_street, x_street
from geo_service.errors import EmptyInput, InvalidPeriod

UNTIL = date(2026, 11, 21)
TOTAL = 12_000


@pytest.fixture(scope="module")
def street():
    return x_street()


@pytest.fixture(scope="module")
def tickets(street):
    return issues(street, seed=7, until=UNTIL, total=TOTAL)


@pytest.fixture(scope="module")
def reported_at(tickets):
    return np.array(tickets["上报时间"], dtype="datetime64[s]")


@pytest.fixture(scope="module")
def points(tickets):
    """The places of the issues that have one, as shapely points."""
    pairs = zip(tickets["经度"], tickets["纬度"], strict=True)
    return shapely.points([pair for pair in pairs if pair[0] is not None])


def share(tickets, heading, value) -> float:
    return tickets[heading].count(value) / len(tickets[heading])


def days_before_the_end(reported_at):
    return (np.datetime64(UNTIL, "s") - reported_at) / np.timedelta64(1, "D")


def near(tickets, spot, radius_m):
    """Tell which issues lie within ``radius_m`` of a hotspot; one degree is 111 km, or 93 east."""
    lon = np.array([np.nan if x is None else x for x in tickets["经度"]])
    lat = np.array([np.nan if y is None else y for y in tickets["纬度"]])
    return np.hypot((lon - spot.lon) * 92_700, (lat - spot.lat) * 111_000) < radius_m


def test_the_columns_are_those_of_an_office_export(tickets):
    assert list(tickets) == [
        "工单编号", "来源", "诉求类型", "事件大类", "事件小类", "上报时间", "经度", "纬度",
        "坐标系", "定位精度", "状态", "办结时间", "标题",
    ]  # fmt: skip
    assert {len(column) for column in tickets.values()} == {TOTAL}


def test_ticket_numbers_are_never_used_twice(tickets):
    assert len(set(tickets["工单编号"])) == TOTAL


def test_times_are_text_without_a_zone_inside_the_period_and_in_order(tickets, reported_at):
    form = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    assert all(form.fullmatch(text) for text in tickets["上报时间"])
    assert reported_at.min() >= np.datetime64("2025-11-21T00:00:00")
    assert reported_at.max() < np.datetime64("2026-11-21T00:00:00")
    assert (np.diff(reported_at) >= np.timedelta64(0)).all()


def test_every_day_of_the_period_has_issues(reported_at):
    assert len(np.unique(reported_at.astype("datetime64[D]"))) == 365


def test_the_demand_mix_is_the_printed_one():
    mix = demand_mix()
    assert len(mix.weights) == 10
    assert sum(mix.weights.values()) == 2450
    assert mix.weights["环境与垃圾分类"] == 482
    assert "支出意愿" in mix.source_zh
    assert "spending preference" in mix.source_en


def test_categories_follow_the_demand_mix_outside_hotspots(tickets):
    weights = demand_mix().weights
    in_hotspots = {"出行停车", "环境与垃圾分类", "公共危机"}
    counts = Counter(major for major in tickets["事件大类"] if major not in {None, *in_hotspots})
    whole = sum(weight for major, weight in weights.items() if major not in in_hotspots)
    for major in counts:
        expected = weights[major] / whole
        # five standard errors of a share
        error = (expected * (1 - expected) / counts.total()) ** 0.5
        assert abs(counts[major] / counts.total() - expected) < 5 * error


def test_minors_fit_their_major(tickets):
    pairs = set(zip(tickets["事件大类"], tickets["事件小类"], strict=True)) - {(None, None)}
    assert all(minor in minors_of(major) for major, minor in pairs)
    assert ("环境与垃圾分类", "垃圾分类") in pairs
    assert ("出行停车", "违章停车") in pairs


def test_categories_of_ones_own_take_the_place_of_the_mix(street):
    own = issues(street, seed=7, until=UNTIL, total=2_000, categories={"噪音": 3, "其他": 1})
    counts = Counter(own["事件大类"])
    assert set(counts) == {"噪音", "其他", None}
    # 3 of 4, and all hotspots
    assert 0.70 < counts["噪音"] / 2_000 < 0.82
    pairs = zip(own["事件大类"], own["事件小类"], strict=True)
    assert all(minor is None for major, minor in pairs if major == "噪音")


def test_a_day_has_two_peaks_and_a_quiet_night(reported_at):
    hours = Counter(reported_at.astype("datetime64[h]").astype(int) % 24)
    morning, noon, afternoon, night = hours[9], hours[12], hours[15], hours[3]
    assert morning > 1.5 * noon
    assert afternoon > 1.5 * noon
    assert night < 0.1 * noon


def test_weekends_are_quieter(reported_at):
    days = reported_at.astype("datetime64[D]")
    is_weekend = ~np.is_busday(days)
    # 2 of 7 days, at 0.55 to 0.62 of a working day: 0.19 of the issues
    assert 0.16 < is_weekend.mean() < 0.22


def test_about_one_percent_lies_outside_the_street(street, points):
    outline = street.boundaries["street"].geometries[0]
    outside = ~shapely.intersects(outline, points)
    assert outside.sum() == round(0.01 * TOTAL)
    assert shapely.distance(outline, points).max() < 0.1


def test_about_one_percent_lies_exactly_on_borders(street, points):
    borders = shapely.boundary(street.boundaries["micro_grid"].geometries)
    points_on, _ = shapely.STRtree(points).query(borders, predicate="intersects")[::-1]
    on_borders = np.unique(points_on)
    assert len(on_borders) >= round(0.01 * TOTAL)
    assert len(on_borders) < 0.013 * TOTAL
    vertices = {point.tobytes() for point in shapely.get_coordinates(borders)}
    own = [point.tobytes() in vertices for point in shapely.get_coordinates(points[on_borders])]
    # half on points of the border, half between two
    assert 0.4 < np.mean(own) < 0.6


def test_a_few_have_no_coordinates_and_then_no_frame_and_no_accuracy(tickets):
    empty = [value is None for value in tickets["经度"]]
    assert sum(empty) == round(0.004 * TOTAL)
    for heading in ("纬度", "坐标系", "定位精度"):
        assert [value is None for value in tickets[heading]] == empty
    assert set(tickets["坐标系"]) == {"EPSG:4490", None}


def test_two_percent_have_no_category(tickets):
    assert share(tickets, "事件大类", None) == pytest.approx(0.02)


def test_most_issues_lie_near_buildings(street, points):
    _, distance = shapely.STRtree(street.buildings.geometries).query_nearest(
        points, return_distance=True, all_matches=False
    )
    # 20 m in degrees north, a little less east
    assert (distance < 20 / 111_000).mean() > 0.85


def test_some_grids_complain_far_more_than_others(street, points):
    grids = street.boundaries["micro_grid"].geometries
    owners, _ = shapely.STRtree(grids).query(points, predicate="within")[::-1]
    counts = np.bincount(owners, minlength=len(grids))
    assert np.quantile(counts, 0.9) > 2 * np.quantile(counts, 0.1)


def test_there_are_three_hotspots_apart_and_inside(street):
    spots = hotspots(street, seed=7)
    assert [spot.trend for spot in spots] == ["persists", "grew", "faded"]
    outline = street.boundaries["street"].geometries[0]
    places = [shapely.Point(spot.lon, spot.lat) for spot in spots]
    assert all(outline.contains(place) for place in places)
    for i in range(3):
        assert places[i].distance(places[i - 1]) > 400 / 111_000


def test_one_hotspot_grew_in_the_last_seven_days(street, tickets, reported_at):
    spot = next(s for s in hotspots(street, seed=7) if s.trend == "grew")
    ago = days_before_the_end(reported_at)
    here = near(tickets, spot, 3 * spot.radius_m)
    this_week = (here & (ago <= 7)).sum()
    week_before = (here & (ago > 7) & (ago <= 14)).sum()
    assert this_week >= 0.9 * 0.0055 * TOTAL
    assert this_week > 5 * week_before


def test_one_hotspot_persists_all_year(street, tickets, reported_at):
    spot = next(s for s in hotspots(street, seed=7) if s.trend == "persists")
    here = near(tickets, spot, 2 * spot.radius_m)
    quarters = np.histogram(days_before_the_end(reported_at)[here], bins=4, range=(0, 365))[0]
    assert quarters.min() > 0.15 * here.sum()
    assert here.sum() > 0.02 * TOTAL


def test_one_hotspot_faded(street, tickets, reported_at):
    spot = next(s for s in hotspots(street, seed=7) if s.trend == "faded")
    here = near(tickets, spot, 2 * spot.radius_m)
    ago = days_before_the_end(reported_at)[here]
    during = ((ago > 110) & (ago <= 200)).sum() / 90
    after = (ago <= 110).sum() / 110
    # 2.2 % of all in 90 days, 1 - exp(-2) of them within two standard deviations
    assert during - after > 0.8 * (1 - np.exp(-2)) * 0.022 * TOTAL / 90
    assert during > 4 * after


def test_closed_issues_have_a_closing_time_in_office_hours_and_open_ones_have_none(
    tickets, reported_at
):
    assert set(tickets["状态"]) == {"已办结", "办理中", "待受理"}
    for state, opened, closed in zip(
        tickets["状态"], reported_at, tickets["办结时间"], strict=True
    ):
        assert (closed is not None) == (state == "已办结")
        if closed is not None:
            assert opened < np.datetime64(closed) < np.datetime64("2026-11-21")
            assert 9 <= int(closed[11:13]) < 18


def test_some_issues_stay_open_for_long(tickets, reported_at):
    is_open = np.array([state != "已办结" for state in tickets["状态"]])
    assert (days_before_the_end(reported_at)[is_open] > 60).sum() > 0.01 * TOTAL


def test_what_a_patrol_found_has_no_request_type(tickets):
    pairs = set(zip(tickets["来源"], tickets["诉求类型"], strict=True))
    patrols = {"网格员巡查", "民情前哨"}
    assert {source for source, request in pairs if request is None} == patrols
    assert not {source for source, request in pairs if request is not None} & patrols


def test_titles_name_a_house_and_a_matter_and_no_person(street, tickets):
    lanes = {name[:3] for name in street.buildings.names}
    assert all("附近" in title and title[:3] in lanes for title in tickets["标题"])
    persons = re.compile(r"先生|女士|阿姨|同志|某|1\d{10}|\d{17}[\dXx]")
    assert not any(persons.search(title) for title in tickets["标题"])


def test_the_same_seed_gives_the_same_list_and_another_seed_another(street, tickets):
    assert issues(street, seed=7, until=UNTIL, total=TOTAL) == tickets
    assert issues(street, seed=8, until=UNTIL, total=TOTAL)["经度"] != tickets["经度"]


@pytest.mark.parametrize(("total", "days"), [(0, 30), (1, 1), (37, 3), (500, 5)])
def test_small_lists_are_complete_too(total, days):
    small = issues(n_street(), seed=1, until=UNTIL, days=days, total=total)
    assert {len(column) for column in small.values()} == {total}
    first = str(np.datetime64(UNTIL) - days)
    assert all(first <= text[:10] < "2026-11-21" for text in small["上报时间"])


def test_a_city_without_buildings_is_refused(street):
    bare = type(street)(
        street.title,
        street.boundaries,
        street.roads,
        type(street.buildings)((), (), np.empty(0, object), *[np.empty(0, int)] * 2, (), ()),
        (),
    )
    with pytest.raises(EmptyInput):
        issues(bare, seed=1, until=UNTIL)


def test_a_period_without_a_day_is_refused(street):
    with pytest.raises(InvalidPeriod):
        issues(street, seed=1, until=UNTIL, days=0)
