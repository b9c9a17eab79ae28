"""Lists in: CSV in the encodings and with the faults of real offices, XLSX, NDJSON."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from geo_service.errors import UnreadableFile
from geo_service.layers.files import RowProblem, read_rows

TEXT = "工单编号,类别,经度\r\n007,环境卫生,116.38\r\n008,占道经营,116.39\r\n"
ROWS = [
    (2, {"工单编号": "007", "类别": "环境卫生", "经度": "116.38"}),
    (3, {"工单编号": "008", "类别": "占道经营", "经度": "116.39"}),
]


def saved(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def workbook(path: Path, *sheets: list[list], titles: tuple[str, ...] = ("工单", "第二")) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in zip(titles, sheets, strict=False):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def problems(path: Path) -> dict[int, str]:
    return {n: row.reason_en for n, row in read_rows(path) if isinstance(row, RowProblem)}


def good(path: Path) -> dict[int, dict]:
    return {n: row for n, row in read_rows(path) if not isinstance(row, RowProblem)}


def reason_of(path: Path, **options) -> str:
    with pytest.raises(UnreadableFile) as caught:
        list(read_rows(path, **options))
    assert caught.value.where == path.name
    return caught.value.text("en")


# CSV


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8-BOM"),
        ("gbk", "GB18030"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
def test_csv_of_every_usual_encoding_reads_the_same(tmp_path, encoding, title):
    rows = read_rows(saved(tmp_path / "a.csv", TEXT, encoding))
    assert rows.headings == ["工单编号", "类别", "经度"]
    assert rows.encoding == title
    assert list(rows) == ROWS
    assert list(rows) == ROWS, "it can be read again"


def test_a_rare_character_deep_in_a_gbk_file_decides_the_encoding(tmp_path):
    lines = [f"{i},示例\r\n" for i in range(200_000)]
    content = ("编号,名称\r\n" + "".join(lines)).encode("gbk") + "x,𬭎\r\n".encode("gb18030")
    rows = dict(read_rows(saved(tmp_path / "a.csv", content)))
    assert rows[200_002] == {"编号": "x", "名称": "𬭎"}
    ascii_first = "n,name\r\n" + "1,a\r\n" * 400_000
    content = ascii_first.encode() + "2,示例\r\n".encode("gbk")
    assert read_rows(saved(tmp_path / "b.csv", content)).encoding == "GB18030"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_the_one_that_makes_columns(tmp_path, delimiter):
    text = TEXT.replace(",", delimiter).replace("环境卫生", '"环境，a,b;c\td"')
    assert len(read_rows(saved(tmp_path / "a.csv", text)).headings) == 3
    # commas and semicolons in texts do not outvote tabs
    text = "编号\t描述\r\n1\ta,b,c,d;e\r\n2\ta\r\n3\tb,c;d;e\r\n"
    assert read_rows(saved(tmp_path / "b.txt", text)).headings == ["编号", "描述"]


def test_a_text_written_as_a_formula_is_the_text(tmp_path):
    rows = ['="310101001001001",a', '"=""007""",b', '="a ""b""",c', '="x"&"y",d', 'a="b",e']
    path = saved(tmp_path / "a.csv", "\n".join(['="编号",名称', *rows, ""]))
    assert [row["编号"] for row in good(path).values()] == [
        *("310101001001001", "007", 'a "b"', '="x"&"y"', 'a="b"'),
    ]


def test_row_numbers_are_those_a_spreadsheet_shows(tmp_path):
    text = '编号,描述\r\n1,"两\r\n行"\r\n\r\n,\r\n2,乙\r\n'
    assert good(saved(tmp_path / "a.csv", text)) == {
        2: {"编号": "1", "描述": "两\r\n行"},
        5: {"编号": "2", "描述": "乙"},
    }


def test_missing_cells_are_none_and_surplus_ones_a_problem(tmp_path):
    path = saved(tmp_path / "a.csv", "a,b,c\n1\n1,,3\n1,2,3,,\n1,2,3,4\n")
    assert good(path) == {
        2: {"a": "1", "b": None, "c": None},
        3: {"a": "1", "b": None, "c": "3"},
        4: {"a": "1", "b": "2", "c": "3"},
    }
    assert problems(path) == {5: "it has 4 cells under 3 headings"}


@pytest.mark.parametrize("quote", ["", '"'])
def test_ten_megabytes_in_one_row_cost_that_row_alone(tmp_path, quote):
    monster = quote + "长" * (10 << 20) + quote
    path = saved(tmp_path / "a.csv", f"编号,描述\n1,甲\n2,{monster}\n3,丙\n")
    assert good(path) == {2: {"编号": "1", "描述": "甲"}, 4: {"编号": "3", "描述": "丙"}}
    assert problems(path).keys() == {3}


def test_a_cell_beyond_what_csv_takes_costs_its_row_alone(tmp_path):
    path = saved(tmp_path / "a.csv", f"编号,描述\n1,{'x' * 200_000}\n2,乙\n")
    assert problems(path).keys() == {2}
    assert good(path) == {3: {"编号": "2", "描述": "乙"}}


def test_a_quote_never_closed_costs_its_row_alone(tmp_path):
    path = saved(tmp_path / "a.csv", '编号,描述\n1,"甲\n2,"乙"\n3,丙\n4,"丁')
    assert problems(path).keys() == {2, 5}
    assert good(path) == {3: {"编号": "2", "描述": "乙"}, 4: {"编号": "3", "描述": "丙"}}


def test_an_open_quote_among_thousands_of_rows_swallows_none(tmp_path):
    lines = [f"{i},{'描述' * 20}\n" for i in range(60_000)]
    lines[10] = '10,"没有闭合\n'
    path = saved(tmp_path / "a.csv", "编号,描述\n" + "".join(lines))
    assert problems(path).keys() == {12}
    assert len(good(path)) == 59_999


def test_a_nul_byte_costs_its_row_alone(tmp_path):
    path = saved(tmp_path / "a.csv", "a,b\n1,2\n3,\x004\n5,6\n")
    assert problems(path) == {3: "the row holds a NUL byte"}
    assert good(path).keys() == {2, 4}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_text_cut_in_mid_character_costs_its_row_alone(tmp_path, encoding):
    lines = [f"{i},示例居民区第{i}组\n".encode(encoding) for i in range(50)]
    lines[20] = "20,示例".encode(encoding)[:-1] + b"\xff\n"
    rows = read_rows(saved(tmp_path / "a.csv", "编号,描述\n".encode(encoding) + b"".join(lines)))
    found = dict(rows)
    assert isinstance(found.pop(22), RowProblem)
    assert found[23] == {"编号": "21", "描述": "示例居民区第21组"}
    assert len(found) == 49
    assert any("rejected" in en for _, en in rows.notes)


@pytest.mark.parametrize("title", ["2026年工单明细", "2026年工单明细,,"])
def test_title_lines_above_the_headings_are_passed_over(tmp_path, title):
    rows = read_rows(saved(tmp_path / "a.csv", f"{title}\n\n{TEXT}"))
    assert rows.heading_row == 3
    assert list(rows) == [(n + 2, row) for n, row in ROWS]


def test_a_list_of_one_column_has_its_heading_in_the_first_row(tmp_path):
    rows = read_rows(saved(tmp_path / "a.csv", "编号\n1\n2\n"))
    assert list(rows) == [(2, {"编号": "1"}), (3, {"编号": "2"})]


def test_headings_are_trimmed_and_empty_ones_at_the_end_ignored(tmp_path):
    rows = read_rows(saved(tmp_path / "a.csv", " 编号 ,\u3000描述\u3000,,\n1,甲,,\n"))
    assert list(rows) == [(2, {"编号": "1", "描述": "甲"})]


@pytest.mark.parametrize(
    ("first_row", "said"),
    [
        ("1,2,3", "row 1 holds data"),
        ("2026-01-02,2026/1/3,7", "row 1 holds data"),
        ("A007,占道经营,116.383,39.917", "row 1 holds data"),
        ("A007,占道经营,2026-01-02 08:30:00", "row 1 holds data"),
        ("编号,,描述", "row 1, column 2 is empty"),
        ("编号,描述,编号", "headings stand twice: 编号"),
        (",,,", "first 20 rows are blank"),
    ],
)
def test_a_list_without_headings_is_refused_with_the_reason(tmp_path, first_row, said):
    message = reason_of(saved(tmp_path / "a.csv", f"{first_row}\n"))
    assert message.startswith("cannot read a.csv: no headings")
    assert said in message


def test_years_among_the_headings_are_no_data(tmp_path):
    rows = read_rows(saved(tmp_path / "a.csv", "社区,2025,2026\n示例,1,2\n"))
    assert rows.headings == ["社区", "2025", "2026"]


def test_a_heading_row_that_cannot_be_read_is_no_reason_to_take_the_next(tmp_path):
    path = saved(tmp_path / "a.csv", "编号,描" + "述" * (2 << 20) + "\n甲,乙\n")
    assert "row 1, before any headings" in reason_of(path)


@pytest.mark.parametrize(
    "content", [bytes(range(256)) * 40, b"\xff\xd8\xff\xe0" + b"\x81\xff" * 99]
)
def test_bytes_that_are_no_text_are_refused(tmp_path, content):
    with pytest.raises(UnreadableFile):
        read_rows(saved(tmp_path / "a.csv", content))


def test_a_workbook_named_csv_is_refused_by_its_content(tmp_path):
    workbook(tmp_path / "a.xlsx", [["a"], [1]]).rename(tmp_path / "a.csv")
    assert "only named .csv" in reason_of(tmp_path / "a.csv")


# XLSX


def test_cells_of_a_workbook_keep_their_types(tmp_path):
    moment = dt.datetime(2026, 1, 2, 8, 30)
    row = ["007", 310101001001001, 116.38000000000001, moment, True, None, "描述"]
    headings = ["编号", "编码", "经度", "时间", "是否", "空", "描述"]
    path = workbook(tmp_path / "a.xlsx", [headings, row])
    # openpyxl writes sixteen digits, other programs all seventeen
    rewritten(path, "xl/worksheets/sheet1.xml", b"<v>116.38</v>", b"<v>116.38000000000001</v>")
    [(number, found)] = read_rows(path)
    assert number == 2
    assert list(found.values()) == row
    assert [type(cell) for cell in found.values()] == [type(cell) for cell in row]


def test_a_formula_gives_the_value_last_computed(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], [1, "=A2+1"]])
    with pytest.raises(UnreadableFile, match=r"1 cells hold formulas without values \(the .* B2\)"):
        read_rows(path)
    rewritten(path, "xl/worksheets/sheet1.xml", b"<v />", b"<v>2</v>")
    assert good(path) == {2: {"a": 1, "b": 2}}


def rewritten(path: Path, name: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


def test_a_wrong_dimension_in_a_workbook_cuts_nothing(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], [1, 2], [3, 4]])
    rewritten(path, "xl/worksheets/sheet1.xml", b'ref="A1:B3"', b'ref="A1"')
    assert good(path) == {2: {"a": 1, "b": 2}, 3: {"a": 3, "b": 4}}


def test_blank_rows_and_titles_keep_the_row_numbers_of_the_sheet(tmp_path):
    rows = [["工单明细"], [None], ["a", "b"], [1, 2], [None, None], [3, None], [4, 5, 6]]
    path = workbook(tmp_path / "a.xlsx", rows)
    assert good(path) == {4: {"a": 1, "b": 2}, 6: {"a": 3, "b": None}}
    assert problems(path) == {7: "it has 3 cells under 2 headings"}


def test_the_first_visible_sheet_is_read_unless_another_is_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [1]], [["b"], [2]])
    rows = read_rows(path)
    assert list(rows) == [(2, {"a": 1})]
    assert "第二" in rows.notes[0][0]
    assert list(read_rows(path, sheet="第二")) == [(2, {"b": 2})]
    assert "no sheet '第三', but: 工单、第二" in reason_of(path, sheet="第三")


def test_a_date_no_calendar_has_is_told_and_does_not_stop_the_sheet(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [dt.datetime(2026, 1, 2)], ["b"]])
    rewritten(path, "xl/worksheets/sheet1.xml", b"<v>46024</v>", b"<v>-99999999</v>")
    rows = read_rows(path)
    assert list(rows) == [(2, {"a": "#VALUE!"}), (3, {"a": "b"})]
    assert any("outside the limits for dates" in en for _, en in rows.notes)


def test_a_workbook_without_styles_is_read_in_silence(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [1]])
    with zipfile.ZipFile(path) as archive:
        styles = archive.read("xl/styles.xml")
    start, end = styles.index(b"<cellStyles"), styles.index(b"</cellStyles>")
    rewritten(path, "xl/styles.xml", styles[start : end + len(b"</cellStyles>")], b"")
    rows = read_rows(path)
    assert list(rows) == [(2, {"a": 1})]
    assert rows.notes == []


def test_an_old_workbook_is_refused_with_the_way_out(tmp_path):
    assert "save it as .xlsx" in reason_of(saved(tmp_path / "a.xls", b"\xd0\xcf\x11\xe0"))


@pytest.mark.parametrize("damage", ["cut", "no zip", "no parts", "no xml"])
def test_a_damaged_workbook_is_refused(tmp_path, damage):
    path = workbook(tmp_path / "a.xlsx", [["a"], [1]])
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "no zip":
        path.write_bytes(b"no zip at all")
    elif damage == "no parts":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.txt", "x")
        path.write_bytes(buffer.getvalue())
    else:
        rewritten(path, "xl/worksheets/sheet1.xml", b"</row>", b"</raw>")
    assert "complete" in reason_of(path)


def test_a_workbook_that_unpacks_to_a_bomb_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/a.png", bytes(80 << 20))
    assert "zip bomb" in reason_of(path)


# NDJSON


def test_ndjson_gives_objects_and_keeps_going_after_bad_lines(tmp_path):
    lines = [
        json.dumps({"id": "007", "n": 1, "x": 116.5, "no": None, "is": True, "at": {"a": [1]}}),
        "",
        "{broken",
        "[1, 2]",
        '{"a": "' + "x" * (10 << 20) + '"}',
        json.dumps({"id": "008", "later": "后来"}, ensure_ascii=False),
    ]
    path = saved(tmp_path / "a.ndjson", "\n".join(lines))
    assert good(path) == {
        1: {"id": "007", "n": 1, "x": 116.5, "no": None, "is": True, "at": '{"a":[1]}'},
        6: {"id": "008", "later": "后来"},
    }
    assert problems(path).keys() == {3, 4, 5}
    assert read_rows(path).headings == ["id", "n", "x", "no", "is", "at", "later"]


def test_ndjson_without_a_single_object_is_refused(tmp_path):
    assert "no JSON object" in reason_of(saved(tmp_path / "a.jsonl", "1\n2\n"))


# any file


def test_a_missing_list_a_folder_and_an_empty_one_are_told_apart(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "empty.xlsx").touch()
    assert "no such file" in reason_of(tmp_path / "none.csv")
    assert "it is a folder" in reason_of(tmp_path / "folder.csv")
    assert "the file is empty" in reason_of(tmp_path / "empty.xlsx")


def test_an_unknown_ending_of_a_list_is_refused_with_the_way_out(tmp_path):
    assert "save it as CSV, XLSX or NDJSON" in reason_of(saved(tmp_path / "a.doc", "x"))
