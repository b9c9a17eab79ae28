"""An import that was broken off goes on where it was; the end is that of one which was not."""

import json
import os
import random
import zipfile
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from signal import SIGKILL
from time import sleep

import openpyxl
import pytest

from geo_service.errors import ListUnderWay, UnknownColumn, UnknownFrame, UnreadableFile
from geo_service.services.issues.files import imports, reader
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.storage import list_imports
from tests.crashes import wait_for
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


@pytest.fixture
def reading_apart(monkeypatch):
    """Let short lists too be read by a process of their own."""
    monkeypatch.setattr(reader, "LONG_BYTES", 0)


def readers(thread="thread-self"):
    """Return the processes that a process has started to read lists."""
    started = Path(f"/proc/{thread}/children").read_text().split()
    programs = {each: Path(f"/proc/{each}/cmdline").read_bytes() for each in started}
    return [int(each) for each, program in programs.items() if b"files.reader" in program]


@pytest.mark.usefixtures("reading_apart")
@pytest.mark.parametrize("write", [write_list, sheet], ids=["csv", "xlsx"])
def test_a_list_that_another_process_reads_ends_as_any(tmp_path, monkeypatch, write):
    path = write(tmp_path / ("a.csv" if write is write_list else "a.xlsx"), 450)
    shares = []
    house = street(tmp_path / "apart")
    break_off(house, path, after=100)
    assert readers() == []
    found = house.issues.import_file(
        CALLER, path, IssueFileOptions(), on_progress=lambda _, share: shares.append(share)
    )
    assert shares[-1] == 1.0
    monkeypatch.undo()
    monkeypatch.setattr(imports, "ROWS_A_TRANSACTION", CHUNK)
    expected = load(street(tmp_path / "whole"), path)
    assert found == replace(expected, continued_after=found.continued_after)
    assert everything(tmp_path / "apart") == everything(tmp_path / "whole")


def damaged(path, *, row):
    """Give a row of a workbook a number that is none."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = "xl/worksheets/sheet1.xml"
    whole = f'<row r="{row}"'.encode()
    assert whole in parts[name]
    parts[name] = parts[name].replace(whole, b'<row r="x"')
    with zipfile.ZipFile(path, "w") as book:
        for each, content in parts.items():
            book.writestr(each, content)
    return path


@pytest.mark.usefixtures("reading_apart")
def test_what_the_reading_process_stumbles_over_is_told_as_ever(tmp_path):
    house = street(tmp_path / "house")
    path = write_list(tmp_path / "a.csv", 10)
    with pytest.raises(UnknownColumn):
        load(house, path, columns={"title": "没有这一列"})
    with pytest.raises(UnknownFrame):
        load(house, path, frame="EPSG:1")
    with pytest.raises(UnreadableFile) as caught:
        load(house, damaged(sheet(tmp_path / "a.xlsx", 3_000), row=2_500))
    assert caught.value.where == "a.xlsx"
    stored = len(everything(tmp_path / "house")["issues"])
    assert stored > 0
    assert "行已处理完毕并保留" in caught.value.reason_zh


@pytest.mark.usefixtures("reading_apart")
def test_an_import_whose_reading_process_is_killed_tells_it_and_goes_on_later(tmp_path):
    house = street(tmp_path / "house")
    path = write_list(tmp_path / "a.csv", 20_000)
    done = []

    def kill_once(rows, _share):
        done.append(rows)
        if rows == CHUNK:
            for each in readers():
                os.kill(each, SIGKILL)

    with pytest.raises(UnreadableFile) as caught:
        house.issues.import_file(CALLER, path, IssueFileOptions(), on_progress=kill_once)
    assert f"前 {done[-1]} 行已处理完毕并保留" in caught.value.reason_zh
    assert "-9" in caught.value.reason_zh
    break_off(house, path, after=done[-1] + CHUNK)
    assert kept(tmp_path / "house")[0] == 1


def import_apart(folder: Path, path: Path) -> None:
    reader.LONG_BYTES = 0
    import_slowly(folder, path)


def test_the_reading_process_ends_with_the_one_that_started_it(tmp_path):
    path = write_list(tmp_path / "a.csv", 20_000)
    street(tmp_path / "house").close()
    process = SPAWN.Process(target=import_apart, args=(tmp_path / "house", path))
    process.start()
    while not _noted(tmp_path / "house"):
        sleep(0.01)
    [reading] = readers(f"{process.pid}/task/{process.pid}")
    process.kill()
    process.join()
    wait_for(lambda: not Path(f"/proc/{reading}").exists(), "the end of the reading process")


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
