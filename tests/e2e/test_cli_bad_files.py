"""Files as they reach an office: damaged, misnamed, spoiled by a spreadsheet, in a wrong frame."""

import csv
import datetime as dt
from pathlib import Path
from zipfile import ZipFile

import geopandas
import openpyxl
import pytest
import shapely

from tests.doors import publish_street_in
from tests.houses import street_boundaries
from tests.terminals import refusal, run

GRIDS = street_boundaries()["grid"]
LAYER = ("--layer", "grid")
NAMED = ("--frame", "EPSG:4490")


@pytest.fixture
def folder(tmp_path):
    publish_street_in(tmp_path)
    return tmp_path


def listed(folder, name: str, codes, *, parents=GRIDS.parents) -> str:
    rows = [["网格编码", "名称", "上级编码", "边界"]]
    rows += zip(
        codes,
        GRIDS.names,
        parents,
        shapely.to_wkt(GRIDS.geometries, rounding_precision=-1),
        strict=True,
    )
    if name.endswith(".csv"):
        with (folder / name).open("w", encoding="gbk", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(folder / name)
    return name


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_list_of_areas_with_chinese_headings_comes_in(folder, name):
    told = run(folder, "import", listed(folder, name, GRIDS.codes), *LAYER, *NAMED, "--dry-run")
    assert "列：code=网格编码、name=名称、parent=上级编码" in told
    assert "没有变化" in told
    assert "--frame" in refusal(folder, "import", name, *LAYER)


@pytest.mark.parametrize(
    ("name", "spoiled", "shown"),
    [
        ("a.csv", "3.10E+14", "3.10E+14"),
        ("a.csv", "3.10101001001001e+14", "3.10101001001001e+14"),
        ("a.xlsx", "3.10E+14", "3.10E+14"),
        ("a.xlsx", 310101001001001000, "3.10101001001001e+17"),
    ],
)
def test_codes_that_excel_made_numbers_are_refused_and_named_as_such(folder, name, spoiled, shown):
    codes = [spoiled, GRIDS.codes[1], spoiled, *GRIDS.codes[3:]]
    said = refusal(folder, "import", listed(folder, name, codes), *LAYER, *NAMED)
    assert f"“网格编码”列有 2 行的长编码被 Excel 变成了数字（如 {shown}；第 2、4 行）" in said
    assert "文本" in said
    english = refusal(folder, "import", name, *LAYER, *NAMED, language="en")
    assert "rows 2, 4), and their last digits are lost" in english


@pytest.mark.parametrize(
    ("spoiled", "shown"), [("#N/A", "#N/A"), (dt.datetime(2024, 1, 2), "2024-01-02")]
)
def test_codes_that_excel_made_a_date_or_an_error_are_refused_with_their_row(
    folder, spoiled, shown
):
    codes = [GRIDS.codes[0], spoiled, *GRIDS.codes[2:]]
    said = refusal(folder, "import", listed(folder, "a.xlsx", codes), *LAYER, *NAMED)
    assert f"第 3 行的“网格编码”是表格软件的日期或错误值（{shown}" in said


def test_parents_that_excel_made_numbers_are_refused_as_well(folder):
    name = listed(folder, "a.csv", GRIDS.codes, parents=["9.99E+09"] * 8)
    said = refusal(folder, "import", name, *LAYER, *NAMED)
    assert "“上级编码”列有 8 行" in said
    assert "第 2、3、4、5、6 行" in said


def test_figures_of_codes_that_excel_made_numbers_are_refused(folder):
    text = "layer,code,figure,value,from,source\ngrid,9.99E+11,residents,5,2026-01-01,census\n"
    (folder / "figures.csv").write_text(text, encoding="utf-8")
    assert "第 2 行" in refusal(folder, "figures", "import", "figures.csv")


def test_issues_whose_numbers_excel_spoiled_are_rejected_row_by_row(folder):
    text = "工单编号,来源,上报时间\n3.10E+14,12345,2026-01-05 08:00\nA2,12345,2026-01-05 08:00\n"
    (folder / "issues.csv").write_text(text, encoding="utf-8")
    told = run(folder, "issues", "import", "issues.csv", "--rejects", "rejects.csv")
    assert "新增 1，更新 0，未变 0，退回 1" in told
    rejected = (folder / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "2,external_id,编号被表格软件当成数字（显示如 3.10E+14）" in rejected


def test_issues_whose_numbers_excel_made_dates_or_errors_are_rejected_row_by_row(folder):
    book = openpyxl.Workbook()
    numbers = ["A1", dt.datetime(2024, 1, 2), "#REF!", True, 310101001001001]
    for row in [["工单编号", "来源", "上报时间"], *[[n, "12345", "2026-01-05"] for n in numbers]]:
        book.active.append(row)
    book.save(folder / "issues.xlsx")
    told = run(folder, "issues", "import", "issues.xlsx", "--rejects", "rejects.csv")
    assert "新增 2，更新 0，未变 0，退回 3" in told
    rejected = (folder / "rejects.csv").read_text(encoding="utf-8-sig")
    assert [line[:2] for line in rejected.splitlines()[1:]] == ["3,", "4,", "5,"]
    assert "编号被表格软件变成了日期、真假值或错误值" in rejected


def test_a_number_written_as_a_formula_is_the_same_issue_as_the_plain_one(folder):
    for name, number in [("a.csv", '="310101001001001"'), ("b.csv", "310101001001001")]:
        text = f"工单编号,来源,上报时间\n{number},12345,2026-01-05 08:00\n"
        (folder / name).write_text(text, encoding="utf-8")
    assert "新增 1，" in run(folder, "issues", "import", "a.csv")
    assert "新增 0，更新 0，未变 1，" in run(folder, "issues", "import", "b.csv")


def test_rows_in_two_encodings_refuse_a_list_of_areas(folder):
    name = listed(folder, "a.csv", GRIDS.codes)
    with (folder / name).open("ab") as file:
        file.write("9,示例街道第九网格,9990010101,POLYGON EMPTY\r\n".encode() * 4)
    said = refusal(folder, "import", name, *LAYER, *NAMED)
    assert "混有两种编码" in said
    assert "第 10 行是第一个 UTF-8 行" in said


def frame_of_grids(shapes, crs) -> geopandas.GeoDataFrame:
    columns = {"code": GRIDS.codes, "name": GRIDS.names, "parent": GRIDS.parents}
    return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def test_a_geoparquet_whose_frame_contradicts_its_coordinates_is_refused(folder):
    degrees = GRIDS.geometries
    meters = shapely.transform(degrees, lambda xy: xy * 10_000)
    frame_of_grids(degrees, "EPSG:4549").to_parquet(folder / "a.parquet")
    assert "不能用" in refusal(folder, "import", "a.parquet", *LAYER)
    frame_of_grids(meters, "EPSG:4490").to_parquet(folder / "b.parquet")
    assert "不能用" in refusal(folder, "import", "b.parquet", *LAYER)
    frame_of_grids(degrees, "EPSG:4326").to_parquet(folder / "c.parquet")
    said = refusal(folder, "import", "c.parquet", *LAYER, *NAMED)
    assert "声明为 EPSG:4490，但文件自带的坐标系是 EPSG:4326" in said


def test_a_geoparquet_that_says_nobody_knows_its_frame_must_be_told(folder):
    frame_of_grids(GRIDS.geometries, None).to_parquet(folder / "a.parquet")
    assert "--frame" in refusal(folder, "import", "a.parquet", *LAYER)
    assert "没有变化" in run(folder, "import", "a.parquet", *LAYER, *NAMED, "--dry-run")


@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".parquet", ".arrow", ".zip", ".kml", ".xlsx"])
@pytest.mark.parametrize("damage", ["cut", "empty", "misnamed"])
def test_a_damaged_empty_or_misnamed_file_is_refused_in_one_line(folder, ending, damage):
    name = f"a{ending}"
    run(folder, "editions", "export", "1", *LAYER, "--out", name)
    if damage == "cut":
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
    elif damage == "empty":
        (folder / name).write_bytes(b"")
    else:
        other = "b.csv" if ending == ".zip" else "b.zip"
        run(folder, "editions", "export", "1", *LAYER, "--out", other)
        (folder / other).rename(folder / name)
    said = refusal(folder, "import", name, *LAYER, *NAMED)
    assert said.startswith(f"无法读取 {name}：")


def test_a_geopackage_that_was_cut_off_says_how_much_is_missing(folder):
    run(folder, "editions", "export", "1", *LAYER, "--out", "a.gpkg")
    whole = (folder / "a.gpkg").read_bytes()
    (folder / "a.gpkg").write_bytes(whole[:-1000])
    left, needed = f"{len(whole) - 1000:,}", f"{len(whole):,}"
    assert refusal(folder, "import", "a.gpkg", *LAYER) == (
        f"无法读取 a.gpkg：文件不完整：只有 {left} 字节，至少应有 {needed} 字节，"
        "可能没有传完，请重新复制"
    )


def test_a_shapefile_without_its_index_comes_in_and_says_so_unless_it_is_cut_off(folder):
    run(folder, "editions", "export", "1", *LAYER, "--out", "a.zip")
    with ZipFile(folder / "a.zip") as archive:
        archive.extractall(folder / "parts")
    (folder / "parts" / "grid.shx").unlink()
    shape = Path("parts") / "grid.shp"
    words = ("import", shape, *LAYER, "--dry-run")
    told = run(folder, *words)
    assert "缺少 .shx，已按 .shp 重建" in told
    assert "没有变化" in told
    content = (folder / shape).read_bytes()
    (folder / shape).write_bytes(content[: len(content) // 2])
    said = refusal(folder, *words)
    assert said.startswith("无法读取 grid.shp：")
    assert ".shp" in said.partition("：")[2]


def test_a_drawing_needs_a_frame_and_says_which_outline_is_open(folder):
    corners = shapely.get_coordinates(GRIDS.geometries[0]).tolist()[:-1]
    pairs = [(0, "LWPOLYLINE"), (5, "2F"), (8, "网格"), (90, len(corners)), (70, 1)]
    pairs += [group for x, y in corners for group in ((10, x), (20, y))]
    head, end = [(0, "SECTION"), (2, "ENTITIES")], [(0, "ENDSEC"), (0, "EOF")]
    lines = "".join(f"{code}\n{value}\n" for code, value in [*head, *pairs, *end])
    (folder / "a.dxf").write_text(lines, encoding="utf-8")
    words = ("import", "a.dxf", *LAYER, "--new-codes", "9990010101###")
    assert "--frame" in refusal(folder, *words)
    assert "1 个区域" in run(folder, *words, *NAMED, "--dry-run", code=1)
    (folder / "a.dxf").write_text(lines.replace("70\n1\n", "70\n0\n") + "", encoding="utf-8")
    said = refusal(folder, *words, *NAMED)
    assert "没有闭合的多段线" in said
