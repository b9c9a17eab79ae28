"""Ticket lists on the command line: every row is stored or stands in the reject file."""

import csv
import re
from datetime import date, timedelta

import pytest

from tests.databases import stored_bytes
from tests.doors import publish_street_in
from tests.houses import center
from tests.terminals import refusal, run

_HEADINGS = ["工单号", "上报时间", "经度", "纬度", "坐标系", "状态", "标题", "姓名", "手机"]
_SECRET = ("张三丰", "13900000000")


def _row(number: str, **changes) -> list[str]:
    lon, lat = center(0, 0)
    told = {
        "工单号": number,
        "上报时间": "2025-06-10 08:00",
        "经度": str(lon),
        "纬度": str(lat),
        "坐标系": "EPSG:4490",
        "状态": "在办",
        "标题": "路灯不亮",
        "姓名": _SECRET[0],
        "手机": _SECRET[1],
    }
    return list((told | changes).values())


def _write(path, rows, *, encoding="gbk", headings=_HEADINGS):
    with path.open("w", encoding=encoding, newline="") as target:
        csv.writer(target).writerows([headings, *rows])


def _counts(told: str) -> dict[str, int]:
    [line] = re.findall(r"共 .*", told)
    pairs = re.findall(r"(新增|更新|未变|退回) (\d+)", line)
    [rows] = re.findall(r"共 (\d+) 行", line)
    return {"rows": int(rows)} | {word: int(number) for word, number in pairs}


def _import(folder, name: str, *words: str) -> dict[str, int]:
    return _counts(run(folder, "issues", "import", name, "--source", "12345", *words))


@pytest.fixture
def street(tmp_path):
    publish_street_in(tmp_path)
    return tmp_path


def test_a_gbk_list_comes_in_without_its_persons_and_bad_rows_are_named(street):
    next_year = (date.today() + timedelta(days=370)).isoformat()  # noqa: DTZ011  # any zone will do
    lon, lat = map(str, center(0, 0))
    bad = [
        _row("B1", 经度=lat, 纬度=lon),
        _row("B2", 经度="东经一百二十度"),
        _row("B3", 上报时间="1900-01-01"),
        _row("B4", 上报时间=next_year),
        _row("B5", 标题="长" * 5_000_000),
        _row("B6", 坐标系="月球"),
        _row(""),
    ]
    _write(street / "工单.csv", [_row("A1"), *bad, _row("A2")])
    told = run(street, "issues", "import", "工单.csv", "--source", "12345")
    assert _counts(told) == {"rows": 9, "新增": 2, "更新": 0, "未变": 0, "退回": 7}
    assert "舍去 2 列" in told
    assert "Asia/Shanghai" in told
    assert "编码：gb" in told.lower()
    text = (street / "工单.退回.csv").read_text(encoding="utf-8-sig")
    rejected = list(csv.reader(text.splitlines()))[1:]
    assert len(rejected) == 7
    assert not any(secret in text for secret in (*_SECRET, "东经", "月球", "长长"))
    stored = stored_bytes(street)
    assert not any(secret.encode() in stored for secret in _SECRET)


def test_the_same_list_again_changes_nothing_and_new_states_are_updates(street):
    _write(street / "a.csv", [_row(f"A{i}") for i in range(3)], encoding="utf-8-sig")
    assert _import(street, "a.csv") == {"rows": 3, "新增": 3, "更新": 0, "未变": 0, "退回": 0}
    assert _import(street, "a.csv") == {"rows": 3, "新增": 0, "更新": 0, "未变": 3, "退回": 0}
    closed = [_row("A0", 状态="办结"), _row("A1"), _row("A9")]
    _write(street / "a.csv", closed, encoding="utf-8")
    refused = _import(street, "a.csv", "--on-change", "refuse")
    assert refused == {"rows": 3, "新增": 1, "更新": 0, "未变": 1, "退回": 1}
    assert _import(street, "a.csv") == {"rows": 3, "新增": 0, "更新": 1, "未变": 2, "退回": 0}
    assert not (street / "house.db").with_name("a.csv.退回.csv").exists()


def test_a_list_that_cannot_be_used_is_refused_in_one_line(street):
    (street / "empty.csv").write_bytes(b"")
    (street / "folder").mkdir()
    _write(street / "a.csv", [_row("A1")])
    command = ("issues", "import")
    assert "empty.csv" in refusal(street, *command, "empty.csv")
    assert "folder" in refusal(street, *command, "folder")
    assert "nothing.csv" in refusal(street, *command, "nothing.csv")
    assert "月球" in refusal(street, *command, "a.csv", "--frame", "月球")
    assert "--column" in refusal(street, *command, "a.csv", "--column", "工单号")
    assert "字段有 external_id、source、" in refusal(
        street, *command, "a.csv", "--column", "number=工单号"
    )
    assert "没有名为“号码”的列" in refusal(
        street, *command, "a.csv", "--column", "external_id=号码"
    )
    assert "--on-change" in refusal(street, *command, "a.csv", "--on-change", "skip")


def test_a_list_without_headings_is_not_read_as_one(street):
    _write(street / "a.csv", [_row("A2")], headings=_row("A1"))
    line = refusal(street, "issues", "import", "a.csv", "--source", "12345")
    assert "编号" in line or "列" in line


def test_the_map_is_drawn_as_one_file_that_loads_nothing(street):
    _write(street / "a.csv", [_row("A1")])
    _import(street, "a.csv")
    run(street, "draw", "hotspots", "--out", "maps/热点.html", "--layer", "grid")
    page = (street / "maps" / "热点.html").read_text(encoding="utf-8")
    loading = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']([^\"']+)", page)
    assert [address for address in loading if not address.startswith("data:")] == []
    assert "虚构数据" in page
    assert "--measure" in refusal(
        street, "draw", "hotspots", "--out", "a.html", "--measure", "size"
    )
    assert "--from" in refusal(street, "draw", "hotspots", "--out", "a.html", "--from", "soon")
