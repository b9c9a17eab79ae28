"""Areas that have much more or much less than areas of their layer usually have."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw.review import placed
from geo_service.layers.topology import Defect
from geo_service.layers.topology.scale import area_m2

AREA_M2 = "area_m2"
"""The measure that needs no figures."""


def unusual_sizes(
    coverage: Coverage,
    layer: str,
    usual: Mapping[str, tuple[float, float]],
    *,
    figures: Mapping[str, Mapping[str, float]] | None = None,
    codes: Collection[str] | None = None,
) -> list[Defect]:
    """Return a finding for each area and measure outside the usual; it is a question, no fault.

    Parameters
    ----------
    usual
        The usual least and most by measure, as a profile says of the layer; both are usual.
        ``area_m2`` is the ground in the plane of the coverage.
    figures
        What areas have of the other measures: by measure, then by code. Who is not named is not
        judged.
    codes
        Who is looked at; all of the layer without it.

    Returns
    -------
    list
        Of kind ``too_small`` or ``too_large``, by code, then in the order of ``usual``; ``reason``
        is the measure.
    """
    found: list[Defect] = []
    keys = sorted(key for key in coverage.numbers if key.layer == layer)
    for key in keys:
        if codes is None or key.code in codes:
            for measure, (least, most) in usual.items():
                amount = amount_of(coverage, key, measure, figures or {})
                if amount is not None and not least <= amount <= most:
                    kind = "too_small" if amount < least else "too_large"
                    defect = Defect(kind, layer, (key.code,), reason=measure, amount=amount)
                    parts = shapely.get_parts(np.array([coverage.area(key).outline]))
                    at = placed(defect, parts, coverage.scale)
                    found.append(replace(at, usual=(least, most)))
    return found


def amount_of(
    coverage: Coverage, key: AreaKey, measure: str, figures: Mapping[str, Mapping[str, float]]
) -> float | None:
    """Return what an area has of a measure; None where nobody knows."""
    if measure == AREA_M2:
        return float(area_m2(np.array([coverage.area(key).outline]), coverage.scale)[0])
    return figures.get(measure, {}).get(key.code)
