"""Splines as straight pieces that provably stay near them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from geo_service.layers.files.features.dxf.curve import Point

_Weighted: TypeAlias = tuple[float, ...]
"""x and y, both times the weight, and the weight."""


@dataclass(frozen=True)
class Spline:
    """A B-spline in the plane, rational where its weights differ.

    Parameters
    ----------
    knots
        ``(controls + degree + 1,)``, ascending.
    controls
        ``(x, y)`` of the control points, more than ``degree``.
    weights
        Of the control points, above 0.

    References
    ----------
    L. Ramshaw, "Blossoms are polar forms", Computer Aided Geometric Design 6 (1989): the control
    points of any stretch of a spline are values of its blossom.
    """

    degree: int
    knots: Sequence[float]
    controls: Sequence[Point]
    weights: Sequence[float]

    def __post_init__(self) -> None:
        """Refuse numbers that make no spline; raises ValueError."""
        if not self.controls:
            raise ValueError(
                "样条只有拟合点，没有控制点，请用 SPLINEDIT 转换为多段线 / a spline of fit points"
                " alone: convert it to a polyline (SPLINEDIT)"
            )
        count = len(self.controls)
        is_sound = (
            0 < self.degree < count
            and len(self.knots) == count + self.degree + 1
            and all(low <= high for low, high in pairwise(self.knots))
            and self.knots[self.degree] < self.knots[count]
            and len(self.weights) == count
            and min(self.weights) > 0
        )
        if not is_sound:
            raise ValueError("样条的节点、控制点与权不相配 / knots, points and weights do not fit")

    def straightened(self, *, chord: float) -> list[Point]:
        """Return points along the spline, both ends included.

        Parameters
        ----------
        chord
            How far a piece between two of them may be from the spline, in the units of the points.
        """
        inner = pairwise(self.knots[self.degree : len(self.controls) + 1])
        spans = [(i, low, high) for i, (low, high) in enumerate(inner, self.degree) if low < high]
        path = [self._stretch(*spans[0])[0]]
        for span, low, high in spans:
            path.extend(self._pieces(span, low, high, chord))
        return path

    def _pieces(self, span: int, low: float, high: float, chord: float) -> Iterator[Point]:
        """Yield the ends of straight pieces; the start of the first one is left out."""
        start, *inner, end = self._stretch(span, low, high)
        middle = (low + high) / 2
        # the spline lies within the hull of these points, and so near the chord as all of them do
        is_near = all(_distance(point, start, end) <= chord for point in inner)
        if is_near or not low < middle < high:
            yield end
            return
        yield from self._pieces(span, low, middle, chord)
        yield from self._pieces(span, middle, high, chord)

    def _stretch(self, span: int, low: float, high: float) -> list[Point]:
        """Return the Bézier control points of what lies between two parameters of one span."""
        found = []
        for count in range(self.degree + 1):
            arguments = [low] * (self.degree - count) + [high] * count
            x, y, weight = self._blossom(span, arguments)
            found.append((x / weight, y / weight))
        return found

    def _blossom(self, span: int, arguments: Sequence[float]) -> _Weighted:
        degree, knots, first = self.degree, self.knots, span - self.degree
        points: list[_Weighted] = [
            (x * weight, y * weight, weight)
            for (x, y), weight in zip(
                self.controls[first : span + 1], self.weights[first : span + 1], strict=True
            )
        ]
        for level, argument in enumerate(arguments, start=1):
            for i in range(degree, level - 1, -1):
                low, high = knots[first + i], knots[span + 1 + i - level]
                share = (argument - low) / (high - low)
                before, after = points[i - 1], points[i]
                points[i] = tuple(
                    (1 - share) * a + share * b for a, b in zip(before, after, strict=True)
                )
        return points[degree]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from the straight piece between two others."""
    (x, y), (from_x, from_y), (to_x, to_y) = point, start, end
    east, north = to_x - from_x, to_y - from_y
    length2 = east**2 + north**2
    along = ((x - from_x) * east + (y - from_y) * north) / length2 if length2 else 0.0
    along = min(max(along, 0.0), 1.0)
    return math.hypot(x - from_x - along * east, y - from_y - along * north)
