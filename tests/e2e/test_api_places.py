"""Layers, areas, editions and locate over HTTP, on the small street."""

import pytest
import shapely
from starlette.testclient import TestClient

from geo_service.layers.frames import from_storage
from geo_service.storage.figures import Figure
from tests.doors import geojson, open_door, problem_of
from tests.houses import CALLER, SOUTH, STEP, WEST, center, grid_code, square

_LATER = "2025-03-01"
_NEW_YEAR_S = 1_704_038_400  # 2024-01-01 00:00 Asia/Shanghai


@pytest.fixture(scope="module")
def door(tmp_path_factory) -> TestClient:
    """A street whose western community is renamed from March 2025 on."""
    client = open_door(tmp_path_factory.mktemp("places"))
    client.app.state.services.figures.add(
        CALLER, [Figure("grid", grid_code(0, 0), "residents", "1200", _NEW_YEAR_S, "虚构")]
    )
    answer = client.post(
        "/api/v1/boundaries/community",
        files={"file": ("community.geojson", geojson("community", names=["新社区", "东社区"]))},
        data={"effective_from": _LATER, "reason": "改名"},
    )
    assert answer.status_code == 200, answer.text
    return client


def _pages(door: TestClient, path: str, limit: int) -> list[dict]:
    pages, after = [], ""
    while after is not None:
        page = door.get(f"{path}?limit={limit}{after and f'&after={after}'}").json()
        pages.append(page)
        after = page["next"]
    return pages


def test_layers_come_parents_first(door):
    layers = door.get("/api/v1/layers").json()["layers"]
    assert [(each["name"], each["parent"]) for each in layers] == [
        ("district", None),
        ("street", "district"),
        ("community", "street"),
        ("grid", "community"),
    ]


def test_paging_to_the_end_visits_every_area_once_in_the_order_of_codes(door):
    pages = _pages(door, "/api/v1/areas/grid", limit=3)
    assert [len(page["features"]) for page in pages] == [3, 3, 2]
    codes = [feature["id"] for page in pages for feature in page["features"]]
    assert codes == sorted(grid_code(column, row) for column in range(4) for row in range(2))


def test_an_area_comes_back_as_the_bits_it_was_published_with(door):
    features = door.get("/api/v1/areas/grid").json()["features"]
    found = {each["id"]: shapely.geometry.shape(each["geometry"]) for each in features}
    assert found[grid_code(2, 1)].equals_exact(square(2, 1), 0)


def test_a_box_keeps_the_areas_that_it_meets(door):
    west, south = WEST + 0.25 * STEP, SOUTH + 0.25 * STEP
    box = f"{west},{south},{west + STEP},{south + STEP / 4}"
    features = door.get(f"/api/v1/areas/grid?bbox={box}").json()["features"]
    assert {each["id"] for each in features} == {grid_code(0, 0), grid_code(1, 0)}


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "3,0,1,1", "0,0,181,1"])
def test_a_box_that_is_none_is_refused(door, box):
    assert problem_of(
        door.get("/api/v1/areas/grid", params={"bbox": box}), 422, "invalid-value"
    ) | {"where": "bbox"}


def test_the_same_areas_again_cost_a_304_and_other_areas_do_not(door):
    first = door.get("/api/v1/areas/grid")
    tag = {"If-None-Match": first.headers["etag"]}
    again = door.get("/api/v1/areas/grid", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert door.get("/api/v1/areas/grid?limit=1", headers=tag).status_code == 200
    assert door.get(f"/api/v1/areas/grid?as_of={_LATER}T00:00", headers=tag).status_code == 200


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("", "新社区"),
        ("?as_of=2025-02-28T23:59:59", "西社区"),
        ("?as_of=2025-03-01", "新社区"),
        ("?as_of=2025-02-28T16:00:00Z", "新社区"),
    ],
)
def test_a_date_means_midnight_in_shanghai(door, asked, name):
    found = door.get(f"/api/v1/areas/community/9990010101{asked}").json()
    assert found["properties"]["name"] == name


def test_before_anything_was_known_there_is_no_edition(door):
    answer = door.get("/api/v1/areas/grid?known_at=2001-01-01")
    problem_of(answer, 404, "edition-not-found")


def test_an_area_comes_with_its_dated_figures(door):
    found = door.get(f"/api/v1/areas/grid/{grid_code(0, 0)}").json()
    assert found["properties"]["figures"] == {"residents": "1200"}
    assert found["properties"]["edition"] == 2
    before = door.get(f"/api/v1/areas/grid/{grid_code(0, 0)}?as_of=2023-12-31T23:59:59").json()
    assert before["properties"]["figures"] == {}


def test_unknown_places_are_named(door):
    assert problem_of(door.get("/api/v1/areas/lane"), 404, "unknown-layer")["layer"] == "lane"
    assert problem_of(door.get("/api/v1/areas/grid/1"), 404, "area-not-found")["code"] == "1"


def test_editions_say_since_when_and_how_many_areas(door):
    editions = door.get("/api/v1/editions").json()["editions"]
    assert [each["number"] for each in editions] == [1, 2]
    assert editions[1]["effective_from"] == "2025-02-28T16:00:00Z"
    assert door.get("/api/v1/editions/2").json()["areas"] == {
        "district": 1,
        "street": 1,
        "community": 2,
        "grid": 8,
    }
    problem_of(door.get("/api/v1/editions/3"), 404, "edition-not-found")


def test_the_difference_of_two_editions_names_what_changed(door):
    [layer] = door.get("/api/v1/editions/1/diff/2").json()["layers"]
    assert layer["layer"] == "community"
    assert layer["renamed"] == ["9990010101"]
    assert not any(layer[kind] for kind in ("added", "removed", "changed", "renoded", "moved"))
    assert door.get("/api/v1/editions/2/diff/2").json()["layers"] == []


def _locate(door: TestClient, lon: float, lat: float, **asked: str) -> dict:
    answer = door.get("/api/v1/locate", params={"lon": lon, "lat": lat, **asked})
    assert answer.status_code == 200, answer.text
    [family] = answer.json()["families"]
    return family


def test_a_point_inside_has_its_chain_of_owners(door):
    family = _locate(door, *center(2, 1))
    assert family["rule"] == "assigned"
    chain = [link["code"] for link in family["chain"]]
    assert chain == ["999001", "99900101", "9990010102", grid_code(2, 1)]


def test_a_point_on_a_shared_border_goes_to_the_lowest_code(door):
    family = _locate(door, WEST + STEP, SOUTH + STEP / 2)
    assert family["rule"] == "boundary"
    assert family["chain"][-1]["code"] == min(grid_code(0, 0), grid_code(1, 0))


def test_a_point_a_little_outside_goes_to_the_nearest_with_its_distance(door):
    family = _locate(door, WEST - 0.0002, SOUTH + STEP / 2)
    assert family["rule"] == "nearest"
    assert family["chain"][-1]["code"] == grid_code(0, 0)
    # N(30°) cos(30°) · 0.0002° on the ellipsoid of CGCS2000: 6 383 480.9 m · 0.8660254 · 3.4907e-6
    assert family["nearest"]["distance_m"] == pytest.approx(19.2972, abs=0.01)


def test_a_point_far_outside_has_no_owner_and_a_reason(door):
    family = _locate(door, 121.0, 31.0)
    assert family["rule"] == "unassigned"
    assert {link["why"] for link in family["chain"]} == {"no_area_in_layer"}
    assert family["reason_zh"]
    assert family["reason_en"]


def test_a_place_in_gcj02_is_brought_home_first(door):
    lon, lat = center(1, 1)
    x, y = (each.item() for each in from_storage(lon=[lon], lat=[lat], target_frame="GCJ02"))
    assert abs(x - lon) > 0.003
    assert _locate(door, x, y, frame="gcj02")["chain"][-1]["code"] == grid_code(1, 1)


def test_the_owner_as_it_was_called_then(door):
    then = _locate(door, *center(0, 0), as_of="2025-01-01")
    assert then["chain"][2]["name"] == "西社区"


@pytest.mark.parametrize(
    ("lon", "lat", "frame", "slug"),
    [
        ("30.0005", "120.0005", "EPSG:4490", "invalid-coordinates"),
        ("nan", "30", "EPSG:4490", "invalid-coordinates"),
        ("120", "inf", "EPSG:4490", "invalid-coordinates"),
        ("1e999", "30", "EPSG:4490", "invalid-coordinates"),
        ("120.0005", "30.0005", "EPSG:4527", "invalid-coordinates"),
        ("500000", "3320000", "EPSG:4490", "invalid-coordinates"),
        ("120", "30", "月球", "unknown-frame"),
        ("120", "30", "", "unknown-frame"),
        ("120", "30", "EPSG:999999", "unknown-frame"),
        ("500000", "3320000", "EPSG:2436", "unsupported-frame"),
        ("a", "30", "EPSG:4490", "invalid-request"),
    ],
)
def test_what_is_no_place_is_refused(door, lon, lat, frame, slug):
    answer = door.get("/api/v1/locate", params={"lon": lon, "lat": lat, "frame": frame})
    problem_of(answer, 422, slug)


def test_swapped_axes_are_called_that(door):
    lat, lon = center(0, 0)[::-1]
    body = problem_of(door.get(f"/api/v1/locate?lon={lat}&lat={lon}"), 422, "invalid-coordinates")
    assert "颠倒" in body["detail"]
    assert "swapped" in body["reason_en"]


def test_a_moment_that_cannot_be_read_is_refused(door):
    for name in ("as_of", "known_at"):
        body = problem_of(door.get(f"/api/v1/areas/grid?{name}=soon"), 422, "invalid-value")
        assert body["where"] == name
