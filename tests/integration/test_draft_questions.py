"""What the check of a draft asks: sizes by ground and by figures, buildings off their lists, cuts.

Grids of the street are 1/1024 degree wide and high, 94.2 m by 108.3 m at 30° north: 10,200 m².
"""

import numpy as np
import pytest
import shapely

from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked.operation import Give, Merge, SplitByChildren
from geo_service.services.addresses.lists import PlaceFileOptions
from geo_service.services.drafts.offers.proposals import FixAsked
from geo_service.services.impact.look import ImpactOptions
from geo_service.storage.figures import Figure
from tests.drafting import NOW, A, B, C, D, across, at, begin, grid, outlines
from tests.houses import (
    CALLER,
    STREET_LAYERS,
    Clock,
    open_house,
    publish_areas,
    publish_street,
    street_boundaries,
)

WEST_SIDE, EAST_SIDE = "9990010101", "9990010102"
FIGURES = """usual_area_m2 = [8000, 12000]

[[figures]]
name = "residents"
title_zh = "常住人口"

[[figures]]
name = "households"
title_zh = "户数"
usual = { grid = [200, 500], community = [1000, 2000] }

[[figures]]
name = "staff"
title_zh = "网格员人数"
usual = { grid = [1, 2] }
"""


@pytest.fixture
def house(tmp_path):
    made = opened(tmp_path)
    publish_street(made)
    yield made
    made.close()


def opened(folder):
    profile = folder / "own.toml"
    profile.write_text(STREET_LAYERS + FIGURES, encoding="utf-8")
    return open_house(folder, profile=str(profile), clock=Clock())


def tell(house, layer, figure, **counts):
    told = [Figure(layer, code, figure, str(n), 0, "普查") for code, n in counts.items()]
    house.figures.add(CALLER, told)


def put_buildings(house, *spots, size=0.1):
    """Put square footprints around places by columns and rows of the street."""
    half = size / 2
    shapes = [shapely.box(*at(x - half, y - half), *at(x + half, y + half)) for x, y in spots]
    names = [f"{i}号楼" for i in range(1, len(spots) + 1)]
    house.figures.replace_references(
        CALLER, "building", names=names, geometries=np.array(shapes, dtype=object)
    )


def list_places(house, folder, *rows):
    """Import (address, place by columns and rows, grid) as a list."""
    lines = ["地址,经度,纬度,网格编码"]
    for address, spot, code in rows:
        lon, lat = at(*spot)
        lines.append(f"{address},{lon!r},{lat!r},{code}")
    path = folder / "清单.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return house.place_lists.import_file(CALLER, path, PlaceFileOptions(frame="EPSG:4490"))


def check(house, draft, **how):
    return house.draft_publications.check(CALLER, draft, **how)


def asked(found):
    """Return kind, codes, measure and amount of each question."""
    return [
        (each.kind, each.codes, each.reason, each.amount and round(each.amount))
        for each in found.findings
    ]


def revision(house, draft):
    return house.drafts.draft(CALLER, draft).row.revision


def test_ground_outside_the_usual_is_asked_about_after_the_step_and_refuses_nothing(house):
    draft = begin(house)
    step = house.drafts.perform(CALLER, draft, across(codes=("N1", "N2"), x=0.25))
    found = check(house, draft)
    # a quarter and three quarters of 10,200 m²; the neighbors keep theirs
    told = [("too_small", ("N1",), 2550), ("too_small", ("N2",), 7650)]
    assert [(kind, codes, amount) for kind, codes, _, amount in asked(found)] == told
    assert [each.codes for each in step.state.findings] == [("N1",), ("N2",)]
    said = "grid N1 的 面积（m²） 为 2,550，少于通常的 8,000"
    assert found.findings[0].text("zh").startswith(said)
    assert found.is_publishable
    assert found.defects == []
    house.draft_publications.publish(CALLER, draft, NOW)
    assert asked(check(house, begin(house))) == []


def test_what_is_too_small_is_merged_again_by_a_fix_and_undo_asks_again(house):
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(codes=("N1", "N2"), x=0.25))
    [first, *_] = house.draft_proposals.fixes(CALLER, draft, 0, seen=1)
    assert (first.kind, first.to) == ("merge", (grid("N2"),))
    done = house.draft_proposals.fix(CALLER, draft, FixAsked(0, 0), seen=1)
    assert done.state.findings == []
    undone = house.drafts.undo(CALLER, draft)
    assert [each.codes for each in undone.state.findings] == [("N1",), ("N2",)]


def test_households_of_new_ground_are_those_of_the_impact(house):
    counts = {A: 150, B: 300, C: 700, D: 100}
    tell(house, "grid", "households", **counts)
    draft = begin(house)
    outline = (at(0.5, -0.5), at(1.5, -0.5), at(1.5, 1.5), at(0.5, 1.5))
    step = house.drafts.perform(CALLER, draft, Give(grid(A), grid(B), outline))
    assert [each.reason for each in step.state.findings] == ["area_m2", "area_m2"]
    found = check(house, draft)
    impact = house.draft_impact.impact(CALLER, draft, ImpactOptions())
    [layer] = impact.layers
    after = {area.code: area.after.households.value for area in layer.areas}
    # half of 150 goes over with half of the ground
    assert after == {A: 75, B: 375}
    # C got a node on its border and kept who lives there: it is touched, and asked about as well
    assert [each for each in asked(found) if each[2] == "households"] == [
        ("too_small", (A,), "households", 75),
        ("too_large", (C,), "households", 700),
    ]
    assert found.findings[-1].text("zh").startswith(f"grid {C} 的 户数 为 700，多于通常的 500")
    assert found.findings[-1].text("en").startswith(f"grid {C} has households 700, more than")


def test_the_whole_check_asks_about_every_area_and_its_findings_are_fixed_too(house):
    tell(house, "community", "households", **{WEST_SIDE: 2500, EAST_SIDE: 1500})
    tell(house, "grid", "households", **{A: 800, B: 400, C: 700, D: 600})
    tell(house, "grid", "staff", **{A: 3})
    draft = begin(house)
    assert asked(check(house, draft)) == []
    found = check(house, draft, is_whole=True)
    assert asked(found) == [
        ("too_large", (WEST_SIDE,), "households", 2500),
        ("too_large", (A,), "households", 800),
        ("too_large", (A,), "staff", 3),
        ("too_large", (C,), "households", 700),
        ("too_large", (D,), "households", 600),
    ]
    [fix] = house.draft_proposals.fixes(CALLER, draft, 0, seen=0, is_whole=True)
    assert fix.kind == "split_by_children"
    asked_for = FixAsked(0, 0, is_whole=True)
    done = house.draft_proposals.fix(CALLER, draft, asked_for, seen=0)
    grids = done.areas["grid"]
    by_parent = {}
    for code, parent in zip(grids.codes, grids.parents, strict=True):
        by_parent.setdefault(parent, []).append({A: 800, B: 400, C: 700, D: 600}[code])
    # A and B against C and D; A and C would make 1,500, and A and D do not hang together
    assert sorted(map(sum, by_parent.values())) == [1200, 1300]


def test_a_figure_that_nobody_shares_out_is_not_guessed_of_redrawn_ground(house):
    tell(house, "grid", "staff", **{A: 3, B: 3})
    draft = begin(house)
    house.drafts.perform(CALLER, draft, Merge((grid(A), grid(B)), B))
    assert [each for each in asked(check(house, draft)) if each[2] == "staff"] == []


def test_a_new_parent_is_asked_about_by_who_lives_below_it(house):
    tell(house, "community", "households", **{WEST_SIDE: 1800})
    tell(house, "grid", "households", **{A: 300, B: 500, C: 400, D: 600})
    draft = begin(house)
    groups = {"X1": (grid(A), grid(B)), "X2": (grid(C), grid(D))}
    house.drafts.perform(CALLER, draft, SplitByChildren(AreaKey("community", WEST_SIDE), groups))
    told = [each for each in asked(check(house, draft)) if each[1][0] in groups]
    # 800 and 1,000, as the grids tell it; 1,000 is usual still
    assert told == [("too_small", ("X1",), "households", 800)]


def test_a_building_on_the_wrong_side_is_moved_by_a_fix(house, tmp_path):
    put_buildings(house, (0.3, 0.5), (0.8, 0.3), (0.8, 0.7), (1.5, 0.5))
    spots = ((0.3, 0.5), (0.8, 0.3), (0.8, 0.7))
    rows = [(f"桂香路{i}号", spot, A) for i, spot in enumerate(spots, 1)]
    list_places(house, tmp_path, *rows, ("桂香路7号", (1.5, 0.5), "第2网格"))
    draft = begin(house)
    outline = (at(0.6, -0.5), at(1.5, -0.5), at(1.5, 1.5), at(0.6, 1.5))
    step = house.drafts.perform(CALLER, draft, Give(grid(A), grid(B), outline))
    [found] = [each for each in step.state.findings if each.kind == "building_outside"]
    assert (found.codes, found.buildings) == ((A, B), ("2号楼", "3号楼"))
    # a tenth of a grid's sides: 9.4 m by 10.8 m each
    assert found.area_m2 == pytest.approx(2 * 102, rel=0.01)
    position = step.state.findings.index(found)
    fixes = house.draft_proposals.fixes(CALLER, draft, position, seen=1)
    assert [fix.kind for fix in fixes] == ["move_buildings"]
    assert fixes[0].to == (grid(A),)
    done = house.draft_proposals.fix(CALLER, draft, FixAsked(position, 0), seen=1)
    assert [each for each in done.state.findings if "building" in each.kind] == []
    house.draft_publications.publish(CALLER, draft, NOW)
    assert outlines(house, "grid")[A].contains(shapely.Point(at(0.8, 0.7)))


def test_a_building_that_a_new_border_cuts_is_gone_round_by_a_fix(house):
    put_buildings(house, (0.52, 0.5), (0.8, 0.5))
    draft = begin(house)
    step = house.drafts.perform(CALLER, draft, across(codes=("N1", "N2")))
    [found] = [each for each in step.state.findings if each.kind == "building_cut"]
    # from 0.47 to 0.57 of a grid's width, the border at 0.5
    assert dict(zip(found.codes, found.shares, strict=True)) == pytest.approx(
        {"N2": 0.7, "N1": 0.3}
    )
    position = step.state.findings.index(found)
    done = house.draft_proposals.fix(CALLER, draft, FixAsked(position, 0), seen=1)
    assert [each for each in done.state.findings if "building" in each.kind] == []
    assert check(house, draft).is_publishable


def test_a_place_without_a_footprint_is_a_building_if_it_has_a_number(house, tmp_path):
    put_buildings(house, (0.3, 0.5))
    rows = [("桂香路9号", (0.8, 0.5), C), ("桂香路", (0.7, 0.5), C)]
    list_places(house, tmp_path, *rows)
    found = check(house, begin(house), is_whole=True)
    [own] = [each for each in found.findings if each.kind == "building_outside"]
    assert (own.codes, own.area_m2) == ((C, A), None)
    assert own.text("en").startswith("building 桂香路9号 does not stand where its list says")


def test_another_list_is_asked_of_at_once_by_whoever_looks_again(house, tmp_path):
    put_buildings(house, (0.3, 0.5))
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(codes=("N1", "N2")))
    assert [e for e in check(house, draft).findings if e.kind == "building_outside"] == []
    list_places(house, tmp_path, ("桂香路1号", (0.3, 0.5), B))
    [found] = [e for e in check(house, draft).findings if e.kind == "building_outside"]
    assert found.codes == (B, "N1")
    put_buildings(house)
    [found] = [e for e in check(house, draft).findings if e.kind == "building_outside"]
    assert found.buildings == ("桂香路1号",)


def test_what_is_asked_is_the_same_after_a_restart_and_a_rebase(house, tmp_path):
    tell(house, "grid", "households", **{A: 900})
    put_buildings(house, (0.52, 0.5), (1.5, 0.5))
    list_places(house, tmp_path, ("桂香路1号", (1.5, 0.5), D))
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(codes=("N1", "N2")))
    house.drafts.perform(CALLER, draft, Merge((grid("N2"), grid(B)), B))
    told = asked(check(house, draft))
    kinds = {"too_small", "too_large", "building_cut", "building_outside"}
    assert {kind for kind, *_ in told} == kinds
    house.close()
    again = opened(tmp_path)
    assert asked(check(again, draft)) == told
    east = street_boundaries()
    names = tuple("东" + name for name in east["community"].names[1:])
    renamed = east["community"].__class__(
        east["community"].codes,
        (east["community"].names[0], *names),
        east["community"].parents,
        east["community"].geometries,
    )
    publish_areas(again, {**east, "community": renamed}, on=1)
    again.draft_publications.rebase(CALLER, draft)
    assert asked(check(again, draft)) == told
    again.close()
