"""The numbers of areas on one side of a redraw, as columns over the areas around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_service.analysis.impact import compactness
from geo_service.governance.organisations.coverage import (
    AreaCoverage,
    UnitCounts,
    area_coverage,
    unit_counts,
)
from geo_service.governance.organisations.suppression import ToldTotals
from geo_service.layers.area import AreaSet, Floats
from geo_service.layers.frames import area_m2, length_m
from geo_service.services.coverage.persons import members_by_area
from geo_service.services.coverage.picture import Picture
from geo_service.services.impact.issues.near import LocatedIssues, NearIssues

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a redraw: the registers on its ground, and whose the issues are there."""

    picture: Picture
    issues: NearIssues
    located: LocatedIssues


class LayerNumbers:
    """Columns over the areas of one layer around a redraw, in the order of their codes.

    They are true of touched areas, and of those beside them where these are counted; of others
    there may be more than was looked at.
    """

    def __init__(self, side: Side, layer: str, *, has_limits: bool) -> None:
        self._side = side
        self._layer = layer
        self._has_limits = has_limits
        self.areas: AreaSet = side.picture.locator.areas(layer)

    @property
    def day(self) -> date:
        """The day that counts are of."""
        return self._side.picture.day

    @cached_property
    def counts(self) -> Mapping[str, Floats]:
        """Units, organisations, issues and workload of each area, by the name of the measure."""
        issue, area = self._side.located.pairs(self._layer)
        issues = self._side.issues
        organisations = self._side.picture.placed_organisations.positions(self._layer)
        found = {
            "units": self.units.total,
            "organisations": self._summed(organisations[self._side.picture.is_counted]),
            "open_issues": self._summed(area[issues.is_open[issue]]),
            "year_issues": self._summed(area[issues.is_of_year[issue]]),
        }
        hours = np.where(issues.is_of_year, issues.hours, 0.0)[issue]
        workload = np.bincount(area, hours, minlength=len(self.areas)).astype(np.float64)
        unknown = np.full(len(self.areas), np.nan)
        return {
            **{name: each.astype(np.float64) for name, each in found.items()},
            "workload_h": workload if self._has_limits else unknown,
        }

    @cached_property
    def units(self) -> UnitCounts:
        """Units of each area by what covers them."""
        cover, duty, life = self._side.picture.unit_states
        at = self._side.picture.placed_units.positions(self._layer)
        return unit_counts(len(self.areas), at, cover=cover, duty=duty, life=life)

    @cached_property
    def members(self) -> ToldTotals:
        """What is told of the members of each area."""
        return members_by_area(self._side.picture, self._layer)

    @cached_property
    def coverage(self) -> AreaCoverage | None:
        """What covers each area; None in a layer without bodies."""
        picture = self._side.picture
        if self._layer not in picture.rules.bodies:
            return None
        bindings, linked = picture.bindings(self._layer), picture.linked(self._layer)
        return area_coverage(len(self.areas), bindings, linked)

    def shape(self, position: int) -> tuple[float, float, float | None]:
        """Return an area's square meters, the meters around it, and its compactness."""
        outline = self.areas.geometries[[position]]
        m2, m = area_m2(outline), length_m(outline)
        [round_] = compactness(m2, m).tolist()
        is_line = not m2[0]
        return float(m2[0]), float(m[0]), None if is_line or np.isnan(round_) else round_

    def _summed(self, at: NDArray[np.integer]) -> Counts:
        return np.bincount(at[at >= 0], minlength=len(self.areas)).astype(np.int64)
