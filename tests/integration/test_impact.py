"""What a redraw of the small street would change, against counts made by hand and by shapely."""

import pyproj
import pytest
import shapely

from geo_service.errors import CoverageOverlap, EditionNotFound
from geo_service.services.handling.deciding import DecisionAsked
from geo_service.storage.figures import Figure
from geo_service.storage.issue_queries import IssueFilter, issue_columns
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    SOUTH,
    STEP,
    WEST,
    Clock,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.impacts import (
    A,
    B,
    C,
    D,
    E,
    area_of,
    between,
    given_away,
    layer_of,
    redrawn,
    report,
    split,
)
from tests.overlays import overlay_areas
from tests.overlays import profile_file as overlay_profile
from tests.registers import EAST_COMMUNITY, WEST_COMMUNITY, record, unit
from tests.served_houses import serve, served_profile, tell

DAY_S = 86_400


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def test_figures_without_buildings_are_shared_by_ground_and_nobody_is_lost(house):
    tell(house, "grid", "residents", **{A: 10, B: 7})
    tell(house, "grid", "households", **{A: 3})
    found = between(house, split(0.25))
    ours, other = area_of(found, A), area_of(found, "A2")
    # 10 people by 1 : 3 are 2.5 and 7.5, and the first of two equal remainders gets the person
    assert (ours.before.residents.value, ours.before.residents.basis) == (10, "told")
    assert (ours.after.residents.value, other.after.residents.value) == (3, 7)
    assert (ours.after.households.value, other.after.households.value) == (1, 2)
    assert {ours.after.residents.basis, other.after.households.basis} == {"ground"}
    assert ours.after.residents.is_estimated
    assert not ours.before.residents.is_estimated
    assert ours.kinds == ("changed",)
    assert (other.kinds, other.before) == (("added",), None)
    total = layer_of(found).sums["residents"]
    assert (total.before, total.after, total.to_nobody) == (10, 10, 0)
    assert layer_of(found).to_nobody_m2 == layer_of(found).from_nobody_m2 == 0.0


def test_a_true_count_that_was_entered_for_new_ground_stands_before_any_estimate(house):
    tell(house, "grid", "residents", **{A: 10, "A2": 6})
    found = between(house, split())
    assert area_of(found, "A2").after.residents.basis == "entered"
    assert area_of(found, "A2").after.residents.value == 6
    assert area_of(found, A).after.residents.basis == "ground"

    publish_areas(house, split(), on=1, effective_from_s=NOW_S - DAY_S)
    figure = Figure("grid", A, "residents", "4", NOW_S - DAY_S, "入户核查")
    house.figures.add(CALLER, [figure])
    again = house.impact.between_editions(CALLER, 1, 2)
    ours = area_of(again, A)
    assert (ours.before.residents.value, ours.after.residents.value) == (10, 4)
    assert ours.after.residents.basis == "entered"
    assert layer_of(again).sums["residents"].after == 10


def test_an_unknown_count_stays_unknown_and_merged_ones_are_added_without_estimate(house):
    tell(house, "grid", "residents", **{A: 10, B: 7, C: 4})
    tell(house, "grid", "staff", **{A: 2, B: 3})
    merged = redrawn({A: square(0, 0, 2, 1), B: None, C: square(0, 1, 2, 1), D: None})
    found = between(house, merged)
    known, unknown = area_of(found, A), area_of(found, C)
    assert (known.after.residents.value, known.after.residents.basis) == (17, "told")
    assert unknown.before.residents.value == 4
    assert (unknown.after.residents.value, unknown.after.residents.basis) == (None, None)
    assert area_of(found, B).after is None
    assert area_of(found, B).kinds == ("removed",)
    assert (known.before.staff, known.after.staff) == (2, 2)
    assert layer_of(found).staff_waiting == 3
    assert layer_of(found).sums["residents"].to_nobody is None


def test_ground_of_nobody_is_told_and_takes_its_people_along(house):
    tell(house, "grid", "households", **{A: 8})
    shrunk = shapely.box(WEST, SOUTH, WEST + 0.75 * STEP, SOUTH + STEP)
    grown = shapely.box(WEST, SOUTH - STEP, WEST + STEP, SOUTH + STEP)
    given_up, taken = (layer_of(between(house, redrawn({A: each}))) for each in (shrunk, grown))
    cell_m2 = area_of(between(house, redrawn({A: shrunk})), A).before.area_m2
    assert given_up.to_nobody_m2 == pytest.approx(0.25 * cell_m2, rel=1e-4)
    assert given_up.sums["households"].after == 6
    assert given_up.sums["households"].to_nobody == 2
    assert taken.from_nobody_m2 == pytest.approx(cell_m2, rel=1e-4)
    assert (taken.sums["households"].after, taken.to_nobody_m2) == (8, 0.0)


def test_households_of_buildings_say_where_people_live(tmp_path):
    house = open_house(tmp_path, profile=served_profile(tmp_path), clock=Clock())
    serve(house)
    # H1 stands in the middle of A, H2 in its north-eastern corner, H3 in B
    tell(house, "building", "households", H1=30, H2=10, H3=5)
    tell(house, "grid", "residents", **{A: 101, B: 12})
    tell(house, "grid", "households", **{A: 40})
    after = split(0.75)
    found = between(house, after)
    ours, other = area_of(found, A).after, area_of(found, "A2").after
    assert (ours.households.value, other.households.value) == (30, 10)
    # 101 people by 30 : 10 are 75.75 and 25.25
    assert (ours.residents.value, other.residents.value) == (76, 25)
    assert ours.residents.basis == other.households.basis == "households"

    nobody_moves = between(house, split(0.97))  # no building stands in the strip
    assert area_of(nobody_moves, A).after.residents.value == 101
    assert area_of(nobody_moves, A).after.residents.basis == "told"
    assert area_of(nobody_moves, "A2").after is not None
    house.close()


def test_what_crosses_a_border_of_communities_is_the_same_on_both_levels(house):
    tell(house, "grid", "residents", **dict.fromkeys(street_boundaries()["grid"].codes, 40))
    tell(house, "community", "residents", **{WEST_COMMUNITY: 160, EAST_COMMUNITY: 160})
    found = between(house, given_away(0.25))
    grids = [area_of(found, code).after.residents for code in (B, E)]
    assert [each.value for each in grids] == [30, 50]
    above = [
        area_of(found, code, "community").after.residents
        for code in (WEST_COMMUNITY, EAST_COMMUNITY)
    ]
    assert [each.value for each in above] == [150, 170]
    assert {each.basis for each in above} == {"parts"}


def test_issues_are_counted_where_they_lie_and_weighed_by_their_limits(house):
    report(house, (0.25, 0.5), (0.3, 0.5), (0.75, 0.5), (1.5, 0.5))
    report(house, (0.8, 0.5), name="closed", status="closed")
    report(house, (0.2, 0.2), name="old", reported_at="2024-01-01 08:00")
    report(house, (0.9, 0.9), name="older", reported_at="2024-01-01 08:00", status="closed")
    report(house, (0.7, 0.5), name="urgent", category_major="公共危机")
    ours, other = (area_of(between(house, split()), code) for code in (A, "A2"))
    assert (ours.before.open_issues, ours.before.year_issues) == (5, 5)
    assert (ours.after.open_issues, ours.after.year_issues) == (3, 2)
    assert (other.after.open_issues, other.after.year_issues) == (2, 3)
    # five working days are 120 hours, an urgent matter has 24
    assert ours.before.workload_h == 4 * 120 + 24
    assert (ours.after.workload_h, other.after.workload_h) == (2 * 120, 2 * 120 + 24)


def test_shapes_are_measured_on_the_ellipsoid(house):
    found = area_of(between(house, split(0.25)), "A2").after
    ring = shapely.segmentize(split(0.25)["grid"].geometries[-1].exterior, STEP / 500)
    m2, m = pyproj.Geod(ellps="GRS80").geometry_area_perimeter(shapely.Polygon(ring))
    assert found.area_m2 == pytest.approx(abs(m2), rel=1e-6)
    assert found.perimeter_m == pytest.approx(m, rel=1e-6)
    assert found.compactness == pytest.approx(12.566370614359172 * abs(m2) / m**2, rel=1e-5)


def test_balance_is_over_all_areas_under_a_parent(house):
    tell(house, "grid", "residents", **{A: 10, B: 20, C: 30})
    report(house, (0.25, 0.5), (0.75, 0.5), (1.5, 1.5))
    found = {each.measure: each for each in layer_of(between(house, split())).balances}
    assert {each.parent for each in found.values()} == {WEST_COMMUNITY}
    before, after = found["residents"].before, found["residents"].after
    assert (before.count, before.unknown, before.least, before.most) == (3, 1, 10, 30)
    assert (after.count, after.least, after.most, after.spread, after.ratio) == (4, 5, 30, 25, 6)
    issues = found["open_issues"]
    assert (issues.before.most, issues.before.least, issues.before.ratio) == (2, 0, None)
    assert (issues.after.count, issues.after.most) == (5, 1)


def test_a_decision_of_a_person_stays_while_its_area_lives_and_is_released_with_it(house):
    report(house, (0.25, 0.5), (3.5, 1.5), (1.5, 0.5))
    rows = house.issues.issues(CALLER, IssueFilter(), limit=10).rows
    ids = {row["external_id"]: row["id"] for row in rows}
    for number, code in (("0", A), ("1", B), ("2", A)):
        asked = DecisionAsked("grid", code, "现场核实", "派单员", None)
        house.decisions.decide(CALLER, ids[number], asked, newest_event=None)
    merged = redrawn({A: square(0, 0, 2, 1), B: None})
    owners = between(house, merged).owners
    assert owners.decided_kept == 2
    [released] = owners.released
    assert (released.issue_id, released.old, released.new) == (
        ids["1"],
        ("grid", B),
        ("grid", grid_code(3, 1)),
    )
    assert released.is_decided
    assert owners.total == owners.other_owner == 1
    publish_areas(house, merged, on=1)
    kept = {row["id"]: row for row in house.issues.issues(CALLER, IssueFilter(), limit=10).rows}
    assert [kept[ids[n]]["assignments"][0]["links"][-1][1] for n in "012"] == [
        A,
        grid_code(3, 1),
        A,
    ]


def test_what_only_gained_nodes_or_another_name_is_not_touched(house):
    content = street_boundaries()
    grids = content["grid"]
    outlines = grids.geometries.copy()
    outlines[0] = shapely.segmentize(outlines[0], STEP / 2)
    found = between(house, {**content, "grid": grids.with_geometries(outlines)})
    assert (list(found.layers), found.renoded) == ([], 1)
    assert found.owners.total == 0
    same = between(house, content)
    assert (list(same.layers), same.renoded, same.owners.total) == ([], 0, 0)


def test_overlays_are_counted_by_what_they_hold_and_take_what_they_override(tmp_path):
    house = open_house(tmp_path, profile=overlay_profile(tmp_path), clock=Clock())
    before = {**street_boundaries(), **overlay_areas()}
    publish_areas(house, before, on=0, effective_from_s=LONG_AGO_S)
    report(house, (0.5, 1.5), (2.5, 1.5), category_major="市容秩序")
    tell(house, "dedicated_grid", "residents", B2=9)
    after = {**before, **overlay_areas(B2=square(1, 1, 2, 1))}
    lane = shapely.LineString([(WEST, SOUTH), (WEST + STEP, SOUTH)])
    after["lane"] = after["lane"].with_geometries(shapely.from_wkb(shapely.to_wkb([lane])))
    found = between(house, after, before)
    moved = area_of(found, "B2", "dedicated_grid")
    assert (moved.before.open_issues, moved.after.open_issues) == (1, 1)
    assert (moved.before.residents.value, moved.after.residents.value) == (9, None)
    lane = area_of(found, "L1", "lane")
    assert (lane.before.area_m2, lane.before.compactness) == (0.0, None)
    assert lane.before.perimeter_m == pytest.approx(3 * lane.after.perimeter_m, rel=1e-5)
    told = {each.external_id: (each.old, each.new) for each in found.owners.listed}
    grids = {"0": grid_code(0, 1), "1": grid_code(2, 1)}
    assert told == {number: (("grid", code),) * 2 for number, code in grids.items()}
    assert (found.owners.total, found.owners.other_owner) == (2, 0)
    publish_areas(house, after, on=1)
    rows = house.issues.issues(CALLER, IssueFilter(), limit=10).rows
    responsible = {row["external_id"]: row["responsible"]["code"] for row in rows}
    assert responsible == {"0": grids["0"], "1": "B2"}
    house.close()


def test_lists_are_bounded_and_totals_are_not(house):
    report(house, *((0.6 + 0.01 * i, 0.5) for i in range(30)))
    record(house, "unit", *(unit(f"U{i}", 1, 0) for i in range(5)))
    merged = redrawn({A: square(0, 0, 2, 1), B: None})
    found = between(house, split(), listed=7)
    assert (found.owners.total, len(found.owners.listed)) == (30, 7)
    found = between(house, merged, listed=2)
    assert (found.moves_total, len(found.moves)) == ({"unit": 5}, 2)
    assert between(house, merged, with_owners=False).owners is None


def test_areas_that_would_overlap_have_no_owners_to_tell(house):
    with pytest.raises(CoverageOverlap):
        between(house, redrawn({A: square(0, 0, 2, 1)}))


def test_an_edition_that_is_not_there_is_refused(house):
    with pytest.raises(EditionNotFound):
        house.impact.between_editions(CALLER, 1, 7)


def test_numbers_are_those_of_the_same_question_without_an_index_at_hand(house):
    report(house, (0.25, 0.5), (0.75, 0.5), (1.9, 0.5))
    tell(house, "grid", "residents", **{B: 40, E: 10})
    told = between(house, given_away())
    house.workspace.forget_locators()
    for file in house.workspace.locators.folder.glob("*"):
        file.unlink()
    with house.workspace.database.read() as connection:
        base = house.workspace.edition(connection)
        asked = (connection, base, street_boundaries(), given_away())
        assert house.impact.between(*asked) == told
    assert not list(house.workspace.locators.folder.glob("*"))


def test_whatever_happens_to_issues_between_two_steps_is_told_at_the_next(house):
    """`between` asks both ways: what is kept from step to step, and what is read for it alone."""
    merged = redrawn({A: square(0, 0, 2, 1), B: None})
    assert area_of(between(house, merged), A).after.open_issues == 0
    report(house, (0.25, 0.5), (1.25, 0.5), (2.25, 0.5), (0.75, 1.5))
    assert area_of(between(house, merged), A).after.open_issues == 2
    report(house, (0.25, 0.5), (1.25, 1.5), status="closed")  # one of them elsewhere, both closed
    found = area_of(between(house, merged), A).after
    assert (found.open_issues, found.year_issues) == (0, 1)
    report(house, (0.5, 0.5), name="later", accuracy_m=60)
    with house.workspace.database.read() as connection:
        rows = issue_columns(connection, IssueFilter())
    ids = rows.ids.tolist()
    house.decisions.decide(
        CALLER, ids[2], DecisionAsked("grid", B, "现场核实", "派单员", None), newest_event=None
    )
    assert area_of(between(house, merged), B).before.open_issues == 1
    house.erasures.erase(CALLER, ids[0], "request")
    assert area_of(between(house, merged), A).after.open_issues == 1
