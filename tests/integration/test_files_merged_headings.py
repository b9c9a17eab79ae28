"""Workbooks as offices make them: titles, merged headings, and headings over headings."""

import zipfile

import openpyxl
import pytest

from geo_service.errors import UnreadableFile
from geo_service.layers.files import read_rows


def book(path, rows, *merged):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for cells in merged:
        made.active.merge_cells(cells)
    made.save(path)
    return path


def reason_of(path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        list(read_rows(path))
    return caught.value.text("en")


def test_a_merged_title_above_the_headings_is_passed_over(tmp_path):
    rows = [["示例街道网格清单", None, None], ["编码", "名称", "上级"], ["1", "甲", "9"]]
    read = read_rows(book(tmp_path / "a.xlsx", rows, "A1:C1"))
    assert (read.headings, read.heading_row, read.notes) == (["编码", "名称", "上级"], 2, [])
    assert list(read) == [(3, {"编码": "1", "名称": "甲", "上级": "9"})]


def test_headings_in_two_rows_are_called_by_the_lower_one(tmp_path):
    rows = [
        ["网格清单"],
        ["编码", "名称", "坐标", None],
        [None, None, "经度", "纬度"],
        ["1", "甲", 118.5, 33.6],
    ]
    merged = ("A1:D1", "A2:A3", "B2:B3", "C2:D2")
    read = read_rows(book(tmp_path / "a.xlsx", rows, *merged))
    assert list(read) == [(4, {"编码": "1", "名称": "甲", "经度": 118.5, "纬度": 33.6})]
    assert read.notes == [
        (
            "第 2–3 行是合并的表头，各列按最下一格称呼",
            "rows 2 to 3 are merged headings; columns go by their lowest cell",
        )
    ]


def test_lower_headings_that_repeat_carry_their_group(tmp_path):
    rows = [
        ["序号", "网格", None, "社区", None],
        [None, "编码", "名称", "编码", "名称"],
        [1, "11", "甲", "1", "东"],
    ]
    read = read_rows(book(tmp_path / "a.xlsx", rows, "A1:A2", "B1:C1", "D1:E1"))
    assert read.headings == ["序号", "网格编码", "网格名称", "社区编码", "社区名称"]


def test_three_rows_of_headings_are_read_as_one(tmp_path):
    rows = [
        ["编码", "人口", None, None],
        [None, "常住", None, "户籍"],
        [None, "男", "女", None],
        ["1", 10, 11, 20],
    ]
    merged = ("A1:A3", "B1:D1", "B2:C2", "D2:D3")
    read = read_rows(book(tmp_path / "a.xlsx", rows, *merged))
    assert list(read) == [(4, {"编码": "1", "男": 10, "女": 11, "户籍": 20})]


def test_a_merged_heading_over_columns_without_names_is_refused(tmp_path):
    rows = [["编码", "网格员", None], ["1", "甲", "乙"]]
    said = reason_of(book(tmp_path / "a.xlsx", rows, "B1:C1"))
    assert "the merged heading B1:C1 stands over several columns" in said
    assert "give each column a heading" in said


def test_headings_merged_only_downwards_are_as_they_are(tmp_path):
    rows = [["编码", "名称"], [None, None], ["1", "甲"]]
    read = read_rows(book(tmp_path / "a.xlsx", rows, "A1:A2", "B1:B2"))
    assert list(read) == [(3, {"编码": "1", "名称": "甲"})]


def test_cells_merged_among_the_data_change_nothing(tmp_path):
    rows = [["编码", "名称"], ["1", "甲"], ["2", None]]
    path = book(tmp_path / "a.xlsx", rows, "B2:B3")
    assert list(read_rows(path)) == [
        (2, {"编码": "1", "名称": "甲"}),
        (3, {"编码": "2", "名称": None}),
    ]


def test_a_title_in_two_cells_is_refused_and_named_as_what_it_may_be(tmp_path):
    rows = [["单位：示例街道", None, "2026 年"], ["编码", "名称", "上级"], ["1", "甲", "9"]]
    said = reason_of(book(tmp_path / "a.xlsx", rows))
    assert "the heading in row 1, column 2 is empty (if the row is a title, remove it)" in said


def test_lines_about_the_list_above_a_wider_table_are_passed_over(tmp_path):
    rows = [
        ["示例街道台账", None, None, None],
        ["填报单位：示例街道党建办", None, "2026 年 11 月", None],
        ["编码", "名称", "上级（代码：9 位）", "类别"],
        ["1", "甲", "9", "乙"],
    ]
    read = read_rows(book(tmp_path / "a.xlsx", rows, "A1:D1"))
    assert (read.heading_row, read.headings) == (3, ["编码", "名称", "上级（代码：9 位）", "类别"])
    assert [number for number, _ in read] == [4]


def test_a_sheet_damaged_behind_its_rows_is_refused(tmp_path):
    rows = [["编码", "名称"], *([f"{i * 7919}", f"第{i}网格"] for i in range(3000))]
    path = book(tmp_path / "a.xlsx", rows)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        [sheet] = [each for each in archive.infolist() if each.filename.endswith("sheet1.xml")]
    # the checksum in the central directory is compared at the end of the part
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46 + 16
    assert int.from_bytes(content[at : at + 4], "little") == sheet.CRC
    content[at] ^= 0xFF
    path.write_bytes(content)
    assert "no complete XLSX" in reason_of(path)


def test_a_column_far_to_the_right_is_named_as_the_sheet_names_it(tmp_path):
    rows = [["编码", *[f"列{i}" for i in range(26)], "甲", None], ["1", *range(28)]]
    assert "AB1:AC1" in reason_of(book(tmp_path / "a.xlsx", rows, "AB1:AC1"))
