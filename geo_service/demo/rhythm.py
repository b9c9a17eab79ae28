"""When demo issues come in and when they are done: days, weeks, seasons and office hours."""

from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.demo.land.columns import Integers
from geo_service.layers.area import Floats

Seconds: TypeAlias = NDArray[np.datetime64]
"""Wall-clock times in Asia/Shanghai, to the second."""

OPEN, NEW, CLOSED = "办理中", "待受理", "已办结"
_WEEKDAYS = (1.0, 1.02, 0.98, 0.97, 0.95, 0.62, 0.55)
_SEASON, _GROWTH, _DAY_NOISE = 0.12, 0.08, 0.1
_PEAKS = ((0.46, 9.8, 1.3), (0.34, 15.4, 1.6), (0.13, 20.0, 1.4), (0.07, 13.0, 5.0))
"""Share, hour and width in hours: morning, afternoon, evening, and any time."""
_QUARTERS, _QUARTER_S, _DAY_S = 96, 900, 86_400
_HANDLING_DAYS, _HANDLING_SPREAD, _STUCK = 2.2, 1.0, 0.02
_NEW_HOURS = 6
_OFFICE_S = (9 * 3600, 18 * 3600)


def day_weights(until: date, days: int, *, rng: np.random.Generator) -> Floats:
    """Return how busy each day before ``until`` is, (days,): quiet weekends, seasons, growth."""
    first = np.datetime64(until, "D") - days
    number = np.arange(days)
    # The first day of the epoch was a Thursday.
    weekday = (first.astype(np.int64) + number + 3) % 7
    of_year = (first + number).astype(np.int64) % 365.25 / 365.25
    weight = np.array(_WEEKDAYS)[weekday] * (1 + _SEASON * np.sin(2 * np.pi * (of_year - 0.3)))
    weight *= 1 + _GROWTH * number / days
    return np.asarray(weight * np.exp(_DAY_NOISE * rng.standard_normal(days)))


def draw_days(
    weight: Floats, count: int, *, lasting: tuple[int, int] | None, rng: np.random.Generator
) -> Integers:
    """Draw ``count`` days by weight, 0 the first.

    ``lasting`` narrows them to those from so many to so many days before the end; a period too
    short for that gives its earliest day.
    """
    start, end = lasting or (len(weight), 0)
    first = max(len(weight) - start, 0)
    within = weight[first : max(len(weight) - end, first + 1)]
    return np.asarray(first + rng.choice(len(within), size=count, p=within / within.sum()))


def moments(until: date, days: int, day: Integers, *, rng: np.random.Generator) -> Seconds:
    """Draw the time of day, with two peaks, and return the moments; day 0 is the first."""
    hour = (np.arange(_QUARTERS) + 0.5) * _QUARTER_S / 3600
    peaks = [
        share / width * np.exp(-(((hour - at) / width) ** 2) / 2) for share, at, width in _PEAKS
    ]
    weight = np.sum(peaks, axis=0)
    quarter = rng.choice(_QUARTERS, size=len(day), p=weight / weight.sum())
    seconds = day * _DAY_S + quarter * _QUARTER_S + rng.integers(_QUARTER_S, size=len(day))
    first = np.datetime64(until, "s") - np.timedelta64(days * _DAY_S, "s")
    return np.asarray(first + seconds.astype("timedelta64[s]"))


def handled(
    reported_at: Seconds, until: date, *, rng: np.random.Generator
) -> tuple[list[str], list[str | None]]:
    """Return states, and closing times where closed; a few stay open long, the newest wait."""
    total = len(reported_at)
    took_s = np.exp(rng.normal(np.log(_HANDLING_DAYS * _DAY_S), _HANDLING_SPREAD, total))
    closed_at = _in_office_hours(reported_at + took_s.astype("timedelta64[s]"), rng)
    end = np.datetime64(until, "s")
    is_closed = (closed_at < end) & (rng.random(total) >= _STUCK)
    is_new = reported_at >= end - np.timedelta64(_NEW_HOURS, "h")
    states = np.select([is_closed, is_new], [CLOSED, NEW], OPEN).tolist()
    closed = zip(texts(closed_at), is_closed.tolist(), strict=True)
    return states, [text if is_done else None for text, is_done in closed]


def _in_office_hours(times: Seconds, rng: np.random.Generator) -> Seconds:
    """Move times to office hours of the day after: nobody closes a ticket at night."""
    next_day = times.astype("datetime64[D]") + np.timedelta64(1, "D")
    of_day = rng.integers(*_OFFICE_S, size=len(times)).astype("timedelta64[s]")
    return np.asarray(next_day.astype("datetime64[s]") + of_day)


def texts(times: Seconds) -> list[str]:
    """Return times as an office writes them, 2026-11-20 08:05:00, without a zone."""
    return [text.replace("T", " ") for text in times.astype(str).tolist()]
