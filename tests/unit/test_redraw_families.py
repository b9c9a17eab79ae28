"""Who belongs to whom, and areas beside another family of layers, on four squares in a row."""

import pytest
import shapely
from shapely import box

from geo_service.errors import NoFreeGround
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw import (
    give_gap,
    rename,
    reparent,
    retire,
    split,
    split_by_children,
)
from tests.redrawing import TWO_FAMILIES, assert_sound, row_of_grids
from tests.shapes import THREE_LAYERS

G1, G2, G3, G4 = (AreaKey("grid", code) for code in ("G1", "G2", "G3", "G4"))
C1, C2 = AreaKey("community", "C1"), AreaKey("community", "C2")
STREET = AreaKey("street", "S")


def grid(code):
    return AreaKey("grid", code)


def community(code):
    return AreaKey("community", code)


def outline(coverage, key):
    return coverage.area(key).outline


def ring_of(shape):
    return shapely.get_coordinates(shape)


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def test_an_area_goes_to_another_parent_with_its_ground(row):
    after, change = reparent(row, G2, C2)
    assert outline(after, C1).equals(box(0, 0, 10, 10))
    assert outline(after, C2).equals(box(10, 0, 40, 10))
    assert outline(after, G2) is outline(row, G2)
    assert change.moved == (row.number_of(G2),)
    assert_sound(after, THREE_LAYERS)


def test_another_family_keeps_its_parent_until_it_is_put_right():
    row = row_of_grids(with_party=True)
    moved = reparent(row, G1, C2).coverage
    assert_sound(moved, TWO_FAMILIES)
    (p1, p2) = (AreaKey("party_grid", code) for code in ("P1", "P2"))
    # both halves of C1 now reach beyond it: cut along its border, and hand the western parts over
    for key, code, y in ((p1, "P4", 7), (p2, "P5", 2)):
        moved = split(moved, key, [(10, -5), (10, 15)], [code], keep=(15, y)).coverage
        moved = reparent(moved, AreaKey("party_grid", code), C2).coverage
    assert moved.untiled == frozenset()
    assert_sound(moved, TWO_FAMILIES)


def test_a_line_along_a_border_of_another_family_becomes_one_with_it():
    row = row_of_grids(with_party=True)
    after, change = split(row, G1, [(-1, 5), (11, 5)], ["G5", "G6"])
    # (10, 5), where the borders cross, is a new node of all four who pass it
    touched = {after.areas[n].key.code for n in change.touched}
    assert touched == {"G5", "G6", "G2", "P1", "P2"}
    assert outline(after, grid("G5")).equals(box(0, 0, 10, 5))
    assert_sound(after, TWO_FAMILIES)


def test_a_line_across_a_border_of_another_family_has_a_common_node():
    row = row_of_grids(with_party=True)
    after, change = split(row, G1, [(4, -1), (4, 11)], ["G5", "G6"])
    for code in ("P1", "P2"):
        ring = ring_of(outline(after, AreaKey("party_grid", code)))
        assert (4.0, 5.0) in map(tuple, ring.tolist())
    assert {after.areas[n].key.code for n in change.touched} >= {"P1", "P2", "G5", "G6"}
    assert_sound(after, TWO_FAMILIES)


def test_an_area_gets_another_name_and_code(row):
    after, change = rename(row, G1, name="幸福里", code="G9")
    assert after.area(grid("G9")).name == "幸福里"
    assert after.retired == {G1}
    assert change.named == (row.number_of(G1),)
    assert change.touched == ()
    assert rename(row, C1, name="新").coverage.area(G1).parent == row.number_of(C1)


def test_a_parent_is_split_by_its_children(row):
    after, _ = split_by_children(row, C1, {"C3": [G1]})
    assert outline(after, community("C3")).equals(box(0, 0, 10, 10))
    assert outline(after, C1).equals(box(10, 0, 20, 10))
    assert after.area(G1).parent == after.number_of(community("C3"))
    assert_sound(after, THREE_LAYERS)


def test_a_parent_without_ground_left_is_retired(row):
    after, _ = split_by_children(row, C1, {"C3": [G1], "C4": [G2]})
    assert after.retired == {C1}
    assert outline(after, community("C4")).equals(box(10, 0, 20, 10))
    assert_sound(after, THREE_LAYERS)


def test_a_gap_between_parents_goes_to_an_area_and_its_parent():
    row = row_of_grids(with_party=True)
    for code in ("P1", "P2"):
        row, _ = retire(row, AreaKey("party_grid", code))
    for key in (G1, G2, C1):
        row, _ = retire(row, key)
    after, _ = give_gap(row, (5, 5), G3)
    assert outline(after, C2).equals(box(0, 0, 40, 10))
    assert outline(after, STREET) is outline(row, STREET)
    assert outline(after, AreaKey("party_grid", "P3")) is outline(row, AreaKey("party_grid", "P3"))
    with pytest.raises(NoFreeGround):
        give_gap(after, (5, 5), G4)


def test_what_another_family_lacks_is_no_gap_of_this_one():
    row, _ = retire(row_of_grids(with_party=True), AreaKey("party_grid", "P1"))
    for key in (G1, G2):
        row, _ = retire(row, key)
    # community C1 has no grids at all now, so it has no gap among them
    with pytest.raises(NoFreeGround):
        give_gap(row, (5, 7), G3)
