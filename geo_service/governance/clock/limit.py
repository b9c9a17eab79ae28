"""When something is due: limits in hours and days, pauses, and how much time was used.

Days follow articles 201 and 203 of the Civil Code: the day something begins on does not count, the
last day ends at midnight, or when the office closes where there are office hours, and a last day
that is not worked gives way to the next one that is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
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


@dataclass(frozen=True)
class Clock:
    """How time counts in one office."""

    calendar: WorkCalendar
    hours: OfficeHours = OfficeHours()

    def due(self, limit: Limit, *, from_s: int, pauses: Sequence[Pause] = ()) -> Due:
        """Return when a limit that began at a moment is reached; seconds since 1970 UTC.

        It is the first moment by which the amount was used. A limit in days that is reached within
        a day, which pauses may bring about, lasts until that day ends. ``pauses`` stand in order
        and do not overlap; what lies before ``from_s`` says nothing.
        """
        left_s = round(limit.amount * (DAY_S if _is_in_days(limit.clock) else HOUR_S))
        for start_s, end_s in self._counting(limit.clock, from_s, pauses):
            if left_s <= end_s - start_s:
                return self._reached(limit.clock, from_s, start_s + left_s)
            left_s -= end_s - start_s
        return Due(None, is_provisional=False)

    def used_s(self, clock: str, *, from_s: int, to_s: int, pauses: Sequence[Pause] = ()) -> int:
        """Return how many seconds counted between two moments; none if they are in wrong order."""
        spans = takewhile(lambda span: span[0] < to_s, self._counting(clock, from_s, pauses))
        return sum(min(end_s, to_s) - start_s for start_s, end_s in spans)

    def _reached(self, clock: str, from_s: int, at_s: int) -> Due:
        last_day = _day(at_s - 1)
        if _is_in_days(clock):
            if clock == CALENDAR_DAYS:
                last_day = next(day for day in count(last_day) if self.calendar.is_worked(day))
            closing_s = self.hours.spans[-1][1] if self.hours.closes_days else DAY_S
            at_s = _midnight_s(last_day) + closing_s
        is_known = clock == CONTINUOUS_HOURS or self.calendar.is_announced(_day(from_s), last_day)
        return Due(at_s, is_provisional=not is_known)

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


def is_in_hours(limit: Limit) -> bool:
    """Tell whether a limit is used up within days; one in days begins with the next day."""
    return not _is_in_days(limit.clock)


def day_start_s(at_s: int) -> int:
    """Return the midnight that a day of Asia/Shanghai began with; seconds since 1970 UTC."""
    return _midnight_s(_day(at_s))


def _is_in_days(clock: str) -> bool:
    return clock in {WORKING_DAYS, CALENDAR_DAYS}


def _day(at_s: int) -> int:
    return (at_s + _AHEAD_S) // DAY_S


def _midnight_s(day: int) -> int:
    return day * DAY_S - _AHEAD_S
