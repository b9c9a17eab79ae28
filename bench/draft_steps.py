"""Steps of a draft over HTTP: stored, checked, with new impact counts, on a city of 20,000 grids.

``python -m bench.draft_steps [steps of a kind]``: one request for each step, as the planner desk
sends it, with 100,000 issues and 20,000 organisations and units on the ground.
"""

import http.client
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import orjson
import shapely

from bench.drafting import _merge, _reshape, _split
from bench.impact import ISSUES, ORGANISATIONS, fill
from bench.locate_http import HEADERS, processor_s, serving
from bench.rounds import heading
from geo_service.app import create_services
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw.merges import neighbors
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.settings import Settings

OF_A_KIND = 20
MOVE_DEG = 2e-6
Body = dict[str, Any]


def main() -> None:
    """Print what a client waits for, and what the service's processor takes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else OF_A_KIND
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/city.db", profile="generic")
        services = create_services(settings)
        fill(services, ISSUES, ORGANISATIONS)
        draft = services.drafts.begin(LOCAL_ADMINISTRATOR, "bench").id
        state = services.drafts.state(LOCAL_ADMINISTRATOR, draft).state
        bodies = _bodies(state.coverages[0], count)
        services.close()
        del state, services
        with serving(settings) as (connection, process):
            _print_steps(connection, process, draft, bodies)


def _print_steps(
    connection: http.client.HTTPConnection, process: int, draft: int, bodies: list[Body]
) -> None:
    address = f"/api/v1/drafts/{draft}"
    _ask(connection, "GET", f"{address}/areas")
    _ask(connection, "GET", f"{address}/impact?limit=0")
    seconds: dict[str, list[tuple[float, float, int]]] = {}
    for body in bodies:
        before_s, begin_s = processor_s(process), perf_counter()
        status, size = _ask(connection, "POST", f"{address}/operations?impact=true", body)
        took_s = perf_counter() - begin_s
        if status == http.client.CREATED:
            told = (took_s, processor_s(process) - before_s, size)
            seconds.setdefault(body["kind"], []).append(told)
    heading("Steps over HTTP with impact: median, 95 % and longest instead of min, median, max")
    for kind, found in seconds.items():
        waited, busy, sizes = (np.array(column) for column in zip(*found, strict=True))
        middle, most = np.quantile(waited, [0.5, 0.95])
        print(
            f"| {kind} | {middle:.3f} | {most:.3f} | {waited.max():.3f} "
            f"| {len(found)} done, processor {busy.mean():.3f} s, {sizes.mean() / 1e3:.0f} kB |"
        )


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: Body | None = None
) -> tuple[int, int]:
    sent = None if body is None else orjson.dumps(body)
    connection.request(method, path, sent, {**HEADERS, "Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, len(answer.read())


def _bodies(coverage: Coverage, count: int) -> list[Body]:
    keys = [key for key in sorted(coverage.numbers) if key.layer == "grid"]
    makers: list[Callable[[Coverage, AreaKey, int], Body]] = [
        _moved,
        _reshaped,
        _split_up,
        _merged,
        _given,
    ]
    chosen = np.random.default_rng(7).choice(len(keys), count * len(makers), replace=False)
    return [makers[i % len(makers)](coverage, keys[at], i) for i, at in enumerate(chosen.tolist())]


def _moved(coverage: Coverage, key: AreaKey, _number: int) -> Body:
    x, y = coverage.arc(abs(coverage.area(key).chain[0])).head
    to = [x + MOVE_DEG, y + MOVE_DEG]
    return {"kind": "move-junction", **key._asdict(), "place": [x, y], "to": to}


def _reshaped(coverage: Coverage, key: AreaKey, number: int) -> Body:
    asked = _reshape(coverage, key, number)
    return {"kind": "reshape", **key._asdict(), "border": vars(asked)["border"], **_line(asked)}


def _split_up(coverage: Coverage, key: AreaKey, number: int) -> Body:
    asked = _split(coverage, key, number)
    return {
        "kind": "split",
        **key._asdict(),
        "codes": list(vars(asked)["codes"]),
        **_line(asked),
    }


def _merged(coverage: Coverage, key: AreaKey, number: int) -> Body:
    codes = [each.code for each in vars(_merge(coverage, key, number))["keys"]]
    return {"kind": "merge", "layer": key.layer, "codes": codes, "into": key.code}


def _given(coverage: Coverage, key: AreaKey, _number: int) -> Body:
    area = coverage.area(key)
    beside = [coverage.areas[n] for n in neighbors(coverage, coverage.number_of(key))]
    other = next((each for each in beside if each.parent == area.parent), beside[0])
    middle = shapely.intersection(area.outline, other.outline).centroid
    box = shapely.box(*middle.buffer(area.outline.area**0.5 / 8).bounds)
    outline = [list(place) for place in box.exterior.coords[:-1]]
    return {"kind": "give", **key._asdict(), "to": other.key.code, "outline": outline}


def _line(asked: object) -> Body:
    return {"line": [list(place) for place in vars(asked)["line"]]}


if __name__ == "__main__":
    main()
