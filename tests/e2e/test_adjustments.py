"""The pack of a year in Chromium, over HTTP and at the terminal."""

import csv
import io
import re
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np
import pytest
import shapely
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.adjusted_houses import E_CODE, FORMULA, adjust, first_of
from tests.browsers import OFFICE_SCREEN, chromium, watched
from tests.doors import open_door, problem_of
from tests.drafting import A, C
from tests.houses import CALLER, SOUTH, STEP, WEST, Clock, grid_code, open_house
from tests.served import served
from tests.terminals import refusal, run

PACK = "/desk/planner/adjustments?year=2026"
API = "/api/v1/adjustments"
# ISO 216, in points of 1/72 inch
A3_LANDSCAPE, A4_PORTRAIT = (1190.6, 841.9), (595.3, 841.9)


@pytest.fixture
def folder(tmp_path):
    """A street that three editions changed, with bodies that answer for it."""
    clock = Clock()
    house = open_house(tmp_path, clock=clock)
    adjust(house, clock)
    for code, layer, area, post in (
        ("C-P", "community", "9990010101", ""),
        ("G-P", "grid", A, "网格党支部书记×1"),
    ):
        told = {"code": code, "name": f"{code}党组织", "kind": "branch", "layer": layer}
        told |= {"area": area, "founded": "2020-01-01", "from": "2020-01-01", "post": post}
        house.registers.record(CALLER, "party_organisation", {**told, "duty_phone": "000-1"})
    house.close()
    return tmp_path


@pytest.fixture
def address(folder):
    with served(folder) as found:
        yield found


@contextmanager
def opened(folder):
    """Serve the house in a folder and open its pack."""
    with (
        served(folder) as address,
        chromium() as browser,
        watched(browser) as visit,
    ):
        visit.page.goto(f"{address}{PACK}")
        yield visit.page


def check_paper(page: Page, expected):
    """Pages of exactly these sizes, nothing of them beyond the paper."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert len(boxes) == len(expected)
    for box, size in zip(boxes, expected, strict=True):
        assert [float(side) for side in box] == pytest.approx(size, abs=1.0)
    page.emulate_media(media="print")
    for sheet in page.locator(".sheet").all():
        beyond = sheet.evaluate(
            "e => Math.max(e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth)"
        )
        assert beyond <= 1
    page.emulate_media(media="null")


def notice(page: Page, code):
    return page.locator(f'.notice[data-code="{code}"]')


def fact(page: Page, code, name):
    rows = notice(page, code).locator("dl div").filter(has=page.get_by_text(name, exact=True))
    return rows.locator("dd").inner_text()


def test_a_year_is_one_a3_of_tables_and_one_a4_for_each_grid_that_changed(address):
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(f"{address}{PACK}")
        check_paper(page, [A3_LANDSCAPE, *[A4_PORTRAIT] * 4])
        expect(page.locator("h1").first).to_have_text("示例区网格调整")
        expect(page.locator(".tables .imprint")).to_contain_text("第 1 页，共 1 页")
        assert page.locator(".pack-table.changes tbody tr").count() == 5
        for sheet in page.locator(".notice").all():
            told = sheet.locator(".imprint")
            for text in ("第 1 页，共 1 页", "CGCS2000", "内部用图·界线不作为划界依据", "虚构数据"):
                expect(told).to_contain_text(text)
        assert fact(page, A, "四至") == "东与N1相邻，南至虚构河，西至区界，北至示例大街"
        assert fact(page, A, "生效日期") == "2026-03-01"
        assert fact(page, A, "调整原因") == "网格过大"
        assert fact(page, A, "户数／居民") == "户数 40 → 20 估；居民 101 → 51 估"
        assert fact(page, C, "来源（占面积）") == (
            f"第5网格 {C} 50.0%、第6网格 {grid_code(1, 1)} 50.0%"
        )
        # its own office is not known: the phone of its body, and for N1 of the community's
        assert fact(page, A, "咨询") == "G-P党组织 000-1"
        assert fact(page, "N1", "咨询") == "C-P党组织 000-1"
        expect(notice(page, A).locator(".bodies")).to_contain_text("网格党支部书记×1")
        assert fact(page, E_CODE, "原名称") == "第3网格"
        expect(notice(page, E_CODE).locator("h1")).to_have_text(FORMULA)
        expect(notice(page, E_CODE).locator("dd.blank")).to_have_count(1)  # where to ask, by hand
        # A keeps the west of its square: three named buildings; C has nine and two without a name
        expect(notice(page, A).locator("h2")).to_have_text("楼栋（3 栋）")
        expect(notice(page, C).locator("h2")).to_have_text("楼栋（10 栋，其中 2 栋无名称）")
        assert notice(page, C).locator(".houses span").count() == 8
        expect(notice(page, C).locator(".houses")).to_contain_text("〔原第6网格〕")
        for code in (A, C, "N1"):
            expect(notice(page, code).locator("path.own")).to_have_count(1)
            expect(notice(page, code).locator("path.old")).to_have_count(1)
        expect(notice(page, A).locator(".road-name")).to_have_text(["示例大街", "虚构河"])
        assert all(url.startswith(f"{address}/") for url in visit.requests)
        assert page.evaluate("document.documentElement.scrollWidth") <= OFFICE_SCREEN["width"]

        page.locator(".language[lang=en]").click()
        expect(page.locator("h1").first).to_have_text("示例区: changes of grids")
        expect(notice(page, A).locator(".imprint")).to_contain_text("page 1 of 1")
        check_paper(page, [A3_LANDSCAPE, *[A4_PORTRAIT] * 4])


def test_a_long_list_of_buildings_goes_on_under_a_heading(folder):
    house = open_house(folder)
    shapes = [
        shapely.box(x, y, x + STEP / 200, y + STEP / 200)
        for x in np.linspace(WEST + STEP / 50, WEST + 0.45 * STEP, 20)
        for y in np.linspace(SOUTH + STEP / 50, SOUTH + 0.95 * STEP, 20)
    ]
    names = [f"虚构里第{i}号院某某楼" for i in range(len(shapes))]
    house.figures.replace_references(
        CALLER, "building", names=names, geometries=np.array(shapes, dtype=object)
    )
    house.close()
    with opened(folder) as page:
        sheets = notice(page, A)
        count = sheets.count()
        # 400 names of about 45 mm: four in a line of 190 mm, 5.4 mm each, on 275 mm of a page
        assert count in (3, 4)
        check_paper(page, [A3_LANDSCAPE, *[A4_PORTRAIT] * (3 + count)])
        assert sheets.locator(".houses span").all_inner_texts() == names
        for n in range(count):
            expect(sheets.nth(n).locator("h2")).to_contain_text("楼栋（400 栋）")
            expect(sheets.nth(n).locator(".imprint")).to_contain_text(
                f"第 {n + 1} 页，共 {count} 页"
            )
        expect(sheets.nth(1).locator("h2")).to_contain_text("（续）")


def test_every_sheet_of_one_community_can_be_asked_for(address):
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(f"{address}/desk/planner")
        page.locator("a.adjustments").click()
        expect(page.locator(".choice")).to_be_visible()
        page.locator(".choice [name=from]").fill("2026-01-01")
        page.locator(".choice [name=to]").fill("2026-12-31")
        page.locator(".choice [name=parent]").fill("9990010102")
        page.locator(".choice [name=all]").check()
        page.locator(".choice button").click()
        expect(page.locator(".notice")).to_have_count(4)
        check_paper(page, [A3_LANDSCAPE, *[A4_PORTRAIT] * 4])
        assert fact(page, grid_code(3, 0), "变更") == "本期未调整"
        link = page.locator("a.workbook").get_attribute("href")
        saved = httpx2.get(f"{address}{link}", timeout=60)
        assert load_workbook(io.BytesIO(saved.content)).sheetnames[0] == "网格调整总表"

        page.goto(f"{address}/desk/planner/adjustments?from=2026-01-01&to=2026-02-01")
        expect(page.locator(".nothing")).to_contain_text("没有区域有变化")
        expect(page.locator(".sheet")).to_have_count(0)
        expect(page.locator(".workbook")).to_have_count(0)


def test_a_village_of_much_text_still_has_one_page(folder):
    clock = Clock(first_of(2026, 10))
    house = open_house(folder, clock=clock)
    told = {
        "layer": "community",
        "area": "9990010101",
        "kind": "branch",
        "post": "书记与副书记" * 3,
    }
    told |= {"founded": "2020-01-01", "from": "2020-01-01", "duty_phone": "000-1234-5678 转 9"}
    for i in range(9):
        name = f"第{i}个名称非常非常长的示例党组织委员会下设联合支部委员会"
        house.registers.record(
            CALLER, "party_organisation", {**told, "code": f"X{i}", "name": name}
        )
    house.close()
    with opened(folder) as page:
        check_paper(page, [A3_LANDSCAPE, *[A4_PORTRAIT] * 4])


def test_workbook_and_lists_are_answered_and_what_is_unclear_is_a_problem(folder):
    door = open_door(folder, is_published=False)
    book = load_workbook(io.BytesIO(door.get(f"{API}.xlsx", params={"year": 2026}).content))
    assert book.sheetnames == ["网格调整总表", "新旧编码对照", "楼栋清单", "合计"]
    english = {"before": 1, "after": 2, "lang": "en"}
    saved = door.get(f"{API}/changes.csv", params=english).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(saved)))
    assert [(row["old code"], row["new code"]) for row in rows] == [(A, A), (A, "N1")]
    saved = door.get(f"{API}/changes.csv", params={"year": 2026}).content.decode("utf-8-sig")
    assert f"'{FORMULA}" in saved
    for asked, status, slug in (
        ({"year": 2025}, 422, "invalid-period"),
        ({"from": "2026-01-01", "to": "2026-02-01"}, 422, "invalid-period"),
        ({"year": 2026, "before": 1}, 422, "invalid-value"),
        ({"before": 9}, 404, "edition-not-found"),
        ({"year": 2026, "layer": "planet"}, 404, "unknown-layer"),
        ({"year": "x"}, 422, "invalid-request"),
        ({"from": "2026-05-01", "to": "2026-04-01"}, 422, "invalid-period"),
    ):
        problem_of(door.get(f"{API}.xlsx", params=asked), status, slug)
    problem_of(door.get(f"{API}/roads.csv"), 422, "invalid-request")
    page = door.get("/desk/planner/adjustments", params={"year": 2026, "parent": "000"})
    assert page.status_code == 404
    assert door.get("/desk/planner/adjustments?before=2&after=1").status_code == 422


def test_the_terminal_tells_writes_and_draws_files_that_need_nothing_else(folder):
    told = run(folder, "editions", "adjustments", "--year", "2026")
    assert "网格过大" in told
    assert "第 1 版" in told
    out = folder / "调整.xlsx"
    run(folder, "editions", "adjustments", "--year", "2026", "--out", out)
    assert load_workbook(out).sheetnames[-1] == "合计"
    run(folder, "editions", "adjustments", "--before", "1", "--out", folder / "lists")
    assert {path.name for path in (folder / "lists").iterdir()} == {
        "网格调整总表.csv",
        "新旧编码对照.csv",
        "楼栋清单.csv",
        "合计.csv",
    }
    page = folder / "调整.html"
    assert "4 张公示单" in run(folder, "draw", "adjustments", "--year", "2026", "--out", page)
    assert "4 张公示单" in run(
        folder, "draw", "adjustments", "--year", "2026", "--out", folder / "sheets"
    )
    assert len(list((folder / "sheets").glob("*.html"))) == 5
    with chromium() as browser, watched(browser) as visit:
        visit.page.goto(Path(page).as_uri())
        check_paper(visit.page, [A3_LANDSCAPE, *[A4_PORTRAIT] * 4])
        [sheet] = (folder / "sheets").glob("N1*.html")
        visit.page.goto(sheet.as_uri())
        check_paper(visit.page, [A4_PORTRAIT])
        assert all(url.startswith("file:") for url in visit.requests)
    for words, expected in (
        (
            ("editions", "adjustments", "--from", "2026-01-01", "--to", "2026-02-01"),
            "没有区域有变化",
        ),
        (("editions", "adjustments", "--year", "2026", "--out", folder / "x.docx"), "--out"),
        (("draw", "adjustments", "--year", "2026", "--out", folder / "x.pdf"), "--out"),
        (("draw", "adjustments", "--year", "2023", "--out", page), "before=1"),
    ):
        assert expected in refusal(folder, *words)
