"""Curves of drawings: never far from the arc or spline, arcs the same nodes for both neighbors."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from geo_service.layers.files.features.dxf.curve import straightened
from geo_service.layers.files.features.dxf.spline import Spline
from tests.examples import examples

METRES = st.floats(-1e6, 1e6)
BULGES = st.floats(0.001, 20) | st.floats(-20, -0.001)
# metres to a millionth, as drawings write them: the oracle squares the length of a piece, and
# the square of the smallest numbers there are is zero, which it divides by
WRITTEN = st.integers(-(10**9), 10**9).map(lambda millionths: millionths / 1e6)


@settings(max_examples=examples(200), deadline=None)
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


@settings(max_examples=examples(100), deadline=None)
@given(data=st.data(), degree=st.integers(1, 5))
def test_a_spline_in_pieces_is_near_what_scipy_makes_of_it(data, degree):
    count = degree + 1 + data.draw(st.integers(0, 5))
    controls = data.draw(st.lists(st.tuples(WRITTEN, WRITTEN), min_size=count, max_size=count))
    weights = data.draw(st.lists(st.floats(0.1, 10), min_size=count, max_size=count))
    steps = data.draw(st.lists(st.floats(0.1, 3), min_size=count, max_size=count + degree))
    steps += [1.0] * (count + degree - len(steps))
    knots = np.concatenate([[0.0], np.cumsum(steps)])
    path = Spline(degree, knots.tolist(), controls, weights).straightened(chord=0.05)
    weighted = np.column_stack([np.array(controls) * np.array(weights)[:, None], weights])
    turns = np.linspace(knots[degree], knots[count], 400)
    x, y, weight = BSpline(knots, weighted, degree)(turns).T
    found = shapely.distance(shapely.points(x / weight, y / weight), shapely.LineString(path))
    assert found.max() <= 0.05 + 1e-6
    assert math.dist(path[0], (x[0] / weight[0], y[0] / weight[0])) < 1e-6
    assert math.dist(path[-1], (x[-1] / weight[-1], y[-1] / weight[-1])) < 1e-6
