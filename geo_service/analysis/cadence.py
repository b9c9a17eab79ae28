"""The days of sheets: a day, a week, an appraisal month or quarter, and what they stand against."""

from datetime import date, timedelta

from geo_service.analysis.periods import Period
from geo_service.errors import InvalidPeriod, InvalidValue
from geo_service.governance.moment import SHANGHAI

KINDS = ("day", "week", "month", "quarter")
_MONTHS = 12
_QUARTER = 3
_FIRST_YEAR, _LAST_YEAR = 1994, 2198
_YEAR_OF_WEEKS = timedelta(weeks=52)


def sheet_period(kind: str, day: date, *, month_from_day: int = 1) -> Period:
    """Return the period of a kind that a day lies in.

    A week begins on Monday. A month begins on ``month_from_day`` (1 to 28) and is named after the
    month it ends in; a quarter is three of them, the first of a year ends in March.

    Raises
    ------
    InvalidValue
        A kind that is none of KINDS.
    InvalidPeriod
        A day before 1994 or after 2198: there is no year before it, or no quarter to its end.
    """
    if kind not in KINDS:
        raise InvalidValue("kind", "、".join(KINDS) + " 之一", "one of " + ", ".join(KINDS))
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise InvalidPeriod(
            str(day),
            f"年份应在 {_FIRST_YEAR} 到 {_LAST_YEAR} 之间",
            f"years go from {_FIRST_YEAR} to {_LAST_YEAR}",
        )
    if kind == "day":
        return Period.from_days(day, day + timedelta(1))
    if kind == "week":
        monday = day - timedelta(day.weekday())
        return Period.from_days(monday, monday + timedelta(7))
    begins_before = month_from_day > 1
    # months since year 0 that the named month is
    named = day.year * _MONTHS + day.month - 1 + (begins_before and day.day >= month_from_day)
    first = named - named % _QUARTER if kind == "quarter" else named
    length = _QUARTER if kind == "quarter" else 1
    start = first - begins_before
    return Period.from_days(_start(start, month_from_day), _start(start + length, month_from_day))


def period_before(kind: str, period: Period, *, month_from_day: int = 1) -> Period:
    """Return the period of the same kind right before (环比)."""
    first = period.start.astimezone(SHANGHAI).date()
    return sheet_period(kind, first - timedelta(1), month_from_day=month_from_day)


def year_before(kind: str, period: Period) -> Period:
    """Return the same days a year before (同比); of a week those 52 weeks before.

    The end of February gives way to the 28th.
    """
    first, end = (each.astimezone(SHANGHAI).date() for each in (period.start, period.end))
    if kind == "week":
        return Period.from_days(first - _YEAR_OF_WEEKS, end - _YEAR_OF_WEEKS)
    if kind == "day":
        before = _last_year(first)
        return Period.from_days(before, before + timedelta(1))
    return Period.from_days(_last_year(first), _last_year(end))


def _start(month: int, day: int) -> date:
    return date(month // _MONTHS, month % _MONTHS + 1, day)


def _last_year(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year - 1, day.month, 28 if is_leap_day else day.day)
