"""The demo comes in through the same doors as real data, once, and never among real data."""

from collections import Counter

import numpy as np
import pytest

from geo_service.errors import DemonstrationRefused, InvalidValue
from geo_service.governance.organisations.coverage import Life, UnitCover, UnitDuty
from geo_service.governance.profile import shipped_profiles
from geo_service.layers.edition import EditionChoice
from geo_service.services.coverage.layer_coverage import CoverageQuery
from geo_service.services.hotspots.counts import HotspotQuery
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import rows
from tests.doors import open_door
from tests.houses import CALLER, NOW_S, Clock, open_house, publish_street
from tests.verified_houses import verified

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


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_has_a_demo_that_its_desks_show(tmp_path, name):
    house = open_house(tmp_path, profile=name)
    loaded = house.demonstrations.load(CALLER, total=400)
    layers, rules = house.workspace.layers, house.workspace.profile.organisations
    _, counts = house.editions.edition(CALLER, 1)
    assert counts.keys() == set(layers.names)
    assert (loaded.issues, loaded.places > 100) == (400, True)
    assert not house.demonstrations.load(CALLER, total=400).is_new
    for layer, bodies in rules.bodies.items():
        if bodies and name != "beijing-12345":
            states = house.coverage.coverage(CALLER, CoverageQuery(layer)).area_coverage.counts()
            assert sum(states.values()) == counts[layer]
            assert states["own"] > 0
    house.close()
    codes = rows(tmp_path, "SELECT code FROM areas UNION SELECT code FROM register_entries")
    assert all(code.startswith("999") or "/999" in code for (code,) in codes)
    assert verified(tmp_path).is_clean  # every law of coverages among them
    with open_door(tmp_path, is_published=False, profile=name) as door:
        for page in ("/", "/desk/hotspots", "/desk/coverage", "/desk/dispatch"):
            shown = door.get(page)
            assert (page, shown.status_code, "虚构数据" in shown.text) == (page, 200, True)
            assert "示例" in shown.text


def test_a_profile_of_ones_own_has_a_demo_in_all_its_layers(tmp_path):
    (tmp_path / "own.toml").write_text(_FAMILIES, encoding="utf-8")
    house = open_house(tmp_path, profile=str(tmp_path / "own.toml"))
    loaded = house.demonstrations.load(CALLER, total=300)
    _, counts = house.editions.edition(CALLER, 1)
    assert counts.keys() == {"street", "grid", "party_grid", "party_cell", "park", "alley"}
    # a family beside the first has its borders; below its depth those of the level above again
    assert [counts[name] for name in ("street", "grid", "party_grid", "party_cell")] == [1, 4, 4, 4]
    assert (loaded.issues, loaded.organisations) == (300, 0)
    cells = rows(tmp_path, "SELECT code, parent_code FROM areas WHERE layer = 'party_cell'")
    grids = rows(tmp_path, "SELECT code FROM areas WHERE layer = 'party_grid'")
    assert {parent for _, parent in cells} == {code for (code,) in grids}
    house.close()
    assert verified(tmp_path).is_clean


def test_overlays_alone_have_no_demo(tmp_path):
    (tmp_path / "own.toml").write_text('[[layers]]\nname = "park"\noverlay = true\n', "utf-8")
    house = open_house(tmp_path, profile=str(tmp_path / "own.toml"))
    with pytest.raises(InvalidValue) as caught:
        house.demonstrations.load(CALLER)
    assert "嵌套" in caught.value.text("zh")


_FAMILIES = """
[[layers]]
name = "street"

[[layers]]
name = "grid"
parent = "street"

[[layers]]
name = "party_grid"
parent = "street"

[[layers]]
name = "party_cell"
parent = "party_grid"

[[layers]]
name = "park"
overlay = true

[[layers]]
name = "alley"
overlay = true
geometry = "line"
reach_m = 10
"""


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
