"""Counts of persons by area, small ones hidden on every level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.organisations.rules import CoverageLimits
from geo_service.governance.organisations.suppression import hidden_cells, telling_totals
from geo_service.layers.locator import Locator
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.placement import Placement
from geo_service.services.organisations.cells import MEMBERS, told_from


@dataclass(frozen=True, eq=False)
class Persons:
    """Counts of persons by area, and which of them are too small to be shown."""

    counts: NDArray[np.int64]
    is_hidden: NDArray[np.bool_]


def persons_by_area(picture: Picture, layer: str, placed: Placement, field: str) -> Persons:
    """Return how many persons stand in each area's entries, small cells hidden on every level.

    Registers list the entries one by one, so a total is hidden too that would tell a small count
    of one of them.
    """
    known = np.array([entry.details.get(field, -1) for entry in placed.entries], dtype=np.int64)
    persons = np.maximum(known, 0)
    tree = _tree(picture.locator, layer)
    at = [placed.positions(name) for name in tree.names]
    levels = [_sums(persons, each, size) for each, size in zip(at, tree.sizes, strict=True)]
    parents = [np.full(tree.sizes[0], -1, dtype=np.int64)]
    cells = [levels[0]]
    for depth in range(1, len(tree.names)):
        beneath = _sums(levels[depth], tree.parents[depth], tree.sizes[depth - 1])
        # what lies in a parent and in none of its children is told too, and is a cell like others
        cells.append(np.concatenate([levels[depth], levels[depth - 1] - beneath]))
        parents.append(np.concatenate([tree.parents[depth], np.arange(tree.sizes[depth - 1])]))
    telling = _telling(picture.rules.limits, tree, at, known, field)
    hidden = hidden_cells(
        cells,
        parents,
        least_cell=picture.rules.limits.least_cell,
        telling=[
            np.concatenate([flags, np.zeros(len(each) - len(flags), dtype=bool)])
            for flags, each in zip(telling, cells, strict=True)
        ],
    )
    depth = tree.names.index(layer)
    return Persons(levels[depth], hidden[depth][: tree.sizes[depth]])


@dataclass(frozen=True, eq=False)
class _Tree:
    """The layers that one nests in, and the parent of each area; an overlay stands alone."""

    names: list[str]
    sizes: list[int]
    parents: list[NDArray[np.int64]]
    is_first: bool


def _tree(locator: Locator, layer: str) -> _Tree:
    if layer in locator.overlays:
        size = len(locator.areas(layer))
        return _Tree([layer], [size], [np.full(size, -1, dtype=np.int64)], False)
    families = list(locator.layers.families.items())
    at = next(i for i, (_, chain) in enumerate(families) if layer in [e.name for e in chain])
    family, chain = families[at]
    names = [each.name for each in chain]
    sizes = [len(locator.areas(name)) for name in names]
    parents = [np.full(sizes[0], -1, dtype=np.int64)]
    for depth in range(1, len(names)):
        everyone = np.arange(sizes[depth], dtype=np.int32)
        above = locator.ancestors(family, depth, everyone, at=depth - 1)
        parents.append(above.astype(np.int64))
    return _Tree(names, sizes, parents, at == 0)


def _telling(
    limits: CoverageLimits,
    tree: _Tree,
    at: Sequence[NDArray[np.signedinteger]],
    known: NDArray[np.int64],
    field: str,
) -> list[NDArray[np.bool_]]:
    """Return the totals that would tell what ``told_from`` hides of single entries."""
    lowest, least = told_from(field, limits)
    is_small = (known >= lowest) & (known < least)
    entries, persons = [], []
    for depth, size in enumerate(tree.sizes):
        stands = is_small & (at[depth] >= 0)
        if depth + 1 < len(at):
            stands &= at[depth + 1] < 0
        entries.append(_sums(np.ones(len(known)), np.where(stands, at[depth], -1), size))
        persons.append(_sums(known, np.where(stands, at[depth], -1), size))
    return telling_totals(
        entries,
        persons,
        tree.parents,
        lowest=lowest,
        highest=least - 1,
        # other families, overlays and the totals of kinds of sites are sums of the same entries
        are_alone=field in MEMBERS and tree.is_first,
    )


def _sums(
    values: NDArray[np.generic], at: NDArray[np.signedinteger], count: int
) -> NDArray[np.int64]:
    known = at >= 0
    return np.bincount(at[known], values[known], minlength=count).astype(np.int64)
