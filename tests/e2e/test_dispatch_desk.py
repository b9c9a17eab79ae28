"""The dispatch desk in Chromium: the queue by keyboard, places, steps, and news without reload."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browsers import OFFICE_SCREEN, chromium, watched
from tests.houses import center
from tests.served import served_street

ACCEPTED = "第1网格"


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    with served_street(tmp_path) as found:
        yield found


def report(address, external_id, at="2025-06-10 08:00", column=0, **told):
    lon, lat = center(column, 0)
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    told = {"source": "12345", "external_id": external_id, "reported_at": at, **place, **told}
    answer = httpx2.post(f"{address}/api/v1/issues", json=told, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def kinds(address, issue_id):
    told = httpx2.get(f"{address}/api/v1/issues/{issue_id}/events", timeout=60).json()
    return [event["payload"].get("step", event["kind"]) for event in told["events"]]


def import_addresses(address):
    (lon, lat), (other, _) = center(1, 0), center(2, 0)
    rows = f"路,弄,号,经度,纬度\n幸福路,88,3,{lon},{lat}\n幸福路,88,5,{other},{lat}\n"
    files = {"file": ("addresses.csv", rows.encode("gbk"))}
    url, frame = f"{address}/api/v1/places/import", {"frame": "EPSG:4490"}
    taken = httpx2.post(url, files=files, data=frame, timeout=60)
    assert taken.status_code == 200, taken.text


def settled(page):
    """Wait until the page shows all that it asked for."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def leave(visit, *, expected="queue/news"):
    """Leave the page: what breaks off by that is no trouble, neither its stream nor a question."""
    settled(visit.page)
    known = ("queue/news", expected)
    before = [each for each in visit.troubles if not any(k in each for k in known)]
    visit.page.goto("about:blank")
    visit.troubles[:] = before


def mark(page, number):
    """Mark an issue; news may draw its row anew meanwhile, and keep the mark."""
    box = page.locator(".item", has_text=number).locator(".mark")
    box.click()
    expect(box).to_be_checked()


def test_a_place_tells_whose_it_is_and_why(address):
    import_addresses(address)
    report(address, "GD1", title="<b>路灯</b>不亮")
    report(address, "GD2", at="2025-06-11 08:00", column=1)
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        rows = page.locator(".queue .item")
        expect(rows).to_have_count(2)
        expect(rows.nth(0)).to_contain_text("<b>路灯</b>不亮")  # what people write stays text
        expect(page.locator("[name=q]")).to_be_focused()
        expect(page.locator(".case")).to_contain_text("示例区 › 示例街道 › 西社区 › 第1网格")
        expect(page.locator(".offered")).to_have_text("回车办理：受理，分流 → 第1网格")

        # a place on the border of two grids: the lower code, with the reason
        lon, lat = center(0, 0)[0] + 0.5 / 1024, center(0, 0)[1]
        page.keyboard.insert_text(f"{lon}, {lat}")
        page.keyboard.press("Enter")
        expect(page.locator(".answer .owner")).to_contain_text("第1网格")
        expect(page.locator(".answer .reason").first).to_contain_text(
            "点正好在 999001010101、999001010102 的公共边界上"
        )

        # an address: its grid at once, or every place that it may mean
        page.locator("[name=q]").fill("示例区示例街道幸福路８８弄３号")
        page.keyboard.press("Enter")
        expect(page.locator(".answer .owner")).to_contain_text("第2网格")
        page.locator("[name=q]").fill("幸福路88弄")
        page.keyboard.press("Enter")
        expect(page.locator(".answer .places li")).to_have_count(3)
        page.locator(".answer .places button:enabled").first.click()
        expect(page.locator(".answer .reason").first).to_contain_text("点在网格")

        leave(visit)


def test_a_dispatcher_works_through_the_queue_by_keyboard(address):
    first = report(address, "GD1")
    second = report(address, "GD2", at="2025-06-11 08:00", column=1)
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        rows = page.locator(".queue .item")
        # Enter does what is offered, and the next one is chosen
        page.keyboard.press("Escape")
        expect(page.locator(".queue")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".said")).to_have_text("已受理派出 1 件。")
        assert kinds(address, first) == ["reported", "accept", "assign"]
        expect(page.locator(".item[aria-selected=true] .number")).to_contain_text("GD2")

        # another step asks for what it needs, and says what is wrong
        page.locator(".queue").focus()
        page.keyboard.press("r")
        page.get_by_role("button", name="并案", exact=True).click()
        page.locator(".step-form [name=issue]").fill(str(second))
        page.locator(".step-form .primary").click()
        expect(page.locator(".step-form .problem")).to_contain_text("另一个已有问题的编号")
        page.locator(".step-form [name=issue]").fill(str(first))
        page.locator(".step-form .primary").click()
        expect(rows).to_have_count(1)
        assert kinds(address, second) == ["reported", "merge"]

        # what comes in meanwhile is there without a reload
        third = report(address, "GD3", column=2)
        expect(rows).to_have_count(2)
        page.locator("[data-view=new]").click()
        expect(rows).to_have_count(1)
        page.locator("[name=every]").check()
        page.locator(".accept-marked").click()
        expect(page.locator(".queue .empty")).to_have_text("没有待办")
        assert kinds(address, third) == ["reported", "accept", "assign"]
        box = page.locator(".keys").bounding_box()
        assert box["y"] + box["height"] <= OFFICE_SCREEN["height"]
        assert all(url.startswith(f"{address}/") for url in visit.requests)
        leave(visit, expected="422")


def test_marked_issues_take_one_step_together_and_a_refused_one_stays_marked(address):
    first = report(address, "GD1")
    second = report(address, "GD2", at="2025-06-11 08:00", column=1)
    third = report(address, "GD3", at="2025-06-12 08:00", column=2)
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        expect(page.locator(".queue .item")).to_have_count(3)
        expect(page.locator(".step-marked")).to_be_disabled()
        page.keyboard.press("Escape")
        for _ in range(3):
            page.keyboard.press(" ")
            page.keyboard.press("j")
        page.keyboard.press("r")
        expect(page.locator(".bulk-steps h2")).to_have_text("批量办理 3 件")
        # accepted by another one meanwhile: it can no longer be declined
        taken = {"step": "受理", "role": "派单员", "triage": "大事"}
        httpx2.post(f"{address}/api/v1/issues/{second}/events", json=taken, timeout=60)
        page.get_by_role("button", name="不予受理", exact=True).click()
        page.locator(".step-form [name=reason]").select_option(label="不属本辖区")
        page.keyboard.press("Enter")
        page.locator(".step-form .primary").click()
        expect(page.locator(".said")).to_have_text("不予受理：已办 2 件。")
        expect(page.locator(".bulk-refused li")).to_contain_text(f"{second}：")
        expect(page.locator(".queue .item")).to_have_count(1)
        expect(page.locator(".item .mark")).to_be_checked()
        assert kinds(address, first) == kinds(address, third) == ["reported", "decline"]
        assert kinds(address, second) == ["reported", "accept"]

        # the one that is left can be urged from here by the keys alone
        page.locator(".queue").focus()
        page.keyboard.press("r")
        expect(page.locator(".bulk-steps h2")).to_have_text("批量办理 1 件")
        page.get_by_role("button", name="催办", exact=True).press("Enter")
        page.locator(".step-form .primary").press("Enter")
        expect(page.locator(".said")).to_have_text("催办：已办 1 件。")
        expect(page.locator(".item .badge.flag")).to_have_text("催办")
        leave(visit)


def test_the_desk_speaks_english(address):
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch?lang=en")
        expect(page.locator("h1")).to_have_text("Dispatch")
        expect(page.locator(".queue .empty")).to_have_text("Nothing waits")
        leave(visit)


def owners(address):
    items = httpx2.get(f"{address}/api/v1/queue", timeout=60).json()["items"]
    return {each["external_id"]: (each["rule"], each["chain"][-1]["name"]) for each in items}


def test_a_place_on_a_border_is_decided_with_a_key_and_seen_by_everybody(address):
    lon = center(0, 0)[0] + 0.5 / 1024  # on the border of two grids
    report(address, "GD1", lon=lon)
    report(address, "GD2", at="2025-06-11 08:00", column=2)
    report(address, "GD3", at="2025-06-12 08:00", column=3)
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        chosen = page.locator(".item[aria-selected=true]")
        expect(chosen).to_contain_text("边界")
        expect(page.locator(".case .facts")).to_contain_text("公共边界")
        page.keyboard.press("Escape")
        page.keyboard.press("o")
        expect(page.locator(".decide [name=code]")).to_be_focused()
        page.locator(".decide .candidates button", has_text="第2网格").click()
        expect(page.locator(".decide .area-name")).to_have_text("第2网格")
        page.locator(".decide [name=reason]").select_option(label="值班长裁定")
        page.locator(".decide .primary").click()
        expect(page.locator(".decide [role=alert]")).to_contain_text("裁定所依据的条款或文号")
        page.locator(".decide [name=cites]").fill("会议纪要3号")
        page.locator(".decide .primary").click()
        expect(page.locator(".decide .decided")).to_contain_text("值班长裁定 会议纪要3号（派单员")
        expect(chosen).to_contain_text("人工归属")
        assert owners(address)["GD1"] == ("decided", "第2网格")

        # others at once, by a click on the map
        page.locator("[data-view=all]").click()
        settled(page)
        for number in ("GD2", "GD3"):
            mark(page, number)
        page.locator(".decide-marked").click()
        page.get_by_role("button", name="全图").click()
        box = page.locator(".leaflet-container").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2 + 8, box["y"] + box["height"] / 2 - 20)
        expect(page.locator(".decide .area-name")).to_contain_text("网格")
        area = page.locator(".decide .area-name").text_content()
        page.locator(".decide .primary").click()
        expect(page.locator(".said")).to_have_text("已定归属 2 件。")
        settled(page)
        found = owners(address)
        assert found["GD2"] == found["GD3"] == ("decided", area)

        # one without a place is put there by a click
        report(address, "GD4", at="2025-06-13 08:00", lon=None, lat=None, frame=None)
        page.locator(".item", has_text="GD4").click()
        page.get_by_role("button", name="在地图上标出地点").click()
        page.get_by_role("button", name="全图").click()
        page.mouse.click(box["x"] + box["width"] / 2 + 8, box["y"] + box["height"] / 2 - 20)
        expect(page.locator(".said")).to_contain_text("已标出地点")
        assert owners(address)["GD4"] == ("assigned", area)

        # and left to the place again
        settled(page)
        page.locator(".item", has_text="GD1").click()
        page.get_by_role("button", name="撤回人工归属").click()
        expect(page.locator(".item", has_text="GD1")).to_contain_text("边界")
        assert owners(address)["GD1"] == ("boundary", "第1网格")
        leave(visit, expected="422")


def test_news_reach_whoever_had_more_shown_than_one_answer_holds(address):
    lon, lat = center(0, 0)
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490", "reported_at": "2025-06-11 08:00"}
    rows = [{"source": "12345", "external_id": f"GD{n}", **place} for n in range(520)]
    told = httpx2.post(f"{address}/api/v1/issues/batch", json={"issues": rows}, timeout=60)
    assert told.status_code == 200, told.text
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        shown = page.locator(".queue .item")
        for count in (100, 200, 300, 400, 500):
            expect(shown).to_have_count(count)
            page.locator(".more").click()
        expect(shown).to_have_count(520)
        expect(page.locator(".more")).to_be_hidden()
        report(address, "EARLIER", at="2025-06-10 08:00")  # due before all the others
        expect(shown.first).to_contain_text("EARLIER")
        expect(shown).to_have_count(520)
        expect(page.locator(".more")).to_be_visible()
        leave(visit)
