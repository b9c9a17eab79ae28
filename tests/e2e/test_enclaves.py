"""Declared enclaves through the interface, at the terminal and at the planner desk."""

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browsers import chromium, watched
from tests.doors import open_door, problem_of, publish_street_in
from tests.drafting import A, at
from tests.served import served_street
from tests.terminals import refusal, run

API = "/api/v1/enclaves"
YARD = [[*at(x, y)] for x, y in ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4))]
AROUND = [[*at(x, y)] for x, y in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))]
WORDING = "军事管理区"


def draw_yard(post):
    """Leave a yard in the middle of grid A to nobody; return the draft and its findings."""
    draft = post("/api/v1/drafts", {"name": "试"})["id"]
    cut = {"kind": "split", "layer": "grid", "code": A, "line": YARD, "codes": ["N1"]}
    post(f"/api/v1/drafts/{draft}/operations", {**cut, "keep": [*at(0.1, 0.1)]})
    left = {"kind": "retire", "layer": "grid", "code": "N1", "leaves_union": True}
    return draft, post(f"/api/v1/drafts/{draft}/operations", left)["findings"]


def test_a_hole_is_declared_listed_and_withdrawn_over_http(tmp_path):
    with open_door(tmp_path) as door:
        draft, [hole] = draw_yard(lambda path, told: door.post(path, json=told).json())
        assert hole["kind"] == "hole"
        told = {"layer": "district", "wording": WORDING, "draft": draft}
        elsewhere = door.post(API, json={**told, "place": [*at(0.1, 0.1)]})
        assert problem_of(elsewhere, 422, "no-hole-there")["layer"] == "district"
        asked = {**told, "place": [hole["lon"], hole["lat"]]}
        answer = door.post(API, json=asked)
        assert answer.status_code == 201
        assert answer.json()["state"] == "standing"
        assert door.post(API, json=asked).status_code == 200
        assert door.get(f"/api/v1/drafts/{draft}/check").json()["findings"] == []
        number = answer.json()["id"]
        withdrawn = door.post(f"{API}/{number}/withdrawal").json()
        assert withdrawn["state"] == "withdrawn"
        assert door.get(API).json()["enclaves"] == [withdrawn]
        [found] = door.get(f"/api/v1/drafts/{draft}/check").json()["findings"]
        assert found["kind"] == "hole"
        assert problem_of(door.post(f"{API}/9/withdrawal"), 404, "enclave-not-found")["id"] == 9


def test_an_outline_is_declared_listed_and_withdrawn_at_the_terminal(tmp_path):
    publish_street_in(tmp_path)
    outline = " ".join(f"{lon},{lat}" for lon, lat in AROUND)
    words = ["enclaves", "declare", "district", "--wording", WORDING]
    assert f"1  已声明：{WORDING}" in run(tmp_path, *words, "--outline", outline)
    assert "已有同样的声明" in run(tmp_path, *words, "--outline", outline)
    assert "已撤回" in run(tmp_path, "enclaves", "withdraw", "1")
    assert "已撤回" in run(tmp_path, "enclaves", "list")
    assert "围住" in refusal(tmp_path, *words)


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    with served_street(tmp_path_factory.mktemp("enclaves")) as address:
        yield address


def test_a_planner_declares_a_hole_where_the_check_shows_it(street):
    def post(path, told):
        return httpx2.post(f"{street}{path}", json=told, timeout=60).raise_for_status().json()

    draft, _ = draw_yard(post)
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(f"{street}/desk/planner#draft={draft}")
        hole = page.locator(".findings li.hole")
        hole.get_by_role("button", name="怎么办").click()
        hole.get_by_role("button", name="声明为飞地").click()
        page.locator(".ask input[name=wording]").fill(WORDING)
        page.locator(".ask .primary").click()
        expect(page.locator(".findings li.hole")).to_have_count(0)
    [found] = httpx2.get(f"{street}{API}", timeout=60).json()["enclaves"]
    assert (found["wording"], found["state"]) == (WORDING, "standing")
