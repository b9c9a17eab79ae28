"""Kills under load, again and again: what was acknowledged, what of it is found, what is half.

``python -m bench.crashes 100 60 40``: so many kills of the service on SQLite, of the service on
PostgreSQL, and of the PostgreSQL server itself under a service that goes on.
"""

import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from tests.clusters import USER, Cluster, cluster
from tests.crash_clients import LONGEST_S, killed_round, load
from tests.crashes import Promises, Service, wait_for_promise
from tests.houses import publish_street
from tests.losses import halves, losses, opened

ROUNDS = (10, 10, 10)
WORKERS = (1, 2)
"""Taken in turns."""


def main() -> None:
    """Print one line for each kind of crash."""
    sqlite, service, server = map(int, sys.argv[1:]) if len(sys.argv) > 1 else ROUNDS
    print("\n### Acknowledged, then killed (kill -9, or a crash of the server)\n")
    print("| what is killed | kills | acknowledged | found | lost | half-written | unanswered |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as made:
        url = f"sqlite:///{made}/drill.db"
        _row("service on SQLite", sqlite, _kill_service, Path(made), url)
    for name, count, drill in (
        ("service on PostgreSQL", service, lambda _server: _kill_service),
        (
            "PostgreSQL server, immediate stop",
            server,
            lambda running: partial(_kill_server, server=running),
        ),
    ):
        with tempfile.TemporaryDirectory() as made, _durable_cluster() as running:
            url = f"postgresql://{USER}@/postgres?host={running.host}"
            _row(name, count, drill(running), Path(made), url)


def _durable_cluster():
    return cluster(fsync="on", full_page_writes="on")


def _row(
    name: str, count: int, drill: Callable[[Path, str, Promises, int], None], folder: Path, url: str
) -> None:
    promises = Promises()
    if not count:
        return
    with closing(opened(url)) as house:
        publish_street(house)
    drill(folder, url, promises, count)
    lost, half = losses(url, promises), halves(url)
    found = promises.count - len(lost)
    line = (name, count, promises.count, found, len(lost), len(half), promises.answers.get(0, 0))
    print("| " + " | ".join(str(each) for each in line) + " |", flush=True)
    for each in [*lost, *half][:20]:
        print(f"    {each}", flush=True)


def _kill_service(folder: Path, url: str, promises: Promises, count: int) -> None:
    services = [Service(folder, url, workers=each, work_interval_s="0.2") for each in WORKERS]
    for seed in range(count):
        killed_round(services[seed % len(services)], promises, seed)
        if sys.stderr.isatty() or seed % 10 == 9:
            sys.stderr.write(f"{seed + 1} kills, {promises.count} acknowledged\n")


def _kill_server(folder: Path, url: str, promises: Promises, count: int, server: Cluster) -> None:
    draw = random.Random(0)  # noqa: S311  # the moments are no secret
    service = Service(folder, url, workers=2, work_interval_s="0.2")
    service.start()
    try:
        with load(service, promises, 0) as failures:
            for _ in range(count):
                wait_for_promise(promises, failures)
                time.sleep(draw.random() * LONGEST_S)
                server.stop(signal.SIGQUIT)
                server.start()
            wait_for_promise(promises, failures)
        if failures:
            raise failures[0]
    finally:
        service.kill()


if __name__ == "__main__":
    main()
