"""Grids that are defined by their building lists: derived, moved, published, taken back."""

import pytest
import shapely

from geo_service.errors import (
    BuildingsNotInArea,
    MissingColumn,
    NothingLeft,
    UnfitBuildingLists,
)
from geo_service.layers.edition import EditionChoice
from geo_service.layers.preparation import Plan
from geo_service.layers.redraw.asked.operation import Give, Merge, Rename
from geo_service.services.addresses.lists import PlaceFileOptions
from geo_service.services.boundaries.tables import TablesAsked
from geo_service.services.building_lists.plans import DeriveOptions
from geo_service.services.building_lists.rows import ListRow
from geo_service.services.databases.copies import copy_database
from geo_service.services.drafts.offers.proposals import Chosen, FixAsked
from geo_service.services.rollbacks.rollbacks import RollbackOptions
from tests.building_lists import COMMUNITY, SPOTS, build, middle, numbered, write_lists
from tests.databases import database_url
from tests.drafting import NOW, A, B, C, D, across, at, begin, content, grid, outlines, reopened
from tests.full_houses import content as everything_in
from tests.houses import CALLER, Clock, open_house, publish_street

ROWS = {
    A: numbered(1, 2, 3, 4),
    B: numbered(5, 6, 7, 8),
    C: numbered(9, 10, 11, 12),
    D: numbered(13, 14, 15, 16),
}
"""Each grid a row of houses, where the ground was four quarters."""
DAY_S = 86_400
GRID = DeriveOptions("grid")


@pytest.fixture(name="house")
def _house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    build(house)
    return house


def derive(house, lists, draft=None, **options):
    """Derive grids in a draft, a new one without a number; return the draft's number."""
    number = begin(house) if draft is None else draft
    rows = [ListRow(0, code, name) for code, names in lists.items() for name in names]
    options = DeriveOptions("grid", **options)
    house.draft_derivations.derive(CALLER, number, rows, options)
    return number


def publish(house, draft):
    house.workspace.now_s.now_s += DAY_S
    return house.draft_publications.publish(CALLER, draft, NOW).number


def listed(house, number, code):
    """Return the basis and the buildings of a grid in an edition, by when it was known."""
    [edition] = [e for e in house.editions.editions(CALLER) if e.number == number]
    moment = edition.effective_from_s
    choice = EditionChoice(as_of_s=moment, known_at_s=edition.published_at_s)
    found, told = house.building_lists.of_area(CALLER, "grid", code, choice=choice)
    assert found.number == number
    return told.basis, [each.building for each in told.buildings]


def drafted(house, draft, code):
    [told] = house.building_lists.of_draft(CALLER, draft, "grid", code)
    return told.basis, [each.building for each in told.buildings]


def asked(house, draft, **how):
    """Return what a check asks about buildings off their lists; no border cuts any."""
    found = house.draft_publications.check(CALLER, draft, **how)
    assert found.defects == []
    return [each for each in found.findings if each.kind.startswith("building")]


def faults(caught):
    return [(each["row"], each["field"], each["reason"]["zh"]) for each in caught.value.faults]


def test_lists_become_grids_move_are_published_and_taken_back(house, tmp_path):
    draft = begin(house)
    path = write_lists(tmp_path / "楼栋清单.csv", ROWS)
    house.draft_derivations.derive_file(CALLER, draft, path, GRID)
    house.draft_proposals.move_buildings(
        CALLER, draft, grid(A), grid(B), Chosen(words=numbered(3, 4))
    )
    first = publish(house, draft)
    moved = {**ROWS, A: numbered(1, 2), B: [*ROWS[B], *numbered(3, 4)]}
    grids = outlines(house, "grid", first)
    for code, names in moved.items():
        assert listed(house, first, code) == ("list", names)
        assert all(grids[code].contains(middle(SPOTS[name])) for name in names)
    own = [grids[code] for code in moved]
    community = outlines(house, "community", first)[COMMUNITY]
    assert shapely.coverage_is_valid(own)
    assert shapely.coverage_union_all(own).normalize().equals(community)
    assert listed(house, 1, A) == ("ground", numbered(1, 2, 5, 6))
    house.workspace.now_s.now_s += DAY_S
    options = RollbackOptions("恢复原划分")
    back = house.rollbacks.revert(CALLER, first, options).edition.number
    assert listed(house, back, A) == ("ground", numbered(1, 2, 5, 6))
    again = house.rollbacks.restore(CALLER, first, options).edition.number
    assert listed(house, again, B) == ("list", moved[B])
    assert outlines(house, "grid", again)[B].equals(grids[B])


def test_a_draft_keeps_its_lists_over_undo_restart_and_reloading(house, tmp_path):
    draft = derive(house, ROWS)
    before = content(house, draft)
    house.drafts.perform(CALLER, draft, Merge((grid(A), grid(B)), A))
    assert drafted(house, draft, A) == ("list", numbered(1, 2, 3, 4, 5, 6, 7, 8))
    house.drafts.undo(CALLER, draft)
    assert content(house, draft) == before
    build(house, dict(reversed(SPOTS.items())))
    house = reopened(house, tmp_path)
    assert content(house, draft) == before
    assert drafted(house, draft, A) == ("list", ROWS[A])
    assert asked(house, draft, is_whole=True) == []


def test_lists_follow_splits_and_new_codes(house):
    draft = derive(house, ROWS)
    # row A is the southern quarter: cut in the middle, houses 1 and 2 west of it
    house.drafts.perform(CALLER, draft, across(A, x=1, y=0))
    assert drafted(house, draft, "N1") == ("list", numbered(1, 2))
    assert drafted(house, draft, "N2") == ("list", numbered(3, 4))
    house.drafts.perform(CALLER, draft, Rename(grid("N1"), code="N9"))
    assert drafted(house, draft, "N9") == ("list", numbered(1, 2))
    assert asked(house, draft) == []


def test_a_border_that_moved_alone_is_told_where_it_contradicts_a_list(house):
    draft = derive(house, ROWS)
    # house 1 and the ground around it, up to the border at a quarter of two rows
    outline = (at(-0.1, -0.1), at(0.5, -0.1), at(0.5, 0.6), at(-0.1, 0.6))
    house.drafts.perform(CALLER, draft, Give(grid(A), grid(B), outline))
    assert drafted(house, draft, A) == ("list", ROWS[A])
    found = asked(house, draft)
    assert [(each.kind, each.codes, each.buildings) for each in found] == [
        ("building_outside", (A, B), ("1号楼",))
    ]
    build(house, {**SPOTS, "新楼": (1.0, 1.75), "2号楼": (3.5, 0.5)})
    found = asked(house, draft)
    assert [(each.kind, each.codes, each.buildings) for each in found] == [
        ("building_outside", (A, B), ("1号楼",)),
        ("building_unknown", (A,), ("2号楼",)),
        ("building_unlisted", (D,), ("新楼",)),
    ]


def test_a_building_off_its_list_is_mended_on_the_ground_or_in_the_list(house):
    draft = derive(house, ROWS)
    outline = (at(-0.1, -0.1), at(0.5, -0.1), at(0.5, 0.6), at(-0.1, 0.6))
    step = house.drafts.perform(CALLER, draft, Give(grid(A), grid(B), outline))
    [finding] = [i for i, e in enumerate(step.state.findings) if e.kind == "building_outside"]
    fixes = house.draft_proposals.fixes(CALLER, draft, finding, seen=2)
    at_by_kind = {fix.kind: i for i, fix in enumerate(fixes)}
    assert {"move_buildings", "relist"} <= at_by_kind.keys()
    asked_for = FixAsked(finding, at_by_kind["relist"])
    house.draft_proposals.fix(CALLER, draft, asked_for, seen=2)
    assert drafted(house, draft, A) == ("list", numbered(2, 3, 4))
    assert drafted(house, draft, B) == ("list", numbered(5, 6, 7, 8, 1))
    assert asked(house, draft) == []
    undone = house.drafts.undo(CALLER, draft)
    asked_for = FixAsked(finding, at_by_kind["move_buildings"])
    house.draft_proposals.fix(CALLER, draft, asked_for, seen=undone.draft.row.revision)
    assert drafted(house, draft, A) == ("list", ROWS[A])
    assert asked(house, draft) == []
    first = publish(house, draft)
    assert outlines(house, "grid", first)[A].contains(middle(SPOTS["1号楼"]))


def test_a_building_list_goes_before_what_address_lists_tell(house, tmp_path):
    path = tmp_path / "地址.csv"
    lines = ["地址,经度,纬度,网格编码"]
    # the first stands in house 1; the last is a door without a house in the ground of grid A
    spots = {"桂香路1号": SPOTS["1号楼"], "桂香路9号": (0.5, 0.5)}
    for address, spot in spots.items():
        lon, lat = at(*spot)
        lines.append(f"{address},{lon!r},{lat!r},{B}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    house.place_lists.import_file(CALLER, path, PlaceFileOptions(frame="EPSG:4490"))
    told = asked(house, begin(house), is_whole=True)
    assert [(each.kind, each.codes, each.buildings) for each in told] == [
        ("building_outside", (B, A), ("1号楼", "桂香路9号"))
    ]
    draft = derive(house, ROWS)
    assert asked(house, draft, is_whole=True) == []
    derive(house, {**ROWS, A: [*ROWS[A], "桂香路9号"]}, draft)
    assert drafted(house, draft, A) == ("list", [*ROWS[A], "桂香路9号"])
    assert asked(house, draft, is_whole=True) == []


def test_a_list_that_cannot_be_used_says_every_row_and_changes_nothing(house, tmp_path):
    draft = begin(house)
    wrong = {A: [*ROWS[A], "99号楼", "1号楼"], B: ROWS[B], C: ROWS[C][:-1], "9X": ["13号楼"]}
    build(house, {**SPOTS, "远楼": (3.5, 0.5)})
    wrong[B] = [*ROWS[B], "远楼"]
    path = write_lists(tmp_path / "清单.csv", wrong)
    with pytest.raises(UnfitBuildingLists) as caught:
        house.draft_derivations.derive_file(CALLER, draft, path, GRID)
    # the heading is row 1; A has rows 2 to 7, B 8 to 12, C 13 to 15
    assert faults(caught) == [
        (6, "building", "查无楼栋“99号楼”"),
        (7, "building", f"“1号楼”已在 {A}（第 2 行） 的清单上"),
        (12, "building", f"“远楼”不在 {COMMUNITY} 内"),
        (16, "parent", "9X 是新区域，请写明上级"),
        *[(None, "building", f"{COMMUNITY} 内的“{n}号楼”不在任何清单上") for n in range(12, 17)],
        (None, "code", f"没有一行列出 {D}：请补上，或说明要撤销它"),
    ]
    assert caught.value.text("zh").startswith("grid 的楼栋清单有 10 处不能用")
    assert house.drafts.operations(CALLER, draft).rows == []
    headless = write_lists(tmp_path / "无列.csv", ROWS, headings=("网格编码", "备注"))
    with pytest.raises(MissingColumn):
        house.draft_derivations.derive_file(CALLER, draft, headless, GRID)


def test_what_is_on_no_list_goes_to_the_nearest_and_grids_without_one_go(house):
    lists = {A: numbered(1, 2, 3, 4), "9990010101N": numbered(13, 14, 15, 16)}
    rows = [ListRow(0, A, name) for name in lists[A]]
    rows += [
        ListRow(0, "9990010101N", name, name="北网格", parent="西社区")
        for name in lists["9990010101N"]
    ]
    draft = begin(house)
    house.draft_derivations.derive(
        CALLER, draft, rows, DeriveOptions("grid", others="nearest", retires=True)
    )
    assert drafted(house, draft, A) == ("list", numbered(*range(1, 9)))
    assert drafted(house, draft, "9990010101N") == (
        "list",
        numbered(*range(13, 17), *range(9, 13)),
    )
    step = house.drafts.state(CALLER, draft)
    assert set(step.ended) == {("grid", B), ("grid", C), ("grid", D)}
    areas = step.areas["grid"]
    assert areas.names[areas.position_by_code["9990010101N"]] == "北网格"


def test_buildings_of_one_name_are_told_apart_by_code_or_place(house):
    twins = {**SPOTS, "16号楼|b": (1.9, 1.9)}
    build(house, twins)
    with pytest.raises(UnfitBuildingLists) as caught:
        derive(house, ROWS)
    [(row, field, reason), *_] = faults(caught)
    assert (row, field) == (None, "building")
    names = reason.partition("或写 ")[2].split("、")
    x, y = at(*SPOTS["16号楼"])
    assert names[0] == f"16号楼@{x:.6f},{y:.6f}"
    draft = derive(house, {**ROWS, D: [*numbered(13, 14, 15), *names]})
    assert drafted(house, draft, D) == ("list", [*numbered(13, 14, 15), *names])
    codes = [f"L{number:02d}" for number in range(1, 18)]
    build(house, twins, codes=codes)
    # places still name them; what is derived now goes by codes
    assert asked(house, draft) == []
    lists = {**ROWS, D: [*numbered(13, 14, 15), "L16", "Ｌ17"]}
    derive(house, lists, draft)
    assert drafted(house, draft, D) == ("list", ["L13", "L14", "L15", "L16", "L17"])
    with pytest.raises(BuildingsNotInArea):
        house.draft_proposals.move_buildings(CALLER, draft, grid(A), grid(B), Chosen(words=["L17"]))


def test_a_lane_on_a_list_is_all_of_its_buildings(house):
    lanes = {f"示例路{1 + int(spot[1])}弄{name[:-2]}": spot for name, spot in SPOTS.items()}
    build(house, lanes)
    one = [name for name in lanes if name.startswith("示例路1弄")]
    draft = derive(house, {A: ["示例路１弄"], B: ["示例路2弄"]}, retires=True)
    assert drafted(house, draft, A) == ("list", one)
    with pytest.raises(UnfitBuildingLists) as caught:
        derive(house, {A: ["示例路1弄"], B: ["示例路2弄", one[0]]}, draft)
    assert [fault[2] for fault in faults(caught)] == [f"“{one[0]}”已在 {A} 的清单上"]
    with pytest.raises(NothingLeft):
        house.draft_proposals.move_buildings(
            CALLER, draft, grid(A), grid(B), Chosen(words=["示例路1弄"])
        )


def test_a_list_goes_out_as_it_comes_in(house, tmp_path):
    first = publish(house, derive(house, ROWS))
    path = tmp_path / "清单.xlsx"
    assert house.building_lists.export(CALLER, first, "grid", path) == 16
    draft = begin(house)
    house.draft_derivations.derive_file(CALLER, draft, path, GRID)
    assert house.draft_publications.check(CALLER, draft).differences == []
    ground = tmp_path / "实地.csv"
    assert house.building_lists.export(CALLER, 1, "grid", ground) == 16
    house.draft_derivations.derive_file(CALLER, draft, ground, GRID)
    assert drafted(house, draft, A) == ("list", numbered(1, 2, 5, 6))


def test_boundaries_that_come_from_a_file_keep_the_lists_of_their_codes(house, tmp_path):
    first = publish(house, derive(house, ROWS))
    draft = begin(house)
    path = tmp_path / "网格.geojson"
    house.draft_files.export(CALLER, draft, ["grid"], path)
    asked = TablesAsked(layers=["grid"], frame=["EPSG:4490"], is_frame_confirmed=True)
    for is_replacing in (False, True):
        plan = Plan(is_replacing, None, False, None)
        found = house.draft_files.import_tables(CALLER, draft, path, asked, plan=plan)
        assert found.step is None
    assert listed(house, first, A) == ("list", ROWS[A])


def test_lists_go_along_with_a_copied_database_and_are_verified(house, tmp_path):
    build(house, codes=[f"L{number}" for number in range(1, 17)])
    first = publish(house, derive(house, ROWS))
    derive(house, {**ROWS, A: [*ROWS[A], "9号楼"], C: numbered(10, 11, 12)})
    old = house.workspace.database.url
    (tmp_path / "new").mkdir()
    new = database_url(tmp_path / "new")
    copy_database(CALLER, source_url=old, target_url=new)
    held = everything_in(new)
    assert held == everything_in(old)
    assert sum('["L1", "L2", "L3", "L4"]' in row for row in held["areas"]) == 1
    assert any('["L1", "L2", "L3", "L4", "L9"]' in row for row in held["draft_areas"])
    house.close()
    moved = open_house(tmp_path / "new", clock=house.workspace.now_s)
    assert listed(moved, first, A) == ("list", ["L1", "L2", "L3", "L4"])
