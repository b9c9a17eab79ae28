"""Nothing that was acknowledged stays untold, whoever is killed: the service, or the receiver."""

import random
import time

from sqlalchemy import NullPool, create_engine, text

from tests.crash_clients import REPORTS, load
from tests.crashes import Promises, Service, wait_for, wait_for_promise
from tests.databases import database_url
from tests.doors import publish_street_in
from tests.losses import losses
from tests.receivers import first_of_each, receiving

QUICK = {"webhook_timeout_s": "1", "webhook_retry_s": "1", "webhook_longest_retry_s": "1"}


def test_every_event_arrives_in_the_order_of_its_issue_though_both_sides_are_killed(tmp_path):
    publish_street_in(tmp_path)
    promises, draw = Promises(), random.Random(6)  # noqa: S311  # when who is killed is no secret
    with receiving(tmp_path) as receiver:
        settings = {"work_interval_s": "0.1", "webhook_targets": receiver.target, **QUICK}
        service = Service(tmp_path, database_url(tmp_path), **settings)
        service.start()
        status, body = service.post("/webhooks", {"name": "上级平台", "url": receiver.url})
        assert status == 201, body
        receiver.tell(delay_s=0.1)  # something is on its way whenever somebody is killed
        with load(service, promises, 6, REPORTS) as failures:
            wait_for_promise(promises, failures)
            for each in (receiver, service, receiver):
                count = len(receiver.requests())
                wait_for(lambda count=count: len(receiver.requests()) > count + 4, "deliveries")
                time.sleep(draw.random() / 4)
                each.kill()
                time.sleep(draw.random() / 2)
                each.start()
                wait_for_promise(promises, failures)
        assert not failures, failures
        receiver.tell()
        wait_for(lambda: _is_told(service), "the end of what is to be told")
        service.kill()
    assert losses(service.url, promises) == []
    stored = _numbers(service.url)
    assert len(stored) >= len(promises.issues) > 0
    told = first_of_each(receiver.taken())
    assert told == stored, len(stored)
    bodies = {}
    for request in receiver.requests():  # what is told again is the same message
        message = request["headers"]["webhook-id"]
        assert bodies.setdefault(message, request["body"].split('"owners"')[0]) in request["body"]


def _is_told(service):
    _, body, _ = service.ask("GET", "/webhooks/%E4%B8%8A%E7%BA%A7%E5%B9%B3%E5%8F%B0")
    assert body["dead"] == 0
    return body["above"] == body["waiting"] == 0


def _numbers(url):
    """Subject → numbers of its events, in the order of the log."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT issue_id, id FROM issue_events ORDER BY id")).all()
    found = {}
    for issue_id, number in rows:
        found.setdefault(f"issues/{issue_id}", []).append(number)
    return found
