"""What the check asks about building lists is put right by one step that lists the buildings."""

import pytest

from geo_service.services.drafts.offers.proposals import FixAsked
from tests.building_lists import QUARTERS, SPOTS, build, drawn_by_lists, numbered
from tests.drafting import NOW, A, B, D, begin
from tests.houses import CALLER, Clock, open_house, publish_street

UNKNOWN, UNLISTED = "building_unknown", "building_unlisted"


@pytest.fixture(name="house")
def _house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    build(house)
    return house


@pytest.fixture(name="draft")
def _draft(house):
    return drawn_by_lists(house)


def lists_of(house, draft):
    """Return the words of the lists, by grid."""
    found = house.building_lists.of_draft(CALLER, draft, "grid")
    return {
        area.code: [each.building for each in area.buildings]
        for area in found
        if area.basis == "list"
    }


def asked(house, draft, *, is_whole=False):
    found = house.draft_publications.check(CALLER, draft, is_whole=is_whole).findings
    return [(each.kind, each.codes[0], each.buildings[0]) for each in found]


def offered(house, draft, finding, *, is_whole=False):
    """Return the fixes of a finding: kind, areas, buildings."""
    position = asked(house, draft, is_whole=is_whole).index(finding)
    seen = house.drafts.draft(CALLER, draft).row.revision
    found = house.draft_proposals.fixes(CALLER, draft, position, seen=seen, is_whole=is_whole)
    return [(fix.kind, [key.code for key in fix.to], fix.buildings) for fix in found]


def take(house, draft, finding, kind, *, is_whole=False, number=0):
    """Do the fix of a kind of a finding, the first or a later one of that kind."""
    fixes = offered(house, draft, finding, is_whole=is_whole)
    at = [i for i, (each, _, _) in enumerate(fixes) if each == kind][number]
    position = asked(house, draft, is_whole=is_whole).index(finding)
    seen = house.drafts.draft(CALLER, draft).row.revision
    return house.draft_proposals.fix(CALLER, draft, FixAsked(position, at, is_whole), seen=seen)


def test_a_building_on_no_list_goes_on_that_of_the_grid_where_it_stands(house, draft):
    # its middle is in A, a fifth of it in B
    build(house, {**SPOTS, "新楼": (0.97, 0.5)})
    finding = (UNLISTED, A, "新楼")
    assert finding in asked(house, draft)
    assert offered(house, draft, finding) == [
        ("enlist", [A], ("新楼",)),
        ("enlist", [B], ("新楼",)),
    ]
    before = lists_of(house, draft)
    step = take(house, draft, finding, "enlist")
    assert lists_of(house, draft) == {**before, A: [*QUARTERS[A], "新楼"]}
    assert [kind for kind, _, _ in asked(house, draft)] == ["building_cut"]
    assert step.touched == {("grid", A)}
    house.drafts.undo(CALLER, draft)
    assert lists_of(house, draft) == before
    # on the other list it is one that does not stand where it is listed, with fixes of its own
    take(house, draft, finding, "enlist", number=1)
    assert lists_of(house, draft) == {**before, B: [*QUARTERS[B], "新楼"]}
    assert ("building_outside", B, "新楼") in asked(house, draft)


def test_all_buildings_on_no_list_go_on_lists_in_one_step(house, draft):
    build(house, {**SPOTS, "甲": (0.5, 0.5), "乙": (1.5, 0.5), "丙": (1.5, 1.5), "丁": (0.5, 0.6)})
    found = asked(house, draft)
    told = [(A, "甲"), (A, "丁"), (B, "乙"), (D, "丙")]
    assert found == [(UNLISTED, code, name) for code, name in told]
    fixes = offered(house, draft, found[2])
    assert fixes == [
        ("enlist", [B], ("乙",)),
        ("enlist_all", [A, B, D], ("甲", "丁", "乙", "丙")),
    ]
    before = lists_of(house, draft)
    step = take(house, draft, found[2], "enlist_all")
    assert lists_of(house, draft) == {
        **before,
        A: [*QUARTERS[A], "甲", "丁"],
        B: [*QUARTERS[B], "乙"],
        D: [*QUARTERS[D], "丙"],
    }
    assert asked(house, draft) == []
    assert len(step.draft.done) == 2


def test_a_word_without_a_building_is_taken_off_the_list(house, draft):
    left = {name: spot for name, spot in SPOTS.items() if name not in numbered(2, 7, 8)}
    build(house, left)
    found = asked(house, draft)
    assert found == [(UNKNOWN, A, "2号楼"), (UNKNOWN, B, "7号楼"), (UNKNOWN, B, "8号楼")]
    assert offered(house, draft, found[0]) == [
        ("strike", [A], ("2号楼",)),
        ("strike_all", [A, B], tuple(numbered(2, 7, 8))),
    ]
    take(house, draft, found[0], "strike")
    assert lists_of(house, draft)[A] == numbered(1, 5, 6)
    assert asked(house, draft) == found[1:]
    take(house, draft, found[1], "strike_all")
    assert lists_of(house, draft)[B] == numbered(3, 4)
    assert asked(house, draft) == []


def test_a_building_with_another_name_takes_the_place_of_the_old_one(house, draft):
    spots = {("二栋" if name == "2号楼" else name): spot for name, spot in SPOTS.items()}
    build(house, spots)
    found = asked(house, draft)
    assert found == [(UNKNOWN, A, "2号楼"), (UNLISTED, A, "二栋")]
    assert offered(house, draft, found[0]) == [
        ("strike", [A], ("2号楼",)),
        ("name_instead", [A], ("二栋",)),
    ]
    take(house, draft, found[0], "name_instead")
    assert lists_of(house, draft)[A] == [*numbered(1, 5, 6), "二栋"]
    assert asked(house, draft) == []


def test_a_word_that_means_several_buildings_is_written_as_the_one_that_is_meant(house, draft):
    # a second 2号楼 in the same grid: the word means either, and nobody lists any
    build(house, {**SPOTS, "2号楼|": (0.5, 0.5)})
    found = asked(house, draft)
    assert [(kind, code) for kind, code, _ in found] == [(UNKNOWN, A), (UNLISTED, A), (UNLISTED, A)]
    names = {name for _, _, name in found[1:]}
    fixes = offered(house, draft, found[0])
    assert {(kind, *words) for kind, _, words in fixes} == {
        ("strike", "2号楼"),
        *(("name_instead", name) for name in names),
    }
    assert [kind for kind, _, _ in fixes][:2] == ["name_instead", "name_instead"]
    take(house, draft, found[0], "name_instead")
    [(kind, code, _)] = asked(house, draft)
    assert (kind, code) == (UNLISTED, A)


def test_lists_that_a_draft_did_not_touch_are_mended_from_the_whole_check(house, draft):
    house.workspace.now_s.now_s += 86_400
    house.draft_publications.publish(CALLER, draft, NOW)
    build(house, {**SPOTS, "新楼": (1.5, 1.5)})
    number, finding = begin(house), (UNLISTED, D, "新楼")
    assert asked(house, number) == []
    assert asked(house, number, is_whole=True) == [finding]
    take(house, number, finding, "enlist", is_whole=True)
    assert asked(house, number, is_whole=True) == []
    [difference] = house.draft_publications.check(CALLER, number).differences
    assert (difference.layer, difference.relisted) == ("grid", [D])
