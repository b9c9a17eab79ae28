"""Chains of many owners, against one walk for each; also run without the compiler."""

import numpy as np
import pytest

from geo_service.layers.index import Chains

PARENTS = [[-1, -1], [1, 0, -1, 1], [3, 0, -1, 0, 2]]
"""Two roots, four areas below them, one of them an orphan, and five below those."""


def walked(level: int, position: int) -> list[int]:
    chain = [-1] * len(PARENTS)
    while level >= 0 and position >= 0:
        chain[level] = position
        level, position = level - 1, PARENTS[level][position]
    return chain


@pytest.mark.parametrize(
    "owners",
    [
        [],
        [(-1, -1)],
        [(2, 0), (2, 3), (1, 2), (0, 1), (-1, -1), (2, 2), (2, 0)],
        [(level, i) for level, each in enumerate(PARENTS) for i in range(len(each))],
    ],
)
def test_every_owner_has_the_ancestors_of_its_own_walk(owners):
    chains = Chains([np.array(each, dtype=np.int32) for each in PARENTS])
    level = np.array([each for each, _ in owners], dtype=np.int8)
    position = np.array([each for _, each in owners], dtype=np.int32)
    columns = chains.columns(level, position)
    told = [np.append(column.positions, -1)[column.place].tolist() for column in columns]
    expected = [walked(*owner) for owner in owners]
    assert [list(chain) for chain in zip(*told, strict=True)] == expected
    for depth, column in enumerate(columns):
        occurring = {chain[depth] for chain in expected} - {-1}
        assert column.positions.tolist() == sorted(occurring)
