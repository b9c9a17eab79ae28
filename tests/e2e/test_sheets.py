"""Sheets over HTTP and at the terminal: signed once, printed again as they were, corrected."""

import io
import re
from datetime import date

import openpyxl
import pytest

from geo_service.services.sheets.figures import SheetQuery
from tests.browsers import chromium, watched
from tests.doors import open_door, problem_of
from tests.houses import CALLER, center, open_house
from tests.terminals import refusal, run

_ISSUES = "/api/v1/issues"
_PDF_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


def report(door, number, *, day="2025-06-10", **cells):
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": str(number), "reported_at": f"{day} 08:00"}
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    return door.post(_ISSUES, json={**told, **place, **cells}).json()["id"]


def test_a_signed_review_stays_as_it_was_and_a_correction_shows_ten_more(tmp_path):
    door = open_door(tmp_path)
    for i in range(4):
        report(door, i, category_major="出行停车")
    report(door, "before", day="2025-05-09")
    report(door, "last year", day="2024-06-09")
    asked = {"kind": "month", "layer": "grid", "day": "2025-06-20"}
    draft = door.get("/desk/sheets/month", params={"layer": "grid", "day": "2025-06-20"})
    assert "草稿，未签发" in draft.text
    [first] = re.findall(r'<th class="text" scope="row">第1网格</th>(.*)</tr>', draft.text)[:1]
    # 4 of this month stand beside 1 of May and 1 of June last year
    assert re.findall("<td>(.*?)</td>", first)[:5] == ["4", "1", "+300.0%", "1", "+300.0%"]
    assert "本期尚未结束" not in draft.text
    signed = door.post("/api/v1/sheets", json=asked)
    assert signed.status_code == 201, signed.text
    told = signed.json()
    assert (told["number"], told["corrects"], told["days"][0]) == (
        1,
        None,
        ["2025-06-01", "2025-06-30"],
    )
    assert [told["total"][f"received{each}"] for each in ("", "_before", "_last_year")] == [4, 1, 1]
    [top] = told["top"]
    [repeat] = told["repeats"]
    assert (repeat["category"], repeat["count"]) == ("出行停车", 4)
    page, book = "/desk/sheets/signed/1", "/api/v1/sheets/1.xlsx"
    printed, packed = door.get(page), door.get(book).content
    assert told["hash"] in printed.text
    assert problem_of(door.post("/api/v1/sheets", json=asked), 409, "sheet-unchanged")

    for i in range(10):
        report(door, f"late {i}")
    assert (door.get(page).text, door.get(book).content) == (printed.text, packed)
    again = door.post("/api/v1/sheets", json=asked).json()
    assert (again["number"], again["corrects"]) == (2, 1)
    received = [each for each in again["differences"] if each["figure"] == "received"]
    assert [(each["code"], each["was"], each["is"], each["change"]) for each in received] == [
        (None, 4, 14, 10),
        (top, 4, 14, 10),
    ]
    correction = door.get("/desk/sheets/signed/2").text
    assert "更正版" in correction
    assert "+10" in correction
    assert (door.get(page).text, door.get(book).content) == (printed.text, packed)
    listed = door.get("/api/v1/sheets").json()["items"]
    assert [(each["number"], each["corrects"]) for each in listed] == [(2, 1), (1, None)]
    assert door.get("/api/v1/sheets/1").json()["figures"]["total"]["received"] == 4
    problem_of(door.get("/api/v1/sheets/3"), 404, "sheet-not-found")
    assert door.get("/desk/sheets/signed/3").status_code == 404
    assert door.get("/desk/sheets/year", params={"day": "2025-06-20"}).status_code == 422
    sheet = openpyxl.load_workbook(io.BytesIO(packed)).active
    assert sheet["A1"].value.endswith("月点评")

    rates = door.get("/api/v1/rates/grid", params={"from": "2025-06-01", "to": "2025-06-30"})
    assert rates.json()["total"]["received"] == 14
    assert rates.json()["total"]["response_rate"]["share"] is None
    assert rates.json()["definitions"]["resolution_rate"]["title"] == "解决率"
    saved = door.get("/api/v1/rates/grid.csv", params={"from": "2025-06-01", "to": "2025-06-30"})
    assert saved.content.startswith("\ufeff编码,名称".encode())
    workbook = door.get("/api/v1/rates/grid.xlsx", params={"group": "category_source"})
    assert workbook.content[:2] == b"PK"


def test_the_terminal_draws_signs_lists_and_prints_again(tmp_path):
    door = open_door(tmp_path)
    for i in range(3):
        report(door, i)
    door.close()
    out = tmp_path / "月点评.html"
    run(tmp_path, "sheets", "draw", "month", "grid", "--day", "2025-06-20", "--out", out)
    assert "草稿" in out.read_text(encoding="utf-8")
    said = run(tmp_path, "sheets", "sign", "week", "grid", "--day", "2025-06-10")
    assert "已签发第 1 号" in said
    assert " 1 " in run(tmp_path, "sheets", "list")
    copies = []
    for name in ("一.xlsx", "二.xlsx"):
        run(tmp_path, "sheets", "reprint", "1", "--out", tmp_path / name)
        copies.append((tmp_path / name).read_bytes())
    assert copies[0] == copies[1]
    assert "没有第 9 号" in refusal(tmp_path, "sheets", "reprint", "9", "--out", out)
    days = ("--from", "2025-06-01", "--to", "2025-06-30")
    said = run(tmp_path, "rates", "community", *days, "--tier-hours", "--printed", "grid=34.5")
    assert "响应率：" in said
    assert "所印 grid 34.5%" in said
    table = tmp_path / "办理.csv"
    run(tmp_path, "rates", "community", *days, "--group", "category", "--out", table)
    assert "未分类" in table.read_text(encoding="utf-8-sig")
    assert "--from" in refusal(tmp_path, "rates", "grid", "--from", "yesterday")


def test_sheets_are_reached_from_the_desks_with_what_these_show(tmp_path):
    door = open_door(tmp_path)
    report(door, 1, category_major="出行停车")
    start = door.get("/").text
    for kind in ("day", "week", "month", "quarter"):
        assert f'formaction="/desk/sheets/{kind}"' in start
        assert f'href="/desk/sheets/{kind}?lang=zh"' in door.get("/desk/dispatch").text
        drawn = door.get(f"/desk/sheets/{kind}", params={"lang": "en"})
        assert (drawn.status_code, "Draft, not signed" in drawn.text) == (200, True)
    assert "<option>出行停车</option>" in start
    assert 'formaction="/api/v1/rates/community.xlsx"' in start
    shown = {"layer": "community", "from": "2025-06-09", "to": "2025-06-10"}
    asked = {**shown, "category": "出行停车", "source": "complaint"}
    desk = door.get("/desk/hotspots", params=asked).text
    assert 'href="/desk/sheets/week?layer=community&amp;day=2025-06-10&amp;lang=zh"' in desk
    [table] = re.findall(r'href="(/api/v1/rates/community.xlsx[^"]*)"', desk)
    told = door.get(table.replace("&amp;", "&").replace(".xlsx", "")).json()
    assert (told["from"], told["total"]["received"]) == ("2025-06-08T16:00:00Z", 1)
    assert "/desk/hotspots" not in door.get("/desk/sheets/day").text.partition("<body>")[0]


def test_a_period_that_is_not_over_says_so_and_a_day_is_yesterday_unless_told(tmp_path):
    door = open_door(tmp_path)
    to_come = door.get("/desk/sheets/month", params={"day": "2190-06-20"})
    assert "本期尚未结束" in to_come.text
    text = door.get("/desk/sheets/day").text
    assert "本期尚未结束" not in text  # yesterday is over
    [day] = re.findall(r'name="day" value="([\d-]+)"', text)
    assert f"统计时段 {day} ·" in text


def test_a_signed_sheet_fits_the_width_of_a4_and_leads_nowhere(tmp_path):
    door = open_door(tmp_path)
    for i in range(3):
        report(door, i, category_major="出行停车")
    for i, language in enumerate(("zh", "en"), start=1):
        kind = {"zh": "month", "en": "quarter"}[language]
        asked = {"kind": kind, "layer": "grid", "day": "2025-06-20", "lang": language}
        assert door.post("/api/v1/sheets", json=asked).status_code == 201
        text = door.get(f"/desk/sheets/signed/{i}").text
        assert "<a " not in text
        assert "<form" not in text
        file = tmp_path / f"{language}.html"
        file.write_text(text, encoding="utf-8")
        with chromium() as browser, watched(browser) as visit:
            page = visit.page
            page.goto(file.as_uri())
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 688, "height": 900})  # 182 mm between the margins
            assert page.evaluate("document.documentElement.scrollWidth") <= 688
            headings = page.locator("thead th").evaluate_all(
                "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
            )
            assert headings == []
            box = re.search(
                rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True)
            )
            assert [round(float(side)) for side in box.groups()] == [595, 842]


def test_a_sheet_narrowed_to_a_category_and_a_source_says_so_and_is_signed_beside_the_whole(
    tmp_path,
):
    door = open_door(tmp_path)
    for i in range(4):
        report(door, i, category_major="出行停车")
    report(door, "patrol", category_major="出行停车", source="patrol")
    report(door, "other", category_major="养老")
    shown = {"layer": "grid", "day": "2025-06-20"}
    narrow = {"category": "出行停车", "source": "patrol"}
    asked = {"kind": "month", **shown}
    draft = door.get("/desk/sheets/month", params={**shown, **narrow}).text
    assert re.search(r"<h1>.*月点评（出行停车 · 巡查发现）</h1>", draft)
    assert "<option selected>出行停车</option>" in draft
    assert '<option value="patrol" selected>' in draft
    # by the office's word, and where no issue has it, the choice stands as well
    spoken = door.get(
        "/desk/sheets/month", params={**shown, "category": "养老", "source": "传感器"}
    )
    assert '<option value="sensor" selected>' in spoken.text
    assert "<option selected>养老</option>" in spoken.text
    whole = door.post("/api/v1/sheets", json=asked).json()
    parking = door.post("/api/v1/sheets", json={**asked, "category": "出行停车"}).json()
    both = door.post("/api/v1/sheets", json={**asked, **narrow}).json()
    assert [each["total"]["received"] for each in (whole, parking, both)] == [6, 5, 1]
    # none of them corrects another, each is the first of its own
    assert [each["corrects"] for each in (whole, parking, both)] == [None] * 3
    assert "narrowed" not in whole
    assert parking["narrowed"] == {"category": "出行停车"}
    assert [each["category"] for each in parking["repeats"]] == ["出行停车"]
    assert both["repeats"] == []
    problem_of(door.post("/api/v1/sheets", json={**asked, **narrow}), 409, "sheet-unchanged")
    report(door, "late", category_major="出行停车", source="patrol")
    again = door.post("/api/v1/sheets", json={**asked, **narrow}).json()
    assert (again["corrects"], again["number"]) == (3, 4)
    assert door.post("/api/v1/sheets", json=asked).json()["corrects"] == 1
    listed = door.get("/api/v1/sheets").json()["items"]
    assert [each["narrowed"] for each in listed] == [
        {},
        narrow,
        narrow,
        {"category": "出行停车"},
        {},
    ]
    kept = door.get("/api/v1/sheets/3").json()
    assert (kept["narrowed"], kept["figures"]["narrowed"]) == (narrow, narrow)
    assert "月点评（出行停车 · 巡查发现）" in door.get("/desk/sheets/signed/3").text
    book = openpyxl.load_workbook(io.BytesIO(door.get("/api/v1/sheets/3.xlsx").content))
    assert "（出行停车 · 巡查发现）" in book.active["A1"].value
    in_english = door.get("/desk/sheets/month", params={**shown, **narrow, "lang": "en"}).text
    assert "Monthly review (" in in_english


def test_a_sheet_is_not_narrowed_to_what_nobody_knows(tmp_path):
    door = open_door(tmp_path)
    asked = {"kind": "day", "layer": "grid", "day": "2025-06-20"}
    problem_of(
        door.post("/api/v1/sheets", json={**asked, "category": "没有的"}), 422, "invalid-value"
    )
    problem_of(
        door.post("/api/v1/sheets", json={**asked, "source": "没有的"}), 422, "invalid-value"
    )
    page = door.get("/desk/sheets/day", params={"layer": "grid", "category": "没有的"})
    assert page.status_code == 422
    assert "大类" in page.text
    assert door.get("/api/v1/sheets").json()["items"] == []


def test_narrowed_sheets_at_the_terminal(tmp_path):
    door = open_door(tmp_path)
    report(door, 1, category_major="出行停车")
    door.close()
    out, day = tmp_path / "表.html", ("--day", "2025-06-10")
    narrow = ("--category", "出行停车")
    run(tmp_path, "sheets", "draw", "week", "grid", *day, *narrow, "--out", out)
    assert "周调度（出行停车）" in out.read_text(encoding="utf-8")
    run(tmp_path, "sheets", "sign", "week", "grid", *day, *narrow)
    assert "出行停车" in run(tmp_path, "sheets", "list")
    assert "source" in refusal(tmp_path, "sheets", "sign", "week", "grid", "--source", "x")


@pytest.mark.parametrize(("profile", "language"), [("x-street", "en"), ("shanghai-grid", "zh")])
def test_a_sheet_of_thirty_communities_is_two_pages_of_a4(tmp_path, profile, language):
    house = open_house(tmp_path, profile=profile)
    house.demonstrations.load(CALLER, total=6000)
    files = []
    for kind in ("day", "week", "month", "quarter"):
        query = SheetQuery(kind, "community", date(2026, 11, 20), language)
        files.append(tmp_path / f"{kind}.html")
        files[-1].write_text(house.sheets.page(CALLER, query), encoding="utf-8")
    house.close()
    with chromium() as browser, watched(browser) as visit:
        for file in files:
            page = visit.page
            page.goto(file.as_uri())
            page.set_viewport_size({"width": 688, "height": 900})
            page.emulate_media(media="print")
            assert page.evaluate("document.documentElement.scrollWidth") <= 688
            headings = page.locator("thead th").evaluate_all(
                "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
            )
            assert headings == []
            assert page.locator(".areas tbody tr").count() >= 29 + 2
            printed = page.pdf(prefer_css_page_size=True)
            assert (file.name, len(_PDF_PAGE.findall(printed))) == (file.name, 2)
