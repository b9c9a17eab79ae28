"""The sheet of a handover: one view in, one HTML text out, one A4 on paper."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import NamedTuple

from geo_service.governance.moment import SHANGHAI, local_text
from geo_service.maps.assets import Assets
from geo_service.maps.handover.view import HandoverView, WaitingGroup, WaitingIssue
from geo_service.maps.offline import render_checked
from geo_service.maps.pages import page_head, template
from geo_service.maps.wording import Words, html_language, words

STYLES = ("app/page.css", "app/handover.css")

LINES = 30
"""So many lines have room on the sheet for groups, troubles, what happened, and issues."""

_LEAST_ISSUES = 3
_TROUBLES = 3
_EDITIONS = 2
_LINE_EM, _NARROW_EM, _WIDE_FROM = 52, 0.55, 0x2E80
"""How much has room in one line of text, and how wide what is no Chinese is, about."""
_NUMBERS_EM = 23
_TITLE_EM, _STAMP_EM, _IMPRINT_EM = 26, 60, 130
_TITLE_LINES, _GAP_EM = 2, 1.5
"""A line of the title is as high as two others; what stands side by side has a gap between."""

_NUMBER_CHARACTERS, _NUMBER_START = 20, 6
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_LONG_DAYS = 3
"""From here on hours are not told beside days."""
_YEAR = len("2026-")
_EVENTS = ("updated", "answered", "reopened", "reassigned", "recomputed", "attached")


class IssueRow(NamedTuple):
    """One line of the list, in words; ``light`` is late, soon or none."""

    mark: str
    light: str
    number: str
    category: str
    owner: str
    waits_for: str
    due: str
    left: str


def render_handover(
    view: HandoverView, *, assets: Assets | None = None, is_standalone: bool = False
) -> str:
    """Return the sheet; the same view gives the same bytes.

    Raises
    ------
    MissingAssets
        When the style sheets are not there.
    ExternalReference
        When the page would load anything from outside.
    """
    w = words(view.language)
    title = w["hov_title_of"].format(place=view.place) if view.place else w["hov_title"]
    happened, troubles = _happened(view, w), _troubles(view, w)
    stamp = _stamp(view, w)
    taken = len(view.groups) + _lines(troubles) + _lines(happened) + _wrapped(view, title, stamp)
    shown = view.issues[: max(LINES - taken, _LEAST_ISSUES)]
    html = template("handover.html.j2").render(
        view=view,
        w=w,
        title=title,
        html_language=html_language(view.language),
        head=page_head(assets or Assets(), STYLES, is_standalone=is_standalone),
        is_standalone=is_standalone,
        stamp=stamp,
        happened=happened,
        troubles=troubles,
        rows=[_row(each, view, w) for each in shown],
        more=view.counts["listed"] - len(shown),
        numbers=lambda group: _numbers(group, w),
    )
    return render_checked(html, is_standalone=is_standalone)


def _stamp(view: HandoverView, w: Words) -> list[str]:
    turn = view.turn
    edition = w["hov_no_edition"]
    if view.edition is not None:
        edition = w["hov_edition"].format(number=view.edition)
    return [
        w["hov_turn"].format(at=local_text(turn.at_s)),
        w["hov_shift"].format(since=local_text(turn.from_s)[_YEAR:]),
        w["hov_next"].format(next=local_text(turn.next_s)[_YEAR:]),
        w["hov_now"].format(now=_second_text(view.now_s)[_YEAR:]),
        edition,
    ]


def _happened(view: HandoverView, w: Words) -> list[str]:
    """Return what else happened in the shift, in lines that have room side by side."""
    figures = view.figures
    steps = [f"{each.title} {each.count}" for each in figures.steps]
    besides = [
        w[f"hov_{name}"].format(n=getattr(figures, name))
        for name in ("merged", "received_before", "closed_before")
        if getattr(figures, name)
    ]
    events = [
        w[f"hov_event_{kind}"].format(n=figures.events[kind])
        for kind in _EVENTS
        if figures.events.get(kind)
    ]
    editions = [
        w["hov_edition_ahead" if each.is_ahead else "hov_edition_news"].format(
            number=each.number, at=local_text(each.effective_from_s)
        )
        for each in view.editions[-_EDITIONS:]
    ]
    told = [*_packed(steps, " · "), *_packed([*besides, *events, *editions], w["sheet_semicolon"])]
    return told or [w["hov_nothing_recorded"]]


def _packed(parts: Sequence[str], separator: str) -> list[str]:
    """Return parts in as few lines as have room for them on paper."""
    lines: list[str] = []
    for part in parts:
        together = separator.join([lines[-1], part]) if lines else part
        if lines and _width_em(together) <= _LINE_EM:
            lines[-1] = together
        else:
            lines.append(part)
    return lines


def _lines(texts: Sequence[str]) -> int:
    """Return how many lines texts take on paper."""
    return sum(ceil(_width_em(text) / _LINE_EM) for text in texts)


def _wrapped(view: HandoverView, title: str, stamp: Sequence[str]) -> int:
    """Return how many lines more than usual title, stamp and imprint take on paper."""
    stamp_em = sum(_width_em(each) + _GAP_EM for each in stamp)
    imprint_em = sum(_width_em(each) + _GAP_EM for each in (view.unit, *view.notices))
    return (
        _TITLE_LINES * int(_width_em(title) / _TITLE_EM)
        + int(stamp_em / _STAMP_EM)
        + int(imprint_em / _IMPRINT_EM)
    )


def _width_em(text: str) -> float:
    return sum(1.0 if ord(character) >= _WIDE_FROM else _NARROW_EM for character in text)


def _troubles(view: HandoverView, w: Words) -> list[str]:
    told = [each.text(view.language) for each in view.troubles]
    if len(told) <= _TROUBLES:
        return told or [w["hov_no_troubles"]]
    more = w["hov_more_troubles"].format(n=len(told) - _TROUBLES + 1)
    return [*told[: _TROUBLES - 1], more]


def _row(issue: WaitingIssue, view: HandoverView, w: Words) -> IssueRow:
    light, mark, left = _time_left(issue.due_s, view.now_s, w)
    category = issue.category_minor or issue.category_major or w["hov_no_category"]
    return IssueRow(
        mark=mark,
        light=light,
        number=_short(issue.external_id),
        category=f"{w['hov_urgent']} {category}" if issue.is_urgent else category,
        owner=_owner(issue, w),
        waits_for=" · ".join(_waits_for(issue, w)),
        due=_due(issue, view.now_s, w),
        left=left,
    )


def _numbers(group: WaitingGroup, w: Words) -> str:
    """Return as many numbers of a group as have room, and that there are more."""
    shown: list[str] = []
    for number in group.numbers:
        told = w["sheet_comma"].join([*shown, _short(number)])
        if shown and _width_em(told) > _NUMBERS_EM:
            break
        shown.append(_short(number))
    more = [w["hov_and_more"]] if group.count > len(shown) else []
    return " ".join([w["sheet_comma"].join(shown), *more])


def _owner(issue: WaitingIssue, w: Words) -> str:
    """Return whose it is, the deepest area first, and who works on it if that is another."""
    owners = list(reversed(issue.owners[-2:])) or [w["hov_no_owner"]]
    if issue.unit and issue.unit not in owners:
        owners = [w["hov_at_unit"].format(unit=issue.unit), owners[0]]
    return " · ".join(owners)


def _waits_for(issue: WaitingIssue, w: Words) -> Sequence[str]:
    reasons = [issue.state]
    if issue.waited_for:
        reasons.append(w["hov_waits_check_in"].format(n=issue.waited_for))
    if issue.place_status == "ambiguous":
        reasons.append(w["hov_waits_ambiguous"])
    if issue.rule == "boundary":
        reasons.append(w["hov_waits_boundary"])
    if issue.is_questioned:
        reasons.append(w["hov_waits_questioned"])
    return [*reasons, *issue.marks]


def _due(issue: WaitingIssue, now_s: int, w: Words) -> str:
    if issue.due_s is None:
        return w["no_value"]
    day, clock = local_text(issue.due_s).split()
    is_this_year = day[:4] == local_text(now_s)[:4]
    told = [f"{day[5:]} {clock}" if is_this_year else day]
    told += [w["hov_provisional"]] if issue.is_provisional else []
    return " ".join([*told, issue.deadline or ""])


def _time_left(due_s: int | None, now_s: int, w: Words) -> tuple[str, str, str]:
    """Return the light of a due moment, its shape, and the time left in words."""
    if due_s is None:
        return "none", "–", w["hov_no_due"]
    span = _span(abs(due_s - now_s), w)
    if due_s < now_s:
        return "late", "◆", w["hov_late"].format(span=span)
    is_soon = due_s - now_s < _DAY_S
    return (
        "soon" if is_soon else "fine",
        "▲" if is_soon else "●",
        w["hov_left_span"].format(span=span),
    )


def _span(seconds: int, w: Words) -> str:
    if seconds >= _LONG_DAYS * _DAY_S:
        return w["hov_long"].format(n=seconds // _DAY_S)
    if seconds >= _DAY_S:
        return w["hov_days"].format(n=seconds // _DAY_S, m=seconds % _DAY_S // _HOUR_S)
    if seconds >= _HOUR_S:
        return w["hov_hours"].format(n=seconds // _HOUR_S, m=seconds % _HOUR_S // _MINUTE_S)
    return w["hov_minutes"].format(n=max(1, seconds // _MINUTE_S))


def _second_text(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _short(number: str) -> str:
    """Return a number that has room: of a long one both ends, which tell numbers apart."""
    if len(number) <= _NUMBER_CHARACTERS:
        return number
    return f"{number[:_NUMBER_START]}…{number[_NUMBER_START + 1 - _NUMBER_CHARACTERS :]}"
