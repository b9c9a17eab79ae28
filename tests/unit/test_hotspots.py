"""Periods, counts, rates, verdicts, ranks, hot and cold spots, and the numbers of a day."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely

from geo_service.analysis.days import (
    CLOSING_UNKNOWN_S,
    NOT_CLOSED_S,
    DayFigure,
    day_summary,
)
from geo_service.analysis.getis_ord import contiguity, getis_ord
from geo_service.analysis.hotspots import (
    LocatedIssues,
    MeasuredAreas,
    Stamp,
    change_p_values,
    count_by_area,
    hotspot_table,
    ranking,
)
from geo_service.analysis.periods import Period, last_days
from geo_service.errors import InvalidPeriod, InvalidValue
from geo_service.governance.moment import epoch_s, read_moment

WEEK = Period.from_days(date(2026, 11, 1), date(2026, 11, 8))
STAMP = Stamp(period=WEEK, edition=3, basis="recounted", data_until_s=WEEK.end_s)


def owners(*counts: int, unassigned: int = 0) -> np.ndarray:
    """Owners that give the area at each position its count."""
    return np.array(
        [i for i, count in enumerate(counts) for _ in range(count)] + [-1] * unassigned,
        dtype=np.int32,
    )


def table(counts, before, *, area_km2=None, residents=None, unassigned=0, is_open=None):
    size = len(counts)
    now = owners(*counts, unassigned=unassigned)
    return hotspot_table(
        MeasuredAreas(
            codes=[f"999{i:03d}" for i in range(size)],
            names=[f"示例网格{i}" for i in range(size)],
            area_km2=np.array(area_km2 or [1.0] * size),
            residents=np.array(residents or [1000.0] * size),
        ),
        LocatedIssues(
            owners=now,
            is_open=np.zeros(len(now), dtype=bool) if is_open is None else np.array(is_open),
            owners_before=owners(*before),
        ),
        STAMP,
    )


def test_a_period_of_dates_is_half_open_and_begins_at_midnight_in_shanghai():
    period = Period.parse("2026-11-01/2026-11-08")

    assert period == WEEK
    assert period.start == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert period.end == datetime(2026, 11, 7, 16, tzinfo=UTC)
    assert period.days == 7
    assert period.last_day == date(2026, 11, 7)


def test_the_period_before_is_as_long_and_ends_where_this_one_starts():
    assert WEEK.before() == Period.from_days(date(2026, 10, 25), date(2026, 11, 1))


def test_the_last_days_end_with_the_reference_day():
    assert last_days(date(2026, 11, 7), days=7) == WEEK


def test_a_period_with_times_reads_back_from_its_text():
    period = Period.parse("2026-11-01T08:30:00+08:00/2026-11-02")

    assert Period.parse(period.text) == period
    assert WEEK.text == "2026-11-01/2026-11-08"


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-01", "2026-11-08/2026-11-01", "2026-11-01/2026-11-01", "昨天/今天",
     "1900-01-01/1900-02-01", "2026-11-01/2300-01-01", "2026-11-01/2026-11-02/2026-11-03",
     "2026-02-30/2026-03-01", "0001-01-01/0001-01-02"],
)  # fmt: skip
def test_a_period_that_is_none_is_refused(text):
    with pytest.raises(InvalidPeriod):
        Period.parse(text)


def test_a_period_before_the_first_year_is_refused():
    with pytest.raises(InvalidPeriod):
        Period.from_days(date(1992, 1, 1), date(1993, 1, 1)).before()
    with pytest.raises(InvalidPeriod):
        last_days(date(2026, 11, 7), days=0)


def test_counting_leaves_the_unassigned_out():
    assert count_by_area(owners(2, 0, 1, unassigned=4), areas=3).tolist() == [2, 0, 1]


def test_rates_have_their_denominators_and_the_counts_add_up():
    found = table([6, 0], [4, 0], area_km2=[1.5, 2.0], residents=[3000.0, 500.0], unassigned=2)
    row, empty = found.rows

    assert (row.count, row.before, row.change) == (6, 4, 2)
    assert row.change_share == pytest.approx(2 / 4)
    assert row.per_km2 == pytest.approx(6 / 1.5)
    assert row.per_1000_residents == pytest.approx(6 / 3)
    assert (empty.per_km2, empty.per_1000_residents) == (0.0, 0.0)
    assert sum(row.count for row in found.rows) + found.unassigned == found.total == 8
    assert (found.unassigned_before, found.total_before) == (0, 4)
    assert found.stamp.basis == "recounted"


@pytest.mark.parametrize("missing", [np.nan, 0.0])
def test_a_rate_without_denominator_is_null_and_never_zero(missing):
    row = table([5], [0], area_km2=[missing], residents=[missing]).rows[0]

    assert (row.per_km2, row.per_1000_residents, row.change_share) == (None, None, None)
    assert row.residents is None if np.isnan(missing) else row.residents == 0


def test_the_densities_of_fengtai_come_out_as_derived():
    # 180,000 issues, 306 km², 2,100,000 residents: 588 per km², 85.7 per 1,000 residents.
    row = table([180_000], [0], area_km2=[306.0], residents=[2_100_000.0]).rows[0]

    assert round(row.per_km2) == 588
    assert round(row.per_1000_residents, 1) == 85.7


def test_open_issues_are_counted_with_their_area():
    found = table([2, 1], [0, 0], unassigned=1, is_open=[True, False, True, True])

    assert [row.open_count for row in found.rows] == [1, 1]


@pytest.mark.parametrize(
    ("count", "before", "p_value"),
    [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (3, 3, 1.0),
        (5, 0, 2 / 2**5),  # all five in one half, either way
        (0, 5, 2 / 2**5),
        (8, 2, 2 * (1 + 10 + 45) / 2**10),  # 0, 1 or 2 of ten
        (10, 1, 2 * (1 + 11) / 2**11),
    ],
)
def test_the_chance_of_a_change_is_the_exact_binomial_one(count, before, p_value):
    found = change_p_values(np.array([count]), np.array([before]))

    assert found[0] == pytest.approx(p_value, rel=1e-12)


def test_a_change_out_of_chance_has_a_direction_and_a_small_one_is_unclear():
    found = table([40, 10, 11, 3, 0], [10, 40, 10, 1, 0])

    assert [row.verdict for row in found.rows] == ["up", "down", "unclear", "unclear", "unclear"]


def test_among_many_areas_one_small_p_value_is_expected_and_proves_nothing():
    # 8 against 1 has p = 2 (1 + 9) / 2^9 = 0.039: striking alone, one of 40 is chance (q = 1).
    alone, among_many = table([8], [1]), table([8] + [5] * 39, [1] + [5] * 39)

    assert alone.rows[0].verdict == "up"
    assert among_many.rows[0].verdict == "unclear"


def test_areas_without_any_issue_do_not_weaken_the_verdict_on_the_others():
    found = table([8] + [0] * 39, [1] + [0] * 39)

    assert found.rows[0].verdict == "up"


def test_ties_share_a_rank_and_nulls_stand_last_without_one():
    found = table([4, 7, 4, 1, 9], [0] * 5, residents=[1000.0, 1000.0, 1000.0, 1000.0, np.nan])

    ranked = ranking(found, "per_1000_residents")

    assert [(item.rank, item.row.code) for item in ranked] == [
        (1, "999001"),
        (2, "999000"),
        (2, "999002"),
        (4, "999003"),
        (None, "999004"),
    ]


def test_an_unknown_measure_is_refused_naming_those_there_are():
    with pytest.raises(InvalidValue) as caught:
        ranking(table([1], [1]), "fame")

    assert "per_km2" in caught.value.text("en")


def test_a_table_of_no_areas_counts_everything_as_unassigned():
    found = table([], [], unassigned=3)

    assert (found.rows, found.unassigned, found.total) == ((), 3, 3)
    assert len(found.column("count")) == 0


def test_a_hot_block_is_hot_a_cold_one_cold_and_a_null_says_nothing():
    cells = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(9) for y in range(9)])
    x, y = np.divmod(np.arange(81), 9)
    values = np.where((x < 3) & (y < 3), 9.0, np.where((x > 5) & (y > 5), 1.0, 5.0))
    values[40] = np.nan

    spots = getis_ord(values, contiguity(cells))

    assert spots.z[10] > 3
    assert spots.z[70] < -3
    assert spots.p_value[10] < 0.01
    assert np.isnan(spots.z[40])
    assert np.isnan(spots.p_value[40])
    assert (spots.neighbors[0], spots.neighbors[10], spots.neighbors[30]) == (4, 9, 8)


def test_gi_star_is_its_formula_on_three_areas_in_a_row():
    # values 1, 2, 6: mean 3, variance (4 + 1 + 9) / 3 = 14/3. The first has itself and the middle:
    # (1 + 2 - 2·3) / sqrt(14/3 · 2 · (3 - 2) / (3 - 1)) = -3 / sqrt(14/3).
    row = np.array([shapely.box(x, 0, x + 1, 1) for x in range(3)])

    spots = getis_ord(np.array([1.0, 2.0, 6.0]), contiguity(row))

    assert spots.z[0] == pytest.approx(-3 / np.sqrt(14 / 3))
    assert np.isnan(spots.z[1])  # its neighbors are all areas there are
    assert spots.z[2] == pytest.approx(2 / np.sqrt(14 / 3))


@pytest.mark.parametrize("values", [[0.1] * 4, [np.nan] * 4, [7.0, np.nan, np.nan, np.nan]])
def test_values_that_do_not_differ_have_no_hot_spot(values):
    row = np.array([shapely.box(x, 0, x + 1, 1) for x in range(4)])

    assert np.isnan(getis_ord(np.array(values), contiguity(row)).z).all()


def test_areas_are_neighbors_by_a_common_vertex_and_not_by_a_touch_without_one():
    areas = np.array(
        [
            shapely.box(0, 0, 1, 1),
            shapely.box(1, 1, 2, 2),  # a corner in common
            shapely.MultiPolygon([shapely.box(9, 9, 10, 10), shapely.box(1, 0.5, 2, 0.75)]),
        ]
    )

    assert contiguity(areas).toarray().tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_minus_zero_and_zero_are_one_place():
    areas = np.array([shapely.box(-1, -1, -0.0, -0.0), shapely.box(0, 0, 1, 1)])

    assert contiguity(areas).toarray().tolist() == [[1, 1], [1, 1]]


def seconds(*moments) -> np.ndarray:
    return np.array(
        [m if isinstance(m, int) else epoch_s(read_moment(m)) for m in moments], dtype=np.int64
    )


def test_the_numbers_of_a_day_stand_beside_those_of_the_day_before():
    summary = day_summary(
        date(2026, 11, 20),
        reported_at_s=seconds(
            "2026-11-18 09:00", "2026-11-19 09:00", "2026-11-20 00:00", "2026-11-20 23:59:59",
            "2026-11-20 10:00", "2026-11-21 00:00",
        ),
        closed_at_s=seconds(
            "2026-11-19 12:00", "2026-11-20 12:00", NOT_CLOSED_S, NOT_CLOSED_S,
            CLOSING_UNKNOWN_S, NOT_CLOSED_S,
        ),
        is_unassigned=np.array([False, False, True, False, False, True]),
    )  # fmt: skip

    assert summary.reported == DayFigure(value=3, before=1)
    assert summary.reported.change == 2
    assert summary.closed == DayFigure(value=1, before=1)
    # at the end of the 20th the two of the 20th, at that of the 19th the one of the 19th
    assert summary.open == DayFigure(value=2, before=1)
    assert summary.unassigned == DayFigure(value=1, before=0)
    assert summary.closing_unknown == DayFigure(value=1, before=0)


def test_an_issue_closed_at_midnight_was_open_at_the_end_of_the_day():
    summary = day_summary(
        date(2026, 11, 20),
        reported_at_s=seconds("2026-11-20 09:00"),
        closed_at_s=seconds("2026-11-21 00:00"),
        is_unassigned=np.array([False]),
    )

    assert (summary.open.value, summary.closed.value) == (1, 0)
