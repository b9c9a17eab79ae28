"""Editions at the planner desk: what each changed, what is pending, and taking one back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browsers import chromium, watched
from tests.drafting import A, B, C, D
from tests.e2e.planners import ask, drafted, opened, published, tell
from tests.served import served_street

pytestmark = pytest.mark.sqlite

MERGE = {"kind": "merge", "codes": [A, B], "into": A}
OTHER = {"kind": "merge", "codes": [C, D], "into": C}
LATER = {"kind": "merge", "codes": [A, C], "into": A}


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    with served_street(tmp_path) as found:
        yield found


def edition(page, number):
    return page.locator(f'.edition[data-number="{number}"]')


def listed(page, address):
    """Open the desk and its list of editions."""
    opened(page, address)
    if not page.locator(".editions").evaluate("one => one.open"):
        page.locator(".editions summary").click()
    return page


def take_back(page, number, name, reason="居民意见不一"):
    """Ask what taking an edition back would change."""
    edition(page, number).get_by_role("button", name=name).click()
    page.locator(".take-back [name=reason]").fill(reason)
    page.locator(".take-back .look").click()


def in_days(days):
    return (datetime.now(UTC) + timedelta(hours=8, days=days)).date().isoformat()


def test_the_list_tells_what_each_edition_changed_and_when_it_is_in_force(address):
    published(address, drafted(address, MERGE), reason="两格合并")
    published(address, drafted(address, OTHER), effective_from=in_days(9), reason="年底合并")
    with chromium() as browser, watched(browser) as visit:
        page = opened(visit.page, address)
        # what is pending opens the list, and stands at the top of the page
        expect(page.locator(".coming")).to_have_text(f"第 3 版将于 {in_days(9)} 生效")
        expect(page.locator(".edition .tag")).to_have_text(["待生效", "施行中", "已往"])
        expect(edition(page, 3)).to_contain_text(f"{in_days(9)} 起")
        expect(edition(page, 2)).to_contain_text(f"{in_days(0)} 至 {in_days(9)}")
        expect(edition(page, 2).locator(".edition-why")).to_have_text("两格合并")
        # B went into A as a whole, A kept its own ground
        expect(edition(page, 2).locator(".edition-changes")).to_have_text(
            "网格：并入 1、范围调整 1"
        )
        expect(edition(page, 1).locator(".edition-changes")).to_have_text("最初的内容")
        expect(edition(page, 1).locator(".edition-buttons")).to_have_text("恢复")
        order = edition(page, 2).get_by_role("link", name="变更单 第 2 版")
        assert order.get_attribute("href") == "/desk/planner/editions/2/order?lang=zh"
        edition(page, 3).get_by_role("button", name="对比 第 3 版").click()
        expect(page.locator("#desk")).to_have_attribute("data-compared", "2:3")


def test_an_edition_is_taken_back_after_it_was_told_what_that_changes(address):
    published(address, drafted(address, MERGE))
    published(address, drafted(address, OTHER))
    with chromium() as browser, watched(browser) as visit:
        page = listed(visit.page, address)
        take_back(page, 2, "撤回")
        expect(page.locator(".take-back .result")).to_contain_text(
            "网格：新增 1，撤销 0，改动 1，改名 0"
        )
        assert len(ask(address, "/editions")["editions"]) == 3  # only told so far
        page.locator(".take-back [name=reason]").fill("另有原因")
        expect(page.locator(".take-back .sure")).to_have_count(0)  # asked anew: told anew
        page.locator(".take-back .look").click()
        page.locator(".take-back .sure").click()
        expect(page.locator(".said")).to_contain_text("已发布为第 4 版")
        expect(page.locator(".facts")).to_contain_text("第 4 版")
    newest = ask(address, "/editions")["editions"][-1]
    assert newest["reason"] == "撤回第 2 版 / revert 2：另有原因"


def test_all_of_an_older_edition_is_restored_and_what_stands_already_is_not(address):
    published(address, drafted(address, MERGE))
    with chromium() as browser, watched(browser) as visit:
        page = listed(visit.page, address)
        take_back(page, 1, "恢复")
        page.locator(".take-back .sure").click()
        expect(page.locator(".facts")).to_contain_text("第 3 版")
        hashes = [each["content_hash"] for each in ask(address, "/editions")["editions"]]
        assert hashes[2] == hashes[0]
        page = listed(page, address)
        take_back(page, 2, "撤回")
        expect(page.locator(".take-back .result")).to_have_text("现在已经是这样，不需要发布。")
        expect(page.locator(".take-back .sure")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.locator(".take-back")).to_be_hidden()
        expect(edition(page, 2).get_by_role("button", name="撤回")).to_be_focused()


def test_areas_changed_again_since_are_named_and_nothing_is_published(address):
    published(address, drafted(address, MERGE))
    published(address, drafted(address, LATER))
    with chromium() as browser:
        page = listed(browser.new_page(), address)
        take_back(page, 2, "撤回")
        expect(page.locator(".take-back .refused")).to_contain_text(f"网格 {A}")
        expect(page.locator(".take-back .sure")).to_have_count(0)
    assert len(ask(address, "/editions")["editions"]) == 3


def test_statutory_borders_go_back_with_an_approval_only(address):
    draft = tell(address, "/drafts", {"name": "社区改名"})["id"]
    rename = {"kind": "rename", "layer": "community", "code": "9990010101", "name": "新西社区"}
    tell(address, f"/drafts/{draft}/operations", {**rename, "to": "9990010101"})
    approval = {"authority": "示例区人民政府", "document": "示政〔2026〕8号", "date": "2026-11-20"}
    published(address, draft, approval=approval)
    with chromium() as browser, watched(browser) as visit:
        page = listed(visit.page, address)
        take_back(page, 2, "撤回")
        for name, value in {**approval, "document": "示政〔2026〕9号"}.items():
            page.locator(f".take-back [name={name}]").fill(value)
        page.locator(".take-back .sure").click()
        expect(page.locator(".facts")).to_contain_text("第 3 版")
    assert "示政〔2026〕9号" in ask(address, "/editions")["editions"][-1]["reason"]


def test_both_sides_and_the_balance_are_told_over_http(address):
    published(address, drafted(address, MERGE))
    told = ask(address, "/editions/1/comparison/2?layer=grid&shown=2")
    assert [(each["code"], each["kinds"]) for each in told["areas"]] == [
        (A, ["changed"]),
        (B, ["removed"]),
    ]
    assert told["areas"][1]["after"] is None
    assert told["areas"][1]["before"]["geometry"]["type"] == "Polygon"
    draft = drafted(address, OTHER)
    assert ask(address, f"/drafts/{draft}/comparison?layer=grid")["draft"] == draft
    even = ask(address, "/editions/2/balance?layer=grid")
    ground = even["parents"][0]["measures"]["area_m2"]
    assert (even["parents"][0]["areas"], ground["most_code"]) == (3, A)
    url = f"{address}/api/v1/editions/1/comparison/9?layer=grid"
    missing = httpx2.get(url, timeout=60)
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems#edition-not-found")
