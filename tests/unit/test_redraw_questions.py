"""What is asked of redrawn areas: buildings off their lists or cut, and what would put them right.

Answers are compared with what shapely says of every building and every area.
"""

import numpy as np
import pytest
import shapely
from shapely import Point, box

from geo_service.errors import InvalidValue
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.arcs.edit import Change
from geo_service.layers.area import area_set
from geo_service.layers.redraw import (
    Asking,
    Building,
    Known,
    KnownBuildings,
    Redrawn,
    buildings_outside,
    fixes_for,
    give,
    merge,
    questions,
    questions_after,
    rename,
    reparent,
    split,
    unusual_sizes,
    with_lists,
)
from geo_service.layers.redraw.proposals.groups import groups_of_children
from tests.redrawing import assert_sound, row_of_grids
from tests.shapes import THREE_LAYERS, three_levels

G1, G2, G3, G4 = (AreaKey("grid", f"G{i}") for i in range(1, 5))
C1 = AreaKey("community", "C1")


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def houses(shapes, listed=None):
    """Return buildings called 甲, 乙, … with the areas that list each, by position."""
    grounds = np.empty(len(shapes), dtype=object)
    grounds[:] = shapes
    names = list("甲乙丙丁戊"[: len(shapes)])
    told = {i: (key,) for i, key in (listed or {}).items()}
    return KnownBuildings([""] * len(names), names, grounds, told)


def known(buildings):
    return Known(buildings=[Building(*each) for each in buildings.of(range(len(buildings)))])


def test_buildings_off_their_list_are_told_together_by_where_they_should_stand(row):
    shapes = [box(11, 4, 13, 6), Point(18, 5), box(21, 4, 23, 6), Point(50, 5)]
    found = buildings_outside(row, houses(shapes, {0: G1, 1: G1, 2: G3, 3: G4}))
    assert [(each.kind, each.codes, each.buildings, each.area_m2) for each in found] == [
        ("building_outside", ("G1", "G2"), ("甲", "乙"), 4),
        ("building_outside", ("G4",), ("丁",), None),
    ]
    assert "grid G4、—（清单所列、实际所在）" in found[1].text("zh")
    assert (found[0].count, found[0].x, found[0].y) == (2, 12, 5)
    assert (
        found[0]
        .text("en")
        .startswith(
            "building 甲, 乙 does not stand where its list says: grid G1 and G2 (listed, found)"
        )
    )


def test_a_list_of_a_level_above_holds_what_stands_anywhere_below_it(row):
    shapes = [Point(5, 5), Point(25, 5)]
    (found,) = buildings_outside(row, houses(shapes, {0: C1, 1: C1}))
    assert (found.layer, found.codes, found.buildings) == ("community", ("C1", "C2"), ("乙",))


def test_a_list_of_an_area_that_is_no_more_asks_nothing(row):
    assert buildings_outside(row, houses([Point(5, 5)], {0: AreaKey("grid", "gone")})) == []


def test_a_building_on_a_border_stands_on_both_sides(row):
    shapes = [Point(10, 5), Point(10, 5), Point(10, 5)]
    (found,) = buildings_outside(row, houses(shapes, {0: G1, 1: G2, 2: G3}))
    assert found.codes == ("G3", "G1")


def test_buildings_that_stand_elsewhere_go_to_their_list_with_their_ground(row):
    shapes = [Point(12, 5), Point(18, 5), Point(25, 5)]
    buildings = houses(shapes, {0: G2, 1: G3, 2: G3})
    (found,) = buildings_outside(row, buildings)
    (fix,) = fixes_for(row, found, known(buildings))
    assert (fix.kind, fix.to) == ("move_buildings", (G3,))
    after, _ = fix.apply(row)
    # the border runs half way between the houses at 12 and 18
    assert after.area(G3).outline.equals(box(15, 0, 30, 10))
    assert buildings_outside(after, buildings) == []
    # nobody knows the other buildings
    assert fixes_for(row, found) == []


def test_the_last_building_of_an_area_is_gone_round(row):
    buildings = houses([box(16, 4, 19, 6)], {0: G3})
    (found,) = buildings_outside(row, buildings)
    # alone in G2 it cannot go with all ground; half a metre off its walls it does not reach G3
    assert fixes_for(row, found, known(buildings)) == []
    buildings = houses([box(16, 4, 19.8, 6)], {0: G3})
    (found,) = buildings_outside(row, buildings)
    (fix,) = fixes_for(row, found, known(buildings))
    assert fix.kind == "go_round"
    after, _ = fix.apply(row)
    expected = box(15.5, 3.5, 20, 6.5) | box(20, 0, 30, 10)
    assert (after.area(G3).outline ^ expected).area == pytest.approx(0, abs=1e-9)
    assert buildings_outside(after, buildings) == []


def test_a_building_that_a_border_cuts_has_its_shares_on_both_sides(row):
    # 6 by 2 m, of which 4 by 2 lie in G1
    buildings = houses([box(6, 4, 12, 6)])
    (found,) = buildings_outside(row, buildings)
    assert (found.kind, found.codes, found.buildings) == ("building_cut", ("G1", "G2"), ("甲",))
    assert found.shares == pytest.approx((2 / 3, 1 / 3))
    assert found.area_m2 == pytest.approx(4)
    assert found.text("zh").startswith("楼栋 甲 被边界切开：grid G1 67%、G2 33%")
    fixes = fixes_for(row, found, known(buildings))
    assert [(fix.kind, fix.to) for fix in fixes] == [("go_round", (G1,)), ("go_round", (G2,))]
    for fix, to in zip(fixes, (G1, G2), strict=True):
        after, _ = fix.apply(row)
        assert after.area(to).outline.covers(box(6, 4, 12, 6))
        assert buildings_outside(after, buildings) == []
        assert_sound(after, THREE_LAYERS)


def test_a_cut_is_told_of_the_lowest_layer_whose_border_it_is(row):
    found = buildings_outside(row, houses([box(18, 4, 22, 6), box(8, 7, 11, 9)]))
    # the border between C1 and C2 is that between G2 and G3
    assert [(each.layer, each.codes) for each in found] == [
        ("grid", ("G2", "G3")),
        ("grid", ("G1", "G2")),
    ]


@pytest.mark.parametrize(
    "shape",
    [
        box(6, 4, 10, 6),  # ends at the border
        box(6, 4, 10.4, 6),  # 0.4 m beyond it: how walls and borders are drawn
        Point(10, 5),
    ],
)
def test_what_only_touches_a_border_is_not_cut(row, shape):
    assert buildings_outside(row, houses([shape])) == []


def test_a_building_beyond_every_border_has_no_side_to_choose(row):
    assert buildings_outside(row, houses([box(-3, 4, 3, 6)])) == []


def test_a_building_that_is_no_building_is_named():
    with pytest.raises(InvalidValue, match="甲"):
        buildings_outside(row_of_grids(), houses([shapely.LineString([(1, 1), (2, 2)])]))


@pytest.mark.parametrize("seed", range(5))
def test_many_buildings_stand_where_shapely_says(seed):
    (city,) = extract(three_levels(2, 2, 2, seed=seed), THREE_LAYERS, is_degrees=False)
    random = np.random.default_rng(seed)
    grids = sorted(key for key in city.numbers if key.layer == "grid")
    bounds = shapely.total_bounds(city.outlines(city.areas))
    corners = random.uniform(bounds[:2], bounds[2:], (40, 2))
    sizes = random.uniform(2, 30, (40, 2))
    shapes = [box(*corner, *(corner + size)) for corner, size in zip(corners, sizes, strict=True)]
    listed = {i: (grids[random.integers(len(grids))],) for i in range(0, 40, 2)}
    buildings = KnownBuildings(
        [""] * 40, [f"#{i}" for i in range(40)], np.array(shapes, dtype=object), listed
    )
    outside, cut = set(), {}
    for i, shape in enumerate(shapes):
        for key in listed.get(i, ()):
            if not city.area(key).outline.intersects(shape.point_on_surface()):
                outside.add((i, key.code))
        parts = {key.code: city.area(key).outline & shape for key in grids}
        wide = {code: part for code, part in parts.items() if not part.buffer(-0.25).is_empty}
        if len(wide) > 1:
            cut[i] = {code: part.area / shape.area for code, part in wide.items()}
    found = buildings_outside(city, buildings)
    told = [each for each in found if each.kind == "building_outside"]
    assert {(int(n[1:]), each.codes[0]) for each in told for n in each.buildings} == outside
    shares = {
        int(each.buildings[0][1:]): dict(zip(each.codes, each.shares, strict=True))
        for each in found
        if each.kind == "building_cut"
    }
    assert {i: pytest.approx(each) for i, each in cut.items()} == shares
    assert outside
    assert cut


def test_children_are_grouped_by_what_they_have_and_hang_together(row):
    (city,) = extract(three_levels(1, 1, 4, seed=1), THREE_LAYERS, is_degrees=False)
    (parent,) = (key for key in city.numbers if key.layer == "community")
    children = sorted(key for key in city.numbers if key.layer == "grid")
    amounts = {key: float(i + 1) for i, key in enumerate(children)}
    groups = groups_of_children(city, parent, 3, amounts)
    assert sorted(key for group in groups for key in group) == children
    for group in groups:
        whole = shapely.union_all([city.area(key).outline for key in group])
        assert whole.geom_type == "Polygon"
        # a third of the sum each, but for less than what the largest child has
        assert abs(sum(amounts[key] for key in group) - sum(amounts.values()) / 3) < 16
    assert groups_of_children(row, C1, 3, {}) is None


def test_children_that_lie_apart_are_in_no_group():
    boxes = [box(20 * i, 0, 20 * i + 10, 10) for i in range(3)]
    whole = [shapely.union_all(boxes)]
    layers = {
        "street": area_set("street", codes=["S"], geometries=whole),
        "community": area_set("community", codes=["C"], parents=["S"], geometries=whole),
        "grid": area_set("grid", codes=["1", "2", "3"], parents=["C"] * 3, geometries=boxes),
    }
    (apart,) = extract(layers, THREE_LAYERS, is_degrees=False)
    assert groups_of_children(apart, AreaKey("community", "C"), 2, {}) is None


def test_a_parent_is_not_split_where_no_code_is_left(row):
    figures = {"households": {"C1": 4000}}
    (found,) = unusual_sizes(
        row, "community", {"households": (1000, 3000)}, figures=figures, codes=["C1"]
    )
    every = [f"S{i:03d}" for i in range(1000)]
    known = Known(schemes={"community": (1, 3)}, taken={"community": every})
    assert fixes_for(row, found, known) == []


def test_more_buildings_than_boxes_are_asked_for_stand_where_few_would(row):
    count = 1_100
    grounds = np.array([Point(5, 1 + i / 200) for i in range(count)], dtype=object)
    names = [f"{i}号楼" for i in range(count)]
    listed = dict.fromkeys(range(count), (G2,))
    (found,) = buildings_outside(row, KnownBuildings([""] * count, names, grounds, listed))
    assert (found.codes, found.count) == (("G2", "G1"), count)


def test_a_parent_too_large_is_split_by_its_children(row):
    figures = {"households": {"C1": 4000}}
    (found,) = unusual_sizes(
        row, "community", {"households": (1000, 3000)}, figures=figures, codes=["C1"]
    )
    (fix,) = fixes_for(row, found, Known(schemes={"community": (1, 3)}))
    assert (fix.kind, fix.text("zh")) == ("split_by_children", "按下级区域拆成 2 个")
    after, _ = fix.apply(row)
    parents = [after.areas[after.area(key).parent].key for key in (G1, G2)]
    assert parents == list(fix.to)
    assert_sound(after, THREE_LAYERS)


def test_sizes_are_asked_of_what_was_touched_and_again_of_what_changed(row):
    asking = Asking({"grid": {"area_m2": (90, 150)}, "community": {"households": (1, 2)}})
    before = questions(row, asking, [])
    assert before.findings(row) == []
    done = split(row, G1, [(4, -1), (4, 11)], ["G8", "G9"])
    asked = questions_after(before, row, done, [G1, AreaKey("grid", "G8"), AreaKey("grid", "G9")])
    assert [(each.kind, each.codes, each.amount) for each in asked.findings(done.coverage)] == [
        ("too_small", ("G8",), 40),
        ("too_small", ("G9",), 60),
    ]
    merged = merge(done.coverage, [AreaKey("grid", "G9"), G2], "G2")
    again = questions_after(asked, done.coverage, merged, [AreaKey("grid", "G9"), G2])
    assert [(each.kind, each.codes, each.amount) for each in again.findings(merged.coverage)] == [
        ("too_large", ("G2",), 160),
        ("too_small", ("G8",), 40),
    ]
    every = questions(merged.coverage, asking, None)
    assert [each.codes for each in every.findings(merged.coverage)] == [("G2",), ("G8",)]


def test_buildings_are_asked_about_where_an_operation_can_have_answered(row):
    buildings = houses(
        [Point(8, 5), Point(12, 5), Point(28, 5)], {0: G1, 1: G2, 2: AreaKey("community", "C1")}
    )
    asked = questions(row, Asking(buildings=buildings), [])
    given = give(row, G1, G2, [(6, -1), (11, -1), (11, 11), (6, 11)])
    asked = questions_after(asked, row, given, [G1, G2])
    # the third one is off its list too, but nobody drew there
    assert [each.codes for each in asked.findings(given.coverage)] == [("G1", "G2")]
    renamed = rename(given.coverage, G2, code="G9")
    asked = questions_after(asked, given.coverage, renamed, [G2, AreaKey("grid", "G9")])
    assert [each.codes for each in asked.findings(renamed.coverage)] == [("G1", "G9")]


def test_a_word_means_a_building_that_came_into_the_parent_of_its_area(row):
    known_houses = houses([Point(25, 5)])  # 甲, in G3
    before = with_lists(Redrawn(row, Change()), {G2: ("甲",)}).coverage
    asked = questions(before, Asking(buildings=known_houses), [G2])
    assert asked.findings(before) == []  # nothing in C1 is called so
    done = reparent(before, G3, C1)
    after = questions_after(asked, before, done, [G3, C1, AreaKey("community", "C2")])
    [finding] = after.findings(done.coverage)
    assert (finding.kind, finding.codes, finding.buildings) == (
        "building_outside",
        ("G2", "G3"),
        ("甲",),
    )
    fresh = questions(done.coverage, Asking(buildings=known_houses), [G2, G3])
    assert fresh.findings(done.coverage) == [finding]
