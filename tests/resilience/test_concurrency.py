"""Several threads and processes on one house: one wins, the other is told, nothing half-stored."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier, Event
from time import monotonic, sleep

import numpy as np
import pytest

from geo_service.errors import GeoServiceError
from geo_service.layers.assignment.rule import assign
from geo_service.layers.files import write_features
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.files import BoundaryOptions
from geo_service.services.boundaries.imports import EditionOptions
from geo_service.services.issues.assignments import chain_links
from geo_service.storage.issue_queries import IssueFilter
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    SOUTH,
    STEP,
    WEST,
    center,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
    swapped_street,
)

SPAWN = get_context("spawn")  # a forked child would share the parent's open database files
TICKET = {
    "source": "complaint",
    "external_id": "T1",
    "reported_at": "2026-11-20 08:00",
    "frame": "EPSG:4490",
    "x": center(0, 0)[0],
    "y": center(0, 0)[1],
}


def meet(folder: Path) -> None:
    """Wait until two processes are here."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{os.getpid()}.here").touch()
    give_up_at = monotonic() + 60
    while len(list(folder.glob("*.here"))) < 2:
        assert monotonic() < give_up_at, "the other process did not come"
        sleep(0.001)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        yield pool


def at_once(pool, work, *arguments):
    """Return what two processes answer that start the same work at the same moment."""
    return [
        done.result()
        for done in [pool.submit(work, *each) for each in zip(*arguments, strict=True)]
    ]


def answer(work) -> str:
    try:
        return work()
    except GeoServiceError as error:
        return type(error).__name__


def opened(folders: list[Path]) -> list[str]:
    def open_one(folder: Path) -> str:
        open_house(folder).close()
        return "open"

    answers = []
    for folder in folders:
        meet(folder)
        answers.append(answer(lambda folder=folder: open_one(folder)))
    return answers


def reported(folder: Path, title: str, is_updating: bool) -> str:
    house = open_house(folder)
    meet(folder)
    cells = {**TICKET, "title": title}
    found = answer(lambda: house.issues.report(CALLER, cells, is_updating=is_updating)["outcome"])
    house.close()
    return found


def import_grids(house, path: Path) -> str:
    options = BoundaryOptions(layer="grid", frame="EPSG:4490")
    report = house.boundaries.import_file(
        CALLER, path, options, plan=Plan(), edition_options=EditionOptions()
    )
    assert report.is_clean
    return "stored"


def imported(folder: Path, path: Path) -> str:
    house = open_house(folder)
    meet(folder)
    found = answer(lambda: import_grids(house, path))
    house.close()
    return found


def grid_file(folder: Path, name: str) -> Path:
    grids = street_boundaries()["grid"]
    path = folder / f"{name}.geojson"
    columns = {
        "code": list(grids.codes),
        "name": [name] * len(grids),
        "parent": list(grids.parents),
    }
    write_features(path, columns=columns, geometries=grids.geometries, layer_name="grid")
    return path


def assert_one_import_won(house, answers, sizes):
    assert sorted(answers) in (["StaleEdition", "stored"], ["stored", "stored"])
    number = len(house.editions.editions(CALLER))
    assert number == 1 + answers.count("stored")
    names = {row.name for row in house.editions.areas(CALLER, "grid").rows}
    assert len(names) == 1  # one file's, never a mixture
    assert house.editions.edition(CALLER, number)[1] == sizes


SIZES = {"district": 1, "street": 1, "community": 2, "grid": 8}


def test_two_processes_open_a_new_house_at_once(processes, tmp_path):
    folders = [tmp_path / str(i) for i in range(5)]
    answers = at_once(processes, opened, [folders] * 2)
    assert answers == [["open"] * len(folders)] * 2


@pytest.mark.parametrize(
    ("titles", "is_updating", "expected"),
    [
        (("a", "a"), False, ["added", "unchanged"]),
        (("a", "b"), False, ["NaturalKeyConflict", "added"]),
        (("a", "b"), True, ["added", "updated"]),
    ],
)
def test_two_processes_report_one_ticket_at_once(
    processes, tmp_path, titles, is_updating, expected
):
    house = open_house(tmp_path)
    publish_street(house)
    answers = at_once(processes, reported, [tmp_path] * 2, titles, [is_updating] * 2)
    assert sorted(answers) == expected
    assert len(house.issues.issues(CALLER, IssueFilter()).rows) == 1


def test_of_two_processes_that_import_at_once_one_wins(processes, tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    paths = [grid_file(tmp_path, name) for name in ("甲", "乙")]
    answers = at_once(processes, imported, [tmp_path] * 2, paths)
    assert_one_import_won(house, answers, SIZES)


def test_of_two_threads_that_import_at_once_one_wins(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    paths = [grid_file(tmp_path, name) for name in ("甲", "乙")]
    barrier = Barrier(2)

    def work(path: Path) -> str:
        barrier.wait(60)
        return answer(lambda: import_grids(house, path))

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(work, paths))
    assert_one_import_won(house, answers, SIZES)


def test_more_threads_than_a_server_has_all_write(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)

    def work(number: int) -> str:
        cells = {**TICKET, "external_id": str(number)}
        return house.issues.report(CALLER, cells, is_updating=False)["outcome"]

    with ThreadPoolExecutor(48) as pool:
        assert set(pool.map(work, range(96))) == {"added"}


def publish_swaps(house, count: int) -> None:
    for number in range(1, count + 1):
        boundaries = swapped_street() if number % 2 else street_boundaries()
        publish_areas(house, boundaries, on=number, effective_from_s=LONG_AGO_S + number)


def report_until(house, is_done: Event, name: int) -> int:
    """Report, move, close and reopen tickets at full rate; return how many times."""
    draw = np.random.default_rng(name)
    count = 0
    while not is_done.is_set():
        count += 1
        is_closed = draw.random() < 0.3
        cells = {
            **TICKET,
            "external_id": f"{name}-{draw.integers(40)}",
            "x": WEST + draw.random() * 4 * STEP,
            "y": SOUTH + draw.random() * 2 * STEP,
            "status": "closed" if is_closed else "open",
        }
        if draw.random() < 0.5:
            cells = {**cells, "x": TICKET["x"], "y": TICKET["y"]}
        assert house.issues.report(CALLER, cells, is_updating=True)["outcome"] != "conflict"
    return count


def assert_owners_are_fresh(house) -> None:
    rows = house.issues.issues(CALLER, IssueFilter(status="open"), limit=1000).rows
    lon, lat = (np.array([row[name] for row in rows]) for name in ("lon", "lat"))
    with house.workspace.database.read() as connection:
        locator = house.workspace.locator(connection, house.workspace.edition(connection))
    fresh = {}
    for family in house.workspace.layers.families:
        assigned = assign(locator, family, lon=lon, lat=lat)
        links = [[list(link) for link in chain] for chain in chain_links(locator, assigned)]
        fresh[family] = list(zip(assigned.rules.tolist(), links, strict=True))
    for i, row in enumerate(rows):
        kept = {each["family"]: (each["rule"], each["links"]) for each in row["assignments"]}
        assert kept == {family: found[i] for family, found in fresh.items()}


def test_after_publications_under_intake_every_open_issue_equals_a_fresh_locate(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    is_done = Event()
    with ThreadPoolExecutor(2) as pool:
        reporting = [pool.submit(report_until, house, is_done, name) for name in range(2)]
        try:
            publish_swaps(house, 20)
        finally:
            is_done.set()
        assert all(each.result() > 0 for each in reporting)
    assert_owners_are_fresh(house)
    with house.workspace.database.read() as connection:
        assert house.workspace.edition(connection).number == 21


def test_an_export_shows_one_moment_while_others_report(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    for number in range(3):
        house.issues.report(CALLER, {**TICKET, "external_id": str(number)}, is_updating=False)
    export = house.issues.every_issue(CALLER, IssueFilter())
    next(export)
    older = {**TICKET, "external_id": "older", "reported_at": "2026-11-01 08:00"}
    house.issues.report(CALLER, older, is_updating=False)
    assert len(list(export)) == 2
    assert len(list(house.issues.every_issue(CALLER, IssueFilter()))) == 4
