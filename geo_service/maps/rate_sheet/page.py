"""One sheet in plain values in, one HTML text out."""

from collections.abc import Mapping
from typing import Any

from geo_service.maps.offline import render_checked
from geo_service.maps.pages import template
from geo_service.maps.wording import html_language

_LABELS = {
    "zh": {
        "top": "受理量前十",
        "three": "三率与按时办结率（考核值）",
        "all_areas": "各区域",
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
    },
    "en": {
        "top": "Ten with most issues",
        "three": "Three rates and on-time rate (appraised)",
        "all_areas": "All areas",
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
    },
}


def render_sheet(
    figures: Mapping[str, Any],
    *,
    texts: Mapping[str, Any],
) -> str:
    """Return the page of a sheet; the same values give the same bytes.

    ``texts`` holds what the service has put into words: title, stamp, words, changes, rank changes.

    Raises
    ------
    ExternalReference
        When the page would load anything from outside.
    """
    language = figures["language"]
    html = template("rate_sheet.html.j2").render(
        f=figures,
        html_language=html_language(language),
        labels=_LABELS[language],
        rates=("response_rate", "resolution_rate", "satisfaction_rate", "on_time_rate"),
        by_code={line["code"]: line for line in figures["rows"]},
        **texts,
    )
    return render_checked(html, is_standalone=True)
