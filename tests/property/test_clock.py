"""Limits and pauses beside a counter that looks at every minute of four years."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.governance.clock.calendar import shipped_calendar
from geo_service.governance.clock.limit import (
    CALENDAR_DAYS,
    CLOCKS,
    CONTINUOUS_HOURS,
    WORKING_DAYS,
    WORKING_HOURS,
    Clock,
    Limit,
    OfficeHours,
    Pause,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2023, 1, 1, tzinfo=SHANGHAI)
DAYS = (datetime(2027, 1, 1, tzinfo=SHANGHAI) - FIRST).days
FIRST_S = int(FIRST.timestamp())
A_DAY = 24 * 60
HOURS = ((8 * 60 + 30, 11 * 60 + 30), (13 * 60, 17 * 60), (18 * 60, 18 * 60 + 45))
OPEN = OfficeHours(tuple((a * 60, b * 60) for a, b in HOURS))
WORKED = np.array(
    [chinese_calendar.is_workday((FIRST + timedelta(days=i)).date()) for i in range(DAYS)]
)
OF_DAY, MINUTE = np.divmod(np.arange(DAYS * A_DAY), A_DAY)
AT_OFFICE = WORKED[OF_DAY] & np.logical_or.reduce([(a <= MINUTE) & (b > MINUTE) for a, b in HOURS])

starts = st.integers(0, (DAYS - 120) * A_DAY)
AMOUNTS = st.integers(1, 60) | st.sampled_from([0.5, 1.25, 7.75])
spans = st.lists(st.integers(0, 40 * A_DAY), max_size=8).map(sorted)


def counting(clock, start):
    """Return which of the minutes that follow count."""
    seen = slice(start, start + 120 * A_DAY)
    if clock == CONTINUOUS_HOURS:
        return np.ones(120 * A_DAY, dtype=bool)
    if clock == WORKING_HOURS:
        return AT_OFFICE[seen].copy()
    later = OF_DAY[seen] > start // A_DAY
    return later & WORKED[OF_DAY[seen]] if clock == WORKING_DAYS else later


def without(mask, start, edges):
    """Leave out the time between each first and second of some moments."""
    pauses = []
    for a, b in zip(edges[::2], edges[1::2], strict=False):
        mask[a:b] = False
        pauses.append(Pause(FIRST_S + (start + a) * 60, FIRST_S + (start + b) * 60))
    return pauses


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("closes_days", [False, True])
@given(start=starts, amount=st.integers(1, 20), edges=spans)
def test_a_limit_ends_where_counting_every_minute_ends(clock, closes_days, start, amount, edges):
    mask = counting(clock, start)
    pauses = without(mask, start, edges)
    wanted = amount * (A_DAY if clock in {WORKING_DAYS, CALENDAR_DAYS} else 60)
    last = start + int(np.flatnonzero(mask)[wanted - 1])
    if clock in {WORKING_DAYS, CALENDAR_DAYS}:
        day = last // A_DAY
        while clock == CALENDAR_DAYS and not WORKED[day]:
            day += 1
        last = day * A_DAY + (HOURS[-1][1] if closes_days else A_DAY) - 1
    ours = Clock(shipped_calendar(), OfficeHours(OPEN.spans, closes_days))
    due = ours.due(Limit(clock, amount), from_s=FIRST_S + start * 60, pauses=pauses)
    assert due == (FIRST_S + (last + 1) * 60, False)


@given(start=starts, pause=st.integers(0, 100), amount=st.integers(1, 9))
def test_nothing_is_due_while_it_is_paused_unless_it_was_due_before(start, pause, amount):
    from_s = FIRST_S + start * 60
    clock, limit = Clock(shipped_calendar(), OPEN), Limit(CONTINUOUS_HOURS, amount)
    due = clock.due(limit, from_s=from_s, pauses=[Pause(from_s + pause * 360, None)])
    reached_s = from_s + amount * 3600
    assert due.at_s == (reached_s if amount * 10 <= pause else None)


def test_days_are_those_of_the_civil_code():
    clock, friday = Clock(shipped_calendar()), datetime(2026, 9, 25, 10, tzinfo=SHANGHAI)
    from_s = int(friday.timestamp())

    def due(name, amount, **how):
        at_s = clock.due(Limit(name, amount), from_s=from_s, **how).at_s
        return datetime.fromtimestamp(at_s, UTC).astimezone(SHANGHAI).strftime("%m-%d %H:%M")

    # 2026: Friday 25 to Sunday 27 September is Mid-autumn Festival, 1 to 7 October National Day
    assert due(WORKING_DAYS, 1) == "09-29 00:00"  # Monday ends; the day it came does not count
    assert due(CALENDAR_DAYS, 1) == "09-29 00:00"  # Saturday and Sunday give way
    assert due(CALENDAR_DAYS, 7) == "10-09 00:00"  # 2 October gives way to the 8th
    assert due(CONTINUOUS_HOURS, 2) == "09-25 12:00"
    assert due(WORKING_HOURS, 2) == "09-28 11:00"  # a holiday: it begins when the office opens
    paused = [Pause(from_s + 3 * 86_400, from_s + 3 * 86_400 + 3_600)]  # an hour of Monday
    assert due(WORKING_DAYS, 1, pauses=paused) == "09-30 00:00"


def test_a_limit_into_a_year_that_was_not_announced_is_provisional():
    clock = Clock(shipped_calendar())
    from_s = int(datetime(2026, 12, 30, 9, tzinfo=SHANGHAI).timestamp())
    assert not clock.due(Limit(WORKING_DAYS, 1), from_s=from_s).is_provisional
    assert clock.due(Limit(WORKING_DAYS, 2), from_s=from_s).is_provisional
    assert not clock.due(Limit(CONTINUOUS_HOURS, 99), from_s=from_s).is_provisional


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("closes_days", [False, True])
@given(minute=st.integers(-A_DAY, DAYS * A_DAY), second=st.integers(0, 59), amount=AMOUNTS)
def test_a_limit_without_pauses_ends_where_one_with_a_pause_before_it_does(
    clock, closes_days, minute, second, amount
):
    ours = Clock(shipped_calendar(), OfficeHours(OPEN.spans, closes_days))
    from_s = FIRST_S + minute * 60 + second
    before = [Pause(from_s - 2, from_s - 1)]

    alone = ours.due(Limit(clock, amount), from_s=from_s)

    assert alone == ours.due(Limit(clock, amount), from_s=from_s, pauses=before)
