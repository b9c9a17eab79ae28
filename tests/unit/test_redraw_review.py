"""What the review of a redrawn coverage tells, in whole and after a change."""

import pytest
import shapely
from shapely import box

from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.redraw import reparent, retire, review, review_change, split
from tests.redrawing import row_of_grids
from tests.shapes import ONE_LAYER, RING, one_layer

G1, G2, G3 = (AreaKey("grid", code) for code in ("G1", "G2", "G3"))
C2 = AreaKey("community", "C2")


def told(findings):
    return [(found.kind, found.layer, found.codes) for found in findings]


@pytest.fixture(name="row")
def _row():
    return row_of_grids()


def test_a_clean_coverage_has_no_findings(row):
    assert review(row).findings == []


def test_a_gap_has_its_place_size_and_width(row):
    (gap,) = review(retire(row, G2).coverage).findings
    assert told([gap]) == [("gap", "grid", ("C1",))]
    assert gap.area_m2 == 100
    assert gap.width_m == pytest.approx(10, rel=0.02)
    assert box(10, 0, 20, 10).contains(shapely.Point(gap.x, gap.y))
    assert gap.text("zh").startswith("grid 在上级 C1 内有空隙 100")


def test_a_hole_of_the_root_names_who_is_around():
    (coverage,) = extract(one_layer(RING), ONE_LAYER, is_degrees=False)
    (hole,) = review(coverage).findings
    assert (told([hole]), hole.area_m2) == ([("hole", "street", ("999001",))], 4)


def test_a_strip_too_narrow_for_a_circle_is_a_sliver(row):
    strip, _ = split(row, G3, [(20.2, -1), (20.2, 11)], ["G9"], keep=(25, 5))
    (found,) = review(strip).findings
    assert told([found]) == [("sliver", "grid", ("G9",))]
    assert found.width_m == pytest.approx(0.2, rel=0.02)


def test_an_area_in_several_parts_says_in_how_many():
    parts = shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)])
    (coverage,) = extract(one_layer(parts), ONE_LAYER, is_degrees=False)
    (found,) = review(coverage).findings
    assert (told([found]), found.count) == ([("disconnected", "street", ("999001",))], 2)
    assert found.text("en").startswith("street 999001 lies in 2 parts, 200 m² in all")


def test_children_beyond_their_parent_are_told_with_the_parent():
    row = row_of_grids(with_party=True)
    findings = review(reparent(row, G1, C2).coverage).findings
    assert told(findings) == [
        ("disconnected", "community", ("C2",)),
        ("gap", "party_grid", ("C2",)),
        ("outside_parent", "party_grid", ("P1", "C1")),
        ("outside_parent", "party_grid", ("P2", "C1")),
    ]


def test_what_is_right_again_is_no_longer_told(row):
    first = review(row)
    gone = retire(row, G2)
    second = review_change(first, row, gone)
    assert told(second.findings) == [("gap", "grid", ("C1",))]
    assert second.findings == review(gone.coverage).findings
    assert first.findings == []
