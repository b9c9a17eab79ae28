"""The dispatch queue over HTTP: what waits and why, accepting what is proposed, news of it."""

import pytest

from tests.doors import open_door, problem_of, publish_street_in
from tests.houses import center
from tests.terminals import refusal, run

_ISSUES, _QUEUE = "/api/v1/issues", "/api/v1/queue"


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path)


def report(client, external_id, at, *, column=0, row=0, **told):
    lon, lat = center(column, row)
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"} if column is not None else {}
    told = {"source": "12345", "external_id": external_id, "reported_at": at, **place, **told}
    answer = client.post(_ISSUES, json=told)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["id"]


def take(door, issue_id, step, role, **told):
    answer = door.post(f"{_ISSUES}/{issue_id}/events", json={"step": step, "role": role, **told})
    assert answer.status_code == 201, answer.text
    return answer


def queued(door, **asked):
    answer = door.get(_QUEUE, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_queue_tells_what_presses_and_why_each_issue_waits(door):
    late = report(door, "late", "2025-06-10 08:00")
    later = report(door, "later", "2025-06-11 08:00", column=1)
    nowhere = report(door, "nowhere", "2025-06-12 08:00", lon=10.0, lat=10.0)
    report(door, "closed", "2025-06-10 08:00", status="办结")
    urgent = report(door, "urgent", "2025-06-13 08:00")
    take(door, urgent, "受理", "派单员", triage="大事", condition="紧急")
    take(door, later, "催办", "派单员")

    found = queued(door)
    assert [each["id"] for each in found["items"]] == [urgent, late, later, nowhere]
    assert [each["is_pressing"] for each in found["items"]] == [True, False, False, False]
    counts = {name: count for name, count in found["counts"].items() if count}
    assert counts == {
        "all": 4,
        "urgent": 1,
        "overdue": 4,
        "new": 2,
        "unassigned": 1,
        "marked": 1,
    }
    first = found["items"][0]
    names = ["示例区", "示例街道", "西社区", "第1网格"]
    assert [area["name"] for area in first["chain"]] == names
    assert (first["state"], first["condition"], first["marks"]) == ("accepted", "urgent", [])
    assert [each["id"] for each in queued(door, view="unassigned")["items"]] == [nowhere]
    assert [each["marks"] for each in queued(door, view="marked")["items"]] == [["urging"]]

    pages, after = [], {}
    while after is not None:
        page = queued(door, limit=1, **after)
        pages += [each["id"] for each in page["items"]]
        after = page["next"] and {"after": page["next"]}
    assert pages == [urgent, late, later, nowhere]
    problem_of(door.get(_QUEUE, params={"view": "x"}), 422, "invalid-value")
    problem_of(door.get(_QUEUE, params={"after": "x"}), 422, "invalid-cursor")


def test_one_key_accepts_and_sends_to_the_owner_and_each_issue_has_its_result(door):
    first, second, nowhere = (
        report(door, "a", "2025-06-10 08:00"),
        report(door, "b", "2025-06-10 08:00", column=2),
        report(door, "c", "2025-06-10 08:00", lon=10.0, lat=10.0),
    )
    stale = int(door.get(f"{_ISSUES}/{second}/events").headers["ETag"].strip('"'))
    take(door, second, "受理", "派单员", triage="小事")
    asked = [{"id": first}, {"id": second, "newest_event": stale}, {"id": nowhere}, {"id": 999}]
    done = door.post(f"{_QUEUE}/acceptances", json={"issues": asked}).json()["results"]
    assert [each["outcome"] for each in done] == ["done", "refused", "done", "refused"]
    assert (done[0]["standing"]["unit"], done[0]["standing"]["tier"]) == ("第1网格", "grid")
    slugs = [each["problem"]["type"].partition("#")[2] for each in done if "problem" in each]
    assert slugs == ["stale-issue", "issue-not-found"]
    # one without an owner is accepted, and waits for a person to say where it goes
    assert done[2]["standing"] == {**done[2]["standing"], "state": "accepted"}
    kinds = [each["kind"] for each in door.get(f"{_ISSUES}/{first}/events").json()["events"]]
    assert kinds == ["reported", "step", "step"]
    [again] = door.post(f"{_QUEUE}/acceptances", json={"issues": [{"id": second}]}).json()[
        "results"
    ]
    assert again["standing"]["unit"] == "第3网格"
    [refused] = door.post(f"{_QUEUE}/acceptances", json={"issues": [{"id": first}]}).json()[
        "results"
    ]
    assert "逐项办理" in refused["problem"]["detail"]


def newest(door, issue_id):
    return int(door.get(f"{_ISSUES}/{issue_id}/events").headers["ETag"].strip('"'))


def kinds(door, issue_id):
    told = door.get(f"{_ISSUES}/{issue_id}/events").json()["events"]
    return [each["payload"].get("step", each["kind"]) for each in told]


def test_one_step_for_several_issues_tells_each_its_own_result(door):
    sent = [report(door, f"{i}", "2025-06-10 08:00", column=i) for i in range(3)]
    waiting = report(door, "waiting", "2025-06-10 08:00", column=3)
    door.post(f"{_QUEUE}/acceptances", json={"issues": [{"id": each} for each in sent]})
    possible = door.get(f"{_QUEUE}/steps", params={"issue": sent}).json()
    names = [step["name"] for step in possible["steps"]]
    assert {"return", "transfer_up", "urge", "supervise", "extend", "suspend"} <= set(names)
    assert possible["issues"] == [{"id": each, "newest_event": newest(door, each)} for each in sent]
    # what cannot be done with every one of them is not offered
    both = door.get(f"{_QUEUE}/steps", params={"issue": [sent[0], waiting]}).json()["steps"]
    assert {step["name"] for step in both} == set(names) & {
        step["name"] for step in door.get(f"{_ISSUES}/{waiting}/events").json()["steps"]
    }
    assert "urge" in {step["name"] for step in both}
    assert "return" not in {step["name"] for step in both}

    seen = possible["issues"]
    take(door, sent[1], "催办", "派单员")
    asked = {"step": "退单", "role": "网格员", "reason": "不在本辖区"}
    body = {**asked, "issues": [*seen, {"id": waiting}, {"id": 999}]}
    done = door.post(f"{_QUEUE}/steps", json=body).json()["results"]
    assert [each["outcome"] for each in done] == ["done", "refused", "done", "refused", "refused"]
    slugs = [each["problem"]["type"].partition("#")[2] for each in done if "problem" in each]
    assert slugs == ["stale-issue", "illegal-transition", "issue-not-found"]
    assert done[0]["standing"]["state"] == "accepted"
    assert kinds(door, sent[0])[-1] == kinds(door, sent[2])[-1] == "return"
    assert kinds(door, sent[1]) == ["reported", "accept", "assign", "urge"]
    assert kinds(door, waiting) == ["reported"]


def test_what_can_be_done_with_no_issue_at_all_refuses_the_request_and_writes_nothing(door):
    number = report(door, "a", "2025-06-10 08:00")
    body = {"issues": [{"id": number}], "role": "派单员"}
    missing = door.post(f"{_QUEUE}/steps", json={**body, "step": "并案"})
    problem_of(missing, 422, "missing-facts")
    unknown = door.post(f"{_QUEUE}/steps", json={**body, "step": "督促"})
    problem_of(unknown, 422, "invalid-value")
    wrong_role = door.post(f"{_QUEUE}/steps", json={**body, "step": "督办", "reason": "超期"})
    problem_of(wrong_role, 422, "invalid-value")
    problem_of(door.get(f"{_QUEUE}/steps", params={"issue": 999}), 404, "issue-not-found")
    assert (
        door.post(f"{_QUEUE}/steps", json={**body, "step": "催办", "issues": []}).status_code == 422
    )
    assert kinds(door, number) == ["reported"]


def test_the_queue_at_the_terminal(tmp_path):
    publish_street_in(tmp_path)
    lon, lat = center(0, 0)
    text = f"工单号,来源,上报时间,经度,纬度\n7,12345,2025-06-10 08:00,{lon},{lat}\n"
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    run(tmp_path, "issues", "import", "list.csv", "--frame", "EPSG:4490")
    told = run(tmp_path, "issues", "queue")
    assert "第1网格" in told
    assert "2025-06-17 00:00" not in told  # acceptance is due before
    assert "在办 1 件；超期 1、未受理 1" in told
    assert "1：已派往 第1网格" in run(tmp_path, "issues", "accept", "1")
    assert "逐项办理" in run(tmp_path, "issues", "accept", "1", code=1)
    leader = ("--role", "值班长", "--tell", "reason=市民再次来电")
    told = run(tmp_path, "issues", "step-each", "督办", "1", "2", *leader, code=1)
    assert "1：已办，现在处置中" in told
    assert "2：" in told
    assert "没有" in told
    line = refusal(tmp_path, "issues", "step-each", "督办", "1", "--role", "值班长")
    assert "reason" in line
    assert "view 应为" in refusal(tmp_path, "issues", "queue", "--view", "x")
