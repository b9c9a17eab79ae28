"""The sheet of an area over HTTP: as JSON, as a page, and what is refused."""

import pytest

from tests.doors import open_door, problem_of
from tests.houses import center, grid_code

GRID = grid_code(0, 0)
BRANCH = {
    "code": "G-P",
    "name": "第1网格党支部",
    "kind": "branch",
    "layer": "grid",
    "areas": [GRID],
    "founded": "2020-01-01",
    "from": "2020-01-01",
    "duty_phone": "000-3",
}


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    with open_door(tmp_path_factory.mktemp("door"), work_interval_s=0) as door:
        lon, lat = center(0, 0)
        unit = {"name": "=示例企业", "kind": "private_enterprise", "lon": lon, "lat": lat}
        told = {"code": "U1", "frame": "EPSG:4490", "from": "2020-01-01", **unit}
        for register, cells in (("party_organisation", BRANCH), ("unit", told)):
            body = {"entries": [cells]}
            answer = door.post(f"/api/v1/registers/{register}/batch", json=body)
            assert answer.json()["counts"]["added"] == 1, answer.text
        yield door


def test_everything_known_of_an_area_is_one_answer(door):
    told = door.get(f"/api/v1/areas/grid/{GRID}/sheet").json()
    assert (told["layer"], told["code"], told["name"]) == ("grid", GRID, "第1网格")
    assert [each["layer"] for each in told["parents"]] == ["district", "street", "community"]
    assert told["state"] == "own"
    assert told["chain"][0]["bodies"][0]["duty_phone"] == "000-3"
    assert told["posts"] == [
        {"organisation": "G-P", "post": None, "duty_phone": "000-3", "is_vacant": False}
    ]
    units = told["units"]
    assert (units["total"], units["NONE"], units["unknown"]) == (1, 1, 1)
    assert units["organisation_coverage"]["share"] == 0
    assert units["items"][0]["cover"] == "NONE"
    assert told["bounds_text"].startswith("东与第2网格相邻")
    east = {"kind": "neighbor", "names": ["第2网格"], "share": pytest.approx(1.0)}
    assert told["bounds"]["east"] == east
    assert [each["code"] for each in told["neighbors"]] == [
        grid_code(1, 0),
        grid_code(0, 1),
        grid_code(1, 1),
    ]
    assert told["history"][0]["events"] == ["new"]
    assert told["issues"]["oldest_open_on"] is None
    english = door.get(f"/api/v1/areas/grid/{GRID}/sheet", params={"lang": "en"}).json()
    assert english["bounds_text"].startswith("east next to 第2网格")


def test_the_page_leads_to_desks_and_areas_at_the_moment_that_was_asked(door):
    page = door.get(f"/areas/grid/{GRID}", params={"as_of": "2026-10-01", "lang": "en"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "第1网格 on one sheet" in page.text
    assert f'href="/desk/coverage?layer=grid&amp;lang=en&amp;as_of=2026-10-01#{GRID}"' in page.text
    assert 'href="/areas/community/9990010101?lang=en&amp;as_of=2026-10-01"' in page.text
    assert f'href="/areas/grid/{GRID}?lang=zh&amp;as_of=2026-10-01"' in page.text
    assert f"/api/v1/areas/grid/{GRID}/sheet?lang=en&amp;as_of=2026-10-01" in page.text
    assert door.get(page.text.split('class="quiet" href="')[1].split('"')[0]).status_code < 400


def test_the_desks_lead_to_the_page_and_their_files_do_not(door):
    for desk in ("coverage", "hotspots"):
        query = {"layer": "grid"}
        page = door.get(f"/desk/{desk}", params=query).text
        assert '"area_url":"/areas/grid/{code}' in page
        file = door.get(f"/desk/{desk}.html", params=query).text
        assert '"area_url":""' in file


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/areas/grid/999", 404),
        ("/areas/moon/1", 404),
        (f"/areas/grid/{GRID}?as_of=yesterday", 422),
        (f"/areas/grid/{GRID}?as_of=1999-01-01", 404),
    ],
)
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(door, path, status):
    page = door.get(path)
    assert page.status_code == status
    assert "text/html" in page.headers["content-type"]
    assert 'role="alert"' in page.text
    area, _, query = path.partition("?")
    answer = door.get(f"/api/v1{area}/sheet?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_code_is_named_in_the_problem(door):
    problem = problem_of(door.get("/api/v1/areas/grid/<b>/sheet"), 404, "area-not-found")
    assert "<b>" in problem["detail"]
    assert "<b>" not in door.get("/areas/grid/<b>").text
