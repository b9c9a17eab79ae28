"""Which two editions are compared, and which took effect between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from geo_service.errors import InvalidPeriod, InvalidValue
from geo_service.governance.moment import EARLIEST, SHANGHAI, day_start, local_text
from geo_service.layers.edition import (
    Edition,
    EditionChoice,
    governing_edition,
    later_editions,
)
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction

_LAST_YEAR = 9998
_DAY = len("2026-11-22")


@dataclass(frozen=True)
class PeriodAsked:
    """A year, or days (the last one included), or two editions; nothing is the year to date."""

    year: int | None = None
    first: date | None = None
    last: date | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Period:
    """The edition in force before a period, the one at its end, and those that took effect.

    ``editions`` stand in the order of effect, ``after`` being the last of them; none where both are
    the same. Days are empty where two editions were asked for. ``until_s`` is the last moment at
    which what is told of the ground after can have been told.
    """

    before: Edition
    after: Edition
    editions: Sequence[Edition]
    until_s: float
    first: str = ""
    last: str = ""


def period_of(workspace: Workspace, connection: Transaction, asked: PeriodAsked) -> Period:
    """Return the editions that are compared, as they are known now.

    What takes effect at the first moment of a period belongs to it: before is what was in force
    until then, so that packs of years that follow each other leave nothing out. A year that is not
    over yet holds what is already published for it; the year to date ends now.

    Raises
    ------
    EditionNotFound
        There is no edition with a number that was asked for, or none at all.
    InvalidPeriod
        The period ends before it begins, or no edition was in force before it.
    InvalidValue
        Two ways to say the period at once, half of one, or editions in the wrong order.
    """
    if asked.before is not None or asked.after is not None:
        return _between(workspace, connection, asked)
    start_s, end_s, first, last = _days(workspace, asked)
    known = workspace.editions(connection)
    now_s = workspace.now_s()
    after = workspace.edition(connection, EditionChoice(as_of_s=end_s - 1))
    before = governing_edition(known, EditionChoice(as_of_s=start_s - 1), now_s=now_s)
    if before is None:
        raise _without_before(known, first, last)
    return _period(workspace, known, before, after, (first, last))


def _between(workspace: Workspace, connection: Transaction, asked: PeriodAsked) -> Period:
    if any(each is not None for each in (asked.year, asked.first, asked.last)):
        raise InvalidValue(
            "year / from / to / before / after",
            "时段或两个版本中的一种",
            "either a period or two editions",
        )
    known = workspace.editions(connection)
    if asked.before is None:
        raise InvalidValue(
            "before", "调整前的版本号（与 after 一起给）", "the edition before, beside after"
        )
    before = workspace.edition_number(connection, asked.before)
    after = (
        workspace.edition(connection)
        if asked.after is None
        else workspace.edition_number(connection, asked.after)
    )
    if _order(after) < _order(before):
        raise InvalidValue(
            "after",
            f"比第 {before.number} 版更晚生效的版本号",
            f"an edition that takes effect later than edition {before.number}",
        )
    return _period(workspace, known, before, after, ("", ""))


def _period(
    workspace: Workspace,
    known: Sequence[Edition],
    before: Edition,
    after: Edition,
    days: tuple[str, str],
) -> Period:
    now_s = workspace.now_s()
    published = [each for each in known if each.published_at_s <= now_s]
    later = later_editions(published, after_s=before.effective_from_s)
    between = [each for each in later if each.effective_from_s < after.effective_from_s]
    following = [each for each in later if each.effective_from_s > after.effective_from_s]
    return Period(
        before=before,
        after=after,
        editions=[] if before == after else [*between, after],
        until_s=(
            following[0].effective_from_s - 1
            if following
            else max(now_s, float(after.effective_from_s))
        ),
        first=days[0],
        last=days[1],
    )


def _days(workspace: Workspace, asked: PeriodAsked) -> tuple[int, int, str, str]:
    """Return the first moment, the one after the last, and both days as text."""
    if asked.year is not None and (asked.first or asked.last):
        raise InvalidValue("year / from / to", "年份或起止日期中的一种", "either a year or days")
    now = datetime.fromtimestamp(workspace.now_s(), SHANGHAI)
    year = now.year if asked.year is None else asked.year
    if not EARLIEST.year < year <= _LAST_YEAR:
        raise InvalidValue("year", "年份，如 2026", "a year such as 2026")
    first = asked.first or date(year, 1, 1)
    if asked.last is None and asked.year is None:
        end_s, last = int(now.timestamp()) + 1, now.date()
    else:
        last = asked.last or date(year, 12, 31)
        end_s = _start_s(last + timedelta(days=1)) if last < date.max else 0
    if not first <= last < date.max or first < date(1992, 1, 1):
        raise InvalidPeriod(
            f"{first} — {last}", "首日应不晚于末日", "the first day must not be after the last one"
        )
    return _start_s(first), end_s, str(first), str(last)


def _without_before(known: Sequence[Edition], first: str, last: str) -> InvalidPeriod:
    earliest = min(known, key=_order)
    day = local_text(earliest.effective_from_s)[:_DAY]
    return InvalidPeriod(
        f"{first} — {last}",
        f"{first} 之前没有生效的版本，无从比较；最早的是第 {earliest.number} 版，自 {day} 起生效，"
        f"可用 before={earliest.number} 与它比较",
        f"no edition was in force before {first}; the first one is edition {earliest.number}, from "
        f"{day}: compare with it by before={earliest.number}",
    )


def _order(edition: Edition) -> tuple[int, int]:
    return edition.effective_from_s, edition.number


def _start_s(day: date) -> int:
    return int(day_start(day).timestamp())
