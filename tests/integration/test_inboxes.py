"""A watched folder: every list is stored and moved aside with its report, or stays where it is."""

import fcntl
import json
import os
import time
from threading import Event
from types import SimpleNamespace

import openpyxl
import pytest

from geo_service.errors import (
    GeoServiceError,
    InvalidProfile,
    InvalidValue,
    StorageUnavailable,
    UnreadableFile,
    UnwritableFile,
)
from geo_service.services.inboxes import inbox as inbox_module
from geo_service.services.inboxes.folder import check_disk, move
from geo_service.services.inboxes.receipts import write_receipts
from geo_service.storage.issue_queries import IssueFilter
from tests.houses import CALLER, center, open_house, publish_street
from tests.troubles import fill_disk, free_disk, full_disk

HEADINGS = "工单编号,来源,上报时间,经度,纬度,坐标系,标题"
LON, LAT = center(0, 0)


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    yield house
    house.close()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "收件"
    folder.mkdir()
    return folder


def line(key, title="", when="2026-11-20 08:00"):
    return f"{key},12345,{when},{LON},{LAT},EPSG:4490,{title}"


def put(path, *lines, headings=HEADINGS, written_s=None):
    path.write_text("\n".join([headings, *lines]) + "\n", encoding="utf-8")
    if written_s is not None:
        os.utime(path, (written_s, written_s))
    return path


def take(house, folder, *, settle_s=0.0, on_other=lambda _path, _why: None):
    inbox = house.inboxes.open(folder, settle_s=settle_s, on_other=on_other)
    return list(inbox.take(CALLER, is_stopped=Event()))


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def issues(house):
    rows = house.issues.issues(CALLER, IssueFilter(), limit=1000).rows
    return {row["external_id"]: row["title"] for row in rows}


def test_a_list_is_stored_and_moved_aside_with_its_reports(house, folder):
    put(folder / "热线.csv", line("A"), line("B", when="some day"), line("C"))
    [taken] = take(house, folder)
    assert taken.text("zh") == "热线.csv：共 3 行：新增 2，更新 0，未变 0，退回 1"
    assert taken.text("en") == "热线.csv: 3 rows: 2 added, 0 updated, 0 unchanged, 1 rejected"
    name = "2026-11-21 热线.csv"
    assert names(folder) == ["done", "failed"]
    assert names(folder / "failed") == []
    beside = [f"{name}.{each}" for each in ("report.json", "报告.txt", "退回.csv")]
    assert names(folder / "done") == sorted([name, *beside])
    told = json.loads((folder / "done" / beside[0]).read_text(encoding="utf-8"))
    assert (told["outcome"], told["list"], told["rows"]) == ("done", name, 3)
    assert told["taken_at"] == "2026-11-21T00:00:00+08:00"
    text = (folder / "done" / beside[1]).read_text(encoding="utf-8-sig")
    assert taken.text("zh") in text
    assert taken.text("en") in text
    assert "reported_at" in (folder / "done" / beside[2]).read_text(encoding="utf-8-sig")
    assert issues(house).keys() == {"A", "C"}


def test_daily_exports_are_applied_in_the_order_they_were_written_and_never_overwrite(
    house, folder
):
    put(folder / "b.csv", line("A", "first"), written_s=1_000)
    put(folder / "a.csv", line("A", "second"), written_s=2_000)
    assert [taken.name for taken in take(house, folder)] == ["b.csv", "a.csv"]
    assert issues(house) == {"A": "second"}
    put(folder / "a.csv", line("A", "third"))
    [taken] = take(house, folder)
    assert (taken.report.updated, taken.place.name) == (1, "2026-11-21 a-2.csv")
    kept = (folder / "done" / "2026-11-21 a.csv").read_text(encoding="utf-8")
    assert "second" in kept


def test_what_cannot_be_read_goes_to_failed_with_the_reason_and_holds_nobody_up(house, folder):
    (folder / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" * 200)
    (folder / "empty.csv").touch()
    (folder / "broken.xlsx").write_bytes(b"PK no workbook")
    put(folder / "good.csv", line("A"))
    assert len(take(house, folder)) == 4
    assert issues(house).keys() == {"A"}
    failed = folder / "failed"
    moved = [name for name in names(failed) if not name.endswith((".json", ".txt"))]
    assert moved == [f"2026-11-21 {name}" for name in ("broken.xlsx", "empty.csv", "old.xls")]
    told = json.loads((failed / "2026-11-21 old.xls.report.json").read_text(encoding="utf-8"))
    assert told["outcome"] == "failed"
    assert "另存为 .xlsx" in told["reason"]["zh"]
    assert "save it as .xlsx" in told["reason"]["en"]
    text = (failed / "2026-11-21 old.xls.报告.txt").read_text(encoding="utf-8-sig")
    assert "另存为 .xlsx" in text
    assert "save it as .xlsx" in text


def test_unfinished_and_hidden_files_are_passed_over_and_other_files_named_once(house, folder):
    for name in ("a.csv.part", "b.tmp", "~$c.xlsx", ".d.csv", "通知.pdf", "读我.txt"):
        (folder / name).write_text("x", encoding="utf-8")
    (folder / "sub.csv").mkdir()
    (folder / "link.csv").symlink_to(folder / "通知.pdf")
    os.mkfifo(folder / "pipe.csv")
    before = names(folder)
    heard = []
    inbox = house.inboxes.open(
        folder, settle_s=0, on_other=lambda path, why: heard.append((path.name, why[1]))
    )
    for _ in range(2):
        assert list(inbox.take(CALLER, is_stopped=Event())) == []
    assert [name for name, _ in heard] == [
        *("link.csv", "pipe.csv", "sub.csv", "读我.txt", "通知.pdf"),
    ]
    assert "put the file itself here" in dict(heard)["link.csv"]
    assert "in which nothing is read" in dict(heard)["sub.csv"]
    assert names(folder) == sorted([*before, "done", "failed"])
    (folder / "a.csv.part").write_text(f"{HEADINGS}\n{line('A')}\n", encoding="utf-8")
    (folder / "a.csv.part").rename(folder / "a.csv")
    assert len(list(inbox.take(CALLER, is_stopped=Event()))) == 1
    assert issues(house).keys() == {"A"}


class Pause(Event):
    """A pause in which something happens."""

    def __init__(self, work):
        super().__init__()
        self.work = work

    def wait(self, _seconds=None):
        self.work()
        return False


def test_a_list_that_still_grows_waits_and_so_do_those_written_after_it(house, folder):
    put(folder / "1.csv", line("A"), written_s=1_000)
    growing = put(folder / "2.csv", line("B", "old"), written_s=2_000)
    put(folder / "3.csv", line("B", "new"), written_s=3_000)

    def grow():
        put(growing, line("B", "old"), line("C"), written_s=2_000)

    inbox = house.inboxes.open(folder, settle_s=1)
    assert [taken.name for taken in inbox.take(CALLER, is_stopped=Pause(grow))] == ["1.csv"]
    taken = [each.name for each in inbox.take(CALLER, is_stopped=Pause(lambda: None))]
    assert taken == ["2.csv", "3.csv"]
    assert issues(house) == {"A": None, "B": "new", "C": None}


def test_a_list_that_is_still_open_is_not_taken_and_is_named_once(house, folder):
    heard = []
    inbox = house.inboxes.open(
        folder, settle_s=0, on_other=lambda path, why: heard.append((path.name, why[1]))
    )
    put(folder / "a.csv", line("A"), written_s=time.time() - 20)
    put(folder / "b.csv", line("B"), written_s=time.time() - 10)
    with (folder / "a.csv").open("a", encoding="utf-8"):
        for _ in range(2):
            assert list(inbox.take(CALLER, is_stopped=Event())) == []
    [(name, why)] = heard
    assert name == "a.csv"
    assert "still has it open" in why
    with (folder / "a.csv").open("rb"):  # who reads is in nobody's way
        assert len(list(inbox.take(CALLER, is_stopped=Event()))) == 2


def test_a_list_left_open_is_taken_after_ten_minutes_and_once_more_when_finished(house, folder):
    put(folder / "slow.csv", line("A"), written_s=time.time() - 601)
    inbox = house.inboxes.open(folder, settle_s=0)
    with (folder / "slow.csv").open("a", encoding="utf-8") as slow:
        assert len(list(inbox.take(CALLER, is_stopped=Event()))) == 1
        slow.write(line("B") + "\n")
    [taken] = inbox.take(CALLER, is_stopped=Event())
    assert taken.text("en") == "slow.csv: 2 rows: 1 added, 0 updated, 1 unchanged, 0 rejected"
    assert issues(house).keys() == {"A", "B"}
    # a list that somebody puts in the place of one that was taken is theirs
    put(folder / ".other", line("C")).rename(taken.place)
    assert list(inbox.take(CALLER, is_stopped=Event())) == []
    assert taken.place.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("热线 清单 (1).csv".encode("gb18030"), "热线 清单 (1).csv"),
        (("长" * 80 + ".csv").encode(), "长" * 65 + ".csv"),
        (b"a\nb.csv", "a_b.csv"),
    ],
)
def test_a_name_that_reports_cannot_bear_holds_nobody_up(house, folder, name, kept):
    path = folder / os.fsdecode(name)
    put(path, line("A"), written_s=1_000)
    put(folder / kept, line("B"), written_s=500)  # the usable name is taken already
    put(folder / "later.csv", line("C"), written_s=2_000)
    assert len(take(house, folder)) == 3
    assert issues(house).keys() == {"A", "B", "C"}
    stem = kept.removesuffix(".csv")
    done = {name for name in names(folder / "done") if name.endswith("csv")}
    assert done >= {f"2026-11-21 {stem}.csv", "2026-11-21 later.csv"}
    assert len(done) == 3


def test_a_database_that_is_away_leaves_the_list_where_it_is(house, folder):
    put(folder / "a.csv", *[line(str(i), "x" * 400) for i in range(200)])
    fill_disk(house)
    with pytest.raises(StorageUnavailable):
        take(house, folder)
    assert names(folder) == ["a.csv", "done", "failed"]
    assert names(folder / "done") == []
    free_disk(house)
    [taken] = take(house, folder)
    assert taken.report.added == 200


def test_a_round_that_ended_between_report_and_move_is_made_up_for(house, folder, monkeypatch):
    put(folder / "a.csv", line("A"))
    with monkeypatch.context() as patch:
        patch.setattr(inbox_module, "move", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            take(house, folder)
    assert "a.csv" in names(folder)
    [taken] = take(house, folder)
    assert (taken.report.added + taken.report.unchanged, len(issues(house))) == (1, 1)
    assert taken.place.name == "2026-11-21 a.csv"
    assert names(folder) == ["done", "failed"]


def test_a_list_that_is_replaced_while_it_is_read_is_read_once_more(house, folder, monkeypatch):
    path = put(folder / "a.csv", line("A", "old"))
    import_file = house.issues.import_file

    def import_and_replace(*arguments, **options):
        report = import_file(*arguments, **options)
        put(folder / "new.part", line("A", "new")).rename(path)
        return report

    with monkeypatch.context() as patch:
        patch.setattr(house.issues, "import_file", import_and_replace)
        assert take(house, folder) == []
    assert names(folder / "done") == []
    assert len(take(house, folder)) == 1
    assert issues(house) == {"A": "new"}


def test_a_disk_without_room_for_the_reports_is_told_as_that(house, folder):
    put(folder / "a.csv", line("A"))
    [taken] = take(house, folder)
    before = names(folder / "done")
    with full_disk(64), pytest.raises(UnwritableFile, match="the disk takes no more"):
        write_receipts(taken, taken_at="2026-11-21T00:00:00+08:00")
    assert names(folder / "done") == before


def test_work_that_is_stopped_in_the_middle_leaves_the_list(house, folder):
    put(folder / "a.csv", line("A"))
    put(folder / "b.csv", line("B"))
    is_stopped = Event()
    inbox = house.inboxes.open(folder, settle_s=0)
    is_stopped.wait = lambda _seconds=None: is_stopped.set()
    assert list(inbox.take(CALLER, is_stopped=is_stopped)) == []
    assert names(folder) == ["a.csv", "b.csv", "done", "failed"]


def test_one_process_at_a_time_takes_from_one_folder(house, folder):
    put(folder / "a.csv", line("A"))
    inbox = house.inboxes.open(folder, settle_s=0)
    with (folder / ".inbox.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert list(inbox.take(CALLER, is_stopped=Event())) == []
    assert len(list(inbox.take(CALLER, is_stopped=Event()))) == 1


def test_inbox_toml_says_how_lists_are_read_by_their_names(house, folder):
    (folder / "inbox.toml").write_text(
        """
        source = "12345"
        frame = "EPSG:4490"

        [[lists]]
        files = "城管*.xlsx"
        sheet = "明细"
        columns = ["external_id=流水", "reported_at=时刻"]
        """,
        encoding="utf-8",
    )
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("明细")
    for row in (["流水", "时刻", "经度", "纬度"], ["A", "2026-11-20 08:00", LON, LAT]):
        sheet.append(row)
    book.save(folder / "城管1121.XLSX")
    put(
        folder / "热线.csv",
        f"B,2026-11-20 08:00,{LON},{LAT}",
        headings="工单编号,上报时间,经度,纬度",
    )
    taken = take(house, folder)
    assert [each.report and each.report.added for each in taken] == [1, 1]
    assert (folder / "inbox.toml").exists()
    assert issues(house).keys() == {"A", "B"}


@pytest.mark.parametrize(
    ("text", "line_number", "key", "reason"),
    [
        ('source = "12345"\nframe = "月球"', 2, "frame", "月球"),
        ('source = "某来源"', 1, "source", "sources"),
        ('frames = "GCJ02"', 1, "frames", "不认识的键"),
        ('[[lists]]\nfiles = "*.csv"\n\n[[lists]]\nsheet = "x"', 4, "lists[2].files", "缺少"),
        ('[[lists]]\nfiles = "*"\ncolumns = ["foo=y"]', 3, "lists[1].columns", "external_id"),
        ('columns = ["title=a", "title=b"]', 1, "columns", "只写一次"),
        ("source = ", 1, "TOML", "TOML"),
    ],
)
def test_a_mistake_in_inbox_toml_is_named_with_its_line(
    house, folder, text, line_number, key, reason
):
    (folder / "inbox.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidProfile) as caught:
        house.inboxes.open(folder)
    assert (caught.value.line, caught.value.key) == (line_number, key)
    assert reason in caught.value.text("zh")


def test_a_mistake_made_later_is_told_and_mended_without_a_restart(house, folder):
    inbox = house.inboxes.open(folder, settle_s=0)
    put(folder / "a.csv", line("A"))
    (folder / "inbox.toml").write_text("x = 1", encoding="utf-8")
    is_stopped, told = Event(), []

    def mend(error: Exception) -> None:
        told.append(error)
        (folder / "inbox.toml").unlink()

    def stop(taken) -> None:
        told.append(taken)
        is_stopped.set()

    inbox.keep_taking(
        CALLER, interval_s=0.01, is_stopped=is_stopped, on_taken=stop, on_failure=mend
    )
    assert isinstance(told[0], GeoServiceError)
    assert [each.name for each in told[1:]] == ["a.csv"]


def test_a_folder_that_can_be_no_inbox_is_refused_at_the_start(house, folder, tmp_path):
    with pytest.raises(UnreadableFile, match="no such folder"):
        house.inboxes.open(tmp_path / "missing")
    take(house, folder)
    with pytest.raises(InvalidValue, match="done"):
        house.inboxes.open(folder / "done")
    (folder / "failed").rmdir()
    (folder / "failed").touch()
    with pytest.raises(UnwritableFile, match="failed"):
        house.inboxes.open(folder)


def test_a_folder_on_another_disk_is_refused(tmp_path):
    other, here = (
        SimpleNamespace(stat=lambda disk=disk: SimpleNamespace(st_dev=disk)) for disk in (1, 2)
    )
    with pytest.raises(UnwritableFile, match="another disk"):
        check_disk(other, here)
    with pytest.raises(UnwritableFile, match="No such file"):
        move(tmp_path / "gone.csv", tmp_path / "there.csv")
