"""Whose many points are, in columns: the answer of ``answer_at`` for each, at the speed of arrays.

Only distances and neighbors, where they are wanted, are reasoned point by point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.assignment.ambiguity import judged
from geo_service.layers.assignment.answer import Answer, Share, answer_at
from geo_service.layers.assignment.candidate import OUTSIDE, Candidates
from geo_service.layers.assignment.rule import (
    AMBIGUOUS,
    ASSIGNED,
    BOUNDARY,
    NEAREST,
    UNASSIGNED,
    assign,
)
from geo_service.layers.locator import ChainLink, Locator, Owners
from geo_service.layers.points.column import (
    NONE,
    OUT_OF_RANGE,
    Coded,
    Codes,
    Problems,
    coded,
    distinct,
)
from geo_service.layers.points.place import Places, stored_places

INVALID = "invalid"
"""The rule and status of a row that is no place."""

RULES = (ASSIGNED, BOUNDARY, NEAREST, UNASSIGNED, INVALID)
STATUSES = (*RULES, AMBIGUOUS)

_ASSIGNED, _BOUNDARY, _NEAREST, _UNASSIGNED, _INVALID, _AMBIGUOUS = range(len(STATUSES))
_MOST_SMALL = np.iinfo(np.int16).max
_FLAT_MAP = 1.02
"""Distances on the flat map and in a metric frame differ by far less."""


@dataclass(frozen=True, eq=False)
class Explanations:
    """What the reasoned answers say of each of n points, in columns.

    Distances are in meters in the row's ``metric_frame``, NaN where there is none: to the owner's
    nearest border, behind which lies ``neighbor``, or from a point outside to ``nearest``. Areas
    are coded twice, their layer and their code. ``candidates`` are empty without an accuracy.
    """

    border_distance_m: Floats
    neighbor_layer: Coded
    neighbor_code: Coded
    nearest_layer: Coded
    nearest_code: Coded
    nearest_distance_m: Floats
    metric_frame: Coded
    candidates: Sequence[tuple[Share, ...]]


@dataclass(frozen=True, eq=False)
class LocatedFamily:
    """The owners of n points in one family.

    ``codes`` has a column for each layer of the chain, from the root. ``rule`` points into RULES,
    ``status`` into STATUSES.
    """

    family: str
    codes: Mapping[str, Coded]
    rule: Codes
    status: Codes
    explanations: Explanations | None

    def counts(self) -> dict[str, int]:
        """Return how many rows each rule decided; they add up to the rows."""
        found = np.bincount(self.rule, minlength=len(RULES)).tolist()
        return dict(zip(RULES, found, strict=True))


@dataclass(frozen=True, eq=False)
class LocatedPoints:
    """The answer to n places, in the order they came in.

    ``without_owner`` counts the rows nobody owns, those out of range included, and
    ``owned_exchanged`` those of them that somebody owns with their axes exchanged.
    """

    lon: Floats
    lat: Floats
    problem: Problems
    families: Sequence[LocatedFamily]
    without_owner: int
    owned_exchanged: int


@dataclass(frozen=True, eq=False)
class _Points:
    """Points in storage degrees, and what is asked of them."""

    lon: Floats
    lat: Floats
    accuracy_m: Floats | None
    problem: Problems
    certain_share: float


def locate_points(
    locator: Locator,
    places: Places,
    *,
    source_frame: str,
    certain_share: float = 0.8,
    is_explaining: bool = False,
) -> LocatedPoints:
    """Return the owners of many places in every family.

    Parameters
    ----------
    places
        n places in ``source_frame``; a row that is none is ``invalid`` and spoils no other.
    source_frame
        As ``parse_frame`` reads it.
    certain_share
        As ``answer_at`` takes it.
    is_explaining
        Whether distances, neighbors and candidates are wanted: tens of microseconds a point.

    Returns
    -------
    LocatedPoints
        Rule, status and codes of each row as ``answer_at`` gives them for the row alone.

    Raises
    ------
    UnknownFrame, UnsupportedFrame
        As ``stored_places``.
    """
    lon, lat, problem = stored_places(places, source_frame=source_frame)
    points = _Points(lon, lat, places.accuracy_m, problem, certain_share)
    families = [
        _located(locator, family, points, is_explaining=is_explaining)
        for family in locator.layers.families
    ]
    lost = _without_owner(families, problem)
    return LocatedPoints(
        lon=lon,
        lat=lat,
        problem=problem,
        families=families,
        without_owner=len(lost),
        owned_exchanged=_owned(locator, places.exchanged(lost), source_frame) if len(lost) else 0,
    )


def _located(
    locator: Locator, family: str, points: _Points, *, is_explaining: bool
) -> LocatedFamily:
    owners, rule = _ruled(locator, family, points)
    status = rule.copy()
    shares: dict[int, list[Share]] = {}
    if points.accuracy_m is not None:
        circles = np.flatnonzero((points.problem == NONE) & (points.accuracy_m > 0.0))
        if len(circles):
            found = _judge(locator, family, points, circles, owners, status)
            shares = _shares(locator, family, circles, found) if is_explaining else {}
    return LocatedFamily(
        family=family,
        codes=_codes(locator, family, owners),
        rule=rule,
        status=status,
        explanations=_explanations(locator, family, points, shares) if is_explaining else None,
    )


def _judge(
    locator: Locator,
    family: str,
    points: _Points,
    circles: NDArray[np.intp],
    owners: Owners,
    status: Codes,
) -> Candidates:
    """Write the status of points with a circle of accuracy, and their provisional owners."""
    lon, lat = points.lon[circles], points.lat[circles]
    found = judged(
        locator,
        assign(locator, family, lon=lon, lat=lat),
        lon=lon,
        lat=lat,
        accuracy_m=cast("Floats", points.accuracy_m)[circles],
        certain_share=points.certain_share,
    )
    owners.level[circles] = found.assignments.owners.level
    owners.position[circles] = found.assignments.owners.position
    for code, text in enumerate(STATUSES):
        status[circles[found.statuses == text]] = code
    return found.candidates


def _shares(
    locator: Locator, family: str, circles: NDArray[np.intp], found: Candidates
) -> dict[int, list[Share]]:
    """Return the candidates of each row that has some, the largest share first."""
    areas = [locator.areas(layer.name) for layer in locator.layers.families[family]]
    names = [layer.name for layer in locator.layers.families[family]]
    shares: dict[int, list[Share]] = {}
    columns = (circles[found.point], found.depth, found.position, found.share)
    for row, depth, position, share in zip(*[each.tolist() for each in columns], strict=True):
        area = None
        if depth != OUTSIDE:
            codes = areas[depth].codes[position], areas[depth].names[position]
            area = ChainLink(names[depth], *codes)
        shares.setdefault(row, []).append(Share(area, share))
    return shares


def _ruled(locator: Locator, family: str, points: _Points) -> tuple[Owners, Codes]:
    """Return the owner of each point, the nearest in tolerance included, and the rule."""
    owners = locator.owners(family, lon=points.lon, lat=points.lat)
    rule = owners.is_shared.astype(np.int8)  # _ASSIGNED and _BOUNDARY
    outside = np.flatnonzero(owners.level < 0)
    if len(outside) == 0:
        return owners, rule
    rule[outside] = np.where(points.problem[outside] == NONE, _UNASSIGNED, _INVALID)
    reach_m = max(layer.nearest_m for layer in locator.layers.families[family])
    sound = outside[points.problem[outside] == NONE]
    near = sound[_has_border(locator, family, points.lon[sound], points.lat[sound], reach_m)]
    if len(near):
        found = assign(locator, family, lon=points.lon[near], lat=points.lat[near])
        owners.level[near], owners.position[near] = found.owners.level, found.owners.position
        rule[near[found.owners.level >= 0]] = _NEAREST
    return owners, rule


def _has_border(
    locator: Locator, family: str, lon: Floats, lat: Floats, reach_m: float
) -> NDArray[np.bool_]:
    """Tell which points some border comes near."""
    is_near = np.zeros(len(lon), dtype=np.bool_)
    if len(lon):
        for level in locator.families[family].levels:
            found, _ = level.index.edges_near_each(lon=lon, lat=lat, reach_m=reach_m * _FLAT_MAP)
            is_near[found] = True
    return is_near


def _codes(locator: Locator, family: str, owners: Owners) -> dict[str, Coded]:
    """Return the code of each point's owner in every layer: ancestors of distinct owners alone."""
    chain = locator.layers.families[family]
    counts = np.array([len(locator.areas(layer.name)) for layer in chain])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1], [0]])  # the last is found at -1
    keys = owners.position + starts[owners.level].astype(np.int32)
    kinds, row = distinct(keys, int(counts.sum()))
    row = row.astype(np.intp)
    level = np.searchsorted(starts[:-1], kinds, side="right").astype(np.int8) - np.int8(1)
    position = (kinds - starts[level]).astype(np.int32)
    alone = Owners(level, position, np.zeros(len(kinds), dtype=np.bool_))
    codes = {}
    for layer, at in zip(chain, locator.positions_at(family, alone), strict=True):
        areas = locator.areas(layer.name)
        found, place = distinct(at, len(areas))
        texts = tuple(areas.codes[each] for each in found.tolist())
        small = np.int16 if len(areas) < _MOST_SMALL else np.int32  # by the layer: one for all rows
        place = np.append(place, np.int32(-1)).astype(small)  # the last is for rows of nobody
        codes[layer.name] = Coded(texts, np.take(place, row, mode="wrap"))
    return codes


def _explanations(
    locator: Locator, family: str, points: _Points, shares: Mapping[int, Sequence[Share]]
) -> Explanations:
    told = [
        None if why else _answer(locator, family, points, row)
        for row, why in enumerate(points.problem.tolist())
    ]
    borders = [answer and answer.border for answer in told]
    nearest = [answer and answer.nearest for answer in told]
    neighbors = [border.neighbor if border else None for border in borders]
    areas = [near.area if near else None for near in nearest]
    return Explanations(
        border_distance_m=_meters([border.distance_m if border else None for border in borders]),
        neighbor_layer=_layers(neighbors),
        neighbor_code=coded(link and link.code for link in neighbors),
        nearest_layer=_layers(areas),
        nearest_code=coded(link and link.code for link in areas),
        nearest_distance_m=_meters([near.distance_m if near else None for near in nearest]),
        metric_frame=coded(answer.metric_frame if answer else None for answer in told),
        candidates=[tuple(shares.get(row, ())) for row in range(len(told))],
    )


def _answer(locator: Locator, family: str, points: _Points, row: int) -> Answer:
    return answer_at(locator, family, lon=points.lon.item(row), lat=points.lat.item(row))


def _layers(links: Sequence[ChainLink | None]) -> Coded:
    return coded(link and link.layer for link in links)


def _meters(distances_m: Sequence[float | None]) -> Floats:
    return np.array(distances_m, dtype=np.float64)


def _without_owner(families: Sequence[LocatedFamily], problem: Problems) -> NDArray[np.intp]:
    """Return the rows that are no place or nobody's in any family, and that are worth a turn."""
    is_lost = (problem == NONE) | (problem == OUT_OF_RANGE)
    for family in families:
        is_lost &= family.rule >= _UNASSIGNED
    return np.flatnonzero(is_lost)


def _owned(locator: Locator, places: Places, source_frame: str) -> int:
    """Return how many places lie inside an area of any family."""
    lon, lat, _ = stored_places(places, source_frame=source_frame)
    is_owned = np.zeros(len(lon), dtype=np.bool_)
    for family in locator.layers.families:
        is_owned |= locator.owners(family, lon=lon, lat=lat).level >= 0
    return int(np.count_nonzero(is_owned))
