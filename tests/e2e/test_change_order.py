"""变更单 in Chromium: one A3 for a split, more for many areas, and the figures of the interface."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from geo_service.analysis.bounds_text import LONGEST_EN, LONGEST_ZH
from tests.browsers import OFFICE_SCREEN, chromium, watched
from tests.doors import open_door
from tests.drafting import A, B, across, begin
from tests.e2e.test_planner_desk import address
from tests.houses import CALLER, SOUTH, STEP, WEST, grid_code, open_house
from tests.terminals import refusal, run

__all__ = ["address"]  # the fixture of the planner desk's own tests

_PDF_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
API = "/api/v1"
GRIDS = [grid_code(column, row) for row in range(2) for column in range(4)]


def split(code, new, x, y=0):
    """Return the split of a square of the street, as the interface takes it; its west stays."""
    at = WEST + x * STEP
    line = [[at, SOUTH + (y - 0.25) * STEP], [at, SOUTH + (y + 1.25) * STEP]]
    keep = [at - STEP / 16, SOUTH + (y + 0.5) * STEP]
    told = {"layer": "grid", "code": code, "line": line, "codes": [new], "keep": keep}
    return {"kind": "split", **told}


def drawn(address, steps):
    """Return the number of a draft in which steps were done."""
    with httpx2.Client(base_url=f"{address}{API}", timeout=60) as client:
        draft = client.post("/drafts", json={"name": "拆分<b>"}).json()["id"]
        for step in steps:
            answer = client.post(f"/drafts/{draft}/operations", json=step)
            assert answer.status_code < 300, answer.text
    return draft


def published(address, draft):
    told = {
        "reason": "网格过大",
        "consulted": "两社区居委会",
        "approval": {
            "authority": "示例街道办",
            "document": "示街发〔2026〕1号",
            "date": "2026-11-20",
        },
    }
    url = f"{address}{API}/drafts/{draft}/publication"
    answer = httpx2.post(url, json=told, timeout=60)
    assert answer.status_code < 300, answer.text
    return answer.json()


def check_sheets(page: Page, count):
    """So many sheets of A3 landscape, nothing of them beyond the paper."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(_PDF_PAGE.findall(printed)) == count
    for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed):
        # A3 is 420 mm by 297 mm; a point is 1/72 inch
        assert [float(side) for side in box] == pytest.approx([1190.6, 841.9], abs=1.0)
    page.emulate_media(media="print")
    for sheet in page.locator(".sheet").all():
        assert sheet.evaluate("e => e.scrollHeight - e.clientHeight") <= 1
    page.emulate_media(media="null")
    for n in range(count):
        told = page.locator(".sheet").nth(n).locator(".imprint")
        expect(told).to_contain_text(f"第 {n + 1} 页，共 {count} 页")
        expect(told).to_contain_text("内部用图·界线不作为划界依据")
        expect(told).to_contain_text("CGCS2000")
        expect(told).to_contain_text("虚构数据")


def cells(page: Page, code):
    return page.locator(f'tr.area[data-code="{code}"]').locator("th, td").all_inner_texts()


def number(text):
    return None if text == "—" else int(text.split()[0].replace(",", ""))


def test_a_split_is_one_sheet_before_and_after_publication(address):
    for i, x in enumerate((0.25, 0.3, 0.75)):
        place = {"lon": WEST + x * STEP, "lat": SOUTH + 0.5 * STEP, "frame": "EPSG:4490"}
        row = {"source": "12345", "external_id": f"{i}", "reported_at": "2026-11-01 08:00"}
        answer = httpx2.post(f"{address}{API}/issues", json={**row, **place}, timeout=60)
        assert answer.status_code == 201, answer.text
    draft = drawn(address, [split(A, "N2", 0.5)])
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(f"{address}/desk/planner/drafts/{draft}/order")
        check_sheets(page, 1)
        expect(page.locator(".stamp")).to_contain_text(f"草案 {draft} 号《拆分<b>》，未发布")
        assert page.locator("dd.blank").count() == 4  # reason, date, consulted, approval by hand
        expect(page.locator(".owners")).to_contain_text("1 件换归属")
        expect(page.locator(".signatures p")).to_have_count(4)
        as_draft = [cells(page, code) for code in (A, "N2")]
        planned = httpx2.get(f"{address}{API}/drafts/{draft}/impact", timeout=60).json()

        assert published(address, draft)["number"] == 2
        page.goto(f"{address}/desk/planner/editions/2/order")
        check_sheets(page, 1)
        assert [cells(page, code) for code in (A, "N2")] == as_draft
        expect(page.locator("dl")).to_contain_text("网格过大")
        expect(page.locator("dl")).to_contain_text("两社区居委会")
        expect(page.locator("dl")).to_contain_text("示例街道办，示街发〔2026〕1号，2026-11-20")

        asked = {"params": {"to": 2}, "timeout": 60}
        told = httpx2.get(f"{address}{API}/editions/1/impact", **asked).json()
        [grids] = told["layers"]
        assert planned["layers"] == told["layers"]
        for area in grids["areas"]:
            row = cells(page, area["code"])
            for i, name in ((7, "area_m2"), (13, "organisations"), (15, "open_issues")):
                sides = [area[side] and round(area[side][name]) for side in ("before", "after")]
                assert [number(text) for text in row[i : i + 2]] == sides
        # three issues lay in the square; its east half took the one at 0.75
        assert [cells(page, code)[15:] for code in (A, "N2")] == [["3", "2"], ["—", "1"]]
        assert as_draft[1][:7] == ["2", "网格", A, "第1网格", "N2", "N2", "拆出"]
        assert page.locator("tr.sum td").all_inner_texts()[-2:] == ["3", "3"]
        east = page.locator(f'tr.bounds[data-code="{A}"]')
        expect(east.locator(".side-before")).to_contain_text("东与第2网格相邻")
        expect(east.locator(".side-after")).to_contain_text("东与N2相邻")
        expect(page.locator('tr.bounds[data-code="N2"] .side-before')).to_have_count(0)
        expect(page.locator(".side-before .label .code")).to_have_text([A])
        expect(page.locator(".side-after .label .code")).to_have_text([A, "N2"])
        assert all(url.startswith(f"{address}/") for url in visit.requests)
        assert page.evaluate("document.documentElement.scrollWidth") <= OFFICE_SCREEN["width"]


def test_twelve_areas_stay_on_one_sheet_and_more_continue_with_the_heading(address):
    steps = [split(code, f"M{i}", i % 4 + 0.5, i // 4) for i, code in enumerate(GRIDS[:6])]
    twelve = drawn(address, steps)
    more = [split(code, f"M{i}", i % 4 + 0.5, i // 4) for i, code in enumerate(GRIDS)] + [
        split(f"M{i}", f"K{i}", i % 4 + 0.75, i // 4) for i in range(8)
    ]
    twenty_four = drawn(address, more)
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(f"{address}/desk/planner/drafts/{twelve}/order")
        expect(page.locator("tr.area")).to_have_count(12)
        check_sheets(page, 1)
        page.goto(f"{address}/desk/planner/drafts/{twenty_four}/order")
        expect(page.locator("tr.area")).to_have_count(24)
        check_sheets(page, 2)
        expect(page.locator("thead")).to_have_count(2)
        expect(page.locator(".sheet").nth(1)).to_contain_text("（续）")
        page.locator(".language[lang=en]").click()
        expect(page.locator("h1")).to_have_text("示例区: change of boundaries")
        expect(page.locator(".signatures")).to_contain_text("Approved by")


def test_long_written_bounds_are_printed_whole(address):
    steps = [split(code, f"M{i}", i % 4 + 0.5, i // 4) for i, code in enumerate(GRIDS[:6])]
    draft = drawn(address, steps)
    codes = [code for i, code in enumerate(GRIDS[:6]) for code in (code, f"M{i}")]
    for code in codes:
        url = f"{address}{API}/drafts/{draft}/bounds-text/grid/{code}"
        told = {"zh": "长" * LONGEST_ZH, "en": "East to the road, " * (LONGEST_EN // 18)}
        assert httpx2.put(url, json=told, timeout=60).status_code == 200
    with chromium() as browser, watched(browser) as visit:
        for language in ("zh", "en"):
            page = visit.page
            page.goto(f"{address}/desk/planner/drafts/{draft}/order?lang={language}")
            sheets = page.locator(".sheet")
            expect(page.locator("tr.bounds")).to_have_count(12)
            printed = page.pdf(prefer_css_page_size=True, print_background=True)
            assert len(_PDF_PAGE.findall(printed)) == sheets.count() == 2
            page.emulate_media(media="print")
            for sheet in sheets.all():
                assert sheet.evaluate("e => e.scrollHeight - e.clientHeight") <= 1
                assert sheet.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
            page.emulate_media(media="null")


def test_what_has_no_sheet_is_refused_in_words(tmp_path):
    with open_door(tmp_path) as door:
        first = door.get("/desk/planner/editions/1/order")
        empty = door.post(f"{API}/drafts", json={"name": "空"}).json()["id"]
        assert first.status_code == 422
        assert "第 1 版" in first.text
        assert door.get(f"/desk/planner/drafts/{empty}/order").status_code == 409
        assert door.get("/desk/planner/drafts/99/order").status_code == 404
        assert door.get("/desk/planner/editions/99/order").status_code == 404


def test_the_sheet_is_a_file_at_the_terminal(tmp_path):
    with open_door(tmp_path):
        pass
    house = open_house(tmp_path)
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(B, x=1.5))
    house.close()
    out = tmp_path / "变更单.html"
    run(tmp_path, "draw", "order", "--draft", draft, "--out", out)
    assert "示例区网格变更单" in out.read_text(encoding="utf-8")
    assert "--draft" in refusal(tmp_path, "draw", "order", "--out", out)
