"""The hotspot page in Chromium: first screen, one selection everywhere, nothing from outside."""

import json
import re
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from geo_service.maps.hotspots.page import render_hotspots
from tests.browsers import OFFICE_SCREEN, Visit, chromium, settle, watched
from tests.hotspot_views import small_view, street_view

ROOT = Path(__file__).resolve().parents[2]
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
NASTY = "<img src=x onerror=hacked=1></script><script>hacked=1</script>"
VIEWS = {
    "/desk/hotspots": street_view,
    "/nasty": lambda: small_view([NASTY, "乙"], place=NASTY),
    "/english": lambda: street_view(language="en", measure="per_1000_residents"),
}


@cache
def _drawn(path: str) -> bytes:
    return render_hotspots(VIEWS[path](), standalone=False).encode()


class _Handler(BaseHTTPRequestHandler):
    """The service's part of the page: the page itself, its assets, and issues in two pages."""

    def do_GET(self):
        address = urlsplit(self.path)
        if address.path.startswith("/static/"):
            file = ROOT / address.path[1:]
            self._answer(file.read_bytes(), MEDIA_TYPES[file.suffix])
        elif address.path == "/api/v1/issues":
            self._answer(json.dumps(_issues(parse_qs(address.query))).encode(), "application/json")
        elif address.path in VIEWS:
            self._answer(_drawn(address.path), "text/html; charset=utf-8")
        else:
            self.send_error(404)

    def _answer(self, body, media_type):
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep the test's output clean."""


def _issues(query):
    first = 3 if query.get("after") == ["page-2"] else 0
    return {
        "items": [
            {
                "id": i,
                "external_id": f"X-{query['area'][0]}-{i}",
                "reported_at": "2026-11-18T16:30:00Z",
                "category_major": "环境与垃圾分类",
                "category_minor": None,
                "title": NASTY if i == 0 else None,
                "status": "open",
                "rule": "boundary" if i == 1 else "assigned",
                "assignment_status": ["ambiguous", "boundary", "assigned"][i % 3],
            }
            for i in range(first, first + 3)
        ],
        "next": None if first else "page-2",
    }


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser) -> Iterator[Visit]:
    with watched(browser) as visit:
        yield visit


@pytest.fixture
def desk(visit, address) -> Page:
    return visit.open(f"{address}/desk/hotspots")


def _box(page, selector):
    return page.locator(selector).bounding_box()


def _is_seen(box, screen=OFFICE_SCREEN):
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return (
        box["x"] >= 0 and box["y"] >= 0 and right <= screen["width"] and bottom <= screen["height"]
    )


@pytest.mark.parametrize("path", ["/desk/hotspots", "/english"])
def test_the_first_screen_shows_numbers_map_and_the_worst(visit, address, path):
    page = visit.open(f"{address}{path}")
    tiles, worst = page.locator(".tile"), page.locator(".worst li")
    assert (tiles.count(), worst.count()) == (4, 10)
    for place in (*tiles.all(), *worst.all(), page.locator(".legend"), page.locator(".map-frame")):
        assert _is_seen(place.bounding_box())
    assert page.evaluate("document.documentElement.scrollWidth") <= OFFICE_SCREEN["width"]
    assert _is_seen(_box(page, ".controls button[type=submit]"))


def test_no_name_on_the_map_lies_over_another(desk):
    boxes = [label.bounding_box() for label in desk.locator(".map-labels span").all()]
    assert len(boxes) > 50
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart_x = a["x"] + a["width"] <= b["x"] + 4 or b["x"] + b["width"] <= a["x"] + 4
            apart_y = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
            assert apart_x or apart_y


def test_the_page_asks_for_nothing_but_its_own_files(visit, address):
    visit.open(f"{address}/desk/hotspots")
    assert visit.requests
    assert all(url.startswith((f"{address}/desk/", f"{address}/static/")) for url in visit.requests)
    assert visit.page.evaluate("performance.getEntriesByName('areas-colored').length") == 1


def test_choosing_in_the_list_selects_and_zooms_on_the_map(desk):
    area = desk.locator(".leaflet-areas-pane path").first
    before = area.bounding_box()
    name = desk.locator(".worst li .pick").first.inner_text()
    desk.locator(".worst li .pick").first.click()
    assert desk.locator(".selection-name").inner_text() == name
    assert desk.locator(".leaflet-selection-pane path").count() == 2
    assert desk.locator("table.areas tr.is-selected .pick").inner_text() == name
    settle(desk, lambda: area.bounding_box() != before, True)


def test_choosing_on_the_map_selects_in_the_table(desk):
    desk.locator(".leaflet-areas-pane path").nth(100).click()
    row = desk.locator("table.areas tr.is-selected")
    assert row.get_attribute("data-index") == "100"
    assert _is_seen(row.bounding_box())
    assert desk.locator(".selection-name").inner_text() == row.locator(".pick").inner_text()


def test_a_selection_is_in_the_address_and_comes_back(visit, address):
    page = visit.open(f"{address}/desk/hotspots#999000041")
    assert page.locator("table.areas tr.is-selected").get_attribute("data-index") == "41"
    page.locator(".clear-selection").click()
    assert page.locator(".selection-bar").is_hidden()
    assert urlsplit(page.url).fragment == ""


def test_hovering_names_the_area_with_its_code(desk):
    desk.locator(".leaflet-areas-pane path").nth(100).hover()
    text = desk.locator(".area-tooltip").inner_text()
    assert "999000100" in text
    assert "件/km²" in text


def test_headings_sort_and_empty_cells_stay_last(desk):
    heading = desk.locator("th[data-key=per_1000_residents]")
    heading.locator("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    values = _column(heading)
    numbers = [float(value) for value in values if value]
    assert numbers == sorted(numbers, reverse=True)
    assert values[-3:] == ["", "", ""]
    heading.locator("button").press("Enter")
    values = _column(heading)
    assert heading.get_attribute("aria-sort") == "ascending"
    assert values[-3:] == ["", "", ""]
    assert [float(value) for value in values if value] == sorted(numbers)


def _column(heading):
    return heading.evaluate(
        """th => Array.from(
            th.closest('table').tBodies[0].rows, row => row.cells[th.cellIndex].dataset.value
        )"""
    )


def test_the_table_is_one_tab_stop_and_arrows_walk_it(desk):
    assert desk.locator("table.areas .pick[tabindex='0']").count() == 1
    first = desk.locator("table.areas .pick").first
    first.focus()
    first.press("ArrowDown")
    desk.keyboard.press("Enter")
    assert desk.locator("table.areas tbody tr").nth(1).get_attribute("class") == "is-selected"


def test_the_worst_area_opens_its_issues_at_once(desk):
    desk.locator(".worst .issues-of").first.click()
    assert desk.locator("#drawer").is_visible()
    items = desk.locator(".drawer-list li")
    items.first.wait_for()
    code = desk.locator(".drawer-summary").inner_text().partition(" ")[0]
    texts = items.all_inner_texts()
    assert f"X-{code}-0" in texts[0]
    assert NASTY in texts[0]
    assert "2026-11-19 00:30" in texts[0]
    assert "归属待定" in texts[0]
    assert "边界案件" in texts[1]
    assert "（无标题）" in texts[2]
    assert texts[2].endswith("环境与垃圾分类")  # assigned is the usual case and needs no word


def test_the_drawer_reads_the_next_page_and_gives_the_focus_back(desk):
    desk.locator(".worst .issues-of").first.click()
    desk.locator(".drawer-more").click()
    desk.locator(".drawer-list li").nth(5).wait_for()
    assert desk.locator(".drawer-more").is_hidden()
    desk.keyboard.press("Escape")
    assert desk.locator("#drawer").is_hidden()
    assert desk.evaluate("document.activeElement.className") == "issues-of"


def test_a_failed_list_of_issues_says_so(visit, address):
    page = visit.open(f"{address}/desk/hotspots")
    page.route("**/api/v1/issues*", lambda route: route.fulfill(status=503, body="{}"))
    page.locator(".worst .issues-of").first.click()
    page.get_by_text("问题清单读取失败").wait_for()
    assert len(visit.troubles) == 2  # the browser's own line in the console, and the answer
    visit.troubles.clear()


def test_heat_takes_the_place_of_the_areas_with_its_own_legend(desk):
    assert desk.locator(".legend-heat").is_hidden()
    desk.get_by_text("热力", exact=True).first.click()
    assert desk.locator(".legend-heat").is_visible()
    assert desk.locator(".legend-areas").is_hidden()
    assert desk.locator(".leaflet-bins-pane canvas").count() == 1
    desk.get_by_text("分区", exact=True).click()
    assert desk.locator(".legend-areas").is_visible()
    assert desk.locator(".leaflet-areas-pane path").first.get_attribute("fill-opacity") == "1"


def test_definitions_open_inside_the_window_and_close_each_other(desk):
    first, other = desk.locator(".tile summary").first, desk.locator(".tile summary").last
    for summary in (first, other):
        summary.click()
        box = summary.locator("xpath=following-sibling::div").bounding_box()
        assert _is_seen(box)
    assert desk.locator("details.definition[open]").count() == 1
    desk.keyboard.press("Escape")
    assert desk.locator("details.definition[open]").count() == 0


def test_other_conditions_reload_the_page_with_a_query(desk):
    desk.locator("select[name=measure]").select_option("per_km2")
    desk.get_by_text("更多", exact=True).click()
    desk.locator("select[name=basis]").select_option("kept")
    with desk.expect_navigation():
        desk.get_by_text("更新", exact=True).click()
    desk.wait_for_selector("#desk[data-ready=true]")
    query = parse_qs(urlsplit(desk.url).query)
    assert query["measure"] == ["per_km2"]
    assert query["basis"] == ["kept"]
    assert query["from"] == ["2026-11-13"]
    assert query["lang"] == ["zh"]


def test_reference_layers_can_be_switched_off_and_a_river_is_no_road(desk):
    river = desk.locator(".leaflet-reference-pane path[stroke='#cfe3ee']")
    assert river.count() == 1
    desk.locator(".leaflet-control-layers").hover()
    choices = desk.locator(".leaflet-control-layers-overlays label")
    titles = [text.strip() for text in choices.all_inner_texts()]
    assert titles == ["水系", "建筑", "支路", "主干道"]
    choices.first.click()
    assert not choices.first.locator("input").is_checked()
    assert river.count() == 0


def test_a_name_with_a_script_does_no_harm(visit, address):
    page = visit.open(f"{address}/nasty")
    page.locator(".leaflet-areas-pane path").first.hover()
    page.locator(".leaflet-areas-pane path").first.click()
    page.locator(".selection-bar .open-issues").click()
    page.locator(".drawer-list li").first.wait_for()
    assert page.locator(".selection-name").inner_text() == NASTY
    assert NASTY in page.locator("#drawer-title").inner_text()
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.locator("img[src=x]").count() == 0


def test_the_standalone_file_opens_without_the_service(visit, tmp_path):
    file = tmp_path / "热点 图.html"
    file.write_text(render_hotspots(street_view(), standalone=True), encoding="utf-8")
    page = visit.open(file.as_uri())
    assert visit.requests == [file.as_uri()]
    page.locator(".worst .pick").first.click()
    assert page.locator(".selection-name").is_visible()
    assert page.locator(".open-issues").is_hidden()
    assert page.locator(".leaflet-areas-pane path").count() == 155


def test_the_print_is_a_map_on_a3_and_a_table_on_a4(desk):
    pdf = desk.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    sheets = [(round(float(w) / 72 * 25.4), round(float(h) / 72 * 25.4)) for w, h in boxes]
    assert sheets[0] == (420, 297)
    assert set(sheets[1:]) == {(210, 297)}


def test_the_map_comes_back_after_printing(desk):
    before = desk.locator(".leaflet-areas-pane path").first.bounding_box()
    desk.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert desk.locator(".map-frame .folium-map").bounding_box()["width"] > 1400
    desk.evaluate("window.dispatchEvent(new Event('afterprint'))")
    area = desk.locator(".leaflet-areas-pane path").first
    settle(desk, area.bounding_box, pytest.approx(before, abs=2))


def test_heat_squares_are_drawn_before_the_paper_leaves(desk):
    desk.get_by_text("热力", exact=True).first.click()
    painted = desk.evaluate(
        """() => {
            window.dispatchEvent(new Event('beforeprint'));
            const canvas = document.querySelector('.leaflet-bins-pane canvas');
            const pen = canvas.getContext('2d');
            const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
            return data.some((value) => value > 0);
        }"""
    )
    assert painted


def test_without_a_script_the_table_and_the_definitions_still_work(browser, address):
    context = browser.new_context(java_script_enabled=False, viewport=OFFICE_SCREEN)
    page = context.new_page()
    page.goto(f"{address}/desk/hotspots")
    assert page.locator("table.areas tbody tr").count() == 155
    page.locator(".tile summary").first.click()
    assert page.locator(".tile details div").first.is_visible()
    context.close()
