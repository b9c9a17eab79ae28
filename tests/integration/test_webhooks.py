"""Webhooks on a real house: what goes out, to whom, signed, and that intake pays nothing."""

import json
import subprocess
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import jsonschema_rs
import pytest
import shapely

from geo_service.errors import InvalidValue
from geo_service.governance.delivery.cloud_event import SCHEMA_TEXT
from geo_service.services.handling.steps import StepAsked
from geo_service.services.webhooks.subscriptions import WebhookService
from tests.crashes import wait_for
from tests.hooked_houses import NAME, hook
from tests.houses import (
    CALLER,
    NOW_S,
    center,
    grid_code,
    publish_areas,
    street_boundaries,
)
from tests.integration.test_pinned_editions import statements_of
from tests.receivers import Receiver, first_of_each, is_signed, receiving

TYPED = {"title": "王小二投诉", "description": "门口有垃圾", "address": "示例路88弄3号"}


def test_all_that_happens_goes_out_in_order_signed_and_without_what_people_wrote(hooked, receiver):
    hooked.report("before", **TYPED)
    secret = hooked.add(receiver)
    x, y = center(0, 0)
    first = hooked.report(1, category_major="市容环境", **TYPED)
    hooked.report(1, category_major="噪音", **TYPED | {"title": "李大三投诉"})
    told = {"triage": "小事"}
    hooked.house.handling.take_step(CALLER, first, StepAsked("受理", "坐席", told))
    hooked.report(1, status="closed", category_major="噪音")
    hooked.house.issues.batch(CALLER, [_row(n, place=(3, 1)) for n in (2, 3)], is_updating=True)
    _swap_corners(hooked.house)
    assert hooked.wait(1) == len(hooked.log()) - 1

    log = hooked.log()[1:]
    kinds = Counter(each.kind for each in log)
    assert kinds.keys() >= {"reported", "updated", "step", "closed", "reassigned"}
    requests = receiver.requests()
    assert all(is_signed(each, secret, now_s=NOW_S + 1) for each in requests)
    assert not any(is_signed(each, secret, now_s=NOW_S + 400) for each in requests)
    assert {each["headers"]["content-type"] for each in requests} == {
        "application/cloudevents+json; charset=utf-8"
    }
    sent = sorted(receiver.taken(), key=lambda each: each["sequence"])
    assert [each["data"]["event"] for each in sent] == [each.id for each in log]
    assert [each["type"] for each in sent] == [f"geo-service.issue.{e.kind}.v1" for e in log]
    assert {each["headers"]["webhook-id"] for each in requests} == {each["id"] for each in sent}
    assert len({each["id"] for each in sent}) == len(log)
    for subject, numbers in first_of_each(receiver.taken()).items():
        assert numbers == [e.id for e in log if f"issues/{e.issue_id}" == subject]

    schema = jsonschema_rs.validator_for(json.loads(SCHEMA_TEXT))
    for each in sent:
        schema.validate(each["data"])
        for typed in (*TYPED.values(), "李大三投诉", str(x), str(y)):
            assert typed not in json.dumps(each, ensure_ascii=False)
    of_first = [each["data"] for each in sent if each["subject"] == f"issues/{first}"]
    assert of_first[0]["issue"]["category_major"] == "市容环境"
    assert of_first[0]["owners"][0]["areas"][-1] == {"layer": "grid", "code": grid_code(0, 0)}
    assert of_first[1]["changed"] == ["category_major", "title"]
    assert of_first[-1]["issue"]["status"] == "closed"
    moved = [each["data"]["moved"] for each in sent if "moved" in each["data"]]
    assert {(each["before"][-1]["code"], each["after"][-1]["code"]) for each in moved} == {
        (grid_code(0, 0), grid_code(3, 1)),
        (grid_code(3, 1), grid_code(0, 0)),
    }
    view = hooked.view()
    assert (view.above, view.waiting, view.dead, view.lag_s) == (0, 0, 0, 0)
    assert view.taken == len(log)


def test_a_new_secret_signs_beside_the_former_one_for_a_day(hooked, receiver):
    former = hooked.add(receiver)
    new = hooked.hooks.renew_secret(CALLER, NAME)
    signed = []
    for wait_s in (86_399, 1):
        hooked.report(wait_s)
        hooked.wait(wait_s)
        told = {"now_s": hooked.clock.now_s}
        sent = receiver.requests()[-1]
        signed.append([is_signed(sent, secret, **told) for secret in (former, new)])
    assert signed == [[True, True], [False, True]]
    with pytest.raises(InvalidValue, match="secret"):
        hooked.hooks.renew_secret(CALLER, NAME, "whsec_short")


def test_a_receiver_gets_what_it_named_and_learns_that_an_issue_left_its_area(tmp_path, receiver):
    with receiving(tmp_path, "other") as other:
        hooked = hook(tmp_path, receiver, other)
        hooked.add(receiver, owners=[("community", "9990010102")])
        hooked.add(other, "闭环", kinds=["closed"], sources=["12345"], categories=["噪音"])
        hooked.report(1, place=(0, 0), category_major="噪音")
        hooked.report(2, place=(3, 1), category_major="市容环境")
        _swap_corners(hooked.house)
        hooked.report(1, status="closed", category_major="噪音")
        hooked.report(2, status="closed", category_major="市容环境")
        hooked.wait(1)
        told = [(each["subject"], each["data"]["kind"]) for each in receiver.taken()]
        # the first issue came to the eastern community by the new edition, the second one left it
        assert Counter(told) == Counter(
            [("issues/1", kind) for kind in ("reported", "reassigned", "closed")]
            + [("issues/2", "reassigned")]
        )
        assert [each["subject"] for each in other.taken()] == ["issues/1"]
        view = hooked.view()
        assert (view.above, view.lag_s) == (0, 0)  # what is not wanted is no backlog
        hooked.house.close()


def test_intake_does_nothing_more_for_webhooks_and_none_of_what_follows_one_is_missed(
    hooked, receiver
):
    for n in range(3):
        hooked.report(f"warm{n}")
    alone = Counter(statements_of(hooked.house, lambda: hooked.report("without")))
    names, added, is_over = [], [], Event()

    def work(number):
        count = 0
        while not is_over.is_set():
            names.append((len(added), hooked.report(f"{number}-{count}")))
            count += 1

    threads = [Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(names) >= 20, "reports")
    hooked.add(receiver)
    added.append(True)
    wait_for(lambda: sum(after for after, _ in names) >= 20, "later reports")
    is_over.set()
    for thread in threads:
        thread.join()
    hooked.wait(1)
    taken = {each["data"]["issue"]["id"] for each in receiver.taken()}
    assert taken >= {issue_id for after, issue_id in names if after}
    first = min(each["data"]["event"] for each in receiver.taken())
    assert sorted(e["data"]["event"] for e in receiver.taken()) == [
        e.id for e in hooked.log() if e.id >= first
    ]
    assert Counter(statements_of(hooked.house, lambda: hooked.report("with"))) == alone


def test_tls_proves_the_name_by_an_authority_of_the_operators_own(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    words += " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    where = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *words.split(), *where], check=True, capture_output=True)
    with _secure(tmp_path, certificate, key) as receiver:
        hooked = hook(tmp_path, receiver)
        hooked.add(receiver)
        hooked.report(1)
        hooked.wait(0)
        assert hooked.view().failure == "tls self-signed certificate"
        trusting = hooked.another(authorities_file=certificate)
        hooked.hooks.resume(CALLER, NAME)
        assert trusting.deliver_due() == 1
        tried = WebhookService(
            hooked.house.workspace, replace(hooked.rules, authorities_file=certificate)
        ).test(CALLER, NAME)
        assert (tried.answer.status, tried.answer.failure) == (204, None)
        assert receiver.taken()[-1]["type"] == "geo-service.webhook.test.v1"
        hooked.house.close()


def _row(name, *, place):
    x, y = center(*place)
    row = {"source": "巡查", "external_id": str(name), "reported_at": "2026-11-20 08:00"}
    return row | {"frame": "EPSG:4490", "x": x, "y": y}


def _swap_corners(house):
    """Publish an edition in which the grids of two corners have changed their codes."""
    areas = street_boundaries()
    places = areas["grid"].geometries
    one, other = (areas["grid"].codes.index(grid_code(*c)) for c in ((0, 0), (3, 1)))
    places[[one, other]] = places[[other, one]]
    areas["community"].geometries[0], areas["community"].geometries[1] = (
        _union(areas, "9990010101"),
        _union(areas, "9990010102"),
    )
    publish_areas(house, areas, on=1)


def _union(areas, community):
    grids = areas["grid"]
    held = [
        g for g, parent in zip(grids.geometries, grids.parents, strict=True) if parent == community
    ]
    return shapely.coverage_union_all(held)


@contextmanager
def _secure(folder, certificate, key):
    receiver = Receiver(folder, "secure", tls=(certificate, key))
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.kill()
