"""Members of organisations beneath each other: each of them once, and what nobody tells."""

import numpy as np
import pytest

from geo_service.governance.organisations.membership import membership

N = -1


@pytest.mark.parametrize(
    ("told", "parents", "own", "unknown"),
    [
        ([], [], [], []),
        ([12, 8], [N, N], [12, 8], []),
        ([N, 20, 30], [N, 0, 0], [0, 20, 30], []),  # a committee above its branches
        ([55, 20, 30], [N, 0, 0], [5, 20, 30], []),  # its count takes theirs in
        ([48, 20, 30], [N, 0, 0], [0, 20, 30], []),  # an older count than theirs
        ([55, N, 20, 30], [N, 0, 1, 1], [5, 0, 20, 30], []),  # through one that tells none
        ([55, 20, 12, 8], [N, 0, 1, 1], [35, 0, 12, 8], []),
        ([N, N, 30], [N, 0, 0], [0, 0, 30], [1]),
        ([50, N, 30], [N, 0, 0], [20, 0, 30], [1]),
        ([7, 9, 3], [1, 0, 1], [7, 6, 3], []),  # a cycle stands alone, with what is under it
    ],
)
def test_a_count_takes_in_those_beneath(told, parents, own, unknown):
    found = membership(np.array(told, dtype=np.int64), np.array(parents, dtype=np.int64))
    assert found.own.tolist() == own
    assert np.flatnonzero(found.is_unknown).tolist() == unknown


def test_the_nearest_above_that_tells_takes_a_silent_one_in():
    found = membership(np.array([90, N, N, 20, N]), np.array([N, 0, 1, 1, N]))
    assert found.counted_by.tolist() == [N, 0, 0, 0, N]
    assert found.is_above.tolist() == [True, True, False, False, False]
