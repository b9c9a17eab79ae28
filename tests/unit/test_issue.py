"""Reading issues from cells, comparing them, and the events they make."""

import json
import math
from datetime import UTC, date, datetime

import pytest

from geo_service.errors import IllegalTransition
from geo_service.governance.event import (
    Event,
    events_between,
    events_of,
    fold,
    state_from_values,
    state_to_values,
)
from geo_service.governance.issue import (
    LONGEST,
    IssueReport,
    RowError,
    changed_fields,
    content_hash,
    read_report,
)
from geo_service.governance.moment import day_start, read_moment
from geo_service.governance.profile import shipped_profile

PROFILE = shipped_profile("x-street")
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
ROW = {
    "source": "市民热线",
    "external_id": "GD0001",
    "reported_at": "2026/1/5 8:03",
    "x": "121.47",
    "y": "31.23",
    "frame": "EPSG:4490",
}


def read(**cells) -> IssueReport | RowError:
    return read_report(
        {**ROW, **cells}, profile=PROFILE, now=NOW, default_source=None, default_frame=None
    )


def test_a_row_is_read_with_the_office_words_of_the_profile():
    report = read(
        category_major="出行停车",
        category_minor="违停",
        request_type="意见",
        status="已办结",
        closed_at="2026/1/6",
        accuracy_m="25",
        title=" 乱停车 ",
        address="示例路88弄3号",
    )

    assert report == IssueReport(
        source="complaint",
        external_id="GD0001",
        reported_at=datetime(2026, 1, 5, 0, 3, tzinfo=UTC),
        request_type="建议",
        category_major="出行停车",
        category_minor="违章停车",
        x=121.47,
        y=31.23,
        source_frame="EPSG:4490",
        accuracy_m=25.0,
        status="closed",
        closed_at=datetime(2026, 1, 5, 16, tzinfo=UTC),
        title="乱停车",
        description=None,
        address="示例路88弄3号",
    )


# 08:03 in Asia/Shanghai is 00:03 UTC.
@pytest.mark.parametrize(
    "written",
    [
        "2026/1/5 8:03",
        "2026-01-05 08:03",
        "2026-01-05 08:03:00.000",
        "2026.1.5 8:03:00",
        "2026-01-05T08:03:00+08:00",
        "2026-01-05T00:03:00Z",
        "2026-01-05T01:03+01:00",
        "2026年1月5日 8时3分",
        "2026年01月05日08时03分00秒",
        "2026-01-05 上午 8:03",
        "2026/1/5 8:03 AM",
        "20260105080300",
        "202601050803",
        datetime(2026, 1, 5, 8, 3),
        datetime(2026, 1, 5, 0, 3, 0, 999, tzinfo=UTC),
    ],
)
def test_one_moment_written_in_many_ways(written):
    assert read_moment(written) == datetime(2026, 1, 5, 0, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["2026-01-05", "2026/1/5", "20260105", "2026年1月5日", date(2026, 1, 5)]
)
def test_a_date_alone_is_its_midnight_in_shanghai(written):
    assert read_moment(written) == datetime(2026, 1, 4, 16, tzinfo=UTC)
    assert read_moment(written) == day_start(date(2026, 1, 5))


@pytest.mark.parametrize(
    ("written", "hour_utc"), [("2026-01-05 下午 3:05", 7), ("2026-01-05 12:05 PM", 4)]
)
def test_afternoon_hours_follow_noon(written, hour_utc):
    assert read_moment(written) == datetime(2026, 1, 5, hour_utc, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["26/1/5", "1/5/2026", "2026-02-30", "2026-1-5 25:00", "2026-1-5 下午 13:00", "2026-W01-1",
     "昨天", 46027, 46027.5, True, "0001-01-01T00:00", "2026-1-5 8:3:"],
)  # fmt: skip
def test_what_is_no_clear_moment_is_refused(written):
    with pytest.raises(ValueError):  # noqa: PT011 (its sentence is told by the cell)
        read_moment(written)


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"reported_at": "1900-01-00"}, "reported_at", "not a time"),
        ({"reported_at": "1900-01-01"}, "reported_at", "1900"),
        ({"reported_at": datetime(1899, 12, 30)}, "reported_at", "1900"),
        ({"reported_at": "1970-01-01 08:00:00"}, "reported_at", "1970"),
        ({"reported_at": "2027-11-21"}, "reported_at", "future"),
        ({"reported_at": "上周二"}, "reported_at", "not a time"),
        ({"reported_at": None}, "reported_at", "no time"),
        ({"reported_at": 46027.33}, "reported_at", "not a time"),
        ({"external_id": " "}, "external_id", "no number"),
        ({"external_id": 2.0260105123456788e16}, "external_id", "digits"),
        ({"external_id": 20260105123456700}, "external_id", "digits"),
        ({"external_id": "2.02601E+16"}, "external_id", "digits"),
        ({"external_id": "9" * 201}, "external_id", "longer"),
        ({"source": "火星"}, "source", "no such source"),
        ({"source": ""}, "source", "no source"),
        ({"x": "东经121度"}, "x", "is text"),
        ({"x": "1_21.4"}, "x", "is text"),
        ({"y": True}, "y", "is text"),
        ({"y": [31.2]}, "y", "is text"),
        ({"x": "nan"}, "x", "not a finite"),
        ({"x": math.nan}, "x", "not a finite"),
        ({"y": "inf"}, "y", "not a finite"),
        ({"y": "1e999"}, "y", "not a finite"),
        ({"y": 10**400}, "y", "is text"),
        ({"y": ""}, "y", "half"),
        ({"x": None}, "x", "half"),
        ({"x": "31.23", "y": "121.47"}, "x, y", "swapped"),
        ({"x": "0", "y": "0.0"}, "x, y", "0, 0"),
        ({"x": "353000", "y": "3456000"}, "x, y", "range of degrees"),
        ({"frame": None}, "frame", "without a frame"),
        ({"accuracy_m": "-1"}, "accuracy_m", "from 0"),
        ({"accuracy_m": "1e9"}, "accuracy_m", "from 0"),
        ({"accuracy_m": "很准"}, "accuracy_m", "is text"),
        ({"status": "飞走了"}, "status", "no such status"),
        ({"closed_at": "2026/1/4"}, "closed_at", "before it was reported"),
        ({"closed_at": "2027/11/21"}, "closed_at", "future"),
        ({"description": "长" * 20_001}, "description", "longer"),
        ({"title": "a\x00b"}, "title", "cannot be stored"),
        ({"title": "\ud800"}, "title", "cannot be stored"),
        ({"address": {"road": "x"}}, "address", "text"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_by_field_and_reason(cells, field, reason):
    error = read(**cells)

    assert isinstance(error, RowError)
    assert error.field == field
    assert reason in error.reason_en


def test_the_reason_never_holds_the_cell():
    phone = "13800000000"

    for field in ["source", "reported_at", "x", "accuracy_m", "status", "closed_at"]:
        error = read(**{field: f"电话{phone}"})
        assert isinstance(error, RowError)
        assert phone not in error.reason_en + error.reason_zh


def test_ten_megabytes_in_one_cell_are_refused():
    for field in LONGEST:
        assert isinstance(read(**{field: "x" * 10_000_000}), RowError)


def test_a_row_without_coordinates_is_kept():
    report = read(x="", y=None)

    assert isinstance(report, IssueReport)
    assert (report.x, report.y, report.source_frame) == (None, None, None)


def test_projected_coordinates_are_left_to_their_frame():
    report = read(x="353000.5", y="3456000", frame="EPSG:4549")

    assert (report.x, report.y, report.source_frame) == (353000.5, 3456000.0, "EPSG:4549")


def test_defaults_stand_in_for_rows_that_name_no_source_or_frame():
    cells = {**ROW, "source": None, "frame": ""}

    report = read_report(
        cells, profile=PROFILE, now=NOW, default_source="patrol", default_frame="GCJ02"
    )

    assert (report.source, report.source_frame) == ("patrol", "GCJ02")


def test_a_report_of_an_hour_ahead_is_a_clock_and_stays():
    assert isinstance(read(reported_at="2026-11-21T05:00:00Z"), IssueReport)


@pytest.mark.parametrize(
    ("cells", "status", "is_dated"),
    [
        ({}, "open", False),
        ({"closed_at": "2026/1/6"}, "closed", True),
        ({"status": "办结", "closed_at": "2026/1/6"}, "closed", True),
        ({"status": "办结"}, "closed", False),
        ({"status": "重办", "closed_at": "2026/1/6"}, "open", False),
    ],
)
def test_status_and_closing_time_agree(cells, status, is_dated):
    report = read(**cells)

    assert report.status == status
    assert (report.closed_at is not None) == is_dated


def test_a_category_nobody_knows_stays_as_written_and_an_empty_one_is_unclassified():
    unknown, empty = read(category_major="外星事务"), read(category_major="-")

    assert (unknown.category_major, unknown.category_minor) == ("外星事务", None)
    assert empty.category_major is None


def test_numbers_of_a_spreadsheet_make_the_same_key_as_their_text():
    assert read(external_id=12345.0).external_id == read(external_id="12345").external_id


def test_equal_reports_have_equal_hashes_and_any_change_another():
    report = read(title="a")

    assert content_hash(report) == content_hash(read(title=" a "))
    assert content_hash(report) != content_hash(read(title="b"))
    assert content_hash(read(title="a")) != content_hash(read(description="a"))


def test_changed_fields_are_named_in_their_order():
    assert changed_fields(read(), read(x="121.5", status="办结", address="示例路")) == [
        "x",
        "status",
        "address",
    ]


def test_an_open_report_makes_one_event_and_a_closed_one_two():
    closed = read(status="办结", closed_at="2026/1/6")

    assert [event.kind for event in events_of(read(), now=NOW)] == ["reported"]
    assert [event.kind for event in events_of(closed, now=NOW)] == ["reported", "closed"]
    answered = events_of(closed._replace(resolved="yes"), now=NOW)
    assert [event.kind for event in answered] == ["reported", "answered", "closed"]
    assert (answered[1].at, answered[1].payload) == (closed.closed_at, {"resolved": "yes"})
    assert [event.at for event in events_of(closed, now=NOW)] == [
        closed.reported_at,
        closed.closed_at,
    ]


def test_a_closing_without_a_time_happened_when_we_learned_of_it_and_says_no_time():
    closing = events_of(read(status="办结"), now=NOW)[1]

    assert (closing.at, closing.payload) == (NOW, {"closed_at": None})


def test_what_a_reporter_typed_and_the_exact_point_stay_out_of_the_events():
    old = read(title="甲", description="乙", address="丙路1号")
    new = read(title="甲", description="丁", address="丙路1号", x="121.5")

    reported, [updated] = events_of(old, now=NOW)[0], events_between(old, new, now=NOW)

    written = json.dumps(reported.payload, ensure_ascii=False)
    assert not [cell for cell in ["甲", "乙", "丙路", "121.47", "31.23"] if cell in written]
    assert reported.payload["private"] == ["x", "y", "title", "description", "address"]
    assert updated.payload == {"private": ["x", "description"]}


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({}, {}, []),
        ({}, {"status": "办结"}, ["closed"]),
        ({"status": "办结"}, {"status": "重办"}, ["reopened"]),
        ({}, {"status": "办结", "category_major": "养老"}, ["updated", "closed"]),
        ({"status": "办结"}, {"status": "办结", "closed_at": "2026/1/6"}, ["updated"]),
    ],
)
def test_the_events_between_two_reports(before, after, kinds):
    events = events_between(read(**before), read(**after), now=NOW)

    assert [event.kind for event in events] == kinds


@pytest.mark.parametrize(
    "kinds",
    [[], ["closed"], ["reported", "reported"], ["reported", "reopened"],
     ["reported", "closed", "closed"], ["reported", "vanished"]],
)  # fmt: skip
def test_a_history_that_cannot_have_happened_is_refused(kinds):
    with pytest.raises(IllegalTransition):
        fold(Event(kind, NOW, {}) for kind in kinds)


def test_an_illegal_event_says_what_is_legal_now():
    with pytest.raises(IllegalTransition) as caught:
        fold([Event("reported", NOW, {}), Event("reopened", NOW, {})])

    assert caught.value.state == "open"
    legal = ["updated", "answered", "closed", "reassigned", "step", "recomputed", "attached"]
    assert list(caught.value.legal) == [*legal, "erased"]


def test_photos_count_until_the_issue_is_reopened_and_an_erasure_changes_no_state():
    history = [Event("reported", NOW, {"source": "complaint"})]
    history += [Event("attached", NOW, {"kind": kind}) for kind in ("report", "after", "after")]
    attached = fold(history)
    assert attached.attached == ("report", "after")
    assert state_from_values(state_to_values(attached)) == attached
    assert fold([*history, Event("erased", NOW, {"reason": "request"})]) == attached

    closed = fold([*history, Event("closed", NOW, {"closed_at": None})])
    assert closed.attached == ("report", "after")
    assert fold([Event("reopened", NOW, {})], start=closed).attached == ("report",)


def test_another_owner_leaves_the_state_as_it_was():
    history = [Event("reported", NOW, {"source": "complaint"})]

    moved = fold([*history, Event("reassigned", NOW, {"old": "A", "new": "B"})])

    assert moved == fold(history)


def test_a_state_comes_back_from_its_plain_values():
    state = fold(events_of(read(status="办结", closed_at="2026/1/6"), now=NOW))

    assert state_from_values(json.loads(json.dumps(state_to_values(state)))) == state


def test_reopening_is_counted_and_takes_the_closing_time_away():
    history = [
        Event("reported", NOW, {"source": "complaint"}),
        Event("closed", NOW, {"closed_at": "2026-01-06T00:00:00+00:00"}),
        Event("reopened", NOW, {}),
    ]

    state = fold(history)

    assert (state.status, state.closed_at, state.reopened) == ("open", None, 1)
    assert state.values == {"source": "complaint"}
