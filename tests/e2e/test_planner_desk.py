"""The planner desk in Chromium: drag, split, merge, undo, publish; by mouse and by finger."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browsers import OFFICE_SCREEN, chromium, settle, watched
from tests.drafting import A, B
from tests.e2e.planners import ask, box, choose, middle, opened_to_begin
from tests.served import served_street

pytestmark = pytest.mark.sqlite


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    with served_street(tmp_path) as found:
        yield found


def drag(page, handle, by_x, by_y):
    x, y = middle(handle.bounding_box())
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by_x / 2, y + by_y / 2)
    page.mouse.move(x + by_x, y + by_y)
    page.mouse.up()


def kinds(address, draft=1):
    return [
        (step["kind"], step["state"]) for step in ask(address, f"/drafts/{draft}")["operations"]
    ]


def test_a_planner_moves_splits_merges_undoes_and_publishes(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened_to_begin(visit.page, address)
        square = box(page, A)
        choose(page, A)
        expect(page.locator(".chosen li")).to_have_text([f"第1网格 {A}×"])

        # the junction in the middle of the western community is the one that is not locked
        drag(page, page.locator(".handle.junction"), -12, 9)
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        assert kinds(address) == [("move-junction", "done")]
        changed = ask(address, "/drafts/1/areas")["areas"]["features"]
        # all four grids that meet there, and nothing above them
        assert {each["properties"]["layer"] for each in changed} == {"grid"}
        assert len(changed) == 4

        page.keyboard.press("Control+z")
        expect(page.locator(".steps li")).to_have_class("undone")
        assert box(page, A) == pytest.approx(
            square, abs=2
        )  # pixels; the chosen one has a bolder line

        page.keyboard.press("s")
        x, _ = middle(square)
        page.mouse.click(x, square["y"] - 20)
        page.mouse.click(x, square["y"] + square["height"] + 20)
        page.keyboard.press("Enter")
        page.locator(".ask [name=codes]").fill("N1 N2")
        page.locator(".ask .primary").click()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        assert kinds(address) == [("split", "done")]
        ended = ask(address, "/drafts/1/areas")["ended"]
        assert ended == [{"layer": "grid", "code": A}]

        choose(page, B)
        expect(page.locator(".chosen li")).to_have_text([f"第2网格 {B}×"])
        page.locator("[data-tool=recode]").click()
        page.locator(".ask [name=name]").fill("中心网格")
        page.locator(".ask .primary").click()
        expect(page.locator(".chosen li")).to_have_text([f"中心网格 {B}×"])

        page.locator(".publish summary").click()
        expect(page.locator(".changes")).to_contain_text("网格：新增 2，撤销 1，改动 0，改名 1")
        expect(page.locator(".approval")).to_be_hidden()
        page.locator("[name=reason]").fill("拆分第1网格")
        page.locator(".publish .primary").click()
        expect(page.locator(".said")).to_contain_text("已发布为第 2 版")
        expect(page.locator(".facts")).to_contain_text("第 2 版")
        expect(page.locator("#desk")).to_have_attribute("data-ready", "true")
        expect(page.locator(".state")).to_contain_text("已发布为第 2 版")
        assert [each["reason"] for each in ask(address, "/editions")["editions"]][
            -1
        ] == "拆分第1网格"


def test_a_statutory_border_is_locked_until_it_is_unlocked_and_then_needs_an_approval(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened_to_begin(visit.page, address)
        choose(page, B)
        expect(page.locator(".handle.junction")).to_have_count(1)
        page.locator("[name=unlock]").check()
        expect(page.locator(".handle.junction")).to_have_count(4)
        # the junction of the two communities in the middle of the street: the rightmost one inside
        square = box(page, B)
        handles = page.locator(".handle.junction")
        found = [handles.nth(i) for i in range(handles.count())]
        corner = square["x"] + square["width"], square["y"]
        near = min(
            found,
            key=lambda one: sum(
                abs(a - b) for a, b in zip(middle(one.bounding_box()), corner, strict=True)
            ),
        )
        drag(page, near, 14, 0)
        expect(page.locator(".state")).to_contain_text("已做 1 步")
        page.locator(".publish summary").click()
        expect(page.locator(".approval")).to_be_visible()
        page.locator("[name=reason]").fill("社区调整")
        page.locator("[name=authority]").fill("示例区人民政府")
        page.locator("[name=document]").fill("示政〔2026〕8号")
        page.locator(".publish [name=date]").fill("2026-11-20")
        page.locator(".publish .primary").click()
        expect(page.locator(".said")).to_contain_text("已发布为第 2 版")
    assert ask(address, "/drafts/1")["approval"]["document"] == "示政〔2026〕8号"


def test_what_the_server_refuses_is_said_and_drawn_as_it_was(address):
    with chromium() as browser:
        page = opened_to_begin(browser.new_page(viewport=OFFICE_SCREEN), address)
        choose(page, A)
        square = box(page, A)
        handle = page.locator(".handle.junction")
        drag(page, handle, -square["width"] * 1.5, 0)  # beyond the western border
        expect(page.locator(".said")).to_contain_text("没有做成：")
        assert kinds(address) == []
        border = pytest.approx(square["x"] + square["width"], abs=2)
        settle(page, lambda: middle(handle.bounding_box())[0], border)
        page.locator("[data-tool=merge]").click()
        expect(page.locator(".said")).to_contain_text("先选中相邻的两个以上区域")


def test_grids_are_merged_and_a_gap_is_shown_and_filled(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened_to_begin(visit.page, address)
        choose(page, A)
        choose(page, B, more=True)
        expect(page.locator(".chosen li")).to_have_count(2)
        page.keyboard.press("m")
        page.locator(".ask .primary").click()
        expect(page.locator(".chosen li")).to_have_text([f"第1网格 {A}×"])
        assert kinds(address) == [("merge", "done")]
        page.locator("[data-tool=retire]").click()
        page.locator(".ask .primary").click()
        expect(page.locator(".findings li")).to_have_count(1)
        expect(page.locator(".findings li")).to_contain_text("空隙")
        page.locator(".publish summary").click()
        expect(page.locator(".publish .primary")).to_be_disabled()
        page.locator(".ask-fixes").first.click()
        page.locator(".fixes button").first.click()
        expect(page.locator(".findings li")).to_have_count(0)
        assert kinds(address)[-1] == ("fix", "done")
        # the ground of A and B is another grid's now: the table tells it before and after
        expect(page.locator(".impact tbody tr")).to_have_count(3)
        expect(page.locator(".impact tbody tr").first.locator("td").last).to_have_text("1.02 → –")


def test_a_border_is_moved_by_finger(address):
    with chromium() as browser, watched(browser, has_touch=True) as visit:
        page = opened_to_begin(visit.page, address)
        page.touchscreen.tap(*middle(box(page, A)))
        expect(page.locator(".chosen li")).to_have_count(1)
        between = page.locator(".handle.between").first
        x, y = middle(between.bounding_box())
        finger = page.context.new_cdp_session(page)

        def touch(kind, *at):
            points = [{"x": at[0], "y": at[1]}] if at else []
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", x, y)
        for part in (0.25, 0.5, 1):
            touch("touchMove", x + 10 * part, y + 12 * part)
        touch("touchEnd")
        expect(page.locator(".state")).to_contain_text("已做 1 步")
    assert kinds(address) == [("reshape", "done")]


def test_several_areas_are_chosen_and_merged_by_finger(address):
    with chromium() as browser, watched(browser, has_touch=True) as visit:
        page = opened_to_begin(visit.page, address)
        page.locator("[name=several]").check()
        page.touchscreen.tap(*middle(box(page, A)))
        page.touchscreen.tap(*middle(box(page, B)))
        expect(page.locator(".chosen li")).to_have_count(2)
        page.locator("[data-tool=merge]").tap()
        page.locator(".ask .primary").tap()
        expect(page.locator(".state")).to_contain_text("已做 1 步")
    assert kinds(address) == [("merge", "done")]
