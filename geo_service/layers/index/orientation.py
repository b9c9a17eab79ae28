"""On which side of a line a point lies: never wrong, whatever the rounding.

Error-bounded floating point decides nearly always; what it cannot decide is summed exactly
(J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
Predicates", Discrete & Computational Geometry 18, 1997: the bound of section 4.1, TWO-SUM,
TWO-PRODUCT by splitting, GROW-EXPANSION). Products must not underflow: coordinates nearer to zero
than TINY and not zero have no place here.
"""

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.index.compiling import compiled

TINY = 2.0**-400
"""Coordinates nearer to zero than this count as zero: about 4e-121 degrees."""

_ERROR_BOUND = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
_SPLITTER = 2.0**27 + 1.0


@compiled
def orientation(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Return 1 where p lies left of the line from a to b, -1 right of it, 0 exactly on it."""
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    determinant = left - right
    if abs(determinant) > _ERROR_BOUND * (abs(left) + abs(right)):
        return 1 if determinant > 0.0 else -1
    if left == 0.0 and right == 0.0:  # differences are zero only where coordinates are equal
        return 0
    return exact_orientation(ax, ay, bx, by, px, py)


@compiled
def side_beside(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Return the side of a point a breath east of p and a hair north of it: never 0.

    The breath is smaller than any distance, the hair smaller than any breath, so a point that lies
    exactly on the line counts as east of it; on a horizontal line, as north. Every test of one
    walk moves its points alike, so crossings are counted as for points in general position
    (H. Edelsbrunner, E. P. Mücke, "Simulation of Simplicity", ACM TOG 9, 1990).
    """
    side = orientation(ax, ay, bx, by, px, py)
    if side != 0:
        return side
    if by != ay:
        return -1 if by > ay else 1
    return 1 if bx > ax else -1


@compiled
def exact_orientation(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Return the sign of (a - p) x (b - p), summed without any rounding."""
    total = np.zeros(12)
    count = 0
    for x, y in ((ax, by), (by, -px), (px, ay), (bx, -ay), (py, bx), (ax, -py)):
        product = x * y
        x_high, y_high = _SPLITTER * x, _SPLITTER * y
        x_high, y_high = x_high - (x_high - x), y_high - (y_high - y)
        x_low, y_low = x - x_high, y - y_high
        error = product - x_high * y_high
        error -= x_low * y_high
        error -= x_high * y_low
        count = _grow(total, count, x_low * y_low - error)
        count = _grow(total, count, product)
    for i in range(count - 1, -1, -1):  # components ascend and do not overlap: the last one rules
        if total[i] != 0.0:
            return 1 if total[i] > 0.0 else -1
    return 0


@compiled
def _grow(total: Floats, count: int, term: float) -> int:
    """Add a term to an exact sum of ``count`` components; return how many there are now."""
    for i in range(count):
        added = term + total[i]
        virtual = added - term
        total[i] = (term - (added - virtual)) + (total[i] - virtual)
        term = added
    total[count] = term
    return count + 1
