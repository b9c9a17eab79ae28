"""Receivers that fail, hang, ask for time, are gone, or may not be sent to; processes that die."""

import json
import socket
from collections import Counter
from threading import Event, Thread

import pytest

from geo_service.errors import (
    InvalidValue,
    StorageUnavailable,
    TargetNotAllowed,
    UnknownHost,
    WebhookExists,
    WebhookNotFound,
)
from geo_service.governance.delivery.target import Targets
from geo_service.services.webhooks.rules import DeliveryRules
from geo_service.services.webhooks.subscriptions import WebhookAsked, WebhookService
from geo_service.storage import webhooks
from tests.crashes import wait_for
from tests.hooked_houses import NAME, RETRY, hook
from tests.houses import CALLER, NOW_S
from tests.receivers import first_of_each, receiving


def test_an_issue_that_fails_waits_alone_in_order_then_is_dead_and_comes_again_when_asked(
    hooked, receiver
):
    hooked.deliveries = hooked.another(retry=RETRY._replace(dead_after_tries=4))
    hooked.add(receiver)
    ids = [hooked.report(n) for n in range(3)]
    bad = str(ids[0])
    receiver.tell(issues={bad: 400})
    hooked.wait(1)
    hooked.report(0, category_major="噪音")
    hooked.report(1, category_major="噪音")
    hooked.wait(1)
    assert bad not in {each["subject"].split("/")[1] for each in receiver.taken()}
    assert len(receiver.taken()) == 3
    view = hooked.view()
    assert (view.waiting, view.dead, view.failure, view.is_out) == (2, 0, "status 400", False)
    assert view.lag_s == 2
    for _ in range(8):
        hooked.wait(300)
    dead = hooked.hooks.dead_letters(CALLER, NAME)
    assert [(each["issue_id"], each["kind"], each["tries"]) for each in dead] == [
        (ids[0], "updated", 4),
        (ids[0], "reported", 4),
    ]
    tried = [json.loads(each["body"])["data"]["event"] for each in receiver.requests()]
    tries = Counter(tried)
    assert [tries[each["event_id"]] for each in dead] == [4, 4]
    assert tried.index(dead[0]["event_id"]) > len(tried) - 1 - tried[::-1].index(
        dead[1]["event_id"]
    )  # the later one began when the earlier one was given up

    receiver.tell()
    assert hooked.hooks.revive(CALLER, NAME, [dead[1]["event_id"]]) == 1
    assert hooked.hooks.revive(CALLER, NAME) == 1
    assert hooked.wait(0) == 2
    assert first_of_each(receiver.taken())[f"issues/{bad}"] == [
        dead[1]["event_id"],
        dead[0]["event_id"],
    ]
    assert hooked.view().dead == 0

    ids_before = [each["id"] for each in receiver.taken()]
    assert hooked.hooks.replay(CALLER, NAME, event_id=2) == 4
    assert hooked.wait(0) == 4
    assert hooked.hooks.replay(CALLER, NAME, since_s=hooked.clock.now_s) == 0
    assert hooked.hooks.replay(CALLER, NAME, since_s=NOW_S) == 5
    hooked.wait(0)
    again = [each["id"] for each in receiver.taken()][len(ids_before) :]
    assert Counter(again) == Counter([*ids_before, *(i for i in ids_before if i[:2] != "1-")])
    for given in ({}, {"event_id": 1, "since_s": 1}, {"event_id": 0}):
        with pytest.raises(InvalidValue):
            hooked.hooks.replay(CALLER, NAME, **given)


def test_a_receiver_that_fails_for_an_hour_is_shown_and_slows_down_nobody(tmp_path, receiver):
    with receiving(tmp_path, "sick") as sick:
        hooked = hook(tmp_path, receiver, sick)
        hooked.add(receiver)
        hooked.add(sick, "病了")
        sick.tell(500)
        for minute in range(60):
            hooked.report(minute)
            hooked.wait(60)
            assert len(receiver.taken()) == minute + 1
        view = hooked.view("病了")
        assert (view.is_out, view.taken, view.failure) == (True, 0, "status 500")
        assert view.lag_s == 3600
        assert view.above + view.waiting == 60
        # four issues tell that it is out; each pauses for 150 s at the least after six short ones
        assert len(sick.requests()) <= 4 * (6 + 3600 // 150)
        assert hooked.view().lag_s == 0
        sick.tell()
        hooked.wait(300)
        hooked.wait(0)
        assert sorted(e["data"]["event"] for e in sick.taken()) == [e.id for e in hooked.log()]
        assert not hooked.view("病了").is_out
        hooked.house.close()


def test_a_receiver_may_ask_for_time_is_left_alone_when_gone_and_leads_nobody_elsewhere(
    tmp_path, receiver
):
    with receiving(tmp_path, "other") as other:
        hooked = hook(tmp_path, receiver, other)
        hooked.add(receiver)
        hooked.report(1)
        receiver.tell(302, headers={"Location": other.url})
        hooked.wait(0)
        assert hooked.view().failure == "status 302"
        assert other.requests() == []
        receiver.tell(429, headers={"Retry-After": "200"})
        hooked.wait(5)
        assert hooked.view().due_at_s == hooked.clock.now_s + 200
        receiver.tell(410)
        hooked.wait(200)
        assert hooked.view().pause_reason == "gone"
        count = len(receiver.requests())
        hooked.report(2)
        hooked.wait(10_000)
        assert len(receiver.requests()) == count
        receiver.tell()
        hooked.hooks.resume(CALLER, NAME)
        hooked.hooks.pause(CALLER, NAME)
        assert hooked.wait(0) == 0
        hooked.hooks.resume(CALLER, NAME)
        assert hooked.wait(0) == 2
        hooked.hooks.remove(CALLER, NAME)
        with pytest.raises(WebhookNotFound):
            hooked.view()
        hooked.house.close()


def test_nothing_is_sent_where_the_operator_allows_nothing(hooked, receiver, monkeypatch):
    with pytest.raises(TargetNotAllowed, match=r"127\.0\.0\.1"):
        WebhookService(hooked.house.workspace, DeliveryRules()).add(
            CALLER, WebhookAsked("a", receiver.url)
        )
    with pytest.raises(UnknownHost):
        hooked.hooks.add(CALLER, WebhookAsked("a", "http://no-such-host.invalid/"))
    with pytest.raises(InvalidValue, match="complaint, patrol"):
        hooked.hooks.add(CALLER, WebhookAsked("a", receiver.url, sources=["未知来源"]))
    with pytest.raises(InvalidValue, match="name"):
        hooked.hooks.add(CALLER, WebhookAsked("a/b", receiver.url))
    hooked.add(receiver)
    with pytest.raises(WebhookExists):
        hooked.add(receiver)
    hooked.report(1)
    # the operator takes it off the list, or the name points elsewhere by now
    hooked.another(targets=Targets()).deliver_due()
    assert hooked.view().failure.startswith("target ")
    assert "127.0.0.1" in hooked.view().failure
    assert receiver.requests() == []
    hooked.hooks.resume(CALLER, NAME)
    receiver.kill()
    hooked.wait(0)
    assert hooked.view().failure.startswith("connection ")
    receiver.start()
    # the name is resolved once: what it says a moment later leads nowhere
    asked, resolve = [], socket.getaddrinfo

    def resolve_once(host, *others, **named):
        asked.append(host)
        is_again = asked.count("localhost") > 1
        elsewhere = {"localhost": "192.0.2.1" if is_again else "127.0.0.1"}
        return resolve(elsewhere.get(host, host), *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_once)
    assert hooked.wait(10) == 1
    assert asked.count("localhost") == 1
    assert receiver.requests()[0]["headers"]["host"] == f"localhost:{receiver.port}"


def test_of_two_processes_one_delivers_and_a_killed_one_is_replaced(hooked, receiver):
    hooked.add(receiver)
    hooked.report(1)
    with hooked.house.workspace.database.write() as connection:  # another one, that is then killed
        until_s = hooked.clock.now_s + hooked.rules.lease_s
        assert webhooks.take_lease(
            connection, 1, holder="killed", now_s=hooked.clock.now_s, until_s=until_s
        )
    assert hooked.deliveries.take_turn(1, Event()) == 0
    assert hooked.wait(hooked.rules.lease_s - 1) == 0
    assert hooked.wait(1) == 1

    # what is brought back after a lease has run out, or after a replay, counts for nothing
    hooked.report(2)
    receiver.tell(delay_s=0.5)
    late = Thread(target=hooked.another().deliver_due)
    late.start()
    wait_for(lambda: hooked.deliveries.due() == [], "a turn")
    hooked.hooks.replay(CALLER, NAME, event_id=1)
    late.join()
    assert hooked.view().above == 2
    receiver.tell()
    assert hooked.wait(0) == 2


def test_a_receiver_that_never_answers_holds_up_no_other(tmp_path, receiver):
    with receiving(tmp_path, "slow") as slow:
        hooked = hook(tmp_path, receiver, slow)
        hooked.add(receiver)
        hooked.add(slow, "慢")
        slow.tell(delay_s=60)
        is_stopped, failures = Event(), []
        worker = Thread(
            target=hooked.another(timeout_s=60).keep_delivering,
            kwargs={"interval_s": 0.02, "is_stopped": is_stopped, "on_failure": failures.append},
        )
        worker.start()
        _rename(hooked.house, "webhooks", "hidden")  # and a database that fails for a while
        wait_for(lambda: failures, "a failure that is told")
        _rename(hooked.house, "hidden", "webhooks")
        for n in range(20):
            hooked.report(n)
        wait_for(lambda: len(receiver.taken()) == 20, "events")
        assert slow.requests() == []
        is_stopped.set()
        slow.kill()  # which ends its connections
        worker.join()
        assert {type(each) for each in failures} == {StorageUnavailable}
        assert hooked.view("慢").waiting + hooked.view("慢").above == 20
        short = hooked.another(timeout_s=0.2)
        slow.tell(delay_s=60)
        slow.start()
        hooked.hooks.resume(CALLER, "慢")
        short.deliver_due()
        assert hooked.view("慢").failure == "timeout 0.2"
        hooked.house.close()


def _rename(house, name, other):
    with house.workspace.database.write() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {other}")
