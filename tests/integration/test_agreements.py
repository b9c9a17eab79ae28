"""Border agreements from recording to the answer: dates, withdrawal, open issues, redrawn land."""

import pytest
import shapely

from geo_service.errors import AgreementNotFound, RefusedValue
from geo_service.layers.area import area_set
from geo_service.layers.edition import EditionChoice
from geo_service.services.callers import SCHEDULE
from tests.houses import (
    CALLER,
    NOW_S,
    SOUTH,
    STEP,
    WEST,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
)
from tests.integration.test_pinned_editions import statements_of

DAY_S = 86_400
METER = 1 / 96_500
"""A meter of longitude at 30° N in degrees, within 0.1 %."""
A, B = grid_code(0, 0), grid_code(1, 0)
ROAD = {
    "layer": "grid",
    "first_code": A,
    "second_code": B,
    "owner_code": B,
    "within_m": 15.0,
    "document": "示例街〔2026〕12号",
    "wording": "道路归东侧",
}
ON_THE_ROAD = (WEST + STEP - 10 * METER, SOUTH + 0.4 * STEP)
"""Ten meters west of the border between A and B: A's by the drawn border."""


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    yield house
    house.close()


def answer(house, place=ON_THE_ROAD, **choice):
    lon, lat = place
    found = house.locations.locate(
        CALLER, x=lon, y=lat, frame="EPSG:4490", choice=EditionChoice(**choice)
    )
    return found.families[0]


def owner(house, place=ON_THE_ROAD, **choice):
    found = answer(house, place, **choice)
    return found.rule, found.owner.code


def report(house, number=1, place=ON_THE_ROAD, **cells):
    row = {
        "source": "complaint",
        "external_id": str(number),
        "reported_at": "2026-11-20 08:00",
        "frame": "EPSG:4490",
        "x": place[0],
        "y": place[1],
        **cells,
    }
    return house.issues.report(CALLER, row, is_updating=True)


def kept(house, issue_id=1):
    [found] = house.issues.issue(CALLER, issue_id)["assignments"]
    return found["rule"], found["links"][-1][1], found["agreement"]


def kinds(house, issue_id=1):
    return [each["kind"] for each in house.issues.issue(CALLER, issue_id)["events"]]


def test_the_answer_cites_the_agreement_from_the_moment_it_is_recorded(house):
    assert owner(house) == ("assigned", A)
    listed, outcome = house.agreements.record(CALLER, ROAD)
    assert (outcome, listed.state, listed.inert) == ("added", "standing", None)
    found = answer(house)
    assert (found.rule, found.status, found.owner.code) == ("agreement", "agreement", B)
    assert found.agreement.agreement.document == "示例街〔2026〕12号"
    assert found.agreement.distance_m == pytest.approx(10, abs=0.02)
    # the drawn border stays what it is, seen from the drawn owner
    assert found.border.distance_m == pytest.approx(10, abs=0.02)
    assert found.border.neighbor.code == B


def test_what_says_the_same_is_recorded_once_whoever_is_named_first(house):
    house.agreements.record(CALLER, ROAD)
    house.workspace.now_s.now_s += DAY_S
    again = {**ROAD, "first_code": B, "second_code": A, "owner_code": "甲"}
    listed, outcome = house.agreements.record(CALLER, again)
    assert (listed.agreement.number, outcome) == (1, "unchanged")


def test_an_agreement_applies_from_its_first_moment_to_before_its_last(house):
    dates = {"effective_from": "2026-12-01", "effective_to": "2027-01-01"}
    listed, _ = house.agreements.record(CALLER, {**ROAD, **dates})
    start_s, end_s = listed.agreement.effective_from_s, listed.agreement.effective_to_s
    assert listed.state == "pending"
    assert owner(house) == ("assigned", A)
    assert owner(house, as_of_s=start_s - 1) == ("assigned", A)
    assert owner(house, as_of_s=start_s) == ("agreement", B)
    assert owner(house, as_of_s=end_s - 1) == ("agreement", B)
    assert owner(house, as_of_s=end_s) == ("assigned", A)
    choices = [EditionChoice(as_of_s=at_s) for at_s in (start_s - 1, start_s, end_s)]
    listed = [house.agreements.agreements(CALLER, each).agreements[0].state for each in choices]
    assert listed == ["pending", "standing", "ended"]


def test_what_was_known_before_is_answered_as_it_was_known(house):
    house.workspace.now_s.now_s += DAY_S
    house.agreements.record(CALLER, {**ROAD, "effective_from": "2026-01-01"})
    house.workspace.now_s.now_s += DAY_S
    house.agreements.withdraw(CALLER, 1)
    assert owner(house) == ("assigned", A)
    assert owner(house, known_at_s=NOW_S + DAY_S - 1) == ("assigned", A)
    assert owner(house, known_at_s=NOW_S + DAY_S) == ("agreement", B)
    assert owner(house, known_at_s=NOW_S + 2 * DAY_S) == ("assigned", A)
    [listed] = house.agreements.agreements(CALLER).agreements
    assert listed.state == "withdrawn"


def test_open_issues_follow_an_agreement_and_its_withdrawal_with_a_record(house):
    report(house)
    report(house, 2, (WEST + 0.5 * STEP, SOUTH + 0.5 * STEP))
    house.agreements.record(CALLER, ROAD)
    assert kept(house) == ("agreement", B, 1)
    house.agreements.withdraw(CALLER, 1)
    assert kept(house) == ("assigned", A, None)
    house.agreements.withdraw(CALLER, 1)
    assert kinds(house) == ["reported", "reassigned", "reassigned"]
    assert kinds(house, 2) == ["reported"]
    told = house.issues.issue(CALLER, 1)["events"][1]["payload"]
    assert (told["before"]["rule"], told["after"]["rule"]) == ("assigned", "agreement")
    assert told["after"]["agreement"] == 1


def test_an_agreement_takes_effect_and_ends_by_the_schedule(house):
    report(house)
    dates = {"effective_from": "2026-12-01", "effective_to": "2026-12-02"}
    house.agreements.record(CALLER, {**ROAD, **dates})
    assert house.schedule.apply_due_editions(SCHEDULE) is None
    house.workspace.now_s.now_s = NOW_S + 10 * DAY_S
    done = house.schedule.apply_due_editions(SCHEDULE)
    assert (done.edition, done.located, done.reassigned) == (1, 1, 1)
    assert kept(house) == ("agreement", B, 1)
    assert house.schedule.apply_due_editions(SCHEDULE) is None
    house.workspace.now_s.now_s = NOW_S + 11 * DAY_S
    assert house.schedule.apply_due_editions(SCHEDULE).reassigned == 1
    assert kept(house) == ("assigned", A, None)


def test_closed_issues_stay_and_are_taken_in_by_what_stood_when_they_were_reported(house):
    report(house, status="closed")
    house.agreements.record(CALLER, {**ROAD, "effective_from": "2026-11-01"})
    assert kept(house) == ("assigned", A, None)
    assert "reassigned" not in kinds(house)
    report(house, 2, status="closed")
    report(house, 3, status="closed", reported_at="2026-10-20 08:00")
    report(house, 4)
    assert [kept(house, number)[0] for number in (2, 3, 4)] == [
        "agreement",
        "assigned",
        "agreement",
    ]


def test_after_a_redraw_an_agreement_rests_and_says_why(house):
    report(house)
    house.agreements.record(CALLER, ROAD)
    boundaries = street_boundaries()
    grids = boundaries["grid"]
    kept_grids = grids.take([i for i, code in enumerate(grids.codes) if code not in {A, B}])
    outlines = [grids.geometries[grids.position_by_code[code]] for code in (A, B)]
    merged = {
        "codes": [*kept_grids.codes, "9990010101x"],
        "parents": [*kept_grids.parents, "9990010101"],
        "geometries": [*kept_grids.geometries, shapely.union_all(outlines)],
    }
    publish_areas(house, {**boundaries, "grid": area_set("grid", **merged)}, on=1)
    assert owner(house) == ("assigned", "9990010101x")
    assert kept(house) == ("assigned", "9990010101x", None)
    [listed] = house.agreements.agreements(CALLER).agreements
    assert listed.state == "standing"
    assert A in listed.inert[0]
    publish_areas(house, boundaries, on=2)
    assert kept(house) == ("agreement", B, 1)


def test_areas_that_do_not_touch_have_no_border_to_agree_on(house):
    far = {**ROAD, "second_code": grid_code(3, 0), "owner_code": A}
    listed, _ = house.agreements.record(CALLER, far)
    assert "不相邻" in listed.inert[0]
    assert owner(house) == ("assigned", A)


def test_a_stretch_limits_an_agreement_to_a_piece_of_the_border(house):
    x = WEST + STEP
    half = f"LINESTRING ({x!r} {SOUTH!r}, {x!r} {SOUTH + STEP / 2!r})"
    house.agreements.record(CALLER, {**ROAD, "stretch": half})
    assert owner(house)[0] == "agreement"
    assert owner(house, (ON_THE_ROAD[0], SOUTH + 0.9 * STEP)) == ("assigned", A)


def test_a_stretch_away_from_the_border_decides_nothing(house):
    x = WEST + STEP + 20 * METER
    beside = f"LINESTRING ({x!r} {SOUTH!r}, {x!r} {SOUTH + STEP / 2!r})"
    listed, _ = house.agreements.record(CALLER, {**ROAD, "stretch": beside})
    assert "20.0" in listed.inert[1]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"layer": "parish"}, "layer"),
        ({"owner_code": "999"}, "owner_code"),
        ({"second_code": A, "owner_code": A}, "second_code"),
        ({"within_m": 0}, "within_m"),
        ({"within_m": 100.5}, "within_m"),
        ({"within_m": "wide"}, "within_m"),
        ({"document": " "}, "document"),
        ({"effective_from": "soon"}, "effective_from"),
        ({"effective_from": "1970-01-01"}, "effective_from"),
        ({"effective_from": "2026-02-01", "effective_to": "2026-02-01"}, "effective_to"),
        ({"stretch": "a road"}, "stretch"),
        ({"stretch": "POINT (120 30)"}, "stretch"),
        ({"stretch": "LINESTRING (30 120, 30 121)"}, "stretch"),
        ({"stretch": "LINESTRING (120 30, 120 30)"}, "stretch"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field_and_nothing_is_stored(house, cells, field):
    with pytest.raises(RefusedValue) as refused:
        house.agreements.record(CALLER, {**ROAD, **cells})
    assert refused.value.where == field
    assert house.agreements.agreements(CALLER).agreements == []


def test_an_agreement_may_be_there_before_the_first_edition_is(tmp_path):
    house = open_house(tmp_path)
    listed, _ = house.agreements.record(CALLER, ROAD)
    assert (listed.state, listed.inert) == ("standing", None)
    assert house.agreements.agreements(CALLER).edition is None
    report(house)
    publish_street(house)
    assert kept(house) == ("agreement", B, 1)
    assert house.agreements.withdraw(CALLER, 1).state == "withdrawn"
    house.close()


def test_an_agreement_that_does_not_exist_cannot_be_withdrawn(house):
    with pytest.raises(AgreementNotFound):
        house.agreements.withdraw(CALLER, 7)


def test_a_recording_that_fails_leaves_nothing_behind_for_others(house):
    report(house)
    with house.workspace.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE relocations RENAME COLUMN located TO hidden")
    with pytest.raises(Exception, match="located"):
        house.agreements.record(CALLER, ROAD)
    with house.workspace.database.write() as connection:
        # SQLite renames by the columns that this connection saw last: let it look again
        connection.exec_driver_sql("SELECT count(*) FROM relocations").all()
        connection.exec_driver_sql("ALTER TABLE relocations RENAME COLUMN hidden TO located")
    assert owner(house) == ("assigned", A)
    house.agreements.record(CALLER, {**ROAD, "owner_code": A})
    assert owner(house) == ("agreement", A)


def test_with_agreements_too_nothing_is_asked_of_the_database_while_nothing_changed(house):
    house.agreements.record(CALLER, ROAD)
    assert owner(house) == ("agreement", B)
    assert statements_of(house, lambda: owner(house)) == []


def test_another_process_sees_an_agreement_with_its_next_question(house, tmp_path):
    assert owner(house) == ("assigned", A)
    other = open_house(tmp_path)
    other.agreements.record(CALLER, ROAD)
    other.close()
    assert owner(house) == ("agreement", B)


def test_a_list_is_stored_row_by_row_and_again_changes_nothing(house, tmp_path):
    file = tmp_path / "约定.csv"
    lines = [
        "层级,网格甲,网格乙,归属,半宽(米),依据文号,约定内容,生效,失效,线",
        f"grid,{A},{B},乙,15,示例街〔2026〕12号,道路归东侧,,,",
        f"grid,{A},{B},丙,15,示例街〔2026〕13号,,,,",
        "grid,没有,也没有,甲,12,示例街〔2026〕14号,,,,",
        "grid,没有,也没有,甲,12,示例街〔2026〕14号,,,,,多出一格",
    ]
    file.write_bytes("\n".join(lines).encode("gbk"))
    found = house.agreements.import_file(CALLER, file)
    assert (found.rows, found.added, found.unchanged) == (4, 2, 0)
    assert [(r.row, r.field) for r in found.rejections] == [(3, "owner_code"), (5, "*")]
    assert [each.agreement.number for each in found.inert] == [2]
    assert owner(house) == ("agreement", B)
    again = house.agreements.import_file(CALLER, file)
    assert (again.added, again.unchanged) == (0, 2)
