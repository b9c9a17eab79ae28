"""What a planner asks for, as values: each knows its areas and does itself to a coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeAlias

import numpy as np

from geo_service.errors import UnknownArea
from geo_service.layers.arcs import Arc, AreaKey, Coverage, Place
from geo_service.layers.area import Floats
from geo_service.layers.redraw.asked.borders import border_named
from geo_service.layers.redraw.entries import add, retire
from geo_service.layers.redraw.families import rename, reparent, split_by_children
from geo_service.layers.redraw.merges import merge
from geo_service.layers.redraw.moves import move_junction, reshape
from geo_service.layers.redraw.soundness import Redrawn, together
from geo_service.layers.redraw.splits import split
from geo_service.layers.redraw.transfers import annex, give, give_gap, swap

Places: TypeAlias = tuple[Place, ...]
"""A line or an outline as it was drawn, in the frame of the coverage."""


@dataclass(frozen=True)
class Split:
    """`split` an area along a line; ``names`` are by code, without one the code is the name."""

    kind: ClassVar[str] = "split"
    key: AreaKey
    line: Places
    codes: tuple[str, ...]
    keep: Place | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        done = split(coverage, self.key, line_of(self.line), self.codes, keep=self.keep)
        return named(coverage, done, self.key.layer, self.names)


@dataclass(frozen=True)
class SplitByChildren:
    """`split_by_children`: which children go to which new area."""

    kind: ClassVar[str] = "split-by-children"
    key: AreaKey
    children: Mapping[str, tuple[AreaKey, ...]]
    names: Mapping[str, str] = field(default_factory=dict)

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        done = split_by_children(coverage, self.key, self.children)
        return named(coverage, done, self.key.layer, self.names)


@dataclass(frozen=True)
class Merge:
    """`merge` areas into one; ``keys`` hang together, the first one is asked for its coverage."""

    kind: ClassVar[str] = "merge"
    keys: tuple[AreaKey, ...]
    code: str
    name: str | None = None

    @property
    def key(self) -> AreaKey:
        """The area that tells the coverage."""
        return self.keys[0]

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return merge(coverage, self.keys, self.code, name=self.name)


@dataclass(frozen=True)
class Reshape:
    """`reshape` a border of an area, named as `borders_of` names it."""

    kind: ClassVar[str] = "reshape"
    key: AreaKey
    border: str
    line: Places

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it, whichever way the line runs; its ends become those of the border."""
        number = border_named(coverage, self.key, self.border)
        return reshape(coverage, number, _between_ends(coverage.arc(number), line_of(self.line)))


@dataclass(frozen=True)
class MoveJunction:
    """`move_junction` of an area with all borders that meet there."""

    kind: ClassVar[str] = "move-junction"
    key: AreaKey
    place: Place
    to: Place

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return move_junction(coverage, self.place, self.to)


@dataclass(frozen=True)
class Give:
    """`give` what of an area lies in an outline to a neighbor."""

    kind: ClassVar[str] = "give"
    key: AreaKey
    to: AreaKey
    outline: Places

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return give(coverage, self.key, self.to, line_of(self.outline))


@dataclass(frozen=True)
class Swap:
    """`swap` ground between two areas: what each of them gives."""

    kind: ClassVar[str] = "swap"
    key: AreaKey
    outline: Places
    other: AreaKey
    other_outline: Places

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        given = (self.key, line_of(self.outline))
        return swap(coverage, given, (self.other, line_of(self.other_outline)))


@dataclass(frozen=True)
class GiveGap:
    """`give_gap` at a place to an area beside it."""

    kind: ClassVar[str] = "give-gap"
    key: AreaKey
    place: Place

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return give_gap(coverage, self.place, self.key)


@dataclass(frozen=True)
class Annex:
    """`annex` free ground in an outline to an area."""

    kind: ClassVar[str] = "annex"
    key: AreaKey
    outline: Places

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return annex(coverage, self.key, line_of(self.outline))


@dataclass(frozen=True)
class Add:
    """`add` an area on free ground of a parent, or beside a root area."""

    kind: ClassVar[str] = "add"
    key: AreaKey
    outline: Places
    parent: AreaKey | None = None
    name: str | None = None

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        outline = line_of(self.outline)
        return add(coverage, self.key, outline, parent=self.parent, name=self.name)


@dataclass(frozen=True)
class Retire:
    """`retire` an area: its ground becomes a gap, or leaves the union."""

    kind: ClassVar[str] = "retire"
    key: AreaKey
    leaves_union: bool = False

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return retire(coverage, self.key, leaves_union=self.leaves_union)


@dataclass(frozen=True)
class Reparent:
    """`reparent` an area."""

    kind: ClassVar[str] = "reparent"
    key: AreaKey
    parent: AreaKey

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return reparent(coverage, self.key, self.parent)


@dataclass(frozen=True)
class Rename:
    """`rename` an area, its code, or both."""

    kind: ClassVar[str] = "rename"
    key: AreaKey
    name: str | None = None
    code: str | None = None

    def on(self, coverage: Coverage) -> Redrawn:
        """Do it."""
        return rename(coverage, self.key, name=self.name, code=self.code)


class Operation(Protocol):
    """Something to do to a coverage: a kind, an area that tells which coverage, and doing it."""

    kind: ClassVar[str]

    @property
    def key(self) -> AreaKey:
        """An area of the coverage; of `Add` the new one."""

    def on(self, coverage: Coverage) -> Redrawn:
        """Return the coverage after it, or raise why not."""


def coverage_for(coverages: Sequence[Coverage], operation: Operation) -> int:
    """Return which of the coverages an operation is about.

    Raises
    ------
    UnknownArea
        No coverage holds the area, or for a new one its layer.
    """
    for number, coverage in enumerate(coverages):
        if isinstance(operation, Add):
            if operation.key.layer in coverage.above:
                return number
        elif operation.key in coverage.numbers:
            return number
    raise UnknownArea(layer=operation.key.layer, code=operation.key.code)


def named(before: Coverage, done: Redrawn, layer: str, names: Mapping[str, str]) -> Redrawn:
    """Return an operation with names given to areas of a layer, by code, as one.

    Raises
    ------
    UnknownArea
        There is no such area afterwards.
    """
    steps = [done]
    for code, name in names.items():
        steps.append(rename(steps[-1].coverage, AreaKey(layer, code), name=name))
    return together(before, steps) if names else done


def _between_ends(arc: Arc, line: Floats) -> Floats:
    """Return a drawn line from the tail of an arc to its head; a closed one as it is."""
    if arc.is_closed or not len(line):
        return line
    ends = np.array([arc.tail, arc.head])
    as_drawn, turned = (np.abs(line[[0, -1]] - ends[way]).sum() for way in ([0, 1], [1, 0]))
    if turned < as_drawn:
        line = line[::-1].copy()
    line[[0, -1]] = ends
    return line


def line_of(places: Places) -> Floats:
    """Return places as they are computed with, shape ``(n, 2)``."""
    return np.array(places, dtype=np.float64).reshape(-1, 2)
