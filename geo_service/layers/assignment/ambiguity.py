"""What circles of accuracy say of assigned points: which owners are uncertain, and who else may be.

The same as ``answer_at`` says of one point, for many: only circles that a border comes near take
geometry.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.assignment.agreed import owner_frames
from geo_service.layers.assignment.candidate import OUTSIDE, Candidates, candidates_of
from geo_service.layers.assignment.rule import AGREEMENT, AMBIGUOUS, ASSIGNED, BOUNDARY, Assignments
from geo_service.layers.frames import metric_frames
from geo_service.layers.locator import Locator, Owners


@dataclass(frozen=True, eq=False)
class Judged:
    """Assignments of n points with the status of each.

    ``assignments`` hold the provisional owners too: a point without owner whose circle reaches
    areas has that of the largest share. A status is the rule, or ``ambiguous``. ``candidates`` are
    those of the points that have an accuracy.
    """

    assignments: Assignments
    statuses: NDArray[np.str_]
    candidates: Candidates


def judged(
    locator: Locator,
    assigned: Assignments,
    *,
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    certain_share: float,
) -> Judged:
    """Return the status and the candidates of assigned points.

    Parameters
    ----------
    assigned
        What ``assign`` gave for the same points.
    lon, lat
        Degrees, EPSG:4490, shape ``(n,)``; NaN for a place nobody knows.
    accuracy_m
        The radii of the circles in meters, shape ``(n,)``; NaN or 0 for exactly there.
    certain_share
        An owner whose area, with what hangs below it, holds less of its circle is ``ambiguous``.

    Returns
    -------
    Judged
        As ``answer_at`` answers each point alone; an owner that a point has stays its owner.
    """
    candidates = _candidates(locator, assigned, lon, lat, accuracy_m, np.ones(len(lon), dtype=bool))
    owners, is_ambiguous = weighed(
        locator, assigned.family, assigned.owners, candidates, certain_share=certain_share
    )
    statuses = assigned.rules.copy()
    statuses[is_ambiguous] = AMBIGUOUS
    return Judged(replace(assigned, owners=owners), statuses, candidates)


def weighed(
    locator: Locator, family: str, owners: Owners, candidates: Candidates, *, certain_share: float
) -> tuple[Owners, NDArray[np.bool_]]:
    """Return the owners to show of n points, and which points are ambiguous.

    Parameters
    ----------
    owners
        Whose each point alone is.
    candidates
        What the points' circles hold; a point without a circle has none.
    certain_share
        As ``judged`` takes it.

    Returns
    -------
    tuple[Owners, NDArray[np.bool_]]
        An owner stays. A point without one is provisionally of the area with the largest share, if
        its circle holds any, and ambiguous then.
    """
    shown = _provisional(owners, candidates)
    has_circle = np.zeros(len(owners.level), dtype=np.bool_)
    has_circle[candidates.point] = True
    own = _own_shares(locator, family, owners, candidates)
    is_ambiguous = has_circle & (owners.level >= 0) & (own < certain_share)
    return shown, is_ambiguous | (shown.level != owners.level)


def provisional_owners(
    locator: Locator, assigned: Assignments, *, lon: Floats, lat: Floats, accuracy_m: Floats
) -> Owners:
    """Return the owners of assigned points, provisional ones included.

    Parameters
    ----------
    assigned, lon, lat, accuracy_m
        As ``judged`` takes them.

    Returns
    -------
    Owners
        As ``judged`` gives them; points that have an owner cost nothing.
    """
    is_asked = assigned.owners.level < 0
    candidates = _candidates(locator, assigned, lon, lat, accuracy_m, is_asked)
    return _provisional(assigned.owners, candidates)


def _candidates(
    locator: Locator,
    assigned: Assignments,
    lon: Floats,
    lat: Floats,
    accuracy_m: Floats,
    is_asked: NDArray[np.bool_],
) -> Candidates:
    """Return the candidates of those points that are asked for, known, and have a circle."""
    has_circle = is_asked & (accuracy_m > 0.0) & np.isfinite(lon) & np.isfinite(lat)
    chosen = np.flatnonzero(has_circle)
    found = candidates_of(
        locator,
        assigned.family,
        lon=lon[chosen],
        lat=lat[chosen],
        accuracy_m=accuracy_m[chosen],
        metric_frames=_frames(locator, assigned, lon, lat, chosen),
    )
    return replace(found, point=chosen[found.point])


def _frames(
    locator: Locator, assigned: Assignments, lon: Floats, lat: Floats, chosen: NDArray[np.intp]
) -> NDArray[np.object_]:
    """Return the zone of each point's root area, of the point itself where it lies outside."""
    frames = np.empty(len(chosen), dtype=object)
    rules = assigned.rules[chosen]
    is_owned = (rules == ASSIGNED) | (rules == BOUNDARY)
    owned = chosen[is_owned]
    frames[is_owned] = owner_frames(locator, assigned.family, assigned.owners, owned)
    is_agreed = rules == AGREEMENT
    frames[is_agreed] = assigned.metric_frames[chosen[is_agreed]]  # where the drawn borders put it
    is_free = ~(is_owned | is_agreed)
    if is_free.any():
        frames[is_free] = metric_frames(lon=lon[chosen[is_free]], lat=lat[chosen[is_free]])
    return frames


def _own_shares(locator: Locator, family: str, owners: Owners, candidates: Candidates) -> Floats:
    """Return how much of its circle each point's owner holds, what hangs below it included."""
    point, below = candidates.point, candidates.depth
    at = owners.level[point]
    own = np.zeros(len(owners.level))
    is_own = np.zeros(len(point), dtype=np.bool_)
    is_below = (at >= 0) & (below >= at)
    for depth in np.unique(at[is_below]).tolist():
        for deeper in np.unique(below[is_below & (at == depth)]).tolist():
            rows = np.flatnonzero((below == deeper) & (at == depth))
            above = locator.ancestors(family, deeper, candidates.position[rows], at=depth)
            is_own[rows] = above == owners.position[point[rows]]
    np.add.at(own, point[is_own], candidates.share[is_own])
    return own


def _provisional(owners: Owners, candidates: Candidates) -> Owners:
    """Give each point without owner the area that holds most of its circle."""
    level, position = owners.level.copy(), owners.position.copy()
    areas = np.flatnonzero(candidates.depth != OUTSIDE)
    points, first = np.unique(candidates.point[areas], return_index=True)
    is_free = level[points] < 0
    points, rows = points[is_free], areas[first[is_free]]
    level[points] = candidates.depth[rows]
    position[points] = candidates.position[rows]
    return Owners(level, position, owners.is_shared)
