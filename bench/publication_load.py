"""What others feel of a publication: locate and intake over HTTP, idle and while one is stored.

The service runs as a process of its own with one worker. One client locates places and another one
reports issues, each in a process of its own, one request after the other without a pause. "Idle"
is that as well, while nothing is published; a draft is published over HTTP.
"""

import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import cycle
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from bench.locate_http import HEADERS, connected, serving
from bench.publication import OPEN_ISSUES, fill, settings_in, turned
from geo_service.app import create_services
from geo_service.demo.places import x_street
from geo_service.layers.area import Boundaries
from geo_service.layers.files import write_features
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.tables import TablesAsked
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.service_set import ServiceSet

SIZE = 50
ROUNDS = 6
IDLE_S = 15.0
PAUSE_S = 2.0
LAYER = "micro_grid"
_JSON = {**HEADERS, "Content-Type": "application/json"}


class Requests(NamedTuple):
    """When requests were sent and how long each took, ``(n,)`` seconds."""

    sent_s: np.ndarray
    took_s: np.ndarray

    def during(self, windows: list[tuple[float, float]]) -> np.ndarray:
        """Return how long those took that were on their way in one of some windows, in ms."""
        ended_s = self.sent_s + self.took_s
        is_in = np.zeros(len(self.sent_s), dtype=bool)
        for begin_s, end_s in windows:
            is_in |= (self.sent_s < end_s) & (ended_s > begin_s)
        return self.took_s[is_in] * 1e3


def main() -> None:
    """Print one table: percentiles of locate and of intake, idle and during publications."""
    boundaries = dict(x_street().boundaries)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(folder)
        services = create_services(settings)
        fill(services, boundaries)
        files = cycle(_files(Path(folder), boundaries))
        with serving(settings) as (line, _):
            with _clients(line.port, folder, boundaries) as found:
                idle = [_window(lambda: time.sleep(IDLE_S))]
                busy = [_publish(line.port, _draft(services, next(files))) for _ in range(ROUNDS)]
            _print(found, idle, busy)
        services.close()


def _files(folder: Path, boundaries: Boundaries) -> Iterator[Path]:
    contents = {"turned": turned(boundaries, SIZE), "back": boundaries}
    for name, content in contents.items():
        areas, path = content[LAYER], folder / f"{name}.gpkg"
        columns = {"code": areas.codes, "name": areas.names, "parent": areas.parents}
        write_features(path, columns=columns, geometries=areas.geometries, layer_name=LAYER)
        yield path


def _draft(services: ServiceSet, path: Path) -> int:
    draft = services.drafts.begin(LOCAL_ADMINISTRATOR, "bench").id
    asked = TablesAsked(layers=[LAYER])
    services.draft_files.import_tables(LOCAL_ADMINISTRATOR, draft, path, asked, plan=Plan())
    return draft


def _publish(port: int, draft: int) -> tuple[float, float]:
    time.sleep(PAUSE_S)
    path, body = f"/api/v1/drafts/{draft}/publication", json.dumps({"reason": "bench"})
    with closing(connected(port)) as line:  # one that rested was given up by the service
        return _window(lambda: _asked(line, "POST", path, body))


def _window(work: Any) -> tuple[float, float]:
    begin_s = time.monotonic()
    work()
    return begin_s, time.monotonic()


@contextmanager
def _clients(port: int, folder: str, boundaries: Boundaries) -> Iterator[dict[str, Requests]]:
    """Let both clients work meanwhile; what they found is there afterwards, if nothing failed."""
    spawn = multiprocessing.get_context("spawn")
    is_over, are_ready, found = spawn.Event(), spawn.Barrier(3), {}
    box = shapely.total_bounds(boundaries["street"].geometries).tolist()
    works = {name: Path(folder) / f"{name}.npz" for name in ("locate", "intake")}
    processes = [
        spawn.Process(target=_keep_asking, args=(name, port, box, (are_ready, is_over), path))
        for name, path in works.items()
    ]
    for each in processes:
        each.start()
    are_ready.wait()
    try:
        yield found
    finally:
        is_over.set()
        for each in processes:
            each.join()
    if any(each.exitcode for each in processes):
        raise RuntimeError("a client was refused")
    for name, path in works.items():
        kept = np.load(path)
        found[name] = Requests(kept["sent_s"], kept["took_s"])


def _keep_asking(
    name: str, port: int, box: list[float], signals: tuple[Barrier, Event], path: Path
) -> None:
    draw = random.Random(name)  # noqa: S311  # where is asked is no secret
    are_ready, is_over = signals
    times = []
    with closing(connected(port)) as line:
        are_ready.wait()
        while not is_over.is_set():
            at = draw.uniform(box[0], box[2]), draw.uniform(box[1], box[3])
            begin_s = time.monotonic()
            _ask(name, line, at, len(times))
            times.append((begin_s, time.monotonic() - begin_s))
    sent_s, took_s = np.array(times).T
    np.savez(path, sent_s=sent_s, took_s=took_s)


def _ask(name: str, line: HTTPConnection, at: tuple[float, float], number: int) -> None:
    lon, lat = at
    if name == "locate":
        _asked(line, "GET", f"/api/v1/locate?lon={lon!r}&lat={lat!r}")
        return
    told = {"source": "complaint", "external_id": f"load-{number}", "frame": "EPSG:4490"}
    told |= {"reported_at": "2026-11-01 08:00", "lon": lon, "lat": lat}
    _asked(line, "POST", "/api/v1/issues", json.dumps(told))


def _asked(line: HTTPConnection, method: str, path: str, body: str | None = None) -> None:
    line.request(method, path, body, _JSON)
    answer = line.getresponse()
    told = answer.read()
    if answer.status not in {200, 201}:
        raise RuntimeError(told.decode())


def _print(
    found: dict[str, Requests], idle: list[tuple[float, float]], busy: list[tuple[float, float]]
) -> None:
    took_s = sorted(end - begin for begin, end in busy)
    load = os.getloadavg()[0]
    title = f"{SIZE} grids, each in another's place, are published: {OPEN_ISSUES:,} open issues"
    print(f"\n### While {title}\n")
    print(f"a publication takes {took_s[0]:.2f} to {took_s[-1]:.2f} s over HTTP; load {load:.1f}\n")
    print("| requests, ms | n | median | 99 % | longest |\n|---|---:|---:|---:|---:|")
    for name, requests in found.items():
        for when, windows in (("idle", idle), ("during publications", busy)):
            took_ms = requests.during(windows)
            middle, late = np.percentile(took_ms, [50, 99])
            cells = f"{len(took_ms):,} | {middle:.1f} | {late:.1f} | {took_ms.max():.1f}"
            print(f"| {name}, {when} | {cells} |")


if __name__ == "__main__":
    main()
