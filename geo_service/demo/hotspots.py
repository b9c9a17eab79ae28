"""The places where demo issues really pile up, so that a map has something true to find."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_service.demo.city import City
from geo_service.demo.demand import demand_mix
from geo_service.demo.scatter import apart


@dataclass(frozen=True)
class Hotspot:
    """A place where issues pile up, normally around it; ``radius_m`` the standard deviation.

    ``trend`` is ``persists`` (all year), ``grew`` (in the last seven days) or ``faded`` (a
    quarter that is over). ``lasting`` are the days before the end between which it lasts, None
    for all; ``share`` is its part of all issues; ``building`` the position of the one it is at.
    """

    trend: str
    lon: float
    lat: float
    radius_m: float
    lasting: tuple[int, int] | None
    share: float
    major: str
    minor: str | None
    building: int


@dataclass(frozen=True)
class _Kind:
    trend: str
    major: str
    minor: str
    radius_m: float
    share: float
    lasting: tuple[int, int] | None = None


_KINDS = (
    _Kind("persists", "出行停车", "小区停车", radius_m=55.0, share=0.03),
    _Kind("grew", "环境与垃圾分类", "垃圾分类", radius_m=45.0, share=0.0055, lasting=(7, 0)),
    _Kind("faded", "公共危机", "供水", radius_m=70.0, share=0.022, lasting=(200, 110)),
)


def hotspots(
    city: City, *, seed: int, categories: Mapping[str, float] | None = None
) -> tuple[Hotspot, ...]:
    """Return the hotspots that ``issues`` of the same city, seed and categories has.

    Returns
    -------
    tuple[Hotspot, ...]
        One that persists, one that grew, one that faded, at least 450 m apart and 250 m inside
        the outline; fewer where the city is too small for that. Coordinates are degrees
        EPSG:4490. A category that is not among ``categories`` gives way to the heaviest.
    """
    mix = categories if categories is not None else demand_mix().weights
    heaviest = max(mix, key=mix.__getitem__)
    rng = np.random.default_rng([seed, 1])
    places = apart(city, len(_KINDS), rng=rng).tolist()
    found = []
    for kind, building in zip(_KINDS, places, strict=False):
        middle = city.buildings.geometries[building].centroid
        found.append(
            Hotspot(
                trend=kind.trend,
                lon=middle.x,
                lat=middle.y,
                radius_m=kind.radius_m,
                lasting=kind.lasting,
                share=kind.share,
                major=kind.major if kind.major in mix else heaviest,
                minor=kind.minor if kind.major in mix else None,
                building=building,
            )
        )
    return tuple(found)
