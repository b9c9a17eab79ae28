"""One point alone: what many points are told, without the columns that many need."""

from math import isfinite

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.assignment.ambiguity import Judged, judged
from geo_service.layers.assignment.candidate import Candidates, candidates_alone
from geo_service.layers.assignment.rule import AMBIGUOUS, ASSIGNED, BOUNDARY, Assignments, assign
from geo_service.layers.locator import Locator, Owners


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
    owner, candidates = (depth, position), _nobody()
    if accuracy_m > 0.0:
        candidates = candidates_alone(
            locator, family, owner, lon=lon, lat=lat, accuracy_m=accuracy_m
        )
        if _own_share(locator, family, owner, candidates) < certain_share:
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
    return Judged(assignments, np.array([status], dtype="U10"), candidates)


def _own_share(
    locator: Locator, family: str, owner: tuple[int, int], candidates: Candidates
) -> float:
    depth, position = owner
    columns = (candidates.depth, candidates.position, candidates.share)
    own = 0.0
    for below, at, share in zip(*(each.tolist() for each in columns), strict=True):
        if below >= depth and locator.chain_of(family, below, at)[depth] == position:
            own += share
    return own


def _nobody() -> Candidates:
    return Candidates(
        np.empty(0, dtype=np.intp),
        np.empty(0, dtype=np.int8),
        np.empty(0, dtype=np.int32),
        np.empty(0),
    )
