"""Classes of a choropleth: where one color ends and the next begins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import InvalidValue
from geo_service.layers.area import Floats, Positions

_MOST_CLASSES = 12


@dataclass(frozen=True)
class Classes:
    """Classes in ascending order.

    A value belongs to the first class whose break, its upper end, is not below it; the last break
    is the largest value. Nulls belong to none. ``n`` counts the values, ``nulls`` what is not one.
    """

    breaks: tuple[float, ...]
    labels: tuple[str, ...]
    method: str
    n: int
    nulls: int

    def positions(self, values: Floats) -> Positions:
        """Return the class of each value, shape ``(n,)``; -1 for NaN, the last one above all."""
        found = np.searchsorted(np.array(self.breaks), values, side="left")
        found = np.minimum(found, len(self.breaks) - 1)
        return np.where(np.isnan(values), -1, found).astype(np.int32)


def classify(values: Floats, *, method: str, k: int, are_counts: bool = False) -> Classes:
    """Return classes of values, their nulls apart.

    Parameters
    ----------
    values
        Shape ``(n,)``; NaN is null.
    method
        ``quantile`` (equally many values), ``equal`` (equally wide) or ``natural`` (the least sum
        of squares within the classes).
    k
        Classes asked for, 1 to 12; equal values share a class, so there may be fewer.
    are_counts
        Whole numbers from 0: zero gets a class of its own beside the ``k``, and labels name both
        ends (0, 1–4, 5–9).

    Raises
    ------
    InvalidValue
        An unknown method, ``k`` out of range, infinities, or counts that are none.
    """
    _check(values, method, k, are_counts)
    known = np.sort(values[~np.isnan(values)])
    positive = known[known > 0] if are_counts else known
    breaks = _METHODS[method](positive, k) if len(positive) else np.empty(0)
    if are_counts:
        breaks = np.floor(breaks)
    breaks = np.unique(breaks)
    if len(positive):
        breaks[-1] = positive[-1]  # computed ones may miss the largest value by a rounding
    if len(known) > len(positive):
        breaks = np.concatenate([[0.0], breaks])
    breaks = _without_empty(breaks, known)
    label = _count_labels if are_counts else _range_labels
    return Classes(
        breaks=tuple(breaks.tolist()),
        labels=tuple(label(breaks, known)),
        method=method,
        n=len(known),
        nulls=len(values) - len(known),
    )


def natural_breaks(values: Floats, k: int) -> Floats:
    """Return the upper ends of the ``k`` classes with the least sum of squares within them.

    Parameters
    ----------
    values
        Ascending, shape ``(n,)``, n > 0. Fewer distinct values than ``k`` give as many classes.

    Notes
    -----
    Exact: dynamic programming over the distinct values with their weights. The sum of squares obeys
    the quadrangle inequality, so the best start of the last class moves only right as its end does;
    all ends of one depth are solved together, which takes n log n steps a class.

    References
    ----------
    W. D. Fisher, "On grouping for maximum homogeneity", Journal of the American Statistical
    Association 53 (1958), 789-798.
    """
    distinct, weights = np.unique(values, return_counts=True)
    groups = min(k, len(distinct))
    within = _SumOfSquares(distinct, weights)
    ends = np.arange(1, len(distinct) + 1)
    best = np.concatenate([[0.0], within.of(np.zeros(len(ends), dtype=np.int64), ends)])
    starts: list[NDArray[np.int64]] = []
    for group in range(1, groups):
        best, start = _next_group(best, within, group)
        starts.append(start)
    last = [len(distinct)]
    for start in reversed(starts):
        last.append(int(start[last[-1]]))
    ends_of_classes: Floats = distinct[np.array(last[::-1]) - 1]
    return ends_of_classes


class _SumOfSquares:
    """Sums of squared distances from the mean within stretches of ascending values."""

    def __init__(self, distinct: Floats, weights: NDArray[np.int64]) -> None:
        centered = distinct - np.average(distinct, weights=weights)
        self._mass = np.concatenate([[0.0], np.cumsum(weights)])
        self._first = np.concatenate([[0.0], np.cumsum(weights * centered)])
        self._second = np.concatenate([[0.0], np.cumsum(weights * centered**2)])

    def of(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> Floats:
        """Return the sum of each stretch from ``start`` up to, and without, ``end``."""
        mass = self._mass[end] - self._mass[start]
        first = self._first[end] - self._first[start]
        return np.asarray(self._second[end] - self._second[start] - first**2 / mass)


def _next_group(
    best: Floats, within: _SumOfSquares, group: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Return the least cost of the first i values in ``group`` + 1 classes, and the last's start.

    ``pending`` holds stretches of ends, each with the starts that may be best for its middle.
    """
    size = len(best)
    cost, start = np.full(size, np.inf), np.zeros(size, dtype=np.int64)
    pending = np.array([[group + 1, size - 1, group, size - 2]])
    while len(pending):
        low, high, first, last = pending.T
        middle = (low + high) // 2
        lengths = np.minimum(last, middle - 1) - first + 1
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        tried = np.arange(lengths.sum()) - np.repeat(offsets - first, lengths)
        costs = best[tried] + within.of(tried, np.repeat(middle, lengths))
        least = np.minimum.reduceat(costs, offsets)
        where = np.flatnonzero(costs == np.repeat(least, lengths))
        chosen = tried[where[np.searchsorted(where, offsets)]]
        cost[middle], start[middle] = least, chosen
        left = np.stack([low, middle - 1, first, chosen], axis=1)[low < middle]
        right = np.stack([middle + 1, high, chosen, last], axis=1)[middle < high]
        pending = np.concatenate([left, right])
    return cost, start


def _quantile_breaks(values: Floats, k: int) -> Floats:
    return np.asarray(np.quantile(values, np.arange(1, k + 1) / k), dtype=np.float64)


def _equal_breaks(values: Floats, k: int) -> Floats:
    return np.linspace(values[0], values[-1], k + 1)[1:]


_METHODS: Mapping[str, Callable[[Floats, int], Floats]] = {
    "quantile": _quantile_breaks,
    "equal": _equal_breaks,
    "natural": natural_breaks,
}
METHODS = tuple(_METHODS)


def _without_empty(breaks: Floats, known: Floats) -> Floats:
    """Drop the breaks of classes that hold no value."""
    used = np.unique(np.searchsorted(breaks, known, side="left"))
    return breaks[used]


def _count_labels(breaks: Floats, known: Floats) -> list[str]:
    ends = [int(end) for end in breaks]
    starts = [int(known[0]), *(end + 1 for end in ends[:-1])] if ends else []
    return [
        f"{start}–{end}" if start < end else f"{end}"
        for start, end in zip(starts, ends, strict=True)
    ]


def _range_labels(breaks: Floats, known: Floats) -> list[str]:
    if not len(breaks):
        return []
    ends = _written([float(known[0]), *breaks.tolist()])
    return [f"{start}–{end}" if start != end else end for start, end in pairwise(ends)]


def _written(numbers: Sequence[float]) -> list[str]:
    """Write numbers with the fewest decimals that keep different ones different, at most 6."""
    distinct = len(set(numbers))
    for decimals in range(1, 7):
        written = [f"{number:.{decimals}f}" for number in numbers]
        if len(set(written)) == distinct:
            return written
    return [f"{number:.6g}" for number in numbers]


def _check(values: Floats, method: str, k: int, are_counts: bool) -> None:
    if method not in _METHODS:
        known = ", ".join(_METHODS)
        raise InvalidValue("method", f"{known} 之一", f"one of {known}")
    if not 1 <= k <= _MOST_CLASSES:
        raise InvalidValue("k", f"1 到 {_MOST_CLASSES}", f"from 1 to {_MOST_CLASSES}")
    if np.isinf(values).any():
        raise InvalidValue("values", "有限的数", "finite")
    given = values[~np.isnan(values)]
    if are_counts and not ((given >= 0) & (given == np.floor(given))).all():
        raise InvalidValue("values", "不小于 0 的整数", "whole numbers of at least 0")
