"""Colors and hatches of the coverage map: presence is red, absence a dark hatch, never red."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.organisations.coverage import AreaState, Life
from geo_service.maps.coverage.view import CoverageView
from geo_service.maps.wording import Words

PARTY_RED = "#c8161d"
_COVERED = "#e48589"
"""Party red thinned out: names, borders and discs in full red stay readable on it."""
_INK = "#27303a"

DEMAND_BY_THINNESS = (
    ("#f0f0f0", "#f6c48a", "#e0801f"),
    ("#8fbbe8", "#939985", "#85641e"),
    ("#2f74d0", "#305f78", "#2c3e1b"),
)
"""Rows: demand from low to high (blue); columns: coverage from active to blank (orange); each cell
is the product of both. Any two differ by 15 or more in CIELAB, also to eyes without one kind of
cones (simulated after Machado, Oliveira and Fernandes, 2009)."""

_RAMP = ("#fdf4f2", "#f9d9d6", "#f0adab", "#e27c80", "#cc4046")
_REACH_RAMP = ("#f2f5f3", "#d3e4dd", "#a6cbbd", "#6ba896", "#2e7d6b")
_STEPS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Hatch:
    """Lines of ``width`` every ``gap`` pixels on ``ground``; ``id`` names the page's pattern."""

    id: str
    ground: str
    line: str
    gap: float
    width: float


Fill = str | Hatch

JOINT = Hatch("fill-joint", "#fdecea", "#d9474d", 7, 2.2)
OVERDUE = Hatch("fill-overdue", "#ffffff", PARTY_RED, 9, 1.2)
UNCOUNTED = Hatch("fill-uncounted", "#ece7df", "#8d8475", 8, 1.4)
LINKED = Hatch("fill-linked", "#ffffff", _INK, 12, 1)
BLANK = Hatch("fill-blank", "#ffffff", _INK, 5, 1.5)
NOTHING = Hatch("null-hatch", "#f4f4f2", "#8b8f94", 7, 1.4)
"""No figure at all, which is neither presence nor absence."""

GAP = Hatch("fill-gap", "none", _INK, 6, 0.9)
"""Ground that no site reaches, drawn over the color of its area."""

HATCHES = (JOINT, OVERDUE, UNCOUNTED, LINKED, BLANK, GAP, NOTHING)


@dataclass(frozen=True)
class Class:
    """One class of the map: its fill, its name and how many areas are in it."""

    fill: Fill
    title: str
    size: int


@dataclass(frozen=True, eq=False)
class Coloring:
    """The classes of a map, and the class of each area: -1 for none, which is ``NOTHING``."""

    classes: Sequence[Class]
    positions: NDArray[np.int64]

    @property
    def nothing(self) -> int:
        """How many areas are in no class."""
        return int((self.positions < 0).sum())


def coloring(view: CoverageView, words: Words) -> Coloring:
    """Return the classes of what the map is colored by."""
    return {
        "state": _by_state,
        "active": _by_life,
        "units": _by_units,
        "reach": _by_reach,
        "demand": _by_demand,
    }[view.mode](view, words)


def state_fills() -> dict[AreaState, Fill]:
    """Return the fill of each state."""
    return {
        AreaState.OWN: _COVERED,
        AreaState.JOINT: JOINT,
        AreaState.UNCOUNTED: UNCOUNTED,
        AreaState.LINKED: LINKED,
        AreaState.NONE: BLANK,
    }


def _by_state(view: CoverageView, words: Words) -> Coloring:
    fills = state_fills()
    return _coloring(
        view.states.astype(np.int64),
        [(fills[state], words[f"cov_state_{state.name.lower()}"]) for state in AreaState],
    )


def _by_life(view: CoverageView, words: Words) -> Coloring:
    lives: list[tuple[Fill, str]] = [
        (_COVERED, words["cov_life_active"]),
        (OVERDUE, words["cov_life_overdue"].format(days=view.active_days)),
        ("#f8dedd", words["cov_life_unknown"]),
        (BLANK, words["cov_life_none"]),
    ]
    positions = np.where(view.lives < 0, len(Life), view.lives).astype(np.int64)
    return _coloring(positions, lives)


def _by_units(view: CoverageView, words: Words) -> Coloring:
    total = view.unit_cover.sum(axis=1)
    share = view.unit_cover[:, 0] / np.where(total > 0, total, 1)
    positions = np.where(total > 0, np.searchsorted(_STEPS, share, side="left"), -1)
    titles = [words["cov_share_class"].format(low=low, high=high) for low, high in _bounds()]
    return _coloring(positions.astype(np.int64), list(zip(_RAMP, titles, strict=True)))


def _by_reach(view: CoverageView, words: Words) -> Coloring:
    if view.reach is None:
        return _coloring(np.full(len(view.areas), -1, dtype=np.int64), [])
    share = view.reach.ground_share
    positions = np.searchsorted(_STEPS, np.nan_to_num(share), side="left")
    positions = np.where(np.isnan(share), -1, positions).astype(np.int64)
    titles = [words["cov_reach_class"].format(low=low, high=high) for low, high in _bounds()]
    return _coloring(positions, list(zip(_REACH_RAMP, titles, strict=True)))


def _bounds() -> list[tuple[int, int]]:
    return list(pairwise([0, *(round(100 * step) for step in _STEPS), 100]))


def _by_demand(view: CoverageView, words: Words) -> Coloring:
    known = (view.demand >= 0) & (view.thinness >= 0)
    positions = np.where(known, 3 * view.demand + view.thinness, -1).astype(np.int64)
    cells = [
        (
            DEMAND_BY_THINNESS[demand][thinness],
            words["cov_demand_class"].format(
                demand=words[f"cov_demand_{demand}"], thinness=words[f"cov_thinness_{thinness}"]
            ),
        )
        for demand in range(3)
        for thinness in range(3)
    ]
    return _coloring(positions, cells)


def _coloring(positions: NDArray[np.int64], cells: Sequence[tuple[Fill, str]]) -> Coloring:
    sizes = np.bincount(positions[positions >= 0], minlength=len(cells))
    classes = [
        Class(fill, title, int(size)) for (fill, title), size in zip(cells, sizes, strict=True)
    ]
    return Coloring(classes, positions)
