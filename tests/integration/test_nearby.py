"""Possible duplicates: exactly those that are near, not long apart, and of the same category."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from pyproj import Geod

from geo_service.errors import InvalidCoordinates, InvalidValue, IssueNotFound, UnknownFrame
from geo_service.services.handling.nearby import MOST_TOLD
from geo_service.services.handling.steps import StepAsked
from tests.houses import CALLER, NOW_S, Clock, center, open_house, publish_street

GEOD = Geod(ellps="GRS80")
LON, LAT = center(0, 0)
NOW = datetime.fromtimestamp(NOW_S, UTC)
WASTE, HYGIENE = ("环境与垃圾分类", "垃圾分类"), ("环境与垃圾分类", "环境卫生")
PARKING = ("出行停车", "小区停车")
HOUR, DAY = 3600, 86_400


@pytest.fixture
def house(tmp_path):
    made = open_house(tmp_path, clock=Clock())
    publish_street(made)
    return made


def cells(external_id, *, meters=0.0, azimuth=90.0, ago_s=DAY, category=WASTE, **more):
    lon, lat, _ = GEOD.fwd(LON, LAT, azimuth, meters)
    major, minor = category
    told = {"source": "12345", "external_id": external_id, "x": lon, "y": lat}
    told |= {"frame": "EPSG:4490", "category_major": major, "category_minor": minor}
    told["reported_at"] = (NOW - timedelta(seconds=ago_s)).isoformat()
    return {name: value for name, value in {**told, **more}.items() if value is not None}


def report(house, external_id, **told):
    return house.issues.report(CALLER, cells(external_id, **told), is_updating=True)["id"]


def ids(found):
    return [each.row["id"] for each in found.found]


def merge(house, issue_id, into):
    asked = StepAsked("merge", "dispatcher", {"issue": into})
    return house.handling.take_step(CALLER, issue_id, asked)


def chord_m(lon1, lat1, lon2, lat2):
    """Return the straight line between two points on GRS 80; within 0.1 mm of the way on it."""
    a, f = 6_378_137.0, 1 / 298.257222101
    squared = f * (2 - f)

    def point(lon, lat):
        lam, phi = math.radians(lon), math.radians(lat)
        n = a / math.sqrt(1 - squared * math.sin(phi) ** 2)
        across = n * math.cos(phi)
        return across * math.cos(lam), across * math.sin(lam), n * (1 - squared) * math.sin(phi)

    return math.dist(point(lon1, lat1), point(lon2, lat2))


def test_the_nearest_come_first_with_the_reason(house):
    asked = report(house, "A")
    later = report(house, "B", meters=12, ago_s=DAY - HOUR)
    earlier = report(house, "C", meters=12, azimuth=270, ago_s=DAY + 3 * HOUR)
    nearest = report(house, "D", meters=5, ago_s=6 * DAY)
    report(house, "too far", meters=50.01)
    report(house, "too early", meters=1, ago_s=8 * DAY + 1)
    report(house, "other category", meters=1, category=HYGIENE)
    edge = report(house, "E", meters=49.99, ago_s=8 * DAY)  # 7 days apart: still among them

    found = house.nearby.around_issue(CALLER, asked)
    assert ids(found) == [nearest, later, earlier, edge]
    reasons = [each.likeness.text("zh") for each in found.found]
    assert reasons == [
        "同类，相距 5 米，早 5 天",
        "同类，相距 12 米，晚 1 小时",
        "同类，相距 12 米，早 3 小时",
        "同类，相距 50 米，早 7 天",
    ]
    assert found.text_zh == "同类、50 米以内、上报相隔不超过 7 天：4 件"
    assert found.left_out == 0


def test_of_many_issues_exactly_those_are_found_that_counting_one_by_one_finds(house):
    drawn = random.Random(7)  # noqa: S311  # the same ones at every run
    told = [
        cells(
            str(i),
            meters=drawn.uniform(0, 90),
            azimuth=drawn.uniform(0, 360),
            ago_s=drawn.randrange(0, 14 * DAY),
            category=drawn.choice([WASTE, HYGIENE, PARKING, (WASTE[0], None), (None, None)]),
            status=drawn.choice(["open", "closed"]),
        )
        for i in range(400)
    ]
    stored = house.issues.batch(CALLER, told, is_updating=True)["results"]
    by_id = {result["id"]: row for result, row in zip(stored, told, strict=True)}

    def lies(one, other):
        a, b = by_id[one], by_id[other]
        away_m = chord_m(a["x"], a["y"], b["x"], b["y"])
        at, then = (datetime.fromisoformat(each["reported_at"]) for each in (a, b))
        same = all(a.get(k) == b.get(k) for k in ("category_major", "category_minor"))
        is_one = (
            one != other and same and away_m <= 50 and abs(then - at).total_seconds() <= 7 * DAY
        )
        return (round(away_m, 3), abs(then - at), other) if is_one else None

    sizes = []
    for asked in list(by_id)[:40]:
        found = house.nearby.around_issue(CALLER, asked)
        if "category_major" not in by_id[asked]:
            assert (ids(found), found.text_zh) == ([], "没有类别，无从比较")
            continue
        expected = sorted(filter(None, (lies(asked, other) for other in by_id)))
        assert ids(found) == [other for *_, other in expected][:MOST_TOLD]
        assert found.left_out == max(0, len(expected) - MOST_TOLD)
        for each, (away_m, *_) in zip(found.found, expected, strict=False):
            assert each.likeness.distance_m == pytest.approx(away_m, abs=1e-3)
        sizes.append(len(expected))
    assert max(sizes) > 5  # or nothing was compared


def test_the_later_report_goes_into_the_earlier_one(house):
    asked = report(house, "A")
    earlier = report(house, "B", meters=3, ago_s=2 * DAY)
    later = report(house, "C", meters=6, ago_s=HOUR)
    found = {each.row["id"]: each.merge for each in house.nearby.around_issue(CALLER, asked).found}
    assert (found[earlier].issue, found[earlier].into) == (asked, earlier)
    assert (found[later].issue, found[later].into) == (later, asked)
    assert {each.role for each in found.values()} == {"dispatcher"}

    told = found[later]
    step = StepAsked(told.step, told.role, {"issue": told.into}, None, told.newest_event)
    house.handling.take_step(CALLER, told.issue, step)
    assert ids(house.nearby.around_issue(CALLER, asked)) == [earlier]  # it is merged into it
    assert ids(house.nearby.around_issue(CALLER, earlier)) == [asked]
    merged = house.nearby.around_issue(CALLER, later)
    assert (merged.found, merged.text_zh) == ((), f"已并入 {asked}")

    undo = StepAsked("unmerge", "dispatcher", {"reason": "误并"})
    house.handling.take_step(CALLER, later, undo)
    assert ids(house.nearby.around_issue(CALLER, asked)) == [earlier, later]


def test_into_a_closed_one_only_what_is_open_is_merged(house):
    closed = report(house, "A", status="closed")
    later = report(house, "B", meters=3, ago_s=HOUR)
    earlier = report(house, "C", meters=4, ago_s=2 * DAY)
    found = {each.row["id"]: each.merge for each in house.nearby.around_issue(CALLER, closed).found}
    assert (found[later].issue, found[later].into) == (later, closed)
    assert (found[earlier].issue, found[earlier].into) == (earlier, closed)
    other = report(house, "D", meters=4, status="closed")
    found = {each.row["id"]: each.merge for each in house.nearby.around_issue(CALLER, closed).found}
    assert found[other] is None


def test_what_has_no_point_of_its_own_is_never_proposed_and_says_why(house):
    asked = report(house, "A")
    nowhere = report(house, "B", x=None, y=None, frame=None)
    erased = report(house, "C", meters=2, status="closed")
    assert ids(house.nearby.around_issue(CALLER, asked)) == [erased]
    house.erasures.erase(CALLER, erased, "request")
    assert ids(house.nearby.around_issue(CALLER, asked)) == []
    for issue_id, why in ((nowhere, "没有坐标"), (erased, "坐标只代表所在区域")):
        found = house.nearby.around_issue(CALLER, issue_id)
        assert found.found == ()
        assert why in found.text_zh
    for unknown in (0, 99, 2**63):
        with pytest.raises(IssueNotFound):
            house.nearby.around_issue(CALLER, unknown)


def test_around_a_place_its_category_narrows_what_is_found(house):
    waste = report(house, "A", meters=10, ago_s=HOUR)
    hygiene = report(house, "B", meters=20, ago_s=2 * DAY, category=HYGIENE)
    parking = report(house, "C", meters=30, category=PARKING)
    report(house, "too early", ago_s=7 * DAY + 1)
    place = {"x": LON, "y": LAT, "frame": "EPSG:4490"}
    everything = house.nearby.around_place(CALLER, **place)
    assert ids(everything) == [waste, hygiene, parking]
    assert everything.found[0].likeness.text("zh") == "相距 10 米，早 1 小时"
    assert everything.found[0].merge is None  # there is no issue yet

    def told(category):
        found = house.nearby.around_place(CALLER, **place, category=category)
        return ids(found), {each.likeness.text("en").partition(",")[0] for each in found.found}

    assert told("环境与垃圾分类") == ([waste, hygiene], {"same major category"})
    assert told("环境与垃圾分类/环境卫生") == ([hygiene], {"same category"})
    assert told("违停") == ([], set())
    with pytest.raises(InvalidValue, match="majors"):
        house.nearby.around_place(CALLER, **place, category="天气")
    with pytest.raises(UnknownFrame):
        house.nearby.around_place(CALLER, x=LON, y=LAT, frame="月球")
    with pytest.raises(InvalidCoordinates):
        house.nearby.around_place(CALLER, x=LON, y=95.0, frame="EPSG:4490")


def test_a_profile_may_compare_majors_alone_or_nothing(tmp_path):
    path = tmp_path / "office.toml"
    flow = (
        '[handling]\nstart = "reported"\nwith = ["grid_flow"]\n'
        '[[tiers]]\nname = "grid"\n[[layers]]\nname = "grid"\n[dispatch]\n'
    )
    path.write_text(flow, encoding="utf-8")
    house = open_house(tmp_path, profile=str(path))
    asked, other = report(house, "A"), report(house, "B", meters=99, category=HYGIENE)
    for found in (
        house.nearby.around_issue(CALLER, asked),
        house.nearby.around_place(CALLER, x=LON, y=LAT, frame="EPSG:4490"),
    ):
        assert (found.rules, found.found) == (None, ())
        assert "duplicate_distance_m" in found.text_zh
    rules = 'duplicate_distance_m = 100\nduplicate_days = 1\nduplicate_same = "major"\n'
    path.write_text(flow + rules, encoding="utf-8")
    house = open_house(tmp_path, profile=str(path))
    found = house.nearby.around_issue(CALLER, asked)
    assert [each.likeness.text("zh") for each in found.found] == ["同大类，相距 99 米，同时"]
    found = house.nearby.around_place(CALLER, x=LON, y=LAT, frame="EPSG:4490", category="垃圾分类")
    assert ids(found) == [asked, other]
