"""Law 5: what was acknowledged outlives kill -9, at any moment and as often as it comes."""

import signal
import time
from contextlib import closing

import pytest

from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from tests.clusters import USER, cluster
from tests.crash_clients import REDRAWS, killed_round, load
from tests.crashes import Promises, Service, wait_for, wait_for_promise
from tests.databases import database_url
from tests.doors import publish_street_in
from tests.houses import CALLER, publish_street
from tests.losses import halves, losses, opened

KEPT = {"work_interval_s": "0.2"}


@pytest.mark.parametrize(("workers", "rounds"), [(1, 2), (2, 1)])
def test_what_was_acknowledged_is_there_after_the_service_was_killed(tmp_path, workers, rounds):
    publish_street_in(tmp_path)
    promises = Promises()
    service = Service(tmp_path, database_url(tmp_path), workers=workers, **KEPT)
    for seed in range(rounds):
        killed_round(service, promises, 10 * workers + seed)
    assert losses(service.url, promises) == []
    assert halves(service.url) == []
    assert set(promises.answers) <= {0, 200, 201, 409}


def test_editions_published_from_drafts_outlast_kills_and_so_does_taking_them_back(tmp_path):
    publish_street_in(tmp_path)
    promises = Promises()
    service = Service(tmp_path, database_url(tmp_path), **KEPT)
    for seed in range(2):
        killed_while_publishing(service, promises, seed)
    assert losses(service.url, promises) == []
    assert halves(service.url) == []
    with closing(opened(service.url)) as house:
        checked = VerificationService(house.workspace).verify(CALLER, VerificationOptions())
    assert [each.name for each in checked.checks if not each.is_clean] == []


def killed_while_publishing(service, promises, seed):
    """Kill the service when two more editions were promised, planners still at work."""
    service.start()
    known = len(promises.editions)
    with load(service, promises, 20 + seed, REDRAWS) as failures:
        try:
            wait_for(lambda: len(promises.editions) > known + 1 or bool(failures), "editions")
        finally:
            service.kill()
    assert not failures, failures


@pytest.mark.postgresql
def test_what_was_acknowledged_is_there_after_the_server_crashed_and_nobody_restarts(tmp_path):
    with cluster(fsync="on", full_page_writes="on") as server:
        url = f"postgresql://{USER}@/postgres?host={server.host}"
        with closing(opened(url)) as house:
            publish_street(house)
        promises = Promises()
        service = Service(tmp_path, url, workers=2, **KEPT)
        service.start()
        try:
            with load(service, promises, 5) as failures:
                for pause_s in (0.1, 0.4):
                    wait_for_promise(promises, failures)
                    time.sleep(pause_s)
                    server.stop(signal.SIGQUIT)
                    time.sleep(pause_s)
                    server.start()
                wait_for_promise(promises, failures)
            assert not failures
        finally:
            service.kill()
        assert promises.answers[503] > 0
        assert 0 not in promises.answers  # the service itself answered all the time
        assert losses(url, promises) == []
        assert halves(url) == []
