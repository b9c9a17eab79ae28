"""What a draft looks like now: kept in memory, and made from what is stored where it is not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from geo_service.errors import UnknownArea
from geo_service.layers.arcs import AreaKey, Coverage, extract
from geo_service.layers.area import AreaSet, Boundaries
from geo_service.layers.redraw import Redrawn, Review, review, review_change
from geo_service.layers.redraw.asked.operation import Operation, coverage_for
from geo_service.layers.topology import Defect
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction
from geo_service.storage.drafts import DONE, DraftRow, OperationRow
from geo_service.storage.editions import Content

_STATES = 24
"""So many values are kept; those of one draft share what its operations left alone."""


class Result(NamedTuple):
    """What an operation led to: areas that are new or other than before, and those no more."""

    content: Content
    ended: frozenset[tuple[str, str]]
    areas: Boundaries

    @property
    def touched(self) -> list[tuple[str, str]]:
        """The keys of all of them."""
        return sorted(self.content.keys() | self.ended)


@dataclass(frozen=True, eq=False)
class DraftState:
    """The boundaries of a draft at one step: one coverage for each root layer, and its findings."""

    coverages: tuple[Coverage, ...]
    reviews: tuple[Review, ...]

    def after(self, operation: Operation) -> tuple["DraftState", Result]:
        """Return the state that an operation leads to, and what it changed.

        Raises what the operation raises; this state stays as it is.
        """
        at = coverage_for(self.coverages, operation)
        before = self.coverages[at]
        done = operation.on(before)
        found = review_change(self.reviews[at], before, done)
        state = DraftState(
            (*self.coverages[:at], done.coverage, *self.coverages[at + 1 :]),
            (*self.reviews[:at], found, *self.reviews[at + 1 :]),
        )
        return state, result_of(before, done)

    def coverage_of(self, key: AreaKey) -> Coverage:
        """Return the coverage that holds an area; raises UnknownArea."""
        for coverage in self.coverages:
            if key in coverage.numbers:
                return coverage
        raise UnknownArea(layer=key.layer, code=key.code)

    @property
    def findings(self) -> list[Defect]:
        """Everything to look at, coverage by coverage, in an order that only changes change."""
        return [each for found in self.reviews for each in found.findings]

    def coverage_with(self, layer: str) -> Coverage:
        """Return the coverage that a layer is part of; raises UnknownArea."""
        for coverage in self.coverages:
            if layer in coverage.above:
                return coverage
        raise UnknownArea(layer=layer, code="")

    def areas_of(self, keys: Iterable[tuple[str, str]]) -> tuple[Boundaries, list[tuple[str, str]]]:
        """Return the areas of some keys, and the keys that no area has."""
        content: dict[str, AreaSet] = {}
        asked = {AreaKey(*key) for key in keys}
        for coverage in self.coverages:
            numbers = sorted(coverage.numbers[key] for key in asked if key in coverage.numbers)
            found = coverage.area_sets(numbers)
            content |= {layer: areas for layer, areas in found.items() if len(areas)}
        known = {(layer, code) for layer, areas in content.items() for code in areas.codes}
        return content, sorted((key.layer, key.code) for key in asked if key not in known)

    def boundaries(self, base: Boundaries) -> Boundaries:
        """Return the whole content: that of the base where no coverage holds the layer."""
        own: Mapping[str, AreaSet] = {
            layer: areas
            for coverage in self.coverages
            for layer, areas in coverage.area_sets().items()
            if len(areas) or layer in base
        }
        return {**base, **own}


class DraftStates:
    """The states of all drafts that somebody looked at of late."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: Kept[DraftState] = Kept(_STATES)

    def of(
        self, connection: Transaction, draft: DraftRow, steps: Sequence[OperationRow]
    ) -> DraftState:
        """Return how a draft looks now, never computing an operation again."""
        done = done_steps(steps)
        return self._kept.get(_key(draft, done), lambda: self._made(connection, draft, done))

    def keep(self, draft: DraftRow, done: Sequence[int], state: DraftState) -> None:
        """Remember the state that the last of some operations led to."""
        self._kept.get(_key(draft, done), lambda: state)

    def _made(self, connection: Transaction, draft: DraftRow, done: Sequence[int]) -> DraftState:
        content = editions.read_content(connection, draft.base_edition)
        own, ended = drafts.resulting_areas(connection, done)
        for key in ended:
            content.pop(key, None)
        boundaries = editions.boundaries_of({**content, **own})
        return self.state_of(boundaries, drafts.codes_ever(connection, done))

    def state_of(self, boundaries: Boundaries, codes_ever: Iterable[tuple[str, str]]) -> DraftState:
        """Return the state of a clean content; codes that were ever given are not given again."""
        present = {(layer, code) for layer, areas in boundaries.items() for code in areas.codes}
        retired = [AreaKey(*key) for key in set(codes_ever) - present]
        coverages = extract(boundaries, self._workspace.layers, retired=retired)
        return DraftState(tuple(coverages), tuple(review(each) for each in coverages))


def done_steps(steps: Sequence[OperationRow]) -> list[int]:
    """Return the numbers of the operations that count, in order."""
    return [step.id for step in steps if step.state == DONE]


def result_of(before: Coverage, redrawn: Redrawn) -> Result:
    """Return what an operation changed, by keys, as it is stored.

    An area whose parent has another code is among it, though nothing touched it.
    """
    after, change = redrawn
    numbers = {*change.touched, *change.left, *change.moved, *change.named}
    recoded = [
        number
        for number in change.named
        if number in before.areas
        and number in after.areas
        and before.areas[number].key != after.areas[number].key
    ]
    for number in recoded:
        numbers |= {*after.children.get(number, ())}
    own = [number for number in sorted(numbers) if number in after.areas]
    areas = after.area_sets(own)
    content = editions.content_of(areas)
    keys = (before.areas[number].key for number in numbers if number in before.areas)
    former = {(layer, code) for layer, code in keys}
    return Result(content, frozenset(former - content.keys()), areas)


def _key(draft: DraftRow, done: Sequence[int]) -> tuple[int, int]:
    return (draft.base_edition, done[-1] if done else 0)
