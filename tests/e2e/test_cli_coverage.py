"""Registers and coverage at the terminal."""

import pytest

from tests.doors import publish_street_in
from tests.houses import grid_code
from tests.terminals import refusal, run

ROWS = [
    "党组织编码,党组织名称,组织类别,网格编码,书记姓名,党员数,成立时间",
    f"A,第一网格党支部,党支部,{grid_code(0, 0)},张甲某,12,2020-01-01",
    "B,错行,党支部,没有的编码,李乙某,3,2020-01-01",
]


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
