"""Grids by their building lists, over HTTP and at the terminal: in, moved, out, taken back."""

import csv
import io

import pytest
import shapely
from playwright.sync_api import expect

from geo_service.layers.redraw.asked.lists import ChangeWords
from geo_service.layers.redraw.asked.operation import Rename
from tests.browsers import chromium, watched
from tests.building_lists import (
    COMMUNITY,
    SPOTS,
    build,
    drawn_by_lists,
    middle,
    numbered,
    publish_lists,
    write_lists,
)
from tests.doors import open_door, publish_street_in
from tests.drafting import A, B, C, D, at, begin, grid
from tests.e2e.planners import opened, opened_to_begin
from tests.houses import CALLER, Clock, open_house
from tests.served import served_street
from tests.terminals import refusal, run

API = "/api/v1"
ROWS = {
    A: numbered(1, 2, 3, 4),
    B: numbered(5, 6, 7, 8),
    C: numbered(9, 10, 11, 12),
    D: numbered(13, 14, 15, 16),
}
"""Each grid a row of houses, where the ground was four quarters."""


@pytest.fixture(name="street")
def _street(tmp_path):
    publish_street_in(tmp_path)
    house = open_house(tmp_path)
    build(house)
    house.close()
    return tmp_path


@pytest.fixture(name="door")
def _door(street):
    return open_door(street, is_published=False)


def named(area):
    return area["basis"], [each["building"] for each in area["buildings"]]


def test_lists_go_from_a_file_through_a_draft_into_editions_and_back(door, tmp_path):
    assert named(door.get(f"{API}/areas/grid/{A}/buildings").json()) == (
        "ground",
        numbered(1, 2, 5, 6),
    )
    draft = door.post(f"{API}/drafts", json={"name": "按清单"}).json()["id"]
    path = write_lists(tmp_path / "楼栋清单.csv", ROWS)
    with path.open("rb") as file:
        done = door.post(
            f"{API}/drafts/{draft}/derive-file", data={"layer": "grid"}, files={"file": file}
        )
    assert done.status_code == 201
    [step] = door.get(f"{API}/drafts/{draft}/operations").json()["operations"]
    assert step["kind"] == "derive-by-lists"
    assert step["asked"]["lists"] == {COMMUNITY: ROWS}
    body = {"layer": "grid", "code": A, "to": B, "buildings": numbered(3, 4)}
    moved = door.post(f"{API}/drafts/{draft}/buildings", json=body)
    assert moved.status_code == 201
    shapes = {f["id"]: f for f in moved.json()["areas"]["features"]}
    assert shapes[f"grid/{A}"]["properties"]["buildings"] == numbered(1, 2)
    assert shapely.geometry.shape(shapes[f"grid/{B}"]["geometry"]).contains(middle(SPOTS["3号楼"]))
    lists = door.get(f"{API}/drafts/{draft}/building-lists", params={"layer": "grid"}).json()
    assert [area["code"] for area in lists["areas"]] == sorted(ROWS)
    check = door.get(f"{API}/drafts/{draft}/check").json()
    assert check["findings"] == []
    assert check["is_publishable"]
    edition = door.post(f"{API}/drafts/{draft}/publication", json={"reason": "楼栋调整"}).json()
    told = door.get(f"{API}/areas/grid/{B}/buildings").json()
    assert told["edition"] == edition["number"] == 2
    assert named(told) == ("list", [*ROWS[B], *numbered(3, 4)])
    assert {each["stands_in"] for each in told["buildings"]} == {B}
    sheet = door.get(f"{API}/areas/grid/{B}/sheet").json()["buildings"]
    assert sheet == {"count": 6, "names": [*ROWS[B], *numbered(3, 4)], "basis": "list"}
    for number, own in ((2, [*ROWS[B], *numbered(3, 4)]), (1, numbered(3, 4, 7, 8))):
        saved = door.get(
            f"{API}/editions/{number}/building-lists.csv", params={"layer": "grid"}
        ).content.decode("utf-8-sig")
        rows = [row for row in csv.DictReader(io.StringIO(saved)) if row["网格编码"] == B]
        assert [row["楼栋"] for row in rows] == own
    back = door.post(f"{API}/editions/2/revert", json={"reason": "收回"})
    assert back.status_code in (200, 201)
    assert named(door.get(f"{API}/areas/grid/{B}/buildings").json()) == (
        "ground",
        numbered(3, 4, 7, 8),
    )


def test_lists_that_cannot_be_used_are_a_problem_that_names_each_fault(door):
    draft = door.post(f"{API}/drafts", json={"name": "按清单"}).json()["id"]
    lists = [{"code": code, "buildings": names} for code, names in ROWS.items()]
    lists[0]["buildings"] = [*numbered(1, 2, 3), "5号楼"]
    body = {"layer": "grid", "lists": lists}
    refused = door.post(f"{API}/drafts/{draft}/derive", json=body)
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"] == "/problems#unfit-building-lists"
    assert problem["count"] == 2
    assert [each["reason"]["en"] for each in problem["faults"]] == [
        f"'5号楼' is on the list of {A} already",
        f"'4号楼' in {COMMUNITY} is on no list",
    ]
    nearest = {**body, "lists": [{**lists[0], "buildings": numbered(1, 2, 3)}, *lists[1:]]}
    done = door.post(f"{API}/drafts/{draft}/derive", json={**nearest, "others": "nearest"})
    assert done.status_code == 201
    told = door.get(
        f"{API}/drafts/{draft}/building-lists", params={"layer": "grid", "code": A}
    ).json()
    assert [named(each) for each in told["areas"]] == [("list", ROWS[A])]
    root = door.post(f"{API}/drafts/{draft}/derive", json={**body, "layer": "district"})
    assert root.json()["type"] == "/problems#invalid-value"
    assert door.get(f"{API}/areas/grid/none/buildings").status_code == 404


def test_the_terminal_derives_moves_publishes_and_writes_lists(street):
    run(street, "drafts", "begin", "按清单")
    wrong = write_lists(street / "错.csv", {**ROWS, A: [*numbered(1, 2, 3), "40号楼"]})
    said = refusal(street, "drafts", "derive", "1", "grid", wrong)
    assert said.startswith("网格 的楼栋清单有 2 处不能用，没有做任何改动。第一处：第 5 行：")
    assert "40号楼" in (street / "错.退回.csv").read_text(encoding="utf-8-sig")
    path = write_lists(street / "清单.csv", ROWS, headings=("网格", "楼号"))
    column = ("--column", "building=楼号")
    said = run(street, "drafts", "derive", "1", "grid", path, *column)
    assert all(code in said for code in ROWS)
    run(street, "drafts", "move-buildings", "1", "grid", A, B, "--building", "4号楼")
    told = run(street, "drafts", "buildings", "1", "grid", A)
    assert "1号楼 2号楼 3号楼" in told
    outline = " ".join("{:.9f},{:.9f}".format(*at(*p)) for p in ((-1, -1), (0.5, -1), (0.5, 0.6)))
    run(street, "drafts", "give", "1", "grid", A, B, "--outline", outline)
    said = run(street, "drafts", "check", "1")
    assert "楼栋 1号楼 不在清单所列的区域内" in said
    assert f"网格 清单调整 4：{A}、{B}、{C}、{D}" in said
    run(street, "drafts", "undo", "1")
    house = open_house(street)
    build(house, {**SPOTS, "新楼": (1.0, 0.25)})
    house.close()
    assert "? [0] 楼栋 新楼 在 网格" in run(street, "drafts", "check", "1")
    said = run(street, "drafts", "fix", "1", "0")
    assert said.startswith(f"[0] 列入 网格 {A} 的清单")
    run(street, "drafts", "fix", "1", "0", "--take", "0")
    assert "新楼" not in run(street, "drafts", "check", "1")
    run(street, "drafts", "undo", "1")
    run(street, "drafts", "publish", "1", "--reason", "楼栋调整")
    out = street / "楼栋.csv"
    said = run(street, "editions", "buildings", "2", "--layer", "grid", "--out", out)
    assert "16 栋写入" in said
    assert refusal(street, "editions", "buildings", "2", "--layer", "grid", "--out", "a.pdf")
    both = ("--building", "1号楼", "--outline", outline)
    assert refusal(street, "drafts", "move-buildings", "1", "grid", A, B, *both)


@pytest.mark.sqlite
def test_a_planner_derives_grids_from_a_file_at_the_desk(tmp_path):
    with served_street(tmp_path) as address, chromium() as browser, watched(browser) as visit:
        house = open_house(tmp_path)
        build(house)
        page = opened_to_begin(visit.page, address)
        short = write_lists(tmp_path / "短.csv", {**ROWS, D: numbered(13, 14, 15)})
        page.locator("[data-tool=derive]").click()
        page.locator(".ask [name=file]").set_input_files(short)
        page.locator(".ask .primary").click()
        expect(page.locator(".said")).to_contain_text("“16号楼”不在任何清单上")
        visit.troubles.clear()  # the refusal is what was looked for
        page.locator("[data-tool=derive]").click()
        page.locator(".ask [name=file]").set_input_files(short)
        page.locator(".ask [name=others]").select_option("nearest")
        page.locator(".ask .primary").click()
        expect(page.locator(".steps li")).to_contain_text(f"按清单划格 {A} {B} {C} {D}")
        page.locator(".publish summary").click()
        expect(page.locator(".changes")).to_contain_text("改楼栋清单 4")
        [told] = house.building_lists.of_draft(CALLER, 1, "grid", D)
        assert [each.building for each in told.buildings] == ROWS[D]
        house.close()


@pytest.mark.sqlite
def test_buildings_on_no_list_are_listed_at_the_desk_and_the_check_follows(tmp_path):
    with served_street(tmp_path) as address, chromium() as browser, watched(browser) as visit:
        house = open_house(tmp_path)
        build(house)
        draft = drawn_by_lists(house, ROWS)
        kept = {name: spot for name, spot in SPOTS.items() if name != "1号楼"}
        build(house, {**kept, "新楼": (1.0, 0.25), "高楼": (1.0, 1.75)})
        page = opened(visit.page, address, draft)
        page.locator("[data-check=changed]").click()
        findings = page.locator(".findings li.question")
        expect(findings).to_have_count(3)
        expect(findings.nth(0)).to_contain_text(f"网格 {A} 清单中的楼栋“1号楼”查无此楼")
        expect(findings.nth(1)).to_contain_text(f"楼栋 新楼 在 网格 {A} 内，却不在任何清单上")
        findings.nth(1).locator(".ask-fixes").click()
        fixes = findings.nth(1).locator(".fixes button")
        expect(fixes).to_have_text(
            [f"列入 网格 {A} 的清单", "同一上级内不在任何清单上的 2 栋，都列入各自所在区域的清单"]
        )
        fixes.nth(1).click()
        expect(page.locator(".steps li").last).to_contain_text(f"采用办法 {A} {D}")
        # without asking for it again, the check says what is left
        expect(findings).to_have_count(1)
        findings.locator(".ask-fixes").click()
        findings.locator(".fixes button").first.click()
        expect(page.locator("#desk")).to_have_attribute("data-check", "changed")
        expect(findings).to_have_count(0)
        [told] = house.building_lists.of_draft(CALLER, draft, "grid", A)
        assert [each.building for each in told.buildings] == [*numbered(2, 3, 4), "新楼"]
        house.close()


@pytest.mark.sqlite
def test_a_list_that_changed_alone_has_a_mark_dashes_and_a_row_of_its_own(tmp_path):
    with served_street(tmp_path) as address, chromium() as browser, watched(browser) as visit:
        house = open_house(tmp_path, clock=Clock())
        build(house)
        publish_lists(house)
        draft = begin(house)
        moved = ChangeWords(grid(A), put={B: ("2号楼",)}, struck={A: ("2号楼",)})
        house.drafts.perform(CALLER, draft, moved)
        house.drafts.perform(CALLER, draft, Rename(grid(C), name="中心网格"))
        page = opened(visit.page, address, draft)
        page.locator("button.compare").click()
        legend = page.locator(".compare-legend button")
        expect(legend.locator("xpath=self::*[contains(@class, 'relisted')]")).to_have_text(
            "单 清单调整 2"
        )
        expect(legend.filter(has_text="改名")).to_have_text("名 改名 1")
        marks = page.locator(".leaflet-draft-pane .compare-mark")
        assert sorted(marks.all_inner_texts()) == ["单", "单", "名"]
        # who sees no colors has the sign, its frame, and the dashes of the border
        frames = legend.locator(".compare-mark").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).borderStyle + one.textContent)"
        )
        assert len(set(frames)) == len(frames) == 6
        assert "double单" in frames
        dashes = [
            page.locator(f'path[data-code="{code}"]').get_attribute("stroke-dasharray")
            for code in (A, C, D)
        ]
        assert len(set(dashes)) == 3
        [order] = [f"{address}/desk/planner/drafts/{draft}/order"]
        page.goto(order)
        rows = page.locator("tr.area")
        expect(rows).to_have_count(3)
        expect(rows.nth(0)).to_contain_text("清单调整")
        expect(page.locator("tr.lists").nth(0)).to_contain_text("楼栋清单 移出 2号楼")
        expect(page.locator("tr.lists").nth(1)).to_contain_text("楼栋清单 列入 2号楼")
        expect(page.locator(".legend")).to_contain_text("清单调整")
        assert page.locator("figure .relisted").count() == 2  # one stroke on each map
        house.close()
