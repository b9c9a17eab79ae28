"""What a planner sees before anything is drawn, and the way round the desk by keys and by name."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browsers import chromium, watched
from tests.drafting import A, B
from tests.e2e.planners import box, drafted, middle, opened, published, tell
from tests.houses import center
from tests.served import served_street

pytestmark = pytest.mark.sqlite

DESKS = ("hotspots", "dispatch", "planner", "coverage", "handover")
SCREENS = ((1280, 720), (1920, 1080), (1024, 768))
MERGE = {"kind": "merge", "codes": [A, B], "into": A}

UNNAMED = """() => {
  const text = (one) => (one ? one.textContent.trim() : "");
  const name = (one) =>
    one.getAttribute("aria-label") || text(one) || Array.from(one.labels || [], text).join("");
  const wanted = "button, a[href], input, select, textarea, summary, [tabindex='0'], [role=slider]";
  return Array.from(document.querySelectorAll(wanted))
    .filter((one) => one.getClientRects().length && !name(one))
    .map((one) => one.outerHTML.slice(0, 100));
}"""


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    with served_street(tmp_path) as found:
        yield found


def report(address, *cells):
    """Take issues in, one in the middle of each grid (column, row)."""
    for number, cell in enumerate(cells):
        lon, lat = center(*cell)
        place = {"lon": lon, "lat": lat, "frame": "EPSG:4490", "reported_at": "2026-11-01 08:00"}
        tell(address, "/issues", {"source": "12345", "external_id": str(number), **place})


def test_edition_drafts_locked_layers_and_balance_are_there_before_anything_is_drawn(address):
    report(address, (0, 0), (0, 0), (0, 0), (1, 0), (0, 1), (1, 1))
    drafted(address, name="三季度")
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        expect(page.locator(".facts")).to_contain_text("第 1 版")
        expect(page.locator("[name=draft] option")).to_have_text(["— 选择草案 —", "1 三季度"])
        expect(page.locator(".locked")).to_have_text("法定界线已锁定：区、街道、社区")
        rows = page.locator(".balance tbody tr")
        expect(rows.locator("th")).to_have_text(["全部", "西社区", "东社区"])
        # three issues in one grid and one in each of the others: three times as many
        expect(rows.nth(1).locator("td").last).to_contain_text("×3.00")
        expect(rows.nth(1).locator("td").last).to_contain_text("1–3")
        page.set_viewport_size({"width": 1280, "height": 720})
        assert rows.nth(2).bounding_box()["y"] < 720  # pixels: in view without scrolling
        rows.nth(1).locator("td button").last.click()
        expect(page.locator(".chosen li")).to_have_text([f"第1网格 {A}×"])


def test_the_balance_of_what_is_drawn_stands_beside_that_of_what_is(address):
    report(address, (0, 0), (1, 0), (0, 1), (1, 1))
    draft = drafted(address, MERGE)
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address, draft)
        touched = page.locator(".balance tr.touched")
        expect(touched.locator("th")).to_have_text("西社区")
        expect(touched.locator("td").last).to_contain_text("×1.00")
        # one grid has the issues of two, the others one each
        expect(touched.locator(".then").last).to_have_text("→ ×2.00")
        page.keyboard.press("Control+z")
        expect(page.locator(".balance tr.touched")).to_have_count(0)


def test_the_help_opens_by_key_and_gives_the_focus_back(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        page.keyboard.press("?")
        expect(page.locator("dialog.help")).to_be_visible()
        told = page.locator("dialog.help").inner_text()
        assert {"S", "M", "G", "B", "N", "C", "?"} <= set(told.split())
        page.keyboard.press("Escape")
        expect(page.locator("dialog.help")).to_be_hidden()
        expect(page.locator(".open-help")).to_be_focused()
        page.locator("[name=draft]").focus()
        page.keyboard.press("Tab")
        expect(page.locator("button.begin")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator("button.compare")).to_be_focused()


def test_every_control_has_a_name_and_nothing_is_wider_than_the_screen(address):
    published(address, drafted(address, MERGE))
    draft = drafted(address, {"kind": "rename", "code": A, "name": "西南", "to": A})
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address, draft)
        page.locator(".editions summary").click()
        page.locator(".publish summary").click()
        page.mouse.click(*middle(box(page, A)))
        page.locator("button.compare").click()
        expect(page.locator(".compare-bar")).to_be_visible()
        assert page.evaluate(UNNAMED) == []
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            wider = "one => one.scrollWidth - one.clientWidth"
            assert page.locator("html").evaluate(wider) <= 0, width
            assert page.locator(".work").evaluate(wider) <= 0, width
            assert page.locator("header.top").evaluate(wider) <= 0, width


def test_every_desk_and_the_start_page_lead_to_the_planner(address):
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="zh-CN")
        page.goto(f"{address}/")
        expect(page.locator('a[href="/desk/planner?lang=zh"]')).to_be_visible()
        for desk in DESKS:
            page.goto(f"{address}/desk/{desk}")
            page.locator("nav details.menu summary", has_text="工作台").click()
            led = page.locator("nav details[open].menu a")
            expect(led).to_have_count(len(DESKS) - 1)
            hrefs = {each.get_attribute("href") for each in led.all()}
            assert hrefs == {f"/desk/{each}?lang=zh" for each in DESKS if each != desk}
            assert page.locator("header.top").evaluate("one => one.scrollWidth - innerWidth") <= 0
