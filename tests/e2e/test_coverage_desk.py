"""The coverage desk in Chromium, from the real service with the demo: looked at, used, saved."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser

from geo_service.app import create_app
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.coverage.desk import pages
from geo_service.settings import Settings
from tests.browsers import OFFICE_SCREEN, Visit, chromium, watched


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(
        _env_file=None,
        profile="x-street",
        database_url=f"sqlite:///{folder}/demo.db",
        static_folder=Path("static"),
    )
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    app.state.services.demonstrations.load(LOCAL_ADMINISTRATOR, total=400)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser) -> Iterator[Visit]:
    with watched(browser) as visit:
        yield visit


def numbers(page, row):
    return [cell.inner_text() for cell in page.locator(f"{row} td").all()][:3]


def test_the_desk_opens_with_what_is_missing_on_every_level_and_its_list(visit, address):
    page = visit.open(f"{address}/desk/coverage")

    assert numbers(page, ".levels tr.is-shown") == ["155", "147", "8"]
    assert page.locator(".levels tbody tr").count() == 5
    box = page.locator(".due li").first.bounding_box()
    assert box["y"] + box["height"] <= OFFICE_SCREEN["height"]
    assert page.locator(".due h2 a.export").get_attribute("href").endswith("due-units.xlsx")
    with page.expect_download() as download:
        page.locator(".due h2 a.export").click()
    assert download.value.suggested_filename == "应建未建清单.xlsx"
    assert all(url.startswith(f"{address}/") for url in visit.requests)


def test_a_polygon_shows_its_chain_of_bodies_with_the_duty_phone(visit, address):
    page = visit.open(f"{address}/desk/coverage")
    page.locator(".blank li .pick").first.click()

    levels = page.locator(".card .chain li")
    assert levels.count() == 4
    assert "值班电话" in levels.last.inner_text()
    name = page.locator(".blank li .pick").first.inner_text()
    assert page.locator(".card-name").inner_text() == name
    assert page.locator(".selection-name").inner_text() == name


def test_recording_an_activity_shows_at_once_and_stays(visit, address):
    page = visit.open(f"{address}/desk/coverage")
    row = page.locator("table.areas tbody tr", has_text="超期未登记").first
    name = row.locator(".pick").inner_text()
    row.locator(".pick").click()
    page.locator(".record button").click()
    page.locator(".record-state", has_text="已登记").wait_for()
    day = page.locator(".record input").input_value()
    assert day in page.locator(".card .chain li.is-own").inner_text()

    page = visit.open(f"{address}/desk/coverage")
    row = page.locator("table.areas tbody tr", has_text=name).first
    assert "活跃" in row.inner_text()


def test_the_chain_begins_with_the_party_groups_of_buildings(visit, address):
    page = visit.open(f"{address}/desk/coverage")
    registers = page.evaluate(
        "JSON.parse(document.getElementById('coverage-data').textContent).registers"
    )
    groups = registers["below"][0]["bodies"]
    at = next(i for i, bodies in enumerate(groups) if bodies)
    page.locator(f"table.areas [data-index='{at}'] .pick").click()

    levels = page.locator(".card .chain li")
    assert levels.locator(".level-name").all_inner_texts()[0] == "楼组"
    assert levels.count() == 5
    lowest = levels.first.inner_text()
    for told in ("楼栋功能型党支部", "覆盖 楼栋 ", "楼组长", "值班电话", "不计入"):
        assert told in lowest
    assert "党工委" in levels.last.inner_text()

    page = visit.open(f"{address}/desk/coverage?layer=subarea")
    page.locator("table.areas .pick").first.click()
    names = page.locator(".card .chain .level-name").all_inner_texts()
    assert names[:3] == ["楼组", "微网格", "居民区"]
    below = page.locator(".card .chain li", has_text="微网格").first.locator("details")
    assert not below.get_attribute("open")
    below.locator("summary").click()
    assert below.locator(".body").first.is_visible()


def test_reach_of_one_kind_of_sites_shows_the_gaps_that_all_together_hide(visit, address):
    page = visit.open(f"{address}/desk/coverage?view=reach")
    assert "请按阵地类别查看" in page.locator(".legend-facts").inner_text()
    page.locator(".field-kind select").select_option(label="骑士驿站")
    with page.expect_navigation():
        page.locator(".controls button").click()
    page.wait_for_selector("#desk[data-ready=true]")

    assert "kind=rider_station" in page.url
    assert "6 处阵地" in page.locator(".legend-facts").inner_text()
    with_gaps = int(re.search(r"盲区（(\d+) 个", page.locator(".legend-gap").inner_text())[1])
    hatched = page.locator(".leaflet-borders-pane path[fill='url(#fill-gap)']")
    assert hatched.count() == with_gaps > 0
    assert "骑士驿站" in page.locator(".map-title h2").inner_text()
    page.locator("table.areas th[data-key=ground] button").click()
    page.locator("table.areas th[data-key=ground] button").click()
    least = page.locator("table.areas tbody tr").first
    share = least.locator("td").nth(6).inner_text()
    least.locator(".pick").click()
    assert f"服务半径内面积 {share}" in page.locator(".selection-summary").inner_text()
    page.locator(".symbol-switch [name=facilities]").check()
    shown = page.evaluate(
        "JSON.parse(document.getElementById('coverage-data').textContent).registers.facilities"
    )
    assert shown["kinds"]["table"] == ["骑士驿站"]
    assert "kind=rider_station" in page.locator("nav a[lang]").get_attribute("href")


def test_many_organisations_come_when_they_are_asked_for_and_none_is_left_out(
    visit, address, monkeypatch
):
    monkeypatch.setattr(pages, "MOST_INSIDE", 10)
    script = Path("static/app/symbols.js").read_text(encoding="utf-8")
    few = script.replace("const MOST_MARKERS = 2000", "const MOST_MARKERS = 20")
    visit.page.route(
        re.compile("symbols.js"),
        lambda route: route.fulfill(body=few, content_type="text/javascript"),
    )
    page = visit.open(f"{address}/desk/coverage?view=units")
    assert not [url for url in visit.requests if "registers.json" in url]
    page.locator(".blank li .pick").first.click()
    page.locator(".card .chain li.is-own").wait_for()
    assert "值班电话" in page.locator(".card .chain li").last.inner_text()
    page.locator(".clear-selection").click()
    page.locator(".symbol-switch [name=organisations]").check()
    page.locator(".leaflet-symbols-pane .symbol").first.wait_for()
    assert len([url for url in visit.requests if "registers.json" in url]) == 1

    told = page.request.get(f"{address}/desk/coverage/registers.json?layer=micro_grid").json()
    assert told["organisations"]["origin"][0] > 0
    placed = sum(x is not None for x in told["organisations"]["x"])
    page.wait_for_function(
        """(placed) => {
          const symbols = document.querySelectorAll(".leaflet-symbols-pane .symbol");
          const counts = Array.from(symbols, (each) => Number(each.innerText) || 1);
          return counts.reduce((sum, each) => sum + each, 0) === placed;
        }""",
        arg=placed,
    )
    page.locator(".leaflet-symbols-pane .symbol-many").first.click()
    page.wait_for_function("document.querySelectorAll('.symbol-at:has(.is-active)').length > 0")


def test_a_selection_that_is_cleared_at_once_leaves_the_whole_map(visit, address):
    page = visit.open(f"{address}/desk/coverage")
    area = page.locator(".leaflet-areas-pane path").first
    whole = area.bounding_box()
    page.evaluate(
        """() => {
          document.querySelector(".blank li .pick").click();
          document.querySelector(".clear-selection").click();
        }"""
    )
    page.wait_for_timeout(600)  # as long as two animations of a map would take
    assert area.bounding_box() == pytest.approx(whole, abs=1)


@pytest.mark.parametrize("mode", ["state", "active", "units", "reach", "demand"])
def test_every_way_to_color_the_map_has_a_legend_that_adds_up(visit, address, mode):
    page = visit.open(f"{address}/desk/coverage?view={mode}&lang=en")

    shown = page.locator(".legend small").all()
    assert sum(int(each.inner_text()) for each in shown) == 155
    fills = page.locator(".leaflet-areas-pane path").evaluate_all(
        "(paths) => paths.map((path) => path.getAttribute('fill'))"
    )
    assert len(fills) == 155
    # the demo's sites reach everybody
    assert len(set(fills)) > (0 if mode == "reach" else 2)


def test_symbols_are_shown_on_demand_and_gathered(visit, address):
    page = visit.open(f"{address}/desk/coverage")
    assert page.locator(".leaflet-symbols-pane .symbol").count() == 0
    page.locator(".symbol-switch [name=organisations]").check()
    assert page.locator(".leaflet-symbols-pane .symbol-many").count() > 5
    assert set(
        page.locator(".leaflet-symbols-pane .symbol:not(.symbol-many)").all_inner_texts()
    ) <= set("委总支组")
    page.locator(".symbol-switch [name=organisations]").uncheck()
    assert page.locator(".leaflet-symbols-pane .symbol").count() == 0


def test_two_days_are_compared_on_the_map_and_in_a_list(visit, address):
    page = visit.open(f"{address}/desk/coverage?before=2026-01-01")
    assert page.locator(".changes li.empty").count() == 0
    assert "2026-01-01" in page.locator(".changes h2").inner_text()
    marks = page.locator(".map-labels .change-mark").all_inner_texts()
    assert set(marks) <= {"▲", "▼"}
    assert marks


def test_the_saved_file_opens_without_the_service(visit, address, tmp_path):
    page = visit.open(f"{address}/desk/coverage")
    file = tmp_path / "coverage.html"
    file.write_text(
        page.request.get(f"{address}/desk/coverage.html?view=active").text(), encoding="utf-8"
    )
    visit.requests.clear()
    page = visit.open(file.as_uri())
    page.locator(".blank li .pick").first.click()
    assert page.locator(".card .chain li").count() == 4
    assert page.locator(".record, .controls button").count() == 0
    assert [url for url in visit.requests if not re.match("file:|data:|blob:", url)] == []


def test_a_layer_without_a_ladder_is_told_as_a_page(visit, address):
    answer = visit.page.request.get(f"{address}/desk/coverage?layer=nowhere")
    assert answer.status == 404
    assert "nowhere" in answer.text()
    assert "<html" in answer.text()
