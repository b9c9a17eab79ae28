"""An import that was broken off goes on where it was; the end is that of one which was not."""

import json
import random
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from signal import SIGKILL
from time import sleep

import openpyxl
import pytest

from geo_service.errors import ListUnderWay
from geo_service.services.issues.files import imports
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.storage import list_imports
from tests.databases import everything, is_postgresql, rows
from tests.houses import CALLER, NOW_S, Clock, center, open_house, publish_street

SPAWN = get_context("spawn")
HEADINGS = ["工单编号", "来源", "上报时间", "经度", "纬度", "坐标系", "地址"]
CHUNK = 100


@pytest.fixture(autouse=True)
def small_transactions(monkeypatch):
    monkeypatch.setattr(imports, "ROWS_A_TRANSACTION", CHUNK)


class BrokenOffError(Exception):
    """Stands for a process that ends in the middle."""


def cells(number, *, title="某处"):
    """Return a row: every seventh without coordinates, every ninth refused, every fifth a copy."""
    lon, lat = center(number % 4, number % 2)
    if number % 7 == 0:
        lon = lat = ""
    reported = "2999-01-01" if number % 9 == 0 else "2026-11-20 08:00"
    key = f"A{number - 3 if number % 5 == 0 else number}"
    return [key, "12345", reported, lon, lat, "EPSG:4490", f"{title}{number}"]


def write_list(path, count):
    lines = [",".join(map(str, each)) for each in [HEADINGS, *map(cells, range(count))]]
    path.write_text("\n".join(lines), "utf-8")
    return path


def load(house, path, **options):
    return house.issues.import_file(CALLER, path, IssueFileOptions(**options))


def break_off(house, path, *, after, **options):
    def stop(done, _share):
        if done >= after:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        house.issues.import_file(CALLER, path, IssueFileOptions(**options), on_progress=stop)


def street(folder, clock=None):
    folder.mkdir(exist_ok=True)
    house = open_house(folder, clock=clock)
    publish_street(house)
    return house


def kept(folder):
    tables = ("list_imports", "list_import_rejections")
    return [rows(folder, f"SELECT count(*) FROM {name}")[0][0] for name in tables]


def sheet(path, count):
    book = openpyxl.Workbook()
    for each in [["虚构数据"], HEADINGS, *map(cells, range(count))]:
        book.active.append(each)
    book.save(path)
    return path


@pytest.mark.parametrize("count", [450, 400], ids=["a rest", "whole transactions"])
@pytest.mark.parametrize("write", [write_list, sheet], ids=["csv", "xlsx"])
def test_a_list_broken_off_twice_ends_as_one_that_was_not(tmp_path, write, count):
    path = write(tmp_path / ("a.csv" if write is write_list else "a.xlsx"), count)
    expected = load(street(tmp_path / "whole"), path)
    house = street(tmp_path / "broken")
    break_off(house, path, after=100)
    break_off(house, path, after=300)
    found = load(open_house(tmp_path / "broken"), path)
    first_row = 2 if write is write_list else 3
    assert found == replace(expected, continued_after=first_row + 299)
    assert found.rows == count == found.added + found.updated + len(found.rejections)
    assert everything(tmp_path / "broken") == everything(tmp_path / "whole")
    assert kept(tmp_path / "broken") == [0, 0]
    again = load(house, path)  # a fresh pass, as ever
    assert again.continued_after is None
    assert again.added == 0
    assert len(again.rejections) == len(expected.rejections)


def test_another_file_other_options_or_the_wish_begin_anew(tmp_path):
    house = street(tmp_path)
    path = write_list(tmp_path / "a.csv", 250)
    break_off(house, path, after=100)
    assert load(house, path, is_updating=False).continued_after is None
    write_list(path, 251)
    assert load(house, path).continued_after is None
    write_list(path, 250)
    assert load(house, path, is_anew=True).continued_after is None
    assert kept(tmp_path) == [0, 0]
    break_off(house, path, after=200)
    assert load(house, path.rename(tmp_path / "b.csv")).continued_after == 201


def test_of_two_that_import_the_same_list_one_goes_on_and_counts_every_row_once(tmp_path):
    house = street(tmp_path)
    path = write_list(tmp_path / "a.csv", 350)
    expected = load(street(tmp_path / "whole"), path)
    ended = []

    def other_goes_on(done, _share):
        if done == CHUNK:
            ended.append(load(open_house(tmp_path), path))

    with pytest.raises(ListUnderWay) as caught:
        house.issues.import_file(CALLER, path, IssueFileOptions(), on_progress=other_goes_on)
    assert "a.csv" in caught.value.text("zh")
    assert ended == [replace(expected, continued_after=101)]
    assert everything(tmp_path)["issues"] == everything(tmp_path / "whole")["issues"]


def test_what_was_broken_off_long_ago_is_forgotten(tmp_path):
    clock = Clock()
    house = street(tmp_path, clock)
    old, new = write_list(tmp_path / "a.csv", 250), write_list(tmp_path / "b.csv", 251)
    break_off(house, old, after=200)
    assert kept(tmp_path)[0] == 1
    clock.now_s = NOW_S + list_imports.KEPT_FOR_S
    assert load(house, old).continued_after is None
    break_off(house, new, after=200)
    assert kept(tmp_path)[0] == 1


def import_slowly(folder: Path, path: Path) -> None:
    imports.ROWS_A_TRANSACTION = CHUNK
    house = open_house(folder)
    with (folder / "progress").open("a") as progress:

        def note(done: int, _share: float | None) -> None:
            print(done, file=progress, flush=True)

        house.issues.import_file(CALLER, path, IssueFileOptions(), on_progress=note)


@pytest.mark.timeout(120)
def test_an_import_killed_at_random_moments_ends_as_one_that_was_not(tmp_path):
    count = 3_050
    path = write_list(tmp_path / "a.csv", count)
    expected = load(street(tmp_path / "whole"), path)
    folder = tmp_path / "killed"
    street(folder).close()
    chance = random.Random(4)  # noqa: S311  # moments to kill at, no secret
    killed = 0
    for after in (100, 1_100, 2_000):
        process = SPAWN.Process(target=import_slowly, args=(folder, path))
        process.start()
        while str(after) not in _noted(folder) and process.is_alive():
            sleep(0.002)
        sleep(chance.uniform(0.0, 0.08))
        process.kill()
        process.join()
        killed += process.exitcode == -SIGKILL
        check_whole_rows(folder)
    assert killed >= 2
    found = load(open_house(folder), path)
    assert found.continued_after is not None
    assert found == replace(expected, continued_after=found.continued_after)
    stored, whole = everything(folder), everything(tmp_path / "whole")
    assert {name: len(each) for name, each in stored.items()} == {
        name: len(each) for name, each in whole.items()
    }
    assert _told(folder) == _told(tmp_path / "whole")
    assert kept(folder) == [0, 0]
    assert found.continued_after > 2_000


def check_whole_rows(folder):
    """Check that every issue has its event, its assignment and its text, in full transactions."""
    if not is_postgresql():
        assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
        assert rows(folder, "PRAGMA foreign_key_check") == []
    [found] = rows(
        folder,
        """
        SELECT (SELECT count(*) FROM issues),
               (SELECT count(DISTINCT issue_id) FROM issue_events),
               (SELECT count(DISTINCT issue_id) FROM assignments),
               (SELECT count(*) FROM issue_texts)
        """,
    )
    assert len(set(found)) == 1
    for done, counts in rows(folder, "SELECT rows_done, counts FROM list_imports"):
        assert done % CHUNK == 0
        assert json.loads(counts)["added"] == found[0]


def _noted(folder: Path) -> list[str]:
    progress = folder / "progress"
    return progress.read_text().split() if progress.exists() else []


def _told(folder: Path) -> list[tuple]:
    """Return every issue with its owner and its last state, whatever their numbers."""
    return rows(
        folder,
        """
        SELECT i.external_id, i.content_hash, t.address, a.rule, c.links, e.kind, e.state
        FROM issues i
        LEFT JOIN issue_texts t ON t.issue_id = i.id
        JOIN assignments a ON a.issue_id = i.id
        LEFT JOIN chains c ON c.id = a.chain_id
        JOIN issue_events e ON e.issue_id = i.id
        ORDER BY i.external_id, a.family, e.id
        """,
    )
