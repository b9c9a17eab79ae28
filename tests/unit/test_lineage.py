"""What is told of one change of a layer: who split from whom, and what is mere noise.

Squares of the street are 1/1024 degree wide; those of one row are equal in area, so shares are
plain fractions.
"""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, box

from geo_service.layers.area import area_set
from geo_service.layers.lineage import Dwellings, carry, crosswalk, lineage
from tests.houses import SOUTH, STEP, WEST, square

A, B, C = square(0, 0), square(1, 0), square(2, 0)
LEFT, RIGHT = (
    box(WEST + at * STEP, SOUTH, WEST + (at + 0.5) * STEP, SOUTH + STEP) for at in (0, 0.5)
)


def areas(names=None, **shapes):
    codes = list(shapes)
    titles = [(names or {}).get(code, code) for code in codes]
    return area_set("grid", codes=codes, names=titles, geometries=list(shapes.values()))


def told(before, after, dwellings=None):
    how = {} if dwellings is None else {"dwellings": dwellings}
    rows = lineage("grid", before, after, **how)
    return {
        (row.old_code, row.new_code): (row.kind, row.share_of_old, row.share_of_new) for row in rows
    }


def near(shares):
    return pytest.approx(shares, abs=1e-9)


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ({"a": A}, {"x": LEFT, "y": RIGHT}, {"ax": ("split", 0.5, 1), "ay": ("split", 0.5, 1)}),
        ({"a": A}, {"a": LEFT, "y": RIGHT}, {"aa": ("resized", 0.5, 1), "ay": ("split", 0.5, 1)}),
        (
            {"a": A, "b": B},
            {"m": square(0, 0, 2)},
            {"am": ("merged", 1, 0.5), "bm": ("merged", 1, 0.5)},
        ),
        (
            {"a": A, "b": B},
            {"b": square(0, 0, 2)},
            {"ab": ("merged", 1, 0.5), "bb": ("resized", 1, 0.5)},
        ),
        (
            {"a": A, "b": B},
            {"a": LEFT, "b": shapely.union(RIGHT, B)},
            {"aa": ("resized", 0.5, 1), "ab": ("ceded", 0.5, 1 / 3), "bb": ("resized", 1, 2 / 3)},
        ),
        ({"a": A}, {"z": A}, {"az": ("recoded", 1, 1)}),
        ({"a": A, "b": B}, {"a": B, "b": A}, {"ab": ("ceded", 1, 1), "ba": ("ceded", 1, 1)}),
        ({"a": A, "b": B}, {"a": A}, {"b-": ("retired", 1, None)}),
        ({"a": A}, {"a": LEFT}, {"aa": ("resized", 0.5, 1), "a-": ("left", 0.5, None)}),
        ({"a": A}, {"a": A, "c": C}, {"-c": ("new", None, 1)}),
        ({"a": LEFT}, {"a": A}, {"aa": ("resized", 1, 0.5), "-a": ("gained", None, 0.5)}),
        ({"a": A, "b": B}, {"a": A, "b": B}, {}),
    ],
)
def test_every_change_is_told_by_its_kind_with_both_shares(before, after, rows):
    found = told(areas(**before), areas(**after))
    assert {"".join(code or "-" for code in key): row[0] for key, row in found.items()} == {
        key: row[0] for key, row in rows.items()
    }
    for (old, new), row in found.items():
        expected = rows[f"{old or '-'}{new or '-'}"]
        assert (row[1], row[2]) == (
            None if expected[1] is None else near(expected[1]),
            None if expected[2] is None else near(expected[2]),
        )


@pytest.mark.parametrize("away_deg", [0.0, 1e-13, 5e-9])
def test_a_node_on_a_border_gives_no_row_even_half_a_millimetre_beside_it(away_deg):
    middle = (WEST + STEP + away_deg, SOUTH + STEP / 2)
    noded = shapely.Polygon([*A.exterior.coords[:2], middle, *A.exterior.coords[2:-1]])
    assert told(areas(a=A), areas(a=noded)) == {}


def test_a_split_leaves_no_hair_on_the_neighbor_that_got_its_node():
    # a third of a step is no binary fraction: the cut ends beside the border it ends on
    at = SOUTH + STEP / 3
    cut = shapely.Polygon([*A.exterior.coords[:2], (WEST + STEP, at), (WEST, at)])
    rest = shapely.difference(A, cut)
    noded = shapely.Polygon([(WEST + STEP, at), *(B.exterior.coords[i] for i in (0, 1, 2, 3))])
    found = told(areas(a=A, b=B), areas(a=rest, n=cut, b=noded))
    assert found.keys() == {("a", "a"), ("a", "n")}
    assert found["a", "n"][1] == pytest.approx(1 / 3, abs=1e-5)  # the southern part is wider


def test_an_area_in_parts_with_a_hole_is_shared_out_like_any_other():
    ring = shapely.difference(square(0, 0, 3, 3), square(1, 1))
    both = MultiPolygon([ring, square(5, 0)])
    found = told(areas(a=both), areas(a=ring, b=square(5, 0)))
    assert found["a", "b"] == ("split", near(1 - found["a", "a"][1]), near(1))
    assert found["a", "b"][1] == pytest.approx(1 / 9, abs=1e-4)


def test_ground_that_two_areas_of_an_overlay_hold_goes_to_both():
    found = told(areas(a=square(0, 0, 2)), areas(x=square(0, 0, 2), y=B))
    assert found["a", "x"][1:] == (near(2 / 3), near(1))
    assert found["a", "y"][1:] == (near(1 / 3), near(1))


def test_overlay_areas_that_always_overlapped_give_each_other_nothing():
    before, after = areas(a=square(0, 0, 2), b=B), areas(a=A, b=B)
    assert told(before, after).keys() == {("a", "a"), ("a", None)}


def test_another_name_alone_is_a_row_and_lines_have_no_ground():
    line, other = (
        shapely.LineString([(WEST, SOUTH), (WEST + STEP, SOUTH)]),
        shapely.LineString([(WEST, SOUTH), (WEST, SOUTH + STEP)]),
    )
    before = areas({"a": "旧名"}, a=A, l=line)
    assert told(before, areas({"a": "新名"}, a=A, l=other)) == {("a", "a"): ("renamed", 1.0, 1.0)}


def test_residents_follow_the_households_of_buildings_and_not_the_ground():
    homes = Dwellings(
        WEST + STEP * np.array([0.1, 0.2, 0.8, 1.5]),
        np.full(4, SOUTH + STEP / 2),
        np.array([10.0, 20.0, 10.0, 100.0]),
    )
    rows = lineage("grid", areas(a=A), areas(x=LEFT, y=RIGHT), dwellings=homes)
    assert [(row.new_code, row.residents_of_old, row.is_old_estimated) for row in rows] == [
        ("x", 0.75, False),
        ("y", 0.25, False),
    ]


def test_without_households_the_ground_tells_and_the_share_is_estimated():
    rows = lineage("grid", areas(a=A, b=B), areas(a=LEFT, b=shapely.union(RIGHT, B)))
    estimated = {(row.old_code, row.new_code): row.is_old_estimated for row in rows}
    # the whole of b stays with b, which nobody has to estimate
    assert estimated == {("a", "a"): True, ("a", "b"): True, ("b", "b"): False}


def test_a_crosswalk_also_holds_what_stayed_and_read_backwards_it_is_the_same_ground():
    old, new = areas(a=A, b=B, c=C), areas(a=LEFT, x=RIGHT, b=B, c=C)
    there = {(r.old_code, r.new_code): r for r in crosswalk("grid", old, new)}
    back = {(r.new_code, r.old_code): r for r in crosswalk("grid", new, old)}
    assert there.keys() == back.keys()
    assert [key for key, row in there.items() if row.kind == "unchanged"] == [
        ("b", "b"),
        ("c", "c"),
    ]
    for key, row in there.items():
        assert row.share_of_old == near(back[key].share_of_new)
        assert row.area_m2 == pytest.approx(back[key].area_m2)


def test_carried_counts_sum_to_what_was_given_and_nobody_is_told():
    rows = crosswalk("grid", areas(a=A, b=B), areas(x=LEFT, b=B))
    found = carry(rows, {"a": 7.0, "b": 5.0}, basis="area")
    assert [(each.code, each.value, each.sources) for each in found.values] == [
        ("b", 5.0, [("b", 5.0)]),
        ("x", near(3.5), [("a", near(3.5))]),
    ]
    assert found.to_nobody == [("a", near(3.5))]


def test_whole_counts_are_shared_out_by_largest_remainders_so_that_none_is_lost():
    thirds = {
        f"{i}": box(WEST + i / 3 * STEP, SOUTH, WEST + (i + 1) / 3 * STEP, SOUTH + STEP)
        for i in range(3)
    }
    rows = crosswalk("grid", areas(a=A), areas(**thirds))
    values = [each.value for each in carry(rows, {"a": 11}, is_whole=True).values]
    assert sorted(values) == [3.0, 4.0, 4.0]


def test_a_count_that_nobody_gave_stays_unknown_and_is_never_zero():
    rows = crosswalk("grid", areas(a=A, b=B, c=C), areas(m=square(0, 0, 2), c=C))
    merged, untold = (
        next(each for each in carry(rows, {"a": 4.0}).values if each.code == code)
        for code in ("m", "c")
    )
    assert (merged.value, merged.missing) == (4.0, ["b"])
    assert (untold.value, untold.missing) == (None, ["c"])
