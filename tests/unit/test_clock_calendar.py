"""Which days are worked: the shipped years beside chinesecalendar, and files that say odd."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from geo_service.errors import InvalidProfile
from geo_service.governance.clock.calendar import (
    WorkCalendar,
    day_number,
    day_of,
    read_calendar_year,
    shipped_calendar,
)

YEAR = """
year = 2027
workdays = [2027-02-20]

[[holidays]]
name = "春节"
from = 2027-02-05
to = 2027-02-11
"""


def test_every_day_of_the_shipped_years_is_worked_as_it_was_announced():
    calendar = shipped_calendar()
    assert calendar.years == set(range(2016, 2027))
    first, last = date(2016, 1, 1), date(2026, 12, 31)
    for day in (first + timedelta(days=i) for i in range((last - first).days + 1)):
        assert calendar.is_worked(day_number(day)) == chinese_calendar.is_workday(day), day
    assert calendar.is_announced(day_number(first), day_number(last))
    assert not calendar.is_announced(day_number(first), day_number(last) + 1)


def test_a_year_that_nobody_announced_is_worked_from_monday_to_friday():
    days = [day_number(date(2031, 10, i)) for i in range(1, 9)]  # a Wednesday, by any calendar
    assert [shipped_calendar().is_worked(day) for day in days] == [True] * 3 + [False] * 2 + [
        True
    ] * 3
    assert day_of(days[0]) == date(2031, 10, 1)


def test_a_file_adds_a_year_and_the_later_of_two_counts():
    year = read_calendar_year(YEAR, file="2027.toml")
    calendar = WorkCalendar([year])
    worked = [day for day in range(1, 29) if calendar.is_worked(day_number(date(2027, 2, day)))]
    assert worked == [1, 2, 3, 4, 12, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 26]
    later = read_calendar_year(YEAR.replace("2027-02-11", "2027-02-12"), file="2027.toml")
    assert not WorkCalendar([year, later]).is_worked(day_number(date(2027, 2, 12)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2027-02-20", "2027-02-10", "第 3 行 workdays：2027-02-10 同时是“春节”假日"),
        ("2027-02-20", "2027-02-19", "第 3 行 workdays：2027-02-19 不是周末，本来就上班"),
        ("2027-02-20", "2026-02-28", "第 3 行 workdays：2026-02-28 不在 2027 年"),
        (
            "2027-02-11",
            "2027-02-04",
            "第 8 行 holidays[1].to：结束日 2027-02-04 早于开始日 2027-02-05",
        ),
        ("2027-02-11", "2028-01-01", "第 7 行 holidays[1].from：2028-01-01 不在 2027 年"),
        ("2027-02-11", '"初七"', "第 8 行 holidays[1].to：应为日期，如 2026-02-14"),
        ("2027-02-11", "2027-02-11T00:00:00", "第 8 行 holidays[1].to：应为日期，如 2026-02-14"),
        ("[2027-02-20]", "2027-02-20", "第 3 行 workdays：应为日期列表"),
        ("year = 2027", "year = 27", "第 2 行 year：应为1992 到 2199 之间的年份"),
        ("year = 2027", "", "第 1 行 year：缺少这一项"),
        ("to =", "until =", "第 5 行 holidays[1].to：缺少这一项"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(old, new, said):
    with pytest.raises(InvalidProfile) as refused:
        read_calendar_year(YEAR.replace(old, new), file="2027.toml")
    assert refused.value.text("zh") == f"配置 2027.toml {said}"


def test_a_day_of_two_holidays_is_refused():
    twice = YEAR + '\n[[holidays]]\nname = "元宵"\nfrom = 2027-02-11\nto = 2027-02-11\n'
    with pytest.raises(InvalidProfile, match="2027-02-11 is a day of '春节' already"):
        read_calendar_year(twice, file="2027.toml")
