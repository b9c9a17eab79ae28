"""What a draft's check asks, through the interface, at the terminal and at the desk."""

import httpx2
import numpy as np
import pytest
import shapely
from playwright.sync_api import expect

from tests.browsers import chromium, watched
from tests.doors import open_door, problem_of, publish_street_in
from tests.drafting import A, B, at
from tests.e2e.planners import opened_to_begin
from tests.houses import CALLER, STREET_LAYERS, open_house
from tests.served import served_street
from tests.terminals import refusal, run

API = "/api/v1/drafts"
FIGURES = "usual_area_m2 = [8000, 12000]\n"
HALVED = [[*at(0.5, -0.5)], [*at(0.5, 1.5)]]


def put_building(folder):
    """Put a footprint across the middle of grid A, seven tenths of it in the east."""
    house = open_house(folder)
    shape = shapely.box(*at(0.47, 0.4), *at(0.57, 0.6))
    shapes = np.array([shape], dtype=object)
    house.figures.replace_references(CALLER, "building", names=["3号楼"], geometries=shapes)
    house.close()


@pytest.fixture
def folder(tmp_path):
    publish_street_in(tmp_path)
    put_building(tmp_path)
    return tmp_path


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(STREET_LAYERS + FIGURES, encoding="utf-8")
    return str(path)


def halve(door):
    draft = door.post(API, json={"name": "试"}).json()["id"]
    told = {"kind": "split", "layer": "grid", "code": A, "line": HALVED, "codes": ["N1", "N2"]}
    return draft, door.post(f"{API}/{draft}/operations", json=told)


def test_the_interface_tells_place_size_and_codes_of_each_question_and_does_a_fix(folder, profile):
    with open_door(folder, is_published=False, profile=profile) as door:
        draft, answer = halve(door)
        step = answer.json()
        check = door.get(f"{API}/{draft}/check").json()
        assert check["findings"] == step["findings"]
        assert check["findings_by_kind"] == {"too_small": 2, "building_cut": 1}
        assert check["findings_total"] == 3
        assert check["is_publishable"]
        small, _, cut = check["findings"]
        assert small["is_question"]
        assert (small["measure"], small["usual"], small["codes"]) == (
            "area_m2",
            [8000, 12000],
            ["N1"],
        )
        assert small["amount"] == pytest.approx(5100, rel=0.001)
        assert small["area_m2"] == small["amount"]
        assert shapely.from_geojson(str(small["geometry"]).replace("'", '"')).contains(
            shapely.Point(small["lon"], small["lat"])
        )
        assert cut["buildings"] == ["3号楼"]
        assert cut["shares"] == pytest.approx({"N2": 0.7, "N1": 0.3})
        # three tenths of 9.4 m by 21.7 m
        assert cut["area_m2"] == pytest.approx(0.3 * 204, rel=0.01)
        asked = {"finding": 2, "revision": 1}
        fixes = door.get(f"{API}/{draft}/fixes", params=asked).json()["fixes"]
        assert [fix["to"][0]["code"] for fix in fixes] == ["N2", "N1"]
        assert fixes[0]["text"] == "边界绕开楼栋，把整栋划给 网格 N2"
        done = door.post(f"{API}/{draft}/fixes", json={**asked, "fix": 0})
        assert done.json()["findings_by_kind"] == {"too_small": 2}


def test_the_whole_check_and_its_fixes_have_their_own_positions(folder, profile):
    with open_door(folder, is_published=False, profile=profile) as door:
        draft = door.post(API, json={"name": "试"}).json()["id"]
        for cell, code in (("0.5", A), ("1.5", B)):
            line = [[*at(float(cell), -0.5)], [*at(float(cell), 1.5)]]
            told = {"kind": "split", "layer": "grid", "code": code, "line": line}
            door.post(f"{API}/{draft}/operations", json={**told, "codes": [f"{code}w", f"{code}e"]})
        door.post(f"{API}/{draft}/undo")
        whole = door.get(f"{API}/{draft}/check", params={"whole": True}).json()
        near = door.get(f"{API}/{draft}/check").json()
        # all other grids are as large as usual
        assert whole["findings"] == near["findings"]
        revision = door.get(f"{API}/{draft}").json()["revision"]
        asked = {"finding": 0, "revision": revision, "whole": True}
        fixes = door.get(f"{API}/{draft}/fixes", params=asked).json()["fixes"]
        assert fixes[0]["kind"] == "merge"
        done = door.post(f"{API}/{draft}/fixes", json={**asked, "fix": 0})
        assert done.status_code == 201
        assert done.json()["findings"] == []


def test_sentences_call_layers_by_their_titles_and_values_keep_the_keys(folder, profile):
    with open_door(folder, is_published=False, profile=profile) as door:
        draft = door.post(API, json={"name": "试"}).json()["id"]
        line = [[*at(0.5, -0.5)], [*at(0.5, 1.5)]]
        split = {"kind": "split", "layer": "grid", "code": A, "line": line, "codes": ["N1", "N2"]}
        [small, *_] = door.post(f"{API}/{draft}/operations", json=split).json()["findings"]
        assert small["text"].startswith("网格 N1 的 面积（m²） 为 5,1")
        assert small["layer"] == "grid"
        asked = {"finding": 0, "revision": 1}
        [fix, *_] = door.get(f"{API}/{draft}/fixes", params=asked).json()["fixes"]
        assert fix["text"].startswith("与 网格 N2 合并")
        assert fix["to"] == [{"layer": "grid", "code": "N2"}]
        gone = door.post(f"{API}/{draft}/operations", json=split)
        body = problem_of(gone, 404, "unknown-area")
        assert f"图层 网格 里没有编码 {A}" in body["detail"]
        assert body["layer"] == "grid"


def test_a_conflict_about_many_areas_names_the_first_and_how_many(folder):
    with open_door(folder, is_published=False) as door:
        drafts = [door.post(API, json={"name": name}).json()["id"] for name in "甲乙"]
        for draft in drafts:
            split_often(door, draft)
        answer = door.post(f"{API}/{drafts[0]}/undo", headers={"If-Match": '"0"'})
        body = problem_of(answer, 412, "stale-draft")
        assert len(body["areas"]) == 20
        assert body["areas_total"] > 20
        assert f"（共 {body['areas_total']} 个）" in body["detail"]
        assert body["detail"].count("、") == 19
        published = door.post(f"{API}/{drafts[0]}/publication", json={"reason": "调整"})
        assert published.status_code == 201, published.text
        body = problem_of(door.post(f"{API}/{drafts[1]}/rebase", json={}), 409, "rebase-conflict")
        assert len(body["areas"]) == 20
        assert body["areas_total"] >= 24
    line = refusal(folder, "drafts", "rebase", str(drafts[1]))
    assert f"（共 {body['areas_total']} 个）" in line


def split_often(door, draft):
    """Cut grid A into 24 strips."""
    code = A
    for i in range(23):
        line = [[*at((i + 1) / 24, -0.5)], [*at((i + 1) / 24, 1.5)]]
        told = {"kind": "split", "layer": "grid", "code": code, "line": line}
        told["codes"] = [f"S{i}", f"R{i}"]
        answer = door.post(f"{API}/{draft}/operations", json=told)
        assert answer.status_code == 201, answer.text
        code = f"R{i}"


def test_the_terminal_tells_questions_beside_faults_and_does_their_fixes(folder, profile):
    run(folder, "drafts", "begin", "试", profile=profile)
    line = " ".join("{:.12f},{:.12f}".format(*place) for place in HALVED)
    words = ("drafts", "split", "1", "grid", A, "--line", line, "--new", "N1", "--new", "N2")
    assert "? [2] 楼栋 3号楼 被边界切开：网格 N2 70%、N1 30%" in run(
        folder, *words, profile=profile
    )
    said = run(folder, "drafts", "check", "1", profile=profile)
    assert "? [0] 网格 N1 的 面积（m²） 为 5,1" in said
    assert "可以发布" in said
    said = run(folder, "drafts", "check", "1", "--whole", profile=profile, language="en")
    assert "? [0] grid N1 has m² of ground 5,1" in said
    said = run(folder, "drafts", "fix", "1", "2", "--whole", profile=profile)
    assert "[0] 边界绕开楼栋，把整栋划给 网格 N2" in said
    said = run(folder, "drafts", "fix", "1", "2", "--take", "0", profile=profile)
    assert "楼栋" not in said


@pytest.mark.sqlite
def test_a_planner_goes_round_a_building_with_one_click(tmp_path):
    with served_street(tmp_path) as address, chromium() as browser, watched(browser) as visit:
        put_building(tmp_path)
        page = opened_to_begin(visit.page, address)
        told = {"kind": "split", "layer": "grid", "code": A, "line": HALVED, "codes": ["N1", "N2"]}
        answer = httpx2.post(f"{address}{API}/1/operations", json=told, timeout=60)
        assert answer.status_code == 201
        page.goto(f"{address}/desk/planner?again#draft=1")
        finding = page.locator(".findings li.building_cut")
        expect(finding).to_contain_text("楼栋 3号楼 被边界切开")
        finding.get_by_role("button", name="看位置").click()
        # the footprint itself is drawn
        expect(page.locator('path[stroke="#8a5a00"]')).to_have_count(1)
        page.locator("[data-check=whole]").click()
        expect(page.locator("#desk")).to_have_attribute("data-check", "whole")
        finding.locator(".ask-fixes").click()
        expect(finding.locator(".fixes button")).to_have_count(2)
        finding.locator(".fixes button").first.click()
        expect(page.locator(".findings li.building_cut")).to_have_count(0)
