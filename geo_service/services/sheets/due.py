"""Which sheet of the profile's cadence is due, and which was signed last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from geo_service.analysis.cadence import KINDS, period_before, sheet_period
from geo_service.analysis.periods import Period
from geo_service.governance.indicators.indicator import Sheet
from geo_service.governance.moment import SHANGHAI, local_text
from geo_service.services.workspaces import Workspace
from geo_service.storage import sheets
from geo_service.storage.databases import Transaction

_DAY = len("2026-11-21")


@dataclass(frozen=True)
class DueSheet:
    """One entry of the cadence: the last period that is over, from its first to its last day.

    It is due from ``due_on``, the day after. ``signed`` is the newest sheet of that period,
    ``latest`` the newest of its kind, of whatever layer; None where there is none. ``kind`` is None
    for a period that no sheet is drawn of (a year).
    """

    entry: Sheet
    kind: str | None
    first: date
    last: date
    signed: Mapping[str, Any] | None
    latest: Mapping[str, Any] | None

    @property
    def due_on(self) -> date:
        """The first day on which it can be signed."""
        return self.last + timedelta(1)


def due_sheets(workspace: Workspace, connection: Transaction) -> list[DueSheet]:
    """Return every entry of the profile's cadence, in its order, as it stands now."""
    today = datetime.fromtimestamp(workspace.now_s(), SHANGHAI).date()
    month_from_day = workspace.profile.rates.month_from_day
    return [_due(connection, entry, today, month_from_day) for entry in workspace.profile.cadence]


def due_values(found: Sequence[DueSheet], language: str) -> list[dict[str, Any]]:
    """Return the entries as plain values, with a sentence on each."""
    return [
        {
            "name": each.entry.name,
            "title": each.entry.title(language),
            "period": each.entry.period,
            "kind": each.kind,
            "from": each.first.isoformat(),
            "to": each.last.isoformat(),
            "due_on": each.due_on.isoformat(),
            "signed": None if each.signed is None else each.signed["number"],
            "latest": None if each.latest is None else each.latest["number"],
            "state": _state(each),
            "text": _text(each, language),
        }
        for each in found
    ]


def _due(connection: Transaction, entry: Sheet, today: date, month_from_day: int) -> DueSheet:
    if entry.period not in KINDS:
        first, last = date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
        return DueSheet(entry, None, first, last, None, None)
    now = sheet_period(entry.period, today, month_from_day=month_from_day)
    over = period_before(entry.period, now, month_from_day=month_from_day)
    first, last = _days(over)
    return DueSheet(
        entry,
        entry.period,
        first,
        last,
        sheets.newest_of(connection, kind=entry.period, from_s=over.start_s, to_s=over.end_s),
        sheets.newest_of(connection, kind=entry.period),
    )


def _days(period: Period) -> tuple[date, date]:
    first, end = (each.astimezone(SHANGHAI).date() for each in (period.start, period.end))
    return first, end - timedelta(1)


def _state(each: DueSheet) -> str:
    if each.kind is None:
        return "no_sheet"
    return "due" if each.signed is None else "signed"


def _text(each: DueSheet, language: str) -> str:
    """Return one sentence: which period, signed or due since when, and what was signed last."""
    days = each.first.isoformat()
    if each.last != each.first:
        days += f" – {each.last.isoformat()}"
    is_english = language == "en"
    if each.kind is None:
        return f"{days}; no sheet is drawn of it" if is_english else f"{days}；本系统不出此表"
    if each.signed is not None:
        number, at = each.signed["number"], local_text(each.signed["known_at_s"])
        signed = f"signed as No. {number}, {at}" if is_english else f"已签发第 {number} 号（{at}）"
        return f"{days}{'; ' if is_english else '；'}{signed}"
    last = _last(each.latest, language)
    if is_english:
        return f"{days}; due since {each.due_on}, not signed; {last}"
    return f"{days}；{each.due_on} 起应签发，尚未签发；{last}"


def _last(latest: Mapping[str, Any] | None, language: str) -> str:
    """Return which sheet of a kind was signed last, and of which period by its first day."""
    if latest is None:
        return "none was ever signed" if language == "en" else "从未签发"
    number, first = latest["number"], local_text(latest["from_s"])[:_DAY]
    if language == "en":
        return f"last signed was No. {number}, the period from {first}"
    return f"上次签发的是第 {number} 号，{first} 起的一期"
