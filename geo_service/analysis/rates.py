"""Rates of issues by area and group: everything is counted at once, in columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.analysis.periods import Period
from geo_service.layers.area import Floats, Positions

Counts: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

HOUR_S = 3600
SOON_S = 24 * HOUR_S
"""An open issue that is due within this time is due soon (临期); an assumption."""


@dataclass(frozen=True, eq=False)
class RatedIssues:
    """Issues as columns of shape ``(n,)``: moments in seconds since 1970 UTC, -1 for none.

    ``owners`` are positions of areas, -1 for nobody; whoever responded or was answered for may be
    another (``response_owners``, ``answer_owners``). ``groups`` are numbers from 0. ``resolved`` is
    1, 0 or -1 where nobody asked; ``satisfaction`` and ``tier`` are numbers in lists, -1 for none.
    """

    owners: Positions
    response_owners: Positions
    answer_owners: Positions
    groups: Counts
    reported_s: Counts
    closed_s: Counts
    due_s: Counts
    accepted_s: Counts
    responded_s: Counts
    response_due_s: Counts
    answered_s: Counts
    resolved: Counts
    satisfaction: Counts
    tier: Counts
    is_open: Flags
    is_late: Flags
    is_excluded: Flags
    is_exempted: Flags
    is_duplicate: Flags
    is_patrol: Flags


@dataclass(frozen=True)
class RateShape:
    """How many areas, groups, tiers there are, and the weight of each answer.

    ``weights`` are thousandths; -1 for an answer that is none.
    """

    areas: int
    groups: int
    tiers: int
    weights: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class RateCounts:
    """Counts of shape ``(areas + 1, groups)``; the last line holds what nobody owns.

    A rate is two of them; with ``_appraised`` what the appraisal leaves out is no part of either.
    ``settled`` and ``answers`` have one more axis: tiers (the last place for an unknown one) and
    kinds of answers. ``satisfied`` counts in thousandths. Times are NaN where there is nothing to
    measure: hours from report to closing, days that open ones are old.
    """

    counts: Mapping[str, Counts] = field(default_factory=dict)
    times: Mapping[str, Floats] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Counts:
        """Return the counts of a name."""
        return self.counts[name]

    def summed(self, name: str) -> Counts:
        """Return the counts of all areas and groups together, and of nobody's issues."""
        return np.asarray(self.counts[name].sum(axis=(0, 1)))


RATES: Mapping[str, tuple[str, str]] = {
    "response_rate": ("responded", "accepted"),
    "response_rate_appraised": ("responded_appraised", "accepted_appraised"),
    "resolution_rate": ("resolved", "followed_up"),
    "resolution_rate_appraised": ("resolved_appraised", "followed_up_appraised"),
    "satisfaction_rate": ("satisfied", "answered"),
    "satisfaction_rate_appraised": ("satisfied_appraised", "answered_appraised"),
    "on_time_rate": ("closed_on_time", "closed_with_due"),
    "on_time_rate_appraised": ("closed_on_time_appraised", "closed_with_due_appraised"),
    "discovery_rate": ("from_patrol", "received"),
}
"""Each rate: the counts of its numerator and of its denominator."""

IN_THOUSANDTHS = frozenset({"satisfied", "satisfied_appraised"})


def rate_counts(
    issues: RatedIssues, shape: RateShape, period: Period, *, now_s: int, is_by_event: bool = False
) -> RateCounts:
    """Count issues by area and group.

    Parameters
    ----------
    period
        Issues reported in it count (the cohort), whenever they were handled. ``is_by_event``: each
        count takes what happened in it.
    now_s
        What is open is overdue, due soon, old as of this moment.

    Notes
    -----
    A duplicate counts among the duplicates and nowhere else: its original is the issue.
    """
    return _Counting(issues, shape, period, now_s, is_by_event).counts()


def tier_hours(
    counting: RatedIssues,
    shape: RateShape,
    spells: tuple[Counts, Counts, Counts, Counts],
    *,
    now_s: int,
) -> tuple[Counts, Floats]:
    """Return how many issues were with each tier, and their hours in all; (areas + 1, tiers).

    ``spells`` are (position of the issue, tier or -1, used_s, entered_s or -1). A spell that has
    not ended lasts until now, or until the issue was closed.
    """
    at, tier, used_s, entered_s = spells
    closed_s = counting.closed_s[at]
    until_s = np.where(counting.is_open[at] | (closed_s < 0), now_s, closed_s)
    running_s = np.where(entered_s >= 0, np.maximum(until_s - entered_s, 0), 0)
    is_known = (tier >= 0) & ~counting.is_duplicate[at]
    owners = counting.owners[at]
    keys = np.where(owners < 0, shape.areas, owners) * shape.tiers + tier
    size = (shape.areas + 1) * shape.tiers
    keys, seconds = keys[is_known], (used_s + running_s)[is_known]
    number = np.bincount(keys, minlength=size).reshape(-1, shape.tiers)
    total_s = np.bincount(keys, weights=seconds, minlength=size).reshape(-1, shape.tiers)
    return number.astype(np.int64), np.asarray(total_s / HOUR_S)


def ranks(values: Floats, *, is_highest_first: bool = True) -> Counts:
    """Return ranks from 1, shape of ``values``; ties share one, 0 for a null (NaN).

    After two of rank 1 comes rank 3.
    """
    ordered = -values if is_highest_first else values
    known = np.sort(ordered[~np.isnan(ordered)])
    found = np.searchsorted(known, ordered, side="left") + 1
    return np.where(np.isnan(values), 0, found).astype(np.int64)


def shares(numerator: Counts, denominator: Counts) -> Floats:
    """Return shares, unrounded; NaN exactly where the denominator is 0."""
    result: Floats = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result


def grouped_medians(keys: Counts, values: Floats, *, size: int) -> Floats:
    """Return the median of the values of each key from 0; NaN for a key without any."""
    order = np.lexsort((values, keys))
    ordered = values[order]
    number = np.bincount(keys, minlength=size)
    ends = np.cumsum(number)
    starts = ends - number
    medians = np.full(size, np.nan)
    filled = number > 0
    low = starts[filled] + (number[filled] - 1) // 2
    high = starts[filled] + number[filled] // 2
    medians[filled] = (ordered[low] + ordered[high]) / 2
    return medians


class _Counting:
    """One count of everything."""

    def __init__(
        self, issues: RatedIssues, shape: RateShape, period: Period, now_s: int, is_by_event: bool
    ) -> None:
        self._issues = issues
        self._shape = shape
        self._period = period
        self._now_s = now_s
        self._is_by_event = is_by_event
        self._size = (shape.areas + 1) * shape.groups
        self._is_original = ~issues.is_duplicate
        self._keys = self._keys_of(issues.owners)
        self._reported = self._within(issues.reported_s)

    def counts(self) -> RateCounts:
        found = {**self._flow(), **self._stock(), **self._closed()}
        found |= self._responses() | self._answers()
        return RateCounts(counts=found, times=self._times())

    def _keys_of(self, owners: Positions) -> Counts:
        lines = np.where(owners < 0, self._shape.areas, owners).astype(np.int64)
        return lines * self._shape.groups + self._issues.groups

    def _within(self, moments: Counts) -> Flags:
        return np.asarray((moments >= self._period.start_s) & (moments < self._period.end_s))

    def _happened(self, moments: Counts) -> Flags:
        """Return which issues count for what happened at these moments."""
        happened = self._within(moments) if self._is_by_event else self._reported & (moments >= 0)
        return happened & self._is_original

    def _count(self, which: Flags, keys: Counts | None = None) -> Counts:
        chosen = (self._keys if keys is None else keys)[which]
        return self._shaped(np.bincount(chosen, minlength=self._size))

    def _shaped(self, values: NDArray[np.generic]) -> Counts:
        return values.reshape(self._shape.areas + 1, self._shape.groups).astype(np.int64)

    def _both(self, name: str, which: Flags, keys: Counts | None = None) -> dict[str, Counts]:
        """Count with and without what the appraisal leaves out."""
        kept = which & ~self._issues.is_excluded
        return {name: self._count(which, keys), f"{name}_appraised": self._count(kept, keys)}

    def _flow(self) -> dict[str, Counts]:
        issues, reported = self._issues, self._reported & self._is_original
        return {
            "received": self._count(reported),
            "duplicates": self._count(self._reported & issues.is_duplicate),
            "excluded": self._count(reported & issues.is_excluded),
            "from_patrol": self._count(reported & issues.is_patrol),
            "not_handled": self._count(reported & (issues.accepted_s < 0)),
        }

    def _stock(self) -> dict[str, Counts]:
        issues, now_s = self._issues, self._now_s
        before = issues.reported_s < self._period.end_s
        counted = before if self._is_by_event else self._reported
        is_open = issues.is_open & self._is_original & counted
        left_s = issues.due_s - now_s
        has_due = is_open & (issues.due_s >= 0)
        return {
            "open": self._count(is_open),
            "overdue": self._count(has_due & (left_s < 0)),
            "due_soon": self._count(has_due & (left_s >= 0) & (left_s <= SOON_S)),
        }

    def _is_closed(self) -> Flags:
        issues = self._issues
        is_known = self._happened(issues.closed_s)
        is_unknown = ~issues.is_open & (issues.closed_s < 0) & self._reported & self._is_original
        return (is_known & ~issues.is_open) | (is_unknown & (not self._is_by_event))

    def _closed(self) -> dict[str, Counts]:
        issues, is_closed = self._issues, self._is_closed()
        has_due = is_closed & (issues.due_s >= 0) & (issues.closed_s >= 0)
        late = has_due & issues.is_late
        appraised = has_due & ~issues.is_excluded
        tiers = self._shape.tiers + 1
        tier = np.where(issues.tier < 0, self._shape.tiers, issues.tier)
        keys = (self._keys * tiers + tier)[is_closed]
        settled = np.bincount(keys, minlength=self._size * tiers)
        return {
            "closed": self._count(is_closed),
            "closed_late": self._count(late),
            "closed_with_due": self._count(has_due),
            "closed_on_time": self._count(has_due & ~late),
            "closed_with_due_appraised": self._count(appraised),
            # that it was overdue stays a fact; the appraisal does not count it
            "closed_on_time_appraised": self._count(appraised & (~late | issues.is_exempted)),
            "closed_at_unknown": self._count(is_closed & (issues.closed_s < 0)),
            "settled": settled.reshape(-1, self._shape.groups, tiers).astype(np.int64),
        }

    def _responses(self) -> dict[str, Counts]:
        issues = self._issues
        accepted = self._happened(issues.accepted_s)
        no_limit = issues.response_due_s < 0
        in_time = no_limit | (issues.responded_s <= issues.response_due_s)
        keys = self._keys_of(issues.response_owners)
        responded = accepted & (issues.responded_s >= 0) & in_time
        return self._both("accepted", accepted, keys) | self._both("responded", responded, keys)

    def _answers(self) -> dict[str, Counts]:
        issues = self._issues
        told = self._happened(issues.answered_s)
        keys = self._keys_of(issues.answer_owners)
        kinds = len(self._shape.weights)
        weight = np.array([*self._shape.weights, -1], dtype=np.int64)[issues.satisfaction]
        counted = told & (weight >= 0)
        each = told & (issues.satisfaction >= 0)
        by_kind = (keys * kinds + issues.satisfaction)[each]
        found = {
            **self._both("followed_up", told & (issues.resolved >= 0), keys),
            **self._both("resolved", told & (issues.resolved == 1), keys),
            **self._both("answered", counted, keys),
            "answers": np.bincount(by_kind, minlength=self._size * kinds)
            .reshape(-1, self._shape.groups, kinds)
            .astype(np.int64),
        }
        for name, which in (
            ("satisfied", counted),
            ("satisfied_appraised", counted & ~issues.is_excluded),
        ):
            sums = np.bincount(keys[which], weights=weight[which], minlength=self._size)
            found[name] = self._shaped(np.rint(sums))
        return found

    def _times(self) -> dict[str, Floats]:
        issues = self._issues
        closed = self._is_closed() & (issues.closed_s >= 0)
        before = issues.reported_s < self._period.end_s
        is_open = issues.is_open & self._is_original
        is_open &= before if self._is_by_event else self._reported
        hours = (issues.closed_s - issues.reported_s) / HOUR_S
        days = (self._now_s - issues.reported_s) / (24 * HOUR_S)
        return {
            **self._middle("handling_hours", closed, hours),
            **self._middle("open_age_days", is_open, days),
        }

    def _middle(self, name: str, which: Flags, values: Floats) -> dict[str, Floats]:
        keys, chosen = self._keys[which], values[which]
        number = np.bincount(keys, minlength=self._size)
        sums = np.bincount(keys, weights=chosen, minlength=self._size)
        mean = np.full(self._size, np.nan)
        np.divide(sums, number, out=mean, where=number > 0)
        median = grouped_medians(keys, chosen, size=self._size)
        shape = (self._shape.areas + 1, self._shape.groups)
        return {f"median_{name}": median.reshape(shape), f"mean_{name}": mean.reshape(shape)}
