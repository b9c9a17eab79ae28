"""Workbooks that exceed a limit, hold no list, or say something twice."""

import datetime as dt
import zipfile

import openpyxl
import pytest
from openpyxl.chart import BarChart

from geo_service.layers.files import RowProblem, read_rows
from tests.integration.test_files_tables_in import reason_of, rewritten, workbook

SHEET = "xl/worksheets/sheet1.xml"


def test_a_row_number_beyond_a_sheet_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [1]])
    rewritten(path, SHEET, b'<row r="2"><c r="A2"', b'<row r="2000000"><c r="A2000000"')
    assert "row numbers exceed what XLSX allows" in reason_of(path)


def test_a_workbook_of_more_text_than_memory_is_refused_with_the_way_out(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [1]])
    name = b"xl/sharedStrings.xml"
    with zipfile.ZipFile(path, "a") as archive:
        # three megabytes stored as they are keep the ratio below that of a bomb
        archive.writestr("xl/media/photo.jpeg", bytes(3 << 20))
        archive.writestr(name.decode(), b"<sst/>")
    content = bytearray(path.read_bytes())
    at = content.rindex(name) - 46 + 24  # the unpacked size in the central directory
    content[at : at + 4] = (600 << 20).to_bytes(4, "little")
    path.write_bytes(content)
    assert "texts exceed 512 MB; save it as CSV" in reason_of(path)


def test_a_workbook_with_a_password_is_refused_as_such(tmp_path):
    # [MS-OFFCRYPTO] 2.3: an encrypted workbook is a stream in an OLE container, no zip
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024))
    assert "it has a password" in reason_of(tmp_path / "a.xlsx")


def test_a_formula_that_failed_is_read_as_its_error_and_not_as_nothing(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], [1, "=NA()"]])
    rewritten(path, SHEET, b'r="B2"><f>NA()</f><v />', b'r="B2" t="e"><f>NA()</f><v>#N/A</v>')
    assert list(read_rows(path)) == [(2, {"a": 1, "b": "#N/A"})]


@pytest.mark.parametrize(
    "formula",
    [
        b"<f>A2</f>",
        b"<f>A2</f><v></v>",
        b'<f t="shared" si="0"/>',
        b"<f>" + b"+".join([b"A2"] * 2700) + b"</f>",
    ],
)
def test_formulas_that_nobody_computed_are_refused_with_their_number_and_the_first(
    tmp_path, formula
):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], *[["=A1", "x"]] * 3_000])
    rewritten(path, SHEET, b"<f>A1</f><v />", formula)
    assert "3000 cells hold formulas without values (the first is A2): open it" in reason_of(path)


def test_a_formula_in_a_cell_that_does_not_say_where_it_is_is_refused_as_well(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], ["=B2", 1]])
    rewritten(path, SHEET, b'<c r="A2"><f>B2</f><v />', b'<c s="0"><f>B2</f>')
    assert "1 cells hold formulas without values: open it in WPS" in reason_of(path)


def test_formulas_that_gave_a_value_or_an_empty_text_are_read(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b", "c"], ["=B2", '=""', "x"], ["=NA()", 1, 2]])
    rewritten(
        path, SHEET, b"<f>B2</f><v />", b'<f ca="1" t="shared" ref="A2" si="0">B2</f><v>7</v>'
    )
    rewritten(path, SHEET, b'r="B2"><f>""</f><v />', b'r="B2" t="str"><f>""</f><v></v>')
    rewritten(path, SHEET, b"<f>NA()</f><v />", b'<f t="shared" si="0"/><v>8</v>')
    assert list(read_rows(path)) == [
        (2, {"a": 7, "b": None, "c": "x"}),
        (3, {"a": 8, "b": 1, "c": 2}),
    ]


def test_two_cells_at_the_ends_of_a_sheet_cost_no_memory_for_those_between(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], [1, 2]])
    rewritten(path, SHEET, b'<row r="2">', b'<row r="900000">')
    rewritten(path, SHEET, b'<c r="B2"', b'<c r="XFD900000"')
    [(number, found)] = read_rows(path)
    assert number == 900_000
    assert found == RowProblem("有 16384 格，表头只有 2 列", "it has 16384 cells under 2 headings")


def test_a_workbook_whose_bytes_are_spoiled_is_refused_as_incomplete(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", [["a", "b"], *[[f"{n}", n * 7919 % 65536] for n in range(999)]]
    )
    content = bytearray(path.read_bytes())
    place = content.index(SHEET.encode()) + 2000
    content[place : place + 200] = bytes(200)
    path.write_bytes(content)
    assert "no complete XLSX" in reason_of(path)


def test_a_workbook_of_charts_alone_has_no_list(tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.create_chartsheet("统计图").add_chart(BarChart())
    book.save(tmp_path / "a.xlsx")
    assert "it has no worksheet" in reason_of(tmp_path / "a.xlsx")


def test_a_chart_sheet_without_its_chart_is_refused_as_incomplete(tmp_path):
    book = openpyxl.Workbook()
    book.create_chartsheet("统计图")
    book.save(tmp_path / "a.xlsx")
    assert "no complete XLSX" in reason_of(tmp_path / "a.xlsx")


def test_a_cell_that_stands_twice_is_told_of_once(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [dt.datetime(2026, 1, 2)], ["b"]])
    cell = b'<c r="A2" s="1" t="n"><v>46024</v></c>'
    rewritten(path, SHEET, cell, cell.replace(b"46024", b"-99999999") * 2)
    rows = read_rows(path)
    assert list(rows) == [(2, {"a": "#VALUE!"}), (3, {"a": "b"})]
    [(_, told)] = rows.notes
    assert told.startswith("the workbook: Cell A2 is marked as a date")


def test_a_number_that_shows_leading_zeros_is_read_as_it_is_shown(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    formats = ["000000", "0000_ ", "00;@", "0", "0.00", "0" * 16]
    sheet.append(["code", "b", "c", "d", "e", "f"])
    sheet.append([7, 12345, 7, 7, 7, 10**15])
    sheet.append(["0007", None, 7.5, -7, None, 7])
    for row in sheet.iter_rows(min_row=2):
        for cell, shown in zip(row, formats, strict=True):
            cell.number_format = shown
    book.save(tmp_path / "a.xlsx")
    # ECMA-376 part 1, 18.8.31: each 0 of a format is a digit, shown also where the number has none
    assert list(read_rows(tmp_path / "a.xlsx")) == [
        (2, {"code": "000007", "b": "12345", "c": "07", "d": 7, "e": 7, "f": 10**15}),
        (3, {"code": "0007", "b": None, "c": 7.5, "d": -7, "e": None, "f": "0000000000000007"}),
    ]
