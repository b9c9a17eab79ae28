"""Shifts of an office: when whoever is on duty hands over to the next one (交接班)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from geo_service.governance.clock.limit import DAY_S, HOUR_S
from geo_service.governance.moment import SHANGHAI, day_start, epoch_s

_STARTS = ("08:30", "17:30")
"""An assumption, for a profile that tells none."""

_STILL_HANDED_OVER_S = HOUR_S
"""So long after a shift has begun the one before is still the one that is handed over."""


class Turn(NamedTuple):
    """One handover; seconds since 1970 UTC.

    The shift since ``from_s`` gives over to the one that begins at ``at_s``, which ends at
    ``next_s``.
    """

    from_s: int
    at_s: int
    next_s: int


@dataclass(frozen=True)
class Shifts:
    """When shifts begin, every day: seconds after midnight Asia/Shanghai, in order, at least one.

    One beginning alone makes shifts of a whole day.
    """

    starts_s: tuple[int, ...]

    def turn(self, now_s: int) -> Turn:
        """Return the handover that a moment belongs to.

        It is the next one, and for an hour after it the same one still: who hands over at 08:30 may
        print the page at 08:20 as well as at 09:10.
        """
        midnight_s = epoch_s(day_start(datetime.fromtimestamp(now_s, SHANGHAI).date()))
        moments = [
            midnight_s + day * DAY_S + start_s for day in range(-2, 3) for start_s in self.starts_s
        ]
        place = next(i for i, each in enumerate(moments) if each + _STILL_HANDED_OVER_S > now_s)
        return Turn(*moments[place - 1 : place + 2])


def shifts(office: Mapping[str, Any]) -> Shifts:
    """Return the shifts of a profile's office, which has been checked."""
    return Shifts(tuple(seconds_of(text) for text in office.get("shift_starts", _STARTS)))


def seconds_of(text: str) -> int:
    """Return the seconds after midnight of ``HH:MM``."""
    hour, minute = text.split(":")
    return int(hour) * HOUR_S + int(minute) * 60
