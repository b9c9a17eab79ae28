"""The days of sheets, and the days they stand against."""

from datetime import date

import pytest

from geo_service.analysis.cadence import period_before, sheet_period, year_before
from geo_service.errors import InvalidPeriod, InvalidValue


@pytest.mark.parametrize(
    ("kind", "day", "month_from_day", "told", "before", "last_year"),
    [
        ("day", "2024-02-29", 1, "2024-02-29/2024-03-01", "2024-02-28/2024-02-29",
         "2023-02-28/2023-03-01"),
        ("week", "2026-11-22", 1, "2026-11-16/2026-11-23", "2026-11-09/2026-11-16",
         "2025-11-17/2025-11-24"),
        ("month", "2024-02-10", 1, "2024-02-01/2024-03-01", "2024-01-01/2024-02-01",
         "2023-02-01/2023-03-01"),
        ("month", "2026-12-19", 19, "2026-12-19/2027-01-19", "2026-11-19/2026-12-19",
         "2025-12-19/2026-01-19"),
        ("month", "2026-12-18", 19, "2026-11-19/2026-12-19", "2026-10-19/2026-11-19",
         "2025-11-19/2025-12-19"),
        ("quarter", "2026-12-19", 19, "2026-12-19/2027-03-19", "2026-09-19/2026-12-19",
         "2025-12-19/2026-03-19"),
        ("quarter", "2026-05-31", 1, "2026-04-01/2026-07-01", "2026-01-01/2026-04-01",
         "2025-04-01/2025-07-01"),
    ],
)  # fmt: skip
def test_each_sheet_has_its_days_those_before_and_those_of_a_year_ago(
    kind, day, month_from_day, told, before, last_year
):
    period = sheet_period(kind, date.fromisoformat(day), month_from_day=month_from_day)
    assert period.text == told
    assert period_before(kind, period, month_from_day=month_from_day).text == before
    assert year_before(kind, period).text == last_year


def test_an_unknown_kind_is_refused_with_those_there_are():
    with pytest.raises(InvalidValue, match="quarter"):
        sheet_period("year", date(2026, 1, 1))


def test_days_that_no_year_precedes_are_refused():
    for day in (date.min, date(1993, 12, 31), date(2199, 1, 1), date.max):
        with pytest.raises(InvalidPeriod):
            sheet_period("week", day)
