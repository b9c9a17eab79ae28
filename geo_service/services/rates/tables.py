"""Rates as a table to take away, with everything that the figures rest on."""

from datetime import datetime
from pathlib import Path
from typing import Any

from geo_service.governance.moment import SHANGHAI, local_text
from geo_service.governance.rates.rate import Rate
from geo_service.layers.files import write_csv, write_xlsx
from geo_service.maps.view import Days
from geo_service.services.callers import Caller
from geo_service.services.page_facts import PageFacts
from geo_service.services.rates.counts import RateQuery, Rates, RateService
from geo_service.services.rates.definitions import DEFINITIONS
from geo_service.services.rates.indicators import indicator_notes, indicator_values
from geo_service.services.rates.rows import (
    RANKED,
    RateRow,
    rate_rows,
    total_row,
    unassigned_rows,
)

_COUNTS = ("received", "duplicates", "excluded", "open", "overdue", "due_soon", "closed")
_RATES = ("response_rate", "resolution_rate", "satisfaction_rate", "on_time_rate")
_WORDS = {
    "zh": {
        "code": "编码",
        "name": "名称",
        "parent": "上级",
        "category": "类别",
        "source": "来源",
        "all": "全部",
        "unassigned": "未落格",
        "unknown": "未分类",
        "numerator": "分子",
        "denominator": "分母",
        "appraised": "考核",
        "rank": "名次",
        "per_km2": "每平方公里",
        "per_1000_residents": "每千人",
        "per_1000_households": "每千户",
        "median_handling_hours": "办理用时中位数（小时）",
        "mean_handling_hours": "办理用时均值（小时）",
        "median_open_age_days": "在办时长中位数（天）",
        "mean_open_age_days": "在办时长均值（天）",
        "settled": "办结于",
        "unknown_tier": "层级不明",
        "hours": "用时（小时）",
    },
    "en": {
        "code": "code",
        "name": "name",
        "parent": "parent",
        "category": "category",
        "source": "source",
        "all": "all",
        "unassigned": "without an owner",
        "unknown": "unclassified",
        "numerator": "numerator",
        "denominator": "denominator",
        "appraised": "appraised",
        "rank": "rank",
        "per_km2": "per km²",
        "per_1000_residents": "per 1,000 residents",
        "per_1000_households": "per 1,000 households",
        "median_handling_hours": "median handling hours",
        "mean_handling_hours": "mean handling hours",
        "median_open_age_days": "median age of open ones, days",
        "mean_open_age_days": "mean age of open ones, days",
        "settled": "settled by",
        "unknown_tier": "unknown tier",
        "hours": "hours",
    },
}


class RateTableService:
    """Rates as files."""

    def __init__(self, rates: RateService, facts: PageFacts) -> None:
        self._rates = rates
        self._facts = facts

    def write(self, caller: Caller, query: RateQuery, path: Path, *, language: str) -> Rates:
        """Write the rates as CSV or XLSX, by the path's ending; return what was written."""
        found = self._rates.rates(caller, query)
        headings, rows = table_cells(found, language)
        if path.suffix != ".xlsx":
            write_csv(path, headings=headings, rows=rows)
            return found
        write_xlsx(
            path,
            title=table_title(found, language),
            notes=[
                *stamp_notes(found, language),
                *target_notes(found, language),
                *definition_notes(language),
                *self._facts.notices(language),
            ],
            headings=headings,
            rows=rows,
            text_columns=(headings[0], headings[2]),
        )
        return found


def table_title(found: Rates, language: str) -> str:
    """Return the title above the table."""
    title = found.layer.title(language)
    return f"Rates by {title}" if language == "en" else f"办理情况（{title}）"


def definition_notes(language: str) -> list[str]:
    """Return a line for each figure: what it is made of."""
    colon = ": " if language == "en" else "："
    return [f"{each.title(language)}{colon}{each.text(language)}" for each in DEFINITIONS.values()]


def target_notes(found: Rates, language: str) -> list[str]:
    """Return a line for each indicator of the profile: value, target, met or not, 口径."""
    return indicator_notes(indicator_values(found, language), language)


def stamp_notes(found: Rates, language: str) -> list[str]:
    """Return what the figures rest on: period, edition, basis, cohort, and until when data are."""
    days, query = Days.between(found.period.start, found.period.end), found.query
    as_of, until = local_text(found.as_of_s), _moment(found.data_until_s)
    left_out = found.excluded_request_types
    if language == "en":
        basis = "recounted on that edition" if query.basis == "recounted" else "owners as kept"
        cohort = "issues reported in it" if query.by == "report" else "what happened in it"
        return [
            f"period {days.first} to {days.last}, {cohort}; as of {as_of}, data until {until}",
            f"edition {found.edition.number}, {basis}; request types left out: "
            + (", ".join(left_out) or "none"),
        ]
    basis = "按当前网格重新归属" if query.basis == "recounted" else "按当时的归属"
    cohort = "时段内上报的问题" if query.by == "report" else "时段内发生的办理"
    return [
        f"统计时段 {days.first} 至 {days.last}，{cohort}；截至 {as_of}，数据截至 {until}",
        f"网格第 {found.edition.number} 版，口径：{basis}；不计入的诉求类型："
        + ("、".join(left_out) or "无"),
    ]


def table_cells(found: Rates, language: str) -> tuple[list[str], list[list[Any]]]:
    """Return the headings and the rows: areas, what nobody owns, all of it."""
    w = _WORDS[language]
    named = [
        *((row, row.name) for row in rate_rows(found)),
        *((row, w["unassigned"]) for row in unassigned_rows(found)),
        (total_row(found), w["all"]),
    ]
    headings = _headings(found, language)
    return headings, [_cells(found, row, name, language) for row, name in named]


def _headings(found: Rates, language: str) -> list[str]:
    w = _WORDS[language]
    titles = {name: each.title(language) for name, each in DEFINITIONS.items()}
    headings = [w["code"], w["name"], w["parent"]]
    headings += [w[name] for name in ("category", "source") if name in found.query.group]
    headings += [titles[name] for name in _COUNTS]
    headings += [w["per_km2"], w["per_1000_residents"], w["per_1000_households"]]
    for name in _RATES:
        title = titles[name]
        headings += [f"{title} %", f"{title} {w['numerator']}", f"{title} {w['denominator']}"]
        headings += [
            f"{title}（{w['appraised']}）%" if language == "zh" else f"{title}, appraised %"
        ]
    headings += [f"{titles['discovery_rate']} %"]
    headings += [w[name] for name in _TIMES]
    headings += [f"{w['settled']} {tier.title(language)}" for tier in found.tiers]
    headings += [f"{w['settled']} {w['unknown_tier']}"]
    if found.tier_hours is not None:
        headings += [f"{tier.title(language)} {w['hours']}" for tier in found.tiers]
    return headings + [f"{titles[name]} {w['rank']}" for name in RANKED]


_TIMES = (
    "median_handling_hours",
    "mean_handling_hours",
    "median_open_age_days",
    "mean_open_age_days",
)


def _cells(found: Rates, row: RateRow, name: str, language: str) -> list[Any]:
    w, grouped = _WORDS[language], found.query.group
    cells: list[Any] = [row.code, name, row.parent]
    if "category" in grouped:
        is_part = name not in {w["all"]}
        cells.append((row.group.category or w["unknown"]) if is_part else w["all"])
    if "source" in grouped:
        cells.append(row.group.source or w["all"])
    cells += [row.counts[each] for each in _COUNTS]
    cells += [_rounded(each) for each in row.densities.values()]
    for each in _RATES:
        rate = row.rates[each]
        cells += [percent(rate), float(rate.numerator_text), rate.denominator]
        cells += [percent(row.rates[f"{each}_appraised"])]
    cells += [percent(row.rates["discovery_rate"])]
    cells += [_rounded(row.times[each]) for each in _TIMES]
    cells += list(row.settled.values())
    if found.tier_hours is not None:
        cells += [_rounded(hours) for _, hours in row.tier_hours.values()]
    return cells + [row.ranks.get(each) for each in RANKED]


def percent(rate: Rate) -> float | None:
    """Return a share in per cent with its printed rounding, as a number for a cell."""
    text = rate.percent_text
    return None if text is None else float(text)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _moment(seconds: int | None) -> str:
    if seconds is None:
        return "—"
    return datetime.fromtimestamp(seconds, SHANGHAI).strftime("%Y-%m-%d %H:%M")
