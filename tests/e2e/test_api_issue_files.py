"""Lists of issues over HTTP: the same rows, counts and rejections as on the command line."""

import csv
import io

import openpyxl
import pytest

from tests.doors import open_door, problem_of
from tests.houses import center

_IMPORT = "/api/v1/issues/import"
_HEADINGS = ["工单号", "来源", "上报时间", "经度", "纬度", "坐标系", "状态", "标题", "手机号"]
_PHONE = "13800000000"


def _row(number: str, **changes) -> list[str]:
    lon, lat = map(str, center(0, 0))
    told = [number, "12345", "2025-06-10 08:00", lon, lat, "EPSG:4490", "在办", "路灯", _PHONE]
    return list((dict(zip(_HEADINGS, told, strict=True)) | changes).values())


def _csv(*rows: list[str], headings: list[str] = _HEADINGS, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def _xlsx(*rows: list[str]) -> bytes:
    book = openpyxl.Workbook()
    for row in [_HEADINGS, *rows]:
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _upload(door, content: bytes, *, name: str = "工单.csv", accept: str = "*/*", **asked):
    files = {"file": (name, content)}
    return door.post(_IMPORT, files=files, data=asked, headers={"Accept": accept})


def _told(answer) -> dict:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert sum(told["counts"].values()) == told["rows"]
    return told


@pytest.fixture
def door(tmp_path):
    return open_door(tmp_path)


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A street that stays without issues, since nothing that is sent is a list of them."""
    return open_door(tmp_path_factory.mktemp("strict"))


@pytest.mark.parametrize(
    ("content", "name", "encoding"),
    [
        (_csv(_row("A1"), _row("A2")), "工单.csv", "UTF-8"),
        (_csv(_row("A1"), _row("A2"), encoding="utf-8-sig"), "工单.csv", "UTF-8-BOM"),
        (_csv(_row("A1"), _row("A2"), encoding="gbk"), "工单.csv", "GB18030"),
        (_xlsx(_row("A1"), _row("A2")), "工单.xlsx", None),
    ],
)
def test_a_list_of_every_usual_kind_comes_in(door, content, name, encoding):
    told = _told(_upload(door, content, name=name))
    assert told["counts"] == {"added": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert (told["file"], told["encoding"]) == (name, encoding)
    assert told["dropped_columns"] == ["手机号"]
    assert told["columns"]["external_id"] == "工单号"
    assert told["times_without_a_zone"] == "Asia/Shanghai"
    assert len(door.get("/api/v1/issues").json()["items"]) == 2


def test_lines_of_json_come_in(door):
    lines = b'{"source": "12345", "external_id": "A1", "reported_at": "2025-06-10"}\n{broken\n'
    told = _told(_upload(door, lines, name="a.ndjson"))
    assert told["counts"] == {"added": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert told["without_coordinates"] == 1


def test_the_same_list_again_changes_nothing_and_a_changed_one_updates(door):
    _upload(door, _csv(_row("A1"), _row("A2")))
    again = _told(_upload(door, _csv(_row("A1"), _row("A2"))))
    assert again["counts"] == {"added": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    changed = _csv(_row("A1", 状态="办结"), _row("A2"))
    refused = _told(_upload(door, changed, on_change="refuse"))
    assert refused["counts"] == {"added": 0, "updated": 0, "unchanged": 1, "rejected": 1}
    [rejection] = refused["rejections"]
    assert (rejection["row"], rejection["field"]) == (2, "external_id")
    assert rejection["reason"]["en"] == "exists with other content in status"
    assert _told(_upload(door, changed))["counts"]["updated"] == 1


def test_rejected_rows_are_told_by_number_field_and_reason_but_never_the_cell(door):
    bad = [_row("B1", 经度="东经一百二十度"), _row("B2", 上报时间="1900-01-01"), _row("")]
    answer = _upload(door, _csv(_row("A1"), *bad, _row("A2")))
    told = _told(answer)
    assert [(each["row"], each["field"]) for each in told["rejections"]] == [
        (3, "x"),
        (4, "reported_at"),
        (5, "external_id"),
    ]
    assert told["rejections"][0]["reason"]["en"] == "must be a number, but is text"
    assert "东经" not in answer.text
    assert _PHONE not in answer.text
    assert told["counts"] == {"added": 2, "updated": 0, "unchanged": 0, "rejected": 3}


def test_many_rejections_are_cut_and_all_of_them_come_as_a_file(door):
    rows = [_row(f"B{i}", 状态="飞走了") for i in range(1100)]
    told = _told(_upload(door, _csv(*rows)))
    assert told["counts"]["rejected"] == 1100
    assert len(told["rejections"]) == 1000
    assert told["rejections_left_out"] == 100
    answer = _upload(door, _csv(*rows), accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "%E9%80%80%E5%9B%9E.csv" in answer.headers["content-disposition"]  # 退回
    headings, *listed = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert headings[:2] == ["行号 row", "字段 field"]
    assert [int(row[0]) for row in listed] == list(range(2, 1102))
    assert {row[1] for row in listed} == {"status"}


def test_columns_source_frame_and_sheet_can_be_named(door):
    book = openpyxl.Workbook()
    lon, lat = center(0, 0)
    sheet = book.create_sheet("明细")
    for row in (["甲", "上报时间", "乙", "丙"], ["007", "2025-06-10", lon, lat]):
        sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    told = _told(
        _upload(
            door,
            saved.getvalue(),
            name="a.xlsx",
            sheet="明细",
            source="12345",
            frame="EPSG:4490",
            column=["external_id=甲", "x=乙", "y=丙"],
        )
    )
    assert told["counts"]["added"] == 1
    assert told["columns"] == {"external_id": "甲", "reported_at": "上报时间", "x": "乙", "y": "丙"}
    assert told["guessed_columns"] == ["reported_at"]
    assert door.get("/api/v1/issues").json()["items"][0]["external_id"] == "007"


@pytest.mark.parametrize(
    ("content", "name", "slug"),
    [
        (b"", "a.csv", "unreadable-file"),
        (b"1,2,3\n4,5,6\n", "a.csv", "unreadable-file"),
        (b"PK\x03\x04", "a.csv", "unreadable-file"),
        (b"PK\x03\x04", "a.xlsx", "unreadable-file"),
        (b"\xd0\xcf\x11\xe0", "a.xls", "unreadable-file"),
        (b"x", "../../etc/passwd", "unreadable-file"),
        (b"x", "..", "unreadable-file"),
    ],
)
def test_what_is_no_list_is_refused(strict, content, name, slug):
    problem_of(_upload(strict, content, name=name), 422, slug)
    assert strict.get("/api/v1/issues").json()["items"] == []


@pytest.mark.parametrize(
    ("asked", "slug"),
    [
        ({"frame": "月球"}, "unknown-frame"),
        ({"frame": "EPSG:2436"}, "unsupported-frame"),
        ({"column": "工单号"}, "invalid-value"),
        ({"column": "number=工单号"}, "invalid-value"),
        ({"column": ["external_id=号码"]}, "unknown-column"),
        ({"on_change": "skip"}, "invalid-request"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_and_nothing_is_stored(strict, asked, slug):
    problem_of(_upload(strict, _csv(_row("A1")), **asked), 422, slug)
    assert strict.get("/api/v1/issues").json()["items"] == []


def test_a_list_without_its_file_is_no_request(strict):
    problem_of(strict.post(_IMPORT, data={"source": "12345"}), 422, "invalid-request")
