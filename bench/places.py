"""Places by their addresses: what is known in memory, a search, and intake without coordinates.

The addresses are generated: roads with lanes, lanes with numbers, estates with names. Intake is
measured in one database before any list of addresses stands there and after, with and without
coordinates.
"""

import argparse
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from geo_service.app import create_services
from geo_service.layers.addresses.address import Address, written
from geo_service.layers.addresses.book import AddressBook
from geo_service.layers.files import write_csv
from geo_service.services.addresses.deciding import judged
from geo_service.services.addresses.knowledge import Knowledge
from geo_service.services.addresses.lists import PlaceFileOptions
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage.tables.places import place_lists, places

_FIRST = "桂兰松竹梅荷枫柳槐桐杏桃棠樟榕茶莲菊蕙芷葵槿枣榴"
_SECOND = "香和宁安馨秀茂华芳荣祥瑞康乐清明远景泰丰盛嘉润雅"
_ESTATES = ("花园", "新村", "苑", "里", "家园", "公寓")
_HEADINGS = ("路", "弄", "号", "小区", "经度", "纬度")
_WEST, _SOUTH, _WIDE, _HIGH = 118.49, 33.59, 0.02, 0.02
_SEED = 7
_TICKETS = 10_000
_ROUNDS = 3


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=200_000)
    asked = parser.parse_args()
    rng = random.Random(_SEED)  # noqa: S311  # the same addresses at every run
    addresses = _addresses(asked.addresses, rng)
    with tempfile.TemporaryDirectory() as folder:
        services = _opened(Path(folder))
        _intake(services, addresses, rng, "no list of addresses")
        _import(services, Path(folder) / "places.csv", addresses, rng)
        _intake(services, addresses, rng, f"{len(addresses):,} addresses")
        _search(services, addresses, rng)
        services.close()


def _addresses(count: int, rng: random.Random) -> list[Address]:
    """Return addresses in lanes of some dozens of numbers, each lane one estate."""
    roads = [f"{first}{second}路" for first, second in product(_FIRST, _SECOND)]
    names = [f"{first}{second}" for first, second in product(_FIRST[::-1], _SECOND)]
    found: list[Address] = []
    while len(found) < count:
        road, lane = rng.choice(roads), str(rng.randrange(1, 2_000))
        estate = rng.choice(names) + rng.choice(_ESTATES)
        numbers = range(1, rng.randrange(10, 60))
        found += [Address(road, (lane,), str(number), estate) for number in numbers]
    return found[:count]


def _opened(folder: Path) -> ServiceSet:
    services = create_services(
        Settings(database_url=f"sqlite:///{folder / 'bench.db'}", profile="x-street")
    )
    services.demonstrations.load(LOCAL_ADMINISTRATOR, total=100)
    with services.workspace.database.write() as connection:
        for table in (places, place_lists):
            connection.execute(table.delete())
    return services


def _point(rng: random.Random) -> tuple[float, float]:
    return round(_WEST + _WIDE * rng.random(), 7), round(_SOUTH + _HIGH * rng.random(), 7)


def _import(
    services: ServiceSet, path: Path, addresses: Sequence[Address], rng: random.Random
) -> None:
    rows = ((a.road, a.lanes[0], a.number, a.name, *_point(rng)) for a in addresses)
    write_csv(path, headings=list(_HEADINGS), rows=rows)
    options = PlaceFileOptions(frame="EPSG:4490")
    for title in ("import", "the same file again"):
        spent_s = _spent_s(
            lambda: services.place_lists.import_file(LOCAL_ADMINISTRATOR, path, options)
        )
        print(f"| {title} of {len(addresses):,} | {spent_s:.1f} s |")


def _search(services: ServiceSet, addresses: Sequence[Address], rng: random.Random) -> None:
    workspace = services.workspace
    with workspace.database.read() as connection:
        spent_s = _spent_s(lambda: Knowledge().get(workspace, connection))
        fresh = Knowledge()
        tracemalloc.start()
        known = fresh.get(workspace, connection)
        held, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    if known is None:
        raise RuntimeError("no list was imported")
    book: AddressBook = known.gazetteer.book
    print(f"| known places from the database | {spent_s:.1f} s |")
    print(f"| held by them (columns alone) | {held / 1e6:.0f} MB ({book.nbytes / 1e6:.0f} MB) |")
    print(f"| at most while they are made | {most / 1e6:.0f} MB |")
    texts = [written(each._replace(name=None)) for each in rng.sample(list(addresses), _TICKETS)]
    spent_s = min(_spent_s(lambda: [judged(known, f"{e}501室") for e in texts]) for _ in range(3))
    print(f"| addresses decided a second | {len(texts) / spent_s:,.0f} |")
    kinds = {
        "whole addresses": texts[:200],
        "beginnings": [text[: rng.randrange(1, 6)] for text in texts[200:400]],
        "estates": [str(each.name) for each in rng.sample(list(addresses), 200)],
        "initials": ["gxl", "thl88", "xfhy", "lx", "mrl7", "gxl88n3h"] * 30,
        "words within": ["花园", "新村3号", "家园", "不存在的地方"] * 50,
    }
    services.places.find(LOCAL_ADMINISTRATOR, "gxl")  # the sounds of all words, once
    print("\n| search | median ms | 99 % ms |\n|---|---:|---:|")
    for title, queries in kinds.items():
        each_ms = sorted(
            1e3 * _spent_s(lambda q=query: services.places.find(LOCAL_ADMINISTRATOR, q))
            for query in queries
        )
        slowest = each_ms[int(0.99 * len(each_ms))]
        print(f"| {title} | {statistics.median(each_ms):.1f} | {slowest:.1f} |")


def _intake(
    services: ServiceSet, addresses: Sequence[Address], rng: random.Random, title: str
) -> None:
    """Take tickets in by the thousand, with coordinates and with addresses alone."""
    for kind, place in (("coordinates", _with_point), ("addresses alone", _with_address)):
        paces = []
        for _ in range(_ROUNDS):
            tickets = [
                {
                    "source": "12345",
                    "external_id": f"{rng.getrandbits(60)}",
                    "reported_at": "2026-01-05 08:00",
                    **place(rng.choice(addresses), rng),
                }
                for _ in range(_TICKETS)
            ]
            batches = [tickets[i : i + 1_000] for i in range(0, _TICKETS, 1_000)]
            spent_s = _spent_s(lambda batches=batches: _take(services, batches))
            paces.append(_TICKETS / spent_s)
        print(f"| intake, {title}, {kind} | {statistics.median(paces):,.0f} rows/s |")


def _with_point(_address: Address, rng: random.Random) -> dict[str, Any]:
    x, y = _point(rng)
    return {"x": x, "y": y, "frame": "EPSG:4490"}


def _with_address(address: Address, _rng: random.Random) -> dict[str, Any]:
    return {"address": written(address)}


def _take(services: ServiceSet, batches: Sequence[Sequence[dict[str, Any]]]) -> None:
    for batch in batches:
        services.issues.batch(LOCAL_ADMINISTRATOR, batch, is_updating=False)


def _spent_s(work: Callable[[], Any]) -> float:
    """Return seconds of this process's processor: the machine may be shared."""
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


if __name__ == "__main__":
    main()
