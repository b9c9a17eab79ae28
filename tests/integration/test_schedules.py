"""Editions published for later take effect: open issues follow, once, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest

from geo_service.errors import StorageUnavailable
from geo_service.services.callers import SCHEDULE
from geo_service.storage.relocations import Relocation
from tests.houses import (
    CALLER,
    NOW_S,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    swapped_street,
)

LATER_S = NOW_S + 86_400
CELLS = [(column, row) for row in range(2) for column in range(4)]


def report(house, name, cells, **values):
    rows = [
        {
            "source": "complaint",
            "external_id": f"{name} {column} {row}",
            "reported_at": "2026-11-20 08:00",
            "frame": "EPSG:4490",
            "x": center(column, row)[0],
            "y": center(column, row)[1],
            **values,
        }
        for column, row in cells
    ]
    house.issues.batch(CALLER, rows, is_updating=True)


def owner_of(house, issue_id):
    return house.issues.issue(CALLER, issue_id)["assignments"][0]["links"][-1][1]


def relocations(house):
    query = "SELECT edition, located, reassigned, actor FROM relocations ORDER BY id"
    with house.workspace.database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


@pytest.fixture
def house(tmp_path):
    """Return a house with an open issue in every grid and an edition that waits."""
    house = open_house(tmp_path)
    publish_street(house)
    report(house, "first", CELLS)
    publish_areas(house, swapped_street(), on=1, effective_from_s=LATER_S)
    yield house
    house.close()


def test_nothing_is_due_before_the_moment_and_everything_from_it_on(house):
    house.workspace.now_s.now_s = LATER_S - 1
    assert house.schedule.apply_due_editions(SCHEDULE) is None
    assert owner_of(house, 1) == grid_code(0, 0)
    house.workspace.now_s.now_s = LATER_S
    # nearest_m is 50: the next center to the east lies 47 m from the swapped grids, those to the
    # north 54 m
    assert house.schedule.apply_due_editions(SCHEDULE) == Relocation(2, located=3, reassigned=2)
    assert (owner_of(house, 1), owner_of(house, 2)) == (grid_code(1, 0), grid_code(0, 0))
    assert house.schedule.apply_due_editions(SCHEDULE) is None
    assert [row[3] for row in relocations(house)] == [CALLER.name, SCHEDULE.name]


def test_the_record_says_from_whom_to_whom_and_by_whom(house):
    house.workspace.now_s.now_s = LATER_S
    house.schedule.apply_due_editions(SCHEDULE)
    events = house.issues.issue(CALLER, 1)["events"]
    assert [(each["kind"], each["actor"]) for each in events] == [
        ("reported", CALLER.name),
        ("reassigned", SCHEDULE.name),
    ]
    assert events[1]["at_s"] == LATER_S
    assert events[1]["payload"]["edition"] == 2
    assert [each["kind"] for each in house.issues.issue(CALLER, 3)["events"]] == ["reported"]


def test_closed_issues_stay_with_the_owner_they_had(house):
    report(house, "first", [(0, 0)], status="closed")
    house.workspace.now_s.now_s = LATER_S
    assert house.schedule.apply_due_editions(SCHEDULE) == Relocation(2, located=2, reassigned=1)
    assert owner_of(house, 1) == grid_code(0, 0)


def test_intake_applies_what_is_due_before_it_takes_anything_in(house):
    house.workspace.now_s.now_s = LATER_S
    report(house, "second", [(0, 0)])
    assert (owner_of(house, 1), owner_of(house, 9)) == (grid_code(1, 0), grid_code(1, 0))
    assert relocations(house)[-1] == (2, 3, 2, SCHEDULE.name)
    assert house.schedule.apply_due_editions(SCHEDULE) is None


def test_a_publication_applies_what_is_due_before_its_own(house):
    house.workspace.now_s.now_s = LATER_S
    publish_street(house, prepared_on=2, effective_from_s=LATER_S)
    assert relocations(house)[1:] == [(2, 3, 2, SCHEDULE.name), (3, 3, 2, CALLER.name)]
    assert owner_of(house, 1) == grid_code(0, 0)


def test_a_publication_that_changes_nothing_locates_nothing(house):
    publish_street(house, prepared_on=2, effective_from_s=NOW_S)
    assert relocations(house)[-1] == (3, 0, 0, CALLER.name)


def test_under_another_profile_every_open_issue_is_located_again(house, tmp_path):
    house.close()
    profile = tmp_path / "far.toml"
    layers = [
        f'[[layers]]\nname = "{name}"\ntitle_zh = "甲"\ntitle_en = "A"\n{parent}nearest_m = 200\n'
        for name, parent in (
            ("district", ""),
            ("street", 'parent = "district"\n'),
            ("community", 'parent = "street"\n'),
            ("grid", 'parent = "community"\n'),
        )
    ]
    profile.write_text("\n".join(layers), encoding="utf-8")
    other = open_house(tmp_path, profile=str(profile))
    assert other.schedule.apply_due_editions(SCHEDULE) == Relocation(1, located=8, reassigned=0)
    other.close()


def test_several_at_once_do_the_work_once(house, tmp_path):
    houses = [open_house(tmp_path) for _ in range(4)]
    start = Barrier(len(houses))

    def work(each):
        each.workspace.now_s.now_s = LATER_S
        start.wait()
        return each.schedule.apply_due_editions(SCHEDULE)

    with ThreadPoolExecutor(len(houses)) as pool:
        done = list(pool.map(work, houses))
    assert sorted(done, key=str) == [None, None, None, Relocation(2, 3, 2)]
    assert len(relocations(house)) == 2
    for each in houses:
        each.close()


def test_the_loop_survives_a_failure_and_ends_when_it_is_stopped(house):
    # closed, the house opens connections anew; without its table, the first round fails
    failures, done, is_stopped = [], Event(), Event()
    workspace = house.workspace
    with workspace.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE relocations RENAME TO hidden")

    def mend(error):
        failures.append(error)
        with workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE hidden RENAME TO relocations")

    workspace.now_s.now_s = LATER_S
    loop = Thread(
        target=house.schedule.keep_working,
        kwargs={
            "interval_s": 0.01,
            "is_stopped": is_stopped,
            "on_failure": mend,
            "on_done": lambda _done: done.set(),
        },
    )
    loop.start()
    assert done.wait(60)
    is_stopped.set()
    loop.join(60)
    assert not loop.is_alive()
    assert [type(error) for error in failures] == [StorageUnavailable]
    assert owner_of(house, 1) == grid_code(1, 0)
