"""Members of organisations beneath each other, by the definition and as computed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_service.governance.organisations.membership import membership, told_membership
from geo_service.governance.organisations.suppression import SmallCounts


@given(st.lists(st.tuples(st.integers(-1, 30), st.integers(-1, 12)), max_size=12))
def test_nobody_is_counted_twice_and_nobody_that_is_told_is_lost(rows):
    told = np.array([each[0] for each in rows], dtype=np.int64)
    # parents stand before their children, so that there is no cycle
    parents = np.array([min(p, i - 1) for i, (_, p) in enumerate(rows)], dtype=np.int64)

    found = membership(told, parents)

    def total(i):  # by the definition, one by one
        beneath = sum(total(child) for child in np.flatnonzero(parents == i).tolist())
        return max(int(told[i]), beneath)

    roots = np.flatnonzero(parents < 0).tolist()
    assert found.own.sum() == sum(max(total(i), 0) for i in roots)
    assert (found.own >= 0).all()


_SMALL = SmallCounts(0, 2)
_ROW = st.tuples(st.integers(-1, 12), st.integers(-1, 9), st.integers(-1, 2))


@given(st.lists(_ROW, max_size=9), st.integers(0, 2**32 - 1))
def test_the_bounds_of_a_total_hold_it_and_do_not_depend_on_what_is_hidden(rows, seed):
    told = np.array([each[0] for each in rows], dtype=np.int64)
    parents = np.array([min(p, i - 1) for i, (_, p, _) in enumerate(rows)], dtype=np.int64)
    at = np.array([each[2] for each in rows], dtype=np.int64)
    nothing = np.zeros(3, dtype=bool)
    found = told_membership(told, parents, small=_SMALL).totals(at, 3, is_partial=nothing)

    draw = np.random.default_rng(seed)
    for _ in range(5):
        other = np.where(_SMALL.among(told), draw.integers(0, 3, len(told)), told)
        exact = np.bincount(
            at[at >= 0], membership(other, parents).own[at >= 0], minlength=3
        ).astype(np.int64)
        assert (found.least <= exact).all()
        assert (exact <= found.most).all()
        again = told_membership(other, parents, small=_SMALL).totals(at, 3, is_partial=nothing)
        assert [again.told(i) for i in range(3)] == [found.told(i) for i in range(3)]


def test_a_body_that_tells_its_count_tells_the_total_of_an_area_with_all_beneath_it():
    told, parents = np.array([20, 9, 2, 8]), np.array([-1, 0, 0, 0])
    found = told_membership(told, parents, small=_SMALL)
    together = found.totals(np.zeros(4, dtype=np.int64), 2, is_partial=np.zeros(2, dtype=bool))
    assert [together.told(i) for i in range(2)] == [20, 0]
    # the small one stands elsewhere: 20 less what it may have
    apart = found.totals(np.array([0, 0, 1, 0]), 2, is_partial=np.zeros(2, dtype=bool))
    assert [apart.told(i) for i in range(2)] == ["18–20", "<3"]
