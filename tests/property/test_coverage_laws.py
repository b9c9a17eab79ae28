"""Laws of coverage: shares that cannot lie, sums that add up, small counts that nobody can tell."""

from datetime import date
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo_service.governance.organisations.coverage import (
    Bindings,
    area_coverage,
    unit_counts,
    unit_duties,
)
from geo_service.governance.organisations.ladder import parent_cycle
from geo_service.governance.organisations.ratio import DatedCount, ratio
from geo_service.governance.organisations.suppression import hidden_cells, telling_totals

DAY = date(2026, 11, 21)
LEAST_CELL = 5


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


@st.composite
def trees(draw):
    """Counts of a tree of up to four levels and about twenty cells, and cells hidden anyway."""
    parents = [[-1] * draw(st.integers(1, 2))]
    for _ in range(draw(st.integers(0, 3))):
        cells = st.integers(0, len(parents[-1]) - 1)
        parents.append(sorted(draw(st.lists(cells, min_size=1, max_size=7))))
    values = st.sampled_from(draw(st.sampled_from([(0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 30), (1, 9)])))
    levels = [[draw(values) for _ in each] for each in parents]
    for depth in reversed(range(1, len(parents))):
        for parent in set(parents[depth]):
            own = [c for c, p in zip(levels[depth], parents[depth], strict=True) if p == parent]
            levels[depth - 1][parent] = sum(own)
    telling = [[draw(st.integers(0, 9)) == 0 for _ in each] for each in parents]
    return (
        [np.array(each, dtype=np.int64) for each in levels],
        [np.array(each, dtype=np.int64) for each in parents],
        [np.array(each, dtype=bool) for each in telling],
    )


@settings(max_examples=60)
@given(trees(), st.sampled_from([0, 1]))
def test_a_reader_of_all_shown_cells_can_tell_no_hidden_one(tree, least):
    """Solve the sums for the least and the greatest value that each hidden cell may have.

    With ``least`` 1 the reader knows besides that zeros are shown.
    """
    levels, parents, telling = tree
    hidden = hidden_cells(levels, parents, least_cell=LEAST_CELL, telling=telling)
    counts, is_hidden = np.concatenate(levels), np.concatenate(hidden)
    bounds = [
        (least if unseen and count else 0, None) if unseen else (count, count)
        for count, unseen in zip(counts.tolist(), is_hidden.tolist(), strict=True)
    ]

    assert is_hidden[(counts > 0) & (counts < LEAST_CELL)].all()
    for cell in np.flatnonzero(is_hidden):
        low, high = _extremes(cell, levels, parents, bounds)
        assert low <= counts[cell] <= high
        if least == 0:
            assert high - low >= LEAST_CELL
        elif counts[cell]:
            assert high - low >= 1


def _extremes(cell: int, levels, parents, bounds) -> tuple[float, float]:
    starts = np.cumsum([0, *map(len, levels)])
    rows = []
    for depth in range(1, len(levels)):
        for parent in set(parents[depth].tolist()):
            row = np.zeros(starts[-1])
            row[starts[depth] + np.flatnonzero(parents[depth] == parent)] = 1
            row[starts[depth - 1] + parent] = -1
            rows.append(row)
    sums = {"A_eq": np.array(rows), "b_eq": np.zeros(len(rows))} if rows else {}
    goal = np.zeros(starts[-1])
    goal[cell] = 1
    found = [linprog(sign * goal, bounds=bounds, **sums) for sign in (1, -1)]
    unbounded = 3
    assert found[0].status == 0
    high = np.inf if found[1].status == unbounded else -found[1].fun
    return round(found[0].fun, 6), round(high, 6)


@st.composite
def registers(draw):
    """Areas of three levels, and up to seven entries with their counts: where each stands."""
    parents = [[-1], [0] * draw(st.integers(1, 2))]
    middle = st.integers(0, len(parents[1]) - 1)
    parents.append(sorted(draw(st.lists(middle, min_size=1, max_size=3))))
    areas = [(d, i) for d, level in enumerate(parents) for i in range(len(level))]
    entry = st.tuples(st.sampled_from(areas), st.integers(0, 4))
    return parents, draw(st.lists(entry, max_size=7))


@settings(max_examples=150)
@given(registers(), st.sampled_from([(0, 2), (1, 3)]))
def test_totals_beside_the_register_tell_no_count_that_it_hides(drawn, hides):
    """Try every value of every hidden entry against every total that is shown."""
    parents, entries = drawn
    lowest, highest = hides
    small = [(at, count) for at, count in entries if lowest <= count <= highest]
    numbers = [np.zeros(len(level), dtype=np.int64) for level in parents]
    persons = [np.zeros(len(level), dtype=np.int64) for level in parents]
    for (depth, area), count in small:
        numbers[depth][area] += 1
        persons[depth][area] += count
    columns = [np.array(level) for level in parents]

    telling = telling_totals(numbers, persons, columns, lowest=lowest, highest=highest)

    shown = [
        [i for i, (at, _) in enumerate(small) if (depth, area) in _chain(parents, at)]
        for depth, level in enumerate(telling)
        for area in np.flatnonzero(~level)
    ]
    fitting = [
        values
        for values in product(range(lowest, highest + 1), repeat=len(small))
        if all(sum(values[i] for i in own) == sum(small[i][1] for i in own) for own in shown)
    ]
    assert all(len({values[i] for values in fitting}) > 1 for i in range(len(small)))


@given(registers())
def test_without_other_totals_only_areas_without_hidden_entries_are_told(drawn):
    parents, entries = drawn
    numbers = [np.zeros(len(level), dtype=np.int64) for level in parents]
    for (depth, area), _ in entries:
        numbers[depth][area] += 1
    columns = [np.array(level) for level in parents]

    telling = telling_totals(numbers, numbers, columns, lowest=0, highest=2, are_alone=False)

    for depth, level in enumerate(telling):
        for area, is_telling in enumerate(level):
            assert is_telling == any((depth, area) in _chain(parents, at) for at, _ in entries)


def _chain(parents, at: tuple[int, int]) -> set[tuple[int, int]]:
    depth, area = at
    found = {at}
    while depth:
        area, depth = parents[depth][area], depth - 1
        found.add((depth, area))
    return found
