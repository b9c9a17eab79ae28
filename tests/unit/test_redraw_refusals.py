"""What operations refuse, with what error, and that nothing changes then."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, box

from geo_service import errors
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.area import area_set
from geo_service.layers.redraw import (
    add,
    annex,
    give,
    give_gap,
    merge,
    move_junction,
    rename,
    reparent,
    reshape,
    retire,
    split,
    split_by_children,
    swap,
)
from geo_service.layers.redraw.drawing.drawn import MOST_PLACES
from tests.redrawing import row_of_grids
from tests.shapes import CORNER_TOUCH, ONE_LAYER, one_layer

G1, G2, G3, G4 = (AreaKey("grid", code) for code in ("G1", "G2", "G3", "G4"))
C1, C2 = AreaKey("community", "C1"), AreaKey("community", "C2")
STREET = AreaKey("street", "S")


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def ring_of(shape):
    return shapely.get_coordinates(shape)


def arc_between(coverage, one, other):
    numbers = {coverage.number_of(one), coverage.number_of(other)}
    return next(n for n, arc in coverage.arcs.items() if numbers <= set(arc.owners()))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ([(5, 20), (5, 30)], "misses"),
        ([(12, -1), (12, 11)], "misses"),
        ([(5, -1), (5, 5)], "ends inside|one end lies inside"),
        ([(3, 3), (6, 6)], "one end lies inside"),
        ([(5, 5), (5, 11)], "one end lies inside"),
        ([(0, 0), (0, 10)], "runs along"),
        ([(-5, 0), (50, 0)], "runs along"),
        ([(10, 10), (15, 15)], "misses"),
        ([(-1, 2), (8, 2), (8, 8), (4, 8), (4, -1)], "crosses itself"),
        ([(5, -1), (5, 11), (5, -1)], "crosses itself"),
        ([(5, 5), (5, 5)], "single place"),
        ([], "single place"),
    ],
)
def test_a_line_that_does_not_part_the_area_says_why(row, line, reason):
    with pytest.raises(errors.UnfitLine, match=reason):
        split(row, G1, line, ["G5", "G6"])


def test_a_line_that_crosses_itself_says_where(row):
    line = [(-1, 2), (8, 2), (8, 8), (4, 8), (4, -1)]
    with pytest.raises(errors.UnfitLine) as refusal:
        split(row, G1, line, ["G5", "G6"])
    assert (refusal.value.lon, refusal.value.lat) == (4, 2)


def test_a_line_to_a_hole_alone_parts_nothing(row):
    island, _ = split(row, G1, ring_of(box(3, 3, 6, 6)), ["G5"], keep=(1, 1))
    with pytest.raises(errors.UnfitLine, match="parts nothing"):
        split(island, G1, [(-1, 4), (4, 4)], ["G6", "G7"])


def test_keep_must_lie_in_a_piece(row):
    with pytest.raises(errors.UnfitLine, match="keep"):
        split(row, G1, [(5, -1), (5, 11)], ["G5"], keep=(50, 50))


def test_every_piece_needs_a_code(row):
    with pytest.raises(errors.PiecesUnnamed) as refusal:
        split(row, G1, [(5, -1), (5, 11)], ["G5"])
    assert (refusal.value.pieces, refusal.value.codes) == (2, 1)


def test_codes_in_use_or_twice_are_refused(row):
    for codes in (["G5", "G2"], ["G5", "G5"]):
        with pytest.raises(errors.CodeInUse):
            split(row, G1, [(5, -1), (5, 11)], codes)


def test_a_retired_code_is_not_given_again(row):
    merged, _ = merge(row, [G1, G2], "G1")
    with pytest.raises(errors.CodeRetired, match="G2"):
        split(merged, G1, [(5, -1), (5, 11)], ["G2", "G6"])
    with pytest.raises(errors.CodeRetired):
        rename(merged, G3, code="G2")
    later = extract(merged.area_sets(), _layers(), is_degrees=False, retired=[AreaKey("grid", "X")])
    with pytest.raises(errors.CodeRetired):
        rename(later[0], G3, code="X")


def _layers():
    from tests.shapes import THREE_LAYERS

    return THREE_LAYERS


def test_what_is_made_of_others_is_not_changed_apart(row):
    for operation in (
        lambda: split(row, C1, [(5, -1), (5, 11)], ["C5", "C6"]),
        lambda: retire(row, C1),
        lambda: give(row, C1, C2, ring_of(box(15, -5, 25, 15))),
        lambda: annex(row, C2, ring_of(box(35, -5, 45, 5))),
    ):
        with pytest.raises(errors.HasChildren, match="C"):
            operation()


def test_unknown_areas_arcs_and_junctions_are_refused(row):
    nobody = AreaKey("grid", "G77")
    for operation in (
        lambda: split(row, nobody, [(5, -1), (5, 11)], ["G5", "G6"]),
        lambda: merge(row, [G1, nobody], "G1"),
        lambda: reparent(row, G1, AreaKey("community", "C77")),
    ):
        with pytest.raises(errors.UnknownArea):
            operation()
    with pytest.raises(errors.UnknownBorder):
        reshape(row, 777, [(0, 0), (1, 1)])
    with pytest.raises(errors.UnknownBorder):
        move_junction(row, (5.0, 5.0), (6.0, 6.0))
    with pytest.raises(errors.UnknownLayer):
        add(row, AreaKey("estate", "E1"), ring_of(box(0, 0, 1, 1)))


def test_areas_that_touch_in_a_point_only_are_not_merged():
    (coverage,) = extract(one_layer(*CORNER_TOUCH), ONE_LAYER, is_degrees=False)
    keys = [AreaKey("street", code) for code in ("999001", "999002")]
    with pytest.raises(errors.NotAdjacent, match="999001, 999002"):
        merge(coverage, keys, "999001")


def test_areas_apart_alone_or_of_two_layers_are_not_merged(row):
    for keys in ([G1, G3], [G1], [G1, G1], [], [G1, C1]):
        with pytest.raises(errors.NotAdjacent):
            merge(row, keys, "G1")


def test_a_merge_under_a_new_code_needs_one_parent(row):
    with pytest.raises(errors.WrongParent, match="G3"):
        merge(row, [G2, G3], "G9")


def test_a_merge_may_not_take_a_parents_last_ground(row):
    once, _ = merge(row, [G1, G2], "G2")
    with pytest.raises(errors.NothingLeft, match="C1"):
        merge(once, [G2, G3], "G3")


@pytest.mark.parametrize("parent", [G1, G2, STREET, AreaKey("grid", "G1")])
def test_a_parent_is_of_the_layer_above_so_no_cycle_can_be(row, parent):
    with pytest.raises(errors.WrongParent):
        reparent(row, G1, parent)


def test_no_parent_can_be_below_its_child(row):
    with pytest.raises(errors.WrongParent):
        reparent(row, C1, G1)
    with pytest.raises(errors.WrongParent):
        reparent(row, STREET, C1)


def test_a_new_area_needs_its_kind_of_parent(row):
    ring = ring_of(box(50, 0, 60, 10))
    for key, parent in (
        (AreaKey("grid", "G9"), None),
        (AreaKey("grid", "G9"), STREET),
        (AreaKey("street", "T"), STREET),
    ):
        with pytest.raises(errors.WrongParent):
            add(row, key, ring, parent=parent)


def test_a_parent_may_not_lose_its_last_child_to_another(row):
    once, _ = reparent(row, G1, C2)
    with pytest.raises(errors.NothingLeft, match="C1"):
        reparent(once, G2, C2)


def test_ground_that_has_an_owner_is_not_free(row):
    with pytest.raises(errors.NoFreeGround):
        give_gap(row, (5, 5), G2)
    with pytest.raises(errors.NoFreeGround):
        give_gap(row, (50, 50), G2)
    with pytest.raises(errors.NoFreeGround):
        add(row, AreaKey("street", "T"), ring_of(box(1, 1, 9, 9)))
    with pytest.raises(errors.NoFreeGround):
        add(row, AreaKey("grid", "G9"), ring_of(box(1, 1, 9, 9)), parent=C1)
    with pytest.raises(errors.NoFreeGround):
        annex(row, G1, ring_of(box(1, 1, 9, 9)))


def test_only_who_borders_on_it_gets_ground(row):
    with pytest.raises(errors.NotAdjacent):
        give(row, G1, G3, ring_of(box(5, -5, 15, 15)))
    with pytest.raises(errors.NotAdjacent):
        give_gap(retire(row, G1).coverage, (5, 5), G4)
    with pytest.raises(errors.NotAdjacent):
        annex(row, G1, ring_of(box(35, -5, 45, 5)))


def test_an_area_gives_a_part_and_not_nothing_or_all(row):
    with pytest.raises(errors.UnfitLine, match="nothing of the area"):
        give(row, G1, G2, ring_of(box(12, 2, 14, 4)))
    with pytest.raises(errors.NothingLeft):
        give(row, G1, G2, ring_of(box(-5, -5, 15, 15)))


@pytest.mark.parametrize(
    "outline", [[(1, 1), (5, 5), (5, 1), (1, 5)], [(1, 1), (5, 5)], [(1, 1), (5, 5), (3, 3)]]
)
def test_an_outline_that_crosses_itself_or_encloses_nothing_is_refused(row, outline):
    with pytest.raises(errors.UnfitLine, match="outline"):
        give(row, G1, G2, outline)


def test_parts_to_swap_must_not_overlap(row):
    with pytest.raises(errors.UnfitLine, match="overlap"):
        swap(row, (G1, ring_of(box(8, 0, 12, 5))), (G2, ring_of(box(9, 3, 14, 8))))


def test_an_arc_ends_where_it_ended(row):
    arc = arc_between(row, G1, G2)
    places = row.arcs[arc].places
    for line in (places[1:], places[:-1], places + 1):
        with pytest.raises(errors.UnfitLine):
            reshape(row, arc, [*line.tolist(), (3.0, 3.0)])


def test_a_closed_arc_stays_closed(row):
    island, _ = split(row, G1, ring_of(box(3, 3, 6, 6)), ["G5"], keep=(1, 1))
    arc = arc_between(island, G1, AreaKey("grid", "G5"))
    with pytest.raises(errors.UnfitLine):
        reshape(island, arc, [(3, 3), (6, 3), (6, 6)])


@pytest.mark.parametrize(
    "middle",
    [
        [(35, 5)],  # across the border between G3 and G4
        [(22, 5), (25, 8), (25, 2), (21, 7)],  # itself
        [(30, 5)],  # onto another border
        [(25, 10)],  # onto the outline of the street
        [(30, 10)],  # onto another junction
    ],
)
def test_an_arc_may_not_cross_or_touch_borders(row, middle):
    arc = arc_between(row, G2, G3)
    ends = row.arcs[arc].places[[0, -1]].tolist()
    with pytest.raises(errors.BordersCross) as refusal:
        reshape(row, arc, [ends[0], *middle, ends[1]])
    assert refusal.value.codes


def test_a_junction_may_not_go_across_or_onto_others(row):
    for to in ((35.0, 5.0), (30.0, 10.0), (20.0, -1.0), (20.0, 0.0)):
        with pytest.raises(errors.BordersCross):
            move_junction(row, (20.0, 10.0), to)


def test_places_that_are_not_finite_are_refused(row):
    with pytest.raises(errors.InvalidCoordinates):
        split(row, G1, [(5, np.nan), (5, 11)], ["G5", "G6"])
    with pytest.raises(errors.InvalidCoordinates):
        move_junction(row, (20.0, 10.0), (np.inf, 0.0))


def test_more_is_not_drawn_than_a_person_draws(row):
    line = np.stack([np.linspace(0, 10, MOST_PLACES + 1), np.full(MOST_PLACES + 1, 5)], axis=1)
    with pytest.raises(errors.LimitExceeded):
        split(row, G1, line, ["G5", "G6"])


def test_children_of_a_split_parent_are_its_own_and_named_once(row):
    for children in ([G3], [G1, G1]):
        with pytest.raises(errors.WrongParent):
            split_by_children(row, C1, {"C3": children})
    with pytest.raises(errors.NothingLeft):
        split_by_children(row, C1, {"C3": []})


def test_children_of_another_family_have_to_be_named_too():
    row = row_of_grids(with_party=True)
    with pytest.raises(errors.HasChildren, match="C1"):
        split_by_children(row, C1, {"C3": [G1, G2]})


def test_ground_outside_its_parent_does_not_leave_it_again():
    row = row_of_grids(with_party=True)
    moved, _ = reparent(row, G1, C2)
    party = AreaKey("party_grid", "P1")
    with pytest.raises(errors.OutsideParent, match="C1"):
        reparent(moved, party, C2)
    with pytest.raises(errors.OutsideParent):
        retire(moved, party, leaves_union=True)


def test_an_area_of_a_million_vertices_is_split_in_bounded_time():
    angles = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    radius = 1000 + np.sin(angles * 5000)
    ring = np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)
    large = one_layer(shapely.Polygon(ring))
    (coverage,) = extract(large, ONE_LAYER, is_degrees=False)
    line = [(-2000, 3), (2000, 7)]
    after, _ = split(coverage, AreaKey("street", "999001"), line, ["999002", "999003"])
    halves = [area.outline.area for area in after.areas.values()]
    assert sum(halves) == pytest.approx(large["street"].geometries[0].area, rel=1e-9)


def test_far_apart_parts_are_checked_part_by_part():
    parts = [MultiPolygon([box(x, 0, x + 1, 1), box(x + 500, 0, x + 501, 1)]) for x in range(30)]
    layer = area_set("street", codes=[f"9{i:02d}" for i in range(30)], geometries=parts)
    (coverage,) = extract({"street": layer}, ONE_LAYER, is_degrees=False)
    keys = [AreaKey("street", code) for code in ("900", "901")]
    after, _ = merge(coverage, keys, "900")
    assert shapely.get_num_geometries(after.area(keys[0]).outline) == 2
