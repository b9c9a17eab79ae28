"""What to ask a planner about areas that were redrawn: only what changed is asked again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.arcs.persistent import PersistentMap
from geo_service.layers.layer import Enclave
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.buildings.listing import Lists, lists_after, lists_of
from geo_service.layers.redraw.buildings.outside import (
    Standing,
    building_findings,
    standings,
)
from geo_service.layers.redraw.proposals.sizes import AREA_M2, Usual, unusual_sizes
from geo_service.layers.redraw.soundness import Redrawn
from geo_service.layers.topology import Defect


@dataclass(frozen=True, eq=False)
class Asking:
    """What findings rest on beside the ground: usual sizes by layer, known buildings, enclaves."""

    usual: Mapping[str, Usual] = field(default_factory=dict)
    buildings: KnownBuildings = field(default_factory=KnownBuildings)
    enclaves: tuple[Enclave, ...] = ()

    def of_ground(self, layer: str) -> Usual:
        """Return the usual square metres of a layer, nothing where none are told."""
        usual = self.usual.get(layer, {})
        return {AREA_M2: usual[AREA_M2]} if AREA_M2 in usual else {}


@dataclass(frozen=True, eq=False)
class Questions:
    """Questions about the areas that are ``asked`` about, by number: sizes, then buildings.

    A building is asked about where it meets an area without children that is, or one that is lists
    it. ``lists`` are those of all areas. Figures are not asked here: they are read, not drawn.
    """

    asking: Asking
    asked: frozenset[int]
    sizes: PersistentMap[int, Defect]
    standings: PersistentMap[int, Standing]
    lists: Lists

    def findings(self, coverage: Coverage) -> list[Defect]:
        """Return them in an order that only changes change; ``coverage`` is the one asked about."""
        sizes = sorted(self.sizes.values(), key=lambda each: (each.layer, each.codes))
        return sizes + building_findings(coverage, self.asking.buildings, self.standings)


def questions(
    coverage: Coverage,
    asking: Asking,
    keys: Iterable[AreaKey] | None,
    *,
    lists: Lists | None = None,
) -> Questions:
    """Return the questions about some areas, those that are there; about all where None.

    ``lists`` are those of the coverage where they are known already.
    """
    chosen = coverage.numbers if keys is None else keys
    asked = frozenset(coverage.numbers[key] for key in chosen if key in coverage.numbers)
    lists = lists_of(coverage, asking.buildings) if lists is None else lists
    about = _about(coverage, asking, lists, asked)
    return Questions(
        asking,
        asked,
        PersistentMap(_sizes(coverage, asking, asked)),
        PersistentMap(_amiss(coverage, asking, lists, asked, about)),
        lists,
    )


def questions_after(
    former: Questions, before: Coverage, redrawn: Redrawn, touched: Collection[AreaKey]
) -> Questions:
    """Return the questions after an operation, asking again only what it can have answered.

    Parameters
    ----------
    former
        The questions about ``before``, the coverage that the operation started from.
    touched
        The keys, of before or after, that are asked about from now on: at least those of all areas
        that the operation changed.
    """
    after, asking = redrawn.coverage, former.asking
    own = {c.numbers[key] for c in (before, after) for key in touched if key in c.numbers}
    asked = frozenset(n for n in former.asked | own if n in after.areas)
    sizes: dict[int, Defect | None] = dict.fromkeys(own)
    sizes |= _sizes(after, asking, own & asked)
    lists, others = lists_after(former.lists, before, after, asking.buildings, own)
    again = _stirred(former, before, redrawn, lists, own) | others
    standing: dict[int, Standing | None] = dict.fromkeys(again)
    standing |= _amiss(after, asking, lists, asked, again)
    return Questions(
        asking,
        asked,
        former.sizes.with_changes(sizes),
        former.standings.with_changes(standing),
        lists,
    )


def _sizes(coverage: Coverage, asking: Asking, numbers: Iterable[int]) -> dict[int, Defect]:
    by_layer: dict[str, list[str]] = {}
    for number in numbers:
        layer, code = coverage.areas[number].key
        by_layer.setdefault(layer, []).append(code)
    return {
        coverage.numbers[AreaKey(layer, each.codes[0])]: each
        for layer, codes in by_layer.items()
        if (usual := asking.of_ground(layer))
        for each in unusual_sizes(coverage, layer, usual, codes=codes)
    }


def _stirred(
    former: Questions, before: Coverage, redrawn: Redrawn, lists: Lists, own: Collection[int]
) -> set[int]:
    """Return the buildings whose owners or lists an operation can have changed.

    Ground passes between areas without children; who has some passes only whole, or by its key.
    """
    after, change = redrawn
    whole = {*change.moved, *change.named, *change.entered, *change.left, *change.listed}
    numbers = {*own, *_turned(before, after, own)}
    asking = former.asking
    return _about(before, asking, former.lists, numbers, whole) | _about(
        after, asking, lists, numbers, whole
    )


def _about(
    coverage: Coverage,
    asking: Asking,
    lists: Lists,
    numbers: Collection[int],
    whole: Collection[int] = (),
) -> set[int]:
    """Return the buildings that meet areas, or that these list.

    Of areas that have no children, or passed as a whole.
    """
    there = [n for n in numbers if n in coverage.areas]
    some = [n for n in there if not coverage.children.get(n) or n in whole]
    told = asking.buildings.told_by_area
    found = {i for n in some for i in lists.meant.get(n, ())}
    found |= {i for n in some for i in told.get(coverage.areas[n].key, ())}
    return found | asking.buildings.meeting(coverage.outlines(some))


def _amiss(
    coverage: Coverage,
    asking: Asking,
    lists: Lists,
    asked: Collection[int],
    positions: Collection[int],
) -> dict[int, Standing]:
    """Return where some buildings stand amiss, of those that are asked about."""
    known = asking.buildings
    leaves = {n for n in asked if not coverage.children.get(n)}
    return {
        position: standing
        for position, standing in standings(coverage, known, lists, positions).items()
        if not leaves.isdisjoint(standing.owners)
        or any(coverage.numbers[k] in leaves for k in lists.areas_of(coverage, known, position))
    }


def _turned(before: Coverage, after: Coverage, numbers: Collection[int]) -> set[int]:
    """Return the parents that got their first child, or lost their last one."""
    above = {c.areas[n].parent for c in (before, after) for n in numbers if n in c.areas}
    return {
        n
        for n in above
        if n is not None
        and n in before.areas
        and n in after.areas
        and bool(before.children.get(n)) != bool(after.children.get(n))
    }
