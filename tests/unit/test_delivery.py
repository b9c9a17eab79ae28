"""Where events may go, how they are signed, what goes out, and when it is tried again."""

import json

import pytest

from geo_service.errors import InvalidValue
from geo_service.governance.delivery.cloud_event import (
    LoggedEvent,
    OwnerTold,
    cloud_event,
    message_id,
    trial,
)
from geo_service.governance.delivery.failure import Failure, failure_text
from geo_service.governance.delivery.retry import RetryRules
from geo_service.governance.delivery.selection import (
    MOST,
    Selection,
    read_selection,
    selection_from_values,
)
from geo_service.governance.delivery.signature import new_secret, read_secret, signed_headers
from geo_service.governance.delivery.target import read_targets, read_url

HOOK = "https://Events.Example.org/in?key=1"


@pytest.mark.parametrize(
    ("targets", "url", "addresses", "allowed"),
    [
        ("events.example.org:443", HOOK, ["93.184.215.14"], ["93.184.215.14"]),
        ("events.example.org.:443", "https://events.example.org.", ["8.8.8.8"], ["8.8.8.8"]),
        ("", HOOK, ["93.184.215.14"], []),
        ("events.example.org:8443", HOOK, ["93.184.215.14"], []),
        ("events.example.org:400-500", HOOK, ["93.184.215.14"], ["93.184.215.14"]),
        ("other.example.org:443", HOOK, ["93.184.215.14"], []),
        # a listed name that is made to point inwards opens nothing
        ("events.example.org:443", HOOK, ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0"], []),
        ("events.example.org:443", HOOK, ["::ffff:127.0.0.1", "169.254.169.254", "0.0.0.0"], []),  # noqa: S104  # an address that must be refused
        ("events.example.org:443", HOOK, ["224.0.0.1", "8.8.8.8"], ["8.8.8.8"]),
        ("10.1.0.0/16:443", HOOK, ["10.1.2.3", "10.2.2.3"], ["10.1.2.3"]),
        ("127.0.0.1:9000", "http://localhost:9000", ["::1", "127.0.0.1"], ["127.0.0.1"]),
        ("127.0.0.1:9000", "http://localhost:9000", ["::ffff:127.0.0.1"], ["::ffff:127.0.0.1"]),
        ("[fd00::/8]:9000, [::1]:9000", "http://[fd00::7]:9000/", ["fd00::7"], ["fd00::7"]),
    ],
)
def test_a_target_is_what_the_operator_lists_and_nothing_inside_but_by_its_network(
    targets, url, addresses, allowed
):
    assert read_targets(targets).allowed(read_url(url), addresses) == allowed


@pytest.mark.parametrize(
    "text",
    [
        *("example.org", "example.org:", "example.org:0", "a:70000", "a:9-8", ":443", "a/b:443"),
        *("10.0.0.0/33:443", "10.0.0.1/8:443", "*.example.org:443", "[a.org]:443", "1.2.3:443"),
    ],
)
def test_a_list_of_targets_that_cannot_be_is_refused_with_its_entry(text):
    with pytest.raises(InvalidValue, match="GEO_SERVICE_WEBHOOK_TARGETS") as refused:
        read_targets(f"good.example.org:443,{text}")
    assert refused.value.text("zh").count(text)


def test_a_url_has_its_parts_and_is_shown_without_its_query():
    url = read_url(HOOK)
    assert (url.host, url.port, url.path) == ("events.example.org", 443, "/in?key=1")
    assert url.shown == "https://events.example.org:443/in?…"
    assert read_url("http://[::1]").shown == "http://[::1]:80/"


@pytest.mark.parametrize(
    "text",
    [
        *("", "example.org/in", "ftp://example.org", "https://", "https://u:p@a.org", "http://@a"),
        *("https://example.org/#a", "https://例子.cn/", "https://a b/", "http://a:99999"),
        *("http://a:0", "https://a.org/\n", f"https://a/{'x' * 2000}", f"https://{'x' * 254}/"),
        *("http://[::1", "http://[fe80::1%25eth0]/", "http://a/\\b"),
    ],
)
def test_a_url_that_cannot_be_is_refused(text):
    with pytest.raises(InvalidValue, match="url"):
        read_url(text)


def test_a_signature_is_that_of_the_published_scheme():
    # computed with the reference library of Standard Webhooks, 1.1.0, for the key of its examples
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        at_s=1614265330,
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_is_made_or_taken_as_the_scheme_wants_it_and_never_repeated():
    made = new_secret()
    assert read_secret(made) == made != new_secret()
    for bad in ("", "whsec_", "whsec_c2hvcnQ=", f"whsec_{'QUFB' * 22}", "whsec_不是密钥", made[6:]):
        with pytest.raises(InvalidValue, match="secret") as refused:
            read_secret(bad)
        assert not bad.removeprefix("whsec_") or bad not in refused.value.text("zh")


def test_pauses_double_up_to_the_longest_and_differ_by_up_to_a_half():
    rules = RetryRules(first_pause_s=5, longest_pause_s=300)
    assert [rules.pause_s(n, draw=0) for n in range(1, 9)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert rules.pause_s(3, draw=0.5) == 15
    assert rules.pause_s(10**6, draw=0.999) == 151
    assert rules.pause_s(1, draw=0, asked_s=60) == 60
    assert rules.pause_s(1, draw=0, asked_s=10**6) == 300


def test_an_event_is_dead_by_its_age_or_its_tries():
    rules = RetryRules(dead_after_s=100, dead_after_tries=3)
    assert rules.is_dead(3, first_try_s=50, now_s=50)
    assert rules.is_dead(1, first_try_s=50, now_s=150)
    assert not rules.is_dead(2, first_try_s=50, now_s=149)


def test_a_selection_wants_what_it_names_and_without_a_name_everything():
    layers = ("grid", "street")
    chosen = read_selection(
        kinds=["closed", "closed"],
        sources=["12345"],
        categories=["市容环境", "治安/噪音"],
        owners=[("street", "99900101")],
        layers=layers,
    )
    assert chosen.kinds == ("closed",)
    assert selection_from_values(json.loads(json.dumps(chosen.values()))) == chosen
    state = {"source": "12345", "category_major": "治安", "category_minor": "噪音"}
    assert chosen.may_want("closed", state)
    assert chosen.may_want("closed", state | {"category_major": "市容环境"})
    assert not chosen.may_want("closed", state | {"category_minor": "其他"})
    assert not chosen.may_want("closed", state | {"source": "grid"})
    assert not chosen.may_want("reported", state)
    assert chosen.wants_of({("street", "99900101"), ("grid", "G1")})
    assert not chosen.wants_of({("street", "99900102")})
    assert Selection().may_want("step", {})
    assert Selection().wants_of(())
    for wrong in (
        {"kinds": ["gone"]},
        {"owners": [("moon", "1")]},
        {"sources": [""]},
        {"categories": [str(n) for n in range(MOST + 1)]},
        {"owners": [("grid", "x" * 300)]},
    ):
        with pytest.raises(InvalidValue):
            read_selection(**wrong, layers=layers)


def _event(kind="reported", payload=None, **state):
    values = {"source": "12345", "external_id": "A1", "status": "open", "closed_at": None}
    values |= {"reopened": 0, "reported_at": "2026-11-20T00:00:00+00:00", **state}
    return LoggedEvent(7, 3, kind, 1_795_190_400, 1_795_190_401, payload or {}, values)


def test_what_a_list_answers_goes_out_with_what_was_answered():
    payload = {"responded": "yes", "satisfaction": "satisfied", "other": "x"}
    told = json.loads(cloud_event(_event("answered", payload), [], source="urn:test"))
    assert told["type"].endswith("issue.answered.v1")
    assert told["data"]["answer"] == {"responded": "yes", "satisfaction": "satisfied"}


def test_an_event_goes_out_as_a_cloud_event_without_anything_private():
    secrets = {"title": "张三", "description": "x", "address": "示例路", "x": 120.5, "y": 30.5}
    payload = {**secrets, "category_major": "治安", "private": ["title", "x"]}
    owner = OwnerTold("management", 2, "assigned", [("street", "S"), ("grid", "G")], ("lane", "L"))
    body = cloud_event(_event("updated", payload, **secrets), [owner], source="urn:test")
    told = json.loads(body)
    assert not any(json.dumps(value) in body.decode() for value in secrets.values() if value != "x")
    data = told.pop("data")
    assert told == {
        "specversion": "1.0",
        "id": message_id(_event("updated", payload, **secrets)),
        "source": "urn:test",
        "type": "geo-service.issue.updated.v1",
        "subject": "issues/3",
        "time": "2026-11-20T16:00:00+00:00",
        "datacontenttype": "application/json",
        "dataschema": "urn:geo-service:schema:issue-event:1",
        "sequence": "0000000000000000007",
    }
    assert data["changed"] == ["category_major", "title", "x"]
    [owned] = data["owners"]
    assert owned["areas"] == [{"layer": "street", "code": "S"}, {"layer": "grid", "code": "G"}]
    assert owned["responsible"] == {"layer": "lane", "code": "L"}


def test_a_step_goes_out_without_its_reason_and_a_move_with_both_owners():
    step = {
        "step": "return",
        "state": "s",
        "phase": "open",
        "reason": "张三说不归他管",
        "unit": "U",
    }
    told = json.loads(cloud_event(_event("step", step, handling=step), [], source="s"))["data"]
    assert told["step"] == {"step": "return", "state": "s", "phase": "open", "unit": "U"}
    assert told["issue"]["handling"] == {"state": "s", "phase": "open", "unit": "U"}
    moved = {"family": "f", "edition": 2, "before": [], "after": []}
    body = cloud_event(_event("reassigned"), [], source="s", moved=moved)
    assert json.loads(body)["data"]["moved"] == moved


def test_an_id_stays_over_tries_and_is_another_one_for_another_event_with_the_number():
    assert message_id(_event()) == message_id(_event())
    assert message_id(_event()) != message_id(_event(source="grid"))
    assert message_id(_event()).startswith("7-")
    message, body = trial(webhook="甲", source="urn:test", now_s=0, number="1")
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": message,
        "source": "urn:test",
        "type": "geo-service.webhook.test.v1",
        "time": "1970-01-01T00:00:00+00:00",
        "datacontenttype": "application/json",
        "data": {"webhook": "甲"},
    }


def test_a_failure_is_told_in_two_languages():
    assert failure_text(Failure("status", "500").stored) == "对方答复 500"
    assert failure_text(Failure("timeout", "10").stored, "en") == "no answer within 10 s"
