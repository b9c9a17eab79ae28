"""A person says whose an issue is: it stays so while that area lives, and is counted there."""

from datetime import date

import pytest
import shapely

from geo_service.errors import AreaNotFound, IllegalTransition, InvalidValue, StaleIssue
from geo_service.layers.area import area_set
from geo_service.services.addresses.pointing import PointedAt
from geo_service.services.areas.sheet import SheetQuery
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.handling.deciding import DecisionAsked
from geo_service.services.hotspots.counts import HotspotQuery
from geo_service.services.verification.verifications import VerificationOptions, VerificationService
from geo_service.storage.issue_queries import IssueFilter
from tests.houses import (
    CALLER,
    NOW_S,
    center,
    grid_code,
    open_house,
    publish_street,
    square,
    street_boundaries,
)

A, B, C = grid_code(0, 0), grid_code(1, 0), grid_code(0, 1)


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    return house


def report(house, external_id="1", *, at=(0, 0), **told):
    lon, lat = center(*at) if isinstance(at[0], int) else at
    given_at = {"x": lon, "y": lat, "frame": "EPSG:4490", "reported_at": "2026-11-20 08:00"}
    row = {"source": "12345", "external_id": external_id, **given_at, **told}
    return house.issues.report(CALLER, row, is_updating=True)["id"]


def decide(house, issue, code, *, layer="grid", reason="现场核实", newest_event=None, cites=None):
    asked = DecisionAsked(layer, code, reason, "派单员", cites)
    return house.decisions.decide(CALLER, issue, asked, newest_event=newest_event)


def kept(house, issue):
    """Return rule, owner and kinds of events of an issue."""
    found = house.issues.issue(CALLER, issue)
    [own] = found["assignments"]
    kinds = [event["kind"] for event in found["events"]]
    return own["rule"], own["links"][-1][1] if own["links"] else None, kinds


def without(boundaries, *gone, keep=A, shape=None):
    """Return the street after the grid ``keep`` took over others."""
    grids = boundaries["grid"]
    left = grids.take([i for i, code in enumerate(grids.codes) if code not in {keep, *gone}])
    parent = grids.parents[grids.position_by_code[keep]]
    columns = {
        "codes": (*left.codes, keep),
        "names": (*left.names, "合并"),
        "parents": (*left.parents, parent),
        "geometries": [*left.geometries, shape],
    }
    return {**boundaries, "grid": area_set("grid", **columns)}


def put(house, boundaries, on):
    with house.workspace.database.write() as connection:
        publication = Publication(boundaries, on, NOW_S, False, "test")
        publish(house.workspace, connection, CALLER, publication)


def counts(house, layer="grid"):
    query = HotspotQuery(layer, first=date(2026, 11, 20), last=date(2026, 11, 20))
    table = house.hotspots.hotspots(CALLER, query).table
    return {row.code: row.count for row in table.rows if row.count}


def is_sound(house):
    checked = VerificationService(house.workspace).verify(CALLER, VerificationOptions())
    return not [each for check in checked.checks for each in check.findings if not each.is_warning]


def test_a_decided_owner_is_told_with_who_and_why_and_may_be_withdrawn(house):
    issue = report(house)
    found = decide(house, issue, B, reason="裁定", cites="平安街办〔2026〕7号")
    assert [area.code for area in found.chain] == ["999001", "99900101", "9990010101", B]
    assert (found.decision.reason, found.decision.cites) == ("ruling", "平安街办〔2026〕7号")
    assert kept(house, issue) == ("decided", B, ["reported", "reassigned"])
    [event] = house.issues.issue(CALLER, issue)["events"][1:]
    assert event["payload"]["decision"] == {
        "layer": "grid",
        "code": B,
        "reason": "ruling",
        "cites": "平安街办〔2026〕7号",
        "role": "dispatcher",
    }
    decide(house, issue, B, reason="ruling", cites="平安街办〔2026〕7号")
    assert len(kept(house, issue)[2]) == 2  # the same again is nothing new
    back = house.decisions.withdraw(CALLER, issue, role="派单员", newest_event=found.newest_event)
    assert (back.rule, back.decision) == ("assigned", None)
    assert kept(house, issue) == ("assigned", A, ["reported", "reassigned", "reassigned"])
    assert is_sound(house)


def test_the_area_a_person_named_may_be_a_community_and_then_no_grid_has_it(house):
    issue = report(house)
    found = decide(house, issue, "9990010102", layer="community")
    assert [area.code for area in found.chain] == ["999001", "99900101", "9990010102"]
    assert counts(house) == {}
    assert counts(house, "community") == {"9990010102": 1}


def test_an_issue_without_a_place_has_the_owner_that_a_person_names(house):
    told = {"source": "12345", "external_id": "nowhere", "reported_at": "2026-11-20 08:00"}
    issue = house.issues.report(CALLER, told, is_updating=False)["id"]
    assert kept(house, issue)[0] == "unassigned"
    decide(house, issue, C)
    assert kept(house, issue)[:2] == ("decided", C)
    assert counts(house) == {C: 1}
    [row] = house.issues.issues(CALLER, IssueFilter(area=("grid", C))).rows
    assert row["id"] == issue


def test_an_issue_that_somebody_put_somewhere_follows_the_boundaries_there(house):
    told = {"source": "12345", "external_id": "1", "reported_at": "2026-11-20 08:00"}
    issue = house.issues.report(CALLER, told, is_updating=False)["id"]
    lon, lat = center(0, 1)
    house.pointing.point(CALLER, issue, PointedAt(lon, lat, "EPSG:4490", "dispatcher"))
    assert kept(house, issue) == ("assigned", C, ["reported", "reassigned"])
    put(house, without(street_boundaries(), C, keep=A, shape=square(0, 0, 1, 2)), 1)
    assert kept(house, issue)[:2] == ("assigned", A)
    assert is_sound(house)


def test_counts_lists_and_sheets_of_an_area_take_the_decided_one_in(house):
    here, there = report(house, "1"), report(house, "2", at=(1, 0))
    decide(house, here, grid_code(3, 1))  # at the other end of the street
    assert counts(house) == {B: 1, grid_code(3, 1): 1}
    for code, listed in ((A, []), (B, [there]), (grid_code(3, 1), [here])):
        page = house.issues.issues(CALLER, IssueFilter(area=("grid", code)))
        assert [row["id"] for row in page.rows] == listed
    assert house.area_sheets.sheet(CALLER, SheetQuery("grid", grid_code(3, 1))).issues.open == 1


def test_it_stays_while_its_area_lives_and_waits_again_once_that_is_gone(house):
    issue = report(house, at=(3, 1))
    decide(house, issue, B)
    merged = without(street_boundaries(), C, keep=A, shape=square(0, 0, 1, 2))
    put(house, merged, 1)  # another corner of the street: the decision does not notice
    assert kept(house, issue) == ("decided", B, ["reported", "reassigned"])
    assert house.queue.page(CALLER).counts["questioned"] == 0

    grown = shapely.union_all([square(0, 0, 2, 1), square(0, 1)])
    put(house, without(merged, B, keep=A, shape=grown), 2)
    assert kept(house, issue) == ("assigned", grid_code(3, 1), ["reported", *["reassigned"] * 2])
    page = house.queue.page(CALLER, view="questioned")
    assert [(each.row["id"], each.decision) for each in page.issues] == [(issue, "questioned")]
    assert not house.decisions.owner(CALLER, issue).is_standing

    put(house, street_boundaries(), 3)  # the area is back, and so is what was said of it
    assert kept(house, issue)[:2] == ("decided", B)
    assert is_sound(house)


def test_another_place_leaves_the_owner_and_asks_for_another_look(house):
    issue = report(house)
    decide(house, issue, B)
    report(house, at=(3, 0))
    assert kept(house, issue)[:2] == ("decided", B)
    assert house.queue.page(CALLER).counts["questioned"] == 1
    decide(house, issue, B)  # the same owner again: that was the look
    assert house.queue.page(CALLER).counts["questioned"] == 0
    report(house, at=(3, 0), title="又来电催办")  # other news question nothing
    assert house.queue.page(CALLER).counts["questioned"] == 0
    assert is_sound(house)


def test_what_cannot_be_decided_says_why_and_writes_nothing(house):
    issue = report(house)
    with pytest.raises(AreaNotFound):
        decide(house, issue, "nowhere")
    with pytest.raises(InvalidValue, match="layer"):
        decide(house, issue, A, layer="lane")
    with pytest.raises(InvalidValue, match="reason"):
        decide(house, issue, A, reason="随便")
    with pytest.raises(InvalidValue, match="cites"):
        decide(house, issue, A, reason="值班长裁定")
    with pytest.raises(StaleIssue):
        decide(house, issue, A, newest_event=77)
    report(house, status="办结")
    with pytest.raises(IllegalTransition):
        decide(house, issue, B)
    assert kept(house, issue) == ("assigned", A, ["reported", "closed"])


def test_several_issues_are_decided_at_once_and_each_has_its_result(house):
    first, second = report(house, "1"), report(house, "2", at=(1, 1))
    closed = report(house, "3", status="办结")
    asked = DecisionAsked("grid", C, "building", "dispatcher")
    chosen = [(first, None), (closed, None), (second, None), (99, None)]
    results = house.decisions.decide_each(CALLER, chosen, asked)
    assert [type(each).__name__ for each in results] == [
        "IssueOwner",
        "IllegalTransition",
        "IssueOwner",
        "IssueNotFound",
    ]
    assert counts(house)[C] == 2
