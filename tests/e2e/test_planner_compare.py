"""Before and after at the planner desk: a divider for mouse, finger and keys; kinds of change."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browsers import chromium, watched
from tests.drafting import A, B, C, D
from tests.e2e.planners import Finger, box, drafted, middle, opened, published
from tests.houses import SOUTH, STEP, WEST
from tests.served import served_street

pytestmark = pytest.mark.sqlite

RENAME = {"kind": "rename", "code": B, "name": "中心网格", "to": B}
MOVE = {
    "kind": "move-junction",
    "code": A,
    "place": [WEST + STEP, SOUTH + STEP],
    "to": [WEST + 1.2 * STEP, SOUTH + 1.1 * STEP],
}
MERGE = {"kind": "merge", "codes": [C, D], "into": C}


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    with served_street(tmp_path) as found:
        yield found


def compared(page):
    """Open the comparison and wait until both sides are drawn."""
    page.locator("button.compare").click()
    expect(page.locator(".compare-bar")).to_be_visible()
    expect(page.locator("#desk")).to_have_attribute("data-compared", re.compile("."))
    return page


def grip(page):
    return page.locator(".swipe-grip")


def share(page):
    """Return where the divider stands, in hundredths of the map."""
    return int(grip(page).get_attribute("aria-valuenow"))


def named_at(page, place):
    """Return what the map says of a place under the mouse."""
    page.mouse.move(1, 1)
    expect(page.locator(".leaflet-tooltip")).to_have_count(0)
    page.mouse.move(*place)
    return page.locator(".leaflet-tooltip").inner_text()


def drag_to(page, x):
    """Drag the divider with the mouse to a place on the screen."""
    start = middle(grip(page).bounding_box())
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + x) / 2, start[1])
    page.mouse.move(x, start[1] + 20)
    page.mouse.up()
    frame = page.locator(".leaflet-container").bounding_box()
    stands = round(100 * (x - frame["x"]) / frame["width"])
    expect(grip(page)).to_have_attribute("aria-valuenow", str(stands))


def show_draft_alone(page):
    """Put the divider to the left edge: it is drawn there with the next frame, not at the key."""
    grip(page).focus()
    page.keyboard.press("Home")
    expect(grip(page)).to_have_attribute("aria-valuenow", "0")


def legend(page):
    """Return how many areas are marked with each kind."""
    told = page.locator(".compare-legend button").all_inner_texts()
    return {text.split()[1]: int(text.split()[2]) for text in told}


def test_a_divider_dragged_by_mouse_shows_the_base_on_its_left_and_the_draft_on_its_right(address):
    draft = drafted(address, RENAME)
    with chromium() as browser, watched(browser) as visit:
        page = compared(opened(visit.page, address, draft))
        place = middle(box(page, B))
        expect(page.locator(".swipe-title.before")).to_have_text("改前 · 第 1 版")
        expect(page.locator(".swipe-title.after")).to_have_text(f"改后 · 草案 {draft}")
        drag_to(page, place[0] + 80)
        assert named_at(page, place) == f"第2网格 {B}"
        drag_to(page, place[0] - 80)
        assert named_at(page, place) == f"中心网格 {B}"
        page.keyboard.press("d")
        expect(page.locator(".compare-bar")).to_be_hidden()
        expect(grip(page)).to_have_count(0)
        assert named_at(page, middle(box(page, B))) == f"中心网格 {B}"


def test_the_divider_obeys_the_keys_and_says_where_it_stands(address):
    draft = drafted(address, RENAME)
    with chromium() as browser, watched(browser) as visit:
        page = compared(opened(visit.page, address, draft))
        expect(grip(page)).to_have_role("slider")
        expect(grip(page)).to_have_accessible_name("改前改后的分界")
        grip(page).focus()
        center = page.evaluate("() => document.querySelector('.leaflet-map-pane').style.transform")
        page.keyboard.press("Home")
        expect(grip(page)).to_have_attribute("aria-valuenow", "0")
        for key in ("ArrowRight", "ArrowRight", "PageUp", "ArrowLeft"):
            page.keyboard.press(key)
        expect(grip(page)).to_have_attribute("aria-valuenow", "12")  # 2 + 2 + 10 - 2
        page.keyboard.press("End")
        expect(grip(page)).to_have_attribute("aria-valuenow", "100")
        # arrows move the divider and not the map beneath it
        after = page.evaluate("() => document.querySelector('.leaflet-map-pane').style.transform")
        assert after == center


def test_the_divider_follows_a_finger_on_a_tablet(address):
    draft = drafted(address, RENAME)
    with chromium() as browser, watched(browser, has_touch=True) as visit:
        page = opened(visit.page, address, draft)
        page.set_viewport_size({"width": 1024, "height": 768})
        page.locator("button.compare").tap()
        expect(grip(page)).to_be_visible()
        assert grip(page).bounding_box()["width"] >= 44  # pixels: as wide as a finger
        frame = page.locator(".leaflet-container").bounding_box()
        start = middle(grip(page).bounding_box())
        Finger(page).drag(start, (frame["x"] + frame["width"] * 0.25, start[1]))
        expect(grip(page)).to_have_attribute("aria-valuenow", "25")
        before, after = (page.locator(f".leaflet-{name}-pane") for name in ("before", "areas"))
        edges = [each.evaluate("one => one.style.clip") for each in (before, after)]
        lefts = [[float(side.strip(" px")) for side in each[5:-1].split(",")] for each in edges]
        # top, right, bottom, left: the one ends where the other begins
        assert lefts[0][1] == lefts[1][3]


def test_each_change_is_marked_by_its_kind_on_the_sides_where_it_is(address):
    draft = drafted(address, MERGE, RENAME)
    with chromium() as browser, watched(browser) as visit:
        page = compared(opened(visit.page, address, draft))
        told = legend(page)
        assert told == {"新设": 0, "撤销": 1, "范围调整": 1, "换上级": 0, "改名": 1, "清单调整": 0}
        before, after = (page.locator(f".leaflet-{name}-pane") for name in ("before", "draft"))
        assert sorted(before.locator(".compare-mark").all_inner_texts()) == ["名", "撤", "调"]
        assert sorted(after.locator(".compare-mark").all_inner_texts()) == ["名", "调"]
        # a kind that nothing has leads nowhere, another one to its areas
        expect(page.locator(".compare-legend button.added")).to_be_disabled()
        page.locator(".compare-legend button.removed").click()
        frame = page.locator(".leaflet-container").bounding_box()
        mark = middle(before.locator(".compare-mark.removed").bounding_box())
        assert mark == pytest.approx(middle(frame), abs=2)  # pixels


def test_steps_done_and_undone_while_comparing_are_compared_at_once(address):
    draft = drafted(address, RENAME)
    with chromium() as browser, watched(browser) as visit:
        page = compared(opened(visit.page, address, draft))
        expect(page.locator("#desk")).to_have_attribute("data-compared", f"1:draft{draft}@1")
        page.locator("button.undo").click()
        expect(page.locator(".compare-none")).to_be_visible()
        page.locator("button.redo").click()
        expect(page.locator(".compare-none")).to_be_hidden()
        assert legend(page)["改名"] == 1
        # the draft is drawn in on its side of the divider
        show_draft_alone(page)
        page.mouse.click(*middle(box(page, B)))
        expect(page.locator(".chosen li")).to_have_text([f"中心网格 {B}×"])
        page.locator("[data-tool=recode]").click()
        page.locator(".ask [name=to]").fill("NEU1")
        page.locator(".ask .primary").click()
        expect(page.locator("#desk")).to_have_attribute("data-compared", f"1:draft{draft}@4")
        # the area of another code is new on the right, and stays chosen
        assert legend(page)["新设"] == 1
        expect(page.locator(".chosen li")).to_have_text(["中心网格 NEU1×"])


def test_two_editions_are_compared_and_the_draft_is_there_again_afterwards(address):
    published(address, drafted(address, MOVE))
    published(address, drafted(address, MERGE))
    draft = drafted(address, RENAME)
    with chromium() as browser, watched(browser) as visit:
        page = compared(opened(visit.page, address, draft))
        page.locator(".compare-bar [name=before]").select_option("1")
        expect(page.locator("#desk")).to_have_attribute("data-compared", f"1:draft{draft}@1")
        # B has other ground and another name: the first says more
        assert legend(page) == {
            "新设": 0,
            "撤销": 1,
            "范围调整": 3,
            "换上级": 0,
            "改名": 0,
            "清单调整": 0,
        }
        page.locator(".compare-bar [name=after]").select_option("2")
        expect(page.locator("#desk")).to_have_attribute("data-compared", "1:2")
        assert legend(page) == {
            "新设": 0,
            "撤销": 0,
            "范围调整": 4,
            "换上级": 0,
            "改名": 0,
            "清单调整": 0,
        }
        show_draft_alone(page)
        # the merged grid is two in edition 2, and nothing can be drawn there
        assert named_at(page, middle(box(page, D))) == f"第6网格 {D}"
        page.keyboard.press("m")
        expect(page.locator(".ask")).to_be_hidden()
        page.locator(".compare-bar .close").click()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        expect(page.locator(f'path[data-code="{D}"]')).to_have_count(0)
        assert named_at(page, middle(box(page, B))) == f"中心网格 {B}"


def test_without_a_draft_the_edition_in_force_is_compared_with_the_one_before(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        page.locator("button.compare").click()
        expect(page.locator(".said")).to_contain_text("只有一个版本")
        published(address, drafted(address, MERGE))
        page = compared(opened(page, address))
        expect(page.locator("#desk")).to_have_attribute("data-compared", "1:2")


def test_nothing_is_drawn_anew_while_the_divider_moves(address):
    draft = drafted(address, MOVE)
    with chromium() as browser, watched(browser) as visit:
        page = compared(opened(visit.page, address, draft))
        page.evaluate(
            """() => {
              window.drawn = [];
              const note = (records) => records.forEach((one) => {
                const isPane = one.target.matches(".leaflet-pane");
                const isStyle = one.attributeName === "style";
                if (!isPane || !isStyle) window.drawn.push(one.target.tagName);
              });
              const seen = { subtree: true, childList: true, attributes: true };
              new MutationObserver(note).observe(document.querySelector(".leaflet-map-pane"), seen);
              const draw = CanvasRenderingContext2D.prototype.stroke;
              CanvasRenderingContext2D.prototype.stroke = function (...told) {
                window.drawn.push("CANVAS");
                return draw.apply(this, told);
              };
            }"""
        )
        start = middle(grip(page).bounding_box())
        page.mouse.move(*start)
        page.mouse.down()
        for step in range(20):
            page.mouse.move(start[0] - 5 * step, start[1])
        assert page.evaluate("() => window.drawn") == []
        page.mouse.up()
