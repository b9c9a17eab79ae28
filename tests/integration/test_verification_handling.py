"""Verifying finds what is wrong with handled issues, decisions and signed sheets, at its place."""

from datetime import date

import pytest

from geo_service.services.handling.deciding import DecisionAsked
from geo_service.services.handling.steps import StepAsked
from geo_service.services.sheets.sheets import SheetQuery
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from tests.databases import change
from tests.houses import CALLER, center, grid_code, open_house, publish_street

STEPS = (
    ("受理", "坐席", {"triage": "小事"}),
    ("分流", "派单员", {"tier": "网格", "unit": "示例网格"}),
    ("催办", "派单员", {}),
    ("处置", "网格员", {}),
    ("反馈", "网格员", {}),
    ("评价", "派单员", {"resolved": "未解决", "satisfaction": "不满意"}),
)


@pytest.fixture
def house(tmp_path):
    """Three issues: one handled to its end, one on the way that was decided about, one new."""
    house = open_house(tmp_path)
    publish_street(house)
    lon, lat = center(0, 0)
    for number in range(1, 4):
        row = {"source": "12345", "external_id": str(number), "reported_at": "2026-11-20 08:00"}
        told = {**row, "x": lon, "y": lat, "frame": "EPSG:4490"}
        house.issues.report(CALLER, told, is_updating=False)
    for number, steps in ((1, STEPS), (2, STEPS[:3])):
        for step, role, told in steps:
            house.handling.take_step(CALLER, number, StepAsked(step, role, told))
    asked = DecisionAsked("grid", grid_code(1, 0), "checked", "dispatcher")
    house.decisions.decide(CALLER, 2, asked, newest_event=None)
    house.sheets.sign(CALLER, SheetQuery("month", "grid", date(2026, 11, 20)))
    return house


def verified(house):
    checks = VerificationService(house.workspace).verify(CALLER, VerificationOptions()).checks
    found = {
        (check.name, finding.kind, finding.where["id"])
        for check in checks
        for finding in check.findings
        if "id" in finding.where  # the server of the tests is told not to be durable
    }
    covered = {check.name: check.covered for check in checks}
    return found, covered["handling"]


def test_what_was_handled_decided_and_signed_is_sound(house):
    assert verified(house) == (set(), {"handled": 2, "sheets": 1})


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE issue_standings SET unit = 'x' WHERE issue_id = 2", ("other_standing", 2)),
        ("UPDATE issue_standings SET marks = '' WHERE issue_id = 2", ("other_standing", 2)),
        ("DELETE FROM issue_standings WHERE issue_id = 1", ("other_standing", 1)),
        ("UPDATE issue_measures SET resolved = 'yes' WHERE issue_id = 1", ("other_measures", 1)),
        ("UPDATE issue_spells SET used_s = used_s + 1 WHERE issue_id = 1", ("other_measures", 1)),
        ("DELETE FROM issue_measures WHERE issue_id = 2", ("no_measures", 2)),
        ("INSERT INTO issue_spells VALUES (2, 'street', 7, NULL)", ("other_measures", 2)),
        ("UPDATE signed_sheets SET figures = '{}'", ("other_sheet", 1)),
        ("UPDATE signed_sheets SET kind = 'year'", ("other_row", 1)),
        ("UPDATE signed_sheets SET page = substr(page, 1, length(page) - 9)", ("spoiled_sheet", 1)),
        ("UPDATE signed_sheets SET workbook = substr(workbook, 5)", ("spoiled_sheet", 1)),
    ],
)
def test_a_damage_is_found_at_its_place(house, tmp_path, damage, fault):
    change(tmp_path, damage)
    assert verified(house)[0] == {("handling", *fault)}


@pytest.mark.parametrize(
    ("damage", "faults"),
    [
        ("UPDATE signed_sheets SET corrects = 1", {("odd_correction", 1), ("other_row", 1)}),
        ("UPDATE signed_sheets SET number = 2", {("lost_sheet", 1), ("other_row", 2)}),
    ],
)
def test_a_sheet_that_is_found_elsewhere_is_told_with_what_it_was_signed_as(
    house, tmp_path, damage, faults
):
    change(tmp_path, damage)
    assert verified(house)[0] == {("handling", *fault) for fault in faults}


@pytest.mark.parametrize("column", ["due_s", "is_late"])
def test_what_lists_read_of_deadlines_is_what_the_events_add_up_to(house, tmp_path, column):
    other = "true" if column == "is_late" else "1"
    change(tmp_path, f"UPDATE issues SET {column} = {other} WHERE id = 3")
    assert verified(house)[0] == {("folds", "other_column", 3)}


def test_a_step_that_was_moved_in_time_is_found(house, tmp_path):
    change(tmp_path, "UPDATE issue_events SET at_s = at_s - 60 WHERE id = 12")
    assert ("folds", "other_time", 12) in verified(house)[0]


def test_a_decision_for_a_layer_that_is_not_there_is_found(house, tmp_path):
    change(tmp_path, "UPDATE decisions SET layer = 'x'")
    assert verified(house)[0] == {
        ("owners", "bad_decision", "2/grid"),
        ("owners", "other_owner", 2),
    }


def test_a_decision_that_is_gone_is_missed_by_the_owner_that_rests_on_it(house, tmp_path):
    change(tmp_path, "DELETE FROM decisions")
    assert verified(house)[0] == {
        ("assignments", "nobody_decided", "2/grid"),
        ("owners", "other_owner", 2),
    }
