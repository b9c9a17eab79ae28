"""The demo comes in through the same doors as real data, once, and never among real data."""

from collections import Counter

import numpy as np
import pytest

from geo_service.errors import DemonstrationRefused, InvalidValue
from geo_service.governance.organisations.coverage import Life, UnitCover, UnitDuty
from geo_service.layers.edition import EditionChoice
from geo_service.services.coverage.layer_coverage import CoverageQuery
from geo_service.services.hotspots.counts import HotspotQuery
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import rows
from tests.houses import CALLER, NOW_S, Clock, open_house, publish_street

DAY_S = 86_400
STATES = {
    "x-street": {"own": 139, "joint": 8, "uncounted": 3, "linked": 3, "none": 2},
    "n-street": {"own": 111, "joint": 4, "uncounted": 3, "linked": 2, "none": 2},
}
LEAF_LAYERS = {"x-street": "micro_grid", "n-street": "grid"}


def test_the_x_street_has_the_printed_counts_and_loads_once(tmp_path):
    house = open_house(tmp_path, profile="x-street")
    first = house.demonstrations.load(CALLER, total=600)
    assert (first.areas, first.is_new) == (1 + 5 + 29 + 155, True)
    again = house.demonstrations.load(CALLER, total=600)
    assert (again.areas, again.issues, again.is_new) == (first.areas, first.issues, False)
    assert len(house.editions.editions(CALLER)) == 1
    _, counts = house.editions.edition(CALLER, 1)
    assert counts == {"street": 1, "subarea": 5, "community": 29, "micro_grid": 155}


def test_the_demo_has_hotspots_dirt_and_nothing_lost(tmp_path):
    house = open_house(tmp_path, profile="x-street")
    loaded = house.demonstrations.load(CALLER, total=6000)
    assert loaded.issues == 6000
    table = house.hotspots.hotspots(CALLER, HotspotQuery()).table
    assert sum(row.count for row in table.rows) + table.unassigned == table.total
    assert any(row.verdict == "up" for row in table.rows)  # the one that grew in the last days
    unassigned = house.issues.issues(CALLER, IssueFilter(rule="unassigned"), limit=500)
    boundary = house.issues.issues(CALLER, IssueFilter(rule="boundary"), limit=500)
    assert len(unassigned.rows) > 0
    assert len(boundary.rows) > 0


def test_the_n_street_nests_its_estates(tmp_path):
    house = open_house(tmp_path, profile="n-street")
    loaded = house.demonstrations.load(CALLER, total=50)
    _, counts = house.editions.edition(CALLER, 1)
    assert counts == {"street": 1, "community": 10, "estate": 48, "grid": 122}
    check_every_class_shows(house, "n-street")
    assert loaded.facilities == 1 + 10 + 48 + 14
    found = {each.kind: each for each in house.register_checks.stations(CALLER)}
    printed = found["self_help_station"]  # none of the printed figures is hidden as telling
    assert (printed.count, printed.member_leaders.percent_text) == (48, "93.75")
    staff = printed.staff_members
    assert staff is not None
    assert (staff.numerator.value, staff.denominator.value) == (202, 502)
    assert (printed.registered_units, printed.registered_members) == (185, 1044)
    assert not any(printed.untold.values())


def test_an_x_street_left_half_loaded_is_completed_on_a_later_day(tmp_path):
    clock = Clock()
    house = open_house(tmp_path, profile="x-street", clock=clock)
    first = house.demonstrations.load(CALLER, total=50)
    held = house.activities.activities(CALLER, "999001001001001-P")
    with house.workspace.database.write() as connection:  # as if stopped among the registers
        connection.exec_driver_sql("DELETE FROM activities")
        connection.exec_driver_sql("DELETE FROM register_entries WHERE register = 'unit'")
    clock.now_s += 3 * DAY_S
    again = house.demonstrations.load(CALLER, total=50)
    assert (again.is_new, again.organisations, again.units) == (
        True,
        first.organisations,
        first.units,
    )
    assert (again.issues, again.facilities) == (first.issues, first.facilities)
    assert house.activities.activities(CALLER, "999001001001001-P") == held
    check_every_class_shows(house, "x-street")


def check_every_class_shows(house, street):
    layer = LEAF_LAYERS[street]
    loaded_on = EditionChoice(as_of_s=NOW_S)
    now = house.coverage.coverage(CALLER, CoverageQuery(layer, loaded_on))
    assert now.area_coverage.counts() == STATES[street]
    assert set(np.unique(now.area_coverage.life)) == {-1, *Life}
    cover, duty, life = now.picture.unit_states
    assert set(cover) == set(UnitCover)
    assert set(duty) == set(UnitDuty)
    assert set(life) == {-1, *Life}
    assert now.unplaced_units == 0
    assert (now.units.total == 0).any()
    assert 0.75 < now.active.share < now.nominal.share < 1

    organisations = now.picture.organisations
    modes = Counter(each.details["mode"] for each in organisations)
    assert set(modes) == {"own", "joint", "attached", "temporary", "functional"}
    assert any(each.details.get("is_secretary_vacant") for each in organisations)
    terms = [each.details["term_end"] for each in organisations if "term_end" in each.details]
    for nearest_days, farthest_days in ((-400, 0), (0, 30), (31, 90)):
        assert any(nearest_days * DAY_S < end - NOW_S < farthest_days * DAY_S for end in terms)

    before = EditionChoice(as_of_s=NOW_S - 100 * DAY_S)
    then = house.coverage.coverage(CALLER, CoverageQuery(layer, before))
    assert (then.area_coverage.state != now.area_coverage.state).any()
    assert then.organisation_coverage.numerator.value < now.organisation_coverage.numerator.value
    assert then.work_coverage.numerator.value < now.work_coverage.numerator.value


def test_the_demo_is_not_mixed_with_real_boundaries(tmp_path):
    house = open_house(tmp_path, profile="x-street")
    open_house(tmp_path)  # the same database under another profile
    publish_street(open_house(tmp_path))
    with pytest.raises(DemonstrationRefused):
        house.demonstrations.load(CALLER)


def test_a_profile_without_a_demo_says_which_have_one(tmp_path):
    with pytest.raises(InvalidValue) as caught:
        open_house(tmp_path).demonstrations.load(CALLER)
    assert "x-street" in caught.value.text("zh")


def test_the_written_boundary_files_are_those_kept_in_the_project(tmp_path):
    house = open_house(tmp_path, profile="x-street")
    paths = house.demonstrations.write_boundaries(CALLER, tmp_path / "out")
    assert {path.name for path in paths} >= {"README.md", "x-street-micro_grid.geojson"}
    assert all(path.stat().st_size > 0 for path in paths)


def test_the_hotline_district_has_the_printed_counts_and_no_registers(tmp_path):
    house = open_house(tmp_path, profile="beijing-12345")
    loaded = house.demonstrations.load(CALLER, total=300)
    _, counts = house.editions.edition(CALLER, 1)
    assert counts == {"district": 1, "street": 16 + 5, "community": 326}
    names = [name for (name,) in rows(tmp_path, "SELECT name FROM areas WHERE layer = 'street'")]
    assert Counter(name[-1] for name in names) == {"道": 16, "乡": 5}
    figures = "SELECT value FROM figures WHERE layer = 'district' AND figure = 'residents'"
    assert rows(tmp_path, figures) == [("2100000",)]
    assert (loaded.issues, loaded.organisations) == (300, 0)
    assert not house.demonstrations.load(CALLER, total=300).is_new
