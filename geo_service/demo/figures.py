"""Dated figures of demo areas: counted once on the deepest level, summed on the others."""

from datetime import date
from typing import NamedTuple

import numpy as np

from geo_service.demo.land.buildings import COMMUNITY_TYPES
from geo_service.demo.land.columns import Integers
from geo_service.demo.land.groups import Nesting, apportion
from geo_service.layers.area import Floats

MIXED = "混合"
_MAJORITY = 0.5
_PERSONS_PER_HOUSEHOLD = (2.25, 2.75)
_FIGURES = ("residents", "households", "community_type")


class Figure(NamedTuple):
    """One dated figure of an area: residents, households (counts) or community_type (a word)."""

    layer: str
    code: str
    figure: str
    value: int | str
    valid_from: date
    source: str


class Areas(NamedTuple):
    """The layer and the codes of one level, root first, in the order of its groups."""

    layer: str
    codes: tuple[str, ...]


def count_figures(
    levels: list[Areas],
    nesting: Nesting,
    *,
    block_households: Floats,
    block_types: Integers,
    residents: int | None,
    rng: np.random.Generator,
) -> list[tuple[str, str, str, int | str]]:
    """Return layer, code, figure and value for every area; parents' counts sum their children's.

    Parameters
    ----------
    block_households, block_types
        (b,) of each block; types are positions in ``COMMUNITY_TYPES``.
    residents
        How many in all; None for what the households make.

    Returns
    -------
    list
        The deepest level first. ``community_type`` is the type more than half of an area's
        households live in, or 混合.
    """
    households = np.bincount(nesting.of_block[-1], block_households).astype(np.int64)
    wish = households * rng.uniform(*_PERSONS_PER_HOUSEHOLD, len(households))
    total = round(wish.sum()) if residents is None else residents
    persons = apportion(total, wish, least=0, most=np.full(len(wish), total))
    counted: list[tuple[str, str, str, int | str]] = []
    for position in reversed(range(len(levels))):
        layer, codes = levels[position]
        kinds = _community_types(nesting.of_block[position], block_types, block_households)
        rows = zip(codes, persons.tolist(), households.tolist(), kinds, strict=True)
        counted += [
            (layer, code, figure, value)
            for code, *values in rows
            for figure, value in zip(_FIGURES, values, strict=True)
        ]
        parent = nesting.parent[position]
        persons = np.bincount(parent, persons).astype(np.int64)
        households = np.bincount(parent, households).astype(np.int64)
    return counted


def _community_types(groups: Integers, types: Integers, households: Floats) -> list[str]:
    """Return the type in which more than half of an area's households live, or 混合."""
    kinds = len(COMMUNITY_TYPES)
    # One household on every block decides where nobody lives.
    weight = np.bincount(groups * kinds + types, households + 1, (groups.max() + 1) * kinds)
    weight = weight.reshape(-1, kinds)
    share = weight.max(axis=1) / weight.sum(axis=1)
    best = weight.argmax(axis=1)
    return [
        COMMUNITY_TYPES[b] if s > _MAJORITY else MIXED
        for b, s in zip(best.tolist(), share.tolist(), strict=True)
    ]
