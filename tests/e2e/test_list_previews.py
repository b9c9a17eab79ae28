"""Looking at a list before it is stored: over HTTP, at the terminal and at the dispatch desk."""

import pytest
from playwright.sync_api import expect

from tests.browsers import chromium, watched
from tests.databases import everything
from tests.doors import open_door, problem_of, publish_street_in
from tests.e2e.test_dispatch_desk import address, leave
from tests.houses import center
from tests.integration.test_list_previews import RESULTS, street_list
from tests.terminals import run

__all__ = ["address"]  # the fixture of the desk's own tests

_IMPORT, _PREVIEW = "/api/v1/issues/import", "/api/v1/issues/import/preview"


@pytest.fixture
def listed(tmp_path):
    folder = tmp_path / "lists"
    folder.mkdir()
    return street_list(folder)


def test_a_preview_tells_what_the_import_then_does_and_stores_nothing(tmp_path, listed):
    door = open_door(tmp_path)
    files = {"file": ("工单.csv", listed.read_bytes())}
    held = everything(tmp_path)
    found = door.post(_PREVIEW, files=files).json()
    assert everything(tmp_path) == held
    shown = zip(*(found["shown"][name] for name in ("row", "outcome", "result")), strict=True)
    assert [tuple(each) for each in shown] == [(n, *each[:2]) for n, each in RESULTS.items()]
    owners = [each and each[1] for each in found["shown"]["owner"]]
    assert owners == [each[2] for each in RESULTS.values()]
    assert (found["shown"]["lon"][0], found["shown"]["lat"][0]) == center(1, 0)
    assert found["shown"]["lon"][4] is None
    assert found["owners"][0] == {
        "area": {"layer": "grid", "code": RESULTS[2][2], "name": "第2网格"},
        "added": 2,
        "updated": 1,
        "unchanged": 0,
    }
    assert found["rejections"][0]["row"] == 7
    rejected = door.post(_PREVIEW, files=files, headers={"Accept": "text/csv"})
    assert "应为数字" in rejected.text

    stored = door.post(_IMPORT, files=files).json()
    assert {name: found[name] for name in stored} == stored
    again = door.post(_PREVIEW, files=files).json()["counts"]
    assert again == {"added": 0, "updated": 2, "unchanged": 4, "rejected": 1}
    form = {"column": "id=工单号"}
    problem_of(door.post(_PREVIEW, files=files, data=form), 422, "invalid-value")


def test_the_terminal_looks_without_storing(tmp_path, listed):
    publish_street_in(tmp_path)
    text = run(tmp_path, "issues", "import", str(listed), "--dry-run")
    assert "共 7 行：新增 5，更新 1，未变 0，退回 1" in text
    assert "第2网格" in text
    assert "第 7 行 x：" in text
    assert "预览：没有存入任何内容" in text
    assert sorted(each.name for each in listed.parent.iterdir()) == ["list.csv"]
    assert "0 件" in run(tmp_path, "issues", "queue")
    run(
        tmp_path, "issues", "import", str(listed), "--dry-run", "--rejects", str(tmp_path / "r.csv")
    )
    assert "应为数字" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert "新增 5" in run(tmp_path, "issues", "import", str(listed))


def test_a_list_is_seen_on_the_map_and_then_stored_or_dropped(address, listed, tmp_path):
    with chromium() as browser, watched(browser) as visit:
        page = visit.open(f"{address}/desk/dispatch")
        page.locator(".open-list").click()
        page.locator(".list [name=file]").set_input_files(listed)
        expect(page.locator(".list-counts")).to_have_text("共 7 行：新增 5，更新 1，未变 0，退回 1")
        legend = page.locator(".list-legend li")
        assert legend.all_inner_texts() == ["落格 2", "边界·系统暂定 1", "归属待定 1", "未落格 2"]
        expect(page.locator(".list-rejected li")).to_have_text("第 7 行 经度 · 应为数字，却是文字")
        owners = page.locator(".list-owners tr")
        expect(owners.nth(1)).to_have_text("第2网格210")
        # the points are drawn, and each tells what it is and whose
        areas = [each.bounding_box() for each in page.locator(".leaflet-areas-pane path").all()]
        grids = sorted(areas, key=lambda box: (-round(box["y"], -1), box["x"]))
        box = grids[1]  # of the southern row the second from the west
        point = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(*point)
        expect(page.locator(".leaflet-tooltip")).to_contain_text("第 8 行 · 更新 · 落格 · 第2网格")
        page.mouse.click(*point)
        expect(page.locator(".answer .owner")).to_contain_text("第2网格")

        page.get_by_role("button", name="不存入，放弃").click()
        expect(page.locator(".list-counts")).to_have_count(0)
        assert everything(tmp_path)["issues"] == []

        # what is stored are the bytes that were looked at, though the file is another one now
        page.locator(".list [type=submit]").click()
        expect(page.locator(".list-counts")).to_contain_text("新增 5")
        listed.write_text("工单号\n", encoding="utf-8")
        page.get_by_role("button", name="存入 6 件").click()
        expect(page.locator(".list-said")).to_have_text(
            "已存入。 共 7 行：新增 5，更新 1，未变 0，退回 1"
        )
        assert len(everything(tmp_path)["issues"]) == 5
        page.locator(".list .close").click()
        expect(page.locator(".queue .item")).to_have_count(5)

        # a file that is no list is told, and nothing is offered
        page.locator(".open-list").click()
        listed.write_text("天气\n晴\n", encoding="utf-8")
        page.locator(".list [name=file]").set_input_files(listed)
        expect(page.locator(".list-counts")).to_contain_text("新增 0，更新 0，未变 0，退回 1")
        expect(page.locator(".list-do .primary")).to_be_disabled()
        page.locator(".list .close").click()
        assert all(url.startswith((f"{address}/", "blob:")) for url in visit.requests)
        leave(visit)
