"""The reasoned answer to "whose is this point": the chain, the rule, the border, the candidates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geo_service.layers.assignment.border import nearest_area, nearest_border
from geo_service.layers.assignment.candidate import OUTSIDE, Candidate, candidates_at
from geo_service.layers.assignment.rule import (
    AMBIGUOUS,
    ASSIGNED,
    BOUNDARY,
    NEAREST,
    UNASSIGNED,
    assign,
)
from geo_service.layers.frames import metric_frame
from geo_service.layers.layer import Layer
from geo_service.layers.locator import ChainLink, Locator


class Border(NamedTuple):
    """The nearest border of the owner, in meters, and who lies behind it (None: nobody)."""

    distance_m: float
    neighbor: ChainLink | None


class Nearby(NamedTuple):
    """The nearest area of a point that lies outside all of them, in meters."""

    area: ChainLink
    distance_m: float


class Share(NamedTuple):
    """An area's share of the circle of accuracy; ``area`` is None for "outside every area"."""

    area: ChainLink | None
    share: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one point in one family.

    ``rule`` is what the point alone gives. ``status`` is the rule, or ``ambiguous`` where the
    circle of accuracy leaves the owner less than ``certain_share``; a point without owner then
    shows the area with the largest share, provisionally. ``chain`` goes from the root to the leaf;
    ``deciding`` is the owner's layer, the leaf where nobody owns. ``meeting`` are the areas that
    meet in a point on a border. Distances are in meters in ``metric_frame``.
    """

    family: str
    rule: str
    status: str
    chain: tuple[ChainLink, ...]
    deciding: Layer
    owner: ChainLink | None
    border: Border | None
    nearest: Nearby | None
    meeting: tuple[ChainLink, ...]
    accuracy_m: float | None
    candidates: tuple[Share, ...]
    certain_share: float
    metric_frame: str | None


class _Owner(NamedTuple):
    """Who owns a point: depth in the chain and position in that layer, -1 for nobody."""

    rule: str
    depth: int
    position: int


_NOBODY = _Owner(UNASSIGNED, -1, -1)


def answer_at(
    locator: Locator,
    family: str,
    *,
    lon: float,
    lat: float,
    accuracy_m: float | None = None,
    certain_share: float = 0.8,
) -> Answer:
    """Return the reasoned answer for one point.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4490; NaN for a place nobody knows.
    accuracy_m
        The true place lies anywhere within so many meters, alike; None or 0 for exactly there.
    certain_share
        An owner with less than this share of the circle is ``ambiguous``.

    Returns
    -------
    Answer
        Distances in the zone of the deciding root area, or of the point itself where it lies
        outside every area.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return _answer(locator, family, _NOBODY, certain_share=certain_share)
    owner = _owner(locator, family, lon, lat)
    if owner.rule in {ASSIGNED, BOUNDARY}:
        frame = locator.metric_frame(family, owner.depth, owner.position)
        border, nearest = _border(locator, family, owner, (lon, lat), frame), None
    else:
        frame = metric_frame(lon=lon, lat=lat)
        border, nearest = None, _nearby(locator, family, (lon, lat), frame)
    shares: Sequence[Candidate] = ()
    if accuracy_m:
        shares = candidates_at(
            locator, family, lon=lon, lat=lat, accuracy_m=accuracy_m, metric_frame=frame
        )
    return _answer(
        locator,
        family,
        owner,
        border=border,
        nearest=nearest,
        meeting=_meeting(locator, family, owner, (lon, lat)),
        accuracy_m=accuracy_m or None,
        shares=shares,
        certain_share=certain_share,
        frame=frame,
    )


def _owner(locator: Locator, family: str, lon: float, lat: float) -> _Owner:
    depth, position, is_shared = locator.families[family].owner(lon=lon, lat=lat)
    if depth >= 0:
        return _Owner(BOUNDARY if is_shared else ASSIGNED, depth, position)
    found = assign(locator, family, lon=np.array([lon]), lat=np.array([lat]))
    if found.rules[0] != NEAREST:
        return _NOBODY
    return _Owner(NEAREST, int(found.owners.level[0]), int(found.owners.position[0]))


def _border(
    locator: Locator, family: str, owner: _Owner, place: tuple[float, float], frame: str
) -> Border | None:
    levels, chain = locator.families[family].levels, locator.layers.families[family]
    found = nearest_border(levels, (owner.depth, owner.position), place=place, metric_frame=frame)
    if found is None:
        return None
    is_nobody = found.position < 0
    neighbor = None if is_nobody else locator.link(chain[found.depth].name, found.position)
    return Border(found.distance_m, neighbor)


def _nearby(locator: Locator, family: str, place: tuple[float, float], frame: str) -> Nearby | None:
    found = nearest_area(locator.families[family].levels, place=place, metric_frame=frame)
    if found is None:
        return None
    layer = locator.layers.families[family][found.depth]
    return Nearby(locator.link(layer.name, found.position), found.distance_m)


def _meeting(
    locator: Locator, family: str, owner: _Owner, place: tuple[float, float]
) -> tuple[ChainLink, ...]:
    if owner.rule != BOUNDARY:
        return ()
    layer = locator.layers.families[family][owner.depth]
    found = locator.families[family].holding(owner.depth, lon=place[0], lat=place[1])
    return tuple(locator.link(layer.name, position) for position in found)


def _answer(  # noqa: PLR0913 (the parts of an answer, each found on its own)
    locator: Locator,
    family: str,
    owner: _Owner,
    *,
    certain_share: float,
    border: Border | None = None,
    nearest: Nearby | None = None,
    meeting: tuple[ChainLink, ...] = (),
    accuracy_m: float | None = None,
    shares: Sequence[Candidate] = (),
    frame: str | None = None,
) -> Answer:
    chain = locator.layers.families[family]
    status, shown = _status(locator, family, owner, shares, certain_share)
    links = locator.links(family, shown.depth, shown.position)
    return Answer(
        family=family,
        rule=owner.rule,
        status=status,
        chain=links,
        deciding=chain[shown.depth],  # -1, nobody, is the leaf
        owner=links[shown.depth] if shown.depth >= 0 else None,
        border=border,
        nearest=nearest,
        meeting=meeting,
        accuracy_m=accuracy_m,
        candidates=tuple(_share(locator, chain, each) for each in shares),
        certain_share=certain_share,
        metric_frame=frame,
    )


def _share(locator: Locator, chain: Sequence[Layer], candidate: Candidate) -> Share:
    if candidate.depth == OUTSIDE:
        return Share(None, candidate.share)
    return Share(locator.link(chain[candidate.depth].name, candidate.position), candidate.share)


def _status(
    locator: Locator,
    family: str,
    owner: _Owner,
    shares: Sequence[Candidate],
    certain_share: float,
) -> tuple[str, _Owner]:
    """Return the status, and the owner to show: without one, provisionally the largest share's."""
    areas = [each for each in shares if each.depth != OUTSIDE]
    if not shares or (owner.depth < 0 and not areas):
        return owner.rule, owner
    if owner.depth < 0:
        return AMBIGUOUS, _Owner(owner.rule, areas[0].depth, areas[0].position)
    own = sum(
        each.share
        for each in areas
        if locator.chain_of(family, each.depth, each.position)[owner.depth] == owner.position
    )
    return (AMBIGUOUS if own < certain_share else owner.rule), owner
