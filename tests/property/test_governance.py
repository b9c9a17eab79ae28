"""Laws of governance: histories fold, moments come back, reading never breaks."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_service.errors import InvalidProfile
from geo_service.governance.clock.calendar import shipped_calendar
from geo_service.governance.clock.deadline import DeadlineRules
from geo_service.governance.clock.limit import Clock
from geo_service.governance.clock.run import DeadlineClock
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
