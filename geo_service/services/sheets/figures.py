"""What stands on a sheet, as plain values: they alone are frozen when it is signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from geo_service.analysis.bins import heat_bins
from geo_service.analysis.cadence import period_before, sheet_period, year_before
from geo_service.analysis.periods import Period
from geo_service.governance.moment import local_text
from geo_service.maps.view import Days
from geo_service.services.rates.counts import RateQuery, Rates, RateService
from geo_service.services.rates.definitions import DEFINITIONS
from geo_service.services.rates.indicators import indicator_values, missed, rate_of
from geo_service.services.rates.rows import RateRow, rate_rows, total_row, unassigned_rows
from geo_service.services.rates.tables import stamp_notes
from geo_service.services.sheets.narrowing import Narrowing, narrowing
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter, issue_columns

TITLES = {
    "day": ("日分析", "Analysis of the day"),
    "week": ("周调度", "Weekly dispatch"),
    "month": ("月点评", "Monthly review"),
    "quarter": ("季通报", "Quarterly report"),
}
COUNTS = ("received", "open", "overdue", "closed", "closed_late", "duplicates", "excluded")
RATES = ("response_rate", "resolution_rate", "satisfaction_rate", "on_time_rate")
_TOP = 10


@dataclass(frozen=True)
class SheetQuery:
    """Which sheet: its kind, its layer, a day that lies in its period, and its language.

    ``category`` (a major one) and ``source`` narrow it, by name or the office's word.
    """

    kind: str
    layer: str
    day: date
    language: str = "zh"
    category: str | None = None
    source: str | None = None


def sheet_figures(
    workspace: Workspace, connection: Transaction, rates: RateService, query: SheetQuery
) -> dict[str, Any]:
    """Return everything that a sheet tells, as plain values for JSON."""
    month_from_day = workspace.profile.rates.month_from_day
    period = sheet_period(query.kind, query.day, month_from_day=month_from_day)
    narrow = narrowing(
        workspace,
        connection,
        category=query.category,
        source=query.source,
        language=query.language,
    )
    asked = RateQuery(query.layer, category=narrow.category, source=narrow.source)
    spans = (
        period,
        period_before(query.kind, period, month_from_day=month_from_day),
        year_before(query.kind, period),
    )
    now, before, last_year = (rates.counted(workspace, connection, asked, each) for each in spans)
    days = [Days.between(each.start, each.end) for each in spans]
    return {
        "kind": query.kind,
        "language": query.language,
        "layer": now.layer.name,
        "layer_title": now.layer.title(query.language),
        "title": TITLES[query.kind][query.language == "en"],
        **narrow.figures,
        "days": [[each.first.isoformat(), each.last.isoformat()] for each in days],
        "edition": now.edition.number,
        "known_at": local_text(now.as_of_s),
        "data_until": None if now.data_until_s is None else local_text(now.data_until_s),
        "notes": stamp_notes(now, query.language),
        "definitions": [
            [each.title(query.language), each.text(query.language)] for each in DEFINITIONS.values()
        ],
        "indicators": indicator_values(now, query.language),
        **_lines(now, before, last_year),
        "repeats": _repeats(workspace, connection, now, period, narrow),
    }


def _lines(now: Rates, before: Rates, last_year: Rates) -> dict[str, Any]:
    """Return the areas with what they were before, all of them together, and the first ten."""
    rows = rate_rows(now)
    earlier = [{row.code: row for row in rate_rows(each)} for each in (before, last_year)]
    lines = [
        {**_line(row, *(each[row.code] for each in earlier)), "missed": missed_rates(now, row)}
        for row in rows
    ]
    nobody = [
        sum(row.counts["received"] for row in unassigned_rows(each))
        for each in (now, before, last_year)
    ]
    total = _line(total_row(now), total_row(before), total_row(last_year))
    ranked = sorted(
        (line for line in lines if line["received"]),
        key=lambda line: (line["ranks"]["received"], line["code"]),
    )
    return {
        "rows": lines,
        "total": total,
        "unassigned": nobody,
        # who shares the tenth rank stands there, too
        "top": [line["code"] for line in ranked if line["ranks"]["received"] <= _TOP],
    }


def missed_rates(found: Rates, row: RateRow) -> list[str]:
    """Return the rates whose target an area misses."""
    rates = {each.name: rate_of(each) for each in found.indicators}
    return [rate for name in missed(found, row) if (rate := rates[name]) is not None]


def _line(row: RateRow, before: RateRow, last_year: RateRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        **{name: row.counts[name] for name in COUNTS},
        "received_before": before.counts["received"],
        "received_last_year": last_year.counts["received"],
        "per_1000_residents": _rounded(row.densities["per_1000_residents"]),
        "median_hours": _rounded(row.times["median_handling_hours"]),
        "open_age_days": _rounded(row.times["median_open_age_days"]),
        "rates": {
            name: {
                "percent": row.rates[f"{name}_appraised"].percent_text,
                "raw": row.rates[name].percent_text,
                "numerator": row.rates[f"{name}_appraised"].numerator_text,
                "denominator": row.rates[f"{name}_appraised"].denominator,
                "before": before.rates[f"{name}_appraised"].percent_text,
                "last_year": last_year.rates[f"{name}_appraised"].percent_text,
            }
            for name in RATES
        },
        "ranks": dict(row.ranks),
        "ranks_before": dict(before.ranks),
    }


def _repeats(
    workspace: Workspace,
    connection: Transaction,
    now: Rates,
    period: Period,
    narrow: Narrowing,
) -> list[dict[str, Any]]:
    """Return the squares where many issues of one category came up, most first."""
    rules, found = workspace.profile.rates, []
    wanted = IssueFilter(
        reported_from_s=period.start_s,
        reported_to_s=period.end_s,
        source=narrow.source,
        without_request_types=now.excluded_request_types,
    )
    for category in sorted([narrow.category] if narrow.category else _categories(connection)):
        columns = issue_columns(connection, replace(wanted, category_major=category))
        is_placed = np.isfinite(columns.lon) & np.isfinite(columns.lat)
        lon, lat = columns.lon[is_placed], columns.lat[is_placed]
        if not len(lon):
            continue
        bins = heat_bins(
            lon=lon, lat=lat, bin_m=max(rules.repeat_m, 50.0), k=max(rules.repeat_least, 3)
        )
        for i, count in enumerate(bins.count.tolist()):
            middle = (bins.west[i] + bins.east[i]) / 2, (bins.south[i] + bins.north[i]) / 2
            found.append({"category": category, "count": count, "at": middle})
    found.sort(key=lambda each: (-each["count"], each["category"], each["at"]))
    return [_named(workspace, connection, now, each) for each in found[:_TOP]]


def _categories(connection: Transaction) -> Sequence[str]:
    from geo_service.storage.issue_queries import distinct_values

    return distinct_values(connection, "category_major")


def _named(
    workspace: Workspace, connection: Transaction, now: Rates, each: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a repeat by the area that the middle of its square lies in, never by its place."""
    locator = workspace.locator(connection, now.edition)
    lon, lat = each["at"]
    family = workspace.family_of(now.layer.name)
    chain = [link.name for link in workspace.layers.families[family]]
    owners = locator.owners(family, lon=np.array([lon]), lat=np.array([lat]))
    position = int(locator.positions_at(family, owners)[chain.index(now.layer.name)][0])
    name = now.areas.names[position] if position >= 0 else ""
    return {"category": each["category"], "count": each["count"], "area": name}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
