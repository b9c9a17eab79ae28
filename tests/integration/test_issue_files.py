"""Ticket lists in: every row is stored or rejected with its reason, and the counts add up."""

import os
from pathlib import Path

import openpyxl
import pytest

from geo_service.errors import (
    ImportInterrupted,
    StorageUnavailable,
    UnknownColumn,
    UnreadableFile,
)
from geo_service.layers.files import read_rows
from geo_service.services.issues.files import imports
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.files.report import write_rejections
from geo_service.storage.issue_queries import IssueFilter
from tests.houses import CALLER, center, open_house, publish_street
from tests.integration.test_files_tables_in import rewritten
from tests.troubles import fill_disk, free_disk

HEADINGS = "工单编号,来源,上报时间,经度,纬度,坐标系,事件大类,状态,办结时间,联系人姓名,手机号"


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    return house


def line(number, *, place=(0, 0), status="处理中", closed="", reported="2026-11-20 08:00", **cells):
    lon, lat = center(*place)
    frame = cells.get("frame", "EPSG:4490")
    lon, lat = cells.get("lon", lon), cells.get("lat", lat)
    return (
        f"{number},12345,{reported},{lon},{lat},{frame},小区停车,{status},{closed},某某,13800000000"
    )


def write(path, lines, encoding="utf-8"):
    path.write_text("\n".join([HEADINGS, *lines]) + "\n", encoding=encoding)
    return path


def load(house, path, **options):
    return house.issues.import_file(CALLER, path, IssueFileOptions(**options))


def counts(report):
    return report.added, report.updated, report.unchanged, len(report.rejections)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_usual_encoding_is_read_alike(house, tmp_path, encoding):
    report = load(house, write(tmp_path / "工单.csv", [line("A1"), line("A2")], encoding))
    assert counts(report) == (2, 0, 0, 0)
    page = house.issues.issues(CALLER, IssueFilter())
    assert {row["category_minor"] for row in page.rows} == {"小区停车"}


def test_the_same_file_again_changes_nothing_and_a_changed_status_updates(house, tmp_path):
    path = write(tmp_path / "a.csv", [line("A1"), line("A2")])
    load(house, path)
    assert counts(load(house, path)) == (0, 0, 2, 0)
    closed = line("A2", status="已办结", closed="2026-11-20 10:00")
    assert counts(load(house, write(path, [line("A1"), closed]))) == (0, 1, 1, 0)
    issue = house.issues.issue(CALLER, 2)
    assert [event["kind"] for event in issue["events"]] == ["reported", "closed"]


def test_refusing_changes_leaves_the_stored_issue_and_names_the_fields(house, tmp_path):
    path = write(tmp_path / "a.csv", [line("A1")])
    load(house, path)
    report = load(house, write(path, [line("A1", place=(1, 0))]), is_updating=False)
    assert counts(report) == (0, 0, 0, 1)
    assert "x" in report.rejections[0].reason_en
    assert house.issues.issue(CALLER, 1)["lon"] == center(0, 0)[0]


def test_a_key_that_stands_twice_is_taken_in_twice_in_order(house, tmp_path):
    path = write(tmp_path / "a.csv", [line("A1"), line("A1", status="已办结")])
    assert counts(load(house, path)) == (1, 1, 0, 0)
    assert house.issues.issue(CALLER, 1)["status"] == "closed"


def test_bad_rows_are_rejected_with_number_field_and_reason_but_never_the_cell(house, tmp_path):
    bad = {
        3: line("B1", lon="三十度"),
        4: line("B2", lon="nan"),
        5: line("B3", lon=30.0, lat=120.0),
        6: line("B4", reported="1900-01-01"),
        7: line("B5", reported="2027-11-20"),
        8: line("B6", frame="上海坐标"),
        9: line("B7", closed="2026-11-01", status="已办结"),
        10: line("", place=(1, 1)),
        11: line("B9", lon="inf"),
    }
    report = load(house, write(tmp_path / "a.csv", [line("A1"), *bad.values(), line("A2")]))
    assert counts(report) == (2, 0, 0, 9)
    assert [rejection.row for rejection in report.rejections] == list(bad)
    path = tmp_path / "退回.csv"
    write_rejections(path, report)
    text = path.read_text(encoding="utf-8-sig")
    assert "三十度" not in text
    assert "13800000000" not in text
    rows = dict(read_rows(path))
    assert len(rows) == 9


def test_a_row_of_ten_megabytes_is_rejected_and_the_next_one_stored(house, tmp_path):
    huge = line("B1") + "x" * 10_000_000
    report = load(house, write(tmp_path / "a.csv", [line("A1"), huge, line("A2")]))
    assert counts(report) == (2, 0, 0, 1)
    assert report.rejections[0].row == 3


def test_columns_about_persons_are_dropped_with_a_count(house, tmp_path):
    report = load(house, write(tmp_path / "a.csv", [line("A1")]))
    assert list(report.columns.dropped) == ["联系人姓名", "手机号"]
    with house.workspace.database.read() as connection:
        dump = str(
            [
                connection.exec_driver_sql(f"SELECT * FROM {t}").all()
                for t in ("issues", "issue_texts", "issue_events")
            ]
        )
    assert "13800000000" not in dump
    assert "某某" not in dump


def test_a_row_without_coordinates_is_kept_as_unassigned(house, tmp_path):
    report = load(house, write(tmp_path / "a.csv", [line("A1", lon="", lat="")]))
    assert counts(report) == (1, 0, 0, 0)
    assert report.without_coordinates == 1
    assert house.issues.issue(CALLER, 1)["assignments"][0]["rule"] == "unassigned"


def test_a_closed_issue_is_assigned_on_the_edition_of_its_report(house, tmp_path):
    before = line("old", reported="2020-01-01 08:00", status="已办结", closed="2020-01-02")
    load(house, write(tmp_path / "a.csv", [before, line("new")]))
    editions = [house.issues.issue(CALLER, i)["assignments"][0]["edition"] for i in (1, 2)]
    assert editions == [None, 1]


def test_a_file_without_headings_is_refused_as_such(house, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1,2,3\n4,5,6\n", encoding="utf-8")
    with pytest.raises(UnreadableFile):
        load(house, path)


def test_an_empty_file_and_a_folder_are_refused(house, tmp_path):
    empty = tmp_path / "a.csv"
    empty.write_bytes(b"")
    with pytest.raises(UnreadableFile):
        load(house, empty)
    with pytest.raises(UnreadableFile):
        load(house, tmp_path)


def test_naming_a_column_that_is_not_there_is_an_error(house, tmp_path):
    with pytest.raises(UnknownColumn):
        load(house, write(tmp_path / "a.csv", [line("A1")]), columns={"external_id": "工单"})


def test_a_disk_that_fills_up_during_a_list_tells_what_stays_and_the_list_again_goes_on(
    house, tmp_path, monkeypatch
):
    monkeypatch.setattr(imports, "ROWS_A_TRANSACTION", 100)
    path = write(tmp_path / "a.csv", [line(f"A{i}") for i in range(250)] + [line("B", lon="x")])
    options = IssueFileOptions()
    with pytest.raises(ImportInterrupted) as caught:
        house.issues.import_file(CALLER, path, options, on_progress=lambda *_: fill_disk(house))
    assert caught.value.rows_done == 100
    # the error holds whatever was at work, yet the list is let go at once
    assert str(path) not in [os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()]
    assert "The first 100 rows are done and stay" in caught.value.text("en")
    assert "前 100 行已处理完毕并保留" in caught.value.text("zh")
    assert len(list(house.issues.every_issue(CALLER, IssueFilter()))) == 100
    free_disk(house)
    report = load(house, path)
    assert counts(report) == (250, 0, 0, 1)
    assert report.continued_after == 101


def test_a_disk_that_is_full_from_the_start_tells_that_nothing_was_written(house, tmp_path):
    path = write(tmp_path / "a.csv", [line(f"A{i}") for i in range(250)])
    fill_disk(house)
    with pytest.raises(StorageUnavailable) as caught:
        load(house, path)
    assert not isinstance(caught.value, ImportInterrupted)
    assert "This step wrote nothing" in caught.value.text("en")
    free_disk(house)
    assert counts(load(house, path)) == (250, 0, 0, 0)


def test_a_workbook_damaged_in_the_middle_tells_what_stays(house, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "ROWS_A_TRANSACTION", 1000)
    book = openpyxl.Workbook()
    for cells in [HEADINGS, *[line(f"A{i}") for i in range(2500)]]:
        book.active.append(cells.split(","))
    book.save(tmp_path / "a.xlsx")
    sheet = "xl/worksheets/sheet1.xml"
    rewritten(tmp_path / "a.xlsx", sheet, b'<row r="2400">', b'<row r="2400"')
    with pytest.raises(UnreadableFile) as caught:
        load(house, tmp_path / "a.xlsx")
    stored = len(list(house.issues.every_issue(CALLER, IssueFilter())))
    assert stored in {0, 1000, 2000}
    assert (f"The first {stored} rows are done and stay" in caught.value.text("en")) == (stored > 0)


def test_a_list_cut_off_in_a_row_keeps_the_whole_rows_and_names_the_cut(house, tmp_path):
    path = write(tmp_path / "a.csv", [line("A1"), line("A2"), line("A3")])
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex("处理中".encode()) + len("处理".encode())])
    report = load(house, path)
    assert counts(report) == (2, 0, 0, 1)
    assert report.rejections[0].row == 4
    assert "ends in the middle of this row" in report.rejections[0].reason_en
    path.write_bytes(content.rstrip(b"\n"))  # whole, though without a last line end
    assert counts(load(house, path)) == (1, 0, 2, 0)


def test_codes_that_a_spreadsheet_made_numbers_of_are_named_as_such(house, tmp_path):
    report = load(house, write(tmp_path / "a.csv", [line("3.10E+14"), line("310112199001011")]))
    assert counts(report) == (1, 0, 0, 1)
    assert report.rejections[0].field == "external_id"
    assert "3.10E+14" in report.rejections[0].reason_zh
    book = openpyxl.Workbook()
    for cells in [HEADINGS, line("A"), line("B"), line("C")]:
        book.active.append(cells.split(","))
    for row, code in ((2, 310112199001011234), (3, 310112199001011), (4, "310112199001011234")):
        book.active.cell(row, 1).value = code
    book.save(tmp_path / "a.xlsx")
    report = load(house, tmp_path / "a.xlsx")
    assert counts(report) == (1, 0, 1, 1)
    assert report.rejections[0].row == 2


def test_a_workbook_with_a_title_merged_headings_and_two_sheets_is_read_and_says_so(
    house, tmp_path
):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "工单"
    names = HEADINGS.split(",")
    sheet.append(["虚构数据：工单清单"])
    sheet.append([*names[:3], "位置", None, None, *names[6:]])
    sheet.append([None] * 3 + names[3:6])
    for first, last in (("A1", "K1"), ("D2", "F2"), ("A2", "A3"), ("B2", "B3"), ("C2", "C3")):
        sheet.merge_cells(f"{first}:{last}")
    sheet.append(line("A1").split(","))
    book.create_sheet("说明").append(["口径", "说明"])
    book.save(tmp_path / "a.xlsx")
    report = load(house, tmp_path / "a.xlsx")
    assert counts(report) == (1, 0, 0, 0)
    assert report.without_coordinates == 0
    told = " ".join(zh for zh, _ in report.notes)
    assert "第一个工作表“工单”" in told
    assert "合并的表头" in told


def test_a_few_rows_in_another_encoding_are_rejected_by_number(house, tmp_path):
    path = write(tmp_path / "a.csv", [line(f"A{i}") for i in range(30)])
    with path.open("ab") as file:
        file.write((line("B", status="已办结") + "\n").encode("gb18030"))
    report = load(house, path)
    assert counts(report) == (30, 0, 0, 1)
    assert "UTF-8 与 GBK 混用" in report.rejections[0].reason_zh
    assert any("混有两种编码" in zh for zh, _ in report.notes)
