"""Possible duplicates over HTTP, at the terminal and at the dispatch desk."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from geo_service.governance.moment import SHANGHAI
from tests.browsers import chromium, watched
from tests.doors import open_door, problem_of, publish_street_in
from tests.e2e.test_dispatch_desk import address, kinds, leave, report
from tests.houses import center
from tests.terminals import refusal, run

__all__ = ["address"]  # the fixture of the desk's own tests

_ISSUES = "/api/v1/issues"
LON, LAT = center(0, 0)
# a degree of longitude at 30° is 96.49 km: 0.000125° are 12.06 m
WASTE = {"category_major": "环境与垃圾分类", "category_minor": "垃圾分类"}


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path)


def told(external_id, at="2026-06-10 08:00", lon=LON, **more):
    place = {"lon": lon, "lat": LAT, "frame": "EPSG:4490"}
    return {"source": "12345", "external_id": external_id, "reported_at": at, **place, **more}


def test_an_issue_has_its_possible_duplicates_and_one_post_merges_it(door):
    first = door.post(_ISSUES, json=told("A", **WASTE, title="垃圾堆放")).json()["id"]
    at = "2026-06-10 11:00"
    second = door.post(_ISSUES, json=told("B", at, LON + 0.000125, **WASTE)).json()["id"]
    found = door.get(f"{_ISSUES}/{second}/nearby").json()
    assert found["rules"] == {"distance_m": 50.0, "days": 7, "same": "category"}
    assert found["reason_en"] == "1 of the same category, within 50 m and 7 days"
    [near] = found["items"]
    assert (near["id"], near["title"], near["status"]) == (first, "垃圾堆放", "open")
    assert near["distance_m"] == pytest.approx(12.06, abs=0.01)
    assert near["later_s"] == -3 * 3600
    assert near["reason_zh"] == "同类，相距 12 米，早 3 小时"
    merge = near["merge"]
    body = {"step": merge["step"], "role": merge["role"], "issue": merge["into"]}
    url, headers = f"{_ISSUES}/{merge['issue']}/events", {"If-Match": f'"{merge["newest_event"]}"'}
    assert door.post(url, json=body, headers=headers).status_code == 201
    problem_of(door.post(url, json=body, headers=headers), 412, "stale-issue")
    assert door.get(f"{_ISSUES}/{first}/nearby").json()["items"] == []
    assert door.get(f"{_ISSUES}/{second}/nearby").json()["reason_zh"] == f"已并入 {first}"
    problem_of(door.get(f"{_ISSUES}/99/nearby"), 404, "issue-not-found")


def test_a_place_has_what_is_near_it_by_category(door):
    door.post(_ISSUES, json=told("A", **WASTE))
    place = {"lon": LON, "lat": LAT}
    none = door.get(f"{_ISSUES}/nearby", params=place).json()
    assert none["items"] == []  # it was reported long ago
    assert none["reason_zh"] == "没有：不限类别、50 米以内、上报相隔不超过 7 天"
    params = {**place, "category": "天气"}
    problem_of(door.get(f"{_ISSUES}/nearby", params=params), 422, "invalid-value")
    params = {**place, "frame": "月球"}
    problem_of(door.get(f"{_ISSUES}/nearby", params=params), 422, "unknown-frame")


def test_the_terminal_tells_possible_duplicates(tmp_path):
    publish_street_in(tmp_path)
    rows = [f"{i},12345,2026-06-10 0{i}:00,{LON},{LAT},EPSG:4490,垃圾分类" for i in (1, 2)]
    heading = "工单号,来源,上报时间,经度,纬度,坐标系,小类\n"
    (tmp_path / "list.csv").write_text(heading + "\n".join(rows), encoding="utf-8")
    run(tmp_path, "issues", "import", "list.csv")
    text = run(tmp_path, "issues", "nearby", "2")
    assert "2 → 1" in text
    assert "早 1" in text
    assert "同类、50 米以内、上报相隔不超过 7 天：1 件" in text
    assert "9" in refusal(tmp_path, "issues", "nearby", "9")


def test_one_key_merges_the_chosen_issue_and_it_can_be_taken_back(address):
    first = report(address, "GD1", title="<i>垃圾</i>堆放", **WASTE)
    second = report(address, "GD2", at="2025-06-11 08:00", **WASTE)
    third = report(address, "GD3", at="2025-06-12 08:00", column=2, **WASTE)
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        rows, near = page.locator(".queue .item"), page.locator(".case .near")
        expect(rows).to_have_count(3)
        # the first one: the other came later, and would be merged into it
        expect(near.locator("li")).to_have_count(1)
        expect(near.locator("li")).to_contain_text("同类，同一地点，晚 24 小时")
        expect(near.get_by_role("button")).to_have_text(f"把 {second} 并入本件 (M)")
        expect(page.locator(".leaflet-places-pane path")).to_have_count(2)

        page.locator(".queue").focus()
        page.keyboard.press("ArrowDown")
        expect(near.locator("li strong")).to_contain_text("<i>垃圾</i>堆放")
        expect(near.get_by_role("button")).to_have_text(f"并入 {first} (M)")
        page.locator(".queue").focus()
        page.keyboard.press("m")
        expect(page.locator(".said")).to_contain_text(f"{second} 已并入 {first}。")
        expect(rows).to_have_count(2)
        assert kinds(address, second) == ["reported", "merge"]
        expect(page.locator(".item[aria-selected=true] .number")).to_contain_text("GD3")
        expect(near).to_contain_text("没有：同类、50 米以内")
        page.locator(".queue").focus()
        page.keyboard.press("m")  # there is nothing to merge with
        expect(page.locator(".said")).to_have_text("没有可一键并入的在办问题")
        assert kinds(address, third) == ["reported"]

        # taken back by a click, with a reason in its history
        page.keyboard.press("ArrowUp")
        fourth = report(address, "GD4", at="2025-06-13 08:00", **WASTE)
        expect(rows).to_have_count(3)
        expect(near.get_by_role("button")).to_have_text(f"把 {fourth} 并入本件 (M)")
        near.get_by_role("button").click()
        page.locator(".said .undo").click()
        expect(page.locator(".said")).to_have_text(f"{fourth} 已解除并案。")
        assert kinds(address, fourth) == ["reported", "merge", "unmerge"]
        assert all(url.startswith(f"{address}/") for url in visit.requests)
        leave(visit)


def test_a_place_that_is_asked_for_shows_what_was_reported_near_it(address):
    at = (datetime.now(SHANGHAI) - timedelta(minutes=150)).strftime("%Y-%m-%d %H:%M")
    known = report(address, "GD1", at=at, title="垃圾堆放", **WASTE)
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        page.locator("[name=q]").fill(f"{LON + 0.000125}, {LAT}")
        page.keyboard.press("Enter")
        near = page.locator(".answer .near-place")
        expect(near.locator("li strong")).to_have_text(f"{known} 垃圾堆放")
        expect(near.locator("li .near-why")).to_have_text("相距 12 米，早 2 小时")
        near.locator("select").select_option("环境与垃圾分类/垃圾分类")
        expect(near.locator("li .near-why")).to_have_text("同类，相距 12 米，早 2 小时")
        near.locator("select").select_option("出行停车")
        expect(near).to_contain_text("没有：同大类、50 米以内、上报相隔不超过 7 天")
        leave(visit)
