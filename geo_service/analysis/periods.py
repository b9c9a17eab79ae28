"""Periods of time that counts are taken over, and the one right before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from geo_service.errors import InvalidPeriod
from geo_service.governance.moment import EARLIEST, SHANGHAI, day_start, epoch_s, read_moment

_LAST_YEAR = 2199
_LATEST = datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Period:
    """A half-open stretch of time, ``start`` ≤ t < ``end``, both in UTC.

    Raises
    ------
    InvalidPeriod
        It ends before or when it starts, or lies outside the years 1992 to 2199.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidPeriod(
                value=self.text,
                reason_zh="结束时间必须晚于开始时间",
                reason_en="its end must be later than its start",
            )
        if self.start < EARLIEST or self.end > _LATEST:
            raise InvalidPeriod(
                value=self.text,
                reason_zh="只支持 1992 年至 2199 年",
                reason_en="only the years 1992 to 2199 are supported",
            )

    @classmethod
    def from_days(cls, first: date, end: date) -> "Period":
        """Return the days from ``first`` up to, and without, ``end``, in Asia/Shanghai."""
        return cls(day_start(first), day_start(end))

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read ``2026-11-01/2026-11-08``: seven days, the last one 7 November.

        A date means its 00:00 Asia/Shanghai; times may stand in the place of dates.

        Raises
        ------
        InvalidPeriod
            Saying what is wrong.
        """
        try:
            start, end = (read_moment(part) for part in text.split("/", 1))
        except ValueError:
            raise InvalidPeriod(
                value=text[:60],
                reason_zh="写作 2026-11-01/2026-11-08（不含末日）",
                reason_en="write it as 2026-11-01/2026-11-08 (the last day is not included)",
            ) from None
        return cls(start, end)

    @property
    def start_s(self) -> int:
        """Seconds since 1970 UTC of its start."""
        return epoch_s(self.start)

    @property
    def end_s(self) -> int:
        """Seconds since 1970 UTC of its end, which is no longer part of it."""
        return epoch_s(self.end)

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.end - self.start) / timedelta(days=1)

    @property
    def text(self) -> str:
        """As ``parse`` reads it: dates in Asia/Shanghai, with the time where it is not 00:00."""
        return f"{_written(self.start)}/{_written(self.end)}"

    @property
    def last_day(self) -> date:
        """The last day in Asia/Shanghai that has a part in it."""
        return (self.end - timedelta(microseconds=1)).astimezone(SHANGHAI).date()

    def before(self) -> "Period":
        """Return the equally long period that ends where this one starts."""
        return Period(self.start - (self.end - self.start), self.start)


def last_days(reference_day: date, *, days: int) -> Period:
    """Return the ``days`` whole days in Asia/Shanghai of which ``reference_day`` is the last.

    Raises
    ------
    InvalidPeriod
        Fewer than one day.
    """
    end = day_start(reference_day) + timedelta(days=1)
    return Period(end - timedelta(days=days), end)


def reference_day(now_s: float, until_s: int | None) -> date:
    """Return yesterday in Asia/Shanghai, or the last day with data where these end earlier."""
    yesterday = datetime.fromtimestamp(now_s, SHANGHAI).date() - timedelta(1)
    if until_s is None:
        return yesterday
    return min(yesterday, datetime.fromtimestamp(until_s, SHANGHAI).date())


def asked_days(first: date | None, last: date | None, *, reference_day: date, days: int) -> Period:
    """Return the days from ``first`` to ``last``, both in it.

    Who names no last day means ``reference_day``, who names no first one ``days`` of them.

    Raises
    ------
    InvalidPeriod
        The last day is before the first.
    """
    if first is None and last is None:
        return last_days(reference_day, days=days)
    last = last or reference_day
    first = first or last - timedelta(days - 1)
    if last < first:
        raise InvalidPeriod(f"{first}/{last}", "末日早于首日", "the last day is before the first")
    return Period.from_days(first, last + timedelta(1))


def check_years(*days: date | None, first_year: int) -> None:
    """Refuse days before ``first_year`` or after 2199.

    Raises
    ------
    InvalidPeriod
        With the first such day.
    """
    for day in days:
        if day is not None and not first_year <= day.year <= _LAST_YEAR:
            raise InvalidPeriod(
                str(day),
                f"年份应在 {first_year} 到 {_LAST_YEAR} 之间",
                f"years go from {first_year} to {_LAST_YEAR}",
            )


def _written(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    is_day = local.time().isoformat() == "00:00:00"
    return local.date().isoformat() if is_day else local.isoformat()
