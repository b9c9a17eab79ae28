"""True values entered in a draft: at the desk, over HTTP and at the terminal."""

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browsers import chromium, watched
from tests.drafting import A, B, at
from tests.served import served_street
from tests.terminals import refusal, run

pytestmark = pytest.mark.sqlite
LINE = [list(at(0.5, -0.25)), list(at(0.5, 1.25))]


@pytest.fixture
def split(tmp_path):
    """Serve a street with a draft that splits its first grid, where 210 people live."""
    listed = tmp_path / "居民.csv"
    listed.write_text(
        f"layer,code,figure,value,from,source\ngrid,{A},residents,210,2020-01-01,普查\n"
    )
    with served_street(tmp_path) as address:
        run(tmp_path, "figures", "import", str(listed))
        api = f"{address}/api/v1/drafts"
        assert httpx2.post(api, json={"name": "拆分"}, timeout=60).status_code == 201
        asked = {"kind": "split", "layer": "grid", "code": A, "line": LINE, "codes": ["N1", "N2"]}
        step = httpx2.post(f"{api}/1/operations", json=asked, timeout=60)
        assert step.status_code == 201
        yield tmp_path, address


def test_a_planner_enters_true_numbers_and_sees_what_the_sum_differs_by(split):
    _, address = split
    with chromium() as browser, watched(browser) as visit:
        page = visit.page
        page.goto(f"{address}/desk/planner#draft=1")
        expect(page.locator("#desk")).to_have_attribute("data-impact", "1")

        def enter(code, value):
            page.locator(f".enter[data-code={code}][data-measure=residents]").click()
            field = page.locator(".ask [name=value]")
            field.press("Control+a")
            field.press("Backspace")
            field.press_sequentially(value)
            page.locator(".ask .primary").click()

        cell = page.locator(".enter[data-code=N1][data-measure=residents]")
        expect(cell).to_have_text("– → 105（估）")
        enter("N1", "120")
        expect(cell).to_have_text("– → 120（录）")
        enter("N2", "80")
        # 210 before, 120 and 80 now
        expect(page.locator(".moves")).to_contain_text("录入后居民合计 210 → 200（-10）")
        expect(page.locator(".state")).to_contain_text("修订 3")
        # the next step is on what was entered: it is told around the step alone
        page.locator(f'path[data-code="{B}"]').click()
        page.locator("[data-tool=recode]").click()
        page.locator(".ask [name=name]").fill("二")
        page.locator(".ask .primary").click()
        expect(page.locator("#desk")).to_have_attribute("data-impact", "4")
        expect(cell).to_have_text("– → 120（录）")
        enter("N1", "")
        expect(cell).to_have_text("– → 105（估）")


def test_values_are_entered_over_http_and_at_the_terminal(split):
    folder, address = split
    url = f"{address}/api/v1/drafts/1/figures"
    body = {"figures": [{"layer": "grid", "code": "N1", "figure": "residents", "value": 120}]}
    told = httpx2.put(url, json=body, params={"impact": True}, timeout=60).json()
    assert (told["figures"][0]["value"], told["figures"][0]["gone"]) == (120, None)
    [grids] = told["impact"]["layers"]
    counts = {each["code"]: each["after"] and each["after"]["residents"] for each in grids["areas"]}
    assert counts["N1"] == {"value": 120, "basis": "entered", "is_estimated": False}
    # the other half is still estimated: 105 of 210
    assert grids["sums"]["residents"]["difference"] == 15
    said = run(folder, "drafts", "enter", "1", "grid", "N2", "residents", "80")
    assert said.splitlines() == ["grid N1 residents 120", "grid N2 residents 80"]
    assert "差 -10" in run(folder, "drafts", "impact", "1")
    assert "整数" in refusal(folder, "drafts", "enter", "1", "grid", "N2", "residents", "多")
    query = {"layer": "grid", "code": "N1", "figure": "residents"}
    assert len(httpx2.delete(url, params=query, timeout=60).json()["figures"]) == 1
    assert (
        httpx2.delete(url, params=query, timeout=60)
        .json()["type"]
        .endswith("entered-figure-not-found")
    )
    assert httpx2.put(url, json={"figures": []}, timeout=60).status_code == 422
    run(folder, "drafts", "undo", "1")
    assert "不再适用" in run(folder, "drafts", "check", "1")
    assert "区域已撤销" in run(folder, "drafts", "figures", "1")
    assert "没有录入" in run(folder, "drafts", "take-away", "1", "grid", "N2", "residents")
