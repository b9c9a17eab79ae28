"""What circles of accuracy say of assigned points: which owners are uncertain, and who else may be.

The same as ``answer_at`` says of one point, for many: only circles that a border comes near take
geometry.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.assignment.candidate import OUTSIDE, Candidates, candidates_of
from geo_service.layers.assignment.rule import AMBIGUOUS, ASSIGNED, BOUNDARY, Assignments
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
    statuses = assigned.rules.copy()
    has_circle = np.zeros(len(lon), dtype=np.bool_)
    has_circle[candidates.point] = True
    own = _own_shares(locator, assigned, candidates)
    statuses[has_circle & (assigned.owners.level >= 0) & (own < certain_share)] = AMBIGUOUS
    owners = _provisional(assigned, candidates)
    statuses[owners.level != assigned.owners.level] = AMBIGUOUS
    return Judged(replace(assigned, owners=owners), statuses, candidates)


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
    return _provisional(assigned, _candidates(locator, assigned, lon, lat, accuracy_m, is_asked))


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
    frames = metric_frames(lon=lon[chosen], lat=lat[chosen])
    owned = np.flatnonzero(np.isin(assigned.rules[chosen], [ASSIGNED, BOUNDARY]))
    owners = assigned.owners
    area = np.stack([owners.level[chosen[owned]], owners.position[chosen[owned]]])
    kinds, kind = np.unique(area, axis=1, return_inverse=True)
    names = [locator.metric_frame(assigned.family, *each) for each in kinds.T.tolist()]
    frames[owned] = np.array(names, dtype=object)[kind.ravel()]
    return frames


def _own_shares(locator: Locator, assigned: Assignments, candidates: Candidates) -> Floats:
    """Return how much of its circle each point's owner holds, what hangs below it included."""
    owners, point = assigned.owners, candidates.point
    own = np.zeros(len(owners.level))
    is_own = np.zeros(len(point), dtype=np.bool_)
    depths = range(len(locator.layers.families[assigned.family]))
    for depth in depths:
        for below in depths[depth:]:
            rows = np.flatnonzero((candidates.depth == below) & (owners.level[point] == depth))
            above = locator.ancestors(assigned.family, below, candidates.position[rows], at=depth)
            is_own[rows] = above == owners.position[point[rows]]
    np.add.at(own, point[is_own], candidates.share[is_own])
    return own


def _provisional(assigned: Assignments, candidates: Candidates) -> Owners:
    """Give each point without owner the area that holds most of its circle."""
    level, position = assigned.owners.level.copy(), assigned.owners.position.copy()
    areas = np.flatnonzero(candidates.depth != OUTSIDE)
    points, first = np.unique(candidates.point[areas], return_index=True)
    is_free = level[points] < 0
    points, rows = points[is_free], areas[first[is_free]]
    level[points] = candidates.depth[rows]
    position[points] = candidates.position[rows]
    return Owners(level, position, assigned.owners.is_shared)
