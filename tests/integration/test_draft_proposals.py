"""What a planner is offered: codes for the parts of a line, fixes, buildings, and the impact."""

import numpy as np
import pytest
import shapely

from geo_service.errors import InvalidValue, StaleDraft
from geo_service.layers.redraw.asked.operation import Merge, Retire
from geo_service.services.drafts.offers.proposals import Chosen, FixAsked
from geo_service.services.impact.look import ImpactOptions
from geo_service.storage.references import replace_references
from tests.drafting import NOW, A, B, C, across, at, begin, content, grid, outlines
from tests.houses import CALLER, Clock, open_house, publish_street
from tests.replays import report


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    return house


def revision(house, draft):
    return house.drafts.draft(CALLER, draft).row.revision


def test_the_parts_of_a_line_get_the_next_codes_of_those_beside(house):
    draft = begin(house)
    line = (at(0.25, -0.5), at(0.25, 1.5))
    found = house.draft_proposals.pieces(CALLER, draft, grid(A), line)
    # below the western community are 999001010101, …02, …05 and …06: after the highest, west first
    assert dict(zip(found.codes, (shape.bounds[0] for shape in found.outlines), strict=True)) == {
        "999001010107": at(0, 0)[0],
        "999001010108": at(0.25, 0)[0],
    }
    assert revision(house, draft) == 0


def test_a_gap_is_filled_by_a_fix_as_one_step(house):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Retire(grid(A)))
    fixes = house.draft_proposals.fixes(CALLER, draft, 0, seen=1)
    # the side to the east is the longer one: a degree of longitude is cos 30° of one of latitude
    assert [(fix.kind, fix.to[0].code) for fix in fixes] == [("give_gap", B), ("give_gap", C)]
    done = house.draft_proposals.fix(CALLER, draft, FixAsked(0, 0), seen=1)
    assert done.state.findings == []
    assert [step.kind for step in done.draft.near] == ["retire", "fix"]
    house.drafts.undo(CALLER, draft)
    with pytest.raises(StaleDraft):
        house.draft_proposals.fix(CALLER, draft, FixAsked(0, 0), seen=1)
    for asked in ((0, 9), (9, 0)):
        with pytest.raises(InvalidValue):
            house.draft_proposals.fix(CALLER, draft, FixAsked(*asked), seen=revision(house, draft))


def test_buildings_go_to_the_neighbor_with_their_ground(house):
    # two rows of small houses in A; the two beside the border to B move
    spots = [(x, y) for x in (0.25, 0.75) for y in (0.25, 0.75)]
    shapes = [shapely.box(*at(x - 0.05, y - 0.05), *at(x + 0.05, y + 0.05)) for x, y in spots]
    with house.workspace.database.write() as connection:
        geometries = np.array(shapes, dtype=object)
        names = ["", "", "3号", "3号"]
        replace_references(connection, kind="building", names=names, geometries=geometries)
    draft = begin(house)
    outline = (at(0.6, 0.1), at(0.9, 0.1), at(0.9, 0.9), at(0.6, 0.9))
    house.draft_proposals.move_buildings(CALLER, draft, grid(A), grid(B), Chosen(outline))
    house.draft_publications.publish(CALLER, draft, NOW)
    found = outlines(house, "grid")
    assert [found[A].contains(shape) for shape in shapes] == [True, True, False, False]
    assert [found[B].contains(shape) for shape in shapes] == [False, False, True, True]
    [step] = house.drafts.operations(CALLER, draft).rows
    # two of one name are told apart by where they stand
    assert step.asked["moved"] == [
        f"3号@{lon:.6f},{lat:.6f}" for lon, lat in (at(0.75, 0.25), at(0.75, 0.75))
    ]
    nobody = (at(0.4, 0.4), at(0.45, 0.4), at(0.45, 0.45))
    with pytest.raises(InvalidValue):
        house.draft_proposals.move_buildings(CALLER, begin(house), grid(A), grid(B), Chosen(nobody))
    with pytest.raises(InvalidValue):
        house.draft_proposals.move_buildings(
            CALLER, begin(house), grid(A), grid(B), Chosen(outline[:2])
        )


def test_what_a_draft_would_change_is_what_its_publication_changes(house):
    issues = [report(house, name, cell=cell) for name, cell in (("1", (0, 0)), ("2", (2, 0)))]
    draft = begin(house)
    assert house.draft_impact.impact(CALLER, draft, ImpactOptions()).layers == []
    house.drafts.perform(CALLER, draft, Merge((grid(A), grid(B)), B))
    found = house.draft_impact.impact(CALLER, draft, ImpactOptions())
    [layer] = found.layers
    assert {area.code for area in layer.areas} == {A, B}
    assert [change.issue_id for change in found.owners.listed] == issues[:1]
    house.draft_publications.publish(CALLER, draft, NOW)
    [own] = house.issues.issue(CALLER, issues[0])["assignments"]
    assert own["links"][-1][1] == B == found.owners.listed[0].new[1]


def test_a_step_that_was_proposed_is_kept_as_any_other(house):
    draft = begin(house)
    line = (at(0.5, -0.25), at(0.5, 1.25))
    codes = tuple(house.draft_proposals.pieces(CALLER, draft, grid(A), line).codes)
    house.drafts.perform(CALLER, draft, across(codes=codes))
    before = content(house, draft)
    house.drafts.undo(CALLER, draft)
    house.drafts.redo(CALLER, draft)
    assert content(house, draft) == before
