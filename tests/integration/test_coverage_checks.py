"""What an officer has to look at: the ladder, what is due, sites, and members counted once."""

import pytest

from geo_service.governance.organisations.coverage import AreaState
from geo_service.layers.edition import EditionChoice
from geo_service.services.coverage.layer_coverage import CoverageQuery
from geo_service.services.coverage.tables import coverage_table
from tests.houses import CALLER, NOW_S, Clock, grid_code, open_house, publish_street
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


def coverage(house, query=GRID):
    return house.coverage.coverage(CALLER, query)


def states(found):
    return {
        code: AreaState(state).name.lower()
        for code, state in zip(found.areas.codes, found.area_coverage.state.tolist(), strict=True)
    }


def test_the_ladder_names_missing_parents_cycles_and_bodies_above_other_ground(house):
    bodies(
        house,
        body("W", WEST_COMMUNITY, kind="党委", layer="community", parent="D"),
        body("GOOD", grid_code(0, 0), parent="W"),
        body("WRONG", grid_code(3, 0), parent="W"),
        body("ORPHAN", grid_code(1, 0)),
        body("LOST", grid_code(2, 0), parent="GONE"),
    )
    found = house.register_checks.ladder(CALLER)

    assert [(f.kind, f.code) for f in found.faults] == [
        ("unknown_parent", "LOST"),
        ("orphan", "ORPHAN"),
        ("inconsistent", "WRONG"),
    ]
    levels = {layer: (r.numerator.value, r.denominator.value) for layer, r in found.levels}
    assert levels == {"district": (0, 1), "street": (1, 1), "community": (1, 2), "grid": (4, 8)}


def test_what_is_due_comes_most_urgent_first(house):
    bodies(
        house,
        body("ENDED", grid_code(0, 0), term_end="2026-11-20", last_meeting="2026-11-01"),
        body("SOON", grid_code(1, 0), term_end="2026-12-20", last_meeting="2026-11-01"),
        body("LATER", grid_code(2, 0), term_end="2027-02-20", last_meeting="2026-11-01"),
        body("STILL", grid_code(3, 0), last_meeting="2026-01-01"),
        body("VACANT", grid_code(0, 1), last_meeting="2026-11-01", is_secretary_vacant="是"),
    )
    found = [
        (r.kind, r.organisation.code, r.days_left) for r in house.register_checks.reminders(CALLER)
    ]

    assert found == [
        ("term_ended", "ENDED", -1),
        ("activity_overdue", "STILL", -224),  # 100 days after 2026-01-01 is 2026-04-11
        ("term_ends", "SOON", 29),
        ("secretary_vacant", "VACANT", None),
        ("activity_unknown", "D", None),
    ]


def test_stations_tell_printed_shares(house):
    """As printed of N street: 45 of 48 leaders are members, 93.75 %; 202 of 502 staff, 40.24 %."""
    staff = [10] * 26 + [11] * 22  # 502
    members = [5] * 39 + [7] + [0] * 8  # 202; 1 to 4 of a station would be hidden, and the total
    assert (sum(staff), sum(members)) == (502, 202)
    record(
        house,
        "facility",
        *(
            {
                **unit(f"S{i:02d}"),
                "kind": "互助站",
                "staff": staff[i],
                "staff_members": members[i],
                "has_member_leader": i < 45,
                "registered_units": 2,
                "registered_members": 20,
            }
            for i in range(48)
        ),
    )
    [found] = house.register_checks.stations(CALLER)

    assert (found.count, found.member_leaders.percent_text) == (48, "93.75")
    assert found.staff_members.percent_text == "40.24"
    assert (found.registered_units, found.registered_members) == (96, 960)


def test_members_are_counted_once_and_an_unknown_part_is_said(house, clock):
    pair = f"{grid_code(2, 0)}、{grid_code(3, 0)}"
    bodies(
        house,
        # its 60 take in those of its branches: 10 are its own, of no single grid
        body("W", WEST_COMMUNITY, kind="党委", layer="community", parent="D", members=60),
        body("A", grid_code(0, 0), parent="W", members=20),
        body("B", grid_code(1, 0), parent="W", members=30),
        body("GROUP", grid_code(0, 0), kind="党小组", parent="A", members=9),
        body("E", EAST_COMMUNITY, kind="党委", layer="community", parent="D"),
        body("JOINT", pair, mode="联合", parent="E", members=14),
        body("C", grid_code(2, 1), parent="E", members=25),
        body("SILENT", grid_code(3, 1), parent="E"),
        body("AGAIN", grid_code(2, 1), mode="功能型", parent="E", members=40),
    )

    def members(layer):
        found = coverage(house, CoverageQuery(layer))
        return {row[0]: row[-1] for row in coverage_table(found, "zh").rows}

    grids = members("grid")
    assert [grids[grid_code(column, 0)] for column in range(4)] == [20, 30, None, None]
    assert [grids[grid_code(column, 1)] for column in range(4)] == [0, 0, 25, None]
    # the joint one once, in the community that both of its grids lie in
    assert members("community") == {WEST_COMMUNITY: 60, EAST_COMMUNITY: "≥39"}
    assert members("street") == {STREET: "≥99"}

    before = EditionChoice(as_of_s=NOW_S)
    clock.now_s += DAY_S
    record(house, "party_organisation", {**body("SILENT", grid_code(3, 1), parent="E"),
                                         "members": 11, "mode": "联合"})  # fmt: skip
    assert members("street") == {STREET: 110}
    found = house.coverage_changes.changes(CALLER, "grid", before, EditionChoice())
    assert [(c.code, c.members_difference) for c in found.changes] == [(grid_code(3, 1), None)]
    # a body above that tells all of them makes the silent one below whole again
    record(house, "party_organisation", {**body("B", grid_code(1, 0), parent="W"), "members": ""})
    assert members("community")[WEST_COMMUNITY] == 60
    assert members("grid")[grid_code(1, 0)] is None


def test_only_the_parent_body_links_an_area_and_another_one_is_told(house):
    bodies(
        house,
        body("W", WEST_COMMUNITY, kind="党委", layer="community", parent="D"),
        body("N", grid_code(2, 0), parent="D"),
        body("FREE"),
    )
    record(
        house,
        "liaison",
        liaison(0, 0, "W"),
        liaison(1, 0, "D"),
        liaison(3, 0, "W"),  # of the other community
        liaison(3, 1, "N"),  # a neighbor
        liaison(0, 1, "FREE"),  # stands for no area: nobody can say that it is not above
        liaison(1, 1, "LATER"),
    )

    linked = [code for code, state in states(coverage(house)).items() if state == "linked"]
    assert linked == [grid_code(0, 0), grid_code(1, 0), grid_code(0, 1)]
    faults = house.register_checks.ladder(CALLER).faults
    assert [(f.kind, f.code, f.others) for f in faults] == [
        ("liaison_lost", "LATER", (f"grid/{grid_code(1, 1)}",)),
        ("liaison_elsewhere", "N", (f"grid/{grid_code(3, 1)}",)),
        ("liaison_elsewhere", "W", (f"grid/{grid_code(3, 0)}",)),
    ]
    # recorded in whatever order: once its organisation is there, the liaison is right
    bodies_later = body("LATER", WEST_COMMUNITY, kind="党委", layer="community", parent="D")
    record(house, "party_organisation", bodies_later)
    assert states(coverage(house))[grid_code(1, 1)] == "linked"


def test_a_site_that_tells_nothing_is_not_counted_as_nobody(house):
    told = {"kind": "互助站", "staff": 9, "staff_members": 6, "has_member_leader": True,
            "registered_units": 3, "registered_members": 20}  # fmt: skip
    sites = [{**unit("A"), **told}, {**unit("B", 1, 0), **told}, {**unit("C"), "kind": "互助站"}]
    record(house, "facility", *sites, {**unit("H", 2, 0), "kind": "议事厅"})

    hall, station = house.register_checks.stations(CALLER)
    assert (station.registered_units, station.registered_members) == ("≥6", "≥40")
    assert (station.member_leaders.numerator.value, station.count) == (2, 3)
    assert set(station.untold.values()) == {1}
    assert (hall.registered_units, hall.registered_members, hall.untold) == (None, None, {})
    found = coverage(house)
    at = found.areas.position_by_code
    grids = [at[grid_code(column, 0)] for column in range(3)]
    assert [found.registered_members.told(i) for i in grids] == ["≥20", 20, 0]
