"""Laws of governance: histories fold, moments come back, reading never breaks."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import orjson
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from geo_service.errors import InvalidProfile
from geo_service.governance.clock.calendar import shipped_calendar
from geo_service.governance.clock.deadline import DeadlineRules
from geo_service.governance.clock.limit import CLOCKS, Clock, Limit
from geo_service.governance.clock.run import DeadlineClock, Run, run_values, runs_text
from geo_service.governance.event import events_between, events_of, fold
from geo_service.governance.headings import issue_columns
from geo_service.governance.issue import (
    LONGEST,
    TOLD_BESIDE,
    IssueReport,
    RowError,
    changed_fields,
    content_hash,
    read_report,
)
from geo_service.governance.moment import SHANGHAI, read_moment
from geo_service.governance.profile import parse_profile, shipped_profile
from geo_service.governance.reports.reading import read_reports
from geo_service.services.issues.prepared import prepared, written_events

PROFILE = shipped_profile("generic")
DEADLINES = DeadlineClock(PROFILE.deadlines, Clock(shipped_calendar(), PROFILE.deadlines.hours))
NO_DEADLINES = DeadlineRules({}, {}, PROFILE.deadlines.hours)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
moments = st.datetimes(
    min_value=datetime(1992, 1, 2),
    max_value=datetime(2199, 12, 30),
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
texts = st.none() | st.text(min_size=1, max_size=5)


@st.composite
def reports(draw):
    """Reports of one issue, as its source may tell it at different times."""
    status = draw(st.sampled_from(["open", "closed"]))
    has_place = draw(st.booleans())
    return IssueReport(
        source="complaint",
        external_id="GD1",
        reported_at=draw(moments),
        request_type=draw(texts),
        category_major=draw(texts),
        category_minor=draw(texts),
        x=draw(st.floats(-180, 180)) if has_place else None,
        y=draw(st.floats(-90, 90)) if has_place else None,
        source_frame="GCJ02" if has_place else None,
        status=status,
        closed_at=draw(st.none() | moments) if status == "closed" else None,
        title=draw(texts),
        description=draw(texts),
        address=draw(texts),
    )


def without_count(state):
    return state._replace(reopened=0)


@given(st.lists(reports(), min_size=1, max_size=5))
def test_the_fold_of_a_history_is_the_state_of_the_last_report(versions):
    history = events_of(versions[0], now=NOW)
    for old, new in pairwise(versions):
        history += events_between(old, new, now=NOW)

    state = fold(history)

    assert without_count(state) == fold(events_of(versions[-1], now=NOW))
    reopened = sum(
        old.status == "closed" and new.status == "open" for old, new in pairwise(versions)
    )
    assert state.reopened == reopened


@given(st.lists(reports(), min_size=2, max_size=4), st.data())
def test_a_fold_may_stop_and_go_on_anywhere(versions, data):
    history = events_of(versions[0], now=NOW)
    for old, new in pairwise(versions):
        history += events_between(old, new, now=NOW)
    cut = data.draw(st.integers(1, len(history)))

    assert fold(history[cut:], start=fold(history[:cut])) == fold(history)


@given(reports(), reports())
def test_two_reports_differ_in_hash_fields_and_events_together(old, new):
    is_same = content_hash(old) == content_hash(new)

    assert is_same == (changed_fields(old, new) == [])
    assert is_same == (events_between(old, new, now=NOW) == [])


@given(moments, st.integers(-14, 14))
def test_a_moment_comes_back_from_every_zone_it_is_written_in(moment, hours):
    zone = timezone(timedelta(hours=hours))

    assert read_moment(moment.astimezone(zone).isoformat()) == moment
    assert read_moment(f"{moment.astimezone(SHANGHAI):%Y/%m/%d %H:%M:%S}") == moment
    assert read_moment(f"{moment.astimezone(SHANGHAI):%Y年%m月%d日%H时%M分%S秒}") == moment


cells = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.lists(st.integers(), max_size=2),
)
fields = [*LONGEST, "reported_at", "closed_at", "x", "y", "accuracy_m"]


@given(st.dictionaries(st.sampled_from(fields), cells))
def test_whatever_stands_in_a_row_gives_a_report_or_a_reason(row):
    result = read_report(
        row, profile=PROFILE, now=NOW, default_source="patrol", default_frame="EPSG:4490"
    )

    assert isinstance(result, IssueReport | RowError)
    if isinstance(result, RowError):
        assert result.field
        assert result.reason_zh
        assert result.reason_en


@given(reports(), moments)
def test_a_report_is_prepared_with_the_events_that_it_starts_with(report, now):
    without = DeadlineClock(NO_DEADLINES, DEADLINES.clock)
    rules = without if report.status == "closed" else DEADLINES
    [made] = prepared([report], now=now, deadlines=rules)
    expected, _ = written_events(events_of(report, now=now), start=None, deadlines=rules)

    assert list(made.events) == expected
    assert made.content_hash == content_hash(report)
    values = [each.isoformat() if isinstance(each, datetime) else each for each in report]
    # the four that lists may tell beside came later: a report without them has the hash it had
    if not any(getattr(report, name) for name in TOLD_BESIDE):
        values = values[: -len(TOLD_BESIDE)]
    text = json.dumps(values, ensure_ascii=False)
    assert made.content_hash == hashlib.sha256(text.encode()).hexdigest()


rows = st.builds(
    lambda told, other: {**told, **other},
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["complaint", "市民热线"]),
            "external_id": st.text("GD123", min_size=1),
            "reported_at": st.sampled_from(["2026-11-01 08:00:00", "2026/1/5 8:03"]),
        },
        optional={
            "x": st.floats(100, 200) | st.sampled_from(["121.5", 0.0, -0.0]),
            "y": st.floats(0, 100) | st.sampled_from(["31.2", 0.0]),
            "frame": st.sampled_from(["EPSG:4490", "gcj02", "EPSG:4549", "EPSG:99"]),
            "accuracy_m": st.floats(-1, 6_000) | st.just("25"),
            "status": st.sampled_from(["办结", "处理中", "open", "谁知道"]),
            "closed_at": st.sampled_from(["2026-11-02", "2020-01-01", "昨天"]),
            "category_major": st.sampled_from(["出行停车", "违停", "自己的"]),
            "category_minor": st.sampled_from(["违停", "自己的"]),
            "condition": st.sampled_from(["是", "否", "urgent", "谁知道"]),
            "resolved": st.sampled_from(["是", "yes", "谁知道", 1]),
        },
    ),
    st.dictionaries(st.sampled_from(fields), cells, max_size=1),
)


@given(st.lists(rows | st.just(RowError("*", "坏行", "a damaged row")), max_size=12), st.booleans())
def test_many_rows_are_read_as_each_alone(told, has_defaults):
    how = {
        "profile": PROFILE,
        "now": NOW,
        "default_source": "patrol" if has_defaults else None,
        "default_frame": "EPSG:4490" if has_defaults else None,
    }

    read = read_reports(told, **how)

    alone = [row if isinstance(row, RowError) else read_report(row, **how) for row in told]
    assert list(map(repr, read)) == list(map(repr, alone))


@st.composite
def told_reports(draw):
    """Reports with everything that lists may tell, numbers of any size and texts of any kind."""
    texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    answers = {name: draw(texts) for name in TOLD_BESIDE} if draw(st.booleans()) else {}
    numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
    places = {name: draw(numbers) for name in ("x", "y", "accuracy_m")}
    return draw(reports())._replace(title=draw(texts), **places, **answers)


URGENT = IssueReport("complaint", "GD1", NOW, condition="urgent", resolved="yes")


@given(st.lists(told_reports(), min_size=1, max_size=12), moments)
@example([URGENT, URGENT._replace(condition=None)] * 3, NOW)
def test_many_reports_are_prepared_as_each_alone(told, now):
    together = prepared(told, now=now, deadlines=DEADLINES)

    assert together == [prepared([each], now=now, deadlines=DEADLINES)[0] for each in told]
    assert [each.content_hash for each in together] == list(map(content_hash, told))
    for each in together:
        expected, _ = written_events(
            events_of(each.report, now=now),
            start=None,
            deadlines=DeadlineClock(NO_DEADLINES, DEADLINES.clock),
        )
        assert [_without_deadlines(event) for event in each.events] == [
            _without_deadlines(event) for event in expected
        ]


LIMIT = Limit("working_days", 2)
seconds = st.none() | st.integers(0, 2**33)
runs = st.builds(
    Run,
    from_s=st.integers(0, 2**33),
    due_s=seconds,
    limit=st.none() | st.builds(Limit, st.sampled_from(CLOCKS), st.sampled_from([2, 2.0, 0.5])),
    is_provisional=st.booleans(),
    is_told=st.booleans(),
    ended_s=seconds,
    late_before=st.integers(0, 1),
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), runs))
@example({"handling": Run(1, 2, LIMIT)})
@example({"handling": Run(1, 2, LIMIT, is_provisional=True, ended_s=3), "other": Run(1)})
def test_runs_are_written_as_their_values_are(told):
    assert (
        runs_text(told) == orjson.dumps({n: run_values(each) for n, each in told.items()}).decode()
    )


def _without_deadlines(event):
    kind, at_s, *texts = event
    values = [json.loads(text) for text in texts]
    return kind, at_s, [{**each, "deadlines": None} for each in values]


@given(reports(), moments)
def test_a_report_that_comes_in_closed_tells_how_its_main_deadline_ended(report, now):
    closed = report._replace(status="closed", closed_at=now)
    [made] = prepared([closed], now=now, deadlines=DEADLINES)
    states = [json.loads(state) for _, _, _, state in made.events]

    assert "deadlines" not in states[0]
    [(name, run)] = states[1]["deadlines"].items()
    assert (name, run["from_s"]) == ("handling", int(report.reported_at.timestamp()))
    assert made.dues.is_late == (run["ended_s"] > run["due_s"])
    assert made.dues[:2] == (run["due_s"], None)


@given(st.lists(st.text(max_size=8), unique=True, max_size=12))
def test_every_heading_is_used_dropped_or_unused_exactly_once(headings):
    columns = issue_columns(headings)

    told = [*columns.heading_by_field.values(), *columns.dropped, *columns.unused]
    assert sorted(told) == sorted(headings)


@given(st.text(max_size=200))
def test_a_text_that_is_no_profile_is_refused_with_a_line_it_has(text):
    assume("[[layers]]" not in text)

    with pytest.raises(InvalidProfile) as caught:
        parse_profile(text, file="own.toml")

    assert 1 <= caught.value.line <= text.count("\n") + 1
