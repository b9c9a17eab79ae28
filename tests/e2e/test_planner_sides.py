"""四至 and notes at the planner desk in Chromium: written, given back, published, refused."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browsers import OFFICE_SCREEN, chromium, watched
from tests.drafting import A, B
from tests.e2e.planners import ask, box, choose, middle, opened_to_begin
from tests.served import served_street

pytestmark = pytest.mark.sqlite
HAND = "东至新开的示例巷"


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    with served_street(tmp_path) as found:
        yield found


def split(page):
    choose(page, A)
    square = box(page, A)
    page.keyboard.press("s")
    x, _ = middle(square)
    page.mouse.click(x, square["y"] - 20)
    page.mouse.click(x, square["y"] + square["height"] + 20)
    page.keyboard.press("Enter")
    page.locator(".ask [name=codes]").fill("N1 N2")
    page.locator(".ask .primary").click()
    expect(page.locator(".state")).to_contain_text("已做 1 步")


def loaded(page):
    """Wait until a page has all that it asks for by itself: leaving it earlier breaks that off."""
    expect(page.locator("#desk")).to_have_attribute("data-ready", "true")
    expect(page.locator("#desk")).to_have_attribute("data-impact", re.compile(r"\d"))


def texts(address, code="N1"):
    return ask(address, f"/drafts/1/bounds-text/grid/{code}")


def test_a_text_is_written_in_the_draft_and_published_with_it(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened_to_begin(visit.page, address)
        sides = page.locator(".sides")
        expect(sides).to_be_hidden()
        split(page)
        choose(page, "N1")
        sides.locator("summary").click()
        expect(sides.locator(".whose")).to_contain_text("草案里的 N1")
        generated = texts(address)["generated"]["zh"]
        expect(sides.locator("[name=zh]")).to_have_value(generated)
        expect(sides.locator(".automatic")).to_be_disabled()

        sides.locator("[name=zh]").fill(HAND)
        sides.locator("[type=submit]").click()
        expect(page.locator(".said")).to_have_text("四至已存")
        expect(sides.locator(".standing")).to_have_text(HAND)
        expect(sides.locator(".note")).to_contain_text(f"自动生成的是：{generated}")
        expect(page.locator(".state")).to_contain_text("修订 2")
        assert texts(address)["text"]["zh"] == HAND

        sides.locator(".automatic").click()
        expect(sides.locator("[name=zh]")).to_have_value(generated)
        assert texts(address)["entered"] is None
        sides.locator("[name=zh]").fill(HAND)
        sides.locator("[name=en]").fill("East to the new lane")
        sides.locator("[type=submit]").click()
        expect(page.locator(".state")).to_contain_text("修订 4")

        page.locator(".publish summary").click()
        page.locator(".publish [name=reason]").fill("拆分")  # noted while it is published
        page.locator(".publish .primary").click()
        expect(page.locator(".said")).to_contain_text("已发布为第 2 版")
        expect(page.locator(".facts")).to_contain_text("第 2 版")
        loaded(page)
        assert ask(address, "/areas/grid/N1/bounds-text")["text"]["en"] == "East to the new lane"
        page.goto(f"{address}/areas/grid/N1")
        expect(page.locator(".bounds .entered")).to_contain_text(HAND)
        page.goto(f"{address}/desk/planner/editions/2/order")
        expect(page.locator('tr.bounds[data-code="N1"] .side-after')).to_contain_text(HAND)


def test_why_and_who_was_asked_are_noted_before_publishing(address):
    with chromium() as browser, watched(browser) as visit:
        page = opened_to_begin(visit.page, address)
        split(page)
        page.locator(".publish summary").click()
        page.locator(".publish [name=consulted]").fill("两社区居委会")
        page.locator(".publish [name=reason]").fill("网格过大")
        expect(page.locator(".said")).to_have_text("已记在草案里")
        page.locator(".publish [name=effective_from]").focus()
        expect(page.locator(".state")).to_contain_text("修订 3")
        loaded(page)
        page.reload()
        loaded(page)
        page.locator(".publish summary").click()
        expect(page.locator(".publish [name=reason]")).to_have_value("网格过大")
        expect(page.locator(".publish [name=consulted]")).to_have_value("两社区居委会")
        page.goto(f"{address}/desk/planner/drafts/1/order")
        expect(page.locator("dl")).to_contain_text("网格过大")
        expect(page.locator("dl")).to_contain_text("两社区居委会")
        page.goto(f"{address}/desk/planner#draft=1")
        loaded(page)
        page.locator(".publish summary").click()
        page.locator(".publish .primary").click()
        expect(page.locator(".said")).to_contain_text("已发布为第 2 版")
    assert ask(address, "/editions")["editions"][-1]["reason"] == "网格过大"
    assert ask(address, "/drafts/1")["consulted"] == "两社区居委会"


def test_the_text_of_an_area_in_force_is_written_without_a_draft(address):
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(f"{address}/desk/planner")
        expect(page.locator("#desk")).to_have_attribute("data-ready", "true")
        choose(page, B)
        sides = page.locator(".sides")
        sides.locator("summary").click()
        expect(sides.locator(".whose")).to_contain_text("现行第 1 版的 第2网格")
        sides.locator("[name=zh]").fill("<b>东至</b>示例路")
        sides.locator("[type=submit]").click()
        expect(page.locator(".said")).to_have_text("四至已存")
        choose(page, A)
        expect(sides.locator(".whose")).to_contain_text("第1网格")
        choose(page, B)
        expect(sides.locator("[name=zh]")).to_have_value("<b>东至</b>示例路")
        choose(page, A, more=True)
        expect(sides).to_be_hidden()
    assert len(ask(address, "/editions")["editions"]) == 1


def test_what_is_typed_stays_while_the_border_is_drawn_on_and_a_number_is_refused(address):
    with chromium() as browser:
        page = opened_to_begin(browser.new_page(viewport=OFFICE_SCREEN), address)
        split(page)
        choose(page, "N1")
        sides = page.locator(".sides")
        sides.locator("summary").click()
        expect(sides.locator(".whose")).to_contain_text("草案里的 N1")
        sides.locator("[name=zh]").fill("电话13800138000")
        page.locator("[data-tool=recode]").click()
        page.locator(".ask [name=name]").fill("一")
        page.locator(".ask .primary").click()
        expect(sides.locator(".whose")).to_contain_text("草案里的 一")
        expect(sides.locator("[name=zh]")).to_have_value("电话13800138000")
        sides.locator("[type=submit]").click()
        expect(page.locator(".said")).to_contain_text("没有做成：")
        expect(page.locator(".said")).to_contain_text("不含手机号")
        assert texts(address)["entered"] is None
        sides.locator("[name=zh]").fill(HAND)
        sides.locator("[type=submit]").click()
        expect(page.locator(".said")).to_have_text("四至已存")
