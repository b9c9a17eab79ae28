"""Operations as values do what the functions do, on the coverage that holds their area."""

import numpy as np
import pytest

from geo_service.errors import UnknownArea, UnknownBorder
from geo_service.layers.arcs import AreaKey
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
from geo_service.layers.redraw.asked.borders import border_name, border_named, borders_of
from geo_service.layers.redraw.asked.operation import (
    Add,
    Annex,
    Give,
    GiveGap,
    Merge,
    MoveJunction,
    Rename,
    Reparent,
    Reshape,
    Retire,
    Split,
    SplitByChildren,
    Swap,
    coverage_for,
)
from tests.redrawing import bits, row_of_grids

G1, G2, G3 = (AreaKey("grid", f"G{i}") for i in (1, 2, 3))
C1, C2 = (AreaKey("community", code) for code in ("C1", "C2"))
LINE = ((5.0, -1.0), (5.0, 11.0))
CORNER = ((8.0, -1.0), (11.0, -1.0), (11.0, 3.0), (8.0, 3.0))
OTHER = ((9.0, 7.0), (12.0, 7.0), (12.0, 11.0), (9.0, 11.0))
OUTSIDE = ((-5.0, 2.0), (0.0, 2.0), (0.0, 8.0), (-5.0, 8.0))
BESIDE = ((2.0, 10.0), (8.0, 10.0), (8.0, 14.0), (2.0, 14.0))


def line(places):
    return np.array(places)


@pytest.mark.parametrize(
    ("asked", "done"),
    [
        (Split(G1, LINE, ("A", "B")), lambda c: split(c, G1, line(LINE), ["A", "B"])),
        (
            Split(G1, LINE, ("A",), (7.0, 5.0)),
            lambda c: split(c, G1, line(LINE), ["A"], keep=(7.0, 5.0)),
        ),
        (
            SplitByChildren(C1, {"C3": (G2,)}),
            lambda c: split_by_children(c, C1, {"C3": [G2]}),
        ),
        (Merge((G1, G2), "G1", "一"), lambda c: merge(c, [G1, G2], "G1", name="一")),
        (
            MoveJunction(G2, (20.0, 0.0), (21.0, 0.0)),
            lambda c: move_junction(c, (20.0, 0.0), (21.0, 0.0)),
        ),
        (Give(G1, G2, CORNER), lambda c: give(c, G1, G2, line(CORNER))),
        (
            Swap(G1, CORNER, G2, OTHER),
            lambda c: swap(c, (G1, line(CORNER)), (G2, line(OTHER))),
        ),
        (Annex(G1, OUTSIDE), lambda c: annex(c, G1, line(OUTSIDE))),
        (
            Add(AreaKey("street", "T"), BESIDE, None, "新"),
            lambda c: add(c, AreaKey("street", "T"), line(BESIDE), name="新"),
        ),
        (Retire(G1), lambda c: retire(c, G1)),
        (Retire(G1, leaves_union=True), lambda c: retire(c, G1, leaves_union=True)),
        (Reparent(G2, C2), lambda c: reparent(c, G2, C2)),
        (Rename(G1, "一", "G9"), lambda c: rename(c, G1, name="一", code="G9")),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_an_operation_does_what_its_function_does(asked, done):
    coverage = row_of_grids()
    assert coverage_for([coverage], asked) == 0
    assert bits(asked.on(coverage).coverage) == bits(done(coverage).coverage)


def test_a_gap_is_given_as_the_function_gives_it():
    coverage = retire(row_of_grids(), G1).coverage
    asked = GiveGap(G2, (5.0, 5.0))
    assert bits(asked.on(coverage).coverage) == bits(give_gap(coverage, (5.0, 5.0), G2).coverage)


def test_parts_and_areas_of_a_split_parent_get_names():
    coverage = row_of_grids()
    named = Split(G1, LINE, ("A", "B"), names={"A": "甲", "B": "乙"}).on(coverage)
    found = {area.key.code: area.name for area in named.coverage.areas.values()}
    assert (found["A"], found["B"], found["G2"]) == ("甲", "乙", "G2")
    assert len(named.change.entered) == 2
    parents = SplitByChildren(C1, {"C3": (G2,)}, {"C3": "丙"}).on(coverage)
    assert parents.coverage.area(AreaKey("community", "C3")).name == "丙"


@pytest.mark.parametrize("way", [1, -1])
def test_a_border_is_drawn_between_its_ends_whichever_way_it_was_drawn(way):
    coverage = row_of_grids()
    [name] = {b.name for b in borders_of(coverage, [G1])} & {
        b.name for b in borders_of(coverage, [G2])
    }
    drawn = ((10.001, 0.001), (12.0, 5.0), (10.001, 9.999))[::way]
    redrawn = Reshape(G1, name, drawn).on(coverage)
    number = border_named(coverage, G1, name)
    arc = coverage.arc(number)
    exact = [arc.tail, (12.0, 5.0), arc.head]
    assert bits(redrawn.coverage) == bits(reshape(coverage, number, np.array(exact)).coverage)
    with pytest.raises(UnknownBorder):
        Reshape(G1, name, drawn).on(redrawn.coverage)


def test_a_closed_border_goes_where_it_is_drawn():
    island = ((3.0, 3.0), (7.0, 3.0), (7.0, 7.0), (3.0, 7.0), (3.0, 3.0))
    coverage = split(row_of_grids(), G1, line(island), ["I"], keep=(1.0, 1.0)).coverage
    inner = AreaKey("grid", "I")
    [border] = borders_of(coverage, [inner])
    assert border.is_closed
    assert {key.code for key in (*border.left, *border.right)} == {"I", "G1"}
    moved = tuple((x + 1.0, y) for x, y in island)
    redrawn = Reshape(inner, border.name, moved).on(coverage).coverage
    assert redrawn.area(inner).outline.bounds == (4.0, 3.0, 8.0, 7.0)


def test_a_name_of_a_border_says_where_it_runs_and_not_which_way():
    coverage = row_of_grids()
    for arc in coverage.arcs.values():
        turned = arc._replace(places=arc.places[::-1], tail=arc.head, head=arc.tail)
        assert border_name(turned) == border_name(arc)
    ring = np.array([[0.0, 0], [4, 0], [4, 4], [0, 4], [0, 0]])
    arc = next(iter(coverage.arcs.values()))._replace(tail=(0.0, 0.0), head=(0.0, 0.0))
    names = {
        border_name(arc._replace(places=places))
        for first in range(4)
        for places in (
            np.vstack([np.roll(ring[:-1], first, axis=0), np.roll(ring[:-1], first, axis=0)[:1]]),
            np.vstack([np.roll(ring[:-1], first, axis=0), np.roll(ring[:-1], first, axis=0)[:1]])[
                ::-1
            ],
        )
    }
    assert len(names) == 1


def test_what_no_coverage_holds_is_said():
    coverage = row_of_grids()
    with pytest.raises(UnknownArea):
        coverage_for([coverage], Rename(AreaKey("grid", "none"), "一"))
    with pytest.raises(UnknownArea):
        coverage_for([coverage], Add(AreaKey("lane", "L"), BESIDE))
    with pytest.raises(UnknownArea):
        borders_of(coverage, [AreaKey("grid", "none")])
