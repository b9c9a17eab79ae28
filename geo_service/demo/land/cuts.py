"""Cutting: every cell of a level across its longer sides, all at once.

A cut runs from one side of a cell to the opposite side. Where it ends a junction stands on the
road there, and that road's other side has it too, so every junction is in both neighbors by
construction.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_service.demo.land.columns import Integers
from geo_service.layers.area import Floats

CLOSE_M = 12.0
"""Two junctions on one road nearer than this become one crossing."""
_REACH = 0.16
"""A cut that goes on across a road may shift by this share of its side to meet the other half."""
_SPREAD = 0.15
_SKEW = {"town": 0.05, "quarter": 0.15, "lane": 0.09}
"""How far askew a cut may be, by what it cuts: much more than a quarter, a quarter, or less."""
_TOWN_QUARTERS = 12
_OUTERMOST = 0.27
_MARGIN = 0.2


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of one level: corners and sides counterclockwise, sides as rows of the junctions."""

    number: Integers
    corner: Integers
    road: Integers
    start: Integers
    end: Integers

    @property
    def columns(self) -> tuple[Integers, Integers, Integers, Integers]:
        """All but the numbers, each (n, 4)."""
        return self.corner, self.road, self.start, self.end

    def take(self, chosen: NDArray[Any]) -> "Cells":
        """Return the chosen cells, by position or by a mask."""
        return Cells(self.number[chosen], *(column[chosen] for column in self.columns))

    def turned(self, quarter_turns: Integers) -> "Cells":
        """Return the same cells counted from another corner."""
        order = (np.arange(4) + quarter_turns[:, None]) % 4
        turned = (np.take_along_axis(column, order, axis=1) for column in self.columns)
        return Cells(self.number, *turned)


@dataclass(eq=False)
class Junctions:
    """Nodes, roads, and where along which road (metres) each node stands; grows by level."""

    node_xy: Floats
    road_nodes: Integers
    road_cut_m2: Floats
    road: Integers
    node: Integers
    along_m: Floats

    def add_nodes(self, xy: Floats) -> Integers:
        """Return the numbers of new nodes at ``xy``."""
        first = len(self.node_xy)
        self.node_xy = np.concatenate([self.node_xy, xy])
        return np.arange(first, len(self.node_xy))

    def place(self, road: Integers, node: Integers, along_m: Floats) -> Integers:
        """Put nodes on roads and return their rows."""
        first = len(self.road)
        self.road = np.concatenate([self.road, road])
        self.node = np.concatenate([self.node, node])
        self.along_m = np.concatenate([self.along_m, along_m])
        return np.arange(first, len(self.road))

    def add_roads(self, ends: Integers, cut_m2: Floats) -> tuple[Integers, Integers, Integers]:
        """Return the new roads and the rows of their two ends."""
        roads = np.arange(len(self.road_nodes), len(self.road_nodes) + len(ends))
        self.road_nodes = np.concatenate([self.road_nodes, ends])
        self.road_cut_m2 = np.concatenate([self.road_cut_m2, cut_m2])
        chord = self.node_xy[ends[:, 1]] - self.node_xy[ends[:, 0]]
        first = self.place(roads, ends[:, 0], np.zeros(len(roads)))
        return roads, first, self.place(roads, ends[:, 1], np.hypot(chord[:, 0], chord[:, 1]))

    def at(self, road: Integers, along_m: Floats) -> Floats:
        """Return the coordinates of places along roads."""
        origin = self.node_xy[self.road_nodes[road, 0]]
        chord = self.node_xy[self.road_nodes[road, 1]] - origin
        length = np.hypot(chord[:, 0], chord[:, 1])
        return np.asarray(origin + chord * (along_m / length)[:, None])


@dataclass(frozen=True, eq=False)
class _Ends:
    """Where cuts want to end: on ``road`` at ``along_m``, at most ``reach_m`` off, in limits."""

    road: Integers
    along_m: Floats
    lowest_m: Floats
    highest_m: Floats
    reach_m: Floats

    def allow(self, rows: Integers, along_m: Floats) -> NDArray[np.bool_]:
        near = np.abs(along_m - self.along_m[rows]) <= self.reach_m[rows]
        inside = (along_m >= self.lowest_m[rows]) & (along_m <= self.highest_m[rows])
        return np.asarray(near & inside)


def areas(corner_xy: Floats) -> Floats:
    """Return the areas of four-sided cells, (n, 4, 2) to (n,)."""
    across = corner_xy[:, 2] - corner_xy[:, 0]
    other = corner_xy[:, 3] - corner_xy[:, 1]
    return np.asarray((across[:, 0] * other[:, 1] - across[:, 1] * other[:, 0]) / 2)


def side_lengths(corner_xy: Floats) -> Floats:
    """Return the lengths of the four sides, (n, 4, 2) to (n, 4)."""
    sides = np.roll(corner_xy, -1, axis=1) - corner_xy
    return np.asarray(np.hypot(sides[..., 0], sides[..., 1]))


def cut(
    junctions: Junctions,
    cells: Cells,
    area_m2: Floats,
    main_m2: float,
    rng: np.random.Generator,
) -> tuple[Cells, Cells]:
    """Cut every cell across its longer sides and return the halves, still unnumbered."""
    sides = side_lengths(junctions.node_xy[cells.corner])
    bias = np.exp(rng.normal(0, 0.12, len(sides)))
    is_tall = (sides[:, 1] + sides[:, 3]) * bias > sides[:, 0] + sides[:, 2]
    cells = cells.turned(is_tall.astype(np.int64))
    ends = _wanted_ends(junctions, cells, area_m2 / main_m2, rng)
    node, row = _meet(junctions, ends)
    (near, far), (near_row, far_row) = node.reshape(2, -1), row.reshape(2, -1)
    road, road_first, road_last = junctions.add_roads(np.stack([near, far], axis=1), area_m2)
    before = Cells(
        cells.number,
        np.stack([cells.corner[:, 0], near, far, cells.corner[:, 3]], axis=1),
        np.stack([cells.road[:, 0], road, cells.road[:, 2], cells.road[:, 3]], axis=1),
        np.stack([cells.start[:, 0], road_first, far_row, cells.start[:, 3]], axis=1),
        np.stack([near_row, road_last, cells.end[:, 2], cells.end[:, 3]], axis=1),
    )
    after = Cells(
        cells.number,
        np.stack([near, cells.corner[:, 1], cells.corner[:, 2], far], axis=1),
        np.stack([cells.road[:, 0], cells.road[:, 1], cells.road[:, 2], road], axis=1),
        np.stack([near_row, cells.start[:, 1], cells.start[:, 2], road_last], axis=1),
        np.stack([cells.end[:, 0], cells.end[:, 1], far_row, road_first], axis=1),
    )
    return before, after


def interleaved(before: Cells, after: Cells, *, first: int) -> Cells:
    """Return the halves of each cell side by side, numbered from ``first``."""
    number = first + np.arange(2 * len(before.number))
    pairs = zip(before.columns, after.columns, strict=True)
    return Cells(number, *(np.stack(pair, axis=1).reshape(-1, 4) for pair in pairs))


def concatenated(levels: list[Cells]) -> Cells:
    """Return the cells of several levels in a row."""
    columns = zip(*(cells.columns for cells in levels), strict=True)
    number = np.concatenate([cells.number for cells in levels])
    return Cells(number, *(np.concatenate(column) for column in columns))


def _wanted_ends(
    junctions: Junctions,
    cells: Cells,
    quarters: Floats,
    rng: np.random.Generator,
) -> _Ends:
    """Choose where each cut starts on side 0 and ends on side 2: near the middle, a bit askew."""
    count = len(cells.number)
    is_main = quarters > 1
    skew = np.where(is_main, _SKEW["quarter"], _SKEW["lane"])
    skew = np.where(quarters > _TOWN_QUARTERS, _SKEW["town"], skew)
    share = 0.5 + _SPREAD * rng.uniform(-1, 1, count)
    opposite = 1 - share + skew * rng.uniform(-1, 1, count)
    opposite = np.clip(opposite, _OUTERMOST, 1 - _OUTERMOST)
    goes_on = rng.random((2, count)) < np.where(is_main, 0.7, 0.22)
    columns = [
        _end(junctions, cells, side, at, on)
        for side, at, on in zip((0, 2), (share, opposite), goes_on, strict=True)
    ]
    return _Ends(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def _end(
    junctions: Junctions, cells: Cells, side: int, share: Floats, goes_on: NDArray[np.bool_]
) -> tuple[Integers, Floats, Floats, Floats, Floats]:
    start_m = junctions.along_m[cells.start[:, side]]
    end_m = junctions.along_m[cells.end[:, side]]
    length_m = np.abs(end_m - start_m)
    inner = np.stack(
        [start_m + (end_m - start_m) * _MARGIN, start_m + (end_m - start_m) * (1 - _MARGIN)]
    )
    reach_m = np.where(goes_on, np.maximum(_REACH * length_m, CLOSE_M), CLOSE_M)
    along_m = start_m + (end_m - start_m) * share
    return cells.road[:, side], along_m, inner.min(axis=0), inner.max(axis=0), reach_m


def _meet(junctions: Junctions, ends: _Ends) -> tuple[Integers, Integers]:
    """Return node and junction row of each end: an existing one in reach, or a new one.

    Two ends that come from both sides of a road at nearly the same place share one new node.
    """
    row = _existing(junctions, ends)
    new = np.flatnonzero(row < 0)
    new = new[np.lexsort((ends.along_m[new], ends.road[new]))]
    with_next = _pairs(ends, new)
    along_m = ends.along_m[new].copy()
    first = np.flatnonzero(with_next)
    along_m[first] = along_m[first + 1] = (along_m[first] + along_m[first + 1]) / 2
    keeps = np.ones(len(new), dtype=np.bool_)
    keeps[1:] = ~with_next
    road = ends.road[new]
    node = junctions.add_nodes(junctions.at(road[keeps], along_m[keeps]))
    added = junctions.place(road[keeps], node, along_m[keeps])
    row[new] = added[np.cumsum(keeps) - 1]
    return junctions.node[row], row


def _existing(junctions: Junctions, ends: _Ends) -> Integers:
    """Return the row of the nearest junction each end may move to, or -1."""
    order = np.lexsort((junctions.along_m, junctions.road))
    # One sortable number per place: no road is as long as this many metres.
    longest_m = 1e7
    keys = junctions.road[order] * longest_m + junctions.along_m[order]
    after = np.searchsorted(keys, ends.road * longest_m + ends.along_m)
    best = np.full(len(ends.road), -1)
    best_m = np.full(len(ends.road), np.inf)
    rows = np.arange(len(ends.road))
    for candidate in (after - 1, after):
        junction = order[np.clip(candidate, 0, len(order) - 1)]
        there_m = junctions.along_m[junction]
        off_m = np.abs(there_m - ends.along_m)
        fits = (junctions.road[junction] == ends.road) & ends.allow(rows, there_m)
        fits &= off_m < best_m
        best[fits], best_m[fits] = junction[fits], off_m[fits]
    return best


def _pairs(ends: _Ends, new: Integers) -> NDArray[np.bool_]:
    """Tell which end in road order becomes one with the next; (n - 1,)."""
    a, b = new[:-1], new[1:]
    middle_m = (ends.along_m[a] + ends.along_m[b]) / 2
    joins = (ends.road[a] == ends.road[b]) & ends.allow(a, middle_m) & ends.allow(b, middle_m)
    # Of three in a row the first two join: an end belongs to one pair.
    for i in np.flatnonzero(joins[1:] & joins[:-1]) + 1:
        joins[i] = joins[i] and not joins[i - 1]
    return np.asarray(joins)
