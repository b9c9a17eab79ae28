"""One point and ten thousand points over HTTP, beside an empty endpoint and beside decoding alone.

The service runs as a process of its own with one worker; client and service share the machine's
cores. Seconds are those the client waits; the service's own processor time stands in the note.
"""

import http.client
import io
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import shapely
from fastapi import FastAPI

from bench.rounds import heading, row
from geo_service.api.locations import Coordinate
from geo_service.api.parameters import ChoiceParameter, JsonObject, VisitParameter
from geo_service.app import create_app, create_services
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings

POINTS = 10_000
ROUNDS = 60
BLOCK = 10
"""So many batches of one form follow each other, as those of one client do."""
SINGLE_ROUNDS = 3_000
HEADERS = {"Host": "127.0.0.1"}
_JSON, _ARROW = "application/json", "application/vnd.apache.arrow.stream"
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def served() -> FastAPI:
    """Return the service with an empty endpoint beside its own."""
    app = create_app()

    @app.get("/api/v1/nothing")
    def nothing(
        visit: VisitParameter,
        choice: ChoiceParameter,
        lon: Coordinate,
        lat: Coordinate,
        frame: str = "EPSG:4490",
        accuracy_m: float | None = None,
    ) -> JsonObject:
        return {"lon": lon, "lat": lat} if visit and choice and frame and not accuracy_m else {}

    # the pages' routes stand in front and would take the address
    app.router.routes.insert(0, app.router.routes.pop())
    return app


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/http.db", profile="x-street")
        services = create_services(settings)
        services.demonstrations.load(LOCAL_ADMINISTRATOR, total=100)
        lon, lat = _points(services)
        services.close()
        with serving(settings) as (connection, process):
            _one_point(connection, process, lon, lat)
            _batches(connection, process, lon, lat)


def _points(services: ServiceSet) -> tuple[np.ndarray, np.ndarray]:
    """Return points inside the areas, at random."""
    _, locator = services.workspace.pin()
    random = np.random.default_rng(1)
    west, south, east, north = shapely.total_bounds(locator.areas("micro_grid").geometries)
    lon, lat = random.uniform(west, east, 9 * POINTS), random.uniform(south, north, 9 * POINTS)
    inside = np.flatnonzero(locator.owners("micro_grid", lon=lon, lat=lat).level >= 0)[:POINTS]
    return lon[inside], lat[inside]


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[http.client.HTTPConnection, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["bench.locate_http:served", "--factory", "--port", str(port), "--log-level", "warning"]
    environment = {
        "GEO_SERVICE_DATABASE_URL": settings.database_url,
        "GEO_SERVICE_PROFILE": settings.profile,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", *words], env={**os.environ, **environment}
    ) as process:
        try:
            yield connected(port), process.pid
        finally:
            process.terminate()


def connected(port: int) -> http.client.HTTPConnection:
    until_s = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.1)
        else:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection


def _one_point(
    connection: http.client.HTTPConnection, process: int, lon: np.ndarray, lat: np.ndarray
) -> None:
    places = [f"?lon={x!r}&lat={y!r}" for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    works = {
        name: (lambda i, path=path: _get(connection, path + places[i % len(places)]))
        for name, path in {
            "an empty endpoint, same parameters": "/api/v1/nothing",
            "GET /api/v1/locate": "/api/v1/locate",
        }.items()
    }
    seconds, busy_s = _turns(works, process, rounds=SINGLE_ROUNDS, block=100)
    heading("One point over HTTP, milliseconds instead of seconds")
    for name, found in seconds.items():
        note = f"service's processor {busy_s[name] / SINGLE_ROUNDS * 1e3:.3f} ms a request"
        row(name, [each * 1e3 for each in found], note)
    empty, ours = (statistics.median(found) for found in seconds.values())
    own_empty, own = busy_s.values()
    share, own_share = f"{empty / ours:.0%}", f"{own_empty / own:.0%}"
    print(f"\nrate beside the empty endpoint's: {share}; by the service's processor {own_share}")


def _batches(
    connection: http.client.HTTPConnection, process: int, lon: np.ndarray, lat: np.ndarray
) -> None:
    path = "/api/v1/locate/batch"
    columns = orjson.dumps({"lon": lon.tolist(), "lat": lat.tolist()})
    pairs = enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    rows = orjson.dumps({"points": [{"id": i, "lon": x, "lat": y} for i, (x, y) in pairs]})
    stream = _arrow(lon, lat)
    works: dict[str, Callable[[int], object]] = {
        "Arrow, decoding alone": lambda _: _arrow_columns(stream),
        "Arrow": lambda _: _post(connection, path, stream, _ARROW),
        "JSON columns, decoding alone": lambda _: _json_columns(columns),
        "JSON columns": lambda _: _post(connection, path, columns, _JSON),
        "JSON rows, decoding alone": lambda _: orjson.loads(rows),
        "JSON rows": lambda _: _post(connection, path, rows, _JSON),
    }
    seconds, busy_s = _turns(works, process, rounds=ROUNDS, block=BLOCK)
    heading(f"{POINTS:,} points over HTTP, milliseconds instead of seconds")
    for name, found in seconds.items():
        rates = [f"{POINTS / each / 1e6:.2f}" for each in (min(found), statistics.median(found))]
        note = f"{rates[0]} M points/s at best, {rates[1]} M in the median"
        if busy_s[name]:
            note += f"; by the service's processor {POINTS * ROUNDS / busy_s[name] / 1e6:.2f} M"
        row(name, [each * 1e3 for each in found], note)


def _turns(
    works: dict[str, Callable[[int], object]], process: int, *, rounds: int, block: int
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the seconds of each work, taken in turns, and the service's processor seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    busy_s = dict.fromkeys(works, 0.0)
    for work in works.values():
        for number in range(block):
            work(number)
    for start in range(0, rounds, block):
        for name, work in works.items():
            before_s = processor_s(process)
            for number in range(start, start + block):
                begin_s = time.perf_counter()
                work(number)
                seconds[name].append(time.perf_counter() - begin_s)
            busy_s[name] += processor_s(process) - before_s
    return seconds, busy_s


def processor_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path, headers=HEADERS)
    return _answer(connection)


def _post(connection: http.client.HTTPConnection, path: str, body: bytes, media_type: str) -> bytes:
    connection.request("POST", path, body=body, headers={**HEADERS, "Content-Type": media_type})
    return _answer(connection)


def _answer(connection: http.client.HTTPConnection) -> bytes:
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(body.decode())
    return body


def _arrow(lon: np.ndarray, lat: np.ndarray) -> bytes:
    target = io.BytesIO()
    table = pa.table({"lon": lon, "lat": lat})
    with pa.ipc.new_stream(target, table.schema) as writer:
        writer.write_table(table)
    return target.getvalue()


def _arrow_columns(stream: bytes) -> list[np.ndarray]:
    table = pa.ipc.open_stream(stream).read_all()
    return [column.to_numpy() for column in table.columns]


def _json_columns(body: bytes) -> list[np.ndarray]:
    return [np.array(column, dtype=np.float64) for column in orjson.loads(body).values()]


if __name__ == "__main__":
    main()
