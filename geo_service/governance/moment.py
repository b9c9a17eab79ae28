"""Moments as offices write them, and the one zone they mean when they name none."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Asia/Shanghai since 1992: UTC+8 without summer time. It had summer time from 1986 to 1991 (IANA
time zone database), which is why nothing earlier than EARLIEST is read as a moment."""

AHEAD = timedelta(hours=8)
"""By how much its clocks are ahead of UTC."""

EARLIEST = datetime(1992, 1, 1, tzinfo=UTC) - AHEAD
"""00:00 Asia/Shanghai on the first day of 1992."""

_DAY = r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d\d)(\d\d))"
_CLOCK = r"(\d{1,2})[:时点](?:(\d{1,2})(?:分|[:分](\d{1,2})(?:\.\d+)?秒?)?)?"
_WRITTEN = re.compile(
    rf"{_DAY}(?:[ T]*(上午|下午|AM|PM)? *{_CLOCK} *(AM|PM)?)?", re.IGNORECASE | re.ASCII
)
_DIGITS = re.compile(r"(\d{8})(\d\d)(\d\d)(\d\d)?", re.ASCII)
_USUAL_LENGTH = 19
_AFTERNOON = {"下午", "PM"}


def day_start(day: date) -> datetime:
    """Return 00:00 Asia/Shanghai of a day, in UTC: what a date typed by a user means."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def read_moment(value: Any) -> datetime:
    """Return a moment in UTC, whole seconds, from what a cell holds.

    Text without a zone, and dates and times of spreadsheets, are Asia/Shanghai; a date alone is its
    00:00. Read are 2026/1/5 8:03, 2026-01-05T08:03:00+08:00, 2026年1月5日 8时3分, 20260105080300,
    2026-01-05 下午 3:05 and their like. Fractions of a second are cut off.

    Raises
    ------
    ValueError
        When it is none of these. A bare number is refused: it may be a spreadsheet's day number,
        seconds or milliseconds.
    """
    try:
        if isinstance(value, str):
            return _read_text(value.strip())
        if isinstance(value, datetime):
            return _in_utc(value)
        if isinstance(value, date):
            return day_start(value)
    except OverflowError as error:  # the first and the last day of the calendar, moved by the zone
        raise ValueError(str(error)) from error
    raise ValueError(type(value).__name__)


def epoch_s(moment: datetime) -> int:
    """Return seconds since 1970 UTC of a moment with a zone."""
    return int(moment.timestamp())


def iso_text(moment: datetime) -> str:
    """Return a moment with a zone as ``isoformat`` writes it, in a quarter of its time."""
    return orjson.dumps(moment)[1:-1].decode()


def local_text(at_s: int) -> str:
    """Return a moment, in seconds since 1970 UTC, as people of Asia/Shanghai write it."""
    return datetime.fromtimestamp(at_s, SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _in_utc(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    return aware.astimezone(UTC).replace(microsecond=0)


def _read_text(text: str) -> datetime:
    if len(text) == _USUAL_LENGTH and _is_usual(text):
        return datetime.fromisoformat(f"{text}+00:00") - AHEAD
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return _read_rare_text(text)
    year, month, day, month_2, day_2, half, hour, minute, second, half_2 = match.groups()
    local = datetime(
        int(year),
        int(month or month_2),
        int(day or day_2),
        _hour(hour, half or half_2),
        int(minute or 0),
        int(second or 0),
        tzinfo=UTC,
    )
    return local - AHEAD  # several times faster than astimezone


def _is_usual(text: str) -> bool:
    """Tell whether a text looks like 2026-01-05 08:03:00, which most lists write."""
    return text[4] == text[7] == "-" and text[10] in " T" and text[13] == text[16] == ":"


def _read_rare_text(text: str) -> datetime:
    digits = _DIGITS.fullmatch(text)
    if digits:
        day, hour, minute, second = digits.groups()
        return _in_utc(datetime.fromisoformat(f"{day}T{hour}{minute}{second or '00'}"))
    if not text[:4].isdigit() or "W" in text.upper():  # fromisoformat also reads week dates
        raise ValueError
    return _in_utc(datetime.fromisoformat(text))


def _hour(hour: str | None, half: str | None) -> int:
    hours = int(hour or 0)
    if half is None:
        return hours
    if hours not in range(1, 13):
        raise ValueError
    return hours % 12 + (12 if half.upper() in _AFTERNOON else 0)
