"""Code tables of categories: GBK and UTF-8 in, sections of a profile out, codes found in lists."""

import openpyxl
import pytest

from geo_service.errors import (
    EmptyInput,
    InvalidProfile,
    InvalidValue,
    MissingColumn,
    RefusedValue,
)
from geo_service.governance.profile import parse_profile
from geo_service.services.categories import AskedTable, read_code_table

HEADINGS = "类型,大类代码,大类名称,小类代码,小类名称,主管部门,法定职责\n"
ROWS = """部件,01,公用设施,001,上水井盖,水务,
部件,01,公用设施,002,污水井盖,水务,
部件,02,市容环境,001,公共厕所,,
事件,01,市容环境,001,私搭乱建,城管,是
事件,01,市容环境,901,共享单车"乱停",,
事件,03,街面秩序,01,无照经营游商,,
"""
ASKED = AskedTable("示例标准", "2026", "900-999")
LAYERS = '[[layers]]\nname = "street"\n'


def table(tmp_path, rows=ROWS, *, encoding="utf-8", headings=HEADINGS):
    path = tmp_path / "codes.csv"
    path.write_text(headings + rows, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_code_table_becomes_the_categories_of_a_profile(tmp_path, encoding):
    found = read_code_table(table(tmp_path, encoding=encoding), ASKED)
    assert (found.majors, found.minors) == (4, 6)
    profile = parse_profile(LAYERS + found.text, file="own.toml")
    assert (profile.category_set.origin, profile.category_set.version) == ("示例标准", "2026")
    names = ["公用设施", "市容环境（部件）", "市容环境（事件）", "街面秩序"]
    assert [each.name for each in profile.categories] == names
    duty = profile.category("市容环境（事件）", "私搭乱建")
    assert (duty.code, duty.kind, duty.department, duty.statutory) == ("001", "event", "城管", True)
    assert profile.category("公用设施", "上水井盖").kind == "part"
    bicycles = profile.category("市容环境（事件）", '共享单车"乱停"')
    assert (bicycles.origin, duty.origin) == ("extension", "code_table")


@pytest.mark.parametrize(
    ("cells", "meaning"),
    [
        (("02", "001"), ("市容环境（部件）", "公共厕所")),
        (("02001", ""), ("市容环境（部件）", "公共厕所")),
        (("02/001", ""), ("市容环境（部件）", "公共厕所")),
        (("", "02-001"), ("市容环境（部件）", "公共厕所")),
        (("0301", None), ("街面秩序", "无照经营游商")),
        (("03", ""), ("街面秩序", None)),
        (("部件01001", ""), ("公用设施", "上水井盖")),
        (("事件01", "001"), ("市容环境（事件）", "私搭乱建")),
        # 01 is a part's major and an event's; 002 alone is a minor of whatever major
        (("01001", ""), ("01001", None)),
        (("", "002"), (None, "002")),
        (("市容环境", ""), ("市容环境", None)),
    ],
)
def test_a_code_in_a_list_finds_its_category_where_it_means_one(tmp_path, cells, meaning):
    found = read_code_table(table(tmp_path), ASKED)
    assert parse_profile(LAYERS + found.text, file="own.toml").category_of(*cells) == meaning


def test_a_table_without_kinds_has_plain_codes_alone(tmp_path):
    rows = "01,公用设施,01001,上水井盖\n"
    path = table(tmp_path, rows, headings="大类代码,大类名称,小类代码,小类名称\n")
    profile = parse_profile(LAYERS + read_code_table(path, ASKED).text, file="own.toml")
    (major,) = profile.categories
    assert (major.kind, major.aliases, major.minors[0].code) == ("", ("01",), "001")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("部件,02,", "部门,02,", "codes.csv #4 类型 应为部件 或 事件"),
        ("部件,02,", "部件,2,", "#4 大类代码 应为文本格式的两位数字"),
        (",001,公共", ",1,公共", "#4 小类代码 应为文本格式的两位或三位数字"),
        ("市容环境,001,公共厕所", ",001,公共厕所", "#4 大类名称 应为1 到 60 个字"),
        ("公共厕所", "", "#4 小类名称 应为1 到 60 个字"),
        ("002,污水井盖", "001,污水井盖", "#3 不能存入：“001”与 codes.csv #2 说法不一或重复"),
        ("002,污水井盖", "002,上水井盖", "#3 不能存入：“上水井盖”与 codes.csv #2"),
        ("01,公用设施,002", "01,公共设施,002", "#3 不能存入：“01”与 codes.csv #2"),
        ("02,市容环境,001", "02,公用设施,001", "#4 不能存入：“公用设施”与 codes.csv #2"),
        ("街面秩序", "02", "出现了两次"),
        (ROWS, "", "没有任何记录"),
        ("大类代码", "甲", "认不出哪一列是major_code"),
        ("部件,01,公用设施,001", '部件,01,"公用设施,001', "codes.csv #"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_row(tmp_path, old, new, said):
    text = (HEADINGS + ROWS).replace(old, new, 1)
    assert text != HEADINGS + ROWS
    refusals = (EmptyInput, InvalidProfile, InvalidValue, MissingColumn, RefusedValue)
    with pytest.raises(refusals) as refused:
        read_code_table(table(tmp_path, text, headings=""), ASKED)
    assert said in refused.value.text("zh")


def test_a_code_that_a_spreadsheet_made_a_number_is_refused(tmp_path):
    book = openpyxl.Workbook()
    for row in (["大类代码", "大类名称", "小类代码", "小类名称"], [1, "公用设施", "001", "井盖"]):
        book.active.append(row)
    book.save(tmp_path / "codes.xlsx")
    with pytest.raises(InvalidValue, match=r"codes\.xlsx #2 大类代码 must be a major code as text"):
        read_code_table(tmp_path / "codes.xlsx", ASKED)


@pytest.mark.parametrize("extension", ["900", "999-900"])
def test_a_range_of_codes_goes_upwards(tmp_path, extension):
    with pytest.raises(InvalidValue, match="--extension must be a range of codes"):
        read_code_table(table(tmp_path), AskedTable("x", "1", extension))
