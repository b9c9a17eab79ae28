"""A service that is killed under load, again and again; what it had acknowledged must be there.

What the clients of ``tests.crash_clients`` and the planners of ``tests.crash_planners`` were
promised is kept in ``Promises``, what is stored is compared in ``tests.losses``.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Lock
from typing import Any

from tests.terminals import environment

GIVE_UP_S = 90
DONE, CREATED, MISSING, CONFLICT, UNAVAILABLE = 200, 201, 404, 409, 503


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


def wait_for_promise(promises: Promises, failures: list[BaseException]) -> None:
    """Wait until one more issue is acknowledged."""
    before = promises.answers.get(CREATED, 0)
    wait_for(lambda: promises.answers.get(CREATED, 0) > before or bool(failures), "an answer")
