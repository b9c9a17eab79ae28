"""Arcs of drawings: the same nodes for both neighbors, and never far from the arc."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_service.layers.files.features.dxf.curve import straightened

METRES = st.floats(-1e6, 1e6)
BULGES = st.floats(0.001, 20) | st.floats(-20, -0.001)


@settings(max_examples=200, deadline=None)
@given(start=st.tuples(METRES, METRES), way=st.tuples(METRES, METRES), bulge=BULGES)
def test_an_arc_has_the_same_nodes_from_whichever_end_it_is_drawn(start, way, bulge):
    end = start[0] + way[0] / 1000, start[1] + way[1] / 1000
    length, chord = math.dist(start, end), 0.01
    assume(length > 0.5)
    there, count = straightened([start, end], [bulge, 0], chord=chord)
    back, _ = straightened([end, start], [-bulge, 0], chord=chord)
    assert count == 1
    assert [start, *back[1:-1][::-1], end] == there
    # the sagitta of an arc is its bulge times half the chord between its ends
    radius = length * (1 + bulge**2) / (4 * abs(bulge))
    assert math.dist(there[0], there[-1]) == length
    for a, b in pairwise(there):
        piece = math.dist(a, b)
        assert radius - math.sqrt(max(radius**2 - piece**2 / 4, 0)) <= chord + 1e-6 * radius
    # together the pieces are as long as the arc, but for what they cut off
    total = sum(math.dist(a, b) for a, b in pairwise(there))
    assert total == pytest.approx(radius * 4 * math.atan(abs(bulge)), rel=0.02)
