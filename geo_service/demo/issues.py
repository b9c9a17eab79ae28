"""A year of issues as an office exports them: rhythm, demand mix, real hotspots, and dirt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.demo.city import City
from geo_service.demo.demand import demand_mix, minors_of
from geo_service.demo.hotspots import Hotspot, hotspots
from geo_service.demo.land.columns import Integers, ranks
from geo_service.demo.rhythm import Seconds, day_weights, draw_days, handled, moments, texts
from geo_service.demo.scatter import (
    DECIMALS,
    beside_roads,
    meters,
    near_buildings,
    on_borders,
    outside,
)
from geo_service.errors import EmptyInput, InvalidPeriod
from geo_service.layers.area import Floats

Columns: TypeAlias = dict[str, list[Any]]
Words: TypeAlias = NDArray[np.object_]

FRAME = "EPSG:4490"
_SOURCES = {
    "12345热线": 0.46,
    "居委会": 0.14,
    "物业": 0.08,
    "随手拍": 0.13,
    "网格员巡查": 0.14,
    "民情前哨": 0.05,
}
_PATROLS = ("网格员巡查", "民情前哨")
_ACCURACY_M = {
    "12345热线": (30, 100),
    "居委会": (10, 50),
    "物业": (10, 50),
    "随手拍": (5, 25),
    "网格员巡查": (3, 10),
    "民情前哨": (3, 10),
}
_REQUEST_TYPES = {
    "投诉": 0.42,
    "求助": 0.24,
    "咨询": 0.14,
    "建议": 0.10,
    "举报": 0.07,
    "表扬": 0.03,
}
_ENDINGS = {"投诉": "问题", None: "问题（巡查发现）"}
_OUTSIDE, _ON_BORDER, _NO_PLACE, _NO_CATEGORY = 0.01, 0.01, 0.004, 0.02
_ROADSIDE = 0.1


@dataclass(frozen=True, eq=False)
class _Draft:
    """What all issues share before they are written as columns, ordered by time.

    ``hotspot`` is the position of the hotspot an issue belongs to, -1 for none.
    """

    reported_at: Seconds
    place: Floats
    building: Integers
    hotspot: Integers
    major: Words
    minor: Words


def issues(
    city: City,
    *,
    seed: int,
    until: date,
    days: int = 365,
    total: int = 12_000,
    categories: Mapping[str, float] | None = None,
) -> Columns:
    """Return a ticket list of ``days`` days up to ``until``, as columns under Chinese headings.

    Parameters
    ----------
    until
        The first day that is no longer in the list (Asia/Shanghai).
    total
        How many; by default 80 a year for every 1,000 residents of a street of 150,000.
    categories
        Major categories with their weights; the printed demand mix if None. Minors are the
        printed words that fit; majors of one's own have none.

    Returns
    -------
    Columns
        In the order of ``上报时间``, wall-clock text in Asia/Shanghai without a zone. ``经度``
        and ``纬度`` are degrees in EPSG:4490, None where an issue has no place; ``定位精度`` is
        in metres. About 1 % lie outside the city, 1 % exactly on borders of its deepest layer,
        and 2 % have no category. Nothing names a person.

    Raises
    ------
    EmptyInput
        The city has no buildings to report from.
    InvalidPeriod
        ``days`` is less than 1.
    """
    if not city.buildings.ids:
        raise EmptyInput(where=city.title)
    if days < 1:
        raise InvalidPeriod(value=str(days), reason_zh="至少一天", reason_en="at least one day")
    mix = categories if categories is not None else demand_mix().weights
    spots = hotspots(city, seed=seed, categories=mix)
    rng = np.random.default_rng([seed, 2])
    hotspot = _hotspots_of_issues(spots, total)
    reported_at = _reported_at(spots, hotspot, until, days, rng)
    order = np.argsort(reported_at, kind="stable")
    draft = _drafted(city, spots, mix, reported_at[order], hotspot[order], rng)
    return _columns(city, draft, _with_dirt(city, draft, rng), until, rng)


def _hotspots_of_issues(spots: tuple[Hotspot, ...], total: int) -> Integers:
    counts = [round(spot.share * total) for spot in spots]
    of_spot = np.repeat(np.arange(len(spots)), counts)
    return np.concatenate([of_spot, np.full(total - len(of_spot), -1)])


def _reported_at(
    spots: tuple[Hotspot, ...], hotspot: Integers, until: date, days: int, rng: np.random.Generator
) -> Seconds:
    """Draw when each issue came in; those of a hotspot while it lasts."""
    weight = day_weights(until, days, rng=rng)
    day = draw_days(weight, len(hotspot), lasting=None, rng=rng)
    for number, spot in enumerate(spots):
        here = np.flatnonzero(hotspot == number)
        day[here] = draw_days(weight, len(here), lasting=spot.lasting, rng=rng)
    return moments(until, days, day, rng=rng)


def _drafted(
    city: City,
    spots: tuple[Hotspot, ...],
    mix: Mapping[str, float],
    reported_at: Seconds,
    hotspot: Integers,
    rng: np.random.Generator,
) -> _Draft:
    total = len(hotspot)
    building, place = near_buildings(city, total, rng=rng)
    is_roadside = rng.random(total) < _ROADSIDE
    place[is_roadside] = beside_roads(city, place[is_roadside], rng=rng)
    major = _drawn(mix, total, rng)
    minor = _fitting_minors(major, rng)
    for number, spot in enumerate(spots):
        here = np.flatnonzero(hotspot == number)
        center = np.full((len(here), 2), (spot.lon, spot.lat))
        place[here] = center + meters(rng.normal(0, spot.radius_m, center.shape), at=center)
        building[here], major[here], minor[here] = spot.building, spot.major, spot.minor
    return _Draft(reported_at, np.round(place, DECIMALS), building, hotspot, major, minor)


def _fitting_minors(major: Words, rng: np.random.Generator) -> Words:
    """Draw for each major one of the printed words that fit it, None where there is none."""
    minor = np.full(len(major), None, dtype=object)
    for name in dict.fromkeys(major.tolist()):
        words = np.array(minors_of(name), dtype=object)
        here = np.flatnonzero(major == name)
        if len(words):
            minor[here] = words[rng.integers(len(words), size=len(here))]
    return minor


def _with_dirt(city: City, draft: _Draft, rng: np.random.Generator) -> Floats:
    """Return the places, some moved outside or onto borders, some lost (NaN)."""
    place = draft.place.copy()
    total = len(place)
    usual = rng.permutation(np.flatnonzero(draft.hotspot < 0))
    sizes = [round(share * total) for share in (_OUTSIDE, _ON_BORDER, _NO_PLACE)]
    beyond, border, lost, _ = np.split(usual, np.cumsum(sizes))
    place[beyond] = outside(city, len(beyond), rng=rng)
    place[border] = on_borders(city.boundaries[city.leaf_layer], len(border), rng=rng)
    place[lost] = np.nan
    bare = rng.permutation(np.flatnonzero(draft.hotspot < 0))[: round(_NO_CATEGORY * total)]
    draft.major[bare] = draft.minor[bare] = None
    return place


def _columns(
    city: City, draft: _Draft, place: Floats, until: date, rng: np.random.Generator
) -> Columns:
    total = len(place)
    has_place = ~np.isnan(place[:, 0])
    source = _drawn(_SOURCES, total, rng)
    request = _drawn(_REQUEST_TYPES, total, rng)
    request[np.isin(source, _PATROLS)] = None
    states, closed = handled(draft.reported_at, until, rng=rng)
    return {
        "工单编号": _numbers(draft.reported_at),
        "来源": source.tolist(),
        "诉求类型": request.tolist(),
        "事件大类": draft.major.tolist(),
        "事件小类": draft.minor.tolist(),
        "上报时间": texts(draft.reported_at),
        "经度": _or_none(place[:, 0], has_place),
        "纬度": _or_none(place[:, 1], has_place),
        "坐标系": [FRAME if has else None for has in has_place.tolist()],
        "定位精度": _or_none(_accuracies_m(source, rng), has_place),
        "状态": states,
        "办结时间": closed,
        "标题": _titles(city, draft, request),
    }


def _drawn(shares: Mapping[str, float], count: int, rng: np.random.Generator) -> Words:
    weight = np.array(list(shares.values()), dtype=np.float64)
    drawn = rng.choice(len(shares), size=count, p=weight / weight.sum())
    return np.array(list(shares), dtype=object)[drawn]


def _numbers(reported_at: Seconds) -> list[str]:
    """Return the ticket numbers: the day and the number in the day."""
    day = reported_at.astype("datetime64[D]")
    rank = ranks(day.astype(np.int64)).tolist()
    dated = zip(day.astype(str).tolist(), rank, strict=True)
    return [f"GD999{date_text.replace('-', '')}{number:05d}" for date_text, number in dated]


def _or_none(values: NDArray[Any], has_value: NDArray[np.bool_]) -> list[Any]:
    pairs = zip(values.tolist(), has_value.tolist(), strict=True)
    return [value if has else None for value, has in pairs]


def _accuracies_m(source: Words, rng: np.random.Generator) -> Integers:
    """Return the radius of uncertainty, by how the source finds its places."""
    lowest, highest = np.array([_ACCURACY_M[name] for name in source.tolist()]).reshape(-1, 2).T
    return rng.integers(lowest, highest + 1)


def _titles(city: City, draft: _Draft, request: Words) -> list[str]:
    places = (city.buildings.names[b] for b in draft.building.tolist())
    words = (minor or major or "" for major, minor in zip(draft.major, draft.minor, strict=True))
    endings = (_ENDINGS.get(kind, kind) for kind in request.tolist())
    return [
        f"{place}附近{word}{ending}"
        for place, word, ending in zip(places, words, endings, strict=True)
    ]
