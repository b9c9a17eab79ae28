"""A sheet as a workbook."""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from geo_service.layers.files import write_xlsx
from geo_service.services.rates.indicators import indicator_notes
from geo_service.services.sheets.figures import COUNTS, RATES

WORDS = {
    "zh": {
        "code": "编码",
        "name": "名称",
        "all": "全部",
        "unassigned": "未落格",
        "before": "上期",
        "last_year": "去年同期",
        "rank": "名次",
        "rank_change": "名次变化",
        "median_hours": "办理用时中位数（小时）",
        "open_age_days": "在办时长中位数（天）",
        "received": "受理量",
        "open": "在办",
        "overdue": "超期",
        "closed": "办结",
        "closed_late": "超期办结",
        "duplicates": "重复件",
        "excluded": "考核剔除",
        "response_rate": "响应率",
        "resolution_rate": "解决率",
        "satisfaction_rate": "满意率",
        "on_time_rate": "按时办结率",
        "raw": "原始",
    },
    "en": {
        "code": "code",
        "name": "name",
        "all": "all",
        "unassigned": "without an owner",
        "before": "period before",
        "last_year": "a year before",
        "rank": "rank",
        "rank_change": "change of rank",
        "median_hours": "median handling hours",
        "open_age_days": "median age of open ones, days",
        "received": "received",
        "open": "open",
        "overdue": "overdue",
        "closed": "closed",
        "closed_late": "closed late",
        "duplicates": "duplicates",
        "excluded": "excluded",
        "response_rate": "response rate",
        "resolution_rate": "resolution rate",
        "satisfaction_rate": "satisfaction rate",
        "on_time_rate": "on-time rate",
        "raw": "raw",
    },
}


def sheet_workbook(figures: Mapping[str, Any], digest: str, target: BinaryIO) -> None:
    """Write the figures of a sheet, and nothing else, as a workbook."""
    w = WORDS[figures["language"]]
    headings = [w["code"], w["name"], *(w[name] for name in COUNTS)]
    headings += [f"{w['received']} {w[name]}" for name in ("before", "last_year")]
    for name in RATES:
        parts = ("", w["raw"], w["before"], w["last_year"])
        headings += [f"{w[name]} {part}".strip() + " %" for part in parts]
    headings += [w["median_hours"], w["open_age_days"], w["rank"], w["rank_change"]]
    write_xlsx(
        target,
        title=sheet_title(figures),
        notes=[*stamp_lines(figures, digest), *_changes(figures), *_written(figures)],
        headings=headings,
        rows=[_cells(line, line["name"]) for line in figures["rows"]]
        + [_cells(figures["total"], w["all"])],
        text_columns=(headings[0],),
    )


def sheet_title(figures: Mapping[str, Any]) -> str:
    """Return the title of a sheet; it names what it is narrowed to, and a correction says so."""
    is_english = figures["language"] == "en"
    correction = (" (correction)" if is_english else "（更正版）") if figures["corrects"] else ""
    narrowed = figures.get("narrowed_title")
    named = (f" ({narrowed})" if is_english else f"（{narrowed}）") if narrowed else ""
    return f"{figures['place']} {figures['title']}{named}{correction}"


def stamp_lines(figures: Mapping[str, Any], digest: str) -> list[str]:
    """Return the number, the hash, and as of when a sheet is."""
    is_english = figures["language"] == "en"
    if figures["number"] is None:
        return ["Draft, not signed" if is_english else "草稿，未签发", *figures["notes"]]
    number, known_at = figures["number"], figures["known_at"]
    if is_english:
        first = f"No. {number}, signed {known_at} by {figures['signed_by']}, SHA-256 {digest}"
        corrects = f"corrects No. {figures['corrects']}"
    else:
        signed_by = figures["signed_by"]
        first = f"第 {number} 号，{known_at} 由 {signed_by} 签发，校验 SHA-256 {digest}"
        corrects = f"更正第 {figures['corrects']} 号"
    return [first, *([corrects] if figures["corrects"] else []), *figures["notes"]]


def change_lines(figures: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Return (name, figure, was, is, change) of each difference from what is corrected."""
    w = WORDS[figures["language"]]
    return [
        (
            each["name"] or w["all"],
            w[each["figure"]],
            _text(each["was"]),
            _text(each["is"]),
            "" if each["change"] is None else f"{each['change']:+d}",
        )
        for each in figures["differences"]
    ]


def rank_change(line: Mapping[str, Any]) -> int | None:
    """Return by how many ranks an area moved up in issues; None where it had or has none."""
    now, before = line["ranks"].get("received"), line["ranks_before"].get("received")
    return None if now is None or before is None else before - now


def _cells(line: Mapping[str, Any], name: str) -> list[Any]:
    cells = [line["code"], name, *(line[each] for each in COUNTS)]
    cells += [line["received_before"], line["received_last_year"]]
    for each in RATES:
        told = line["rates"][each]
        cells += [_number(told[part]) for part in ("percent", "raw", "before", "last_year")]
    cells += [line["median_hours"], line["open_age_days"]]
    return [*cells, line["ranks"].get("received"), rank_change(line)]


def _changes(figures: Mapping[str, Any]) -> list[str]:
    return [" ".join(each) for each in change_lines(figures)]


def _written(figures: Mapping[str, Any]) -> Sequence[str]:
    targets = indicator_notes(figures["indicators"], figures["language"])
    definitions = (f"{title}：{text}" for title, text in figures["definitions"])
    return [*targets, *definitions, *figures["notices"]]


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _text(value: Any) -> str:
    return "—" if value is None else str(value)
