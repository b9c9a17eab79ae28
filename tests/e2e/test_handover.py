"""The sheet of a handover in Chromium: one A4 whatever waits, nothing cut off, keys that print."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from geo_service.governance.clock.shifts import Turn
from geo_service.maps.handover.page import render_handover
from geo_service.maps.handover.view import (
    EditionNews,
    HandoverView,
    NamedCount,
    ShiftFigures,
    Trouble,
    WaitingGroup,
    WaitingIssue,
)
from tests.browsers import OFFICE_SCREEN, chromium, watched
from tests.doors import open_door, problem_of
from tests.e2e.test_dispatch_desk import address
from tests.houses import center
from tests.terminals import refusal, run

__all__ = ["address"]  # the fixture of the dispatch desk's own tests

_PDF_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
NASTY = "<script>hacked = 1</script>{{ 7 * 7 }}\"'" + "很长的名称" * 9


def report(address, numbers):
    rows = []
    for number in numbers:
        lon, lat = center(number % 4, number % 2)
        place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
        at = f"2025-06-{1 + number % 28:02d} 08:{number % 60:02d}"
        rows.append({"source": "12345", "external_id": f"GD{number}", "reported_at": at, **place})
    url = f"{address}/api/v1/issues/batch"
    answer = httpx2.post(url, json={"issues": rows}, timeout=120)
    assert answer.status_code == 200, answer.text


def check_one_sheet(page: Page):
    """One A4, and nothing of it beyond the paper."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(_PDF_PAGE.findall(printed)) == 1
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    # A4 is 210 mm by 297 mm; a point is 1/72 inch
    assert [float(side) for side in box.groups()] == pytest.approx([595.3, 841.9], abs=1.0)
    page.emulate_media(media="print")
    sheet = page.locator("#sheet")
    assert sheet.evaluate("e => e.scrollHeight - e.clientHeight") <= 1
    assert page.locator(".ruled").bounding_box()["height"] > 40  # room for two lines by hand
    page.emulate_media(media="null")


def test_it_is_one_sheet_with_nothing_with_twelve_and_with_a_thousand_waiting(address):
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        for numbers, shown, more in (
            (range(0), 0, 0),
            (range(12), 12, 0),
            (range(12, 1000), 27, 973),
        ):
            report(address, numbers) if numbers else None
            page.goto(f"{address}/desk/handover")
            expect(page.locator(".issues tbody tr")).to_have_count(shown)
            if more:
                expect(page.locator(".more")).to_contain_text(f"另有 {more} 件未列出")
            check_one_sheet(page)
        told = httpx2.get(f"{address}/api/v1/queue", timeout=60).json()["counts"]
        tiles = page.locator(".tiles b").all_inner_texts()[5:]
        names = ("all", "urgent", "overdue", "today", "due_soon")
        assert [tiles[i] for i in (0, 1, 2, 4, 5)] == [f"{told[name]:,}" for name in names]
        assert all(url.startswith(f"{address}/") for url in visit.requests)
        assert page.evaluate("document.documentElement.scrollWidth") <= OFFICE_SCREEN["width"]


def test_the_print_button_answers_to_the_keyboard_and_the_page_speaks_english(address):
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.add_init_script("window.print = () => { window.isPrinted = true; };")
        page.goto(f"{address}/desk/handover")
        expect(page.locator("[data-print]")).to_be_focused()
        page.keyboard.press("Enter")
        assert page.evaluate("window.isPrinted")
        page.locator(".language[lang=en]").click()
        expect(page.locator("h1")).to_have_text("Handover · 示例区")
        expect(page.locator(".signatures")).to_contain_text("Taken over by")


def crowded_view(language):
    """Return a view in which everything has as much to say as it may."""
    issue = WaitingIssue(
        id=2**40,
        source="12345",
        external_id=NASTY,
        category_major=NASTY,
        category_minor=None,
        owners=[NASTY, NASTY],
        unit=NASTY,
        state=NASTY,
        place_status="ambiguous",
        rule="boundary",
        is_questioned=True,
        waited_for=3,
        marks=["催办", "督办", "领导批示", "疑难件"],
        deadline=NASTY,
        due_s=1_795_000_000,
        is_urgent=True,
        is_provisional=True,
    )
    named = [NamedCount(f"{i}", "一个名称很长的步骤", 12_345) for i in range(12)]
    names = ("urgent", "overdue", "due_next", "today", "due_soon")
    kinds = ("updated", "reopened", "reassigned", "recomputed", "attached")
    groups = (
        *("new", "without_owner", "check_in", "returned", "marked", "suspended", "provisional"),
    )
    return HandoverView(
        language=language,
        place="示例街道第一片区、示例街道第二片区、示例街道第三片区",
        edition=12_345,
        now_s=1_795_190_400,
        turn=Turn(1_795_000_000, 1_795_190_400, 1_795_250_000),
        figures=ShiftFigures(*(123_456,) * 8, steps=named, events=dict.fromkeys(kinds, 123_456)),
        editions=[EditionNews(i, 1_795_000_000 + i, is_ahead=True) for i in range(5)],
        counts={"all": 10**6, "listed": 10**6, **dict.fromkeys(names, 10**6)},
        groups=[WaitingGroup(name, 10**6, [NASTY] * 3, named[:4]) for name in groups],
        issues=[issue] * 100,
        troubles=[Trouble("webhook_dead", NASTY, NASTY)] * 9,
        unit=NASTY,
        is_fictional=True,
        notices=[
            "演示模式·未启用权限·请勿录入真实数据",
            "本系统为非涉密系统，严禁存储、处理、传输国家秘密",
        ],
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whatever_has_to_be_said_stays_on_the_sheet_and_is_only_shown(tmp_path, language):
    file = tmp_path / "sheet.html"
    file.write_text(render_handover(crowded_view(language), is_standalone=True), encoding="utf-8")
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(file.as_uri())
        check_one_sheet(page)
        assert page.evaluate("typeof hacked") == "undefined"
        rows = page.locator(".issues tbody tr").count()
        assert rows >= 3
        expect(page.locator(".more")).to_contain_text(f"{10**6 - rows:,}")
        assert visit.requests == [file.as_uri()]


def test_the_sheet_over_http_and_at_the_terminal(tmp_path):
    door = open_door(tmp_path)
    lon, lat = center(0, 0)
    row = {"source": "12345", "external_id": "7", "reported_at": "2025-06-10 08:00"}
    door.post("/api/v1/issues", json={**row, "lon": lon, "lat": lat, "frame": "EPSG:4490"})
    told = door.get("/api/v1/handover").json()
    assert (told["counts"]["overdue"], told["counts"]["listed"], told["more"]) == (1, 1, 0)
    assert [(each["external_id"], each["due"]) for each in told["items"]] == [
        ("7", "2025-06-10T03:00:00Z")  # two working hours after 09:00 in Shanghai
    ]
    assert told["groups"] == [{"name": "new", "count": 1, "parts": {}, "numbers": ["7"]}]
    problem_of(door.get("/api/v1/handover", params={"since": "2099-01-01"}), 422, "invalid-value")
    problem_of(door.get("/api/v1/handover", params={"since": "x"}), 422, "invalid-value")
    assert door.get("/desk/handover", params={"since": "x"}).status_code == 422
    assert "交接班单" in door.get("/desk/handover", params={"since": ""}).text
    door.close()
    out = tmp_path / "交接班.html"
    run(tmp_path, "draw", "handover", "--out", out)
    assert "超期" in out.read_text(encoding="utf-8")
    assert "--since" in refusal(tmp_path, "draw", "handover", "--out", out, "--since", "x")
