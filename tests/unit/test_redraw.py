"""What each operation does, on four squares in a row."""

import numpy as np
import pytest
import shapely
from shapely import box

from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import (
    add,
    annex,
    give,
    give_gap,
    merge,
    move_junction,
    pieces_of,
    reshape,
    retire,
    split,
    swap,
)
from tests.redrawing import assert_sound, bits, row_of_grids
from tests.shapes import ONE_LAYER, RING, THREE_LAYERS, one_layer


def grid(code):
    return AreaKey("grid", code)


def community(code):
    return AreaKey("community", code)


G1, G2, G3, G4 = map(grid, ["G1", "G2", "G3", "G4"])
C1, C2 = map(community, ["C1", "C2"])
STREET = AreaKey("street", "S")
ACROSS_G1 = [(5, -1), (5, 11)]


def outline(coverage, key):
    return coverage.area(key).outline


def arc_between(coverage, one, other):
    numbers = coverage.number_of(one), coverage.number_of(other)
    return next(n for n, arc in coverage.arcs.items() if set(numbers) <= set(arc.owners()))


def ring_of(shape):
    return shapely.get_coordinates(shape)


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def test_a_split_retires_the_code_and_numbers_the_pieces_from_the_west(row):
    after, change = split(row, G1, ACROSS_G1, ["G5", "G6"])
    assert outline(after, grid("G5")).equals(box(0, 0, 5, 10))
    assert outline(after, grid("G6")).equals(box(5, 0, 10, 10))
    assert G1 in after.retired
    assert G1 not in after.numbers
    assert [after.areas[n].key.code for n in change.entered] == ["G5", "G6"]
    assert change.left == (row.number_of(G1),)
    assert after.area(grid("G5")).parent == row.number_of(C1)
    assert_sound(after, THREE_LAYERS)


def test_a_split_keeps_the_code_where_it_is_told(row):
    after, _ = split(row, G1, ACROSS_G1, ["G5"], keep=(7, 5))
    assert outline(after, G1).equals(box(5, 0, 10, 10))
    assert after.number_of(G1) == row.number_of(G1)
    assert after.retired == frozenset()


def test_new_nodes_of_a_split_come_into_every_ring_that_passes_them(row):
    after, change = split(row, G2, [(0, 5), (15, 5), (15, 20)], ["G5"], keep=(18, 2))
    touched = {after.areas[n].key.code for n in change.touched}
    # (10, 5) lies on the border with G1, (15, 10) on that of the street
    assert touched == {"G1", "G2", "G5", "C1", "S"}
    assert (10.0, 5.0) in map(tuple, ring_of(outline(after, G1)).tolist())
    for key in (C1, STREET):
        assert (15.0, 10.0) in map(tuple, ring_of(outline(after, key)).tolist())
    assert outline(after, G3) is outline(row, G3)
    assert_sound(after, THREE_LAYERS)


def test_a_split_from_corner_to_corner_makes_no_new_vertex(row):
    after, change = split(row, G1, [(0, 0), (10, 10)], ["G5", "G6"])
    assert {after.areas[n].key.code for n in change.touched} == {"G5", "G6"}
    assert_sound(after, THREE_LAYERS)


def test_ends_and_bends_near_a_corner_fall_on_it(row):
    after, _ = split(row, G1, [(0.005, 0.005), (10.0005, 9.9995)], ["G5", "G6"])
    places = set(map(tuple, ring_of(outline(after, grid("G5"))).tolist()))
    assert places == {(0, 0), (10, 0), (10, 10)}


def test_an_end_near_a_border_falls_on_it(row):
    after, _ = split(row, G1, [(5, 0.009), (5, 9.992)], ["G5", "G6"])
    assert outline(after, grid("G5")).equals(box(0, 0, 5, 10))


def test_what_of_a_line_runs_along_the_border_or_outside_does_nothing(row):
    line = [(0, 0), (0, 10), (5, 10), (5, 0), (25, 0), (25, -5)]
    after, _ = split(row, G1, line, ["G5", "G6"])
    assert outline(after, grid("G6")).equals(box(5, 0, 10, 10))
    assert outline(after, G3) is outline(row, G3)


def test_a_line_that_winds_makes_more_pieces(row):
    line = [(2, -1), (2, 11), (8, 11), (8, -1)]
    assert [piece.area for piece in pieces_of(row, G1, line)] == [20, 60, 20]
    after, _ = split(row, G1, line, ["G5", "G6", "G7"])
    assert outline(after, grid("G6")).equals(box(2, 0, 8, 10))


def test_a_closed_line_cuts_out_an_island(row):
    after, _ = split(row, G1, ring_of(box(3, 3, 6, 6)), ["G5"], keep=(1, 1))
    assert outline(after, G1).equals(box(0, 0, 10, 10) - box(3, 3, 6, 6))
    assert outline(after, grid("G5")).equals(box(3, 3, 6, 6))
    assert_sound(after, THREE_LAYERS)


def test_an_island_can_be_split_though_its_border_has_no_junction(row):
    island, _ = split(row, G1, ring_of(box(3, 3, 6, 6)), ["G5"], keep=(1, 1))
    after, _ = split(island, grid("G5"), [(0, 4), (9, 4)], ["G6", "G7"])
    assert outline(after, grid("G6")).equals(box(3, 3, 6, 4))
    assert_sound(after, THREE_LAYERS)
    merged, _ = merge(after, [grid("G6"), grid("G7")], "G8")
    assert outline(merged, grid("G8")).equals(box(3, 3, 6, 6))
    assert_sound(merged, THREE_LAYERS)


def test_a_ring_area_needs_a_line_on_both_sides_of_its_hole():
    (coverage,) = extract(one_layer(RING, box(4, 4, 6, 6)), ONE_LAYER, is_degrees=False)
    key = AreaKey("street", "999001")
    after, _ = split(coverage, key, [(-1, 5), (11, 5)], ["999003", "999004"])
    low = outline(after, AreaKey("street", "999003"))
    assert low.equals(box(0, 0, 10, 5) - box(4, 4, 6, 6))
    assert_sound(after, ONE_LAYER)


def test_a_leg_that_only_reaches_a_hole_is_left_out():
    (coverage,) = extract(one_layer(RING, box(4, 4, 6, 6)), ONE_LAYER, is_degrees=False)
    key = AreaKey("street", "999001")
    pieces = pieces_of(coverage, key, [(2, -1), (2, 11), (5, 11), (5, 5)])
    assert pieces[0].equals(box(0, 0, 2, 10))
    assert (len(pieces[1].interiors), len(pieces[1].exterior.coords)) == (1, 5)


def test_a_merge_lets_the_named_code_survive(row):
    after, change = merge(row, [G1, G2], "G2")
    assert outline(after, G2).equals(box(0, 0, 20, 10))
    assert after.retired == {G1}
    assert change.left == (row.number_of(G1),)
    assert_sound(after, THREE_LAYERS)


def test_a_merge_under_a_new_code_retires_all_others(row):
    after, _ = merge(row, [G1, G2], "G9", name="新网格")
    assert after.retired == {G1, G2}
    assert after.area(grid("G9")).name == "新网格"
    assert merge(row, [G1, G2], "G9").coverage.area(grid("G9")).name == "G9"


def test_a_merge_across_parents_moves_the_border_of_the_parents(row):
    after, _ = merge(row, [G2, G3], "G3")
    assert outline(after, C1).equals(box(0, 0, 10, 10))
    assert outline(after, C2).equals(box(10, 0, 40, 10))
    assert_sound(after, THREE_LAYERS)


def test_merged_parents_have_the_children_of_both(row):
    after, change = merge(row, [C1, C2], "C1")
    assert outline(after, C1).equals(box(0, 0, 40, 10))
    assert {after.areas[n].key for n in change.moved} == {G3, G4}
    assert all(after.area(key).parent == after.number_of(C1) for key in (G1, G2, G3, G4))
    assert_sound(after, THREE_LAYERS)


def test_a_reshaped_arc_changes_both_sides_on_every_level(row):
    arc = arc_between(row, G2, G3)
    line = row.arcs[arc].places
    bent = np.array([line[0], [21, 5], line[-1]])
    after, change = reshape(row, arc, bent)
    # a triangle with base 10 and height 1 changes hands
    assert outline(after, G2).area == outline(after, C1).area - 100 == 105
    assert outline(after, STREET) is outline(row, STREET)
    assert change.arcs == (arc,)
    assert_sound(after, THREE_LAYERS)


def test_an_island_may_move_as_a_whole():
    (coverage,) = extract(one_layer(RING, box(4, 4, 6, 6)), ONE_LAYER, is_degrees=False)
    arc = arc_between(coverage, *(AreaKey("street", code) for code in ("999001", "999002")))
    after, _ = reshape(coverage, arc, coverage.arcs[arc].places + 1)
    assert outline(after, AreaKey("street", "999002")).equals(box(5, 5, 7, 7))
    assert_sound(after, ONE_LAYER)


def test_a_junction_moves_with_all_its_arcs(row):
    after, _ = move_junction(row, (20.0, 10.0), (21.0, 11.0))
    for key in (G2, G3, C1, C2, STREET):
        assert (21.0, 11.0) in map(tuple, ring_of(outline(after, key)).tolist())
    assert_sound(after, THREE_LAYERS)


def test_a_part_goes_to_a_neighbor_and_parents_follow(row):
    after, _ = give(row, G2, G3, ring_of(box(15, -5, 25, 15)))
    assert outline(after, G2).equals(box(10, 0, 15, 10))
    assert outline(after, G3).equals(box(15, 0, 30, 10))
    assert outline(after, C1).equals(box(0, 0, 15, 10))
    assert_sound(after, THREE_LAYERS)


def test_a_part_inside_makes_the_taker_a_second_part_only_beside_it(row):
    after, _ = give(row, G2, G1, ring_of(box(10, 3, 14, 6)))
    assert outline(after, G1).equals(box(0, 0, 10, 10) | box(10, 3, 14, 6))
    assert_sound(after, THREE_LAYERS)


def test_two_neighbors_exchange_parts_in_one_operation(row):
    parts = (G1, ring_of(box(8, 0, 10, 5))), (G2, ring_of(box(10, 5, 12, 10)))
    after, change = swap(row, *parts)
    assert outline(after, G1).equals(box(0, 0, 10, 10) - box(8, 0, 10, 5) | box(10, 5, 12, 10))
    assert outline(after, G2).area == 100
    assert {row.areas[n].key.code for n in change.touched} == {"G1", "G2", "C1", "S"}
    assert set(change.arcs_left) == set(row.arcs) - set(after.arcs)
    assert_sound(after, THREE_LAYERS)


def test_a_retired_area_leaves_a_gap_that_a_neighbor_can_take(row):
    gone, _ = retire(row, G2)
    assert outline(gone, C1).equals(box(0, 0, 20, 10))
    assert_sound(gone, THREE_LAYERS)
    after, _ = give_gap(gone, (15, 5), G1)
    assert outline(after, G1).equals(box(0, 0, 20, 10))
    assert_sound(after, THREE_LAYERS)


def test_a_gap_goes_to_a_neighbor_of_another_parent_with_the_parents_border(row):
    gone, _ = retire(row, G2)
    after, _ = give_gap(gone, (15, 5), G3)
    assert outline(after, C1).equals(box(0, 0, 10, 10))
    assert outline(after, C2).equals(box(10, 0, 40, 10))
    assert_sound(after, THREE_LAYERS)


def test_of_several_gaps_the_one_around_the_place_is_given(row):
    gone, _ = retire(retire(row, G1).coverage, G4)
    after, _ = give_gap(gone, (35, 5), G3)
    assert outline(after, G3).equals(box(20, 0, 40, 10))
    assert outline(after, C1) is outline(gone, C1)


def test_a_retired_area_can_leave_the_union(row):
    after, _ = retire(row, G1, leaves_union=True)
    assert outline(after, C1).equals(box(10, 0, 20, 10))
    assert outline(after, STREET).equals(box(10, 0, 40, 10))
    assert_sound(after, THREE_LAYERS)


def test_a_hole_of_the_root_goes_to_an_area_and_its_ancestors(row):
    island, _ = split(row, G1, ring_of(box(3, 3, 6, 6)), ["G5"], keep=(1, 1))
    holed, _ = retire(island, grid("G5"), leaves_union=True)
    assert outline(holed, STREET).area == 391
    after, _ = give_gap(holed, (4, 4), G1)
    assert outline(after, STREET).area == outline(after, C1).area + 200 == 400
    assert_sound(after, THREE_LAYERS)


def test_a_new_area_takes_the_free_ground_in_its_outline(row):
    gone, _ = retire(row, G2)
    after, _ = add(gone, grid("G5"), ring_of(box(5, -5, 15, 15)), parent=C1, name="新")
    assert outline(after, grid("G5")).equals(box(10, 0, 15, 10))
    assert after.area(grid("G5")).name == "新"
    assert_sound(after, THREE_LAYERS)


def test_a_new_area_may_take_a_whole_gap(row):
    gone, _ = retire(row, G2)
    after, _ = add(gone, grid("G5"), ring_of(box(5, -5, 25, 15)), parent=C1)
    assert outline(after, grid("G5")).equals(box(10, 0, 20, 10))


def test_the_first_area_in_a_parent_may_take_a_part_of_it(row):
    bare, _ = retire(retire(row, G1).coverage, G2)
    after, _ = add(bare, grid("G5"), ring_of(box(-5, -5, 5, 15)), parent=C1)
    assert outline(after, grid("G5")).equals(box(0, 0, 5, 10))
    assert_sound(after, THREE_LAYERS)


def test_a_new_root_area_takes_what_nobody_has(row):
    after, _ = add(row, AreaKey("street", "T"), ring_of(box(-10, 5, 5, 20)))
    new = outline(after, AreaKey("street", "T"))
    assert new.equals(box(-10, 5, 5, 20) - box(0, 0, 40, 10))
    # two of its corners are new nodes of the neighbor's rings
    assert (0.0, 5.0) in map(tuple, ring_of(outline(after, G1)).tolist())
    assert_sound(after, THREE_LAYERS)


def test_free_ground_outside_goes_to_an_area_and_its_ancestors(row):
    after, _ = annex(row, G4, ring_of(box(35, -5, 45, 5)))
    assert outline(after, G4).equals(box(30, 0, 40, 10) | box(35, -5, 45, 5))
    assert outline(after, STREET).area == 400 + 100 - 25
    assert_sound(after, THREE_LAYERS)


def test_the_value_before_an_operation_is_undo(row):
    before = bits(row)
    split(row, G1, ACROSS_G1, ["G5", "G6"])
    merge(row, [G1, G2], "G2")
    assert bits(row) == before
    assert_sound(row, THREE_LAYERS)


def test_even_the_last_area_may_go_and_a_first_one_come():
    (coverage,) = extract(one_layer(box(0, 0, 10, 10)), ONE_LAYER, is_degrees=False)
    bare, _ = retire(coverage, AreaKey("street", "999001"))
    assert dict(bare.areas) == dict(bare.arcs) == dict(bare.arcs_at) == {}
    assert_sound(bare, ONE_LAYER)
    after, _ = add(bare, AreaKey("street", "999002"), ring_of(box(2, 2, 5, 5)))
    assert outline(after, AreaKey("street", "999002")).equals(box(2, 2, 5, 5))
    assert_sound(after, ONE_LAYER)
