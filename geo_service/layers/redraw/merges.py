"""Merging neighbors into one area."""

from collections.abc import Sequence

from geo_service.errors import NotAdjacent, WrongParent
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.redraw.following import follow
from geo_service.layers.redraw.soundness import Redrawn, finished
from geo_service.layers.redraw.splits import refuse_known_codes

_FEWEST_TO_MERGE = 2


def merge(
    coverage: Coverage, keys: Sequence[AreaKey], code: str, *, name: str | None = None
) -> Redrawn:
    """Merge neighbors of one layer into one area; what lay below them lies below it.

    Parameters
    ----------
    keys
        At least two areas that hang together by shared borders.
    code
        That of the area that survives, with its name and parent; or a new one, then all parents
        must be the same. The other codes are retired.
    name
        Another name; without it that of the survivor, or the new code.

    Raises
    ------
    UnknownArea
        There is no such area.
    NotAdjacent
        They do not hang together: points where they touch do not count.
    WrongParent
        None of them survives, and they have different parents.
    OutsideParent
        Parents differ, and that of one that goes does not have its ground.
    CodeInUse, CodeRetired
        A new code is, or was, that of another area.
    """
    numbers = sorted({coverage.number_of(key) for key in keys})
    layer = keys[0].layer if keys else ""
    if {key.layer for key in keys} != {layer} or not hang_together(coverage, numbers):
        raise NotAdjacent(layer=layer, codes=[key.code for key in keys])
    target = AreaKey(layer, code)
    survivor = coverage.numbers.get(target)
    if survivor not in numbers:
        refuse_known_codes(coverage, layer, [code])
        _refuse_other_parents(coverage, numbers)
        survivor = numbers[0]
    kept = coverage.areas[survivor]
    edit = Edit(coverage)
    for number in numbers:
        if number != survivor:
            absorb(edit, number, survivor)
    edit.rename(survivor, target, name or (kept.name if kept.key == target else code))
    return finished(edit)


def absorb(edit: Edit, number: int, survivor: int) -> None:
    """Let one area take all of another, its children included; ancestors follow (`follow`)."""
    chain = edit.area(number).chain
    edit.remove_area(number)
    above = edit.base.ancestors(number)
    for child in edit.base.children.get(number, ()):
        edit.set_parent(child, survivor)
    edit.add_ground(survivor, chain)
    follow(edit, chain, left=above, joined=edit.base.ancestors(survivor))


def hang_together(coverage: Coverage, numbers: Sequence[int]) -> bool:
    """Return whether two areas or more form one piece by the arcs that they share."""
    if len(numbers) < _FEWEST_TO_MERGE:
        return False
    wanted = set(numbers)
    reached, waiting = {numbers[0]}, [numbers[0]]
    while waiting:
        found = neighbors(coverage, waiting.pop()) & wanted - reached
        reached |= found
        waiting += sorted(found)
    return reached == wanted


def neighbors(coverage: Coverage, number: int) -> set[int]:
    """Return the areas of the same layer across the borders of an area."""
    area = coverage.areas[number]
    arcs = (coverage.arcs[abs(step)] for step in area.chain)
    return {
        owner
        for arc in arcs
        for owner in arc.owners()
        if owner != number and coverage.areas[owner].key.layer == area.key.layer
    }


def _refuse_other_parents(coverage: Coverage, numbers: Sequence[int]) -> None:
    first, *others = (coverage.areas[number] for number in numbers)
    for other in others:
        if other.parent != first.parent and first.parent is not None:
            parent = coverage.areas[first.parent].key
            raise WrongParent(other.key.layer, other.key.code, parent.layer, parent.code)
