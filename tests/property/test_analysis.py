"""Laws of analysis: nothing is lost in counting, binning and classing."""

import itertools
from datetime import date, timedelta

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo_service.analysis.bins import heat_bins
from geo_service.analysis.classes import METHODS, classify, natural_breaks
from geo_service.analysis.days import NOT_CLOSED_S, day_summary
from geo_service.analysis.getis_ord import contiguity, getis_ord
from geo_service.analysis.hotspots import (
    MEASURES,
    LocatedIssues,
    MeasuredAreas,
    Stamp,
    change_p_values,
    hotspot_table,
    ranking,
)
from geo_service.analysis.periods import Period, last_days

STAMP = Stamp(last_days(date(2026, 11, 20), days=7), edition=1, basis="kept", data_until_s=None)
days = st.dates(min_value=date(1993, 1, 1), max_value=date(2199, 1, 1))


@st.composite
def tables(draw):
    size = draw(st.integers(0, 6))
    owners = hnp.arrays(np.int32, st.integers(0, 30), elements=st.integers(-1, size - 1))
    figures = hnp.arrays(
        np.float64, size, elements=st.sampled_from([0.0, np.nan]) | st.floats(0.1, 1e4)
    )
    now = draw(owners)
    return hotspot_table(
        MeasuredAreas(
            codes=[f"999{i}" for i in range(size)],
            names=["虚构"] * size,
            area_km2=draw(figures),
            residents=draw(figures),
        ),
        LocatedIssues(
            owners=now,
            is_open=draw(hnp.arrays(np.bool_, len(now))),
            owners_before=draw(owners),
        ),
        STAMP,
    )


@given(tables())
def test_the_counts_and_the_unassigned_are_all_issues(table):
    assert sum(row.count for row in table.rows) + table.unassigned == table.total
    assert sum(row.before for row in table.rows) + table.unassigned_before == table.total_before


@given(tables())
def test_a_rate_is_null_exactly_where_its_denominator_is_missing_or_zero(table):
    for row in table.rows:
        assert (row.per_km2 is None) == (not row.area_km2)
        assert (row.per_1000_residents is None) == (not row.residents)
        assert (row.change_share is None) == (row.before == 0)
        assert 0 <= row.open_count <= row.count
        assert (row.verdict == "unclear") or (row.verdict == "up") == (row.change > 0)


@given(tables(), st.sampled_from(MEASURES))
def test_a_rank_is_one_more_than_how_many_are_larger(table, measure):
    ranked = ranking(table, measure)
    values = [getattr(item.row, measure) for item in ranked]

    assert sorted(item.row.code for item in ranked) == [row.code for row in table.rows]
    known = [value for value in values if value is not None]
    assert values == sorted(known, reverse=True) + [None] * (len(values) - len(known))
    for item, value in zip(ranked, values, strict=True):
        expected = None if value is None else 1 + sum(other > value for other in known)
        assert item.rank == expected


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=20))
def test_the_p_value_does_not_know_before_from_after(pairs):
    now, before = np.array(pairs).T

    p_values = change_p_values(now, before)

    assert (p_values > 0).all()
    assert (p_values <= 1).all()
    assert np.array_equal(p_values, change_p_values(before, now))


@given(days, st.integers(1, 60))
def test_periods_touch_and_never_overlap(day, length):
    period = last_days(day, days=length)

    assert period.before().end == period.start
    assert period.days == period.before().days == length
    assert Period.parse(period.text) == period
    assert period.last_day == day
    assert period.start == Period.from_days(day - timedelta(length - 1), day + timedelta(1)).start


@given(
    hnp.arrays(np.float64, 25, elements=st.integers(0, 50).map(float)),
    st.integers(1, 1000),
    st.integers(-1000, 1000),
)
def test_hot_spots_do_not_depend_on_the_unit(values, factor, offset):
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(5) for y in range(5)])
    links = contiguity(cells)

    one, other = getis_ord(values, links), getis_ord(values * factor + offset, links)

    np.testing.assert_allclose(one.z, other.z, rtol=1e-7, atol=1e-7)


@given(st.permutations(range(16)))
def test_contiguity_follows_the_areas_in_any_order(order):
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(4)])
    straight = contiguity(cells).toarray()

    assert np.array_equal(contiguity(cells[order]).toarray(), straight[np.ix_(order, order)])
    assert np.array_equal(straight, straight.T)


values_with_nulls = hnp.arrays(
    np.float64,
    st.integers(0, 40),
    elements=st.just(np.nan) | st.integers(-50, 50).map(float) | st.floats(-1e6, 1e6),
)


@given(values_with_nulls, st.sampled_from(METHODS), st.integers(1, 12))
def test_every_value_is_in_one_class_and_every_class_has_a_value(values, method, k):
    classes = classify(values, method=method, k=k)
    positions = classes.positions(values)

    assert ((positions == -1) == np.isnan(values)).all()
    assert classes.n + classes.nulls == len(values)
    assert set(positions[positions >= 0].tolist()) == set(range(len(classes.breaks)))
    assert len(classes.labels) == len(classes.breaks) <= k
    order = np.argsort(values[positions >= 0], kind="stable")
    assert (np.diff(positions[positions >= 0][order]) >= 0).all()


@given(
    hnp.arrays(np.float64, st.integers(1, 40), elements=st.integers(0, 60).map(float)),
    st.sampled_from(METHODS),
    st.integers(1, 7),
)
def test_a_count_stands_within_the_ends_that_its_label_names(counts, method, k):
    classes = classify(counts, method=method, k=k, are_counts=True)

    for count, position in zip(counts, classes.positions(counts), strict=True):
        ends = [int(end) for end in classes.labels[position].split("–")]
        assert ends[0] <= count <= ends[-1]
        assert (count == 0) == (classes.labels[position] == "0")


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=9), st.integers(1, 4))
def test_no_other_parting_has_a_smaller_sum_of_squares_than_natural_breaks(numbers, k):
    values = np.sort(np.array(numbers, dtype=float))
    groups = min(k, len(set(numbers)))

    def cost(pieces):
        return sum(((piece - piece.mean()) ** 2).sum() for piece in pieces if len(piece))

    found = natural_breaks(values, k)
    pieces = np.split(values, np.searchsorted(values, found[:-1], side="right"))
    every = itertools.combinations(range(1, len(values)), groups - 1)
    best = min(cost(np.split(values, list(cuts))) for cuts in every)

    assert len(found) == groups
    assert cost(pieces) <= best + 1e-9


@given(
    hnp.arrays(np.float64, st.tuples(st.just(2), st.integers(0, 60)), elements=st.floats(-1, 1)),
    st.sampled_from([50.0, 500.0, 20_000.0]),
    st.integers(3, 5),
)
def test_told_and_kept_back_points_are_all_points(offsets, bin_m, k):
    bins = heat_bins(lon=121 + offsets[0], lat=31 + offsets[1], bin_m=bin_m, k=k)

    assert bins.count.sum() + bins.suppressed_points == offsets.shape[1]
    assert (bins.count >= k).all()
    assert (bins.west < bins.east).all()
    assert (bins.south < bins.north).all()


@given(
    st.lists(
        st.tuples(st.integers(-3 * 86_400, 86_400), st.none() | st.integers(0, 4 * 86_400)),
        max_size=20,
    )
)
def test_open_today_is_open_yesterday_and_what_came_less_what_went(issues):
    day = date(2026, 11, 20)
    start_s = last_days(day, days=1).start_s
    reported_at_s = np.array([start_s + at for at, _ in issues], dtype=np.int64)
    closed_at_s = np.array(
        [NOT_CLOSED_S if after is None else start_s + at + after for at, after in issues],
        dtype=np.int64,
    )

    summary = day_summary(
        day,
        reported_at_s=reported_at_s,
        closed_at_s=closed_at_s,
        is_unassigned=np.zeros(len(issues), dtype=bool),
    )

    assert summary.open.change == summary.reported.value - summary.closed.value
