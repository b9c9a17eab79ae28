"""News of the queue: two hundred open streams, ended with the service and begun with it again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx2

from tests.crashes import free_port
from tests.doors import publish_street_in
from tests.houses import center
from tests.terminals import environment

STREAMS = 200
GIVE_UP_S = 60
ENDED = {0, -signal.SIGTERM}
"""The server raises the signal again that it ended for."""


@contextmanager
def serving(folder, port):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SER")}
    process = subprocess.Popen(
        [sys.executable, "-m", "geo_service", "serve", "--port", str(port)],
        cwd=folder,
        env=kept | environment(folder, {}),
        stdout=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + GIVE_UP_S
        while not is_answering(port):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(GIVE_UP_S) in ENDED


def is_answering(port):
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/api/v1/queue", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


async def next_news(lines):
    """Return the next event of a stream, its id and what it tells."""
    event = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name in {"id", "data"}:
            event[name] = value
        elif not line and event:
            return event["id"], json.loads(event["data"])
    return None


async def news_of(issues, lines):
    """Return the id and counts of the first news of so many; a new minute is news of as many."""
    seen, told = await next_news(lines)
    while told["counts"]["all"] == issues - 1:
        seen, told = await next_news(lines)
    assert told["counts"]["all"] == issues
    return seen, told["counts"]


async def end_of(lines):
    while await next_news(lines):
        pass


async def report(client, external_id):
    lon, lat = center(0, 0)
    told = {"source": "12345", "external_id": external_id, "reported_at": "2025-06-10 08:00"}
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    answer = await client.post("/api/v1/issues", json={**told, **place})
    assert answer.status_code == 201, answer.text


async def listen(port, process):
    """Open every stream, report an issue, stop the service; what they heard, and what came last."""
    limits = httpx2.Limits(max_connections=None)
    home = f"http://127.0.0.1:{port}"
    async with httpx2.AsyncClient(base_url=home, limits=limits, timeout=GIVE_UP_S) as client:
        streams = [client.stream("GET", "/api/v1/queue/news") for _ in range(STREAMS)]
        opened = [await each.__aenter__() for each in streams]
        lines = [each.aiter_lines() for each in opened]
        first = await asyncio.gather(*map(next_news, lines))
        assert {told["counts"]["all"] for _, told in first} == {0}
        await report(client, "1")
        second = await asyncio.gather(*(news_of(1, each) for each in lines))
        process.send_signal(signal.SIGTERM)
        await asyncio.gather(*map(end_of, lines))
        for each in streams:
            await each.__aexit__(None, None, None)
    return second[0][0]


async def listen_again(port, seen):
    home = f"http://127.0.0.1:{port}"
    async with httpx2.AsyncClient(base_url=home, timeout=GIVE_UP_S) as client:
        headers = {"Last-Event-ID": seen}
        async with client.stream("GET", "/api/v1/queue/news", headers=headers) as stream:
            await report(client, "2")
            _, counts = await news_of(2, stream.aiter_lines())
            return counts


def test_two_hundred_listeners_hear_of_an_issue_and_of_the_next_after_a_restart(tmp_path):
    publish_street_in(tmp_path)
    port = free_port()
    with serving(tmp_path, port) as process:
        seen = asyncio.run(listen(port, process))
        assert process.wait(GIVE_UP_S) in ENDED
    with serving(tmp_path, port):
        counts = asyncio.run(listen_again(port, seen))
    assert counts["new"] == 2
