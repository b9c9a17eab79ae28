"""Fixes for what the review found: they are ready, put it right, and come in a sensible order."""

import pytest
import shapely
from shapely import LineString, MultiPolygon, box

from geo_service.errors import NothingLeft, UnfitLine
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import (
    KINDS_OF_FIXES,
    Fix,
    Known,
    cut_along,
    fixes_for,
    give_part,
    reparent,
    retire,
    review,
    split,
    unusual_sizes,
)
from geo_service.layers.topology import Defect
from tests.redrawing import assert_sound, row_of_grids
from tests.shapes import ONE_LAYER, RING, THREE_LAYERS, one_layer

G1, G2, G3, G4 = (AreaKey("grid", f"G{i}") for i in range(1, 5))
C1, C2 = AreaKey("community", "C1"), AreaKey("community", "C2")
P1, P3 = AreaKey("party_grid", "P1"), AreaKey("party_grid", "P3")


def outline(coverage, key):
    return coverage.area(key).outline


def street(code):
    return AreaKey("street", code)


def ring_of(shape):
    return shapely.get_coordinates(shape)


def only(findings, kind):
    (found,) = (each for each in findings if each.kind == kind)
    return found


def of_one_layer(*shapes):
    (coverage,) = extract(one_layer(*shapes), ONE_LAYER, is_degrees=False)
    return coverage


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def test_a_gap_goes_to_the_neighbor_with_the_longest_border(row):
    # the gap has 10 m of border with G1, and 7 m with G3 after the corner went to G4
    gone = retire(row, G2).coverage
    cut, _ = split(gone, G3, [(20, 7), (30, 7)], ["N"], keep=(25, 2))
    gap = only(review(cut).findings, "gap")
    fixes = fixes_for(cut, gap)
    assert [(fix.kind, fix.to[0].code, fix.border_m) for fix in fixes] == [
        ("give_gap", "G1", 10),
        ("give_gap", "G3", 7),
        ("give_gap", "N", 3),
    ]
    after, _ = fixes[0].apply(cut)
    assert outline(after, G1).equals(box(0, 0, 20, 10))
    assert review(after).findings == []
    assert fixes_for(after, gap) == []
    assert_sound(after, THREE_LAYERS)


def test_a_gap_among_parents_goes_to_the_areas_below_them(row):
    for key in (G1, G2, C1):
        row, _ = retire(row, key)
    gap = only(review(row).findings, "gap")
    assert gap.layer == "community"
    (fix,) = fixes_for(row, gap)
    assert fix.to == (G3,)
    assert outline(fix.apply(row).coverage, C2).equals(box(0, 0, 40, 10))


def test_a_hole_goes_to_who_is_around_or_is_an_enclave():
    coverage = of_one_layer(RING)
    hole = only(review(coverage).findings, "hole")
    given, declared = fixes_for(coverage, hole)
    assert (given.kind, given.to, given.border_m) == ("give_gap", (street("999001"),), 8)
    assert outline(given.apply(coverage).coverage, street("999001")).equals(box(0, 0, 10, 10))
    assert (declared.kind, declared.steps) == ("declare_enclave", ())
    after, change = declared.apply(coverage)
    assert (after, change.touched) == (coverage, ())
    assert fixes_for(given.apply(coverage).coverage, hole) == []


def test_an_area_that_is_a_sliver_is_merged(row):
    strip, _ = split(row, G3, [(20.2, -1), (20.2, 11)], ["G9"], keep=(25, 5))
    sliver = only(review(strip).findings, "sliver")
    fixes = fixes_for(strip, sliver)
    # ten metres each, so by code
    assert [(fix.kind, fix.to) for fix in fixes] == [("merge", (G2,)), ("merge", (G3,))]
    after, _ = fixes[1].apply(strip)
    assert outline(after, G3).equals(box(20, 0, 30, 10))
    assert fixes_for(after, sliver) == []


def test_a_part_that_is_a_sliver_goes_to_its_neighbor():
    strip = box(10, 0, 10.2, 10)
    coverage = of_one_layer(
        MultiPolygon([box(-10, 0, 0, 10), strip]), box(0, 0, 10, 10), box(10.2, 0, 20, 10)
    )
    sliver = only(review(coverage).findings, "sliver")
    fixes = fixes_for(coverage, sliver)
    assert [(fix.kind, fix.to[0].code) for fix in fixes] == [
        ("give_part", "999002"),
        ("give_part", "999003"),
    ]
    after, _ = fixes[0].apply(coverage)
    assert outline(after, street("999002")).equals(box(0, 0, 10.2, 10))
    assert review(after).findings == []
    elsewhere = Defect("sliver", "street", ("999001",), x=50, y=50)
    assert fixes_for(coverage, elsewhere) == []


def test_a_loose_part_goes_to_its_neighbors_and_an_island_to_nobody():
    parts = MultiPolygon([box(0, 0, 10, 10), box(20, 0, 22, 10)])
    coverage = of_one_layer(parts, box(10, 0, 20, 10), box(22, 0, 30, 10))
    loose = only(review(coverage).findings, "disconnected")
    fixes = fixes_for(coverage, loose)
    assert [(fix.kind, fix.to[0].code) for fix in fixes] == [
        ("give_part", "999002"),
        ("give_part", "999003"),
    ]
    assert review(fixes[0].apply(coverage).coverage).findings == []
    assert fixes_for(fixes[0].apply(coverage).coverage, loose) == []
    islands = of_one_layer(parts)
    assert fixes_for(islands, only(review(islands).findings, "disconnected")) == []


def test_several_loose_parts_go_at_once():
    parts = MultiPolygon([box(10, 0, 20, 10), box(0, 2, 1, 3), box(29, 2, 30, 3)])
    west, east = box(0, 0, 10, 10) - box(0, 2, 1, 3), box(20, 0, 30, 10) - box(29, 2, 30, 3)
    coverage = of_one_layer(parts, west, east)
    (fix,) = fixes_for(coverage, only(review(coverage).findings, "disconnected"))
    assert (fix.kind, [key.code for key in fix.to]) == ("give_parts", ["999002", "999003"])
    after, _ = fix.apply(coverage)
    assert outline(after, street("999001")).equals(box(10, 0, 20, 10))
    assert review(after).findings == []


def test_a_parent_in_parts_gives_the_areas_of_the_loose_one_away(row):
    odd, _ = reparent(row, G1, C2)
    loose = only(review(odd).findings, "disconnected")
    assert loose.codes == ("C2",)
    (fix,) = fixes_for(odd, loose)
    assert (fix.kind, fix.to) == ("reparent_children", (C1,))
    after, _ = fix.apply(odd)
    assert outline(after, C1).equals(box(0, 0, 20, 10))
    assert review(after).findings == []


def test_ground_beyond_a_parent_goes_to_a_neighbor_or_is_cut_off():
    row = reparent(row_of_grids(with_party=True), G2, C2).coverage
    # the eastern halves of P1 and P2 now lie in C2
    finding = next(f for f in review(row).findings if f.codes == ("P1", "C1"))
    given, cut = fixes_for(row, finding)
    assert (given.kind, given.to, given.border_m) == ("give_beyond", (P3,), 5)
    after, _ = given.apply(row)
    assert outline(after, P1).equals(box(0, 5, 10, 10))
    assert finding not in review(after).findings
    assert (cut.kind, cut.to) == ("cut_beyond", (C2,))
    parted, _ = cut.apply(row)
    assert outline(parted, P1).equals(box(0, 5, 10, 10))
    assert outline(parted, AreaKey("party_grid", "P4")).equals(box(10, 5, 20, 10))
    assert parted.area(AreaKey("party_grid", "P4")).parent == parted.number_of(C2)
    assert fixes_for(after, finding) == []


def test_an_area_wholly_in_another_parent_goes_under_it():
    row = row_of_grids(with_party=True)
    parted, _ = cut_along(row, P1, [LineString([(10, 0), (10, 20)])], ["P5"], keep=(5, 7))
    moved = reparent(parted, G2, C2).coverage
    finding = next(f for f in review(moved).findings if f.codes == ("P5", "C1"))
    kinds = {fix.kind: fix for fix in fixes_for(moved, finding)}
    assert "reparent" in kinds
    after, _ = kinds["reparent"].apply(moved)
    assert after.area(AreaKey("party_grid", "P5")).parent == after.number_of(C2)
    assert finding not in review(after).findings


def test_ground_beyond_a_parent_in_several_pieces_needs_a_person():
    row = row_of_grids(with_party=True)
    island, _ = split(row, G1, ring_of(box(2, 6, 4, 8)), ["N"], keep=(1, 1))
    for key in (AreaKey("grid", "N"), G2):
        island, _ = reparent(island, key, C2)
    finding = next(f for f in review(island).findings if f.codes == ("P1", "C1"))
    assert fixes_for(island, finding) == []


@pytest.mark.parametrize(
    "kind", ["gap", "sliver", "disconnected", "outside_parent", "too_small", "too_large"]
)
def test_findings_about_areas_that_are_gone_have_no_fixes(row, kind):
    assert fixes_for(row, Defect(kind, "grid", ("gone",), x=5, y=5)) == []


def test_findings_without_a_place_or_a_known_kind_have_no_fixes(row):
    assert fixes_for(row, Defect("gap", "grid", ("C1",))) == []
    assert fixes_for(row, Defect("overlap", "grid", ("G1", "G2"), x=5, y=5)) == []
    assert fixes_for(row, Defect("outside_parent", "street", ("S",), x=5, y=5)) == []
    assert fixes_for(row, Defect("outside_parent", "grid", ("G1", "C1"), x=5, y=5)) == []


def test_sizes_outside_the_usual_are_told_with_both_ends_included(row):
    found = unusual_sizes(row, "grid", {"area_m2": (100, 100)})
    assert found == []
    figures = {"households": {"G1": 4200, "G2": 1000, "G3": 900}}
    found = unusual_sizes(
        row, "grid", {"households": (1000, 3000), "area_m2": (101, 200)}, figures=figures
    )
    told = [(each.kind, each.codes[0], each.reason, each.amount) for each in found]
    assert told == [
        ("too_large", "G1", "households", 4200),
        ("too_small", "G1", "area_m2", 100),
        ("too_small", "G2", "area_m2", 100),
        ("too_small", "G3", "households", 900),
        ("too_small", "G3", "area_m2", 100),
        ("too_small", "G4", "area_m2", 100),
    ]
    assert found[0].text("en") == (
        "grid G1 has households 4,200, more than the usual 3,000, at 5.000000, 5.000000"
    )
    assert found[3].text("zh").startswith("grid G3 的 households 为 900，少于通常的 1,000")
    some = unusual_sizes(row, "grid", {"area_m2": (101, 200)}, codes=["G2"])
    assert [each.codes for each in some] == [("G2",)]


def test_an_area_too_large_is_split_by_what_there_is_too_much_of(row):
    places = [(1, 5), (2, 5), (3, 5), (9, 5)]
    known = Known(
        schemes={"grid": (2, 3)},
        taken={"grid": ["C1007"]},
        weights={"households": (places, [1000, 1000, 1000, 1200])},
    )
    figures = {"households": {"G1": 4200}}
    (found,) = unusual_sizes(row, "grid", {"households": (1000, 3000)}, figures=figures)
    (fix,) = fixes_for(row, found, known)
    assert (fix.kind, [key.code for key in fix.to]) == ("split", ["C1008", "C1009"])
    after, _ = fix.apply(row)
    # two places on each side; the line runs between x = 2 and x = 3
    assert 2 < outline(after, fix.to[0]).bounds[2] < 3
    (by_ground,) = fixes_for(row, found)
    assert (by_ground.kind, by_ground.text("zh")) == ("split_by_ground", "按面积拆成 2 块")
    by_ground = by_ground.apply(row).coverage
    assert sorted(a.outline.area for a in by_ground.areas.values())[:2] == pytest.approx([50, 50])
    assert_sound(after, THREE_LAYERS)


def test_what_cannot_be_split_is_not_offered(row):
    found = Defect("too_large", "grid", ("G1",), 5, 5, reason="x", amount=9, usual=(1, 2))
    assert fixes_for(row, found, Known(weights={"x": ([(1, 1)], [1])})) == []
    assert fixes_for(row, Defect("too_large", "community", ("C1",), 5, 5, amount=9)) == []
    # three parts of two grids
    found = Defect("too_large", "community", ("C1",), 5, 5, reason="x", amount=9, usual=(1, 3))
    assert fixes_for(row, found) == []
    assert fixes_for(row, Defect("too_large", "grid", ("G1",), 5, 5)) == []


def test_a_root_area_too_large_is_split_too():
    coverage = of_one_layer(box(0, 0, 10, 10))
    (found,) = unusual_sizes(coverage, "street", {"area_m2": (1, 50)})
    (fix,) = fixes_for(coverage, found)
    assert sorted(key.code for key in fix.to) == ["999002", "999003"]


def test_an_area_too_small_is_merged_with_the_neighbor_it_shares_the_longest_border_with(row):
    found = unusual_sizes(row, "grid", {"area_m2": (101, 200)}, codes=["G2"])
    (fix,) = fixes_for(row, found[0])
    # G3 has as long a border, but lies below another parent
    assert (fix.kind, fix.to, fix.border_m) == ("merge", (G1,), 10)
    assert outline(fix.apply(row).coverage, G1).equals(box(0, 0, 20, 10))
    cut, _ = cut_along(row, G1, [LineString([(-1, 7), (11, 7)])], ["N"], keep=(5, 2))
    found = unusual_sizes(cut, "grid", {"area_m2": (101, 200)}, codes=["G2"])
    fixes = fixes_for(cut, found[0])
    assert [(fix.to[0].code, fix.border_m) for fix in fixes] == [("G1", 7), ("N", 3)]


def test_the_last_part_is_not_given_and_none_that_lies_elsewhere(row):
    with pytest.raises(NothingLeft):
        give_part(row, G2, G3, (15, 5))
    with pytest.raises(UnfitLine, match="outside"):
        give_part(row, G2, G3, (25, 5))


@pytest.mark.parametrize("kind", KINDS_OF_FIXES)
def test_every_kind_of_fix_reads_as_one_sentence_in_both_languages(kind):
    fix = Fix(kind, to=(G1, G2), border_m=1234.56)
    for language in ("zh", "en"):
        assert "{" not in fix.text(language)
    assert fix.text("zh") != fix.text("en")


def test_a_fix_says_who_gets_something_and_along_which_border():
    assert Fix("give_gap", to=(G1,), border_m=1234.56).text("zh") == (
        "把空地划给 grid G1（共同边界 1,234.6 m）"
    )
    assert Fix("merge", to=(G1,)).text("en") == "merge it with grid G1"
