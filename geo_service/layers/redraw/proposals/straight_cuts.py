"""Straight cuts of one polygon into two connected pieces, near a wished share and short."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.layers.area import Floats

_DIRECTIONS = 12
_LINES_PER_DIRECTION = 13
_STEPS = 6
_SLACK = 0.05
"""Of a fair part: so much worse a balance may be for a shorter cut."""
_WORTH = 4
"""A cut that is worse balanced by 1 % must be 4 % shorter to be taken."""
_PAST_M = 1e-4
_NEAREST_M = 1e-6


class Load(NamedTuple):
    """What is to be balanced: weights at points, ``(n, 2)`` in metres and ``(n,)``."""

    points: Floats
    weights: Floats

    def within(self, ground: shapely.Geometry) -> "Load":
        """Return what lies in some ground."""
        shapely.prepare(ground)
        is_in = shapely.intersects_xy(ground, *self.points.T)
        return Load(self.points[is_in], self.weights[is_in])


class StraightCut(NamedTuple):
    """A line, ``(2, 2)``, from border to border, and the two pieces that it leaves.

    ``length_m`` is that of the line inside. The first piece should have the wished share; it is
    off by ``error``, in fair parts.
    """

    line: Floats
    first: shapely.Polygon
    second: shapely.Polygon
    length_m: float
    error: float


class _Chord(NamedTuple):
    """A line across, and the share of what lies in the piece on its left."""

    line: Floats
    left: shapely.Polygon
    right: shapely.Polygon
    share: float
    length_m: float


def straight_cut(
    polygon: shapely.Polygon, load: Load | None, parts: tuple[int, int]
) -> StraightCut | None:
    """Return the shortest cut among those that are about as balanced as can be.

    Parameters
    ----------
    polygon
        In metres near the origin; concave, or with holes.
    load
        What is to be balanced, all of it inside; None balances the ground. Lines run in the
        middle between points, never through one.
    parts
        How many fair parts the first and the second piece are to hold.

    Returns
    -------
    StraightCut or None
        None where no line leaves two pieces with something in both.

    Notes
    -----
    Lines in twelve directions and along the sides of the narrowest box, thirteen of each; between
    two whose shares lie on both sides of the wished one, the place is narrowed down. A line that
    meets a concave polygon several times is tried piece by piece, and over holes.
    """
    total = sum(parts)
    found: list[StraightCut] = []
    for angle in _angles(polygon):
        sweep = _Sweep(polygon, load, angle)
        for first, second in {parts, parts[::-1]}:
            chords = sweep.chords_near(first / total)
            found += [_cut(chord, (first, second), parts) for chord in chords]
    best = min((cut.error for cut in found), default=0.0)
    near = [cut for cut in found if cut.error <= best + _SLACK]
    return min(
        near,
        key=lambda cut: (cut.length_m * (1 + _WORTH * (cut.error - best)), cut.line.tolist()),
        default=None,
    )


def _cut(chord: _Chord, laid: tuple[int, int], parts: tuple[int, int]) -> StraightCut:
    """Return the cut that a chord makes; ``laid`` are the parts on its left and on its right."""
    pieces = (chord.left, chord.right) if laid == parts else (chord.right, chord.left)
    error = abs(chord.share * sum(parts) - laid[0])
    return StraightCut(chord.line, *pieces, chord.length_m, error)


def _angles(polygon: shapely.Polygon) -> list[float]:
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    x, y = box[1] - box[0]
    along = float(np.arctan2(y, x)) % (np.pi / 2)
    even = np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS
    return [along, along + np.pi / 2, *even.tolist()]


class _Sweep:
    """Parallel lines over a polygon; ``at`` runs from 0 to 1 across it."""

    def __init__(self, polygon: shapely.Polygon, load: Load | None, angle: float) -> None:
        self._polygon, self._load = polygon, load
        self._way = np.array([np.cos(angle), np.sin(angle)])
        self._side = np.array([-self._way[1], self._way[0]])
        corners = shapely.get_coordinates(polygon)
        self._ends = np.array([(corners @ self._way).min() - 1, (corners @ self._way).max() + 1])
        across = np.sort((corners if load is None else load.points) @ self._side)
        if load is None:
            self._offsets = across[[0, -1]]
        else:
            is_apart = np.diff(across) > _NEAREST_M
            self._offsets = ((across[1:] + across[:-1]) / 2)[is_apart]

    def chords_near(self, share: float) -> list[_Chord]:
        """Return chords with about a share on their left, and all that were tried on the way."""
        if not len(self._offsets):
            return []
        places = (np.arange(_LINES_PER_DIRECTION) + 0.5) / _LINES_PER_DIRECTION
        tried = {at: self._chords(at) for at in places.tolist()}
        found = [chord for chords in tried.values() for chord in chords]
        for (low, below), (high, above) in pairwise(tried.items()):
            for one in below:
                for other in _nearest(one, above):
                    if (one.share - share) * (other.share - share) < 0:
                        found += self._narrowed((low, one), (high, other), share)
        return found

    def _narrowed(
        self, low: tuple[float, _Chord], high: tuple[float, _Chord], share: float
    ) -> Iterator[_Chord]:
        for step in range(_STEPS):
            (a, one), (b, other) = low, high
            # Regula falsi with bisections between, as a share by points moves in jumps.
            part = (share - one.share) / (other.share - one.share) if step % 2 == 0 else 0.5
            at = a + (b - a) * part
            for chord in _nearest(one, self._chords(at)):
                yield chord
                if (chord.share - share) * (one.share - share) > 0:
                    low = at, chord
                else:
                    high = at, chord

    def _chords(self, at: float) -> list[_Chord]:
        """Return the chords of the line at a place that leave two pieces, each with a share."""
        first, last = self._offsets[0], self._offsets[-1]
        if self._load is None:
            offset = first + (last - first) * at
        else:
            offset = self._offsets[min(int(at * len(self._offsets)), len(self._offsets) - 1)]
        line = self._ends[:, None] * self._way + offset * self._side
        inside = shapely.get_parts(shapely.intersection(self._polygon, shapely.LineString(line)))
        inside = inside[shapely.length(inside) > 0]
        ends = np.sort(shapely.get_coordinates(inside) @ self._way).reshape(-1, 2)
        found = (
            self._chord(ends[i : j + 1], float(offset))
            for i in range(len(ends))
            for j in range(i, len(ends) if self._polygon.interiors else i + 1)
        )
        return [chord for chord in found if chord is not None]

    def _chord(self, inside: Floats, offset: float) -> _Chord | None:
        """Return the chord over some stretches inside, ``(n, 2)`` from and to along the line."""
        ends = np.array([inside[0, 0], inside[-1, 1]])
        line = ends[:, None] * self._way + offset * self._side
        past = (ends + np.array([-_PAST_M, _PAST_M]))[:, None] * self._way + offset * self._side
        work = shapely.union_all([self._polygon.boundary, shapely.LineString(past)])
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(work)))
        inner = shapely.point_on_surface(faces)
        pieces = faces[shapely.intersects(self._polygon, inner)]
        if len(pieces) != 2:  # noqa: PLR2004 # one that parts nothing, or more than it should
            return None
        beside = shapely.LineString(line).offset_curve(_PAST_M)
        overlap = shapely.length(shapely.intersection(pieces, beside))
        left, right = pieces[np.argsort(-overlap, kind="stable")]
        share = self._share(left)
        length_m = float(np.diff(inside).sum())
        return _Chord(line, left, right, share, length_m) if 0 < share < 1 else None

    def _share(self, piece: shapely.Polygon) -> float:
        if self._load is None:
            return float(piece.area / self._polygon.area)
        return float(self._load.within(piece).weights.sum() / self._load.weights.sum())


def _nearest(chord: _Chord, others: list[_Chord]) -> list[_Chord]:
    """Return the one chord whose middle is nearest to that of another; none of none."""
    middle = chord.line.mean(axis=0)
    return sorted(others, key=lambda c: float(np.hypot(*(c.line.mean(axis=0) - middle))))[:1]
