"""Counts of rates as rows: one for each area and group, with rates, densities and ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo_service.analysis.rates import IN_THOUSANDTHS, RATES, Counts, ranks, shares
from geo_service.governance.handling.facts import SATISFACTION
from geo_service.governance.rates.rate import Rate
from geo_service.governance.rates.rules import WHOLE
from geo_service.layers.area import Floats
from geo_service.services.rates.counts import Group, Rates

PLAIN = (
    "received",
    "duplicates",
    "excluded",
    "not_handled",
    "accepted",
    "open",
    "overdue",
    "due_soon",
    "closed",
    "closed_late",
    "closed_at_unknown",
)
"""Counts that a row tells as they are."""

TIMES = (
    "median_handling_hours",
    "mean_handling_hours",
    "median_open_age_days",
    "mean_open_age_days",
)
_DENSITIES = {"per_km2": ("km2", 1), "per_1000_residents": ("residents", 1000)}
_DENSITIES |= {"per_1000_households": ("households", 1000)}

RANKED = (
    "received",
    "response_rate",
    "resolution_rate",
    "satisfaction_rate",
    "on_time_rate",
)
"""What areas are ranked by; of rates the appraised one."""


@dataclass(frozen=True)
class RateRow:
    """One line of a table: ``code`` is None for all areas together and for what nobody owns.

    ``counts``, ``densities`` and ``times`` are by the names of the analysis, ``rates`` by those of
    RATES, ``settled`` by tier with None for an unknown one, ``answers`` by kind.
    """

    code: str | None
    name: str
    parent: str | None
    group: Group
    counts: Mapping[str, int]
    densities: Mapping[str, float | None]
    rates: Mapping[str, Rate]
    times: Mapping[str, float | None]
    settled: Mapping[str | None, int]
    answers: Mapping[str, int]
    ranks: Mapping[str, int | None]
    tier_hours: Mapping[str, tuple[int, float]]

    @property
    def settled_rates(self) -> dict[str | None, Rate]:
        """The share of each tier in what is closed."""
        return {tier: Rate.of(n, self.counts["closed"]) for tier, n in self.settled.items()}


def rate_rows(found: Rates) -> list[RateRow]:
    """Return a row for each area; with groups, for each area and group that has any issue."""
    columns, placed = _columns(found), rank_columns(found)
    received = found.counts["received"] + found.counts["duplicates"] + found.counts["open"]
    told = received + found.counts["accepted"] + found.counts["closed"]
    is_grouped = found.query.group != "none"
    rows = []
    for i in range(len(found.areas)):
        for g in range(len(found.groups)):
            if is_grouped and not told[i, g]:
                continue
            own = {name: _whole(values[i, g]) for name, values in placed.items()}
            rows.append(_row(found, columns, (i, g), own))
    return rows


def unassigned_rows(found: Rates) -> list[RateRow]:
    """Return the same of what nobody owns, where there is any."""
    columns, last = _columns(found), len(found.areas)
    rows = [_row(found, columns, (last, g), {}) for g in range(len(found.groups))]
    return [row for row in rows if any(row.counts.values())]


def total_row(found: Rates) -> RateRow:
    """Return the same of all issues together, whoever owns them."""
    counts, times = found.total.counts, found.total.times
    columns = _Columns(
        {name: values[:1] for name, values in counts.items()},
        {name: values[:1] for name, values in times.items()},
        {},
        None if found.tier_issues is None else found.tier_issues.sum(axis=0, keepdims=True),
        None if found.tier_hours is None else found.tier_hours.sum(axis=0, keepdims=True),
    )
    row = _row(found, columns, (0, 0), {}, is_all=True)
    return replace(row, group=Group(found.query.category, found.query.source))


def rank_columns(found: Rates) -> dict[str, Counts]:
    """Return measure → ranks of shape (areas, groups), 0 for none."""
    placed = {"received": ranks_by_column(found.counts["received"][:-1].astype(np.float64))}
    for name in RANKED[1:]:
        numerator, denominator = RATES[f"{name}_appraised"]
        values = shares(found.counts[numerator][:-1], found.counts[denominator][:-1])
        placed[name] = ranks_by_column(values)
    return placed


def ranks_by_column(values: Floats) -> Counts:
    """Return the ranks of each column by itself, from the highest."""
    found = [ranks(values[:, column]) for column in range(values.shape[1])]
    return np.array(found, dtype=np.int64).T.reshape(values.shape)


@dataclass(frozen=True, eq=False)
class _Columns:
    """Counts, times and densities, each as arrays of (lines, groups)."""

    counts: Mapping[str, Counts]
    times: Mapping[str, Floats]
    densities: Mapping[str, Floats]
    tier_issues: Counts | None
    tier_hours: Floats | None


def _columns(found: Rates) -> _Columns:
    received = found.counts["received"][:-1]
    densities = {}
    for name, (figure, times) in _DENSITIES.items():
        below = getattr(found.figures, figure)[:, None]
        result = np.full(received.shape, np.nan)
        np.divide(times * received, below, out=result, where=np.nan_to_num(below) > 0)
        densities[name] = result
    return _Columns(
        found.counts.counts, found.counts.times, densities, found.tier_issues, found.tier_hours
    )


def _row(
    found: Rates,
    columns: _Columns,
    at: tuple[int, int],
    own: Mapping[str, int | None],
    *,
    is_all: bool = False,
) -> RateRow:
    i, g = at
    is_area = not is_all and i < len(found.areas)
    counts = columns.counts
    tiers: Sequence[str | None] = [*(tier.name for tier in found.tiers), None]
    return RateRow(
        code=found.areas.codes[i] if is_area else None,
        name=found.areas.names[i] if is_area else "",
        parent=found.areas.parents[i] if is_area else None,
        group=found.groups[g],
        counts={name: int(counts[name][i, g]) for name in PLAIN},
        densities={
            name: _known(columns.densities[name][i, g]) if is_area else None for name in _DENSITIES
        },
        rates={name: _rate(counts, name, i, g) for name in RATES},
        times={name: _known(columns.times[name][i, g]) for name in TIMES},
        settled=dict(zip(tiers, counts["settled"][i, g].tolist(), strict=True)),
        answers={
            word.name: int(n)
            for word, n in zip(SATISFACTION, counts["answers"][i, g].tolist(), strict=True)
        },
        ranks=own,
        tier_hours=_spent(found, columns, i),
    )


def _rate(counts: Mapping[str, Counts], name: str, i: int, g: int) -> Rate:
    numerator, denominator = RATES[name]
    above = int(counts[numerator][i, g]) * (1 if numerator in IN_THOUSANDTHS else WHOLE)
    return Rate(above, int(counts[denominator][i, g]))


def _spent(found: Rates, columns: _Columns, i: int) -> dict[str, tuple[int, float]]:
    if columns.tier_issues is None or columns.tier_hours is None:
        return {}
    number, hours = columns.tier_issues[i].tolist(), columns.tier_hours[i].tolist()
    return {tier.name: (number[t], hours[t]) for t, tier in enumerate(found.tiers)}


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _whole(rank: Any) -> int | None:
    return int(rank) or None
