"""What a draft looks like at a step, as a value, and what an operation makes of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from geo_service.errors import UnknownArea
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.area import AreaSet, Boundaries
from geo_service.layers.redraw import (
    Asking,
    Questions,
    Redrawn,
    Review,
    followed,
    questions,
    questions_after,
    review_change,
)
from geo_service.layers.redraw.asked.operation import Operation, coverage_for
from geo_service.layers.topology import Defect
from geo_service.layers.topology.check import without_enclaves
from geo_service.storage import editions
from geo_service.storage.editions import Content

_T = TypeVar("_T")


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
class DraftGround:
    """What all states share that operations led to, one from the other: so many areas."""

    areas: int


@dataclass(frozen=True, eq=False)
class DraftState:
    """The boundaries of a draft at one step: one coverage for each root layer, and its findings.

    ``newest`` is the last edition whose codes the coverages know. ``questions`` are asked of what
    the steps touched.
    """

    coverages: tuple[Coverage, ...]
    reviews: tuple[Review, ...]
    ground: DraftGround
    newest: int
    questions: tuple[Questions, ...] = ()

    def after(self, operation: Operation) -> tuple["DraftState", Result]:
        """Return the state that an operation leads to, and what it changed.

        Building lists follow. Raises what the operation raises; this state stays as it is.
        """
        at = coverage_for(self.coverages, operation)
        before = self.coverages[at]
        known = self.questions[at].asking.buildings
        done = followed(before, operation.on(before), known)
        result = result_of(before, done)
        found = review_change(self.reviews[at], before, done)
        touched = [AreaKey(*key) for key in result.touched]
        asked = questions_after(self.questions[at], before, done, touched)
        state = DraftState(
            _with(self.coverages, at, done.coverage),
            _with(self.reviews, at, found),
            self.ground,
            self.newest,
            _with(self.questions, at, asked),
        )
        return state, result

    def asking(self, asking: Asking, touched: Collection[AreaKey] | None) -> "DraftState":
        """Return the same state with other questions, about some areas or, for None, all."""
        known = [each.lists for each in self.questions] if self.rests_on(asking) else ()
        found = tuple(
            questions(coverage, asking, touched, lists=lists)
            for coverage, lists in zip_longest(self.coverages, known)
        )
        return replace(self, questions=found)

    def rests_on(self, asking: Asking) -> bool:
        """Tell whether its questions rest on this."""
        return len(self.questions) == len(self.coverages) and all(
            each.asking is asking for each in self.questions
        )

    def knowing(self, codes_ever: Iterable[tuple[str, str]], newest: int) -> "DraftState":
        """Return the same where codes of later editions are not given again either."""
        ever = {AreaKey(*key) for key in codes_ever}
        coverages = (
            replace(each, retired=each.retired | (ever - each.numbers.keys()))
            for each in self.coverages
        )
        return replace(self, coverages=tuple(coverages), newest=newest)

    def coverage_of(self, key: AreaKey) -> Coverage:
        """Return the coverage that holds an area; raises UnknownArea."""
        for coverage in self.coverages:
            if key in coverage.numbers:
                return coverage
        raise UnknownArea(layer=key.layer, code=key.code)

    @property
    def findings(self) -> list[Defect]:
        """Everything to look at, in an order that only changes change; questions after faults."""
        faults = [
            each
            for coverage, found, asked in zip(
                self.coverages, self.reviews, self.questions, strict=True
            )
            for each in without_enclaves(
                found.findings, asked.asking.enclaves, metres_per_unit=coverage.scale
            )
        ]
        return faults + questions_of(zip(self.coverages, self.questions, strict=True))

    def coverage_with(self, layer: str) -> Coverage:
        """Return the coverage that a layer is part of; raises UnknownArea."""
        for coverage in self.coverages:
            if layer in coverage.above:
                return coverage
        raise UnknownArea(layer=layer, code="")

    def questions_of(self, layer: str) -> Questions:
        """Return the questions about the coverage that a layer is part of; raises UnknownArea."""
        return self.questions[self.coverages.index(self.coverage_with(layer))]

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


def questions_of(asked: Iterable[tuple[Coverage, Questions]]) -> list[Defect]:
    """Return the questions about each coverage, one after the other."""
    return [each for coverage, found in asked for each in found.findings(coverage)]


def result_of(before: Coverage, redrawn: Redrawn) -> Result:
    """Return what an operation changed, by keys, as it is stored.

    An area whose parent has another code is among it, though nothing touched it.
    """
    after, change = redrawn
    numbers = {*change.touched, *change.left, *change.moved, *change.named, *change.listed}
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


def _with(every: tuple[_T, ...], at: int, other: _T) -> tuple[_T, ...]:
    return (*every[:at], other, *every[at + 1 :])
