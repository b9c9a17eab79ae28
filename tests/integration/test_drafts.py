"""A draft holds what was drawn, through undo and restarts; and becomes one edition, or nothing."""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
import shapely

from geo_service.errors import (
    ApprovalMissing,
    CodeRetired,
    DraftClosed,
    DraftNotFound,
    DraftOvertaken,
    EmptyDraft,
    InvalidValue,
    NothingToUndo,
    RebaseConflict,
    RefusedValue,
    StaleDraft,
    StaleEdition,
    TopologyBroken,
    UnknownArea,
    UnknownBorder,
)
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked.operation import (
    Add,
    GiveGap,
    Merge,
    MoveJunction,
    Rename,
    Reshape,
    Retire,
)
from geo_service.services.drafts.drafts import DraftNote
from geo_service.services.drafts.publishing import PublicationAsked
from tests.drafting import (
    NOW,
    A,
    B,
    C,
    D,
    across,
    at,
    begin,
    content,
    grid,
    outlines,
    reopened,
    stored,
)
from tests.houses import CALLER, NOW_S, Clock, open_house, publish_street, square
from tests.replays import report

EAST = "9990010102"
EAST_KEY = AreaKey("community", EAST)
APPROVED = PublicationAsked(
    "社区调整",
    consulted="两社区居委会",
    approval={"authority": "示例区人民政府", "document": "示政〔2026〕8号", "date": "2026-11-20"},
)


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    return house


def owner(house, issue):
    [own] = house.issues.issue(CALLER, issue)["assignments"]
    return own["links"][-1][1]


def test_what_is_drawn_is_in_force_at_once_and_open_issues_follow(house):
    west, east = (report(house, name, cell=(0, 0)) for name in "12")
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(x=0.75, keep=at(0.9, 0.5), codes=("N1",)))
    edition = house.draft_publications.publish(CALLER, draft, NOW)
    assert edition.number == 2
    found = outlines(house, "grid")
    # cut at three quarters: the part with the middle of the grid is N1, the kept code lies east
    assert found["N1"].equals(shapely.box(*at(0, 0), *at(0.75, 1)))
    assert found[A].equals(shapely.box(*at(0.75, 0), *at(1, 1)))
    assert [owner(house, issue) for issue in (west, east)] == ["N1", "N1"]
    assert house.drafts.draft(CALLER, draft).row.edition == 2


def test_neighbors_and_parents_get_the_new_nodes_and_others_keep_their_bits(house):
    before = outlines(house, "grid") | outlines(house, "community")
    draft = begin(house)
    step = house.drafts.perform(CALLER, draft, across())
    touched = {code for areas in step.areas.values() for code in areas.codes}
    # the cut ends in the southern rim and in the border to the north
    assert touched == {"N1", "N2", C, "9990010101", "99900101", "999001"}
    assert step.ended == [("grid", A)]
    house.draft_publications.publish(CALLER, draft, NOW)
    after = outlines(house, "grid") | outlines(house, "community")
    for code in before.keys() - touched - {A}:
        assert after[code].wkb == before[code].wkb
    assert len(after[C].exterior.coords) == len(before[C].exterior.coords) + 1


def test_undo_and_redo_give_back_the_very_bytes_after_a_restart_too(house, tmp_path):
    draft = begin(house)
    border = house.drafts.borders(CALLER, draft, [grid(B)])[0]
    steps = [
        across(),
        Merge((grid("N1"), grid("N2")), "N3", "新网格"),
        MoveJunction(grid("N3"), at(1, 1), at(1.1, 1.05)),
        Rename(grid(D), name="改名"),
    ]
    assert border.name  # a border has a name before anything is drawn
    states = [content(house, draft)]
    for operation in steps:
        house.drafts.perform(CALLER, draft, operation)
        states.append(content(house, draft))
    assert len({str(sorted(state.items())) for state in states}) == len(states)
    house = reopened(house, tmp_path)
    for expected in states[-2::-1]:
        house.drafts.undo(CALLER, draft)
        assert content(house, draft) == expected
    with pytest.raises(NothingToUndo):
        house.drafts.undo(CALLER, draft)
    house = reopened(house, tmp_path)
    for expected in states[1:]:
        house.drafts.redo(CALLER, draft)
        assert content(house, draft) == expected
    with pytest.raises(NothingToUndo):
        house.drafts.redo(CALLER, draft)


def test_a_new_operation_ends_what_could_be_done_again(house):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across())
    house.drafts.undo(CALLER, draft)
    house.drafts.perform(CALLER, draft, Rename(grid(A), name="改名"))
    found = house.drafts.draft(CALLER, draft)
    assert (found.can_undo, found.can_redo) == (True, False)
    assert [step.kind for step in found.near] == ["rename"]
    every = house.drafts.operations(CALLER, draft).rows
    assert [step.state for step in every] == ["dropped", "done"]


def test_two_planners_meet_only_where_they_touch_the_same_areas(house):
    draft = begin(house)
    seen = house.drafts.draft(CALLER, draft).row.revision
    house.drafts.perform(CALLER, draft, Rename(grid(A), name="甲"), seen=seen)
    house.drafts.perform(CALLER, draft, Rename(grid(B), name="乙"), seen=seen)
    with pytest.raises(StaleDraft) as refused:
        house.drafts.perform(CALLER, draft, Rename(grid(A), name="丙"), seen=seen)
    assert refused.value.areas == [f"grid/{A}"]
    with pytest.raises(StaleDraft):
        house.drafts.undo(CALLER, draft, seen=seen)
    names = {row[0] for row in content(house, draft).values()}
    assert {"甲", "乙"} <= names
    assert "丙" not in names


def test_operations_at_once_are_all_done_or_refused_and_none_is_lost(house):
    draft, gate, done = begin(house), Barrier(4), []

    def draw(code):
        gate.wait()
        house.drafts.perform(CALLER, draft, Rename(grid(code), name=f"改{code}"))
        done.append(code)

    threads = [Thread(target=draw, args=(code,)) for code in (A, B, C, D)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted([A, B, C, D])
    names = {row[0] for row in content(house, draft).values()}
    assert {f"改{code}" for code in done} <= names
    assert house.drafts.draft(CALLER, draft).row.revision == 4


def test_a_border_that_was_handed_out_can_be_drawn_in_either_direction(house, tmp_path):
    draft = begin(house)
    middle = {at(1, 0), at(1, 1)}
    [border] = [
        each
        for each in house.drafts.borders(CALLER, draft, [grid(A), grid(B)])
        if {tuple(each.places[0]), tuple(each.places[-1])} == middle
    ]
    assert {key.code for key in (*border.left, *border.right)} == {A, B}
    house = reopened(house, tmp_path)
    line = (at(1, 1), at(1.25, 0.5), at(1, 0))
    house.drafts.perform(CALLER, draft, Reshape(grid(A), border.name, line))
    house.draft_publications.publish(CALLER, draft, NOW)
    found = outlines(house, "grid")
    # a triangle of base 1 and height 1/4 went from B to A
    assert found[A].area / found[B].area == pytest.approx(1.125 / 0.875)
    with pytest.raises(DraftClosed):
        house.drafts.perform(CALLER, draft, Reshape(grid(A), border.name, line))
    with pytest.raises(UnknownBorder):
        house.drafts.perform(CALLER, begin(house), Reshape(grid(A), border.name, line))


def test_a_draft_follows_its_base_where_others_changed_other_areas(house):
    mine, theirs = begin(house), begin(house)
    house.drafts.perform(CALLER, mine, Rename(grid(A), name="甲"))
    house.drafts.perform(CALLER, theirs, Rename(grid(D), name="丁"))
    house.draft_publications.publish(CALLER, theirs, NOW)
    with pytest.raises(DraftOvertaken):
        house.draft_publications.publish(CALLER, mine, NOW)
    assert house.draft_publications.rebase(CALLER, mine).row.base_edition == 2
    house.draft_publications.publish(CALLER, mine, NOW)
    final = stored(house, 3)
    assert (final["grid", A][0], final["grid", D][0]) == ("甲", "丁")


def test_a_draft_that_met_another_on_the_same_area_stays_as_it_was(house):
    mine, theirs = begin(house), begin(house)
    house.drafts.perform(CALLER, mine, Rename(grid(A), name="甲"))
    house.drafts.perform(CALLER, theirs, Rename(grid(A), name="丁"))
    house.draft_publications.publish(CALLER, theirs, NOW)
    before = content(house, mine)
    with pytest.raises(RebaseConflict) as refused:
        house.draft_publications.rebase(CALLER, mine)
    assert refused.value.areas == [f"grid/{A}"]
    assert content(house, mine) == before
    house.drafts.undo(CALLER, mine)
    house.drafts.perform(CALLER, mine, Rename(grid(B), name="乙"))
    assert house.draft_publications.rebase(CALLER, mine).row.base_edition == 2


def test_a_draft_with_a_gap_is_not_published_and_says_where_it_is(house):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Retire(grid(A)))
    check = house.draft_publications.check(CALLER, draft)
    assert [each.kind for each in check.defects] == ["gap"]
    assert check.defects[0].area_m2 == pytest.approx(10_200, rel=0.01)  # 94.2 m × 108.3 m
    assert not check.is_publishable
    whole = house.draft_publications.check(CALLER, draft, is_whole=True)
    assert [(each.kind, each.codes) for each in whole.defects] == [
        (each.kind, each.codes) for each in check.defects
    ]
    with pytest.raises(TopologyBroken):
        house.draft_publications.publish(CALLER, draft, NOW)
    house.drafts.perform(CALLER, draft, GiveGap(grid(B), at(0.5, 0.5)))
    assert house.draft_publications.check(CALLER, draft).is_publishable
    assert house.draft_publications.publish(CALLER, draft, NOW).number == 2


def test_an_empty_draft_and_one_put_aside_are_not_published(house):
    draft = begin(house)
    with pytest.raises(EmptyDraft):
        house.draft_publications.publish(CALLER, draft, NOW)
    house.drafts.perform(CALLER, draft, Rename(grid(A), name="甲"))
    house.drafts.perform(CALLER, draft, Rename(grid(A), name="第1网格"))
    with pytest.raises(EmptyDraft):
        house.draft_publications.publish(CALLER, draft, NOW)
    house.drafts.discard(CALLER, draft)
    for refused in (
        lambda: house.drafts.undo(CALLER, draft),
        lambda: house.drafts.note(CALLER, draft, DraftNote("又")),
        lambda: house.draft_publications.publish(CALLER, draft, NOW),
    ):
        with pytest.raises(DraftClosed):
            refused()
    assert len(house.editions.editions(CALLER)) == 1


def test_publishing_twice_is_one_publication_at_the_same_moment_too(house):
    draft, gate, found = begin(house), Barrier(2), []
    house.drafts.perform(CALLER, draft, across())

    def publish():
        gate.wait()
        found.append(house.draft_publications.publish(CALLER, draft, NOW).number)

    threads = [Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2, 2]
    assert house.draft_publications.publish(CALLER, draft, NOW).number == 2
    assert len(house.editions.editions(CALLER)) == 2


def test_of_two_drafts_published_at_the_same_moment_one_is_told_to_look_again(house):
    gate, results = Barrier(2), []
    drafts = [begin(house) for _ in range(2)]
    for draft, code in zip(drafts, (A, D), strict=True):
        house.drafts.perform(CALLER, draft, Rename(grid(code), name="改"))

    def publish(draft):
        gate.wait()
        try:
            results.append(house.draft_publications.publish(CALLER, draft, NOW).number)
        except (StaleEdition, DraftOvertaken) as refused:
            results.append(type(refused))

    threads = [Thread(target=publish, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 in results
    assert len(house.editions.editions(CALLER)) == 2


def test_a_scheduled_draft_takes_effect_by_itself(house):
    issue = report(house, "1", cell=(0, 0))
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Merge((grid(A), grid(B)), B))
    asked = PublicationAsked("下周一起", effective_from_s=NOW_S + 86_400)
    house.draft_publications.publish(CALLER, draft, asked)
    house.schedule.apply_due_editions(CALLER)
    assert owner(house, issue) == A
    house.workspace.now_s.now_s = NOW_S + 86_400
    house.schedule.apply_due_editions(CALLER)
    assert owner(house, issue) == B


def test_a_draft_may_correct_the_past_on_the_edition_that_was_in_force_then(house):
    day_s = 86_400
    first, second = begin(house), begin(house)
    house.drafts.perform(CALLER, first, Rename(grid(D), name="丁"))
    house.draft_publications.publish(CALLER, first, NOW)
    house.drafts.perform(CALLER, second, Rename(grid(A), name="甲"))
    past = PublicationAsked("当时就错了", effective_from_s=NOW_S - day_s)
    with pytest.raises(InvalidValue):
        house.draft_publications.publish(CALLER, second, past)
    corrected = house.draft_publications.publish(CALLER, second, replace(past, is_correction=True))
    # the edition of today still holds the old name, and is told
    assert [later.edition for later in corrected.uncorrected] == [2]
    assert stored(house, corrected.number)["grid", A][0] == "甲"


def test_a_statutory_border_is_published_with_its_approval_and_a_managed_one_without(house):
    managed = begin(house)
    house.drafts.perform(CALLER, managed, across())
    # the community gained a node on its own border: it is not another border
    assert house.draft_publications.check(CALLER, managed).needs_approval == []
    house.draft_publications.publish(CALLER, managed, NOW)

    moved = begin(house)
    house.drafts.perform(CALLER, moved, MoveJunction(grid(B), at(2, 1), at(2.2, 1)))
    [needed] = house.draft_publications.check(CALLER, moved).needs_approval
    assert (needed.layer, needed.changed) == ("community", ["9990010101", EAST])
    with pytest.raises(ApprovalMissing) as refused:
        house.draft_publications.publish(CALLER, moved, NOW)
    assert refused.value.areas == ["9990010101", EAST]
    assert house.draft_publications.publish(CALLER, moved, APPROVED).number == 3
    row = house.drafts.draft(CALLER, moved).row
    assert (row.approval, row.consulted) == (APPROVED.approval, "两社区居委会")


def test_a_code_that_was_retired_is_not_given_again_in_this_draft_or_after(house, tmp_path):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across())
    house = reopened(house, tmp_path)
    with pytest.raises(CodeRetired):
        house.drafts.perform(CALLER, draft, Rename(grid("N1"), code=A))
    house.drafts.perform(CALLER, draft, Rename(grid("N1"), code="N9"))
    house = reopened(house, tmp_path)
    with pytest.raises(CodeRetired):
        house.drafts.perform(CALLER, draft, Rename(grid("N2"), code="N1"))
    house.draft_publications.publish(CALLER, draft, NOW)
    with pytest.raises(CodeRetired):
        house.drafts.perform(CALLER, begin(house), Rename(grid("N2"), code=A))


def test_children_of_a_recoded_parent_are_stored_with_its_new_code(house, tmp_path):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Rename(EAST_KEY, code="9990010109"))
    house = reopened(house, tmp_path)
    house.draft_publications.publish(CALLER, draft, APPROVED)
    parents = {row[1] for (layer, _), row in stored(house, 2).items() if layer == "grid"}
    assert parents == {"9990010101", "9990010109"}


def test_what_is_not_there_is_said(house):
    with pytest.raises(DraftNotFound):
        house.drafts.draft(CALLER, 7)
    draft = begin(house)
    with pytest.raises(UnknownArea):
        house.drafts.borders(CALLER, draft, [grid("no such")])
    with pytest.raises(UnknownArea):
        house.drafts.perform(CALLER, draft, Rename(grid("no such"), name="甲"))
    outline = tuple(square(9, 9).exterior.coords)
    with pytest.raises(UnknownArea):
        house.drafts.perform(CALLER, draft, Add(grid("X")._replace(layer="lane"), outline))
    with pytest.raises(InvalidValue):
        house.drafts.begin(CALLER, " ")
    with pytest.raises(RefusedValue):
        house.drafts.note(CALLER, draft, DraftNote("\0"))
    assert house.drafts.draft(CALLER, draft).row.revision == 0
