"""Receivers of webhooks: real servers in processes of their own, which keep what they were sent.

What a receiver answers is in a file beside its log, so that it can be told to fail while it runs.
Signatures are checked as the text of Standard Webhooks says, without any code of ours.
"""

import base64
import hashlib
import hmac
import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_PATIENCE_S = 30


class Receiver:
    """One server; ``tell`` changes its answers: status for all, or by issue, and how slowly."""

    def __init__(
        self, folder: Path, name: str = "receiver", *, tls: tuple[Path, Path] | None = None
    ) -> None:
        self._tls = tls
        self._log, self._told = folder / f"{name}.log", folder / f"{name}.told"
        self._process: subprocess.Popen[bytes] | None = None
        self._log.touch()
        self.tell()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        """Where it listens; the query is a password that no list may show."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://localhost:{self.port}/in?key=hidden"

    @property
    def target(self) -> str:
        """As it stands in the list of targets."""
        return f"127.0.0.0/8:{self.port}"

    def tell(self, status: int = 204, **other: Any) -> None:
        """Let it answer so: ``issues`` maps an issue to its status, ``delay_s``, ``headers``."""
        aside = self._told.with_suffix(".aside")
        aside.write_text(json.dumps({"status": status, **other}), "utf-8")
        aside.replace(self._told)

    def start(self) -> None:
        """Start it, and wait until it listens."""
        words = [sys.executable, __file__, str(self.port), str(self._log), str(self._told)]
        self._process = subprocess.Popen([*words, *map(str, self._tls or ())])
        give_up_at = time.monotonic() + _PATIENCE_S
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", self.port)) != 0:
                assert time.monotonic() < give_up_at, "the receiver did not come"
                time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def requests(self) -> list[dict[str, Any]]:
        """Return everything that was sent, in its order: headers, body, and what was answered."""
        # the last line may be half written where the process was killed
        lines = self._log.read_text("utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines if line]

    def taken(self) -> list[dict[str, Any]]:
        """Return the events that it answered with success, in their order, with repetitions."""
        return [json.loads(each["body"]) for each in self.requests() if 200 <= each["status"] < 300]


@contextmanager
def receiving(folder: Path, name: str = "receiver") -> Iterator[Receiver]:
    """Let a receiver listen meanwhile."""
    receiver = Receiver(folder, name)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.kill()


def is_signed(request: dict[str, Any], secret: str, *, now_s: float) -> bool:
    """Tell whether a message is from who has the secret, unchanged, and no older than 5 minutes."""
    headers = request["headers"]
    message, at = headers["webhook-id"], headers["webhook-timestamp"]
    key = base64.b64decode(secret.split("_", 1)[1])
    content = f"{message}.{at}.{request['body']}".encode()
    proof = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    told = [each.split(",", 1) for each in headers["webhook-signature"].split(" ")]
    is_proved = any(version == "v1" and hmac.compare_digest(own, proof) for version, own in told)
    return is_proved and abs(now_s - int(at)) <= 300


def first_of_each(events: list[dict[str, Any]]) -> dict[str, list[int]]:
    """Return subject → numbers of its events in the order in which each was taken first."""
    found: dict[str, list[int]] = {}
    for event in events:
        numbers = found.setdefault(event["subject"], [])
        if event["data"]["event"] not in numbers:
            numbers.append(event["data"]["event"])
    return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log: Path
    told: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = json.loads(self.told.read_text("utf-8"))
        subject = json.loads(body).get("subject", "")
        status = told.get("issues", {}).get(subject.removeprefix("issues/"), told["status"])
        time.sleep(told.get("delay_s", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = {"path": self.path, "headers": headers, "body": body, "status": status}
        # one write, so that lines of several threads do not mix; before the answer: what it has
        # answered for, it has
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        self.send_response(status)
        for name, value in told.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_where: Any) -> None:
        """Say nothing of senders that were killed."""


if __name__ == "__main__":
    _Handler.log, _Handler.told = Path(sys.argv[2]), Path(sys.argv[3])
    server = _Server(("127.0.0.1", int(sys.argv[1])), _Handler)
    if sys.argv[4:]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[4:])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
