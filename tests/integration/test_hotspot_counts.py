"""The desk's numbers from the store: periods, bases, sums, and the list behind a number."""

from datetime import date

import pytest

from geo_service.errors import InvalidPeriod, InvalidValue, UnknownLayer
from geo_service.services.hotspots.counts import HotspotQuery
from geo_service.services.hotspots.pages import Look
from geo_service.storage.figures import Figure
from geo_service.storage.issue_queries import IssueFilter
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.integration.test_publications import merged_grids


def report(house, number, day, place, *, hour="08:00", **cells):
    lon, lat = place
    house.issues.report(
        CALLER,
        {
            "source": "complaint",
            "external_id": number,
            "reported_at": f"{day} {hour}",
            "x": lon,
            "y": lat,
            "frame": "EPSG:4490",
            **cells,
        },
        is_updating=False,
    )


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    for i in range(3):
        report(house, f"now {i}", "2026-11-18", center(0, 0))
    report(house, "before", "2026-11-10", center(0, 0))
    report(house, "outside", "2026-11-19", (121.0, 31.0))
    report(house, "question", "2026-11-19", center(1, 1), request_type="咨询")
    report(house, "last second", "2026-11-20", center(1, 0), hour="23:59:59")
    report(house, "long ago", "2026-10-01", center(1, 0))
    return house


def row(found, code):
    return next(row for row in found.table.rows if row.code == code)


def test_the_last_seven_days_stand_against_the_seven_before(house):
    found = house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    assert found.period.text == "2026-11-14/2026-11-21"
    busy = row(found, grid_code(0, 0))
    assert (busy.count, busy.before, busy.change) == (3, 1, 2)
    assert row(found, grid_code(1, 0)).count == 1


def test_counts_and_unassigned_add_up_to_all_issues_of_the_period(house):
    for layer in ("district", "street", "community", "grid"):
        table = house.hotspots.hotspots(CALLER, HotspotQuery(layer)).table
        assert sum(row.count for row in table.rows) + table.unassigned == table.total == 5
        assert table.unassigned == 1


def test_a_place_outside_counts_with_the_area_that_holds_most_of_its_circle(house):
    """96 m west of the street no tolerance reaches; a circle of 200 m does."""
    lon, lat = center(0, 0)
    place = (lon - 1.5 / 1024, lat)
    code = grid_code(0, 0)
    before = house.hotspots.hotspots(CALLER, HotspotQuery("grid")).table
    report(house, "vague", "2026-11-18", place, accuracy_m=200.0)
    report(house, "exact", "2026-11-18", place)
    after = house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    counts = {each.code: each.count for each in before.rows}
    assert row(after, code).count == counts[code] + 1
    assert after.table.unassigned == before.unassigned + 1
    kept = house.hotspots.hotspots(CALLER, HotspotQuery("grid", basis="kept"))
    assert row(kept, code).count == row(after, code).count
    listed = house.issues.issues(CALLER, IssueFilter(area=("grid", code))).rows
    assert "vague" in {each["external_id"] for each in listed}


def test_questions_and_praise_stay_out_of_hotspots(house):
    assert row(house.hotspots.hotspots(CALLER, HotspotQuery("grid")), grid_code(1, 1)).count == 0


def test_residents_unknown_give_no_rate_and_known_ones_do(house):
    found = house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    assert row(found, grid_code(0, 0)).per_1000_residents is None
    house.figures.add(
        CALLER, [Figure("grid", grid_code(0, 0), "residents", "1500", LONG_AGO_S, "test")]
    )
    found = house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    assert row(found, grid_code(0, 0)).per_1000_residents == pytest.approx(3 / 1.5)


def test_recounted_follows_the_displayed_edition_and_kept_the_old_owner(house):
    gone, keep = grid_code(0, 0), grid_code(1, 0)
    closed = {"status": "closed", "closed_at": "2026-11-19 09:00"}
    report(house, "closed", "2026-11-19", center(0, 0), **closed)
    publish_areas(house, merged_grids(street_boundaries(), keep, gone, square(0, 0, 2, 1)), on=1)
    recounted = house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    kept = house.hotspots.hotspots(CALLER, HotspotQuery("grid", basis="kept"))
    assert row(recounted, keep).count == 5
    # The open ones were given to the survivor when it was published; the closed one keeps an
    # owner that is no more, so it stands as unassigned beside the areas.
    assert row(kept, keep).count == 4
    assert kept.table.unassigned == recounted.table.unassigned + 1


def test_the_list_behind_a_number_holds_just_the_issues_counted(house):
    found = house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    page = house.issues.issues(
        CALLER,
        IssueFilter(
            area=("grid", grid_code(0, 0)),
            reported_from_s=found.period.start_s,
            reported_to_s=found.period.end_s,
            without_request_types=found.excluded_request_types,
        ),
    )
    assert len(page.rows) == row(found, grid_code(0, 0)).count == 3


def test_a_new_issue_shows_at_the_next_request(house):
    house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    report(house, "one more", "2026-11-20", center(0, 0))
    assert row(house.hotspots.hotspots(CALLER, HotspotQuery("grid")), grid_code(0, 0)).count == 4


def test_data_that_end_early_move_the_period_back_to_their_last_day(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    report(house, "only", "2026-11-01", center(0, 0))
    found = house.hotspots.hotspots(CALLER, HotspotQuery("grid"))
    assert found.reference_day == date(2026, 11, 1)
    assert row(found, grid_code(0, 0)).count == 1


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (HotspotQuery("nowhere"), UnknownLayer),
        (HotspotQuery("grid", date(2026, 11, 9), date(2026, 11, 1)), InvalidPeriod),
        (HotspotQuery("grid", basis="guessed"), InvalidValue),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(house, query, error):
    with pytest.raises(error):
        house.hotspots.hotspots(CALLER, query)


def test_the_table_says_period_edition_basis_and_unassigned(house, tmp_path):
    path = tmp_path / "t.xlsx"
    house.hotspot_pages.write_table(CALLER, HotspotQuery("grid"), Look(), path)
    import openpyxl  # read back by the library that WPS's users would

    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    heading = "".join(str(cell) for cells in rows[:5] for cell in cells if cell)
    assert "2026-11-14" in heading
    assert "第 1 版" in heading
    assert "未落格 1 件" in heading
    codes = [cells[0] for cells in rows]
    assert grid_code(0, 0) in codes  # as text, every digit
