"""Where it is bad, is it real, is it getting worse: counts of two periods, area by area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.analysis.periods import Period
from geo_service.errors import InvalidValue
from geo_service.layers.area import Floats, Positions

Counts: TypeAlias = NDArray[np.int64]
Columns: TypeAlias = Mapping[str, Floats | Counts]
Verdict: TypeAlias = Literal["up", "down", "unclear"]

FALSE_DISCOVERY_RATE = 0.1
"""Of the areas called up or down, at most this share is expected to be chance."""

MEASURES = (
    "count",
    "change",
    "change_share",
    "per_km2",
    "per_1000_residents",
    "open_count",
    "overdue_count",
    "due_soon_count",
    "before",
)


@dataclass(frozen=True)
class HotspotRow:
    """One area in a period.

    ``before`` is the count of the equally long period right before. ``open_count`` is how many of
    the period's issues are still open, ``overdue_count`` and ``due_soon_count`` of how many of
    those the deadline is over, or near. A share or rate is None exactly where its denominator is
    unknown or 0. ``p_value`` is that of the change (see ``change_p_values``).
    """

    code: str
    name: str
    count: int
    before: int
    change: int
    change_share: float | None
    per_km2: float | None
    per_1000_residents: float | None
    area_km2: float | None
    residents: float | None
    open_count: int
    p_value: float
    verdict: Verdict
    overdue_count: int = 0
    due_soon_count: int = 0


@dataclass(frozen=True)
class MeasuredAreas:
    """The areas that are counted over; NaN where a figure is unknown."""

    codes: Sequence[str]
    names: Sequence[str]
    area_km2: Floats
    residents: Floats


def _nothing() -> NDArray[np.bool_]:
    return np.empty(0, dtype=bool)


@dataclass(frozen=True)
class LocatedIssues:
    """The issues of both periods with their owners: positions in the areas, -1 for unassigned.

    ``is_open`` says of each issue of the period whether it is open now, ``is_overdue`` and
    ``is_due_soon`` whether it is and its deadline is over or near; empty where nobody asks. A line
    of ``owners`` is one issue, also where the issue's place is unknown.
    """

    owners: Positions
    is_open: NDArray[np.bool_]
    owners_before: Positions
    is_overdue: NDArray[np.bool_] = field(default_factory=_nothing)
    is_due_soon: NDArray[np.bool_] = field(default_factory=_nothing)


@dataclass(frozen=True)
class Stamp:
    """What a figure must say of itself: period, edition, basis, and until when the data reach."""

    period: Period
    edition: int | None
    basis: Literal["recounted", "kept"]
    data_until_s: int | None


@dataclass(frozen=True, eq=False)
class HotspotTable:
    """All areas in the order they were given, with what stands beside them.

    The counts and ``unassigned`` add up to ``total``, and likewise for the period before.
    """

    rows: tuple[HotspotRow, ...]
    unassigned: int
    unassigned_before: int
    total: int
    total_before: int
    stamp: Stamp

    def column(self, measure: str) -> Floats:
        """Return one measure of all rows, shape ``(n,)``, NaN for null; raises InvalidValue."""
        _check_measure(measure)
        values = [getattr(row, measure) for row in self.rows]
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


@dataclass(frozen=True)
class Ranked:
    """A row with its rank from 1; ties share one, and a null has none."""

    rank: int | None
    row: HotspotRow


def count_by_area(owners: Positions, *, areas: int) -> Counts:
    """Return how many of ``owners`` (shape ``(n,)``, -1 for none) fall on each of ``areas``."""
    assigned = owners[owners >= 0]
    return np.bincount(assigned, minlength=areas).astype(np.int64, copy=False)


def hotspot_table(areas: MeasuredAreas, issues: LocatedIssues, stamp: Stamp) -> HotspotTable:
    """Return the counts of a period and the one before, with rates and verdicts.

    An area's verdict is ``up`` or ``down`` when its change stands out of chance at a false
    discovery rate of 0.1 over all areas with an issue in either period, else ``unclear``.

    References
    ----------
    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal
    Statistical Society B 57 (1995), 289-300.
    """
    size = len(areas.codes)
    counts = count_by_area(issues.owners, areas=size)
    before = count_by_area(issues.owners_before, areas=size)
    p_values = change_p_values(counts, before)
    columns: Columns = {
        "count": counts,
        "before": before,
        "change": counts - before,
        "change_share": _per(counts - before, before),
        "per_km2": _per(counts, areas.area_km2),
        "per_1000_residents": _per(1000 * counts, areas.residents),
        "area_km2": areas.area_km2,
        "residents": areas.residents,
        "open_count": count_by_area(issues.owners[issues.is_open], areas=size),
        "p_value": p_values,
        "overdue_count": count_by_area(_those(issues.owners, issues.is_overdue), areas=size),
        "due_soon_count": count_by_area(_those(issues.owners, issues.is_due_soon), areas=size),
    }
    return HotspotTable(
        rows=_rows(areas, columns, _verdicts(counts, before, p_values)),
        unassigned=int((issues.owners < 0).sum()),
        unassigned_before=int((issues.owners_before < 0).sum()),
        total=len(issues.owners),
        total_before=len(issues.owners_before),
        stamp=stamp,
    )


def _those(owners: Positions, which: NDArray[np.bool_]) -> Positions:
    return owners[which] if len(which) else owners[:0]


def change_p_values(counts: Counts, before: Counts) -> Floats:
    """Return how probable a change at least as large is by chance alone, two-sided.

    Parameters
    ----------
    counts, before
        Counts of two equally long periods, shape ``(n,)``.

    Returns
    -------
    Floats
        Shape ``(n,)``, in (0, 1]; 1 where both counts are 0.

    Notes
    -----
    Two Poisson counts with the same rate, given their sum s, are binomial with s trials of one
    half. The binomial with one half is symmetric, so the two-sided p-value is twice the smaller
    tail, at most 1. No normal approximation, so small counts are exact too.

    References
    ----------
    J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from Poisson
    series", Biometrika 31 (1940), 313-323.
    """
    from scipy import stats  # loads for a third of a second: only who counts waits for it

    tail = stats.binom.cdf(np.minimum(counts, before), counts + before, 0.5)
    return np.asarray(np.minimum(1.0, 2.0 * tail), dtype=np.float64)


def ranking(table: HotspotTable, measure: str) -> list[Ranked]:
    """Return the rows, largest first; ties share a rank and stand by code, nulls stand last.

    After two rows of rank 1 comes rank 3.

    Raises
    ------
    InvalidValue
        A measure that is none of MEASURES.
    """
    values = table.column(measure)
    order = sorted(
        range(len(values)),
        key=lambda i: (bool(np.isnan(values[i])), -np.nan_to_num(values[i]), table.rows[i].code),
    )
    known = np.sort(-values[~np.isnan(values)])
    ranks = np.searchsorted(known, -values, side="left") + 1
    return [Ranked(None if np.isnan(values[i]) else int(ranks[i]), table.rows[i]) for i in order]


def _verdicts(counts: Counts, before: Counts, p_values: Floats) -> list[Verdict]:
    verdicts: list[Verdict] = ["unclear"] * len(counts)
    # Given its sum, an area without any issue cannot change: it is no test, and is not counted
    # among them.
    tested = np.flatnonzero(counts + before)
    if not len(tested):
        return verdicts
    from scipy import stats

    adjusted = stats.false_discovery_control(p_values[tested], method="bh")
    for i in tested[adjusted <= FALSE_DISCOVERY_RATE].tolist():
        verdicts[i] = "up" if counts[i] > before[i] else "down"
    return verdicts


def _per(numerator: Counts, denominator: Floats | Counts) -> Floats:
    """Divide; NaN where the denominator is unknown or not above 0."""
    below = np.asarray(denominator, dtype=np.float64)
    result: Floats = np.full(len(below), np.nan)
    np.divide(numerator, below, out=result, where=below > 0)
    return result


def _rows(
    areas: MeasuredAreas, columns: Columns, verdicts: list[Verdict]
) -> tuple[HotspotRow, ...]:
    plain = {name: _plain(values) for name, values in columns.items()}
    return tuple(
        HotspotRow(code=code, name=name, verdict=verdict, **dict(zip(plain, values, strict=True)))
        for code, name, verdict, *values in zip(
            areas.codes, areas.names, verdicts, *plain.values(), strict=True
        )
    )


def _plain(values: Floats | Counts) -> list[float | None]:
    return [None if isnan(value) else value for value in values.tolist()]


def _check_measure(measure: str) -> None:
    if measure not in MEASURES:
        known = ", ".join(MEASURES)
        raise InvalidValue(
            where="measure", expected_zh=f"{known} 之一", expected_en=f"one of {known}"
        )
