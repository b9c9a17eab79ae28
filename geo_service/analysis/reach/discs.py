"""Discs in a plane: which points lie in any of them, and the arcs that bound their union."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

PAIRS = 1_000_000
"""How many pairs of two kinds of things are looked at together: what bounds the memory."""

TURN = 2.0 * math.pi
_SLACK_M = 1e-6
_FEW, _GROWTH = 100, 8


class Discs(NamedTuple):
    """Discs as columns of shape ``(m,)``: centers and radii, above 0, in meters of one plane."""

    x: Floats
    y: Floats
    radius_m: Floats

    def take(self, positions: Indices | Flags) -> "Discs":
        """Return some of them."""
        return Discs(self.x[positions], self.y[positions], self.radius_m[positions])

    def boxes(self) -> Geometries:
        """Return the square around each."""
        x, y, radius_m = self
        return as_array(shapely.box(x - radius_m, y - radius_m, x + radius_m, y + radius_m))


class Arcs(NamedTuple):
    """Arcs on the borders of discs, as columns ordered by disc and start.

    ``start`` and ``end`` are angles in radians, counterclockwise from the east, with
    0 <= start < end <= 2 pi; an arc across the east is two.
    """

    disc: Indices
    start: Floats
    end: Floats

    def boxes(self, discs: Discs) -> Geometries:
        """Return the box around each arc, rather too large than too small."""
        x, y, radius_m = discs.take(self.disc)
        angles = np.column_stack([self.start, self.end, *self._corners()])
        across, up = np.cos(angles), np.sin(angles)
        boxes = shapely.box(
            x + radius_m * across.min(axis=1) - _SLACK_M,
            y + radius_m * up.min(axis=1) - _SLACK_M,
            x + radius_m * across.max(axis=1) + _SLACK_M,
            y + radius_m * up.max(axis=1) + _SLACK_M,
        )
        return as_array(boxes)

    def _corners(self) -> list[Floats]:
        """Return the northernmost, westernmost and southernmost angle where an arc has them."""
        return [
            np.where((self.start < angle) & (angle < self.end), angle, self.start)
            for angle in (math.pi / 2, math.pi, 3 * math.pi / 2)
        ]

    def around(self, disc: Indices, angle: Floats) -> Indices:
        """Return the arc that has each point of a border (from 0 to 2 pi); -1 where none has."""
        # several turns for each disc: one order for all of them
        starts = 2 * TURN * self.disc + self.start
        found = np.searchsorted(starts, 2 * TURN * disc + angle, side="right") - 1
        has = (self.disc[found] == disc) & (angle <= self.end[found])
        return np.where(has & (found >= 0), found, -1)


def pieces(count: int, partners: int) -> Iterator[slice]:
    """Yield parts of ``count`` things, each so small that its pairs with others are bounded."""
    step = max(1, PAIRS // max(1, partners))
    for first in range(0, count, step):
        yield slice(first, min(first + step, count))


def growing_groups(discs: Discs) -> Iterator[Discs]:
    """Yield a few of the largest discs, then ever more: what few hold need not meet thousands."""
    order, first, count = np.argsort(-discs.radius_m, kind="stable"), 0, _FEW
    while first < len(order):
        yield discs.take(order[first : first + count])
        first, count = first + count, count * _GROWTH


def as_array(geometries: Any) -> Geometries:
    """Return what shapely makes of columns as the array it is: its own word for it is wider."""
    return np.asarray(geometries, dtype=object)


def sums(owner: Indices, values: Floats, *, count: int) -> Floats:
    """Return the sum of the values of each of ``count`` owners; owners stand at 0 and above."""
    return np.bincount(owner, values, minlength=count).astype(np.float64)


def are_within(discs: Discs, *, x: Floats, y: Floats) -> Flags:
    """Return which points lie in a disc or on its border.

    Parameters
    ----------
    discs
        ``(m,)``.
    x, y
        Meters of the same plane, shape ``(n,)``.

    Returns
    -------
    Flags
        ``(n,)``; compared as distances in float64, without a tolerance.
    """
    found = np.zeros(len(x), dtype=np.bool_)
    for some in growing_groups(discs):
        left = np.flatnonzero(~found)
        found[left] = _are_in_any(some, x[left], y[left])
    return found


def _are_in_any(discs: Discs, x: Floats, y: Floats) -> Flags:
    found = np.zeros(len(x), dtype=np.bool_)
    tree = shapely.STRtree(as_array(shapely.points(x, y)))
    boxes = discs.boxes()
    for piece in pieces(len(boxes), len(x)):
        disc, point = tree.query(boxes[piece])
        disc += piece.start
        apart_m = np.hypot(x[point] - discs.x[disc], y[point] - discs.y[disc])
        found[point[apart_m <= discs.radius_m[disc]]] = True
    return found


def exposed_arcs(discs: Discs) -> Arcs:
    """Return the border of the union of discs: the arcs that lie in no other disc.

    Parameters
    ----------
    discs
        ``(m,)``; equal ones, and such as lie in others, are allowed.

    Returns
    -------
    Arcs
        At most some 6 m of them: a union of discs has no more corners.
    """
    everyone = np.arange(len(discs.x))
    # where circles are wide, a few others hide nearly all: only what they leave meets everyone
    shown, step = everyone, len(everyone) // _FEW
    while step > 1:
        shown = np.unique(_exposed(discs, shown, everyone[::step]).disc)
        step //= _GROWTH
    return _exposed(discs, shown, everyone)


def _exposed(discs: Discs, chosen: Indices, others: Indices) -> Arcs:
    """Return the borders of the chosen discs as far as they lie in none of the others."""
    boxes = discs.boxes()
    tree = shapely.STRtree(boxes[others])
    found = []
    for piece in pieces(len(chosen), len(others)):
        own, other = tree.query(boxes[chosen[piece]])
        own, other = chosen[piece][own], others[other]
        is_pair = own != other
        found.append(_bare(discs, chosen[piece], own[is_pair], other[is_pair]))
    return Arcs(*map(np.concatenate, zip(*found, strict=True)))


def _bare(discs: Discs, chosen: Indices, own: Indices, other: Indices) -> Arcs:
    """Return the arcs of some discs that lie in none of the others they are paired with."""
    east_m, north_m = discs.x[other] - discs.x[own], discs.y[other] - discs.y[own]
    apart_m = np.hypot(east_m, north_m)
    radius_m, other_m = discs.radius_m[own], discs.radius_m[other]
    # of equal discs the first one stays
    is_inside = (apart_m <= other_m - radius_m) & ((radius_m < other_m) | (own > other))
    shown = np.setdiff1d(chosen, own[is_inside])
    crosses = (
        (apart_m < radius_m + other_m) & (apart_m > abs(radius_m - other_m)) & np.isin(own, shown)
    )
    own, apart_m, radius_m = own[crosses], apart_m[crosses], radius_m[crosses]
    cosine = (radius_m**2 + apart_m**2 - other_m[crosses] ** 2) / (2.0 * radius_m * apart_m)
    half = np.arccos(np.clip(cosine, -1.0, 1.0))
    start = (np.arctan2(north_m[crosses], east_m[crosses]) - half) % TURN
    end = start + 2.0 * half
    return _uncovered(shown, own, start, end)


def _uncovered(shown: Indices, own: Indices, start: Floats, end: Floats) -> Arcs:
    """Return what covered arcs leave over of the borders of the discs ``shown``."""
    is_across = end > TURN
    full = np.full(len(shown), TURN)
    disc = np.concatenate([own, own[is_across], shown, shown])
    starts = np.concatenate([start, np.zeros(is_across.sum()), np.zeros(len(shown)), full])
    ends = np.concatenate([np.minimum(end, TURN), end[is_across] - TURN, 0.0 * full, full])
    order = np.lexsort((starts, disc))
    disc, starts, ends = disc[order], starts[order], ends[order]
    reached = running_ends(disc, ends)
    is_bare = (disc[1:] == disc[:-1]) & (starts[1:] > reached[:-1])
    return Arcs(disc[:-1][is_bare], reached[:-1][is_bare], starts[1:][is_bare])


def running_ends(group: Indices, end: Floats) -> Floats:
    """Return the greatest end so far in the group of each row.

    Parameters
    ----------
    group, end
        ``(n,)``; groups ascend.

    Returns
    -------
    Floats
        ``(n,)``; each is one of the given numbers, bit for bit.
    """
    order = np.argsort(end, kind="stable")
    rank = np.empty(len(end), dtype=np.int64)
    rank[order] = np.arange(len(end))
    highest = np.maximum.accumulate(group * len(end) + rank)
    found: Floats = end[order[highest % max(1, len(end))]]
    return found
