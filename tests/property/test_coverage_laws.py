"""Laws of coverage: shares that cannot lie, sums that add up, small counts that nobody can tell."""

from datetime import date
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_service.governance.organisations.coverage import (
    Bindings,
    area_coverage,
    unit_counts,
    unit_duties,
)
from geo_service.governance.organisations.ladder import parent_cycle
from geo_service.governance.organisations.ratio import DatedCount, ratio
from geo_service.governance.organisations.suppression import (
    SmallCounts,
    is_telling,
    told_totals,
)

DAY = date(2026, 11, 21)


def percent(part: int, whole: int):
    return ratio(DatedCount(part, DAY), DatedCount(whole, DAY))


@st.composite
def units(draw):
    """Units of a parent with three children: where each lies, and what it is."""
    count = draw(st.integers(0, 30))
    child = draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count))
    in_parent = [at >= 0 or draw(st.booleans()) for at in child]
    cover = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    life = [draw(st.integers(0, 2)) if each == 0 else -1 for each in cover]
    members = draw(st.lists(st.integers(0, 6) | st.just(np.nan), min_size=count, max_size=count))
    return child, in_parent, cover, life, members


@given(units())
def test_what_children_count_and_what_lies_in_none_of_them_is_what_the_parent_counts(drawn):
    child, in_parent, cover, life, members = drawn
    built = np.array(cover, dtype=np.int8) == 0
    duty = unit_duties(built, np.array(members, dtype=float), least_members=3)
    given_ = {"cover": np.array(cover, dtype=np.int8), "duty": duty}
    given_["life"] = np.array(life, dtype=np.int8)
    at, above = np.array(child, dtype=int), np.where(in_parent, 0, -1)

    below = unit_counts(3, at, **given_)
    parent = unit_counts(1, above, **given_)
    beside = unit_counts(1, np.where((at < 0) & (above == 0), 0, -1), **given_)

    for name in ("cover", "duty", "active", "unknown", "total"):
        placed = getattr(below, name).sum(axis=0) + getattr(beside, name).sum(axis=0)
        assert (placed == getattr(parent, name).sum(axis=0)).all()
    assert (parent.duty.sum(axis=1) == parent.total).all()
    assert (parent.active + parent.unknown <= parent.cover[:, 0]).all()
    organisation, work = parent.cover[0, 0], parent.cover[0, :2].sum()
    shares = [percent(int(each), int(parent.total[0])) for each in (organisation, work)]
    assert all((each.share is None) == (parent.total[0] == 0) for each in shares)
    assert shares[0].share is None or shares[0].share <= shares[1].share


@st.composite
def bound(draw):
    """Bindings of organisations to areas, and linked areas; an organisation has one life."""
    areas = draw(st.integers(1, 8))
    lives = draw(st.lists(st.integers(0, 2), min_size=1, max_size=6))
    pairs = draw(
        st.lists(
            st.tuples(st.integers(0, areas - 1), st.integers(0, len(lives) - 1), st.integers(0, 2)),
            max_size=20,
        )
    )
    linked = draw(st.lists(st.integers(0, areas - 1), max_size=4))
    return areas, [(*pair, lives[pair[1]]) for pair in pairs], linked


@given(bound(), st.randoms())
def test_active_areas_are_covered_ones_and_the_order_of_bindings_is_nothing(drawn, random):
    count, pairs, linked = drawn

    def found(rows):
        columns = np.array(rows or np.empty((0, 4)), dtype=np.int64).T
        states, lives = columns[2].astype(np.int8), columns[3].astype(np.int8)
        return area_coverage(
            count, Bindings(columns[0], columns[1], states, lives), np.array(linked, dtype=int)
        )

    shuffled = random.sample(pairs, len(pairs))
    first, second = found(pairs), found(shuffled)

    assert (first.state == second.state).all()
    assert (first.life == second.life).all()
    assert (first.is_covered | ~first.is_active).all()
    assert ((first.life >= 0) == first.is_covered).all()
    assert sum(first.counts().values()) == count
    for area in range(count):
        own = [pair for pair in pairs if pair[0] == area and pair[2] <= 1]
        assert first.is_covered[area] == bool(own)
        assert first.is_active[area] == any(pair[3] == 0 for pair in own)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 10_000))
def test_a_share_reaches_what_whole_numbers_say_and_prints_within_half_a_hundredth(
    part, whole, hundredths
):
    found = percent(part, whole)

    assert found.reaches(hundredths / 100) == (part * 10_000 >= hundredths * whole)
    assert abs(Fraction(found.percent_text) - Fraction(100 * part, whole)) <= Fraction(1, 200)


@given(st.lists(st.none() | st.integers(0, 7), min_size=8, max_size=8))
def test_whoever_comes_back_to_itself_stands_in_a_cycle_and_nobody_else(above):
    parents = {str(i): None if up is None else str(up) for i, up in enumerate(above)}

    for code in parents:
        at, steps = parents[code], 0
        while at is not None and at != code and steps < len(parents):
            at, steps = parents[at], steps + 1
        cycle = parent_cycle(code, parents)
        assert bool(cycle) == (at == code)
        assert all(parents[a] == b for a, b in zip(cycle, [*cycle[1:], code], strict=False))


@given(
    st.lists(st.integers(-1, 7), max_size=7),
    st.sampled_from([SmallCounts(0, 2), SmallCounts(1, 4), SmallCounts(1, 2)]),
)
def test_an_exact_total_is_telling_where_trying_every_small_count_excludes_one(counts, small):
    hidden = [each for each in counts if small.lowest <= each <= small.highest]
    values = range(small.lowest, small.highest + 1)
    fitting = [each for each in product(values, repeat=len(hidden)) if sum(each) == sum(hidden)]
    excluded = any({each[i] for each in fitting} != set(values) for i in range(len(hidden)))

    assert is_telling(np.array(counts, dtype=int), small=small) == excluded


@given(st.lists(st.tuples(st.integers(-1, 9), st.integers(-1, 3)), max_size=12))
def test_whoever_has_the_register_could_have_written_every_total(entries):
    """Other small counts behind the same register give the same answers."""
    counts, at = np.array(entries, dtype=int).reshape(-1, 2).T
    small = SmallCounts(0, 2)
    others = np.where(small.among(counts), 2 - counts, counts)
    first, second = (told_totals(each, at, 4, small=small) for each in (counts, others))

    assert [first.told(i) for i in range(4)] == [second.told(i) for i in range(4)]
    exact = np.bincount(at[(at >= 0) & (counts > 0)], counts[(at >= 0) & (counts > 0)], 4)
    assert ((first.least <= exact) & (exact <= first.most)).all()
    assert ((first.least != first.most) | (first.least == exact)).all()
