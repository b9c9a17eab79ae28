"""Reach over HTTP and on the command line: shares, what was left out, gaps to take away."""

import json

import pytest

from tests.doors import open_door, problem_of
from tests.houses import grid_code, open_house
from tests.served_houses import serve, served_profile, tell
from tests.terminals import refusal, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reach")
    house = open_house(folder, profile=served_profile(folder))
    serve(house)
    tell(house, "grid", "residents", **{grid_code(0, 0): 300, grid_code(3, 1): 100})
    tell(house, "building", "households", H1=30, H2=10)
    house.close()
    return folder


@pytest.fixture(scope="module")
def door(folder):
    return open_door(folder, is_published=False, profile=served_profile(folder))


def test_every_area_tells_its_shares_and_what_they_rest_on(door):
    found = door.get("/api/v1/reach/grid").json()
    assert (found["layer"], found["kinds"], found["edition"]) == ("grid", None, 1)
    assert found["facilities"] == {
        "counted": 2,
        "by_kind": {"service_center": 2},
        "without_place": ["F4"],
        "without_radius": ["F3", "F5"],
    }
    items = {item["code"]: item for item in found["items"]}
    assert len(items) == 8
    near = items[grid_code(0, 0)]
    assert (near["residents_share"], near["basis"], near["residents"]) == (0.75, "households", 300)
    assert (near["households"], near["households_reached"]) == (40, 30)
    assert items[grid_code(3, 1)]["basis"] == "areal"
    unknown = items[grid_code(1, 1)]
    assert (unknown["ground_share"], unknown["residents_share"]) == (0.0, None)
    assert (unknown["basis"], unknown["residents"]) == (None, None)
    assert found["basis"] == "mixed"
    assert found["areas_counted_for_residents"] == 2
    assert 0 < found["ground_share"] < found["residents_share"] < 1


def test_kinds_and_moments_choose_the_facilities(door):
    address = "/api/v1/reach/grid"
    both = door.get(f"{address}?kind=党群中心&kind=party_post").json()
    assert both["kinds"] == ["party_post", "service_center"]
    assert both["facilities"]["without_radius"] == ["F3"]
    assert door.get(f"{address}?as_of=2026-05-01").json()["facilities"]["counted"] == 1
    problem_of(door.get(f"{address}?kind=咖啡馆"), 422, "invalid-value")
    problem_of(door.get("/api/v1/reach/lane"), 404, "unknown-layer")
    problem_of(door.get(f"{address}?as_of=1999-01-01"), 404, "edition-not-found")


def test_gaps_are_a_collection_of_polygons(door):
    answer = door.get("/api/v1/reach/grid.geojson?kind=service_center")
    assert answer.headers["content-type"] == "application/geo+json"
    assert json.loads(answer.headers["Geo-Service-Report"]) == {"slivers": 0, "sliver_m2": 0.0}
    found = answer.json()
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    features = {each["properties"]["code"]: each for each in found["features"]}
    assert len(features) == 8
    torn = features[grid_code(0, 0)]
    assert torn["geometry"]["type"] == "Polygon"
    assert len(torn["geometry"]["coordinates"]) == 2
    assert torn["properties"]["basis"] == "households"
    assert 0 < torn["properties"]["gap_m2"] < features[grid_code(1, 0)]["properties"]["gap_m2"]
    problem_of(door.get("/api/v1/reach/lane.geojson"), 404, "unknown-layer")


def test_the_command_tells_shares_and_writes_gaps(folder):
    house = {"profile": served_profile(folder)}
    told = run(folder, "coverage", "reach", "grid", **house)
    assert "按楼栋户数" in told
    assert "75.00%" in told
    assert "没有坐标（F4）" in told
    assert "没有服务半径（F3、F5）" in told
    out = folder / "gaps.geojson"
    said = run(
        folder,
        "coverage",
        "reach",
        "grid",
        "--kind",
        "党群中心",
        "--out",
        out,
        language="en",
        **house,
    )
    assert "8 areas have gaps" in said
    assert "0 slivers" in said
    assert len(json.loads(out.read_text(encoding="utf-8"))["features"]) == 8
    early = run(
        folder, "coverage", "reach", "community", "--kind", "party_post", language="en", **house
    )
    assert "0 facilities reach 0.00% of the ground and 0.00% of the residents (households)" in early
    assert "咖啡馆" not in refusal(folder, "coverage", "reach", "grid", "--kind", "咖啡馆", **house)
