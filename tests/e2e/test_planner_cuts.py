"""Dividing ground at the planner desk, by mouse and keys: offers first, snapping while drawing."""

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from playwright.sync_api import expect

from geo_service.storage.references import replace_references
from tests.browsers import chromium, watched
from tests.doors import publish_street_in
from tests.drafting import A, B, at
from tests.e2e.planners import ask, box
from tests.houses import open_house
from tests.served import served

pytestmark = pytest.mark.sqlite

WEST = "9990010101"


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    publish_street_in(tmp_path)
    house = open_house(tmp_path)
    road = np.array([shapely.LineString([at(-0.5, 0.25), at(2.5, 0.25)])], dtype=object)
    with house.workspace.database.write() as connection:
        replace_references(connection, kind="road_main", names=["示例路"], geometries=road)
    house.close()
    with served(tmp_path) as found:
        yield found


def kinds(address):
    return [step["kind"] for step in ask(address, "/drafts/1")["operations"]]


def outlines(address):
    found = ask(address, "/drafts/1/areas")["areas"]["features"]
    return {each["properties"]["code"]: shapely.geometry.shape(each["geometry"]) for each in found}


def opened(page, address, layer="grid"):
    page.goto(f"{address}/desk/planner?layer={layer}")
    expect(page.locator("#desk")).to_have_attribute("data-ready", "true")
    page.locator(".begin").click()
    page.keyboard.type("试改")
    page.keyboard.press("Enter")
    expect(page.locator(".state")).to_contain_text("基于第 1 版")
    expect(page.locator("[name=draft] option:checked")).to_have_text("1 试改")
    return page


def on_screen(square, x, y):
    """Return where a part of a square is on the screen, y from its south."""
    return square["x"] + x * square["width"], square["y"] + (1 - y) * square["height"]


def choose(page, code, *, more=False):
    if more:
        page.keyboard.down("Shift")
    page.mouse.click(*on_screen(box(page, code), 0.5, 0.6))
    if more:
        page.keyboard.up("Shift")
    expect(page.locator(".chosen li").last).to_contain_text(code)


def test_an_area_is_parted_evenly_by_keys_alone_once_it_is_chosen(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        choose(page, A)
        page.keyboard.press("e")
        expect(page.locator(".ask [name=count]")).to_be_focused()
        page.keyboard.type("3")
        page.keyboard.press("Tab")
        page.keyboard.press("End")  # the last measure is the ground
        expect(page.locator(".ask [name=measure]")).to_have_value("area")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".leaflet-tooltip.offered")).to_have_count(3)
        expect(page.locator("table.offer tr")).to_have_count(4)
        expect(page.locator("table.offer")).to_contain_text("33.3%")
        assert kinds(address) == []
        page.keyboard.press("Escape")
        expect(page.locator(".leaflet-tooltip.offered")).to_have_count(0)
        assert kinds(address) == []

        page.keyboard.press("e")
        page.keyboard.press("Enter")
        page.locator("table.offer").wait_for()
        page.keyboard.press("Enter")
        expect(page.locator(".steps li")).to_contain_text("沿线切")
        assert kinds(address) == ["cut-along"]
        assert outlines(address).keys() >= {"999001010107", "999001010108"}
        page.keyboard.press("Control+z")
        expect(page.locator(".steps li")).to_have_class("undone")


def test_chosen_areas_and_their_siblings_are_cut_along_a_road(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        choose(page, A)
        page.locator("[data-tool=along]").click()
        page.locator(".ask .primary").click()  # nothing was ticked
        expect(page.locator(".said")).to_contain_text("至少勾选一种线")
        page.locator("[data-tool=along]").click()
        page.locator(".ask").get_by_label("主干道").check()
        page.locator(".ask [name=whose]").select_option("siblings")
        page.get_by_label("最大的一块保留原代码").check()
        page.locator(".ask .primary").click()
        expect(page.locator(".leaflet-tooltip.offered")).to_have_count(4)
        expect(page.locator("#desk")).to_have_attribute("data-offer", "4")
        page.get_by_role("button", name="采用").click()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        assert kinds(address) == ["cut-along"]
        found = outlines(address)
        road = shapely.LineString([at(0, 0.25), at(2, 0.25)])
        for code in (A, B, "999001010107", "999001010108"):
            assert shapely.intersection(found[code], road).length == pytest.approx(
                road.length / 2, rel=1e-6
            )


def test_two_areas_swap_what_is_drawn_in_each(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        choose(page, A)
        choose(page, B, more=True)
        page.keyboard.press("w")
        square = box(page, A)
        for spots in (
            [(0.8, 0.4), (1.2, 0.4), (1.2, 0.6), (0.8, 0.6)],
            [(0.8, 0.7), (1.2, 0.7), (1.2, 0.85), (0.8, 0.85)],
        ):
            for spot in spots:
                page.mouse.click(*on_screen(square, *spot))
            page.keyboard.press("Enter")
        page.locator(".ask .primary").click()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        assert kinds(address) == ["swap"]
        found = outlines(address)
        assert shapely.contains_xy(found[B], *at(0.9, 0.5))
        assert shapely.contains_xy(found[A], *at(1.1, 0.78))


def test_a_community_is_split_by_ticking_its_grids(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address, layer="community")
        choose(page, WEST)
        page.keyboard.press("c")
        expect(page.locator(".ask .tick")).to_have_count(4)
        page.get_by_label(A).check()
        # the other one is taken on the map: the south-eastern quarter of the community
        page.mouse.click(*on_screen(box(page, WEST), 0.75, 0.3))
        expect(page.get_by_label(B)).to_be_checked()
        page.locator(".ask .primary").click()
        expect(page.locator(".ask [name=code]")).to_have_value("9990010103")
        page.locator(".ask .primary").click()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        assert kinds(address) == ["split-by-children"]
        south = shapely.box(*at(0, 0), *at(2, 1))
        assert outlines(address)["9990010103"].equals(south)


def test_a_drawn_line_snaps_to_borders_with_a_sign_and_not_with_alt_held(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        choose(page, A)
        # A has three; of B and C beside it three and two more
        expect(page.locator(".leaflet-container")).to_have_attribute("data-snaps", "8")
        square = box(page, A)
        page.keyboard.press("s")
        x, y = on_screen(square, 0, 1)
        page.mouse.move(x + 5, y + 4)
        expect(page.locator(".snap-mark.vertex")).to_have_text("边界顶点")
        page.mouse.click(x + 5, y + 4)
        page.keyboard.down("Alt")
        page.mouse.move(x + 30, y + 3)
        expect(page.locator(".snap-mark")).to_have_count(0)
        page.keyboard.up("Alt")
        x, y = on_screen(square, 0.7, 0)
        page.mouse.move(x, y - 5)
        expect(page.locator(".snap-mark.edge")).to_have_text("边界")
        page.mouse.click(x, y - 5)
        page.keyboard.press("Enter")
        # both ends lie on the border, or the line would end inside
        page.locator(".ask [name=codes]").fill("N1 N2")
        page.locator(".ask .primary").click()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        assert kinds(address) == ["split"]
        corners = shapely.get_coordinates(outlines(address)["N1"]).tolist()
        assert list(at(0, 1)) in corners
        assert {lat for _, lat in corners} == {at(0, 0)[1], at(0, 1)[1]}


def test_a_dragged_junction_slides_along_its_border(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        choose(page, A)
        expect(page.locator(".leaflet-container")).to_have_attribute("data-snaps", "8")
        square = box(page, A)
        x, y = on_screen(square, 1, 1)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 10, y + 2)
        page.mouse.move(x - 20, y + 4)
        expect(page.locator(".snap-mark.along")).to_have_text("沿原边界")
        page.mouse.up()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        expect(page.locator(".snap-mark")).to_have_count(0)
        [step] = ask(address, "/drafts/1/operations")["operations"]
        assert step["kind"] == "move-junction"
        lon, lat = step["asked"]["to"]
        assert lat == at(0, 1)[1]
        assert at(0.3, 0)[0] < lon < at(1, 0)[0]


def test_near_another_border_a_dragged_vertex_is_told_that_it_cannot_be_laid_on_it(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        choose(page, A)
        expect(page.locator(".leaflet-container")).to_have_attribute("data-snaps", "8")
        square = box(page, A)
        x, y = on_screen(square, 1, 0.5)  # the middle of the border with B
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 20, y - 20)
        page.mouse.move(x + 40, square["y"] + 4)
        expect(page.locator(".snap-mark.beside")).to_contain_text("不能贴上去")
        page.keyboard.down("Alt")
        page.mouse.move(x + 41, square["y"] + 4)
        expect(page.locator(".snap-mark")).to_have_count(0)
        page.mouse.move(x + 20, y)
        page.mouse.up()
        page.keyboard.up("Alt")
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        assert kinds(address) == ["reshape"]
