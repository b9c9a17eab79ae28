"""What is due about organisations: terms, activities, vacant posts."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo_service.governance.organisations.coverage import Life
from geo_service.governance.organisations.register import Entry
from geo_service.services.coverage.picture import Picture, day_number

_DAY_S = 86_400


@dataclass(frozen=True)
class Reminder:
    """Something due about one organisation.

    ``kind`` is ``term_ended`` (届满待换届), ``term_ends`` (within the profile's days),
    ``activity_overdue``, ``activity_unknown`` or ``secretary_vacant``. ``day_s`` is the day it is
    about; ``days_left`` counts to it, negative when it is past; ``within_days`` is the least of the
    profile's days that a term ends within.
    """

    kind: str
    organisation: Entry
    day_s: int | None
    days_left: int | None
    within_days: int | None = None


def reminders(picture: Picture) -> list[Reminder]:
    """Return what is due, the most urgent first."""
    found: list[Reminder] = []
    for i, entry in enumerate(picture.organisations):
        found += _of_term(picture, entry)
        found += _of_life(picture, entry, i)
        if entry.details.get("is_secretary_vacant"):
            found.append(Reminder("secretary_vacant", entry, None, None))
    return sorted(found, key=_urgency)


def _of_term(picture: Picture, entry: Entry) -> Sequence[Reminder]:
    ends_s = entry.details.get("term_end")
    if ends_s is None:
        return []
    days_left = day_number(ends_s) - day_number(picture.as_of_s)
    if days_left <= 0:
        return [Reminder("term_ended", entry, ends_s, days_left)]
    within = [days for days in picture.rules.limits.reminder_days if days_left <= days]
    if not within:
        return []
    return [Reminder("term_ends", entry, ends_s, days_left, min(within))]


def _of_life(picture: Picture, entry: Entry, position: int) -> Sequence[Reminder]:
    life = picture.life[position]
    if life == Life.ACTIVE:
        return []
    if life == Life.UNKNOWN:
        return [Reminder("activity_unknown", entry, None, None)]
    last_s = int(picture.last_meetings_s[position])
    due_s = last_s + picture.rules.limits.active_days * _DAY_S
    return [
        Reminder("activity_overdue", entry, last_s, day_number(due_s) - day_number(picture.as_of_s))
    ]


_ORDER = ("term_ended", "activity_overdue", "term_ends", "secretary_vacant", "activity_unknown")


def _urgency(reminder: Reminder) -> tuple[int, int, str]:
    left = 0 if reminder.days_left is None else reminder.days_left
    return _ORDER.index(reminder.kind), left, reminder.organisation.code
