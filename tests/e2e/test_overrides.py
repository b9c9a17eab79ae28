"""Who is responsible for a category: over HTTP and on the command line."""

import pytest

from tests.doors import open_door, problem_of
from tests.houses import center, grid_code
from tests.overlays import open_overlaid_house, profile_file
from tests.terminals import refusal, run

LON, LAT = center(1, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("overlaid")
    open_overlaid_house(path).close()
    return path


@pytest.fixture(scope="module")
def door(folder):
    return open_door(folder, is_published=False, profile=profile_file(folder))


def locate(door, **words):
    answer = door.get("/api/v1/locate", params={"lon": LON, "lat": LAT, **words})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_overlay_is_responsible_for_the_category_it_takes(door):
    told = locate(door, category="市容秩序/流动商贩")
    assert told["category"] == "市容秩序/流动商贩"
    assert told["responsible"] == {
        "layer": "dedicated_grid",
        "code": "A1",
        "name": "园区A1",
        "category": "市容秩序",
        "because": "override",
    }
    assert [(each["code"], each["category"]) for each in told["overrides"]] == [
        ("A1", "市容秩序"),
        ("B1", "市容秩序"),
        ("L1", "市容秩序/流动商贩"),
    ]
    grid = f"网格第2网格（{grid_code(1, 0)}）"
    assert told["responsible_reason_zh"] == (
        f"市容秩序 由专属网格园区A1（A1）负责，所在区域为{grid}"
        "；专属网格园区B1（B1）、街巷示例巷（L1）也代管此类，次序在后"
    )
    assert "is for dedicated grid 园区A1 (A1)" in told["responsible_reason_en"]
    assert told["families"][0]["chain"][-1]["code"] == grid_code(1, 0)


def test_another_spelling_of_a_category_means_the_same(door):
    told = locate(door, category="流动摊贩")
    assert told["category"] == "市容秩序/流动商贩"
    assert told["responsible"]["code"] == "A1"


def test_what_no_overlay_takes_is_the_grounds(door):
    told = locate(door, category="文体")
    assert (told["responsible"]["because"], told["overrides"]) == ("ground", [])
    assert told["responsible"]["code"] == grid_code(1, 0)
    lon, lat = center(3, 1)
    assert locate(door, lon=lon, lat=lat, category="市容秩序")["responsible"]["because"] == "ground"


def test_without_a_category_all_that_overlays_would_take_is_listed(door):
    told = locate(door)
    assert (told["category"], told["responsible"]["because"]) == (None, "ground")
    assert [(each["layer"], each["code"], each["category"]) for each in told["overrides"]] == [
        ("dedicated_grid", "A1", "市容秩序"),
        ("dedicated_grid", "A1", "物业与设施/供电"),
        ("dedicated_grid", "B1", "市容秩序"),
        ("dedicated_grid", "B1", "物业与设施/供电"),
        ("lane", "L1", "市容秩序/流动商贩"),
        ("lane", "L1", "出行停车/违章停车"),
    ]


def test_far_from_everything_nobody_is_responsible(door):
    told = locate(door, lon=100, lat=20, category="市容秩序")
    assert (told["responsible"], told["overrides"]) == (None, [])
    assert told["responsible_reason_en"] == "市容秩序 is for nobody here"


@pytest.mark.parametrize("category", ["", "飞碟", "市容秩序/飞碟", "/"])
def test_a_category_that_the_profile_has_not_is_refused_with_those_it_has(door, category):
    answer = door.get("/api/v1/locate", params={"lon": LON, "lat": LAT, "category": category})
    problem = problem_of(answer, 422, "invalid-value")
    assert problem["where"] == "category"
    assert "出行停车" in problem["detail"]


def test_issues_show_the_ground_and_who_is_responsible_alone_and_in_lists(door):
    issue = {
        "source": "patrol",
        "external_id": "1",
        "reported_at": "2026-11-20",
        "lon": LON,
        "lat": LAT,
        "frame": "EPSG:4490",
        "category_major": "市容秩序",
        "category_minor": "流动摊贩",
    }
    number = door.post("/api/v1/issues", json=issue).json()["id"]
    told = door.get(f"/api/v1/issues/{number}").json()
    assert told["ground"] == {"layer": "grid", "code": grid_code(1, 0)}
    assert told["responsible"] == {
        "layer": "dedicated_grid",
        "code": "A1",
        "category": "市容秩序",
        "because": "override",
    }
    assert [each["code"] for each in told["assignments"][0]["overrides"]] == ["A1", "B1", "L1"]
    [listed] = door.get("/api/v1/issues").json()["items"]
    assert listed["responsible"] == told["responsible"]


def test_layers_tell_what_they_take_and_the_promise_names_the_category(door):
    layers = {each["name"]: each for each in door.get("/api/v1/layers").json()["layers"]}
    assert layers["lane"]["overrides"] == ["市容秩序/流动商贩", "出行停车/违章停车"]
    assert layers["grid"]["overrides"] == []
    paths = door.get("/api/v1/openapi.json").json()["paths"]
    names = [each["name"] for each in paths["/api/v1/locate"]["get"]["parameters"]]
    assert "category" in names


def test_the_command_line_says_who_is_responsible(folder):
    words = ["locate", str(LON), str(LAT)]
    settings = {"profile": profile_file(folder), "language": "en"}
    said = run(folder, *words, "--category", "违停", **settings)
    assert "→ 出行停车/违章停车 is for lane 示例巷 (L1)" in said
    assert "市容秩序 is for dedicated grid 园区A1 (A1)" in run(folder, *words, **settings)
    lon, lat = map(str, center(3, 1))
    assert "→" not in run(folder, "locate", lon, lat, **settings)
    ground = run(folder, "locate", lon, lat, "--category", "文体", **settings)
    assert "no overlay takes it" in ground


def test_the_command_line_refuses_what_it_cannot_answer(folder):
    settings = {"profile": profile_file(folder), "language": "en"}
    assert "出行停车" in refusal(folder, "locate", "120", "30", "--category", "飞碟", **settings)
    told = refusal(folder, "locate", "x.csv", "--out", "y.csv", "--category", "文体", **settings)
    assert "--category" in told
