"""How numbers, days and shares are written on the pack's paper."""

from collections.abc import Sequence

from geo_service.governance.moment import local_text
from geo_service.maps.adjustments.view import EditionFacts, Share
from geo_service.maps.change_order.view import Count
from geo_service.maps.wording import Words

UNKNOWN = "—"

_DAY = len("2026-11-22")
_SHARES = 6


def day(edition: EditionFacts) -> str:
    """Return the day from which an edition applies."""
    return local_text(edition.effective_from_s)[:_DAY]


def number(value: float | None) -> str:
    """Return a whole number, or that nobody knows."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def count(told: Count, w: Words) -> str:
    """Return how many, marked where it was shared out."""
    return f"{number(told.value)} {w['ord_estimated']}" if told.is_estimated else number(told.value)


def shares(found: Sequence[Share], w: Words, *, with_names: bool = False) -> str:
    """Return shares of ground, the largest of them."""
    ordered = sorted(found, key=lambda each: -each.ground)
    told = [f"{_called(each, w, with_names)} {each.ground:.1%}" for each in ordered[:_SHARES]]
    text = w["sheet_comma"].join(told)
    return f"{text}…" if len(ordered) > _SHARES else text


def days(editions: Sequence[EditionFacts], w: Words) -> str:
    """Return the days from which an area was another one."""
    return w["sheet_comma"].join(dict.fromkeys(day(each) for each in editions))


def reasons(editions: Sequence[EditionFacts], w: Words) -> str:
    """Return why an area was changed, each reason once."""
    return w["adj_semicolon"].join(dict.fromkeys(each.reason for each in editions if each.reason))


def moved(before: str, after: str, w: Words) -> str:
    """Return a value, or both where it changed."""
    return after if before == after else w["adj_pair"].format(before=before, after=after)


def _called(share: Share, w: Words, with_names: bool) -> str:
    if share.code is None:
        return w["adj_nobody"]
    is_named = with_names and share.name not in ("", share.code)
    return f"{share.name} {share.code}" if is_named else share.code
