"""One point alone: what many points are told, without the columns that many need."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import NamedTuple

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.assignment.ambiguity import Judged, judged
from geo_service.layers.assignment.candidate import (
    FLAT_MAP,
    LEAST_SHARE,
    OUTSIDE,
    SHARE_DIGITS,
    Candidates,
)
from geo_service.layers.assignment.rule import AMBIGUOUS, ASSIGNED, BOUNDARY, Assignments, assign
from geo_service.layers.locator import Locator, Owners

_SCALE = 10.0**SHARE_DIGITS


def assigned_and_judged(
    locator: Locator,
    family: str,
    *,
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    certain_share: float,
) -> Judged:
    """Return what ``judged`` says of what ``assign`` gave; a single point takes a shorter way.

    Parameters
    ----------
    lon, lat, accuracy_m, certain_share
        As ``judged`` takes them.
    """
    if len(lon) == 1:
        alone = _alone(locator, family, lon.item(0), lat.item(0), accuracy_m.item(0), certain_share)
        if alone is not None:
            return alone
    return judged(
        locator,
        assign(locator, family, lon=lon, lat=lat),
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
        certain_share=certain_share,
    )


def _alone(
    locator: Locator, family: str, lon: float, lat: float, accuracy_m: float, certain_share: float
) -> Judged | None:
    """Return it of a point that an area holds and no agreement can move; None of any other."""
    if locator.agreements or not (isfinite(lon) and isfinite(lat)):
        return None
    depth, position, is_shared = locator.families[family].owner(lon=lon, lat=lat)
    if depth < 0:
        return None
    rule = status = BOUNDARY if is_shared else ASSIGNED
    candidates: list[_Candidate] = []
    if accuracy_m > 0.0:
        candidates = _candidates(locator, family, (depth, position), (lon, lat), accuracy_m)
        if _own_share(locator, family, (depth, position), candidates) < certain_share:
            status = AMBIGUOUS
    owners = Owners(
        np.array([depth], dtype=np.int8),
        np.array([position], dtype=np.int32),
        np.array([is_shared], dtype=np.bool_),
    )
    assignments = Assignments(
        family,
        owners,
        np.array([rule], dtype="U10"),
        np.full(1, np.nan),
        np.array([""], dtype=object),
        np.zeros(1, dtype=np.int64),
    )
    return Judged(assignments, np.array([status], dtype="U10"), _columns(candidates))


def _candidates(
    locator: Locator,
    family: str,
    owner: tuple[int, int],
    place: tuple[float, float],
    accuracy_m: float,
) -> list["_Candidate"]:
    """Return what ``candidates_of`` says of one circle by drawn borders, around an owned place."""
    depth, position = owner
    lon, lat = place
    reach_m = accuracy_m * FLAT_MAP
    levels = locator.families[family].levels
    near = [level.index.areas_within(lon=lon, lat=lat, reach_m=reach_m) for level in levels]
    both = list(zip(levels, near, strict=True))
    if not any(level.depth >= depth and areas for level, areas in both):
        return [_Candidate(depth, position, 1.0)]
    frame = locator.metric_frame(family, depth, position)
    held: dict[int, dict[int, float]] = {}
    for level, areas in both:
        own, _ = level.index.owner(lon=lon, lat=lat)
        found = np.array(sorted({*areas, own} - {-1}), dtype=np.intp)
        layer = locator.layers.families[family][level.depth].name
        shares = locator.flat_outlines(layer).shares_alone(
            found, frame, lon=lon, lat=lat, radius_m=accuracy_m
        )
        held[level.depth] = dict(zip(found.tolist(), shares.tolist(), strict=True))
        _subtract_below(locator, family, held, level.depth)
    return _ordered(held)


def _subtract_below(
    locator: Locator, family: str, held: Mapping[int, dict[int, float]], depth: int
) -> None:
    """Leave to the areas at a depth what those at the other, deeper ones do not hold."""
    own = held[depth]
    for deeper in [each for each in held if each != depth]:  # one after another, as for many
        below: dict[int, float] = {}
        for position, share in held[deeper].items():
            above = locator.chain_of(family, deeper, position)[depth]
            below[above] = below.get(above, 0.0) + share
        for above in own.keys() & below.keys():
            own[above] -= below[above]


def _ordered(held: Mapping[int, Mapping[int, float]]) -> list["_Candidate"]:
    found, rest = [], 1.0
    for depth, shares in held.items():
        for position, share in shares.items():
            if share > LEAST_SHARE:
                found.append(_Candidate(depth, position, round(share * _SCALE) / _SCALE))
                rest -= share
    if rest > LEAST_SHARE:
        found.append(_Candidate(OUTSIDE, OUTSIDE, round(rest * _SCALE) / _SCALE))
    return sorted(found, key=lambda each: (-each.share, -each.depth, each.position))


class _Candidate(NamedTuple):
    """An area by its depth and position, and its share of the circle."""

    depth: int
    position: int
    share: float


def _own_share(
    locator: Locator, family: str, owner: tuple[int, int], candidates: Sequence[_Candidate]
) -> float:
    depth, position = owner
    own = 0.0
    for below, at, share in candidates:
        if below >= depth and locator.chain_of(family, below, at)[depth] == position:
            own += share
    return own


def _columns(candidates: Sequence[_Candidate]) -> Candidates:
    return Candidates(
        np.zeros(len(candidates), dtype=np.intp),
        np.array([each.depth for each in candidates], dtype=np.int8),
        np.array([each.position for each in candidates], dtype=np.int32),
        np.array([each.share for each in candidates], dtype=np.float64),
    )
