"""Lists out: what spreadsheets, and our own reader, find in the files we wrote."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest

from geo_service.errors import LimitExceeded
from geo_service.layers.files import (
    csv_chunks,
    read_rows,
    table_writer,
    write_csv,
    write_ndjson,
    write_xlsx,
)

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']


def cells(path):
    book = openpyxl.load_workbook(path)
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def sheet(path, **given):
    options = {"title": "问题清单", "notes": [], "headings": ["编号", "描述"], "rows": []} | given
    write_xlsx(path, **options)
    return openpyxl.load_workbook(path).active


def test_csv_has_a_byte_order_mark_and_windows_line_ends(tmp_path):
    path = tmp_path / "a.csv"
    assert write_csv(path, headings=["编号", "值"], rows=[["007", 1.5], ["甲,乙", None]]) == 2
    expected = '编号,值\r\n007,1.5\r\n"甲,乙",\r\n'
    assert path.read_bytes() == b"\xef\xbb\xbf" + expected.encode()


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_in_a_csv_is_only_text(tmp_path, text):
    write_csv(tmp_path / "a.csv", headings=[text], rows=[[text], [-1.5], [-2], ["1-1"]])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row for [row] in csv.reader(file)] == [f"'{text}", f"'{text}", "-1.5", "-2", "1-1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_in_a_workbook_is_only_text(tmp_path, text):
    found = sheet(tmp_path / "a.xlsx", title=text, notes=[text], rows=[[text, -1.5]])
    for row in (1, 2, 4):
        cell = found.cell(row, 1)
        assert cell.data_type == "s"
        assert cell.value.startswith("'")
    assert found.cell(4, 2).value == -1.5


def test_csv_written_to_a_stream_equals_the_file(tmp_path):
    rows = [[i, f"描述{i}"] for i in range(2500)]
    stream = io.BytesIO()
    write_csv(stream, headings=["n", "描述"], rows=iter(rows))
    write_csv(tmp_path / "a.csv", headings=["n", "描述"], rows=rows)
    chunks = list(csv_chunks(headings=["n", "描述"], rows=iter(rows)))
    assert stream.getvalue() == (tmp_path / "a.csv").read_bytes() == b"".join(chunks)
    assert len(chunks) == 3


def test_a_csv_we_wrote_reads_back(tmp_path):
    rows = [["007", '引号"与\r\n换行'], ["008", "示例"]]
    write_csv(tmp_path / "a.csv", headings=["编号", "描述"], rows=rows)
    assert [list(row.values()) for _, row in read_rows(tmp_path / "a.csv")] == rows


def test_a_workbook_has_title_notes_headings_and_a_frozen_pane(tmp_path):
    found = sheet(tmp_path / "a.xlsx", notes=["统计时段：虚构数据", "口径：…"], rows=[["1", "甲"]])
    values = [[cell.value for cell in row] for row in found.iter_rows()]
    assert values == [
        ["问题清单", None],
        ["统计时段：虚构数据", None],
        ["口径：…", None],
        ["编号", "描述"],
        ["1", "甲"],
    ]
    assert found.freeze_panes == "A5"
    assert found.auto_filter.ref == "A4:B5"
    assert found.title == "问题清单"


def test_codes_and_phones_of_a_workbook_stay_text(tmp_path):
    rows = [["3101010010010011234", 12345678901], [310101001001001.0, None], ["007", "x"]]
    found = sheet(tmp_path / "a.xlsx", rows=rows, text_columns={"编号", "描述"})
    assert [[cell.value for cell in row] for row in found.iter_rows(min_row=3)] == [
        ["3101010010010011234", "12345678901"],
        ["310101001001001", None],
        ["007", "x"],
    ]
    assert {cell.number_format for row in found.iter_rows(min_row=3) for cell in row} == {"@"}


def test_dates_of_a_workbook_are_dates_and_moments_with_a_zone_are_text(tmp_path):
    naive = dt.datetime(2026, 1, 2, 8, 30)
    found = sheet(tmp_path / "a.xlsx", rows=[[naive, naive.replace(tzinfo=SHANGHAI)]])
    assert found.cell(3, 1).value == naive
    assert found.cell(3, 2).value == "2026-01-02 08:30:00+08:00"


def test_characters_a_workbook_cannot_hold_are_replaced_and_long_texts_marked(tmp_path):
    found = sheet(tmp_path / "a.xlsx", rows=[["a\x00b\x1fc\ud800d", "长" * 40_000]])
    assert found.cell(3, 1).value == "a\ufffdb\ufffdc\ufffdd"
    assert len(found.cell(3, 2).value) == 32_767
    assert found.cell(3, 2).value.endswith("截断 cut〕")


def test_columns_are_as_wide_as_chinese_needs(tmp_path):
    rows = [["1", "示例街道示例居民区"], ["2", "长" * 500]]
    found = sheet(tmp_path / "a.xlsx", rows=rows[:1])
    assert found.column_dimensions["A"].width == 8
    assert found.column_dimensions["B"].width == 2 * 9 + 2
    assert sheet(tmp_path / "b.xlsx", rows=rows).column_dimensions["B"].width == 60


@pytest.mark.parametrize("title", ["a[b]:*?/\\c", "长" * 40, "'"])
def test_any_title_makes_a_workbook_that_opens(tmp_path, title):
    assert sheet(tmp_path / "a.xlsx", title=title).cell(1, 1).value == title


def test_a_workbook_we_wrote_reads_back_past_its_title(tmp_path):
    rows = [["007", 1.5], ["008", None]]
    sheet(tmp_path / "a.xlsx", notes=["虚构数据"], rows=rows, text_columns=["编号"])
    read = read_rows(tmp_path / "a.xlsx")
    assert read.heading_row == 3
    assert [(n, list(row.values())) for n, row in read] == [(4, ["007", 1.5]), (5, ["008", None])]


def test_a_workbook_goes_to_a_stream_as_well(tmp_path):
    stream = io.BytesIO()
    options = {"title": "t", "notes": [], "headings": ["a"], "text_columns": []}
    assert write_xlsx(stream, rows=iter([[1], [2]]), **options) == 2
    (tmp_path / "a.xlsx").write_bytes(stream.getvalue())
    assert cells(tmp_path / "a.xlsx") == [["t"], ["a"], [1], [2]]


def test_more_rows_than_a_sheet_holds_are_refused_and_nothing_is_written(tmp_path, monkeypatch):
    # the limit of the format takes twenty seconds to reach, so a sheet of six rows stands for it
    monkeypatch.setattr(table_writer, "MAX_XLSX_ROWS", 6)
    options = {"title": "t", "notes": ["n"], "headings": ["a"]}
    assert write_xlsx(tmp_path / "a.xlsx", rows=[[1]] * 3, **options) == 3
    with pytest.raises(LimitExceeded) as caught:
        write_xlsx(tmp_path / "b.xlsx", rows=[[1]] * 4, **options)
    assert (caught.value.requested, caught.value.limit) == (4, 3)
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


def test_ndjson_writes_one_object_a_line(tmp_path):
    moment = dt.datetime(2026, 1, 2, 8, 30, tzinfo=SHANGHAI)
    rows = [{"编号": "007", "x": 0.1 + 0.2}, {"at": moment}]
    assert write_ndjson(tmp_path / "a.ndjson", rows=iter(rows)) == 2
    lines = (tmp_path / "a.ndjson").read_text(encoding="utf-8").splitlines()
    assert list(map(json.loads, lines)) == [rows[0], {"at": "2026-01-02T08:30:00+08:00"}]


def written_half_way(path, good_rows):
    def rows():
        yield from [{} if path.suffix == ".ndjson" else [1]] * good_rows
        raise LookupError("half way")

    if path.suffix == ".csv":
        write_csv(path, headings=["a"], rows=rows())
    elif path.suffix == ".ndjson":
        write_ndjson(path, rows=rows())
    else:
        sheet(path, rows=rows())


@pytest.mark.parametrize("good_rows", [1, 2000])
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.ndjson"])
def test_a_list_that_breaks_off_leaves_the_old_file(tmp_path, name, good_rows):
    (tmp_path / name).write_text("old")
    with pytest.raises(LookupError, match="half way"):
        written_half_way(tmp_path / name, good_rows)
    assert (tmp_path / name).read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == [name]
