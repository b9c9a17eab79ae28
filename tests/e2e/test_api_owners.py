"""Whose an issue is, decided over HTTP and at the terminal."""

import pytest

from tests.doors import open_door, problem_of, publish_street_in
from tests.houses import center, grid_code
from tests.terminals import refusal, run

_ISSUES = "/api/v1/issues"
B, C = grid_code(1, 0), grid_code(0, 1)
DECISION = {"layer": "grid", "code": B, "reason": "现场核实", "role": "派单员"}


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path)


def report(door, external_id="1"):
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": external_id, "reported_at": "2025-06-10 08:00"}
    answer = door.post(_ISSUES, json={**told, "lon": lon, "lat": lat, "frame": "EPSG:4490"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_of_two_who_decide_at_once_one_is_told_that_the_other_was_faster(door):
    issue = report(door)
    seen = door.get(f"{_ISSUES}/{issue}/owner")
    assert seen.json() == {
        "issue_id": issue,
        "family": "grid",
        "rule": "assigned",
        "chain": [
            {"layer": "district", "code": "999001", "name": "示例区"},
            {"layer": "street", "code": "99900101", "name": "示例街道"},
            {"layer": "community", "code": "9990010101", "name": "西社区"},
            {"layer": "grid", "code": grid_code(0, 0), "name": "第1网格"},
        ],
        "decision": None,
    }
    headers = {"If-Match": seen.headers["etag"]}
    first = door.put(f"{_ISSUES}/{issue}/owner", json=DECISION, headers=headers)
    assert first.status_code == 200
    told = first.json()
    assert (told["rule"], told["chain"][-1]["name"]) == ("decided", "第2网格")
    decision = told["decision"]
    decision.pop("decided_at")
    assert decision == {
        "layer": "grid",
        "code": B,
        "reason": "checked",
        "reason_zh": "现场核实",
        "reason_en": "checked on site",
        "cites": None,
        "actor": "local-administrator",
        "role": "dispatcher",
        "is_questioned": False,
        "is_standing": True,
    }
    late = door.put(f"{_ISSUES}/{issue}/owner", json={**DECISION, "code": C}, headers=headers)
    problem_of(late, 412, "stale-issue")
    back = door.delete(
        f"{_ISSUES}/{issue}/owner",
        params={"role": "派单员"},
        headers={"If-Match": first.headers["etag"]},
    )
    assert (back.json()["rule"], back.json()["decision"]) == ("assigned", None)


def test_a_decision_is_seen_in_the_queue_and_several_are_made_at_once(door):
    first, second = report(door, "1"), report(door, "2")
    body = {**DECISION, "issues": [{"id": first}, {"id": 99}, {"id": second}]}
    results = door.post("/api/v1/queue/decisions", json=body).json()["results"]
    assert [each["outcome"] for each in results] == ["done", "refused", "done"]
    assert results[1]["problem"]["status"] == 404
    items = door.get("/api/v1/queue").json()["items"]
    assert [(each["decision"], each["rule"]) for each in items] == [("standing", "decided")] * 2
    listed = door.get(_ISSUES, params={"rule": "decided"}).json()["items"]
    assert {each["id"] for each in listed} == {first, second}
    # what is offered goes to the one who was decided on
    door.post("/api/v1/queue/acceptances", json={"issues": [{"id": first}]})
    assert {each["unit"] for each in door.get("/api/v1/queue").json()["items"]} == {"第2网格", None}


def test_a_bad_decision_says_what_would_be_right(door):
    issue = report(door)
    address = f"{_ISSUES}/{issue}/owner"
    problem_of(door.put(address, json={**DECISION, "code": "nowhere"}), 404, "area-not-found")
    refused = problem_of(
        door.put(address, json={**DECISION, "reason": "随便"}), 422, "invalid-value"
    )
    assert "现场核实" in refused["detail"]
    problem_of(door.put(f"{_ISSUES}/99/owner", json=DECISION), 404, "issue-not-found")
    problem_of(door.put(address, json={**DECISION, "extra": 1}), 422, "invalid-request")


def test_the_terminal_decides_tells_and_withdraws(tmp_path):
    publish_street_in(tmp_path)
    lon, lat = center(0, 0)
    row = ["source,external_id,reported_at,lon,lat", f"12345,1,2025-06-10,{lon},{lat}"]
    (tmp_path / "issues.csv").write_text("\n".join(row), encoding="utf-8")
    run(tmp_path, "issues", "import", "issues.csv", "--frame", "EPSG:4490")
    options = ("--layer", "grid", "--code", B, "--role", "派单员")
    told = run(
        tmp_path, "issues", "decide", "1", *options, "--reason", "裁定", "--cites", "会议纪要3号"
    )
    assert "第2网格" in told
    assert "值班长裁定 会议纪要3号（dispatcher" in told
    assert "人工归属" in run(tmp_path, "issues", "owner", "1")
    assert "依据" in refusal(tmp_path, "issues", "decide", "1", *options, "--reason", "裁定")
    assert "第1网格" in run(tmp_path, "issues", "undecide", "1", "--role", "派单员")


def test_a_place_set_by_hand_gives_the_owner_there_and_questions_a_decided_one(door):
    told = {"source": "12345", "external_id": "1", "reported_at": "2025-06-10", "address": "桥下"}
    issue = door.post(_ISSUES, json=told).json()["id"]
    address = f"{_ISSUES}/{issue}/place"
    lon, lat = center(1, 0)
    body = {"lon": lon, "lat": lat, "role": "派单员"}
    assert door.get("/api/v1/queue").json()["items"][0]["is_pointable"]
    seen = door.get(f"{_ISSUES}/{issue}/owner").headers["etag"]
    answer = door.put(address, json=body, headers={"If-Match": seen})
    assert (answer.json()["rule"], answer.json()["chain"][-1]["code"]) == ("assigned", B)
    problem_of(door.put(address, json=body, headers={"If-Match": seen}), 412, "stale-issue")
    read = door.get(f"{_ISSUES}/{issue}").json()
    assert (read["located_by"], read["place"]["why"]) == ("hand", "pointed")
    payload = read["events"][-1]["payload"]
    assert (payload["located_by"], payload["role"]) == ("hand", "dispatcher")
    assert str(lon)[:6] not in str(payload)  # the events never hold a place

    door.put(f"{_ISSUES}/{issue}/owner", json=DECISION)
    lon, lat = center(3, 1)
    moved = door.put(address, json={"lon": lon, "lat": lat, "role": "派单员"}).json()
    assert (moved["rule"], moved["decision"]["is_questioned"]) == ("decided", True)
    assert door.get("/api/v1/queue").json()["counts"]["questioned"] == 1
    # the same ticket in tomorrow's list stays where it was put
    assert door.post(f"{_ISSUES}?on_change=update", json=told).json()["outcome"] == "unchanged"

    problem_of(door.put(address, json={**body, "lon": 0, "lat": 0}), 422, "invalid-coordinates")
    problem_of(door.put(address, json={**body, "frame": "EPSG:9"}), 422, "unknown-frame")
    told = problem_of(
        door.put(f"{_ISSUES}/{report(door, '2')}/place", json=body), 422, "invalid-value"
    )
    assert "改为定归属" in told["detail"]
