"""When something is due: limits in hours and days, and pauses.

Days follow articles 201 and 203 of the Civil Code: the day something begins on does not count, the
last day ends at midnight, or when the office closes where there are office hours, and a last day
that is not worked gives way to the next one that is.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from geo_service.governance.clock.calendar import WorkCalendar

CONTINUOUS_HOURS, WORKING_HOURS = "continuous_hours", "working_hours"
WORKING_DAYS, CALENDAR_DAYS = "working_days", "calendar_days"
CLOCKS = (CONTINUOUS_HOURS, WORKING_HOURS, WORKING_DAYS, CALENDAR_DAYS)

HOUR_S = 3_600
DAY_S = 86_400
_AHEAD_S = 8 * HOUR_S
"""Asia/Shanghai is ahead of UTC; days begin at its midnights."""


@dataclass(frozen=True)
class OfficeHours:
    """When the office is open on a worked day: seconds after midnight, in order, not touching.

    ``closes_days`` tells that a limit in days ends when the office closes, not at midnight.
    """

    spans: tuple[tuple[int, int], ...] = ((9 * HOUR_S, 12 * HOUR_S), (13 * HOUR_S, 18 * HOUR_S))
    closes_days: bool = False


class Limit(NamedTuple):
    """So many hours or days of one of CLOCKS; the amount is above 0."""

    clock: str
    amount: float


class Pause(NamedTuple):
    """A time that does not count, from its start on until before its end; None: not ended yet."""

    from_s: int
    to_s: int | None


class Due(NamedTuple):
    """When something is due (seconds since 1970 UTC), None while it is paused.

    ``is_provisional`` tells that a year it depends on was not announced: it may move when it is.
    """

    at_s: int | None
    is_provisional: bool


class _Ahead(NamedTuple):
    """The spans that a limit may need which begins on a day, as columns, in order.

    ``before_s`` and ``total_s`` are what counted since that day began when each starts and ends.
    ``is_known`` tells whether its year and all before it were announced.
    """

    start_s: tuple[int, ...]
    end_s: tuple[int, ...]
    before_s: tuple[int, ...]
    total_s: tuple[int, ...]
    is_known: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Clock:
    """How time counts in one office; what limits meet from a day on is reckoned once."""

    calendar: WorkCalendar
    hours: OfficeHours = OfficeHours()

    def due(self, limit: Limit, *, from_s: int, pauses: Sequence[Pause] = ()) -> Due:
        """Return when a limit that began at a moment is reached; seconds since 1970 UTC.

        It is the first moment by which the amount was used. A limit in days that is reached within
        a day, which pauses may bring about, lasts until that day ends. ``pauses`` stand in order
        and do not overlap; what lies before ``from_s`` says nothing.
        """
        if pauses:
            return self.counted(limit, from_s, pauses)
        day = _day(from_s)
        if _is_in_days(limit.clock):
            return _due_in_days(self, limit, day)
        ahead = _ahead(self, limit, day)
        at = bisect_right(ahead.start_s, from_s) - 1
        wanted_s = _amount_s(limit)
        if at >= 0:
            wanted_s += ahead.before_s[at] + min(from_s, ahead.end_s[at]) - ahead.start_s[at]
        at = bisect_left(ahead.total_s, wanted_s)
        at_s = ahead.start_s[at] + wanted_s - ahead.before_s[at]
        return Due(at_s, is_provisional=not ahead.is_known[at])

    def spans_ahead(self, limit: Limit, day: int) -> _Ahead:
        """Return the spans that a limit may need which begins on a day."""
        rows: list[tuple[int, int, int, int, bool]] = []
        total_s, left_s = 0, _amount_s(limit)
        spans = self._spans(limit.clock, _midnight_s(day))
        while left_s > 0 or not rows:
            start_s, end_s = next(spans)
            on, before_s = _day(start_s), total_s
            total_s += end_s - start_s
            rows.append((start_s, end_s, before_s, total_s, self._is_known(limit.clock, day, on)))
            # however late on its first day the limit begins, the days after it are enough
            left_s -= end_s - start_s if on > day else 0
        return _Ahead(*zip(*rows, strict=True))

    def counted(self, limit: Limit, from_s: int, pauses: Sequence[Pause]) -> Due:
        """Return when a limit is reached, counting what is left of it span by span."""
        left_s = _amount_s(limit)
        for start_s, end_s in self._counting(limit.clock, from_s, pauses):
            if left_s <= end_s - start_s:
                return self._reached(limit.clock, from_s, start_s + left_s)
            left_s -= end_s - start_s
        return Due(None, is_provisional=False)

    def _reached(self, clock: str, from_s: int, at_s: int) -> Due:
        last_day = _day(at_s - 1)
        if _is_in_days(clock):
            if clock == CALENDAR_DAYS:
                last_day = next(day for day in count(last_day) if self.calendar.is_worked(day))
            closing_s = self.hours.spans[-1][1] if self.hours.closes_days else DAY_S
            at_s = _midnight_s(last_day) + closing_s
        return Due(at_s, is_provisional=not self._is_known(clock, _day(from_s), last_day))

    def _is_known(self, clock: str, first_day: int, last_day: int) -> bool:
        return clock == CONTINUOUS_HOURS or self.calendar.is_announced(first_day, last_day)

    def _counting(
        self, clock: str, from_s: int, pauses: Sequence[Pause]
    ) -> Iterator[tuple[int, int]]:
        """Yield the spans that count from a moment on, without pauses; for ever, if none is open.

        With an open pause the spans end where it begins.
        """
        left = [pause for pause in pauses if pause.to_s is None or pause.to_s > from_s]
        spans = self._spans(clock, from_s)
        while True:
            start_s, end_s = next(spans)
            at_s = max(start_s, from_s)
            while left and left[0].from_s < end_s:
                if left[0].from_s > at_s:
                    yield at_s, left[0].from_s
                if left[0].to_s is None:
                    return
                at_s = max(at_s, left[0].to_s)
                if at_s > end_s:
                    break
                left.pop(0)
            if at_s < end_s:
                yield at_s, end_s

    def _spans(self, clock: str, from_s: int) -> Iterator[tuple[int, int]]:
        """Yield the spans of a clock that end after a moment, in order."""
        day = _day(from_s) + _is_in_days(clock)
        while True:
            midnight_s = _midnight_s(day)
            if clock in {CONTINUOUS_HOURS, CALENDAR_DAYS}:
                yield midnight_s, midnight_s + DAY_S
            elif self.calendar.is_worked(day):
                spans = self.hours.spans if clock == WORKING_HOURS else ((0, DAY_S),)
                for opens_s, closes_s in spans:
                    if midnight_s + closes_s > from_s:
                        yield midnight_s + opens_s, midnight_s + closes_s
            day += 1


@lru_cache(maxsize=65_536)
def _due_in_days(clock: Clock, limit: Limit, day: int) -> Due:
    """Return when a limit in days is due that begins on a day, at whatever hour."""
    return clock.counted(limit, _midnight_s(day), ())


@lru_cache(maxsize=65_536)
def _ahead(clock: Clock, limit: Limit, day: int) -> _Ahead:
    return clock.spans_ahead(limit, day)


def _amount_s(limit: Limit) -> int:
    return round(limit.amount * (DAY_S if _is_in_days(limit.clock) else HOUR_S))


def _is_in_days(clock: str) -> bool:
    return clock in {WORKING_DAYS, CALENDAR_DAYS}


def _day(at_s: int) -> int:
    return (at_s + _AHEAD_S) // DAY_S


def _midnight_s(day: int) -> int:
    return day * DAY_S - _AHEAD_S
