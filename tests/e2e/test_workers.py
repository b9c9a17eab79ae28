"""`geo-service serve --workers N`: several processes that answer from one database."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.databases import rows
from tests.doors import publish_street_in
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    swapped_street,
)
from tests.terminals import environment, refusal

GIVE_UP_S = 90
CONNECTIONS = 16


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(folder, *, workers, **settings):
    """Run the service and give the port it answers at, and its process."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SER")}
    words = ["serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        [sys.executable, "-m", "geo_service", *words],
        cwd=folder,
        env=kept | environment(folder, settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        wait_for(lambda: process.poll() is None and is_answering(port))
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=GIVE_UP_S)
    # the tests' PostgreSQL server does not write to disk, and every worker says so
    assert not [line for line in told.splitlines() if "not durable" not in line]


def is_answering(port):
    try:
        with closing(connect(port)) as line:
            return answer(line)[0] >= 1
    except ConnectionError:
        return False


def connect(port):
    return HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_S)


def wait_for(is_true):
    give_up_at = time.monotonic() + GIVE_UP_S
    while not is_true():
        assert time.monotonic() < give_up_at, "it did not come"
        time.sleep(0.05)


def answer(connection):
    """Return the edition that one answer names, and the grid of the south-western corner."""
    lon, lat = center(0, 0)
    connection.request("GET", f"/api/v1/locate?lon={lon}&lat={lat}")
    told = connection.getresponse()
    body = json.loads(told.read())
    assert told.status == 200, body
    return body["edition"], body["families"][0]["chain"][-1]["code"]


def test_a_new_edition_is_answered_by_every_worker_and_never_mixed_with_another(tmp_path):
    publish_street_in(tmp_path)
    owners = {1: grid_code(0, 0), 2: grid_code(1, 0)}
    with serving(tmp_path, workers=2) as (port, _), ExitStack() as opened:
        lines = [opened.enter_context(closing(connect(port))) for _ in range(CONNECTIONS)]
        assert {answer(line)[0] for line in lines} == {1}
        house = open_house(tmp_path, clock=time.time)
        seen = [[] for _ in lines]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            asking = [
                pool.submit(ask_until_it_is_new, line, told)
                for line, told in zip(lines, seen, strict=True)
            ]
            publish_areas(house, swapped_street(), on=1, effective_from_s=LONG_AGO_S + 1)
            for each in asking:
                each.result()
        house.close()
        for told in seen:
            numbers = [number for number, _owner in told]
            assert numbers == sorted(numbers)  # a worker that knows the new one stays with it
            assert all(owner == owners[number] for number, owner in told)
        assert [answer(line)[0] for line in lines * 5] == [2] * CONNECTIONS * 5


def ask_until_it_is_new(line, told):
    wait_for(lambda: told.append(answer(line)) or told[-1][0] == 2)


@pytest.mark.postgresql
def test_an_edition_that_takes_effect_is_answered_by_every_worker_and_relocates_once(tmp_path):
    publish_street_in(tmp_path)
    house = open_house(tmp_path, clock=time.time)
    lon, lat = center(0, 0)
    named = {"source": "complaint", "external_id": "1", "reported_at": "2025-11-20 08:00"}
    cells = {**named, "x": lon, "y": lat, "frame": "EPSG:4490"}
    house.issues.report(CALLER, cells, is_updating=False)
    owners = {1: grid_code(0, 0), 2: grid_code(1, 0)}
    with serving(tmp_path, workers=2, work_interval_s="0.1") as (port, _), ExitStack() as opened:
        lines = [opened.enter_context(closing(connect(port))) for _ in range(8)]
        seen = [[answer(line)] for line in lines]
        publish_areas(house, swapped_street(), on=1, effective_from_s=int(time.time()) + 2)
        with ThreadPoolExecutor(len(lines)) as pool:
            list(pool.map(ask_until_it_is_new, lines, seen))
        for told in seen:
            numbers = [number for number, _owner in told]
            assert numbers == sorted(numbers)
            assert (numbers[0], numbers[-1]) == (1, 2)
            assert all(owner == owners[number] for number, owner in told)
        query = "SELECT edition, located, reassigned FROM relocations WHERE located > 0"
        wait_for(lambda: rows(tmp_path, query))
        time.sleep(0.5)  # the other worker looks several times more
        assert rows(tmp_path, query) == [(2, 1, 1)]
    house.close()


@pytest.mark.sqlite
def test_a_worker_that_dies_is_replaced_and_the_others_answer_meanwhile(tmp_path):
    publish_street_in(tmp_path)
    with serving(tmp_path, workers=2) as (port, process):
        before = workers_of(process)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: len(set(workers_of(process)) - set(before)) == 1)
        wait_for(lambda: is_answering(port))


def workers_of(process):
    """Return the workers, without the helper that Python starts beside them."""
    pids = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    return [int(pid) for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_what_is_wrong_is_said_once_before_any_worker_starts(tmp_path):
    told = refusal(tmp_path, "serve", "--workers", "2", profile="nobody")
    assert "nobody" in told


def test_of_two_at_work_one_waits_for_its_next_turn(tmp_path):
    here, there = (open_house(tmp_path) for _ in range(2))
    publish_street(here)
    with there.workspace.database.turn_to_work() as is_ours:
        assert is_ours
        with here.workspace.database.turn_to_work() as is_ours_too:
            assert not is_ours_too
        assert here.schedule.work_in_turn() is None
    with here.workspace.database.turn_to_work() as is_ours:
        assert is_ours
    for each in (here, there):
        each.close()
