"""Whose many points are, in columns: what ``answer_at`` says of each, at the speed of arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.layers.assignment.agreed import Agreed, apply_agreements
from geo_service.layers.assignment.ambiguity import judged
from geo_service.layers.assignment.border import NearEach
from geo_service.layers.assignment.candidate import Candidates
from geo_service.layers.assignment.overlay import overlay_owners_of
from geo_service.layers.assignment.rule import (
    AGREEMENT,
    AMBIGUOUS,
    ASSIGNED,
    BOUNDARY,
    NEAREST,
    UNASSIGNED,
    assign,
)
from geo_service.layers.layer import Layer
from geo_service.layers.locator import Locator, Owners
from geo_service.layers.points.column import (
    NONE,
    OUT_OF_RANGE,
    Coded,
    Codes,
    Lists,
    Problems,
    distinct,
    lists_of,
)
from geo_service.layers.points.explanation import Circled, Decided, Explanations, explanations
from geo_service.layers.points.place import Places, stored_places

INVALID = "invalid"
"""The rule and status of a row that is no place."""

RULES = (ASSIGNED, BOUNDARY, AGREEMENT, NEAREST, UNASSIGNED, INVALID)
STATUSES = (*RULES, AMBIGUOUS)

_ASSIGNED, _BOUNDARY, _AGREEMENT, _NEAREST, _UNASSIGNED, _INVALID, _AMBIGUOUS = range(len(STATUSES))
_PLACES_AT_ONCE = 65_536
"""So many are looked for in overlays at a time: each needs a box beside lines."""
_FLAT_MAP = 1.02
"""Distances on the flat map and in a metric frame differ by far less."""


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
        return {rule: int(np.count_nonzero(self.rule == i)) for i, rule in enumerate(RULES)}


@dataclass(frozen=True, eq=False)
class LocatedPoints:
    """The answer to n places, in the order they came in.

    ``overlays`` has a column for each overlay layer: the codes of all its areas that a row belongs
    to, ascending. ``without_owner`` counts the rows nobody owns, those out of range included, and
    ``owned_exchanged`` those of them that somebody owns with their axes exchanged.
    """

    lon: Floats
    lat: Floats
    problem: Problems
    families: Sequence[LocatedFamily]
    overlays: Mapping[str, Lists]
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
        Whether distances, neighbors and candidates are wanted: microseconds a point.

    Returns
    -------
    LocatedPoints
        Rule, status, codes and explanations of each row as ``answer_at`` gives them for the row
        alone, and the areas of overlays as ``overlay_owners`` does.

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
        overlays={
            layer.name: _overlay(locator, layer, lon, lat) for layer in locator.layers.overlays
        },
        without_owner=len(lost),
        owned_exchanged=_owned(locator, places.exchanged(lost), source_frame) if len(lost) else 0,
    )


def _located(
    locator: Locator, family: str, points: _Points, *, is_explaining: bool
) -> LocatedFamily:
    owners, rule, distance_m, agreed = _ruled(locator, family, points)
    is_near = rule == _NEAREST
    status = rule.copy()
    circled = None
    if points.accuracy_m is not None:
        circles = np.flatnonzero((points.problem == NONE) & (points.accuracy_m > 0.0))
        if len(circles):
            circled = Circled(circles, _judge(locator, family, points, circles, owners, status))
    told = None
    if is_explaining:
        level = np.where(is_near, owners.level, np.int8(-1))
        position = np.where(is_near, owners.position, np.int32(-1))
        told = explanations(
            locator,
            family,
            lon=points.lon,
            lat=points.lat,
            decided=Decided(NearEach(distance_m, level, position), circled, agreed),
        )
    return LocatedFamily(
        family=family,
        codes=_codes(locator, family, owners),
        rule=rule,
        status=status,
        explanations=told,
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


def _overlay(locator: Locator, layer: Layer, lon: Floats, lat: Floats) -> Lists:
    """Return the areas of an overlay layer that each point belongs to."""
    areas = locator.areas(layer.name)
    rows, positions = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.int32)]
    for start in range(0, len(lon) if len(areas) else 0, _PLACES_AT_ONCE):
        part = slice(start, start + _PLACES_AT_ONCE)
        row, position = overlay_owners_of(locator, layer, lon=lon[part], lat=lat[part])
        rows.append(row + start)
        positions.append(position)
    kinds, place = distinct(np.concatenate(positions), len(areas))
    texts = tuple(areas.codes[each] for each in kinds.tolist())
    return lists_of(np.concatenate(rows), Coded(texts, place), len(lon))


def _ruled(
    locator: Locator, family: str, points: _Points
) -> tuple[Owners, Codes, Floats, Agreed | None]:
    """Return the owner of each point, the nearest in tolerance included, and the rule.

    With them comes how far such a nearest one is in meters, NaN for other rules, and what border
    agreements decided where there are any.
    """
    agreed = None
    owners = locator.owners(family, lon=points.lon, lat=points.lat)
    rule = owners.is_shared.astype(np.int8)  # _ASSIGNED and _BOUNDARY
    if locator.agreements:
        agreed = apply_agreements(locator, family, owners, lon=points.lon, lat=points.lat)
        rule[agreed.point] = _AGREEMENT
    distance_m = np.full(len(rule), np.nan)
    outside = np.flatnonzero(owners.level < 0)
    if len(outside) == 0:
        return owners, rule, distance_m, agreed
    rule[outside] = np.where(points.problem[outside] == NONE, _UNASSIGNED, _INVALID)
    reach_m = max(layer.nearest_m for layer in locator.layers.families[family])
    sound = outside[points.problem[outside] == NONE]
    near = sound[_has_border(locator, family, points.lon[sound], points.lat[sound], reach_m)]
    if len(near):
        found = assign(locator, family, lon=points.lon[near], lat=points.lat[near])
        owners.level[near], owners.position[near] = found.owners.level, found.owners.position
        rule[near[found.owners.level >= 0]] = _NEAREST
        distance_m[near] = found.distance_m
    return owners, rule, distance_m, agreed


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
    """Return the code of each point's owner in every layer."""
    columns = locator.chain_columns(family, owners)
    codes = {}
    for layer, column in zip(locator.layers.families[family], columns, strict=True):
        areas = locator.areas(layer.name)
        texts = tuple(map(areas.codes.__getitem__, column.positions.tolist()))
        codes[layer.name] = Coded(texts, column.place)
    return codes


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
