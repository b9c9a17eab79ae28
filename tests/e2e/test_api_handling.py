"""Handling issues over HTTP: steps, who was first, what is legal, and that nothing is doubled."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from tests.doors import open_door, problem_of
from tests.houses import center

_ISSUES = "/api/v1/issues"


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path)


def report(door, external_id="H1"):
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": external_id, "reported_at": "2025-06-10 08:00"}
    answer = door.post(_ISSUES, json={**told, "lon": lon, "lat": lat, "frame": "EPSG:4490"})
    return answer.json()["id"]


def take(door, issue_id, step, role, *, if_match=None, **told):
    headers = {} if if_match is None else {"If-Match": if_match}
    body = {"step": step, "role": role, **told}
    return door.post(f"{_ISSUES}/{issue_id}/events", json=body, headers=headers)


def assert_clean(door):
    workspace = door.app.state.services.workspace
    found = VerificationService(workspace).verify(LOCAL_ADMINISTRATOR, VerificationOptions())
    findings = [each for check in found.checks for each in check.findings]
    assert [each for each in findings if not each.is_warning] == []


def test_an_issue_is_handled_to_its_end_reopened_and_closed_again(door):
    issue_id = report(door)
    read = door.get(f"{_ISSUES}/{issue_id}/events")
    assert [step["title_zh"] for step in read.json()["steps"]][:2] == ["受理", "不予受理"]
    dues = {each["name"]: each["due"] for each in read.json()["deadlines"]}
    # two working hours after 8:00, and five working days after a Tuesday
    assert dues == {"acceptance": "2025-06-10T03:00:00Z", "handling": "2025-06-17T16:00:00Z"}
    assert read.json()["standing"] == {"state": "reported", "phase": "open"}
    tag = read.headers["ETag"]

    done = take(door, issue_id, "受理", "坐席", triage="小事", if_match=tag, at="2025-06-10 09:00")
    assert done.status_code == 201, done.text
    assert done.json()["events"][-1]["at"] == "2025-06-10T01:00:00Z"
    late = problem_of(
        take(door, issue_id, "accept", "坐席", triage="小事", if_match=tag), 412, "stale-issue"
    )
    assert f'"{late["newest_event"]}"' == done.headers["ETag"]
    again = problem_of(
        take(door, issue_id, "accept", "坐席", triage="小事"), 409, "illegal-transition"
    )
    assert again["legal"][0] == "分流"
    lacking = take(door, issue_id, "分流", "派单员", unit="示例网格")
    assert problem_of(lacking, 422, "missing-facts")["missing"] == ["tier"]

    for step, role, told in (
        ("分流", "派单员", {"tier": "网格", "unit": "示例网格"}),
        ("处置", "网格员", {}),
        ("反馈", "网格员", {}),
        ("评价", "派单员", {"resolved": "未解决", "satisfaction": "不满意"}),
    ):
        done = take(door, issue_id, step, role, **told)
        assert done.status_code == 201, done.text
    assert done.json()["status"] == "closed"
    [listed] = door.get(_ISSUES, params={"status": "closed"}).json()["items"]
    assert (listed["id"], listed["closed_at"]) == (issue_id, done.json()["events"][-1]["at"])

    done = take(door, issue_id, "重办", "值班长", reason="来电人称未解决")
    assert (done.json()["status"], done.json()["standing"]["state"]) == ("open", "accepted")
    assert door.get(_ISSUES, params={"status": "closed"}).json()["items"] == []
    assert_clean(door)


def test_a_list_that_says_the_same_as_before_undoes_nothing_that_was_done_here(door):
    """The hotline writes 在办 until somebody tells it otherwise, and exports it every day."""
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": "H1", "reported_at": "2025-06-10 08:00"}
    told |= {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    address = f"{_ISSUES}?on_change=update"

    def says(**more):
        answer = door.post(address, json={**told, **more})
        read = door.get(f"{_ISSUES}/{issue_id}/events").json()
        kinds = [each["kind"] for each in read["events"] if each["kind"] != "step"]
        return answer.json()["outcome"], read["status"], kinds

    issue_id = report(door)
    take(door, issue_id, "受理", "坐席", triage="小事")
    take(door, issue_id, "分流", "派单员", unit="示例网格", tier="网格")
    for step, role in (("处置", "网格员"), ("反馈", "网格员")):
        take(door, issue_id, step, role)
    take(door, issue_id, "评价", "派单员", resolved="已解决", satisfaction="满意")
    closed_at = door.get(f"{_ISSUES}/{issue_id}").json()["closed_at"]

    said = ["reported", "updated"]
    assert says(title="又补充了门牌") == ("updated", "closed", said)
    assert says(title="又补充了单元", status="在办") == (
        "updated",
        "closed",
        [*said, "updated"],
    )
    assert door.get(f"{_ISSUES}/{issue_id}").json()["closed_at"] == closed_at
    said = [*said, "updated", "updated"]
    closing = {"status": "办结", "closed_at": "2025-06-12 08:00"}
    assert says(title="3", **closing) == ("updated", "closed", said)
    # closed there too: from now on an open one is news
    assert says(title="3", status="在办") == ("updated", "open", [*said, "reopened"])
    assert says(title="3", **closing) == ("updated", "closed", [*said, "reopened", "closed"])
    take(door, issue_id, "重办", "值班长", reason="来电人称未解决")
    assert says(title="4", **closing)[:2] == ("updated", "open")
    assert_clean(door)


def test_what_a_list_says_later_stands_above_what_was_handled(door):
    issue_id = report(door)
    take(door, issue_id, "受理", "坐席", triage="小事")
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": "H1", "reported_at": "2025-06-10 08:00"}
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    closed = {**told, **place, "status": "办结", "closed_at": "2025-06-11 08:00"}
    assert door.post(f"{_ISSUES}?on_change=update", json=closed).json()["outcome"] == "updated"
    read = door.get(f"{_ISSUES}/{issue_id}/events").json()
    assert (read["status"], read["steps"][0]["name"]) == ("closed", "reopen")
    [acceptance, handling] = read["deadlines"]
    assert (acceptance["ended_late"], handling["ended_late"]) == (True, False)
    assert_clean(door)


def test_moments_before_the_report_and_to_come_are_refused(door):
    issue_id = report(door)
    for at in ("2025-06-10 07:59", "2099-01-01", "昨天"):
        body = problem_of(
            take(door, issue_id, "受理", "坐席", triage="小事", at=at), 422, "invalid-value"
        )
        assert body["where"] == "at"
    problem_of(door.get(f"{_ISSUES}/999999/events"), 404, "issue-not-found")
    problem_of(take(door, 0, "受理", "坐席"), 404, "issue-not-found")
    odd = take(door, issue_id, "受理", "坐席", triage="小事", if_match="17")
    assert odd.status_code == 422


def test_of_two_dispatchers_at_once_one_is_first_and_no_event_is_lost_or_doubled(door):
    count = 100
    ids = [report(door, f"H{i}") for i in range(count)]
    tags = [door.get(f"{_ISSUES}/{each}/events").headers["ETag"] for each in ids]
    together = Barrier(2)

    def dispatch(triage):
        told = []
        for issue_id, tag in zip(ids, tags, strict=True):
            together.wait(60)
            told.append(take(door, issue_id, "受理", "坐席", triage=triage, if_match=tag))
        return told

    with ThreadPoolExecutor(2) as pool:
        both = list(zip(*pool.map(dispatch, ["大事", "小事"]), strict=True))
    for issue_id, answers in zip(ids, both, strict=True):
        assert sorted(answer.status_code for answer in answers) == [201, 412]
        winner = next(answer for answer in answers if answer.status_code == 201)
        read = door.get(f"{_ISSUES}/{issue_id}/events").json()
        assert read["events"] == winner.json()["events"]
        assert [event["kind"] for event in read["events"]] == ["reported", "step"]
    assert_clean(door)


def test_a_reason_with_the_number_of_a_person_is_refused_and_nothing_is_kept_of_it(tmp_path):
    door = open_door(tmp_path)
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": "p", "reported_at": "2025-06-10 08:00"}
    number = door.post(
        "/api/v1/issues", json={**told, "lon": lon, "lat": lat, "frame": "EPSG:4490"}
    ).json()["id"]
    step = {"step": "督办", "role": "值班长", "reason": "来电人138 0000 0000再次反映"}
    answer = door.post(f"/api/v1/issues/{number}/events", json=step)
    problem = problem_of(answer, 422, "invalid-value")
    assert "手机号" in problem["detail"]
    assert "0000" not in answer.text
    kinds = [each["kind"] for each in door.get(f"/api/v1/issues/{number}/events").json()["events"]]
    assert kinds == ["reported"]
