"""Verifying finds every fault that data can have, names its place, and raises no false alarm."""

import pytest

from geo_service.services.verification.verifications import VerificationOptions
from tests.databases import change, everything, is_postgresql
from tests.houses import NOW_S, grid_code
from tests.verified_houses import blob, found, put_furnished, redrawn, statements, verified

A, B = grid_code(0, 0), grid_code(1, 0)


@pytest.fixture
def folder(tmp_path):
    return put_furnished(tmp_path)


def test_a_house_that_has_lived_is_clean_and_nothing_in_it_is_changed(folder):
    before = everything(folder)
    result = verified(folder)
    assert [check.findings for check in result.checks if check.found] == []
    assert result.is_clean
    assert result.profile == "overlays"
    covered = {check.name: check.covered for check in result.checks}
    assert covered["contents"] == {"editions": 5, "areas": 88}
    assert covered["folds"] == {"issues": 26, "events": 39}
    assert covered["owners"] == {"editions": 1, "agreements": 1, "open_issues": 23}
    assert not any(check.left_out for check in result.checks)
    notes = [note[1] for check in result.checks for note in check.notes]
    assert notes == ["1 figures are of codes that no edition has (allowed)"]
    assert everything(folder) == before


def test_a_change_that_is_due_and_not_followed_yet_is_no_fault(folder):
    assert verified(folder, now_s=NOW_S + 60 * 86_400).is_clean


def test_a_quick_verification_says_what_it_left_out(folder):
    result = verified(folder, VerificationOptions(is_quick=True, listed=100))
    assert result.is_clean
    left_out = {check.name for check in result.checks if check.left_out}
    assert left_out >= {"contents", "tiling", "folds", "keys", "assignments", "indexes"}
    assert ("database" in left_out) is not is_postgresql()
    covered = {check.name: check.covered for check in result.checks}
    assert covered["contents"]["editions"] == 2  # the one in force and the pending one
    assert covered["owners"]["open_issues"] == 23


ISSUE_FAULTS = {
    ("keys", "other_hash", "issues 18"): "UPDATE issues SET title = 'x' WHERE id = 18",
    ("keys", "other_place", "issues 14"): "UPDATE issues SET lon = lon + 1e-6 WHERE id = 14",
    ("folds", "closed_before", "issues 2"): (
        "UPDATE issue_events SET state = replace(state, '2026-11-11', '2026-11-01'),"
        " payload = replace(payload, '2026-11-11', '2026-11-01') WHERE id = 23;"
        " UPDATE issues SET closed_at_s = closed_at_s - 864000 WHERE id = 2"
    ),
    ("keys", "other_hash", "issues 2"): "",
    ("folds", "other_column", "issues 19"): "UPDATE issues SET source = 'hotline' WHERE id = 19",
    ("keys", "other_hash", "issues 19"): "",
    ("folds", "bad_status", "issues 15"): "UPDATE issues SET status = 'lost' WHERE id = 15",
    ("folds", "other_column", "issues 15"): "",
    ("folds", "no_event", "issues 20"): "DELETE FROM issue_events WHERE issue_id = 20",
    ("folds", "unreadable_event", "issue_events 11"): (
        "UPDATE issue_events SET state = 'no' WHERE id = 11"
    ),
    ("folds", "illegal_event", "issue_events 35"): (
        "UPDATE issue_events SET kind = 'closed' WHERE id = 35"
    ),
    ("folds", "other_state", "issue_events 25"): (
        "UPDATE issue_events SET state = replace(state, '\"closed\"', '\"open\"') WHERE id = 25"
    ),
    ("folds", "odd_time", "issue_events 36"): "UPDATE issue_events SET at_s = 5 WHERE id = 36",
    ("folds", "other_time", "issue_events 36"): "",
    ("folds", "other_time", "issue_events 23"): "",
    ("folds", "unknown_event_profile", "issue_events 37"): (
        "UPDATE issue_events SET profile_hash = 'x' WHERE id = 37"
    ),
    ("keys", "bad_answer", "idempotency_keys POST /issues k-1"): (
        "UPDATE idempotency_keys SET answer = 'no' WHERE key = 'k-1'"
    ),
}


def test_faults_of_issues_and_their_events_are_found_each_at_its_place(folder):
    change(folder, *statements(ISSUE_FAULTS))
    # an open issue that says otherwise is also located otherwise, or not at all
    assert {each for each in found(folder) if each[0] in ("keys", "folds")} == ISSUE_FAULTS.keys()


ASSIGNMENT_FAULTS = {
    ("assignments", "no_assignment", "issues 26"): ("DELETE FROM assignments WHERE issue_id = 26"),
    ("assignments", "unknown_family", "assignments 2/nobody"): (
        "INSERT INTO assignments (issue_id, family, edition, rule, status) VALUES"
        " (2, 'nobody', 1, 'unassigned', 'unassigned')"
    ),
    ("assignments", "unknown_word", "assignments 15/grid"): (
        "UPDATE assignments SET status = 'lost' WHERE issue_id = 15"
    ),
    ("assignments", "no_chain", "assignments 18/grid"): (
        "UPDATE assignments SET chain_id = NULL WHERE issue_id = 18"
    ),
    ("owners", "other_owner", "issues 18"): "",
    ("assignments", "chain_without_edition", "assignments 2/grid"): (
        "UPDATE assignments SET edition = NULL WHERE issue_id = 2"
    ),
    ("assignments", "unknown_edition", "assignments 14/grid 77"): (
        "UPDATE assignments SET edition = 77 WHERE issue_id = 14"
    ),
    ("assignments", "unknown_agreement", "assignments 12/grid"): (
        "UPDATE assignments SET agreement = 9 WHERE issue_id = 12"
    ),
    ("owners", "other_owner", "issues 12"): "",
    ("assignments", "agreement_rule", "assignments 13/grid"): (
        "UPDATE assignments SET agreement = 1 WHERE issue_id = 13"
    ),
    ("owners", "other_owner", "issues 13"): "",
    ("assignments", "bad_candidates", "assignments 7/grid"): (
        "UPDATE assignments SET candidates = replace(candidates, '0.84', '0.94') WHERE issue_id = 7"
    ),
    ("owners", "other_owner", "issues 7"): "",
    ("assignments", "bad_overrides", "assignments 8/grid"): (
        "UPDATE assignments SET overrides = '[[]]' WHERE issue_id = 8"
    ),
    ("owners", "other_owner", "issues 8"): "",
    ("assignments", "other_links", "chains 4"): (
        "DELETE FROM chain_areas WHERE chain_id = 4 AND layer = 'street'"
    ),
    ("assignments", "bad_links", "chains 3"): "UPDATE chains SET links = 'no' WHERE id = 3",
    ("owners", "other_owner", "issues 3"): "",
    ("owners", "other_owner", "issues 19"): "",
    ("assignments", "stranger", "chain_areas grid 999001010102 2"): (
        "UPDATE assignments SET edition = 2 WHERE issue_id = 1"
    ),
    ("owners", "other_owner", "issues 24"): (
        "UPDATE assignments SET chain_id = 2 WHERE issue_id = 24"
    ),
    ("assignments", "other_chain_family", "assignments 21/grid"): (
        "INSERT INTO chains (family, links) VALUES ('party', '[]');"
        " UPDATE assignments SET chain_id = (SELECT max(id) FROM chains) WHERE issue_id = 21"
    ),
    ("owners", "other_owner", "issues 21"): "",
}


def test_faults_of_assignments_are_found_and_law_4_by_a_fresh_locate(folder):
    change(folder, *statements(ASSIGNMENT_FAULTS))
    assert found(folder) == ASSIGNMENT_FAULTS.keys()


def test_an_owner_that_a_withdrawn_agreement_would_give_is_told_with_the_right_one(folder):
    change(folder, "UPDATE assignments SET chain_id = 3, agreement = 1 WHERE issue_id = 12")
    [owners] = [check for check in verified(folder).checks if check.name == "owners"]
    [finding] = owners.findings
    assert finding.text("en") == (
        "issues 12: in the family grid it has grid/999001010204 (agreement 1, agreement), "
        "a fresh locate gives grid/999001010203 (agreement 2, agreement)"
    )


AREA_FAULTS = {
    ("editions", "earlier_publication", "editions 4"): (
        "UPDATE editions SET published_at_s = published_at_s - 9 WHERE number = 4"
    ),
    ("editions", "bad_uncorrected", "editions 3"): (
        "UPDATE editions SET uncorrected = '[7]' WHERE number = 3"
    ),
    ("areas", "other_box", "areas 1 community 9990010101"): (
        "UPDATE areas SET west = west - 1e-9 WHERE id = 1"
    ),
    ("areas", "other_area_m2", "areas 2 community 9990010102"): (
        "UPDATE areas SET area_m2 = area_m2 + 0.01 WHERE id = 2"
    ),
    ("areas", "bad_attributes", "areas 5 dedicated_grid B2"): (
        "UPDATE areas SET attributes = '[]' WHERE id = 5"
    ),
    ("areas", "bad_buildings", "areas 5 dedicated_grid B2"): (
        """UPDATE areas SET buildings = '["3号楼", "3号楼"]' WHERE id = 5"""
    ),
    ("contents", "other_content", "editions 1"): "",
    ("contents", "other_content", "editions 2"): "",
    ("ranges", "overlapping_range", f"areas 21 grid {A}"): (
        "UPDATE areas SET last_edition = 3 WHERE id = 19"
    ),
    ("ranges", "backward_range", "areas 20 dedicated_grid B2"): (
        "UPDATE areas SET last_edition = 2 WHERE id = 20"
    ),
    ("contents", "other_content", "editions 3"): "",
    ("ranges", "outside_range", "areas 23 dedicated_grid B2"): (
        "UPDATE areas SET last_edition = 6 WHERE id = 23"
    ),
    ("ranges", "missing_parent", "areas 11 grid 999001010105 1"): (
        "UPDATE areas SET parent_code = 'x' WHERE id = 11"
    ),
    ("contents", "other_content", "editions 4"): "",
    ("contents", "other_content", "editions 5"): "",
    ("ranges", "unknown_layer", "areas 8 lost E1 1"): (
        "UPDATE areas SET layer = 'lost' WHERE id = 8"
    ),
}


def test_faults_of_editions_ranges_and_areas_are_found_each_at_its_place(folder):
    change(folder, *statements(AREA_FAULTS))
    assert {each for each in found(folder) if each[0] != "tiling"} >= AREA_FAULTS.keys()
    [owners] = [check for check in verified(folder).checks if check.name == "owners"]
    assert "damaged" in owners.left_out[0][1]


def test_an_outline_that_was_moved_breaks_tiling_in_every_edition_it_lives_in(folder):
    change(folder, redrawn(folder, 16, lambda at: [(at[0][0] - 1e-5, at[0][1]), *at[1:]]))
    place = "grid 999001010208"
    told = found(folder)
    assert {each for each in told if each[0] == "contents"} == {
        ("contents", "other_content", f"editions {number}") for number in range(1, 6)
    }
    tiling = {each[2].split()[-1] for each in told if each[:2] == ("tiling", "topology")}
    assert tiling == {"1", "2", "3", "4", "5"}
    assert ("areas", "other_box", f"areas 16 {place}") in told
    quick = found(folder, VerificationOptions(is_quick=True, listed=100))
    assert {each[2] for each in quick if each[0] == "contents"} == {"editions 4", "editions 5"}


@pytest.mark.sqlite
def test_outlines_that_cannot_be_read_or_measured_are_found(folder):
    change(
        folder,
        "UPDATE areas SET outline = x'0102' WHERE id = 8",
        redrawn(folder, 9, lambda at: [at[0], (float("inf"), at[1][1]), *at[2:]]),
        redrawn(folder, 10, lambda at: [at[0], at[2], at[1], *at[3:]]),
    )
    told = found(folder)
    assert told >= {
        ("areas", "unreadable_outline", "areas 8 estate E1"),
        ("areas", "infinite_outline", f"areas 9 grid {A}"),
        ("areas", "invalid_outline", f"areas 10 grid {B}"),
    }


SURROUNDINGS = {
    ("agreements", "bad_agreement", "agreements 1"): (
        "UPDATE agreements SET owner_code = 'x', within_m = 0, layer = 'lost',"
        " withdrawn_at_s = recorded_at_s - 1, effective_to_s = effective_from_s,"
        " second_code = first_code WHERE number = 1"
    ),
    ("surroundings", "bad_figure", f"figures 1 grid {A}"): (
        "UPDATE figures SET value = 'many' WHERE id = 1"
    ),
    ("surroundings", "bad_figure", "figures 2 grid 999"): (
        "UPDATE figures SET figure = '' WHERE id = 2"
    ),
    ("surroundings", "unreadable_geometry", "reference_features 1"): (
        "UPDATE reference_features SET outline = GARBAGE WHERE id = 1"
    ),
    ("registers", "bad_entry", "register_entries 1"): (
        "UPDATE register_entries SET register = 'people', details = 'x', areas = '5',"
        " founded_s = 5, dissolved_s = 5 WHERE id = 1"
    ),
    ("registers", "bad_entry", "register_entries 2"): (
        "UPDATE register_entries SET edition = NULL WHERE id = 2"
    ),
    ("registers", "bad_entry", "register_entries 3"): (
        "UPDATE register_entries SET areas = '[\"nowhere\"]' WHERE id = 3"
    ),
    ("registers", "bad_entry", "activities 1"): (
        "UPDATE activities SET organisation = 'nobody' WHERE id = 1"
    ),
    ("webhooks", "bad_webhook", "webhooks 1"): ("UPDATE webhooks SET url = 'no' WHERE id = 1"),
    ("webhooks", "bad_webhook", "webhook_events 1/25"): (
        "UPDATE webhooks SET cursor_event = 24 WHERE id = 1"
    ),
    ("webhooks", "bad_webhook", "webhook_events 1/1"): (
        "UPDATE webhook_events SET issue_id = 2, next_try_s = 5 WHERE event_id = 1"
    ),
    ("webhooks", "bad_webhook", "webhook_events 1/4"): (
        "UPDATE webhook_events SET next_try_s = NULL WHERE event_id = 4"
    ),
    ("surroundings", "bad_relocation", "relocations 3"): (
        "UPDATE relocations SET agreements = '1,8' WHERE id = 3"
    ),
}


def test_faults_of_agreements_figures_references_and_relocations_are_found(folder):
    garbage = [each.replace("GARBAGE", blob(b"no")) for each in statements(SURROUNDINGS)]
    change(folder, *garbage)
    assert found(folder) == SURROUNDINGS.keys()
    [check] = [each for each in verified(folder).checks if each.name == "agreements"]
    assert check.found == 6
    change(folder, f"UPDATE agreements SET stretch = {blob(b'no')} WHERE number = 1")
    [check] = [each for each in verified(folder).checks if each.name == "agreements"]
    assert check.found == 7
    change(folder, "UPDATE webhooks SET cursor_event = 99 WHERE id = 1")
    [check] = [each for each in verified(folder).checks if each.name == "webhooks"]
    reasons = [each.text("en") for each in check.findings]
    assert any("past the newest event" in each for each in reasons)
    assert not any("go out twice" in each for each in reasons)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE issues SET lon = 400 WHERE id = 18", ("owners", "impossible_place", "issues 18")),
        ("UPDATE issues SET lat = -91 WHERE id = 18", ("owners", "impossible_place", "issues 18")),
        ("UPDATE webhooks SET selection = 'x'", ("webhooks", "bad_webhook", "webhooks 1")),
        (
            "UPDATE issues SET reported_at_s = 100000000000000000 WHERE id = 18",
            ("folds", "unfinished", "issues 18"),
        ),
    ],
)
def test_damage_that_nothing_can_be_done_with_stops_no_other_check(folder, damage, fault):
    change(folder, damage, "UPDATE issue_events SET at_s = 5 WHERE id = 36")
    told = found(folder)
    assert fault in told
    assert ("folds", "odd_time", "issue_events 36") in told
