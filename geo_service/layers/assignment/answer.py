"""The reasoned answer to "whose is this point": the chain, the rule, the border, the candidates."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo_service.layers.assignment.agreed import Cited, cited_at
from geo_service.layers.assignment.ambiguity import weighed
from geo_service.layers.assignment.border import FARTHEST_M, nearest_area, nearest_border
from geo_service.layers.assignment.candidate import OUTSIDE, Candidates, candidates_of
from geo_service.layers.assignment.rule import (
    AGREEMENT,
    AMBIGUOUS,
    ASSIGNED,
    BOUNDARY,
    NEAREST,
    UNASSIGNED,
    assign,
)
from geo_service.layers.frames import metric_frame
from geo_service.layers.layer import Layer
from geo_service.layers.locator import ChainLink, Locator, Owners


class Border(NamedTuple):
    """The nearest border of the owner, in meters, and who lies behind it (None: nobody)."""

    distance_m: float
    neighbor: ChainLink | None


class Nearby(NamedTuple):
    """What a point outside every area lies nearest to, in meters: its owner, if it has one."""

    area: ChainLink
    distance_m: float


class Share(NamedTuple):
    """An area's share of the circle of accuracy; ``area`` is None for "outside every area"."""

    area: ChainLink | None
    share: float


class Answer(NamedTuple):
    """What is said of one point in one family.

    ``rule`` is what the point alone gives. ``status`` is the rule, or ``ambiguous`` where the
    circle of accuracy leaves the owner less than ``certain_share``; a point without owner then
    shows the area with the largest share, provisionally. ``chain`` goes from the root to the leaf;
    ``deciding`` is the owner's layer, the leaf where nobody owns. ``meeting`` are the areas that
    meet in a point on a border. ``border`` is the drawn one, seen from the area that it gives the
    point to, also where a border ``agreement`` gives the point to another. Distances are in meters
    in ``metric_frame``.
    """

    family: str
    rule: str
    status: str
    chain: tuple[ChainLink, ...]
    deciding: Layer
    owner: ChainLink | None
    border: Border | None
    agreement: Cited | None
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
    owner = drawn = _drawn_owner(locator, family, lon, lat)
    border, cited, nearest = None, None, None
    if drawn.depth >= 0:
        if locator.agreements:
            owner, cited = _agreed(locator, family, drawn, (lon, lat))
        frame = locator.metric_frame(family, drawn.depth, drawn.position)
        border = _border(locator, family, drawn, (lon, lat), frame)
    else:
        frame = metric_frame(lon=lon, lat=lat)
        owner, nearest = _outside(locator, family, (lon, lat), frame)
    candidates = None
    if accuracy_m:
        candidates = _candidates(locator, family, (lon, lat), accuracy_m, frame)
    return _answer(
        locator,
        family,
        owner,
        border=border,
        cited=cited,
        nearest=nearest,
        meeting=_meeting(locator, family, drawn, (lon, lat)),
        accuracy_m=accuracy_m or None,
        candidates=candidates,
        certain_share=certain_share,
        frame=frame,
    )


def _candidates(
    locator: Locator, family: str, place: tuple[float, float], accuracy_m: float, frame: str
) -> Candidates:
    lon, lat = place
    return candidates_of(
        locator,
        family,
        lon=np.array([lon]),
        lat=np.array([lat]),
        accuracy_m=np.array([accuracy_m], dtype=np.float64),
        metric_frames=np.array([frame], dtype=object),
    )


def _drawn_owner(locator: Locator, family: str, lon: float, lat: float) -> _Owner:
    depth, position, is_shared = locator.families[family].owner(lon=lon, lat=lat)
    if depth < 0:
        return _NOBODY
    return _Owner(BOUNDARY if is_shared else ASSIGNED, depth, position)


def _outside(
    locator: Locator, family: str, place: tuple[float, float], frame: str
) -> tuple[_Owner, Nearby | None]:
    """Return who owns a point outside every area, if anybody, and what is nearest to it."""
    chain = locator.layers.families[family]
    tolerance_m = max(layer.nearest_m for layer in chain)
    near = nearest_area(
        locator.families[family].levels,
        place=place,
        metric_frame=frame,
        reach_m=max(FARTHEST_M, tolerance_m),
    )
    if near is None:
        return _NOBODY, None
    if near.distance_m <= tolerance_m:
        found = assign(locator, family, lon=np.array(place[:1]), lat=np.array(place[1:]))
        if found.rules[0] == NEAREST:
            depth, position = found.owners.level.item(0), found.owners.position.item(0)
            area = locator.link(chain[depth].name, position)
            return _Owner(NEAREST, depth, position), Nearby(area, found.distance_m.item(0))
    if near.distance_m > FARTHEST_M:
        return _NOBODY, None
    return _NOBODY, Nearby(locator.link(chain[near.depth].name, near.position), near.distance_m)


def _agreed(
    locator: Locator, family: str, drawn: _Owner, place: tuple[float, float]
) -> tuple[_Owner, Cited | None]:
    """Return who owns a point by agreement, and by which; the drawn owner where there is none."""
    lon, lat = place
    if not locator.corridors[family].is_near(lon=lon, lat=lat):
        return drawn, None
    owners = locator.owners(family, lon=np.array([lon]), lat=np.array([lat]))
    cited = cited_at(locator, family, owners, lon=lon, lat=lat)
    if cited is None:
        return drawn, None
    return _Owner(AGREEMENT, owners.level.item(0), owners.position.item(0)), cited


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
    cited: Cited | None = None,
    nearest: Nearby | None = None,
    meeting: tuple[ChainLink, ...] = (),
    accuracy_m: float | None = None,
    candidates: Candidates | None = None,
    frame: str | None = None,
) -> Answer:
    chain = locator.layers.families[family]
    status, shown = owner.rule, owner
    if candidates is not None:
        status, shown = _weighed(locator, family, owner, candidates, certain_share)
    links = locator.links(family, shown.depth, shown.position)
    return Answer(
        family=family,
        rule=owner.rule,
        status=status,
        chain=links,
        deciding=chain[shown.depth],  # -1, nobody, is the leaf
        owner=links[shown.depth] if shown.depth >= 0 else None,
        border=border,
        agreement=cited,
        nearest=nearest,
        meeting=meeting,
        accuracy_m=accuracy_m,
        candidates=() if candidates is None else _shares(locator, chain, candidates),
        certain_share=certain_share,
        metric_frame=frame,
    )


def _shares(locator: Locator, chain: Sequence[Layer], candidates: Candidates) -> tuple[Share, ...]:
    columns = (candidates.depth.tolist(), candidates.position.tolist(), candidates.share.tolist())
    return tuple(
        Share(None if depth == OUTSIDE else locator.link(chain[depth].name, position), share)
        for depth, position, share in zip(*columns, strict=True)
    )


def _weighed(
    locator: Locator, family: str, owner: _Owner, candidates: Candidates, certain_share: float
) -> tuple[str, _Owner]:
    """Return the status, and the owner to show: without one, provisionally the largest share's."""
    owners = Owners(
        np.array([owner.depth], dtype=np.int8),
        np.array([owner.position], dtype=np.int32),
        np.array([owner.rule == BOUNDARY]),
    )
    shown, is_ambiguous = weighed(locator, family, owners, candidates, certain_share=certain_share)
    status = AMBIGUOUS if is_ambiguous[0] else owner.rule
    return status, _Owner(owner.rule, shown.level.item(0), shown.position.item(0))
