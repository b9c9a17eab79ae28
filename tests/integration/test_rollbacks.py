"""Taking publications back: what comes back, what is in the way, and what becomes of issues."""

from dataclasses import replace
from itertools import pairwise

import pytest
import shapely

from geo_service.errors import (
    ApprovalMissing,
    EditionNotFound,
    InvalidValue,
    PendingConflict,
    RefusedValue,
    RevertConflict,
)
from geo_service.layers.area import area_set
from geo_service.layers.redraw.asked.operation import MoveJunction
from geo_service.services.callers import SCHEDULE
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from geo_service.storage import editions
from tests.databases import everything
from tests.drafting import at, grid
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
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
from tests.integration.test_decisions import decide, is_sound, kept, report
from tests.integration.test_publications import merged_grids

DAY_S = 86_400
A, B, C = grid_code(0, 0), grid_code(0, 1), grid_code(1, 0)
EAST = grid_code(3, 0), grid_code(3, 1)
WHY = RollbackOptions("画错了")


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def merge(house, keep, gone, shape, **how):
    """Let a grid take over another one in what is in force; return the edition's number."""
    on = content(house, how.pop("of", None))
    latest = len(house.editions.editions(CALLER))
    merged = merged_grids(on, keep, gone, shape)
    return publish_areas(house, merged, on=latest, **how).number


def merge_west(house, **how):
    return merge(house, A, B, square(0, 0, 1, 2), **how)


def merge_east(house, **how):
    return merge(house, *EAST, square(3, 0, 1, 2), **how)


def content(house, number=None):
    with house.workspace.database.read() as connection:
        number = number or house.workspace.governing(connection).number
        return editions.read_boundaries(connection, number)


def hashes(house):
    return {each.number: each.content_hash for each in house.editions.editions(CALLER)}


def test_restoring_an_edition_publishes_all_of_it_again(house):
    merge_west(house)
    merge_east(house)
    done = house.rollbacks.restore(CALLER, 1, WHY)
    assert (done.edition.number, hashes(house)[4]) == (4, hashes(house)[1])
    assert done.edition.reason == "恢复第 1 版 / restore 1：画错了"
    [grids] = done.differences
    assert (grids.added, grids.changed) == ([B, EAST[1]], [A, EAST[0]])
    assert is_sound(house)


def test_restoring_what_stands_publishes_nothing_so_that_twice_is_once(house):
    merge_west(house)
    assert house.rollbacks.restore(CALLER, 1, WHY).edition.number == 3
    again = house.rollbacks.restore(CALLER, 1, WHY)
    assert (again.is_needed, again.edition, again.governing) == (False, None, 3)
    assert len(hashes(house)) == 3


def test_reverting_undoes_one_edition_and_leaves_the_later_ones(house):
    number = merge_west(house)
    merge_east(house)
    done = house.rollbacks.revert(CALLER, number, WHY)
    grids = content(house)["grid"]
    assert {A, B, EAST[0]} <= set(grids.codes)
    assert EAST[1] not in grids.codes
    assert done.edition.reason == "撤回第 2 版 / revert 2：画错了"
    again = house.rollbacks.revert(CALLER, number, WHY)
    assert (again.is_needed, again.edition) == (False, None)
    lineage = house.crosswalks.lineage(CALLER, done.edition.number).rows
    assert {(row.old_code, row.new_code, row.kind) for row in lineage} == {
        (A, A, "resized"),
        (A, B, "split"),
    }
    assert is_sound(house)


def test_a_revert_may_itself_be_reverted(house):
    merge_west(house)
    house.rollbacks.revert(CALLER, 2, WHY)
    house.rollbacks.revert(CALLER, 3, WHY)
    assert hashes(house)[4] == hashes(house)[2]


def test_what_was_changed_again_since_is_named_and_nothing_is_stored(house, tmp_path):
    number = merge_west(house)
    merge(house, A, C, shapely.union(square(0, 0, 1, 2), square(1, 0)))
    before = everything(tmp_path)
    with pytest.raises(RevertConflict) as caught:
        house.rollbacks.revert(CALLER, number, WHY)
    assert caught.value.areas == [f"grid/{A}"]
    assert everything(tmp_path) == before


def test_ground_that_somebody_else_took_since_is_in_the_way(house):
    street = street_boundaries()

    def without_the_east(extra=None):
        found = {}
        for name, areas in street.items():
            keep = [i for i, code in enumerate(areas.codes) if not code.startswith("9990010102")]
            shapes = [shapely.intersection(areas.geometries[i], square(0, 0, 2, 2)) for i in keep]
            kept = areas.take(keep)
            found[name] = area_set(
                name,
                codes=(*kept.codes, *((f"新{name}",) if extra else ())),
                parents=(*kept.parents, *((extra.get(name),) if extra else ())),
                geometries=[*shapes, *((square(2, 0, 2, 2),) if extra else ())],
            )
        return found

    left = publish_areas(house, without_the_east(), on=1).number
    above = {"street": "新district", "community": "新street", "grid": "新community"}
    publish_areas(house, without_the_east({"district": None, **above}), on=2)
    with pytest.raises(RevertConflict) as caught:
        house.rollbacks.revert(CALLER, left, WHY)
    assert "district/新district" in caught.value.areas


def split(boundaries, code, west_code, east_code, at):
    """Cut a grid at a longitude between its corners, with the nodes in all rings that pass it."""
    content = {}
    west, south, east, north = (
        boundaries["grid"].geometries[boundaries["grid"].position_by_code[code]].bounds
    )
    ends = [(at, south), (at, north)]
    for name, areas in boundaries.items():
        content[name] = areas.with_geometries(areas.geometries.copy())
        for i, shape in enumerate(areas.geometries):
            content[name].geometries[i] = noded(shape, ends)
    grids = content["grid"]
    where = grids.position_by_code[code]
    left = grids.take([i for i in range(len(grids)) if i != where])
    halves = [shapely.box(west, south, at, north), shapely.box(at, south, east, north)]
    grid = area_set(
        "grid",
        codes=(*left.codes, west_code, east_code),
        names=(*left.names, "西半", "东半"),
        parents=(*left.parents, *[grids.parents[where]] * 2),
        geometries=[*left.geometries, *halves],
    )
    return {**content, "grid": grid}


def noded(shape, places):
    """Return a polygon with a node at each of the places that lie on its outline."""
    ring = list(shape.exterior.coords)
    for place in places:
        for i, (a, b) in enumerate(pairwise(ring)):
            if (
                place not in (a, b)
                and shapely.LineString([a, b]).distance(shapely.Point(place)) == 0
            ):
                ring.insert(i + 1, place)
                break
    return shapely.Polygon(ring)


def test_nodes_that_a_later_edition_put_on_shared_borders_are_not_in_the_way(house):
    # both cuts end on the outer border, so that community, street and district get nodes of both
    first = split(content(house), A, "a1", "a2", WEST + 0.5 * STEP)
    publish_areas(house, first, on=1)
    second = split(content(house), EAST[0], "e1", "e2", WEST + 3.5 * STEP)
    publish_areas(house, second, on=2)
    done = house.rollbacks.revert(CALLER, 2, WHY)
    grids = content(house)["grid"]
    assert A in grids.codes
    assert {"e1", "e2"} <= set(grids.codes)
    assert not {"a1", "a2"} & set(grids.codes)
    rows = house.crosswalks.lineage(CALLER, done.edition.number).rows
    assert {(row.layer, row.old_code, row.new_code) for row in rows} == {
        ("grid", "a1", A),
        ("grid", "a2", A),
    }
    back = house.crosswalks.crosswalk(CALLER, 1, done.edition.number, "grid")
    assert [row.new_code for row in back.changes] == ["e1", "e2"]
    assert is_sound(house)


def test_the_first_edition_and_one_that_is_not_there_cannot_be_taken_back(house):
    with pytest.raises(InvalidValue):
        house.rollbacks.revert(CALLER, 1, WHY)
    for act in (house.rollbacks.revert, house.rollbacks.restore):
        with pytest.raises(EditionNotFound):
            act(CALLER, 7, WHY)
    merge_west(house)
    with pytest.raises(RefusedValue):
        house.rollbacks.restore(CALLER, 1, RollbackOptions("\0"))
    with pytest.raises(InvalidValue):
        house.rollbacks.restore(CALLER, 2, RollbackOptions("早", effective_from_s=LONG_AGO_S))


def test_a_pending_edition_is_taken_back_from_the_moment_it_would_take_effect(house):
    clock = house.workspace.now_s
    pending = merge_west(house, effective_from_s=NOW_S + DAY_S)
    done = house.rollbacks.revert(CALLER, pending, WHY)
    assert done.edition.effective_from_s == NOW_S + DAY_S
    clock.now_s = NOW_S + 2 * DAY_S
    assert B in content(house)["grid"].codes


def test_pending_editions_are_carried_onto_what_is_restored_or_are_in_the_way(house):
    merge_east(house)
    merge_west(house, effective_from_s=NOW_S + DAY_S)
    done = house.rollbacks.restore(CALLER, 1, WHY)
    assert (done.edition.number, done.carried) == (4, [3])
    later = content(house, 5)["grid"].codes
    assert EAST[1] in later
    assert B not in later
    wide = shapely.union(square(3, 0, 1, 2), square(2, 0))
    merge(house, EAST[0], EAST[1], square(3, 0, 1, 2))
    latest = len(hashes(house))
    merged = merged_grids(content(house), EAST[0], grid_code(2, 0), wide)
    publish_areas(house, merged, on=latest, effective_from_s=NOW_S + 2 * DAY_S)
    for options in (WHY, RollbackOptions("看看", is_dry_run=True)):
        with pytest.raises(PendingConflict):
            house.rollbacks.restore(CALLER, 1, options)


def test_two_publications_that_fit_area_by_area_and_not_as_a_whole_are_a_conflict(house):
    # both take the same square from the same grid, one for its neighbor, one for a new grid
    corner = square(1, 0)
    grown = merged_grids(street_boundaries(), A, C, shapely.union(square(0, 0), corner))
    publish_areas(house, grown, on=1, effective_from_s=NOW_S + DAY_S)
    taken = merged_grids(
        street_boundaries(), grid_code(1, 1), C, shapely.union(square(1, 1), corner)
    )
    with pytest.raises(PendingConflict) as caught:
        publish_areas(house, taken, on=2)
    assert {f"grid/{A}", f"grid/{grid_code(1, 1)}"} <= set(caught.value.areas)


def test_a_dry_run_says_what_it_would_do_and_changes_nothing(house, tmp_path):
    issue = report(house, at=(0, 1))
    merge_west(house)
    before = everything(tmp_path)
    told = house.rollbacks.restore(CALLER, 1, RollbackOptions("看看", is_dry_run=True))
    assert everything(tmp_path) == before
    assert (told.is_dry_run, told.is_needed, told.edition) == (True, True, None)
    assert (told.issues.reassigned, told.issues.returned) == (1, None)
    assert kept(house, issue)[1] == A


@pytest.mark.parametrize("act", ["restore", "revert"])
def test_issues_go_back_and_those_that_somebody_handled_since_are_listed(house, act):
    untouched = report(house, "1", at=(0, 1))
    decided = report(house, "2", at=(0, 1))
    elsewhere = report(house, "3", at=(3, 1))
    number = merge_west(house)
    assert [kept(house, each)[1] for each in (untouched, decided)] == [A, A]
    decide(house, decided, A)
    done = getattr(house.rollbacks, act)(CALLER, 1 if act == "restore" else number, WHY)
    assert [kept(house, each)[1] for each in (untouched, decided, elsewhere)] == [B, A, EAST[1]]
    assert (done.issues.reassigned, done.issues.returned) == (2, 1)
    [touched] = done.issues.touched
    assert (touched.issue_id, touched.what, touched.owner) == (decided, "decided", ("grid", A))
    assert is_sound(house)


def test_a_rollback_that_takes_effect_later_moves_issues_then(house):
    issue = report(house, at=(0, 1))
    merge_west(house)
    options = RollbackOptions("月底", effective_from_s=NOW_S + DAY_S)
    done = house.rollbacks.restore(CALLER, 1, options)
    assert (done.issues.reassigned, done.issues.returned) == (1, None)
    assert kept(house, issue)[1] == A
    house.workspace.now_s.now_s = NOW_S + DAY_S
    house.schedule.apply_due_editions(SCHEDULE)
    assert kept(house, issue)[1] == B


def test_a_statutory_border_goes_back_only_with_an_approval(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    approval = {"authority": "示例区人民政府", "document": "示政〔2026〕9号", "date": "2026-11-20"}
    draft = house.drafts.begin(CALLER, "社区调整").id
    house.drafts.perform(CALLER, draft, MoveJunction(grid(C), at(2, 1), at(2.2, 1)))
    asked = PublicationAsked("社区调整", approval=approval)
    house.draft_publications.publish(CALLER, draft, asked)
    for act in (house.rollbacks.revert, house.rollbacks.restore):
        number = 2 if act == house.rollbacks.revert else 1
        with pytest.raises(ApprovalMissing):
            act(CALLER, number, WHY)
    assert house.rollbacks.revert(CALLER, 2, replace(WHY, is_dry_run=True)).is_needed
    done = house.rollbacks.revert(CALLER, 2, replace(WHY, approval=approval))
    assert done.edition.reason.endswith(
        "（批准 approved: 示例区人民政府 示政〔2026〕9号 2026-11-20）"
    )
