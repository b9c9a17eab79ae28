"""A division of areas as it is offered: its parts with codes, outlines and what they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.frames import area_m2
from geo_service.layers.redraw.asked.ground import CutAreas
from geo_service.services.drafts.draft import Draft
from geo_service.services.drafts.offers.measures import GROUND, Weighed


@dataclass(frozen=True, eq=False)
class OfferedPart:
    """A part of the area ``former``, with what it has of each measure; None where nobody knows.

    ``share`` is its part of what the area has of the measure that the offer is by; those of one
    area sum to 1. A place on the border of two parts counts with the lower code.
    """

    code: str
    former: str
    outline: shapely.Geometry
    area_m2: float
    counts: Mapping[str, float | None]
    share: float


@dataclass(frozen=True, eq=False)
class Offer:
    """A division as it would be done, area by area in the order of codes; nothing is stored.

    ``operation`` does it. ``unknown`` tells of each measure how many places have no known weight.
    """

    draft: Draft
    operation: CutAreas
    measure: str
    parts: Sequence[OfferedPart]
    unknown: Mapping[str, int]

    @property
    def imbalance(self) -> float:
        """How far the worst part is off a fair one of its area, as a part of a fair one."""
        formers = [part.former for part in self.parts]
        return max(abs(part.share * formers.count(part.former) - 1) for part in self.parts)


def offered_parts(
    coverage: Coverage, operation: CutAreas, weighed: Mapping[str, Weighed], measure: str
) -> list[OfferedPart]:
    """Return the parts that an operation makes, with their counts; raises what it raises."""
    after = operation.on(coverage).coverage
    found: list[OfferedPart] = []
    for former, new in operation.codes.items():
        codes = sorted([*new, *([former] if former in operation.keeps else [])])
        outlines = [after.area(AreaKey(operation.layer, code)).outline for code in codes]
        found += _parts_of(former, codes, outlines, weighed, measure)
    return found


def _parts_of(
    former: str,
    codes: Sequence[str],
    outlines: Sequence[shapely.Geometry],
    weighed: Mapping[str, Weighed],
    measure: str,
) -> list[OfferedPart]:
    grounds_m2 = area_m2(np.array(outlines, dtype=object)).tolist()
    by_measure = {name: _sums(each, outlines) for name, each in weighed.items()}
    shared = grounds_m2 if measure == GROUND else by_measure[measure]
    total = sum(shared)
    return [
        OfferedPart(
            code,
            former,
            outlines[i],
            grounds_m2[i],
            {name: sums[i] if sum(sums) else None for name, sums in by_measure.items()},
            shared[i] / total,
        )
        for i, code in enumerate(codes)
    ]


def _sums(weighed: Weighed, outlines: Sequence[shapely.Geometry]) -> list[float]:
    """Return what lies in each outline; on a border it counts with the first."""
    is_left = np.ones(len(weighed.places), dtype=np.bool_)
    sums = []
    for outline in outlines:
        shapely.prepare(outline)
        is_in = is_left & shapely.intersects_xy(outline, *weighed.places.T)
        is_left &= ~is_in
        sums.append(float(weighed.weights[is_in].sum()))
    return sums
