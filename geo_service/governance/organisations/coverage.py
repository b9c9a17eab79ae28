"""Whether areas have their body, and units their organisation: states, shares, counts.

Definitions of the two coverages: over areas, ``own`` and ``joint`` count; a liaison, a temporary or
functional organisation and the body of the parent do not. Over units, an organisation of their own,
a joint or attached one counts; work coverage adds those with an adviser or reached through a mass
organisation, so it is never the smaller one.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer]
Flags = NDArray[np.bool_]
States = NDArray[np.int8]


class AreaState(IntEnum):
    """What covers an area; the lower one counts where several hold."""

    OWN = 0
    JOINT = 1
    UNCOUNTED = 2
    LINKED = 3
    NONE = 4


class UnitCover(IntEnum):
    """What covers a unit."""

    ORG = 0
    WORK = 1
    NONE = 2


class UnitDuty(IntEnum):
    """Whether a unit has to form an organisation: 已建, 应建未建, 暂不具备条件, 未摸清."""

    BUILT = 0
    DUE = 1
    NOT_DUE = 2
    UNKNOWN = 3


class Life(IntEnum):
    """What is recorded of an organisation's activity."""

    ACTIVE = 0
    OVERDUE = 1
    UNKNOWN = 2


@dataclass(frozen=True, eq=False)
class Bindings:
    """Which organisation stands for which area of one layer: m pairs as columns.

    ``area`` and ``organisation`` are positions; ``state`` is OWN, JOINT or UNCOUNTED and ``life``
    what is recorded of the organisation.
    """

    area: Integers
    organisation: Integers
    state: States
    life: States


@dataclass(frozen=True, eq=False)
class AreaCoverage:
    """The state of each of n areas; ``life`` is of the liveliest organisation that counts there.

    ``life`` is -1 where none counts.
    """

    state: States
    life: States

    @property
    def is_covered(self) -> Flags:
        """Which areas have an own or a joint organisation."""
        return np.asarray(self.state <= AreaState.JOINT)

    @property
    def is_active(self) -> Flags:
        """Which of them have an active one."""
        return np.asarray(self.life == Life.ACTIVE)

    def counts(self) -> dict[str, int]:
        """Return how many areas are in each state."""
        found = np.bincount(self.state, minlength=len(AreaState))
        return {state.name.lower(): int(found[state]) for state in AreaState}


def area_coverage(count: int, bindings: Bindings, linked: Integers) -> AreaCoverage:
    """Return what covers each of ``count`` areas.

    ``linked`` are the positions of areas that a liaison is named for.
    """
    state = np.full(count, AreaState.NONE, dtype=np.int8)
    state[linked] = AreaState.LINKED
    np.minimum.at(state, bindings.area, bindings.state)
    life = np.full(count, len(Life), dtype=np.int8)
    counted = bindings.state <= AreaState.JOINT
    np.minimum.at(life, bindings.area[counted], bindings.life[counted])
    life[life == len(Life)] = -1
    return AreaCoverage(state, life)


def unit_duties(
    is_built: Flags, full_members: NDArray[np.float64], *, least_members: int
) -> States:
    """Return the duty of each unit; ``full_members`` NaN is unknown."""
    duty = np.where(full_members >= least_members, UnitDuty.DUE, UnitDuty.NOT_DUE)
    duty = np.where(np.isnan(full_members), UnitDuty.UNKNOWN, duty)
    return np.where(is_built, UnitDuty.BUILT, duty).astype(np.int8)


@dataclass(frozen=True, eq=False)
class UnitCounts:
    """Units by area: ``cover`` ``(n, 3)``, ``duty`` ``(n, 4)``, the others ``(n,)``.

    ``active`` are those whose organisation is; ``unknown`` those whose organisation's life nobody
    recorded: they are covered on paper, and not active.
    """

    cover: NDArray[np.int64]
    duty: NDArray[np.int64]
    active: NDArray[np.int64]
    unknown: NDArray[np.int64]

    @property
    def total(self) -> NDArray[np.int64]:
        """How many units there are in each area."""
        return np.asarray(self.cover.sum(axis=1))


def unit_counts(
    count: int, area: Integers, *, cover: States, duty: States, life: States
) -> UnitCounts:
    """Return how many units of each class lie in each of ``count`` areas.

    ``area`` is -1 for a unit that lies in none; ``life`` -1 for one without an organisation.
    """
    placed = area >= 0
    at = area[placed].astype(np.int64)
    return UnitCounts(
        cover=_table(at, cover[placed], count, len(UnitCover)),
        duty=_table(at, duty[placed], count, len(UnitDuty)),
        active=np.bincount(at[life[placed] == Life.ACTIVE], minlength=count),
        unknown=np.bincount(at[life[placed] == Life.UNKNOWN], minlength=count),
    )


def _table(at: NDArray[np.int64], classes: States, count: int, width: int) -> NDArray[np.int64]:
    return np.bincount(at * width + classes, minlength=count * width).reshape(count, width)
