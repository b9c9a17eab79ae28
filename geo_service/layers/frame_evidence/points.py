"""What a batch of points says about its frame, by how many lie outside every area."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.frame_evidence.outlines import Flags
from geo_service.layers.frame_evidence.reading import OFFSETS, Reading
from geo_service.layers.frames import STORAGE_FRAME, is_degrees
from geo_service.layers.frames.name import WGS84

PLACES = 2000
"""At most so many distinct places of a batch are looked at."""

_FEWEST_PLACES = 50
FEWEST_CHANGES = 20
"""Where fewer places change sides, nobody can tell; so too where fewer lie outside."""
_TRIED, _DOUBT, _ROUGHLY = 200, 5.0, 0.1
"""So many places of either side are tried first; by so many deviations, and by such a share, they
must speak against a frame before it is left out."""
_LEAST_DEVIATIONS = 5.0
_RIVAL_DEVIATIONS = 3.0
_CELL_DEG, _CELL_M, _MOST_DEGREES = 1e-4, 10.0, 180.0
_MIX_COLUMN, _MIX_ROW = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class PointEvidence:
    """The share of places outside every area, as declared and in the frame that helps most.

    ``frame`` is None where no other frame clearly helps; ``is_judged`` is False where too few
    places change sides to tell. ``alike`` are frames that help as much.
    """

    declared: str
    places: int
    outside_share: float
    frame: str | None = None
    outside_share_then: float = 0.0
    alike: tuple[str, ...] = ()
    is_judged: bool = True

    def text(self, language: str) -> str:
        """Return one sentence in ``zh`` or ``en``."""
        share, then = f"{self.outside_share:.1%}", f"{self.outside_share_then:.1%}"
        if self.frame is None:
            return (
                f"{share} of {self.places} places lie outside every area; no other frame helps"
                if language == "en"
                else f"{self.places} 个地点中 {share} 在所有区域之外，换别的坐标系也没有改善"
            )
        names = [self.frame, *self.alike]
        return (
            f"declared as {self.declared}, {share} of {self.places} places lie outside every area; "
            f"read as {' or '.join(names)} only {then}: check the frame"
            if language == "en"
            else f"按声明的 {self.declared}，{self.places} 个地点中有 {share} 在所有区域之外；"
            f"按 {' 或 '.join(names)} 只有 {then}：请核对坐标系"
        )


class PlaceSample:
    """Distinct places of a stream of points of any length, in bounded memory.

    Whether a place is kept depends on its cell of about 10 m alone, so the sample neither knows the
    order of the stream nor how often a place is named.
    """

    def __init__(self) -> None:
        """Begin with no places."""
        self._points: Floats = np.empty((0, 2))
        self._cells: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
        self._step = 1

    def add(self, x: Floats, y: Floats) -> None:
        """Take points, shape ``(n,)`` each, in one frame; what is not finite is left out."""
        finite = np.isfinite(x) & np.isfinite(y)
        points = np.concatenate([self._points, np.column_stack([x[finite], y[finite]])])
        cells = np.concatenate([self._cells, _cells(x[finite], y[finite])])
        self._cells, first = np.unique(cells, return_index=True)
        self._points = points[first]
        self._thin()
        while len(self._cells) > PLACES:
            self._step *= 2
            self._thin()

    def places(self) -> tuple[Floats, Floats]:
        """Return at most PLACES places as they came, shape ``(n,)`` each."""
        x, y = self._points.T
        return x, y

    def state(self) -> tuple[int, list[list[float]]]:
        """Return all that ``restored`` needs, as plain values."""
        return self._step, self._points.tolist()

    @classmethod
    def restored(cls, step: int, points: Sequence[Sequence[float]]) -> "PlaceSample":
        """Return the sample that had this state; it goes on as that one would have."""
        sample = cls()
        sample._step = step
        sample._points = np.array(points, dtype=np.float64).reshape(-1, 2)
        sample._cells = _cells(*sample._points.T)
        return sample

    def _thin(self) -> None:
        is_kept = self._cells % np.uint64(self._step) == 0
        self._cells, self._points = self._cells[is_kept], self._points[is_kept]


def _cells(x: Floats, y: Floats) -> NDArray[np.uint64]:
    """Return a number for the cell of each point, as good as random, shape ``(n,)``."""
    side = np.where(np.maximum(np.abs(x), np.abs(y)) <= _MOST_DEGREES, _CELL_DEG, _CELL_M)
    column, row = (np.floor(each / side).astype(np.int64).view(np.uint64) for each in (x, y))
    mixed: NDArray[np.uint64] = (
        column * _MIX_COLUMN + row * _MIX_ROW
    )  # wraps around, which is what it is for
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX_COLUMN
    mixed ^= mixed >> np.uint64(32)
    return mixed


def point_evidence(
    x: Floats,
    y: Floats,
    *,
    declared: str,
    are_outside: Callable[[Floats, Floats], Flags],
    is_brief: bool = False,
) -> PointEvidence:
    """Say whether another frame puts clearly more of some places inside the areas.

    Parameters
    ----------
    x, y
        Distinct places that the declared frame can hold, shape ``(n,)``, as they came.
    declared
        Canonical name of their frame.
    are_outside
        Returns which EPSG:4490 degrees (longitudes, latitudes) lie outside every area.
    is_brief
        Whether a frame alone is of interest, and silence needs no reason: that is told sooner.

    Returns
    -------
    PointEvidence
        With a frame only if at least 20 places change sides, those that come in outnumber those
        that go out by five standard deviations of a fair coin (sign test, p below 3e-7 for each
        frame), and no more than half of the places outside before are outside then.

    Raises
    ------
    UnsupportedFrame
        The declared frame cannot be converted.

    Notes
    -----
    If the declared frame is right, another one is an arbitrary shift by half a kilometer or more,
    which takes as many places out over one border as it brings in over the other. Places far from
    every border change nothing and are not counted, so a batch from the middle of a large area is
    not judged. A district that is not imported yet, beyond one border, can also bring more in than
    out: the rule on halves keeps that quiet unless it is as narrow as the shift. Hence a warning.
    """
    if len(x) < _FEWEST_PLACES:
        return PointEvidence(declared, len(x), 0.0, is_judged=False)
    here, *others = _readings(x, y, declared)
    before = are_outside(*here.to_storage(x, y))
    share = float(before.mean())
    if is_brief:
        others = [each for each in others if _may_help(each, x, y, before, are_outside)]
    found = [(each, are_outside(*each.to_storage(x, y))) for each in others]
    helping = sorted(
        ((each, after) for each, after in found if _is_helping(before, after)),
        key=lambda pair: int(pair[1].sum()),
    )
    if not helping:
        is_judged = any(np.count_nonzero(before ^ after) >= FEWEST_CHANGES for _, after in found)
        return PointEvidence(declared, len(x), share, is_judged=is_judged)
    best, after = helping[0]
    alike = [
        each.name for each, then in helping[1:] if _deviations(then, after) < _RIVAL_DEVIATIONS
    ]
    return PointEvidence(
        declared, len(x), share, best.name, float(after.mean()), alike=tuple(alike)
    )


def _readings(x: Floats, y: Floats, declared: str) -> list[Reading]:
    if is_degrees(declared):
        storage = WGS84 if declared == WGS84 else STORAGE_FRAME
        readings = [Reading(frame) for frame in dict.fromkeys([declared, storage, *OFFSETS])]
    else:
        readings = [Reading(declared, offset=offset) for offset in (None, *OFFSETS)]
    return [readings[0], *(each for each in readings[1:] if each.can_hold(x, y))]


def _may_help(
    reading: Reading,
    x: Floats,
    y: Floats,
    before: Flags,
    are_outside: Callable[[Floats, Floats], Flags],
) -> bool:
    """Tell whether a frame may leave half as many places outside, by some of either side."""
    if np.count_nonzero(before) < FEWEST_CHANGES:
        return False
    expected, variance = 0.0, 0.0
    for side in (np.flatnonzero(before), np.flatnonzero(~before)):
        some = side[:: max(1, -(-len(side) // _TRIED))]
        outside = are_outside(*reading.about_storage(x[some], y[some]))
        share = float(outside.mean()) if len(some) else 0.0
        expected += len(side) * share
        variance += len(side) ** 2 * share * (1.0 - share) / max(len(some), 1)
    most = (0.5 + _ROUGHLY) * int(np.count_nonzero(before))
    return expected - _DOUBT * math.sqrt(variance) <= most


def _is_helping(before: Flags, after: Flags) -> bool:
    is_clear = _deviations(before, after) >= _LEAST_DEVIATIONS
    is_enough = int(np.count_nonzero(before ^ after)) >= FEWEST_CHANGES
    return is_clear and is_enough and 2 * int(after.sum()) <= int(before.sum())


def _deviations(before: Flags, after: Flags) -> float:
    """Return by how many standard deviations more places come in than go out."""
    comes_in, goes_out = int((before & ~after).sum()), int((after & ~before).sum())
    return (comes_in - goes_out) / math.sqrt(max(comes_in + goes_out, 1))
