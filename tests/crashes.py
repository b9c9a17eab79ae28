"""A service that is killed under load, again and again; what it had acknowledged must be there.

Clients report issues one by one, in batches and as files, by HTTP and by the command line, publish
editions, and draw in a draft. What they were promised is kept in ``Promises``, what is stored is
compared in ``tests.losses``.
"""

import csv
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from io import StringIO
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from tests.doors import geojson
from tests.houses import SOUTH, STEP, WEST, street_boundaries
from tests.terminals import environment

GIVE_UP_S = 90
BATCH, LIST = 20, 300
LONGEST_S = 1.0
"""So long after the first answer the service is killed at the latest."""
DONE, CREATED, CONFLICT, UNAVAILABLE = 200, 201, 409, 503
_CORRECTED = 0.3
"""Of the issues that are reported one by one."""


@dataclass
class Promises:
    """What was acknowledged: issues by number, with the revision told; editions; what was drawn.

    ``drawn`` holds the new name of an area by the number of the operation.
    """

    issues: dict[str, int] = field(default_factory=dict)
    editions: dict[int, str] = field(default_factory=dict)
    drawn: dict[int, str] = field(default_factory=dict)
    draft: int | None = None
    answers: dict[int, int] = field(default_factory=dict)
    """How many answers of each HTTP status came, and of 0: none."""
    lock: Lock = field(default_factory=Lock)

    def promise(self, names: list[str], revision: int) -> None:
        """Note that these issues were acknowledged."""
        with self.lock:
            self.issues |= dict.fromkeys(names, revision)

    def publish(self, number: int, reason: str) -> None:
        """Note that an edition was acknowledged."""
        with self.lock:
            self.editions[number] = reason

    def draw(self, operation: int, name: str) -> None:
        """Note that an operation was acknowledged."""
        with self.lock:
            self.drawn[operation] = name

    def answer(self, status: int) -> None:
        """Count an answer."""
        with self.lock:
            self.answers[status] = self.answers.get(status, 0) + 1

    @property
    def count(self) -> int:
        """How much was acknowledged so far."""
        return len(self.issues) + len(self.editions) + len(self.drawn)


class Service:
    """One `geo-service serve` in a group of its own, which can be killed as a whole."""

    def __init__(self, folder: Path, url: str, *, workers: int = 1, **settings: str) -> None:
        self.folder, self.url, self.port = folder, url, free_port()
        self._workers = workers
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("GEO_SER")}
        self.environment |= environment(folder, {"database_url": url, **settings})
        self.process: subprocess.Popen[str] | None = None

    def command(self, *words: str) -> list[str]:
        """Return how a command of the service is run."""
        return [sys.executable, "-m", "geo_service", *words]

    def spawn(self, *words: str) -> subprocess.Popen[str]:
        """Run a command of the service in a group of its own."""
        said, told = ((self.folder / name).open("a", encoding="utf-8") for name in ("said", "told"))
        with said, told:
            return subprocess.Popen(
                self.command(*words),
                cwd=self.folder,
                env=self.environment,
                stdout=said,
                stderr=told,
                start_new_session=True,
                text=True,
            )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        workers = ("--workers", str(self._workers))
        self.process = self.spawn("serve", "--port", str(self.port), *workers)
        wait_for(self.is_answering, "the service", unless=lambda: self.process.poll() is not None)

    def is_answering(self) -> bool:
        """Tell whether the port is open."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it and all its processes at once, as a power cut would."""
        if self.process is not None:
            kill_group(self.process)
            self.process = None

    def said(self) -> str:
        """Return what its commands wrote to their output since the beginning."""
        return (self.folder / "said").read_text("utf-8")

    def told(self) -> str:
        """Return what it wrote to its error output since the beginning."""
        return (self.folder / "told").read_text("utf-8")

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Return status, body and headers of one answer; OSError or HTTPException for none."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=GIVE_UP_S)) as line:
            line.request(method, f"/api/v1{path}", body, {"Content-Type": kind} if body else {})
            answer = line.getresponse()
            return answer.status, json.loads(answer.read()), dict(answer.getheaders())

    def post(self, path: str, value: Any) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer to a value sent as JSON."""
        return self.ask("POST", path, json.dumps(value).encode())[:2]

    def send(self, path: str, name: str, content: bytes, **fields: str) -> tuple[int, Any]:
        """Return status and body of the answer to a file sent as a form."""
        mark = "crashes-of-the-service"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{mark}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={mark}"
        return self.ask("POST", path, body, kind)[:2]


def kill_group(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started, at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(GIVE_UP_S)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(
    is_true: Callable[[], bool], what: str, *, unless: Callable[[], bool] = lambda: False
) -> None:
    """Wait until something is true."""
    give_up_at = time.monotonic() + GIVE_UP_S
    while not is_true():
        assert not unless(), f"{what} ended"
        assert time.monotonic() < give_up_at, f"{what} did not come"
        time.sleep(0.02)


@contextmanager
def load(
    service: Service, promises: Promises, seed: int, *, is_light: bool = False
) -> Iterator[list[BaseException]]:
    """Let clients work meanwhile; what they stumble over is in the list that comes back.

    A light load reports issues one by one, and corrects them, and nothing else.
    """
    is_over, failures = Event(), []
    every = (_report, _report, _batch, _list, _publish, _draw)
    works = every[:2] if is_light else every

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


def _name(draw: random.Random, kind: str) -> str:
    return f"{kind}-{draw.getrandbits(60):015x}"


def _report(service: Service, promises: Promises, draw: random.Random, number: int) -> None:
    own = [name for name in list(promises.issues) if name.startswith(f"one{number}")]
    name, revision = _name(draw, f"one{number}"), 1
    if own and draw.random() < _CORRECTED:
        name = draw.choice(own)
        revision = promises.issues[name] + 1
    status, body = service.post("/issues?on_change=update", cells(draw, name, revision))
    promises.answer(status)
    assert status in {DONE, CREATED, UNAVAILABLE}, body
    if status != UNAVAILABLE:
        promises.promise([name], revision)


def _batch(service: Service, promises: Promises, draw: random.Random, _number: int) -> None:
    names = [_name(draw, "many") for _ in range(BATCH)]
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
    names = [_name(draw, "list") for _ in range(LIST)]
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
    reason = _name(draw, "edition")
    parents = list(street_boundaries()["grid"].parents)
    parents[one], parents[other] = parents[other], parents[one]
    content = geojson("grid", geometries=places, parents=parents)
    status, body = service.send("/boundaries/grid", "网格.geojson", content, reason=reason)
    promises.answer(status)
    assert status in {DONE, CREATED, CONFLICT, UNAVAILABLE}, body  # 409: another one was first
    if status in {DONE, CREATED}:
        promises.publish(body["edition"], reason)


def _draw(service: Service, promises: Promises, draw: random.Random, _number: int) -> None:
    if promises.draft is None:
        status, body = service.post("/drafts", {"name": "反复断电"})
        assert status in {CREATED, UNAVAILABLE}, body
        if status == CREATED:
            promises.draft = body["id"]
        return
    name, code = _name(draw, "drawn"), draw.choice(street_boundaries()["grid"].codes)
    asked = {"kind": "rename", "layer": "grid", "code": code, "name": name}
    status, body = service.post(f"/drafts/{promises.draft}/operations", asked)
    assert status in {CREATED, UNAVAILABLE}, body
    if status == CREATED:
        promises.draw(body["draft"]["operations"][-1]["id"], name)


def import_by_command(
    service: Service, promises: Promises, draw: random.Random
) -> Callable[[], None]:
    """Begin to import a list by the command line; what comes back ends it as a power cut would."""
    names = [_name(draw, "command") for _ in range(LIST)]
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


def wait_for_promise(promises: Promises, failures: list[BaseException]) -> None:
    """Wait until one more issue is acknowledged."""
    before = promises.answers.get(CREATED, 0)
    wait_for(lambda: promises.answers.get(CREATED, 0) > before or bool(failures), "an answer")
