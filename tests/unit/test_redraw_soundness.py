"""Borders that come too close to others: refused with who and where, and found by the whole check.

An operation looks at what it changed alone; ``first_clash`` of a coverage looks at everything.
"""

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from geo_service.errors import BordersCross
from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.redraw import first_clash, merge, reshape, split
from geo_service.layers.topology import check
from tests.redrawing import TWO_FAMILIES, row_of_grids
from tests.shapes import METRES, ONE_LAYER, one_layer

PAIR = [box(0, 0, 10, 10), box(20, 0, 30, 10)]
FILLED = [box(0, 0, 40, 40) - box(10, 10, 20, 20), box(10, 10, 20, 20)]
BOTH = ["999001", "999002"]


def islands(*shapes):
    (coverage,) = extract(one_layer(*shapes), ONE_LAYER, is_degrees=False)
    return coverage


def laid(coverage, arc, places):
    """Lay an arc elsewhere without asking whether it may lie there."""
    edit = Edit(coverage)
    edit.set_places(arc, np.array(places, dtype=float))
    return edit.finish()[0]


def arc_between(coverage, *codes):
    def owners(arc):
        return {coverage.areas[owner].key.code for owner in arc.owners()}

    return next(number for number, arc in coverage.arcs.items() if owners(arc) == set(codes))


@pytest.mark.parametrize(
    ("shapes", "ring", "codes", "within"),
    [
        # swallows another area whole
        (PAIR, box(-5, -5, 40, 20), BOTH, box(20, 0, 30, 10)),
        # goes wholly into another area
        ([PAIR[0], box(20, 0, 60, 40)], box(30, 10, 40, 20), BOTH, box(30, 10, 40, 20)),
        # becomes the same ground as another area
        (PAIR, box(20, 0, 30, 10), BOTH, box(20, 0, 30, 10)),
        # changes places with what lies around it
        (FILLED, box(-5, -5, 50, 50), BOTH, box(0, 0, 40, 40)),
        # leaves the hole that it fills: the other area, whose border this was, is not there
        (FILLED, box(50, 0, 60, 10), ["999002"], box(50, 0, 60, 10)),
        # touches another area in a corner that is no junction
        (PAIR, box(10, -10, 20, 0), BOTH, shapely.Point(20, 0)),
        # touches a side of another area with a corner
        (PAIR, Polygon([(0, 0), (10, 0), (20, 5), (10, 10)]), BOTH, shapely.Point(20, 5)),
        # runs along a side of another area
        (PAIR, box(0, 2, 20, 8), BOTH, shapely.LineString([(20, 2), (20, 8)])),
    ],
)
def test_areas_that_swallow_or_touch_each_other_are_told_with_a_place(shapes, ring, codes, within):
    coverage = islands(*shapes)
    arc = arc_between(coverage, *(BOTH if shapes is FILLED else BOTH[:1]))
    places = shapely.get_coordinates(ring)
    with pytest.raises(BordersCross) as refusal:
        reshape(coverage, arc, places)
    told = refusal.value
    assert (told.layer, told.codes) == ("street", codes)
    assert within.covers(shapely.Point(told.lon, told.lat))
    found = first_clash(laid(coverage, arc, places))
    assert [key.code for key in found.keys] == codes
    assert within.covers(shapely.Point(found.place))


def test_a_hole_that_touches_its_shell_is_sound_whatever_geos_says_of_a_part():
    """The fan around the corner (0, 0): shell, hole and both fillings meet there."""
    around = [(4.6, 0.2), (4.6, 0.4), (4.7, 0.4), (4.8, 0.4), (4.8, 0.2), (4.7, 0.2)]
    shell = Polygon(box(0, 0, 10, 10).exterior, [[(0, 0), (3, 5), (4, 4), (5, 3)], around])
    low, high = Polygon([(0, 0), (5, 3), (4, 4)]), Polygon([(0, 0), (4, 4), (3, 5)])
    coverage = islands(shell, low, high, box(4.6, 0.2, 4.7, 0.4), box(4.7, 0.2, 4.8, 0.4))
    areas = coverage.area_sets()["street"]
    assert check({"street": areas}, ONE_LAYER, metres_per_unit=METRES) == []
    assert not shapely.coverage_is_valid(areas.geometries[[0, 1]])
    # merged, the islands ask only who meets their boxes: the shell and the low filling
    keys = [AreaKey("street", code) for code in ("999004", "999005")]
    merged, change = merge(coverage, keys, "999004")
    assert change.touched == (coverage.number_of(keys[0]),)
    assert merged.area(keys[0]).outline.equals(box(4.6, 0.2, 4.8, 0.4))
    assert first_clash(merged) is None


def test_a_narrow_neck_is_no_fault_within_one_family():
    row, _ = split(
        row_of_grids(with_party=True),
        AreaKey("grid", "G3"),
        [(25, -1), (25, 11)],
        ["G5"],
        keep=(22, 5),
    )
    between = arc_between(row, "G3", "G5")
    ends = row.arcs[between].places
    # half a millimetre is left of G5 between G3 and G4
    moved, _ = reshape(row, between, [ends[0], (29.9995, 5), ends[-1]])
    assert moved.area(AreaKey("grid", "G5")).outline.area == pytest.approx(50 - 4.9995 * 10 / 2)
    assert check(moved.area_sets(), TWO_FAMILIES, metres_per_unit=METRES) == []


def test_borders_of_two_families_may_not_run_beside_each_other_unmatched():
    row = row_of_grids(with_party=True)
    between = arc_between(row, "G1", "G2")
    ends = row.arcs[between].places
    # (12, 5.0005) lies half a millimetre beside the border between P1 and P2
    line = [ends[0], (12, 5.0005), ends[-1]]
    with pytest.raises(BordersCross) as refusal:
        reshape(row, between, line)
    assert {code[0] for code in refusal.value.codes} == {"G", "P"}
    assert (refusal.value.lon, refusal.value.lat) == pytest.approx((12, 5), abs=0.001)
    found = first_clash(laid(row, between, line))
    assert {key.layer for key in found.keys} == {"grid", "party_grid"}
