"""Coverage on a day: which areas have their body, which units an organisation, and who is near."""

from dataclasses import replace

import pytest

from geo_service.errors import LayerWithoutLadder, MixedDates, UnknownLayer
from geo_service.governance.organisations.coverage import AreaState, UnitDuty
from geo_service.layers.area import area_set
from geo_service.layers.edition import EditionChoice
from geo_service.layers.frames import distance_m
from geo_service.services.coverage.layer_coverage import CoverageQuery
from geo_service.services.coverage.lists import blank_spots, due_units
from geo_service.services.coverage.tables import coverage_table, due_table
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
)
from tests.registers import EAST_COMMUNITY, STREET, WEST_COMMUNITY, body, liaison, record, unit

DAY_S = 86_400
GRID = CoverageQuery("grid")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    house = open_house(tmp_path, clock=clock)
    publish_street(house)
    yield house
    house.close()


def bodies(house, *rows):
    found = record(
        house, "party_organisation", body("D", STREET, kind="党工委", layer="street"), *rows
    )
    assert {each.kind for each in found} == {"added"}


def units(house, *rows):
    assert {each.kind for each in record(house, "unit", *rows)} == {"added"}


def coverage(house, query=GRID):
    return house.coverage.coverage(CALLER, query)


def states(found):
    return {
        code: AreaState(state).name.lower()
        for code, state in zip(found.areas.codes, found.area_coverage.state.tolist(), strict=True)
    }


def test_each_area_has_the_state_of_what_stands_for_this_very_polygon(house):
    bodies(
        house,
        body("OWN", grid_code(0, 0)),
        body("JOINT", f"{grid_code(1, 0)}、{grid_code(2, 0)}", mode="联合"),
        body("TEMPORARY", grid_code(3, 0), mode="临时"),
        body("GROUP", grid_code(0, 1), kind="党小组"),  # the generic profile asks for a branch
        body("PLACED", **dict(zip(("x", "y"), center(1, 1), strict=True)), frame="EPSG:4490"),
        body("ELSEWHERE", EAST_COMMUNITY, layer="community"),
    )
    record(house, "liaison", liaison(2, 1), liaison(0, 1), liaison(3, 1, "NOBODY"))

    found = coverage(house)

    assert states(found) == {
        grid_code(0, 0): "own",
        grid_code(1, 0): "joint",
        grid_code(2, 0): "joint",
        grid_code(3, 0): "uncounted",
        grid_code(0, 1): "uncounted",  # the group beside its liaison
        grid_code(1, 1): "own",
        grid_code(2, 1): "linked",
        grid_code(3, 1): "none",  # its liaison's organisation does not exist
    }
    assert (found.nominal.numerator.value, found.nominal.percent_text) == (4, "50.00")
    assert found.organisation_count == 3  # the joint one once


def test_a_grid_with_a_liaison_alone_is_blank_and_not_covered(house):
    bodies(house)
    record(house, "liaison", liaison(0, 0))
    found = coverage(house)

    [spot] = [s for s in blank_spots(found) if found.areas.codes[s.position] == grid_code(0, 0)]
    assert spot.state is AreaState.LINKED
    assert found.nominal.numerator.value == 0


def test_active_is_within_the_profiles_days_and_unknown_is_counted_apart(house):
    bodies(
        house,
        body("A", grid_code(0, 0), last_meeting="2026-08-13"),  # 100 days before 2026-11-21
        body("B", grid_code(1, 0), last_meeting="2026-08-12"),
        body("C", grid_code(2, 0)),
        body("E", grid_code(3, 0), last_meeting="2026-01-01"),
    )
    house.activities.record(CALLER, {"organisation": "E", "held_on": "2026-11-01"})
    house.activities.record(CALLER, {"organisation": "B", "held_on": "2026-11-02", "kind": "党课"})

    found = coverage(house)

    lives = dict(zip(found.areas.codes, found.area_coverage.life.tolist(), strict=True))
    assert [lives[grid_code(column, 0)] for column in range(4)] == [0, 1, 2, 0]
    assert (found.nominal.percent_text, found.active.percent_text) == ("50.00", "25.00")


def test_ten_units_give_the_shares_of_the_definition_and_none_gives_null(house):
    bodies(house, body("P", grid_code(0, 0)), body("T", mode="功能型"))
    told = [
        *({"party_organisation": "P"} for _ in range(2)),
        *({"mode": "挂靠"} for _ in range(2)),
        {"has_adviser": "是"},
        {"adviser_since": "2026-01-01"},
        {"is_reached_by_mass_organisation": "有"},
        {"party_organisation": "T"},  # functional ones never count
        {"has_adviser": "否"},
        {},
    ]
    units(house, *(unit(f"U{i}", founded="2024-01-01", **each) for i, each in enumerate(told)))

    found = coverage(house)

    assert found.units.cover[0].tolist() == [4, 3, 3]
    assert found.organisation_coverage.percent_text == "40.00"
    assert found.work_coverage.percent_text == "70.00"
    assert coverage_table(found, "zh").rows[1][6:10] == [0, 0, 0, 0]
    empty = coverage(house, CoverageQuery("grid", EditionChoice(as_of_s=LONG_AGO_S)))
    assert empty.organisation_coverage.share is None


def test_three_full_members_are_due_with_the_nearest_to_join_and_two_are_not(house):
    bodies(house, body("J", mode="联合"))
    units(
        house,
        unit("DUE", 0, 0, full_members=3),
        unit("NEAR", 1, 0, full_members=2),
        unit("NOBODY", 0, 1, full_members=0),
        unit("JOINED", 3, 0, party_organisation="J"),
        unit("UNKNOWN", 2, 1),
    )
    record(
        house,
        "facility",
        {**unit("F", 3, 1), "kind": "党群服务中心", "name": "中心"},
    )
    found = coverage(house)

    assert found.units.duty.sum(axis=0).tolist() == [1, 1, 2, 1]
    [due] = due_units(found)
    assert (due.unit.code, due.partner.entry.code, due.facility.entry.code) == ("DUE", "NEAR", "F")
    (lon1, lat1), (lon2, lat2) = center(0, 0), center(1, 0)
    [expected_m] = distance_m(lon1=lon1, lat1=lat1, lon2=lon2, lat2=lat2)
    assert due.partner.distance_m == pytest.approx(expected_m)
    assert due_table(found, [due], "zh").rows[0][5] == 3
    [shown] = due_table(found, [replace(due, unit=found.picture.units[2])], "zh").rows
    assert shown[5] == "不足3人"


def test_a_blank_area_is_told_the_nearest_body_of_its_own_parent(house):
    bodies(house, body("WEST", grid_code(0, 1)), body("EAST", grid_code(2, 0)))
    found = coverage(house)

    near = {
        found.areas.codes[spot.position]: spot.organisation.entry.code
        for spot in blank_spots(found)
    }
    # the second column touches EAST and is farther from WEST
    assert near[grid_code(1, 0)] == "WEST"
    assert near[grid_code(3, 1)] == "EAST"


def test_the_picture_of_a_day_is_the_same_when_it_is_drawn_again_later(house, clock):
    bodies(house, body("A", grid_code(0, 0), last_meeting="2026-11-01"), body("B", grid_code(1, 0)))
    units(house, unit("U", full_members=3))
    day = CoverageQuery("grid", EditionChoice(as_of_s=NOW_S))
    first = coverage_table(coverage(house, day), "zh")

    clock.now_s += 80 * DAY_S
    record(house, "party_organisation", {**body("A", grid_code(0, 0)), "dissolved": "2027-01-15"})
    record(house, "party_organisation", body("NEW", grid_code(2, 0), founded="2027-01-01"))
    record(house, "unit", unit("U", party_organisation="B"), unit("V", founded="2027-01-02"))
    house.activities.record(CALLER, {"organisation": "B", "held_on": "2027-01-20"})

    again = coverage_table(coverage(house, day), "zh")
    assert (again.rows, again.notes) == (first.rows, first.notes)
    assert coverage_table(coverage(house), "zh").rows != first.rows


def test_counts_of_two_days_are_divided_only_on_purpose(house, clock):
    bodies(house, body("A", grid_code(0, 0)))
    long_ago_s = NOW_S - 300 * DAY_S
    with pytest.raises(MixedDates):
        coverage(house, CoverageQuery("grid", denominator_as_of_s=long_ago_s))

    on_purpose = CoverageQuery("grid", denominator_as_of_s=long_ago_s, across_days=True)
    ratio = coverage(house, on_purpose).nominal
    assert (ratio.numerator.day.isoformat(), ratio.denominator.day.isoformat()) == (
        "2026-11-21",
        "2026-01-25",
    )
    same_day = CoverageQuery("grid", denominator_as_of_s=NOW_S + 3600)
    clock.now_s += 60
    assert coverage(house, same_day).nominal.percent_text == "12.50"


def test_a_layer_must_be_known_and_have_a_ladder(tmp_path):
    profile = tmp_path / "p.toml"
    profile.write_text(
        '[[layers]]\nname = "street"\nbodies = ["committee"]\n\n[[layers]]\nname = "cell"\n'
    )
    house = open_house(tmp_path / "house", profile=str(profile))
    with pytest.raises(UnknownLayer):
        coverage(house, CoverageQuery("nowhere"))
    with pytest.raises(LayerWithoutLadder) as error:
        coverage(house, CoverageQuery("cell"))
    assert "street" in error.value.text("zh")
    house.close()


def test_units_of_a_community_are_not_placed_below_it_and_sums_say_so(house):
    units(
        house,
        unit("A", 0, 0),
        {"code": "B", "name": "乙", "kind": "业委会", "layer": "community", "area": WEST_COMMUNITY},
    )
    grids, communities = coverage(house), coverage(house, CoverageQuery("community"))

    assert communities.units.total.tolist() == [2, 0]
    assert grids.units.total.sum() == 1
    assert grids.unplaced_units == 1


def test_two_days_side_by_side_name_what_changed_and_hide_few_persons(house, clock):
    bodies(house, body("A", grid_code(0, 0), members=20), body("B", grid_code(1, 0), members=30))
    clock.now_s += 10 * DAY_S
    record(
        house, "party_organisation", body("C", grid_code(2, 0), members=22, founded="2026-11-25")
    )
    record(house, "party_organisation", {**body("A", grid_code(0, 0)), "dissolved": "2026-11-28"})

    found = house.coverage_changes.changes(
        CALLER, "grid", EditionChoice(as_of_s=NOW_S), EditionChoice()
    )

    assert [(c.code, c.before.name, c.after.name) for c in found.changes] == [
        (grid_code(0, 0), "OWN", "NONE"),
        (grid_code(2, 0), "NONE", "OWN"),
    ]
    assert [c.members_difference for c in found.changes] == [-20, 22]
    few = [  # 2 members are not told, 2 more than the 30 of B neither
        body("F", grid_code(3, 0), members=2, founded="2026-11-25"),
        body("G", grid_code(1, 0), mode="联合", members=32, founded="2026-11-25"),
        {**body("B", grid_code(1, 0)), "dissolved": "2026-11-25", "from": "2026-11-25"},
    ]
    assert {each.kind for each in record(house, "party_organisation", *few)} == {"added", "updated"}
    again = house.coverage_changes.changes(CALLER, "grid", found.before.query.choice, GRID.choice)
    assert [c.members_difference for c in again.changes] == [-20, "*", 22, "*"]
    assert found.before.nominal.denominator.day != found.after.nominal.denominator.day


def test_formation_targets_are_compared_unrounded(tmp_path):
    profile = tmp_path / "red.toml"
    profile.write_text(
        '[[layers]]\nname = "estate"\ntitle_zh = "小区"\nbodies = ["branch"]\n'
        '[[formation_targets]]\nname = "formation"\ntitle_zh = "组建率"\nlayer = "estate"\n'
        'unit_kinds = ["owners_committee", "property_committee"]\n'
        'percent_by_day = { "2020-12-31" = 30, "2021-12-31" = 70, "2022-12-31" = 90 }\n'
    )
    house = open_house(tmp_path / "house", profile=str(profile))
    estates = area_set(
        "estate", codes=["E1", "E2", "E3"], geometries=[square(i, 0) for i in range(3)]
    )
    publish_areas(house, {"estate": estates}, on=0, effective_from_s=1_600_000_000)
    units(
        house,
        unit("A", 0, 0, kind="业委会"),
        unit("B", 0, 0, kind="物管会"),
        unit("C", 1, 0, kind="物管会"),
        unit("P", 2, 0, kind="物业"),
    )
    found = coverage(house, CoverageQuery("estate"))
    [rate] = found.rates
    assert coverage_table(found, "zh").notes[-1] == "组建率 66.67%（2/3），目标 90%，未达到"
    assert coverage_table(found, "en").notes[-1].endswith("target 90%: missed")

    assert (rate.ratio.percent_text, rate.percent) == ("66.67", 90)
    assert rate.ratio.reaches(rate.percent) is False
    then = CoverageQuery("estate", EditionChoice(as_of_s=1_609_000_000))  # 2020-12-27
    assert [r.percent for r in coverage(house, then).rates] == [30]
    house.close()


def test_small_counts_of_members_are_hidden_with_every_total_that_would_tell_them(house):
    bodies(
        house,
        body("W", WEST_COMMUNITY, kind="党委", layer="community", parent="D"),
        body("A", grid_code(0, 0), members=2, parent="W"),
        body("B", grid_code(1, 0), members=9, parent="W"),
        body("C", grid_code(0, 1), members=40, parent="W"),
        body("E", grid_code(2, 0), members=4, parent="D"),
    )
    found = coverage(house)

    # the register lists 9 and 40: with a community of 51 beside it A's 2 would be told
    assert [coverage_table(found, "en").rows[i][-1] for i in range(5)] == ["<3", 9, 40, 0, 4]
    assert coverage_table(found, "zh").rows[0][-1] == "不足3人"
    for layer, told in {"community": ["49–51", 4], "street": ["53–55"]}.items():
        above = coverage(house, CoverageQuery(layer))
        assert [above.members.told(i) for i in range(len(above.areas))] == told
    assert UnitDuty.DUE == 1
