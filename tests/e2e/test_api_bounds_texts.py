"""四至 over HTTP and at the terminal: told, written, given back, and refused in words."""

import pytest

from tests.doors import open_door, publish_street_in
from tests.drafting import A, B, at
from tests.terminals import refusal, run

API = "/api/v1"
AREA = f"{API}/areas/grid/{A}/bounds-text"
HAND = "东至示例路中线，南至南大道"


@pytest.fixture
def door(tmp_path):
    with open_door(tmp_path) as door:
        yield door


def split(door):
    """Return the address of a draft in which the east of a square is another area."""
    draft = f"{API}/drafts/{door.post(f'{API}/drafts', json={'name': '试改'}).json()['id']}"
    line = [at(0.5, -0.25), at(0.5, 1.25)]
    told = {"layer": "grid", "code": A, "line": line, "codes": ["N2"], "keep": at(0.25, 0.5)}
    answer = door.post(f"{draft}/operations", json={"kind": "split", **told})
    assert answer.status_code == 201, answer.text
    return draft


def problem(answer):
    return answer.status_code, answer.json()["type"].rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def test_an_area_in_force_is_reworded_once_and_given_back(door):
    first = door.get(AREA)
    told = first.json()
    assert (told["entered"], told["earlier"], told["history"]) == (None, None, [])
    assert told["text"] == told["generated"]
    tag = {"If-Match": first.headers["ETag"]}
    written = door.put(AREA, json={"zh": HAND}, headers=tag)
    assert written.status_code == 200
    assert written.json()["text"] == {"zh": HAND, "en": told["generated"]["en"]}
    assert written.headers["ETag"] != first.headers["ETag"]
    assert problem(door.put(AREA, json={"zh": "别的"}, headers=tag)) == (412, "stale-bounds-text")
    sheet = door.get(f"{API}/areas/grid/{A}/sheet").json()
    assert sheet["bounds_text"] == sheet["bounds_entered"]["zh"] == HAND
    assert "人工填写，" in door.get(f"/areas/grid/{A}").text
    again = door.delete(AREA, headers={"If-Match": written.headers["ETag"]}).json()
    assert again["text"] == told["generated"]
    assert [each["zh"] for each in again["history"]] == [HAND, None]
    assert len(door.get(f"{API}/editions").json()["editions"]) == 1


def test_a_text_of_a_draft_is_published_with_it(door):
    draft = split(door)
    url = f"{draft}/bounds-text/grid/{A}"
    read = door.get(url)
    assert (read.headers["ETag"], read.json()["is_redrawn"]) == ('"1"', True)
    written = door.put(url, json={"zh": HAND, "en": "East"}, headers={"If-Match": '"1"'})
    assert (written.headers["ETag"], written.json()["revision"]) == ('"2"', 2)
    assert problem(door.delete(url, headers={"If-Match": '"1"'})) == (412, "stale-draft")
    assert HAND in door.get(f"{draft.replace(API, '/desk/planner')}/order").text
    assert door.get(AREA).json()["entered"] is None
    noted = door.patch(draft, json={"reason": "网格过大", "consulted": "居委会"})
    assert (noted.json()["reason"], noted.json()["revision"]) == ("网格过大", 3)
    order = door.get(f"{draft.replace(API, '/desk/planner')}/order").text
    assert "网格过大" in order
    assert "居委会" in order
    edition = door.post(f"{draft}/publication", json={})
    assert (edition.status_code, edition.json()["reason"]) == (201, "网格过大")
    told = door.get(AREA).json()
    assert told["text"] == {"zh": HAND, "en": "East"}
    assert (told["entered"]["edition"], told["history"][0]["is_of_this_ground"]) == (2, True)
    was = door.get(AREA, params={"as_of": "2024-01-01"}).json()
    assert was["text"] == was["generated"]


def test_what_cannot_be_written_is_a_problem(door):
    draft = split(door)
    url = f"{draft}/bounds-text/grid/{A}"
    phone = {"zh": "东至某宅，电话13800138000"}
    for address in (AREA, url):
        refused = door.put(address, json=phone)
        assert problem(refused)[0] == 422
        assert "13800138000" not in refused.text
        assert door.put(address, json={"zh": "字" * 201}).status_code == 422
        assert door.put(address, json={"en": "East"}).status_code == 422
    assert problem(door.patch(draft, json={"consulted": "13800138000"}))[0] == 422
    assert problem(door.post(f"{draft}/publication", json={}))[0] == 422
    other = f"{draft}/bounds-text/grid/{B}"
    assert problem(door.put(other, json={"zh": HAND})) == (409, "area-not-redrawn")
    assert door.get(other).json()["is_redrawn"] is False
    assert door.get(f"{draft}/bounds-text/grid/none").status_code == 404
    assert door.get(f"{API}/areas/grid/none/bounds-text").status_code == 404
    assert door.get(f"{API}/areas/nothing/{A}/bounds-text").status_code == 404
    assert door.get(AREA).json()["history"] == []


def test_the_terminal_tells_writes_and_gives_back(tmp_path):
    publish_street_in(tmp_path)
    assert "自动生成" in run(tmp_path, "areas", "bounds", "grid", A)
    said = run(tmp_path, "areas", "write-bounds", "grid", A, HAND, "--en", "East")
    assert f"grid/{A} 四至：{HAND}" in said
    assert "人工填写：" in said
    line = "{:.12f},{:.12f} {:.12f},{:.12f}".format(*at(0.5, -1), *at(0.5, 2))
    run(tmp_path, "drafts", "begin", "拆分")
    run(tmp_path, "drafts", "recode", "1", "grid", B, "--name", "改名")
    run(tmp_path, "drafts", "split", "1", "grid", A, "--line", line, "--new", "N1", "--new", "N2")
    run(tmp_path, "drafts", "write-bounds", "1", "grid", "N1", "东至新巷")
    assert "东至新巷" in run(tmp_path, "drafts", "bounds", "1")
    assert "stale" not in refusal(tmp_path, "drafts", "write-bounds", "1", "grid", "N1", " ")
    said = run(tmp_path, "drafts", "note", "1", "--reason", "网格过大", "--consulted", "居委会")
    assert "征求意见：居委会" in said
    assert "调整原因：网格过大" in run(tmp_path, "drafts", "show", "1")
    run(tmp_path, "drafts", "publish", "1")
    assert "网格过大" in run(tmp_path, "editions", "list")
    assert "四至：东至新巷" in run(tmp_path, "drafts", "bounds", "1", "grid", "N1")
    run(tmp_path, "areas", "reset-bounds", "grid", "N1")
    assert "自动生成" in run(tmp_path, "areas", "bounds", "grid", "N1")
    assert HAND in run(tmp_path, "areas", "bounds", "grid", A, "--as-of", "2025-01-01")
    assert "13800138000" not in refusal(
        tmp_path, "areas", "write-bounds", "grid", "N1", "电话13800138000"
    )
