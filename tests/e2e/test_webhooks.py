"""Webhooks from both doors: HTTP, and the terminal; what they tell and what they never tell."""

import json

from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from tests.crashes import wait_for
from tests.doors import open_door, problem_of, publish_street_in
from tests.houses import center
from tests.receivers import is_signed, receiving
from tests.terminals import refusal, run

HOOKS = "/api/v1/webhooks"
GIVEN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def report(door, name):
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": name, "reported_at": "2025-06-10 08:00"}
    answer = door.post("/api/v1/issues", json=told | {"lon": lon, "lat": lat, "frame": "EPSG:4490"})
    assert answer.status_code == 201


def test_a_webhook_is_managed_over_http_from_its_first_event_to_its_end(tmp_path):
    with (
        receiving(tmp_path) as receiver,
        open_door(
            tmp_path,
            webhook_targets=receiver.target,
            webhook_dead_after_tries=1,
            work_interval_s=0.05,
        ) as door,
    ):
        body = {"name": "上级平台", "url": receiver.url, "kinds": ["reported"]}
        body["owners"] = [{"layer": "community", "code": "9990010101"}]
        made = door.post(HOOKS, json=body)
        assert made.status_code == 201, made.text
        secret = made.json().pop("secret")
        problem_of(door.post(HOOKS, json=body), 409, "webhook-exists")
        report(door, "1")
        wait_for(lambda: len(receiver.taken()) == 1, "the event")
        [sent] = receiver.requests()
        assert is_signed(sent, secret, now_s=int(sent["headers"]["webhook-timestamp"]))
        tried = door.post(f"{HOOKS}/上级平台/test").json()
        assert (tried["status"], tried["failure"]) == (204, None)

        receiver.tell(500)
        report(door, "2")
        wait_for(lambda: door.get(f"{HOOKS}/上级平台").json()["dead"] == 1, "a dead letter")
        [dead] = door.get(f"{HOOKS}/上级平台/dead-letters").json()["dead_letters"]
        assert (dead["kind"], dead["tries"], dead["failure"]) == ("reported", 1, "status 500")
        receiver.tell()
        again = {"dead_letters": [dead["event"]]}
        assert door.post(f"{HOOKS}/上级平台/replay", json=again).json() == {"events": 1}
        wait_for(lambda: len(receiver.taken()) == 3, "the dead letter")
        other = door.post(f"{HOOKS}/上级平台/secret", json={"secret": GIVEN}).json()
        assert other == {"name": "上级平台", "secret": GIVEN}
        assert door.post(f"{HOOKS}/上级平台/pause").json()["is_paused"]
        both = door.post(f"{HOOKS}/上级平台/replay", json={"since": "2025-01-01"}).json()
        assert both == {"events": 2}
        assert door.post(f"{HOOKS}/上级平台/resume").json()["is_paused"] is False
        wait_for(lambda: len(receiver.taken()) == 5, "both again")
        for wrong in ({}, again | {"from_event": 1}, {"from_event": 1, "since": "2025-01-01"}):
            asked = door.post(f"{HOOKS}/上级平台/replay", json=wrong)
            problem_of(asked, 422, "invalid-value")

        told = door.get(HOOKS)
        assert [each["name"] for each in told.json()["webhooks"]] == ["上级平台"]
        assert told.json()["webhooks"][0]["owners"] == body["owners"]
        assert secret not in told.text
        assert "hidden" not in told.text
        assert (
            door.get("/api/v1/schemas/issue-event.v1").json()["$id"]
            == (json.loads(sent["body"])["dataschema"])
        )
        _assert_clean(door)
        assert door.delete(f"{HOOKS}/上级平台").status_code == 204
        problem_of(door.get(f"{HOOKS}/上级平台"), 404, "webhook-not-found")
        elsewhere = body | {"url": "http://127.0.0.1:1/"}
        problem_of(door.post(HOOKS, json=elsewhere), 422, "target-not-allowed")
        nowhere = body | {"url": "http://no-such-host.invalid/"}
        problem_of(door.post(HOOKS, json=nowhere), 422, "unknown-host")


def test_a_webhook_is_managed_at_the_terminal_and_work_delivers(tmp_path):
    publish_street_in(tmp_path)
    with receiving(tmp_path) as receiver:
        named = {"webhook_targets": receiver.target, "webhook_dead_after_tries": "1"}
        (tmp_path / "secret").write_text(f"{GIVEN}\n", "utf-8")
        said = run(
            *(tmp_path, "webhooks", "add", "平台", receiver.url, "--secret-file", "secret"),
            *("--owner", "street:99900101", "--source", "12345"),
            **named,
        )
        assert "已新增推送 平台" in said
        assert GIVEN not in said
        made = run(tmp_path, "webhooks", "add", "其他", receiver.url, **named)
        assert "whsec_" in made
        run(tmp_path, "webhooks", "pause", "其他", **named)
        (tmp_path / "工单.csv").write_text(_LIST, "utf-8")
        run(tmp_path, "issues", "import", "工单.csv", **named)
        assert "正常：204" in run(tmp_path, "webhooks", "test", "平台", **named)
        assert "已推送 2 个事件" in run(tmp_path, "work", "--once", **named)
        requests = receiver.requests()
        assert len(requests) == 3
        assert all(
            is_signed(each, GIVEN, now_s=int(each["headers"]["webhook-timestamp"]))
            for each in requests
        )
        receiver.tell(500)
        assert "对方答复 500" in run(tmp_path, "webhooks", "test", "平台", code=1, **named)
        assert "5 events" not in run(tmp_path, "webhooks", "resume", "其他", **named)
        run(tmp_path, "work", "--once", **named)
        shown = run(tmp_path, "webhooks", "dead-letters", "其他", **named)
        assert shown.count("reported") == 2
        assert "对方答复 500" in shown
        listed = run(tmp_path, "webhooks", "list", language="en", **named)
        assert "it answered 500" in listed
        assert "hidden" not in listed
        receiver.tell()
        assert "2 个事件将重送" in run(tmp_path, "webhooks", "replay", "其他", "--dead", **named)
        assert "已推送 2 个事件" in run(tmp_path, "work", "--once", **named)
        told = json.loads(run(tmp_path, "webhooks", "list", "--json", **named))
        assert [(each["name"], each["taken"]) for each in told] == [("其他", 2), ("平台", 2)]
        assert (
            json.loads(run(tmp_path, "webhooks", "dead-letters", "其他", "--json", **named)) == []
        )
        for words in (["--from-event", "1", "--dead"], []):
            assert "--since" in refusal(tmp_path, "webhooks", "replay", "其他", *words, **named)
        since = run(tmp_path, "webhooks", "replay", "其他", "--since", "2025-01-01", **named)
        assert "2 个事件将重送" in since
        assert "whsec_" in run(tmp_path, "webhooks", "secret", "其他", **named)
        run(tmp_path, "webhooks", "remove", "其他", **named)
        assert "没有名为“其他”的推送" in refusal(tmp_path, "webhooks", "remove", "其他", **named)
        add = ("webhooks", "add", "c", receiver.url)
        assert "street:99900101" in refusal(tmp_path, *add, "--owner", "street", **named)
        assert "nothing" in refusal(tmp_path, *add, "--secret-file", "nothing", **named)
        assert "不允许" in refusal(tmp_path, *add)
        bad = refusal(tmp_path, "webhooks", "list", webhook_targets="everywhere")
        assert "GEO_SERVICE_WEBHOOK_TARGETS" in bad
        bad = refusal(tmp_path, "webhooks", "list", webhook_ca_file="工单.csv")
        assert "工单.csv" in bad


_LIST = """来源,工单编号,上报时间,经度,纬度,坐标系
12345,A1,2025-06-10 08:00,120.0005,30.0005,EPSG:4490
12345,A2,2025-06-10 09:00,120.0005,30.0005,EPSG:4490
"""


def _assert_clean(door):
    workspace = door.app.state.services.workspace
    found = VerificationService(workspace).verify(LOCAL_ADMINISTRATOR, VerificationOptions())
    assert [each for check in found.checks for each in check.findings if not each.is_warning] == []
