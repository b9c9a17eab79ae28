"""Areas that have much more or much less than areas of their layer usually have."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import area_m2
from geo_service.layers.topology import Defect
from geo_service.layers.topology.scale import area_m2 as planar_m2

AREA_M2 = "area_m2"
"""The measure that needs no figures."""
_AREA_TITLES = ("面积（m²）", "m² of ground")

Usual: TypeAlias = Mapping[str, tuple[float, float]]
"""The usual least and most by measure, as a profile says of a layer; both are usual."""


class _Asked(NamedTuple):
    """Areas of one layer by number, in the order of their codes, with outlines and ground."""

    coverage: Coverage
    numbers: Sequence[int]
    outlines: Geometries
    ground_m2: Floats


def unusual_sizes(
    coverage: Coverage,
    layer: str,
    usual: Usual,
    *,
    figures: Mapping[str, Mapping[str, float]] | None = None,
    titles: Mapping[str, tuple[str, str]] | None = None,
    codes: Collection[str] | None = None,
) -> list[Defect]:
    """Return a finding for each area and measure outside the usual; it is a question, no fault.

    Parameters
    ----------
    usual
        ``area_m2`` is the ground, of degrees (EPSG:4490) on the ellipsoid.
    figures
        What areas have of the other measures: by measure, then by code. Who is not named is not
        judged.
    titles
        What measures are called, in Chinese and in English.
    codes
        Who is looked at; all of the layer without it.

    Returns
    -------
    list
        Of kind ``too_small`` or ``too_large``, by code, then in the order of ``usual``; ``reason``
        is the measure, ``area_m2`` the ground.
    """
    asked = _asked(coverage, layer, codes)
    found = [
        (at, order, defect)
        for order, (measure, limits) in enumerate(usual.items())
        for at, defect in _unusual(asked, measure, limits, (figures or {}).get(measure, {}))
    ]
    found.sort(key=_in_order)
    places = shapely.point_on_surface(asked.outlines[[at for at, _, _ in found]])
    words = {AREA_M2: _AREA_TITLES, **(titles or {})}
    return [
        _placed(asked, at, defect, place, words.get(defect.reason))
        for (at, _, defect), place in zip(found, shapely.get_coordinates(places), strict=True)
    ]


def _in_order(found: tuple[int, int, Defect]) -> tuple[int, int]:
    at, order, _ = found
    return at, order


def _asked(coverage: Coverage, layer: str, codes: Collection[str] | None) -> _Asked:
    if codes is None:
        keys = sorted(key for key in coverage.numbers if key.layer == layer)
    else:
        some = (AreaKey(layer, code) for code in sorted(set(codes)))
        keys = [key for key in some if key in coverage.numbers]
    numbers = [coverage.numbers[key] for key in keys]
    outlines = coverage.outlines(numbers)
    return _Asked(coverage, numbers, outlines, _ground_m2(coverage, outlines))


def _ground_m2(coverage: Coverage, outlines: Geometries) -> Floats:
    """Return square metres: of degrees on the ellipsoid, as the impact and reports tell them."""
    if coverage.scale == (1.0, 1.0):
        return planar_m2(outlines, coverage.scale)
    return area_m2(outlines)


def _unusual(
    asked: _Asked, measure: str, limits: tuple[float, float], known: Mapping[str, float]
) -> list[tuple[int, Defect]]:
    """Return who is outside of some limits, by position."""
    keys = [asked.coverage.areas[number].key for number in asked.numbers]
    if measure == AREA_M2:
        amounts = asked.ground_m2
    else:
        amounts = np.array([known.get(key.code, np.nan) for key in keys], dtype=np.float64)
    least, most = limits
    outside = np.flatnonzero((amounts < least) | (amounts > most)).tolist()
    return [
        (
            at,
            Defect(
                "too_small" if amounts[at] < least else "too_large",
                keys[at].layer,
                (keys[at].code,),
                reason=measure,
                amount=float(amounts[at]),
                usual=limits,
            ),
        )
        for at in outside
    ]


def _placed(
    asked: _Asked, at: int, defect: Defect, place: Floats, titles: tuple[str, str] | None
) -> Defect:
    # no width: how wide the widest circle in a whole area is says nothing of its size, and takes
    # longer than everything else here
    x, y = place.tolist()
    ground_m2, outline = float(asked.ground_m2[at]), asked.outlines[at]
    return replace(defect, x=x, y=y, area_m2=ground_m2, geometry=outline, titles=titles)
