"""What frame a file's outlines seem to be in, measured against trusted ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import shapely

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frame_evidence.ground import FARTHEST_M, FEWEST_POINTS, Fit, Ground
from geo_service.layers.frame_evidence.reading import Reading, readings_of

_FEWEST_VERTICES = 8
_FEWEST_MATCHES = 40
_LEAST_DEVIATIONS = 6.0
_TOGETHER = 4.0
"""Points along one edge match or miss together: counts spread as if so many points were one."""
_LEAST_CONFIDENCE = 0.3
_LEAST_EXCESS = 0.2
_APART = 3.0
"""Readings closer to each other than so many times what counts as the same line are not told
apart by outlines."""

_PLAIN_SHARE = 0.8
_NO_CHANCE = Fit(np.zeros((2, 1), dtype=np.intp), np.zeros((2, 1), dtype=np.intp))
_LEAST_RATE = 0.02
_QUARTILES_APART = 1.349
"""Standard deviations between the quartiles of a normal distribution."""
_SHIFTS = 40
_NEAREST_M = 150.0
_GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
_SAME_M = 1.0
_HIGH = 0.9


class Silence(Enum):
    """Why nothing is said about a frame."""

    NOTHING_TRUSTED = "nothing_trusted"
    ELSEWHERE = "elsewhere"
    TOO_FEW_VERTICES = "too_few_vertices"
    NO_MATCH = "no_match"
    UNDECIDED = "undecided"


_SILENT = {
    Silence.NOTHING_TRUSTED: (
        "无法判断：没有可信的边界可以比对",
        "cannot judge: there are no trusted boundaries to compare with",
    ),
    Silence.ELSEWHERE: (
        "无法判断：按哪种坐标系都不在可信边界附近",
        "cannot judge: in no frame does it lie near trusted boundaries",
    ),
    Silence.TOO_FEW_VERTICES: ("无法判断：顶点太少", "cannot judge: too few vertices"),
    Silence.NO_MATCH: (
        "无法判断：按哪种坐标系，与可信边界的重合都不比随意平移更多",
        "cannot judge: in no frame does it match trusted boundaries better than by chance",
    ),
    Silence.UNDECIDED: (
        "无法判断：不止一种坐标系同样吻合",
        "cannot judge: more than one frame fits about as well",
    ),
}


@dataclass(frozen=True)
class FrameFit:
    """How well one reading of the coordinates fits.

    ``shift_m`` is how far it puts the file from where the declared frame (or the first that is
    possible) puts it, median in meters; ``matched_share`` the share of the outlines on common
    ground that lie on the other side's outlines, and ``distance_m`` their median distance.
    """

    frame: str
    is_swapped: bool
    shift_m: float
    matched_share: float
    distance_m: float | None

    def is_as(self, frame: str | None) -> bool:
        """Return whether this is a frame as it is declared, its axes in order."""
        return self.frame == frame and not self.is_swapped

    def label(self, language: str) -> str:
        """Return the frame's name, with a word on swapped axes, in ``zh`` or ``en``."""
        if not self.is_swapped:
            return self.frame
        return f"{self.frame} with swapped axes" if language == "en" else f"两轴颠倒的 {self.frame}"


@dataclass(frozen=True)
class FrameEvidence:
    """What outlines say about a frame; ``silence`` tells why they say nothing.

    ``fits`` begins with the best. ``chance_share`` is what matches after arbitrary shifts.
    ``confidence`` is the part of the best one's matches beyond chance that neither another
    frame nor nine of ten shifts reach, 0 to 1. ``alike`` are frames that put the file at the same
    place within what outlines can tell.
    """

    declared: str | None
    fits: tuple[FrameFit, ...] = ()
    alike: tuple[str, ...] = ()
    chance_share: float = 0.0
    confidence: float = 0.0
    within_m: float = 0.0
    silence: Silence | None = None

    @property
    def best(self) -> FrameFit | None:
        """The frame that the outlines speak for; None when they say nothing."""
        return None if self.silence else self.fits[0]

    @property
    def is_contradicting(self) -> bool:
        """Whether the outlines speak for another frame than the declared one."""
        best = self.best
        if best is None or self.declared is None:
            return False
        return not best.is_as(self.declared)

    def text(self, language: str) -> str:
        """Return what the outlines say, without a full stop, in ``zh`` or ``en``."""
        best = self.best
        if best is None:
            return _SILENT[self.silence or Silence.NO_MATCH][language == "en"]
        label = best.label(language)
        if language == "en":
            others = f" (or {', '.join(self.alike)}: here they are alike)" if self.alike else ""
            return f"this looks like {label}{others}: {self._fitting(best, language)}"
        others = f"（或 {'、'.join(self.alike)}，在这里分不开）" if self.alike else ""
        return f"看起来是 {label}{others}：{self._fitting(best, language)}"

    def _fitting(self, best: FrameFit, language: str) -> str:
        distance = f"{best.distance_m or 0.0:.1f}"  # what fits best lies on common ground
        share = f"{best.matched_share:.0%}"
        zh = f"{share} 的边界与可信边界重合，中位相距 {distance} 米"
        en = f"{share} of the outlines lie on trusted ones, median distance {distance} m"
        if self.is_contradicting:
            as_declared = next(fit for fit in self.fits if fit.is_as(self.declared))
            zh = f"中位偏移 {best.shift_m:.0f} 米；还原后 {zh}，按 {self.declared} 只有 "
            en = f"median shift {best.shift_m:.0f} m; undone, {en}; as {self.declared} only "
            zh, en = (f"{each}{as_declared.matched_share:.0%}" for each in (zh, en))
        return en if language == "en" else zh


def frame_evidence(
    geometries: Geometries,
    trusted: Geometries,
    *,
    declared: str | None,
    is_brief: bool = False,
) -> FrameEvidence:
    """Compare outlines of an unknown frame with trusted ones, under every frame they may be in.

    Parameters
    ----------
    geometries
        Areas or lines as they came, shape ``(n,)``; what has no length is left out.
    trusted
        Areas or lines in EPSG:4490 degrees, shape ``(m,)``. Whether they are right cannot be known.
    declared
        Canonical name of the frame that was declared; None where nobody named one.
    is_brief
        Whether only a contradiction is of interest: no arbitrary shifts are tried then where the
        declared frame fits well and better than any other, and ``chance_share`` is 0.

    Returns
    -------
    FrameEvidence
        For a frame only if its matches are many, stand out by six standard deviations and a fifth
        of the outlines from those of 40 arbitrary shifts of 150 to 1500 m, and are clearly more
        than any other frame's.

    Raises
    ------
    UnsupportedFrame
        The declared frame cannot be converted.

    Notes
    -----
    Points are taken evenly along the outlines, so the density of vertices plays no part; they match
    where an outline of the other side is within a fiftieth of a typical width (5 to 20 m). Borders
    drawn anew lower every frame's matches alike, and dense nets raise them alike: hence the shifts.
    """
    file = geometries[shapely.length(geometries) > 0.0]  # that of None is not a number
    if len(trusted) == 0:
        return FrameEvidence(declared, silence=Silence.NOTHING_TRUSTED)
    if shapely.get_num_coordinates(file).sum() < _FEWEST_VERTICES:
        return FrameEvidence(declared, silence=Silence.TOO_FEW_VERTICES)
    ground = Ground(file, trusted)
    possible = readings_of(ground.x, ground.y, declared=declared, lons=ground.lons)
    admitted = [each for each in possible if ground.admit(each)]
    if not admitted:
        return FrameEvidence(declared, silence=Silence.ELSEWHERE)
    return _judged(ground, possible[0], admitted, declared, is_brief=is_brief)


def _judged(
    ground: Ground,
    first: Reading,
    admitted: Sequence[Reading],
    declared: str | None,
    *,
    is_brief: bool,
) -> FrameEvidence:
    distinct, alike = _distinct(ground, admitted)
    fits = [ground.fit(each, np.zeros((1, 2))) for each in distinct]
    is_declared = distinct[0] == Reading(declared or "")
    if is_brief and is_declared and _is_plain(fits):
        chance = _NO_CHANCE
    else:
        chance = ground.fit(distinct[0], _shifts_m())
    scores = [float(_excess(fit, chance)[0]) for fit in fits]
    order = sorted(range(len(distinct)), key=lambda i: -scores[i])
    best = order[0]
    silence, confidence = _verdict(fits[best], [scores[i] for i in order], chance)
    told = [_told(ground, first, distinct[i], fits[i]) for i in order]
    if declared is not None and Reading(declared) not in distinct:
        told.append(FrameFit(declared, False, 0.0, 0.0, None))  # it lies elsewhere
    return FrameEvidence(
        declared=declared,
        fits=tuple(told),
        alike=tuple(each.name for each in alike.get(distinct[best], ())),
        chance_share=float(chance.rates.max()),
        confidence=confidence,
        within_m=ground.within_m,
        silence=silence,
    )


def _distinct(
    ground: Ground, admitted: Sequence[Reading]
) -> tuple[list[Reading], dict[Reading, list[Reading]]]:
    """Return readings that outlines can tell apart, and those that each of them stands for."""
    distinct: list[Reading] = []
    alike: dict[Reading, list[Reading]] = {}
    for each in admitted:
        away_m = [ground.moved_m(each, other) for other in distinct]
        if away_m and min(away_m) < _APART * ground.within_m:
            if min(away_m) >= _SAME_M:
                alike.setdefault(distinct[int(np.argmin(away_m))], []).append(each)
        else:
            distinct.append(each)
    return distinct, alike


def _is_plain(fits: Sequence[Fit]) -> bool:
    """Return whether the first fits well and no other comes near it, whatever chance may do."""
    first, *others = (float(fit.shares[0]) for fit in fits)
    return first >= _PLAIN_SHARE and first - max(others, default=0.0) >= _LEAST_EXCESS


def _excess(fit: Fit, chance: Fit) -> Floats:
    """Return how many more points match than the same common ground gives by chance, ``(k,)``."""
    excess: Floats = (fit.near - chance.rates[:, None] * fit.held).sum(axis=0)
    return excess


def _verdict(best: Fit, scores: Sequence[float], chance: Fit) -> tuple[Silence | None, float]:
    score, *others = scores
    matches, held = int(best.near.sum()), int(best.held.sum())
    # shifts that leave the common ground would make the spread look smaller than it is
    shifted = chance.held.sum(axis=0)
    is_met = shifted >= FEWEST_POINTS
    arbitrary = np.append(_excess(chance, chance)[is_met], 0.0)
    by_point = arbitrary / np.sqrt(np.append(shifted[is_met], 1))
    least = math.sqrt(_TOGETHER * max(float(chance.rates.max()), _LEAST_RATE))
    deviations = score / math.sqrt(max(held, 1)) / max(_spread(by_point), least)
    share = float(best.shares[0] - chance.rates.max())
    if matches < _FEWEST_MATCHES or deviations < _LEAST_DEVIATIONS or share < _LEAST_EXCESS:
        return Silence.NO_MATCH, 0.0
    rival = max(0.0, float(np.quantile(arbitrary, _HIGH)), *others)
    confidence = max(0.0, 1.0 - rival / score)
    return (None if confidence >= _LEAST_CONFIDENCE else Silence.UNDECIDED), confidence


def _spread(numbers: Floats) -> float:
    """Return the standard deviation of what is normal: a shift may hit the true place by luck."""
    low, high = np.quantile(numbers, (0.25, 0.75))
    return float(high - low) / _QUARTILES_APART


def _told(ground: Ground, first: Reading, each: Reading, fit: Fit) -> FrameFit:
    return FrameFit(
        frame=each.name,
        is_swapped=each.is_swapped,
        shift_m=ground.moved_m(first, each),
        matched_share=float(fit.shares[0]),
        distance_m=ground.distance_m(each),
    )


def _shifts_m() -> Floats:
    """Return arbitrary shifts, east and north in meters, in all directions and many lengths."""
    k = np.arange(_SHIFTS)
    # the lengths are shuffled, so that neighboring directions differ in length
    length_m = _NEAREST_M + (FARTHEST_M - _NEAREST_M) * ((k * 23) % _SHIFTS + 0.5) / _SHIFTS
    east = length_m * np.cos(k * _GOLDEN_ANGLE)
    north = length_m * np.sin(k * _GOLDEN_ANGLE)
    return np.column_stack([east, north])
