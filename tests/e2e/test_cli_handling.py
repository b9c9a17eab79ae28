"""Profiles, calendars and the handling of issues on the command line."""

import json

import pytest

from tests.doors import publish_street_in
from tests.houses import STREET_LAYERS, center
from tests.terminals import refusal, run


@pytest.fixture
def street(tmp_path):
    publish_street_in(tmp_path)
    lon, lat = center(0, 0)
    (tmp_path / "list.csv").write_text(
        f"工单号,来源,上报时间,经度,纬度,坐标系\n7,12345,2025-06-10 08:00,{lon},{lat},EPSG:4490\n",
        encoding="utf-8",
    )
    run(tmp_path, "issues", "import", "list.csv")
    return tmp_path


def test_one_issue_is_walked_through_to_its_end(street):
    assert "现在：待受理；可办：受理、不予受理" in run(street, "issues", "history", "1")
    dispatcher, handler = ("--role", "派单员"), ("--role", "网格员")
    at = ("--at", "2025-06-10 09:00")
    told = run(street, "issues", "step", "1", "受理", *dispatcher, "--tell", "triage=小事", *at)
    assert "2025-06-10 09:00" in told
    assert "可办：分流" in told
    line = refusal(street, "issues", "step", "1", "处置", *handler)
    assert "状态为“待分流”的问题不能发生“处置”；现在可以：分流" in line
    line = refusal(street, "issues", "step", "1", "分流", *dispatcher, "--tell", "unit")
    assert "--tell 应为项=内容" in line

    assigned = ("--tell", "tier=网格", "--tell", "unit=示例网格")
    run(street, "issues", "step", "1", "分流", *dispatcher, *assigned)
    run(street, "issues", "step", "1", "处置", *handler)
    run(street, "issues", "step", "1", "反馈", *handler)
    answers = ("--tell", "resolved=已解决", "--tell", "satisfaction=满意")
    found = json.loads(run(street, "issues", "step", "1", "评价", *dispatcher, *answers, "--json"))
    assert (found["status"], found["standing"]["unit"]) == ("closed", "示例网格")
    history = run(street, "issues", "history", "1")
    [contact] = [line for line in history.splitlines() if line.startswith("先行联系时限")]
    assert "，未办此事，随 " in contact  # nobody contacted the caller
    assert "，已于 2025-06-10 09:00 完成" in history
    assert [event["kind"] for event in found["events"]] == ["reported"] + ["step"] * 5


def test_departments_are_told_as_a_list(tmp_path):
    publish_street_in(tmp_path)
    (tmp_path / "list.csv").write_text(
        "工单号,来源,上报时间\n7,12345,2025-06-10 08:00\n", encoding="utf-8"
    )
    whistle = {"profile": str(tmp_path / "whistle.toml")}
    flow = """
[handling]
start = "new"

[[roles]]
name = "street"

[[tiers]]
name = "street"

[[states]]
name = "new"

[[states]]
name = "done"
phase = "closed"

[[steps]]
name = "whistle"
from = ["new"]
needs = ["departments"]

[[steps]]
name = "end"
from = ["new"]
to = "done"
"""
    (tmp_path / "whistle.toml").write_text(STREET_LAYERS + flow, encoding="utf-8")
    run(tmp_path, "issues", "import", "list.csv", **whistle)
    called = ("--role", "street", "--tell", "departments=城管、消防")
    run(tmp_path, "issues", "step", "1", "whistle", *called, **whistle)
    line = refusal(tmp_path, "issues", "step", "1", "end", "--role", "street", **whistle)
    assert "城管、消防" in line


def test_files_of_an_office_are_checked_with_line_and_reason(tmp_path):
    year = 'year = 2027\nworkdays = [2027-02-20]\n\n[[holidays]]\nname = "春节"\n'
    year += "from = 2027-02-05\nto = 2027-02-11\n"
    (tmp_path / "2027.toml").write_text(year, encoding="utf-8")
    told = run(tmp_path, "calendar", "check", "2027.toml")
    assert told.strip() == "2027.toml 可用：2027 年，放假 7 天，周末上班 1 天"
    (tmp_path / "2027.toml").write_text(year.replace("02-20", "02-19"), encoding="utf-8")
    line = refusal(tmp_path, "calendar", "check", "2027.toml")
    assert "2027.toml 第 2 行 workdays：2027-02-19 不是周末" in line

    (tmp_path / "own.toml").write_text('[[layers]]\nname = "street"\n', encoding="utf-8")
    told = run(tmp_path, "profile", "check", "own.toml")
    assert told.startswith(
        "own.toml 可用：own；图层 street；9 个状态（办结 2 个）、28 个步骤、4 级"
    )
    (tmp_path / "own.toml").write_text('[[layers]]\nname = "street"\nparent = "x"\n', "utf-8")
    assert "own.toml 第 3 行 layers[1].parent：" in refusal(
        tmp_path, "profile", "check", "own.toml"
    )
    assert "no.toml" in refusal(tmp_path, "profile", "check", "no.toml")


def test_shipped_profiles_can_be_used_and_a_code_table_becomes_one(tmp_path):
    from importlib.resources import files

    folder = files("geo_service.governance") / "profiles"
    shipped = sorted(entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    assert len(shipped) == 11
    for entry in shipped:
        assert f"{entry.name} 可用：" in run(tmp_path, "profile", "check", str(entry))
    rows = "大类代码,大类名称,小类代码,小类名称\n01,公用设施,001,上水井盖\n"
    (tmp_path / "codes.csv").write_text(rows, encoding="gbk")
    told = ("profile", "categories", "codes.csv", "--origin", "示例标准", "--version", "2026")
    assert '"01/001"' in run(tmp_path, *told)
    own = tmp_path / "own.toml"
    assert "1 个大类、1 个小类写入" in run(tmp_path, *told, "--out", str(own))
    own.write_text('[[layers]]\nname = "street"\n' + own.read_text("utf-8"), encoding="utf-8")
    assert "own.toml 可用：own" in run(tmp_path, "profile", "check", str(own))
