"""Which points border agreements decide, and whose they are then."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.agreed.corridor import Pieces, Points
from geo_service.layers.agreement import Agreement
from geo_service.layers.area import Floats, Positions
from geo_service.layers.assignment.border import SAME_DISTANCE_M
from geo_service.layers.frames import metric_plane
from geo_service.layers.locator import Locator, Owners

_PAIRS_AT_ONCE = 500_000


@dataclass(frozen=True, eq=False)
class Agreed:
    """The points that agreements decide, one row for each, ascending by point.

    ``number`` is that of the deciding agreement; ``distance_m`` how far its line lies from the
    point in ``metric_frames``, the zone of the root area that the drawn borders give the point to.
    """

    point: Points
    number: NDArray[np.int64]
    distance_m: Floats
    metric_frames: NDArray[np.object_]


class Cited(NamedTuple):
    """The agreement that decided a point, and how far the point lies from its line in meters."""

    agreement: Agreement
    distance_m: float


class _Pairs(NamedTuple):
    """Pairs of a point and a corridor that holds it; ``above`` is the point's drawn side or -1."""

    point: Points
    corridor: Points
    distance_m: Floats
    frames: NDArray[np.object_]
    above: Positions

    def take(self, chosen: NDArray[np.generic]) -> "_Pairs":
        return _Pairs(*(column[chosen] for column in self))


def apply_agreements(
    locator: Locator, family: str, owners: Owners, *, lon: Floats, lat: Floats
) -> Agreed:
    """Give points that the locator's agreements decide their agreed owners, and return which.

    Parameters
    ----------
    owners
        Whose the points are by the drawn borders, changed in place; a point of nobody stays
        nobody's.
    lon, lat
        Degrees, EPSG:4490, shape ``(n,)``.

    Returns
    -------
    Agreed
        A point in the corridor of an agreement about areas that own it, above or by itself, or on
        whose common border it lies. Of several the nearest line decides, then the later effect,
        then the lower number. The owner is the point's own area if that is on the agreed side, else
        the nearest area there: the deepest layer's, then the lowest code.
    """
    corridors = locator.corridors[family]
    point, piece = corridors.near(lon=lon, lat=lat)
    is_owned = owners.level[point] >= 0
    pairs = _measured(locator, family, owners, (point[is_owned], piece[is_owned]), (lon, lat))
    pairs = pairs.take(pairs.distance_m <= corridors.within_m[pairs.corridor])
    pairs = _concerned(locator, family, owners, pairs, (lon, lat))
    chosen = _foremost(locator, family, pairs)
    _change_sides(
        locator,
        family,
        owners,
        chosen.take(chosen.above != corridors.owner[chosen.corridor]),
        (lon, lat),
    )
    number = corridors.number[chosen.corridor]
    return Agreed(chosen.point, number, chosen.distance_m, chosen.frames)


def cited_at(
    locator: Locator, family: str, owners: Owners, *, lon: float, lat: float
) -> Cited | None:
    """Apply the agreements to the owners of one point; return the one that decides it, if any.

    As ``apply_agreements`` does for many.
    """
    here = np.array([lon]), np.array([lat])
    found = apply_agreements(locator, family, owners, lon=here[0], lat=here[1])
    if len(found.point) == 0:
        return None
    number = found.number.item(0)
    deciding = next(each for each in locator.agreements if each.number == number)
    return Cited(deciding, found.distance_m.item(0))


def _measured(
    locator: Locator,
    family: str,
    owners: Owners,
    near: tuple[Points, Points],
    place: tuple[Floats, Floats],
) -> _Pairs:
    """Return each pair of a point and a corridor once, with the distance between them."""
    corridors = locator.corridors[family]
    point, piece = near
    frames = owner_frames(locator, family, owners, point)
    distance_m = np.empty(len(point))
    for frame in set(frames.tolist()):
        at = np.flatnonzero(frames == frame)
        plane = metric_plane(frame)
        here = np.column_stack(plane(place[0][point[at]], place[1][point[at]]))
        kinds, kind = np.unique(piece[at], return_inverse=True)
        flat = _flat(corridors.pieces, kinds, frame)
        distance_m[at] = _lengths_to(here, flat.start[kind], flat.end[kind])
    keys = point * len(corridors.corridors) + corridors.pieces.of[piece]
    pair, first, row = np.unique(keys, return_index=True, return_inverse=True)
    least_m = np.full(len(pair), np.inf)
    np.minimum.at(least_m, row, distance_m)
    of = corridors.pieces.of[piece[first]]
    return _Pairs(point[first], of, least_m, frames[first], np.full(len(pair), -1, dtype=np.int32))


def owner_frames(
    locator: Locator, family: str, owners: Owners, point: Points
) -> NDArray[np.object_]:
    """Return the metric frame of the root area of each point's owner."""
    area = owners.level[point].astype(np.int64) << 32 | owners.position[point]
    kinds, kind = np.unique(area, return_inverse=True)
    names = [locator.metric_frame(family, each >> 32, each & 0xFFFFFFFF) for each in kinds.tolist()]
    return np.array(names, dtype=object)[kind]


def _flat(pieces: Pieces, chosen: Points, frame: str) -> Pieces:
    plane = metric_plane(frame)
    start, end = (np.column_stack(plane(*ends[chosen].T)) for ends in pieces[:2])
    return Pieces(start, end, pieces.of[chosen])


def _lengths_to(points: Floats, start: Floats, end: Floats) -> Floats:
    """Return how far points lie from straight pieces; shapes ``(…, 2)`` that fit each other."""
    along, off = end - start, points - start
    square = (along**2).sum(axis=-1)
    share = (off * along).sum(axis=-1) / np.where(square > 0.0, square, 1.0)
    rest = off - np.clip(share, 0.0, 1.0)[..., None] * along
    lengths: Floats = np.hypot(rest[..., 0], rest[..., 1])
    return lengths


def _concerned(
    locator: Locator,
    family: str,
    owners: Owners,
    pairs: _Pairs,
    place: tuple[Floats, Floats],
) -> _Pairs:
    """Return the pairs whose point is one of the two areas', or lies on their common border."""
    corridors = locator.corridors[family]
    level, position = owners.level[pairs.point], owners.position[pairs.point]
    depth, areas = corridors.depth[pairs.corridor], corridors.areas[pairs.corridor]
    above = pairs.above.copy()
    for at in set(depth.tolist()):
        for below in range(at, len(locator.layers.families[family])):
            rows = np.flatnonzero((depth == at) & (level == below))
            above[rows] = locator.ancestors(family, below, position[rows], at=at)
    is_concerned = (above[:, None] == areas).any(axis=1)
    is_corner = ~is_concerned & owners.is_shared[pairs.point] & (level >= depth)
    for row in np.flatnonzero(is_corner).tolist():
        i, on = pairs.point[row], int(level[row])
        meeting = locator.families[family].holding(on, lon=place[0][i], lat=place[1][i])
        found = np.array(meeting, dtype=np.int32)
        sides = locator.ancestors(family, on, found, at=int(depth[row]))
        is_concerned[row] = np.isin(areas[row], sides).all()
    return pairs._replace(above=above).take(is_concerned)


def _foremost(locator: Locator, family: str, pairs: _Pairs) -> _Pairs:
    """Return of each point the pair that decides it."""
    if len(pairs.point) == 0:
        return pairs
    _, row = np.unique(pairs.point, return_inverse=True)
    least_m = np.full(int(row.max()) + 1, np.inf)
    np.minimum.at(least_m, row, pairs.distance_m)
    near = pairs.take(pairs.distance_m <= least_m[row] + SAME_DISTANCE_M)
    rank = locator.corridors[family].precedence[near.corridor]
    near = near.take(np.lexsort((rank, near.point)))
    return near.take(np.unique(near.point, return_index=True)[1])


def _change_sides(
    locator: Locator,
    family: str,
    owners: Owners,
    pairs: _Pairs,
    place: tuple[Floats, Floats],
) -> None:
    """Give points that lie on the other side the nearest area of the agreed one."""
    order = np.lexsort((pairs.frames.astype(str), pairs.corridor))
    pairs = pairs.take(order)
    is_new = (pairs.corridor[1:] != pairs.corridor[:-1]) | (pairs.frames[1:] != pairs.frames[:-1])
    starts = [0, *(np.flatnonzero(is_new) + 1).tolist(), len(pairs.point)]
    for start, stop in pairwise(starts):
        if start < stop:
            point, corridor = pairs.point[start:stop], int(pairs.corridor[start])
            owners.level[point], owners.position[point] = _nearest_area(
                locator, family, corridor, pairs.frames[start], (place[0][point], place[1][point])
            )


def _nearest_area(
    locator: Locator, family: str, corridor: int, frame: str, place: tuple[Floats, Floats]
) -> tuple[NDArray[np.int8] | np.int8, Positions | np.int32]:
    """Return depth and position of the area of a corridor's agreed side next to each point."""
    side = locator.agreed_sides[family].side(corridor)
    if len(side.level) == 1:
        return side.level[0], side.position[0]
    points = np.column_stack(metric_plane(frame)(*place))
    flat = _flat(side.pieces, np.arange(len(side.pieces.of)), frame)
    best = np.empty(len(points), dtype=np.intp)
    step = max(1, _PAIRS_AT_ONCE // len(flat.of))
    for start in range(0, len(points), step):
        part = points[start : start + step]
        distance_m = _lengths_to(part[:, None], flat.start, flat.end)
        is_near = distance_m <= distance_m.min(axis=1, keepdims=True) + SAME_DISTANCE_M
        best[start : start + step] = np.where(is_near, flat.of, len(side.level)).min(axis=1)
    return side.level[best], side.position[best]
