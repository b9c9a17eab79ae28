"""Areas in CSV and XLSX with their outlines as WKT, with openpyxl and csv as the other readers."""

import csv
import sys

import numpy as np
import openpyxl
import pytest
import shapely

from geo_service.errors import MissingColumn, UnwritableFile
from geo_service.layers.files import list_tables, read_features
from tests.feature_files import (
    COLUMNS,
    X,
    Y,
    boxes,
    outlines,
    reason_of,
    same_outlines,
    written,
)

NAMES = ["a.csv", "a.xlsx"]
SQUARE = "POLYGON ((0 0, 1 0, 1 1, 0 0))"


def saved(path, *rows, encoding="utf-8-sig"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def book(path, *rows, sheets=("网格",)):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_outlines_and_texts_come_back_exactly(tmp_path, name):
    columns = {"code": ["007", "999001002003004", "8"], "名称": ["示例街道", None, 'a,"b\nc']}
    table, notes = written(tmp_path / name, columns=columns)
    assert table.columns == columns
    assert same_outlines(table.geometries, outlines())
    assert table.crs is None
    assert "the coordinates are EPSG:4490" in notes[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_double_of_an_outline_keeps_its_bits(tmp_path, name):
    columns = {"n": list("abcde")}
    table, _ = written(tmp_path / name, columns=columns, geometries=shapely.points(X, Y))
    found = shapely.get_coordinates(table.geometries)
    assert found.tobytes() == np.column_stack([X, Y]).tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_geometry_is_written_as_other_programs_read_it(tmp_path, name):
    texts = [
        "POINT (1 2)",
        "LINESTRING (1 2, 3 4)",
        "MULTIPOINT ((1 2), (3 4))",
        "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
        "POLYGON EMPTY",
    ]
    shapes = shapely.from_wkt(texts)
    table, _ = written(
        tmp_path / name, columns={"n": [str(i) for i in range(7)]}, geometries=shapes
    )
    assert table.geometries.tolist() == shapes.tolist()


def test_a_csv_says_that_it_has_no_types_and_what_excel_does_to_long_codes(tmp_path):
    table, notes = written(tmp_path / "a.csv", columns={**COLUMNS, "t": ["", "x", "y"]})
    assert table.columns["count"] == ["310101001001001", None, "-3"]
    assert table.columns["share"] == ["0.1", "0.25", None]
    assert table.columns["t"] == [None, "x", "y"]
    told = " / ".join(notes)
    assert "empty texts in t come back as missing" in told
    assert "no types: count, share come back as text" in told
    assert "code, count hold long codes" in told


def test_a_workbook_keeps_types_and_says_what_it_cannot_keep(tmp_path):
    columns = {
        **COLUMNS,
        "long": [310101001001001123, 1, None],
        "fine": [0.1 + 0.2, 1 / 3, 116.10000000000001],
        "text": ["", "a\x00b", "长" * 40_000],
        "formula": ["=1+1", None, "-1"],
    }
    table, notes = written(tmp_path / "a.xlsx", columns=columns)
    assert {name: table.columns[name] for name in COLUMNS} == COLUMNS
    assert table.columns["long"] == ["310101001001001123", 1, None]
    assert table.columns["fine"] == pytest.approx(columns["fine"], rel=1e-15)
    told = " / ".join(notes)
    assert "empty texts in text come back as missing" in told
    assert "texts in formula that begin with = + - @ got an apostrophe" in told
    assert "long hold integers of more than 15 digits" in told
    assert "fine hold numbers of which a workbook keeps 16 digits" in told
    assert "text hold characters that no workbook can, or texts cut at 32767" in told


def test_codes_of_a_workbook_are_cells_of_text_under_a_title(tmp_path):
    columns = {"code": ["007", "999001002003004"], "名称": ["甲", "乙"], "n": [1, 2]}
    written(tmp_path / "a.xlsx", columns=columns, geometries=boxes(2))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "网格"
    assert "EPSG:4490" in rows[1][0]
    assert rows[2] == ["code", "名称", "n", "wkt"]
    assert rows[4][:3] == ["999001002003004", "乙", 2]
    assert sheet["A4"].number_format == "@"
    assert shapely.from_wkt(rows[4][3]) == boxes(2)[1]


def test_an_outline_too_long_for_a_cell_is_refused_and_a_csv_holds_it(tmp_path):
    ring = shapely.Point(118, 33).buffer(1 / 3, quad_segs=2000)
    shapes = np.array([boxes(1)[0], ring])
    columns = {"code": ["1", "2"]}
    with pytest.raises(UnwritableFile, match=r"area 2 \(2\) has \d+ characters"):
        written(tmp_path / "a.xlsx", columns=columns, geometries=shapes)
    before = csv.field_size_limit()
    table, _ = written(tmp_path / "a.csv", columns=columns, geometries=shapes)
    assert len(shapely.get_coordinates(table.geometries[1])) == 8001
    assert same_outlines(table.geometries, shapes)
    assert csv.field_size_limit() == before, "other readers keep their limit"


@pytest.mark.parametrize(
    "heading",
    ["边界", "几何", "WKT", "geometry", "the_geom", "边界（WKT）", "WKT_Geom"],
)
def test_the_outlines_are_found_by_their_heading(tmp_path, heading):
    rows = (["编码", heading, "备注"], ["1", SQUARE, "POLYGON 为多边形"])
    for path in (saved(tmp_path / "a.csv", *rows), book(tmp_path / "a.xlsx", *rows)):
        table = read_features(path)
        assert table.columns == {"编码": ["1"], "备注": ["POLYGON 为多边形"]}
        assert table.geometries[0].area == 0.5


def test_the_outlines_are_found_by_their_cells_under_any_heading(tmp_path):
    path = saved(
        tmp_path / "a.csv", ["编码", "坐标串"], ["1", f"srid=4490; multi{SQUARE[:7]} EMPTY"]
    )
    assert read_features(path).geometries[0].is_empty
    with pytest.raises(MissingColumn, match="the outlines as WKT"):
        read_features(saved(tmp_path / "b.csv", ["编码", "名称"], ["1", "甲"]))


def test_an_srid_before_every_outline_names_the_frame(tmp_path):
    rows = [["1", f"SRID=4549;{SQUARE}"], ["2", f"SRID=4549; {SQUARE}"], ["3", ""]]
    path = saved(tmp_path / "a.csv", ["编码", "wkt"], *rows)
    assert read_features(path).crs == "EPSG:4549"
    path = saved(tmp_path / "a.csv", ["编码", "wkt"], rows[0], ["2", SQUARE])
    assert "its rows differ in frame (SRID: none, 4549)" in reason_of(path)


def test_what_is_no_outline_is_refused_by_its_row(tmp_path):
    rows = (["清单"], [], ["编码", "wkt"], ["1", SQUARE], ["2", "POLYGON ((0 0, 1"])
    assert "the geometry of row 5 cannot be read" in reason_of(saved(tmp_path / "a.csv", *rows))


def test_a_row_that_cannot_be_read_refuses_the_file_by_its_number(tmp_path):
    path = saved(tmp_path / "a.csv", ["编码", "wkt"], ["1", SQUARE], ["2", SQUARE, "x"])
    assert "row 3: it has 3 cells under 2 headings" in reason_of(path)


def test_heights_and_measures_are_left_out_and_told(tmp_path):
    path = saved(tmp_path / "a.csv", ["编码", "wkt"], ["1", "POINT ZM (1 2 3 4)"])
    table = read_features(path)
    assert table.had_z
    assert table.geometries[0] == shapely.Point(1, 2)
    assert ("量测值（M）已舍去", "measures (M) were left out") in table.notes


def test_sheets_are_tables_of_a_workbook(tmp_path):
    path = book(tmp_path / "a.xlsx", ["编码", "wkt"], ["1", SQUARE], sheets=("街道", "网格"))
    assert list_tables(path) == ["街道", "网格"]
    assert "2 tables (街道、网格)" in reason_of(path)
    assert len(read_features(path, table="街道")) == 1
    assert len(read_features(path, likely_tables=("grid", "网格"))) == 1


def test_row_numbers_are_those_a_spreadsheet_shows(tmp_path):
    path = saved(tmp_path / "a.csv", ["清单"], ["编码", "wkt"], ["1", SQUARE], [], ["2", SQUARE])
    assert read_features(path).rows == [3, 5]


def test_an_old_workbook_is_refused_with_the_way_out(tmp_path):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert "save it as .xlsx in WPS or Excel" in reason_of(tmp_path / "a.xls")


def test_a_list_in_gbk_is_read(tmp_path):
    rows = (["编码", "名称", "边界"], ["1", "示例街道", SQUARE])
    table = read_features(saved(tmp_path / "a.csv", *rows, encoding="gbk"))
    assert table.columns["名称"] == ["示例街道"]
    assert table.encoding == "GB18030"


def test_the_longest_row_is_bounded(tmp_path, monkeypatch):
    module = sys.modules["geo_service.layers.files.features.sheet"]
    # sixty-four megabytes take a second to write, so a kilobyte stands for them
    monkeypatch.setattr(module, "LONGEST_ROW", 1000)
    path = saved(tmp_path / "a.csv", ["编码", "wkt"], ["1", SQUARE + " " * 2000])
    assert "row 2" in reason_of(path)
