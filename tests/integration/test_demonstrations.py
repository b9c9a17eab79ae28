"""The demo comes in through the same doors as real data, once, and never among real data."""

import pytest

from geo_service.errors import DemonstrationRefused, InvalidValue
from geo_service.services.hotspots.counts import HotspotQuery
from geo_service.storage.issue_queries import IssueFilter
from tests.houses import CALLER, open_house, publish_street


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
    house.demonstrations.load(CALLER, total=50)
    _, counts = house.editions.edition(CALLER, 1)
    assert counts == {"street": 1, "community": 10, "estate": 48, "grid": 122}


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
