"""Which days are worked: weekdays, but for the holidays and the made-up days of each year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from geo_service.governance.moment import SHANGHAI, day_start
from geo_service.governance.profile_file import TABLES, TEXT, Kind, Place, ProfileFile

_EPOCH = date(1970, 1, 1).toordinal()
_WEEKEND = (5, 6)
_THURSDAY = 3
"""The day of the week that 1970-01-01 was; Monday is 0."""
_YEARS = range(1992, 2200)
_SHIPPED = "calendars"

_DAY = Kind("日期，如 2026-02-14", "a date such as 2026-02-14", lambda value: type(value) is date)
_DAYS = Kind(
    "日期列表",
    "a list of dates",
    lambda value: isinstance(value, list) and all(type(each) is date for each in value),
)
_YEAR = Kind(
    "1992 到 2199 之间的年份",
    "a year from 1992 to 2199",
    lambda value: type(value) is int and value in _YEARS,
)
_KEYS = {"year": _YEAR, "workdays": _DAYS, "holidays": TABLES}
_HOLIDAY_KEYS = {"name": TEXT, "from": _DAY, "to": _DAY}


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to a day."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """Return the day that is so many days after 1970-01-01."""
    return date.fromordinal(number + _EPOCH)


@dataclass(frozen=True)
class CalendarYear:
    """One year as the government announced it: holidays by day, and weekend days that are worked.

    A holiday may fall on a weekend; a worked day always does, or it would say nothing.
    """

    year: int
    holidays: dict[date, str]
    workdays: frozenset[date]


class WorkCalendar:
    """Which days are worked, from the years that were announced; past them weekends alone tell.

    Days are numbers, counted from 1970-01-01 (day_number).
    """

    def __init__(self, years: Iterable[CalendarYear]) -> None:
        """Take years in any order; of two for the same year the later one counts."""
        by_year = {each.year: each for each in years}
        self._by_year = by_year
        self.years = frozenset(by_year)
        self._off = {day_number(day) for each in by_year.values() for day in each.holidays}
        self._worked = {day_number(day) for each in by_year.values() for day in each.workdays}

    def with_years(self, years: Iterable[CalendarYear]) -> "WorkCalendar":
        """Return a calendar that knows these years too, or knows them otherwise."""
        return WorkCalendar([*self._by_year.values(), *years])

    def is_worked(self, day: int) -> bool:
        """Tell whether a day is worked, as far as anybody knows."""
        if day in self._off:
            return False
        return (day + _THURSDAY) % 7 not in _WEEKEND or day in self._worked

    def is_announced(self, first_day: int, last_day: int) -> bool:
        """Tell whether every year was announced that holds a day from the first to the last."""
        return self.years.issuperset(range(day_of(first_day).year, day_of(last_day).year + 1))

    def announced_until_s(self, at_s: int) -> int:
        """Return where the first year begins, of a moment's own on, that was not announced.

        Both are seconds since 1970 UTC; years are those of Asia/Shanghai.
        """
        year = datetime.fromtimestamp(at_s, SHANGHAI).year
        while year in self.years:
            year += 1
        return int(day_start(date(year, 1, 1)).timestamp())


def read_calendar_year(text: str, *, file: str) -> CalendarYear:
    """Return the year that a TOML text describes: ``year``, ``workdays``, tables of ``holidays``.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason: TOML errors, unknown keys, days of another year, a holiday
        that ends before it begins, two holidays on one day, a worked day that is a holiday or no
        weekend day.
    """
    source = ProfileFile(text, file=file)
    source.check_keys(Place(), source.tables, _KEYS, required=list(_KEYS))
    year = source.tables["year"]
    holidays: dict[date, str] = {}
    for index, table in enumerate(source.tables["holidays"]):
        place = Place("holidays", index)
        source.check_keys(place, table, _HOLIDAY_KEYS, required=list(_HOLIDAY_KEYS))
        for day in _days_of(source, place, table):
            _check_year(source, Place("holidays", index, "from"), day, year)
            if day in holidays:
                raise source.error(
                    Place("holidays", index, "from"),
                    zh=f"{day} 已属于“{holidays[day]}”",
                    en=f"{day} is a day of '{holidays[day]}' already",
                )
            holidays[day] = table["name"]
    workdays = source.tables["workdays"]
    for day in workdays:
        _check_workday(source, day, year, holidays)
    return CalendarYear(year, holidays, frozenset(workdays))


@cache
def shipped_calendar() -> WorkCalendar:
    """Return the calendar of the years that come with the product."""
    folder = files("geo_service.governance") / _SHIPPED
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".toml"))
    texts = ((name, (folder / name).read_text(encoding="utf-8")) for name in names)
    return WorkCalendar(read_calendar_year(text, file=name) for name, text in texts)


def _days_of(source: ProfileFile, place: Place, table: dict[str, Any]) -> list[date]:
    first, last = table["from"], table["to"]
    if last < first:
        raise source.error(
            Place(place.section, place.index, "to"),
            zh=f"结束日 {last} 早于开始日 {first}",
            en=f"it ends on {last}, before it begins on {first}",
        )
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _check_year(source: ProfileFile, place: Place, day: date, year: int) -> None:
    if day.year != year:
        raise source.error(place, zh=f"{day} 不在 {year} 年", en=f"{day} is not in {year}")


def _check_workday(source: ProfileFile, day: date, year: int, holidays: dict[date, str]) -> None:
    place = Place(key="workdays", word=day.isoformat())
    _check_year(source, place, day, year)
    if day in holidays:
        raise source.error(
            place,
            zh=f"{day} 同时是“{holidays[day]}”假日",
            en=f"{day} is a holiday ('{holidays[day]}') too",
        )
    if day.weekday() not in _WEEKEND:
        raise source.error(
            place,
            zh=f"{day} 不是周末，本来就上班",
            en=f"{day} is no weekend day, it is worked anyway",
        )
