"""The numbers of one day, with the change on the day before."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.analysis.periods import Period, last_days

Seconds: TypeAlias = NDArray[np.int64]
"""Seconds since 1970 UTC."""

NOT_CLOSED_S = int(np.iinfo(np.int64).max)
"""Stands for the closing time of an open issue: later than every moment."""
CLOSING_UNKNOWN_S = int(np.iinfo(np.int64).min)
"""Stands for the closing time of a closed issue that nobody wrote down: it was open at no moment
that can be told, and closed on no day that can be told."""


@dataclass(frozen=True)
class DayFigure:
    """One number of a day beside that of the day before."""

    value: int
    before: int

    @property
    def change(self) -> int:
        """How much more it is than the day before."""
        return self.value - self.before


@dataclass(frozen=True)
class DaySummary:
    """受理, 办结, 在办 and 未落格 of a day in Asia/Shanghai.

    ``reported`` and ``closed`` on the day; ``open`` at its end; ``unassigned`` of those reported on
    it. ``closing_unknown`` counts the issues reported on it that are closed without a closing time:
    they are in neither ``closed`` nor ``open``.
    """

    day: date
    reported: DayFigure
    closed: DayFigure
    open: DayFigure
    unassigned: DayFigure
    closing_unknown: DayFigure


def day_summary(
    reference_day: date,
    *,
    reported_at_s: Seconds,
    closed_at_s: Seconds,
    is_unassigned: NDArray[np.bool_],
) -> DaySummary:
    """Return the numbers of ``reference_day`` (Asia/Shanghai) and of the day before.

    Parameters
    ----------
    reference_day
        The day that is looked at, mostly yesterday.
    reported_at_s, closed_at_s
        Seconds since 1970 UTC, shape ``(n,)``; an open issue has NOT_CLOSED_S, a closed one without
        a closing time CLOSING_UNKNOWN_S. All issues that may have been open, not the day's alone.
    is_unassigned
        Whether an issue has no owner, shape ``(n,)``.

    Raises
    ------
    InvalidPeriod
        A day before 1992 or after 2199.
    """
    day = last_days(reference_day, days=1)
    columns = (reported_at_s, closed_at_s, is_unassigned)
    values, before = _figures(day, *columns), _figures(day.before(), *columns)
    return DaySummary(reference_day, *map(DayFigure, values, before))


def _figures(
    day: Period, reported_at_s: Seconds, closed_at_s: Seconds, is_unassigned: NDArray[np.bool_]
) -> list[int]:
    is_reported = _is_within(reported_at_s, day)
    is_open = (reported_at_s < day.end_s) & (closed_at_s >= day.end_s)
    flags = [
        is_reported,
        _is_within(closed_at_s, day),
        is_open,
        is_reported & is_unassigned,
        is_reported & (closed_at_s == CLOSING_UNKNOWN_S),
    ]
    return [int(flag.sum()) for flag in flags]


def _is_within(moments_s: Seconds, period: Period) -> NDArray[np.bool_]:
    return (moments_s >= period.start_s) & (moments_s < period.end_s)
