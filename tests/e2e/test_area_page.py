"""The page of an area in Chromium: its map, one sheet of paper, nothing from outside."""

import re
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations

import pytest
from playwright.sync_api import Browser

from geo_service.analysis.bounds_text import LONGEST_EN, LONGEST_ZH
from geo_service.maps.area_sheet.page import render_area_sheet
from tests.area_sheet_views import sheet_view, with_written_bounds
from tests.browsers import OFFICE_SCREEN, PATIENCE_MS, chromium
from tests.e2e.test_hotspot_map import MEDIA_TYPES, NASTY, ROOT

LONG = "示例街道第一片区幽兰新村居民区第十二微网格综合党委第二联合党支部"
VIEWS = {
    "/areas/grid/999000": sheet_view,
    "/nasty": lambda: sheet_view(NASTY, times=3),
    "/english": lambda: sheet_view("Plum Garden third grid", language="en", times=20),
    "/full": lambda: sheet_view(LONG, times=60),
    "/written": lambda: with_written_bounds(sheet_view(LONG, times=60), "东" * LONGEST_ZH),
    "/written-english": lambda: with_written_bounds(
        sheet_view(LONG, times=60, language="en"), "East to the road, " * (LONGEST_EN // 18)
    ),
}
_PDF_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


@cache
def _drawn(path: str) -> bytes:
    return render_area_sheet(VIEWS[path]()).encode()


class _Handler(BaseHTTPRequestHandler):
    """The service's part of the page: the page itself and its assets."""

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path.startswith("/static/"):
            file = ROOT / path[1:]
            self._answer(file.read_bytes(), MEDIA_TYPES[file.suffix])
        elif path in VIEWS:
            self._answer(_drawn(path), "text/html; charset=utf-8")
        else:
            self._answer(b"<!doctype html><title>another area</title>", "text/html")

    def _answer(self, body, media_type):
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep the test's output clean."""


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
def page(browser, address):
    """Watch a page; any trouble on it, and any request but for our own files, fails the test."""
    context = browser.new_context(viewport=OFFICE_SCREEN, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    page, troubles = context.new_page(), []
    page.on("request", lambda r: r.url.startswith(f"{address}/") or troubles.append(r.url))
    page.on("console", lambda m: m.type in {"error", "warning"} and troubles.append(m.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", lambda r: r.status >= 400 and troubles.append(r.url))
    yield page
    context.close()
    assert troubles == []


def _open(page, url):
    page.goto(url)
    page.wait_for_selector("#sheet[data-ready=true]")
    return page


def test_the_area_stands_among_its_neighbors_and_leads_to_their_pages(page, address):
    _open(page, f"{address}/areas/grid/999000")
    assert page.locator(".leaflet-areas-pane path").count() == 5
    frame = page.locator(".map-frame").bounding_box()
    own = page.locator(".leaflet-areas-pane path[stroke-width='3']").bounding_box()
    assert own["x"] > frame["x"]
    assert own["y"] > frame["y"]
    assert own["x"] + own["width"] < frame["x"] + frame["width"]
    assert own["y"] + own["height"] < frame["y"] + frame["height"]
    assert page.locator(".leaflet-symbols-pane .symbol").count() == 2
    assert page.locator(".map-labels span").count() == 5
    page.mouse.click(frame["x"] + frame["width"] - 5, own["y"] + own["height"] / 2)
    page.wait_for_url("**/areas/grid/999002?lang=zh")


@pytest.mark.parametrize("path", [*VIEWS])
def test_it_prints_on_one_sheet_of_a4_however_much_there_is(page, address, path):
    _open(page, f"{address}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= OFFICE_SCREEN["width"]
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(_PDF_PAGE.findall(printed)) == 1
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    # A4 is 210 mm by 297 mm; a point is 1/72 inch
    assert [float(side) for side in box.groups()] == pytest.approx([595.3, 841.9], abs=1.0)


@pytest.mark.parametrize("path", ["/written", "/written-english"])
def test_a_written_bounds_text_is_printed_whole(page, address, path):
    _open(page, f"{address}{path}")
    page.emulate_media(media="print")
    text = page.locator(".bounds .entered")
    assert text.evaluate("e => e.scrollHeight - e.clientHeight") <= 1


def test_printed_parts_do_not_lie_over_each_other(page, address):
    _open(page, f"{address}/full")
    page.emulate_media(media="print")
    boxes = [block.bounding_box() for block in page.locator("#sheet > *").all()]
    for a, b in combinations(boxes, 2):
        apart_x = a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1
        apart_y = a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1
        assert apart_x or apart_y


def test_a_nasty_name_is_only_shown(page, address):
    _open(page, f"{address}/nasty")
    page.locator(".leaflet-areas-pane path").first.hover(position={"x": 5, "y": 5}, force=True)
    assert page.evaluate("typeof hacked") == "undefined"


def test_without_scripts_everything_is_there_as_text(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/areas/grid/999000")
    told = page.locator("#sheet").inner_text()
    assert all(
        word in told for word in ("四至", "相邻", "组织链", "值班电话", "楼栋清单", "历次版本")
    )
    context.close()
