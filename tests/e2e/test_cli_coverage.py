"""Registers and coverage at the terminal."""

import json

import openpyxl
import pytest

from tests.doors import publish_street_in
from tests.houses import grid_code
from tests.terminals import refusal, run

ROWS = [
    "党组织编码,党组织名称,组织类别,网格编码,书记姓名,党员数,成立时间",
    f"A,第一网格党支部,党支部,{grid_code(0, 0)},张甲某,12,2020-01-01",
    "B,错行,党支部,没有的编码,李乙某,3,2020-01-01",
]


LEDGER = [
    ["示例街道党组织基本情况一览表", *[None] * 8],
    ["填报单位：示例街道党建办", None, None, None, None, "填报日期：2026年11月"],
    ["序号", "党组织编码", "党组织名称", "组织类别", "所属网格", "书记", None, "成立时间",
     "24小时值班电话", "党员人数（人）"],
    [None, None, None, None, None, "姓名", "手机"],
    [1, "Ｄ００１", "第一网格党支部", "党支部", "第1网格", "甲某", "000", "2016.09", "000-1",
     "１２人"],
    [2, "D002", "第二网格党支部", "党支部", "第2网格", "乙某", "000", 42614, "——", 9],
    [3, "D003", "第三网格党支部", "党支部", "第99网格", "丙某", "000", 20160930, None, 9],
    ["合计", None, None, None, None, None, None, None, None, 30],
]  # fmt: skip


@pytest.fixture
def street(tmp_path):
    publish_street_in(tmp_path)
    (tmp_path / "台账.csv").write_text("\n".join(ROWS), encoding="gb18030")
    return tmp_path


def test_a_register_comes_in_and_goes_out_and_tells_what_it_left_out(street):
    told = run(street, "registers", "import", "party_organisation", "台账.csv")
    assert "未读取的个人信息列 1 个：书记姓名" in told
    assert "共 2 行：新增 1，更新 0，未变 0，退回 1" in told
    rejects = (street / "台账.退回.csv").read_text(encoding="utf-8-sig")
    assert "没有这个编码" in rejects
    assert "李乙某" not in rejects

    run(street, "registers", "export", "party_organisation", "--out", "out.xlsx")
    again = run(street, "registers", "import", "party_organisation", "out.xlsx", language="en")
    assert "1 rows: 0 added, 0 updated, 1 unchanged, 0 rejected" in again


def test_a_ledger_as_offices_keep_it_comes_in_and_says_what_is_to_be_mended(street):
    book = openpyxl.Workbook()
    for row in LEDGER:
        book.active.append(row)
    for merged in ("A1:I1", *(f"{column}3:{column}4" for column in "ABCDEHIJ"), "F3:G3"):
        book.active.merge_cells(merged)
    book.save(street / "党组织.xlsx")

    told = run(street, "registers", "import", "party_organisation", "党组织.xlsx")
    assert "第 3–4 行是合并的表头" in told
    assert "duty_phone=24小时值班电话" in told
    assert "未读取的个人信息列 2 个：姓名、手机" in told
    assert "认不出、未读取的列 1 个：序号" in told
    assert "共 4 行：新增 1，更新 0，未变 0，退回 3" in told
    lines = (street / "党组织.退回.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].startswith("6,founded,成立时间,像是表格软件的日期序号")
    assert lines[2].startswith("7,area,所属网格,现行第 1 版边界的图层 grid 中没有这个编码或名称")
    assert lines[3].startswith("8,code,党组织编码,没有填写")
    assert "乙某" not in told + "".join(lines)
    run(street, "registers", "export", "party_organisation", "--out", "out.csv")
    exported = (street / "out.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert exported.startswith(f"D001,第一网格党支部,党支部,,grid,{grid_code(0, 0)},")
    assert "2016-09-01" in exported
    assert ",12," in exported


def test_coverage_is_told_and_written(street):
    run(street, "registers", "import", "party_organisation", "台账.csv")
    assert run(street, "registers", "activity", "A", "2026-01-02").startswith("已登记")
    assert run(street, "registers", "activity", "A", "2026-01-02").startswith("此前已登记")

    areas = run(street, "coverage", "areas", "grid", "--as-of", "2026-02-01")
    assert "区域组织覆盖率 12.50%（1/8），其中活跃 12.50%（1/8）" in areas
    assert "已单独建" in areas
    assert "空白点" in run(street, "coverage", "blank", "grid")
    assert "应建未建" not in run(street, "coverage", "due", "grid", "--out", "due.csv")
    assert (street / "due.csv").read_text(encoding="utf-8-sig").startswith("单位编码,单位名称")
    ladder = run(street, "coverage", "ladder", language="en")
    assert "grid: 12.50%" in ladder


def test_what_is_due_and_what_changed_is_told_and_written(street):
    rows = [
        "党组织编码,党组织名称,组织类别,网格编码,成立时间,届满时间,值班电话",
        f"A,第一网格党支部,党支部,{grid_code(0, 0)},2020-01-01,2026-12-10,000-1",
        f"B,第二网格党支部,党支部,{grid_code(1, 0)},2026-03-01,2027-02-01,",
    ]
    (street / "台账.csv").write_text("\n".join(rows), encoding="utf-8")
    run(street, "registers", "import", "party_organisation", "台账.csv")
    sites = "站点编码,站点名称,站点类型,网格编码,站长是否党员,启用时间,报到单位数\n"
    sites += f"S1,一站,互助站,{grid_code(0, 0)},是,2020-01-01,3\n"
    sites += f"S2,二站,互助站,{grid_code(1, 0)},否,2020-01-01,\n"
    (street / "站点.csv").write_text(sites, encoding="utf-8")
    run(street, "registers", "import", "facility", "站点.csv")

    day = ("--as-of", "2026-11-21")
    run(street, "coverage", "reminders", *day, "--out", "due.csv")
    due = (street / "due.csv").read_text(encoding="utf-8-sig").splitlines()
    assert due[1] == "换届到期（30 天内）,A,第一网格党支部,2026-12-10,19,,000-1"
    assert due[2] == "换届到期（90 天内）,B,第二网格党支部,2027-02-01,72,,"
    assert due[3].startswith("未登记过活动,A")
    assert "term ends within 30 days" in run(
        street, "coverage", "reminders", *day, language="en", COLUMNS="200"
    )
    run(street, "coverage", "stations", *day, "--out", "sites.csv")
    sites = (street / "sites.csv").read_text(encoding="utf-8-sig").splitlines()
    assert sites[1] == "自治互助站,2,50.00%（1/2）,,≥3,,报到单位 1"
    assert "--out" in refusal(street, "coverage", "stations", "--out", "sites.geojson")

    changed = ("coverage", "changes", "grid", "--before", "2026-01-01", "--after", "2026-11-21")
    assert "2026-01-01，边界第 1 版：区域组织覆盖率 12.50%（1/8）" in run(street, *changed)
    run(street, *changed, "--out", "changes.geojson", language="en")
    [feature] = json.loads((street / "changes.geojson").read_text(encoding="utf-8"))["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["properties"]["state 2026-11-21"] == "own"
    assert "待" not in run(street, "coverage", "old-bindings", language="en")
    assert "A 已对应到第 1 版边界" in run(street, "registers", "confirm", "party_organisation", "A")
    assert "nobody" in refusal(street, "registers", "confirm", "unit", "nobody")


def test_the_map_of_a_day_is_written_as_one_file(street):
    run(street, "registers", "import", "party_organisation", "台账.csv")
    told = run(street, "draw", "coverage", "--out", "map.html", "--as-of", "2026-02-01")
    assert told == "已写入 map.html\n"
    page = (street / "map.html").read_text(encoding="utf-8")
    assert "数据截至 2026-02-01" in page
    assert "http://127" not in page
    assert "--view" in refusal(street, "draw", "coverage", "--out", "m.html", "--view", "heat")


def test_what_makes_no_sense_is_one_line(street):
    assert "parish" in refusal(street, "coverage", "areas", "parish")
    assert "REGISTER" in refusal(street, "registers", "import", "people", "台账.csv")
    assert "--out" in refusal(street, "registers", "export", "unit", "--out", "a.docx")
    assert "held_on" in refusal(street, "registers", "activity", "A", "tomorrow")
