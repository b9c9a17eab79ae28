"""Editions take effect by themselves: under the running service, and under `geo-service work`."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.databases import rows
from tests.doors import HOME, open_door, publish_street_in
from tests.houses import (
    CALLER,
    center,
    grid_code,
    open_house,
    publish_areas,
    swapped_street,
)
from tests.terminals import environment, refusal, run

GIVE_UP_S = 60


def put_later(folder, *, after_s):
    """Take an issue in, and publish its grid and the next one in each other's place for later."""
    house = open_house(folder, clock=time.time)
    lon, lat = center(0, 0)
    cells = {"source": "complaint", "external_id": "1", "reported_at": "2025-11-20 08:00"}
    place = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    house.issues.report(CALLER, {**cells, **place}, is_updating=False)
    moment_s = int(time.time()) + after_s
    publish_areas(house, swapped_street(), on=1, effective_from_s=moment_s)
    house.close()


def owner(folder):
    house = open_house(folder, clock=time.time)
    found = house.issues.issue(CALLER, 1)["assignments"][0]["links"][-1][1]
    house.close()
    return found


def wait_for(is_true):
    give_up_at = time.monotonic() + GIVE_UP_S
    while not is_true():
        assert time.monotonic() < give_up_at, "it did not come"
        time.sleep(0.05)


def test_one_round_of_work_says_what_it_did_or_that_nothing_is_due(tmp_path):
    publish_street_in(tmp_path)
    assert "没有到期的工作" in run(tmp_path, "work", "--once")
    put_later(tmp_path, after_s=1)
    told = []
    wait_for(lambda: told.append(run_once(tmp_path)) or "nothing is due" not in told[-1])
    assert "edition 2 took effect: 1 open issues located again, 1 have another owner" in told[-1]
    assert owner(tmp_path) == grid_code(1, 0)
    assert "nothing is due" in run_once(tmp_path)


def run_once(folder):
    return run(folder, "work", "--once", language="en")


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_work_goes_on_until_it_is_told_to_stop_and_ends_cleanly(tmp_path, kind):
    publish_street_in(tmp_path)
    put_later(tmp_path, after_s=2)
    process = start_work(tmp_path)
    wait_for(lambda: owner(tmp_path) == grid_code(1, 0))
    process.send_signal(kind)
    out, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, err) == (0, "")
    assert "第 2 版已生效：重新落格 1 件在办工单，1 件换了归属" in out
    assert out.rstrip().endswith("已停止")


def test_the_running_service_applies_an_edition_that_takes_effect(tmp_path):
    publish_street_in(tmp_path)
    put_later(tmp_path, after_s=1)
    with open_door(tmp_path, is_published=False, work_interval_s=0.1) as door:
        wait_for(lambda: issue_owner(door) == grid_code(1, 0))
    assert "work" not in [thread.name for thread in threading.enumerate()]


def test_an_interval_of_zero_leaves_the_work_to_others(tmp_path):
    publish_street_in(tmp_path)
    with open_door(tmp_path, is_published=False, work_interval_s=0):
        assert "work" not in [thread.name for thread in threading.enumerate()]


def test_the_work_outlives_a_failure_and_is_done_when_the_cause_is_gone(tmp_path):
    publish_street_in(tmp_path)
    put_later(tmp_path, after_s=2)
    with open_door(tmp_path, is_published=False, work_interval_s=0.05) as door:
        hide(tmp_path, "relocations", "hidden")
        time.sleep(0.5)  # some rounds fail meanwhile
        assert door.get("/api/v1/editions").status_code == 200
        hide(tmp_path, "hidden", "relocations")
        wait_for(lambda: issue_owner(door) == grid_code(1, 0))


def hide(folder, name, other):
    house = open_house(folder)
    with house.workspace.database.write() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {other}")
    house.close()


def issue_owner(door):
    found = door.get(f"{HOME}/api/v1/issues/1").json()
    return found["assignments"][0]["links"][-1][1]


def start_work(folder, *words):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SER")}
    return subprocess.Popen(
        [sys.executable, "-m", "geo_service", "work", "--interval", "0.2", *words],
        cwd=folder,
        env=kept | environment(folder, {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def count_issues(folder):
    [(count,)] = rows(folder, "SELECT count(*) FROM issues")
    return count


def test_work_on_an_inbox_stops_in_the_middle_of_a_list_and_takes_it_up_again(tmp_path):
    publish_street_in(tmp_path)
    inbox = tmp_path / "收件"
    inbox.mkdir()
    total = 25_000
    lines = [f"{i},12345,2025-11-20 08:00" for i in range(total)]
    path = inbox / "热线.csv"
    path.write_text("\n".join(["工单编号,来源,上报时间", *lines]), "utf-8")
    process = start_work(tmp_path, "--inbox", "收件", "--settle", "0")
    wait_for(lambda: count_issues(tmp_path) > 0)
    process.terminate()
    out, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, err) == (0, "")
    assert out.rstrip().endswith("已停止")
    assert path.exists()
    assert 0 < count_issues(tmp_path) < total
    told = run(tmp_path, "work", "--once", "--inbox", inbox, "--settle", "0")
    assert f"热线.csv：共 {total} 行：新增 " in told
    assert "退回 0 → done/" in told
    assert count_issues(tmp_path) == total
    assert not path.exists()
    assert "没有到期的工作" in run(tmp_path, "work", "--once", "--inbox", inbox)


def test_an_inbox_that_is_none_is_refused_in_one_line(tmp_path):
    publish_street_in(tmp_path)
    assert refusal(tmp_path, "work", "--once", "--inbox", "没有").endswith("没有：没有这个文件夹")
    (tmp_path / "inbox.toml").write_text('\nframe = "月球"\n', encoding="utf-8")
    told = refusal(tmp_path, "work", "--inbox", tmp_path, language="en")
    assert "inbox.toml, line 2, frame: " in told
