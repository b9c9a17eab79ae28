"""One sheet in plain values in, one HTML text out."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from geo_service.maps.offline import render_checked
from geo_service.maps.pages import SheetChoice, template
from geo_service.maps.wording import html_language, words

_LABELS = {
    "zh": {
        "top": "受理量前十",
        "three": "三率与按时办结率（考核值）",
        "others": "其他指标",
        "target": "目标",
        "met": "是否达到",
        "value": "本期",
        "unset": "未设",
        "not_counted": "此处不统计",
        "missed": "带下划线的数字未达到目标",
        "all_areas": "各区域（件、%）",
        "repeats": "重复集中（同类同处）",
        "changes": "与所更正的一号相比",
        "definitions": "口径",
        "period": "统计时段",
        "raw": "原始",
        "none": "无",
        "fictional": "虚构数据",
        "internal": "内部资料",
        "counts": "分子/分母",
        "figure": "指标",
        "was": "原",
        "is": "现",
        "change": "差",
        "category": "类别",
        "area": "区域",
        "number": "件数",
        "now": "本期",
        "since_before": "环比",
        "since_last_year": "同比",
        "points": "（百分点）",
        "issues": "（件）",
        "spot": "第 {n} 处",
        "up": "升 {n}",
        "down": "降 {n}",
        "same": "持平",
        "unfinished": "本期尚未结束，数字统计至 {until}；与整个上期、去年同期不能直接比较",
        "page": ("第 ", " 页，共 ", " 页"),
    },
    "en": {
        "top": "Ten with most issues",
        "three": "Three rates and on-time rate (appraised)",
        "others": "Other indicators",
        "target": "target",
        "met": "met",
        "value": "now",
        "unset": "none",
        "not_counted": "not counted here",
        "missed": "Underlined figures miss their target",
        "all_areas": "All areas (issues, %)",
        "repeats": "Repeats of one category in one place",
        "changes": "Against the sheet that it corrects",
        "definitions": "Definitions",
        "period": "Period",
        "raw": "raw",
        "none": "none",
        "fictional": "Fictional data",
        "internal": "For internal use",
        "counts": "counts",
        "figure": "figure",
        "was": "was",
        "is": "is",
        "change": "change",
        "category": "category",
        "area": "area",
        "number": "issues",
        "now": "now",
        "since_before": "on before",
        "since_last_year": "on last year",
        "points": " (points)",
        "issues": " (issues)",
        "spot": "spot {n}",
        "up": "up {n}",
        "down": "down {n}",
        "same": "as before",
        "unfinished": "This period is not over: figures until {until} stand beside whole periods",
        "page": ("page ", " of ", ""),
    },
}

_RATES = ("response_rate", "resolution_rate", "satisfaction_rate", "on_time_rate")
_LONG_TITLE = re.compile(r"([\u4e00-\u9fff]{2,})([\u4e00-\u9fff]{2}率)")
"""先行联系率 breaks before 联系率."""
_LONG_WORD = re.compile(r"\b[a-z]{7,}\b")


def render_sheet(
    figures: Mapping[str, Any],
    *,
    texts: Mapping[str, Any],
    choice: SheetChoice | None = None,
) -> str:
    """Return the page of a sheet; the same values give the same bytes.

    ``texts`` holds what the service has put into words: title, stamp, words, changes, rank changes.
    With a ``choice`` the screen leads on to other sheets; without one the page needs nothing else.

    Raises
    ------
    ExternalReference
        When the page would load anything from outside.
    """
    language = figures["language"]
    labels = _LABELS[language]
    html = template("rate_sheet.html.j2").render(
        f=figures,
        html_language=html_language(language),
        labels=labels,
        choice=choice,
        p=words(language),
        spans=[_span(days) for days in figures["days"]],
        unfinished=_unfinished(figures, labels),
        narrow=_narrow,
        share_change=_share_change,
        points_change=_points_change,
        rank_text=lambda change: _rank_text(change, labels),
        repeats=_repeats(figures["repeats"], labels),
        targets={each["rate"]: each for each in figures["indicators"] if each["rate"] in _RATES},
        others=[each for each in figures["indicators"] if each["rate"] not in _RATES],
        rates=_RATES,
        by_code={line["code"]: line for line in figures["rows"]},
        **texts,
    )
    return render_checked(html, is_standalone=choice is None)


def _span(days: Sequence[str]) -> str:
    first, last = days
    return first if first == last else f"{first} – {last}"


def _unfinished(figures: Mapping[str, Any], labels: Mapping[str, Any]) -> str:
    """Return what has to be said of a period whose last day is not over."""
    is_over = figures["days"][0][1] < figures["known_at"][: len("2026-11-21")]
    return "" if is_over else str(labels["unfinished"]).format(until=figures["known_at"])


def _narrow(heading: str) -> str:
    """Return a heading that may be broken where a narrow column needs it."""
    broken = _LONG_WORD.sub(lambda found: _halved(found[0]), heading)
    return _LONG_TITLE.sub("\\1\u200b\\2", broken).replace("去年同期", "去年\u200b同期")


def _halved(word: str) -> str:
    middle = (len(word) + 1) // 2
    return f"{word[:middle]}\u00ad{word[middle:]}"


def _share_change(now: int, before: int) -> str:
    """Return by how much a count is more or less than another, in percent of that one."""
    if not before:
        return "—"
    return "0.0%" if now == before else f"{100 * (now - before) / before:+.1f}%"


def _points_change(now: str | None, before: str | None) -> str:
    """Return by how many percentage points a rate, told as text, is above another."""
    return "—" if now is None or before is None else f"{Decimal(now) - Decimal(before):+.2f}"


def _rank_text(change: int | None, labels: Mapping[str, Any]) -> str:
    if change is None:
        return "—"
    word = "same" if change == 0 else "up" if change > 0 else "down"
    return str(labels[word]).format(n=abs(change))


def _repeats(
    repeats: Sequence[Mapping[str, Any]], labels: Mapping[str, Any]
) -> list[tuple[str, str, int]]:
    """Return (category, area, number); several spots in one area are told apart by number."""
    spots = Counter((each["category"], each["area"]) for each in repeats)
    seen: Counter[tuple[str, str]] = Counter()
    told = []
    for each in repeats:
        key = each["category"], each["area"]
        seen[key] += 1
        spot = str(labels["spot"]).format(n=seen[key]) if spots[key] > 1 else ""
        told.append((each["category"], f"{each['area'] or '—'} {spot}".strip(), each["count"]))
    return told
