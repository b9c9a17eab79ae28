"""The sign of a turn is never wrong: against fractions, on points that are all but on one line."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_service.layers.index.orientation import exact_orientation, orientation, side_beside
from tests.coverages import TINY, side

DEGREES = st.one_of(
    st.floats(-360, 360).filter(lambda value: value == 0.0 or abs(value) >= TINY),
    st.integers(-360, 360).map(float),
    st.sampled_from([TINY, -TINY, 2.0**-399, 1e-100, -1e-60]),
)
POINTS = st.tuples(DEGREES, DEGREES)
STEPS = st.tuples(st.integers(-3, 3), st.integers(-3, 3))


def stepped(point, steps):
    """Return a point some units in the last place away; what falls below TINY is zero."""
    moved = []
    for value, count in zip(point, steps, strict=True):
        for _ in range(abs(count)):
            value = np.nextafter(value, np.inf if count > 0 else -np.inf)
        moved.append(0.0 if abs(value) < TINY else float(value))
    return tuple(moved)


@st.composite
def nearly_collinear(draw):
    a, b = draw(POINTS), draw(POINTS)
    share = draw(st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(-1, 2)))
    on_line = [low + share * (high - low) for low, high in zip(a, b, strict=True)]
    return a, b, stepped([0.0 if abs(value) < TINY else value for value in on_line], draw(STEPS))


@given(nearly_collinear())
def test_the_side_of_a_nearly_collinear_point_is_exact(triple):
    a, b, p = triple
    assert orientation(*a, *b, *p) == side(a, b, p)


@given(POINTS, STEPS, STEPS)
def test_the_turn_of_three_points_a_few_ulps_apart_is_exact(a, to_b, to_p):
    b, p = stepped(a, to_b), stepped(a, to_p)
    assert orientation(*a, *b, *p) == exact_orientation(*a, *b, *p) == side(a, b, p)


@given(nearly_collinear())
def test_the_turn_is_the_same_from_every_corner_and_opposite_the_other_way(triple):
    a, b, p = triple
    turn = orientation(*a, *b, *p)
    assert turn == orientation(*b, *p, *a) == orientation(*p, *a, *b)
    assert turn == -orientation(*b, *a, *p) == -orientation(*a, *p, *b)


@given(nearly_collinear())
def test_a_point_on_the_line_counts_as_a_breath_east_and_a_hair_north_of_it(triple):
    a, b, p = triple
    assume(a != b)
    # the breath moves the cross product by (ay - by), the hair by (bx - ax)
    moved = [side(a, b, p), np.sign(a[1] - b[1]), np.sign(b[0] - a[0])]
    assert side_beside(*a, *b, *p) == next(sign for sign in moved if sign != 0)
