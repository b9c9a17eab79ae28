"""The indicators of a profile, as far as rates of issues tell them, beside their targets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from geo_service.governance.indicators.indicator import Indicator
from geo_service.governance.indicators.reached import Reached
from geo_service.governance.moment import SHANGHAI
from geo_service.governance.rates.rules import WHOLE
from geo_service.services.rates.counts import Rates
from geo_service.services.rates.definitions import DEFINITIONS
from geo_service.services.rates.rows import RateRow, total_row

_RATES: Mapping[tuple[str, str], str] = {
    ("responded_in_time", "accepted"): "response_rate",
    ("resolved", "asked_resolved"): "resolution_rate",
    ("satisfied", "asked_satisfied"): "satisfaction_rate",
    ("closed_in_time", "closed"): "on_time_rate",
    ("found_by_patrol", "reported"): "discovery_rate",
}
"""Which rate an indicator is, by its measures."""
_COUNTS = {"reported": "received", "accepted": "accepted", "closed": "closed"}
"""Measures that are counts of a row as they are."""


def rate_of(indicator: Indicator) -> str | None:
    """Return the rate of the tables that an indicator is; None where it is none of them."""
    return _RATES.get((indicator.numerator, indicator.denominator or ""))


def reached(found: Rates) -> list[Reached]:
    """Return every indicator of the profile as all issues of the period together reach it."""
    return [_reached(found, total_row(found), each) for each in found.indicators]


def missed(found: Rates, row: RateRow) -> list[str]:
    """Return the names of the indicators whose target one area misses."""
    every = (_reached(found, row, each) for each in found.indicators)
    return [each.indicator.name for each in every if each.is_met is False]


def definition_of(indicator: Indicator, language: str) -> str:
    """Return what an indicator is made of (口径), with what was reported of it by others."""
    parts = [indicator.definition(language)]
    name = rate_of(indicator)
    if name is not None:
        parts.append(DEFINITIONS[name].text(language))
    reported = indicator.reported_en if language == "en" else indicator.reported_zh
    if reported:
        parts.append(reported)
    return ("; " if language == "en" else "；").join(parts)


def indicator_values(found: Rates, language: str) -> list[dict[str, Any]]:
    """Return the indicators as plain values: what they came to, aimed at, and are made of."""
    return [
        {
            "name": each.indicator.name,
            "title": each.indicator.title(language),
            "rate": rate_of(each.indicator),
            "unit": each.indicator.unit,
            "better": each.indicator.better,
            "value": each.value_text,
            "target": each.target,
            "met": each.is_met,
            "is_counted": each.is_counted,
            "value_text": f"{each.value_text or '—'}{each.unit_text(language)}",
            "target_text": each.target_text(language),
            "verdict": each.verdict(language),
            "definition": definition_of(each.indicator, language),
        }
        for each in reached(found)
    ]


def indicator_notes(values: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """Return a line for each indicator: value, target, whether it is met, and its 口径."""
    is_english = language == "en"
    lines = []
    for each in values:
        value = each["value_text"]
        if not each["is_counted"]:
            value = "not counted here" if is_english else "此处不统计"
        if is_english:
            lines.append(
                f"Target, {each['title']}: {value}, target {each['target_text']}, "
                f"{each['verdict']} ({each['definition']})"
            )
        else:
            lines.append(
                f"指标 {each['title']}：{value}，目标 {each['target_text']}，"
                f"是否达到 {each['verdict']}（{each['definition']}）"
            )
    return lines


def _reached(found: Rates, row: RateRow, indicator: Indicator) -> Reached:
    target = indicator.target_of(_year(found))
    name = rate_of(indicator)
    if name is not None:
        rate = row.rates.get(f"{name}_appraised", row.rates[name])
        return Reached(indicator, rate.exact, target)
    if indicator.numerator == "handling_hours":
        mean = row.times["mean_handling_hours"]
        return Reached(indicator, None if mean is None else Fraction(mean), target)
    amounts = _amounts(found, row)
    above = amounts.get(indicator.numerator)
    below = 1 if indicator.denominator is None else amounts.get(indicator.denominator)
    if above is None or below is None:
        return Reached(indicator, None, target, is_counted=False)
    return Reached(indicator, Fraction(above, below) if below else None, target)


def _amounts(found: Rates, row: RateRow) -> dict[str, int]:
    """Return the measures of a row that are whole numbers of issues."""
    below = {tier.name for tier in found.tiers if tier.of_residents}
    amounts = {measure: row.counts[count] for measure, count in _COUNTS.items()}
    amounts["settled_by_residents"] = sum(n for tier, n in row.settled.items() if tier in below)
    for (numerator, denominator), name in _RATES.items():
        rate = row.rates[name]
        if rate.numerator % WHOLE == 0:
            amounts.setdefault(numerator, rate.numerator // WHOLE)
        amounts.setdefault(denominator, rate.denominator)
    return amounts


def _year(found: Rates) -> int:
    """Return the year of the last day of the period: an appraisal month is named after its end."""
    return datetime.fromtimestamp(found.period.end_s - 1, SHANGHAI).year
