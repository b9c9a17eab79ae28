"""Clients of a service that is killed under them, and how it is killed.

They report issues one by one, in batches and as files, by HTTP and by the command line, publish
files of boundaries, draw, publish what they drew, and take editions back.
"""

import csv
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from io import StringIO
from threading import Event, Thread
from typing import Any

from tests.crash_planners import draw_on, new_name, publish_drawn
from tests.crashes import (
    CONFLICT,
    CREATED,
    DONE,
    UNAVAILABLE,
    Promises,
    Service,
    kill_group,
    wait_for_promise,
)
from tests.doors import geojson
from tests.houses import SOUTH, STEP, WEST, street_boundaries

BATCH, LIST = 20, 300
LONGEST_S = 1.0
"""So long after the first answer the service is killed at the latest."""
_CORRECTED = 0.3
"""Of the issues that are reported one by one."""


def cells(draw: random.Random, name: str, revision: int = 1) -> dict[str, Any]:
    """Return an issue of the drill, with texts."""
    return {
        "source": "complaint",
        "external_id": name,
        "reported_at": "2026-11-20 08:00",
        "lon": WEST + draw.random() * 4 * STEP,
        "lat": SOUTH + draw.random() * 2 * STEP,
        "frame": "EPSG:4490",
        "title": f"第 {revision} 稿",
        "address": "示例街道",
    }


def _report(service: Service, promises: Promises, draw: random.Random, number: int) -> None:
    own = [name for name in list(promises.issues) if name.startswith(f"one{number}")]
    name, revision = new_name(draw, f"one{number}"), 1
    if own and draw.random() < _CORRECTED:
        name = draw.choice(own)
        revision = promises.issues[name] + 1
    status, body = service.post("/issues?on_change=update", cells(draw, name, revision))
    promises.answer(status)
    assert status in {DONE, CREATED, UNAVAILABLE}, body
    if status != UNAVAILABLE:
        promises.promise([name], revision)


def _batch(service: Service, promises: Promises, draw: random.Random, _number: int) -> None:
    names = [new_name(draw, "many") for _ in range(BATCH)]
    status, body = service.post("/issues/batch", {"issues": [cells(draw, n) for n in names]})
    promises.answer(status)
    assert status in {DONE, UNAVAILABLE}, body
    if status == DONE:
        assert body["counts"]["added"] == BATCH
        promises.promise(names, 1)


def list_of_issues(draw: random.Random, names: list[str]) -> bytes:
    """Return a CSV file of issues."""
    written = StringIO()
    rows = [cells(draw, name) for name in names]
    writer = csv.DictWriter(written, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def _list(service: Service, promises: Promises, draw: random.Random, _number: int) -> None:
    names = [new_name(draw, "list") for _ in range(LIST)]
    status, body = service.send("/issues/import", "工单.csv", list_of_issues(draw, names))
    promises.answer(status)
    assert status in {DONE, UNAVAILABLE}, body
    if status == DONE:
        assert body["counts"]["added"] == LIST
        promises.promise(names, 1)


def _publish(service: Service, promises: Promises, draw: random.Random, _number: int) -> None:
    places = street_boundaries()["grid"].geometries.copy()
    one, other = draw.sample(range(len(places)), 2)
    places[[one, other]] = places[[other, one]]
    # a grid may stand in the other community: parents follow places
    reason = new_name(draw, "edition")
    parents = list(street_boundaries()["grid"].parents)
    parents[one], parents[other] = parents[other], parents[one]
    content = geojson("grid", geometries=places, parents=parents)
    status, body = service.send("/boundaries/grid", "网格.geojson", content, reason=reason)
    promises.answer(status)
    assert status in {DONE, CREATED, CONFLICT, UNAVAILABLE}, body  # 409: another one was first
    if status in {DONE, CREATED}:
        promises.publish(body["edition"], reason)


Work = Callable[[Service, Promises, random.Random, int], None]
REPORTS: Sequence[Work] = (_report, _report)
"""Issues, reported one by one and corrected, and nothing else."""
REDRAWS: Sequence[Work] = (_report, publish_drawn, publish_drawn)
EVERYTHING: Sequence[Work] = (
    *REPORTS,
    _batch,
    _list,
    _publish,
    draw_on,
    publish_drawn,
)


@contextmanager
def load(
    service: Service, promises: Promises, seed: int, works: Sequence[Work] = EVERYTHING
) -> Iterator[list[BaseException]]:
    """Let clients work meanwhile; what they stumble over is in the list that comes back."""
    is_over, failures = Event(), []

    def work(number: int) -> None:
        draw = random.Random(f"{seed} {number}")  # noqa: S311  # which cells are sent is no secret
        while not is_over.is_set():
            try:
                works[number](service, promises, draw, number)
            except (OSError, HTTPException):
                promises.answer(0)
                is_over.wait(0.02)
            except BaseException as error:  # noqa: BLE001  # the test fails by it, not the thread alone
                failures.append(error)
                return

    threads = [Thread(target=work, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def import_by_command(
    service: Service, promises: Promises, draw: random.Random
) -> Callable[[], None]:
    """Begin to import a list by the command line; what comes back ends it as a power cut would."""
    names = [new_name(draw, "command") for _ in range(LIST)]
    path = service.folder / f"{names[0]}.csv"
    path.write_bytes(list_of_issues(draw, names))
    process = service.spawn("issues", "import", str(path))

    def end() -> None:
        if process.poll() is None:
            kill_group(process)
        elif process.returncode == 0:
            promises.promise(names, 1)

    return end


def killed_round(service: Service, promises: Promises, seed: int) -> None:
    """Start the service, let clients work, and kill it some moment after the first promise."""
    draw = random.Random(seed)  # noqa: S311  # as above
    service.start()
    with load(service, promises, seed) as failures:
        end = import_by_command(service, promises, draw)
        try:
            wait_for_promise(promises, failures)
            time.sleep(draw.random() * LONGEST_S)
        finally:
            service.kill()
            end()
    assert not failures, failures
