"""What service circles reach of areas: ground, residents, and the gaps between the circles."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from geo_service.analysis.reach.discs import Flags, Indices, are_within, sums
from geo_service.analysis.reach.gaps import OpenGround, open_ground, without_slivers
from geo_service.analysis.reach.planes import Facilities, Ground, ground_shares, planes
from geo_service.layers.area import Floats
from geo_service.layers.frames import area_m2, points_to_metric

Basis: TypeAlias = Literal["households", "areal"]
WholeBasis: TypeAlias = Literal["households", "areal", "mixed"]


class Dwellings(NamedTuple):
    """Where households live, as columns ``(k,)``.

    Places in EPSG:4490 degrees, how many live there, and the area's position. One place may stand
    in several rows, for areas that overlap.
    """

    lon: Floats
    lat: Floats
    households: Floats
    area: Indices


_NO_DWELLINGS = Dwellings(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.intp))


@dataclass(frozen=True, eq=False)
class Reach:
    """What is reached of each of n areas; every column has the shape ``(n,)``.

    ``ground_share`` is from 0 to 1; ``ground_m2`` is the whole area on the ellipsoid. ``residents``
    are NaN where nobody told. ``households`` are those whose place is known, and
    ``households_reached`` those of them within reach.
    """

    ground_share: Floats
    ground_m2: Floats
    residents: Floats
    households: Floats
    households_reached: Floats

    @cached_property
    def is_by_households(self) -> Flags:
        """Where the share of residents is that of households; elsewhere that of the ground."""
        return np.asarray(self.households > 0)

    @cached_property
    def residents_share(self) -> Floats:
        """The share of residents within reach; NaN where neither households nor residents are."""
        share = np.where(self.residents > 0, self.ground_share, np.nan)
        at = self.is_by_households
        share[at] = self.households_reached[at] / self.households[at]
        return share

    def basis(self, position: int) -> Basis | None:
        """Return what the share of residents of one area rests on; None where there is none."""
        if np.isnan(self.residents_share[position]):
            return None
        return "households" if self.is_by_households[position] else "areal"

    @property
    def whole_ground_share(self) -> float | None:
        """The share of the ground of all areas together; overlapping ones count each."""
        return _share(self.ground_share, self.ground_m2)

    @property
    def whole_residents_share(self) -> float | None:
        """The share of the residents of all areas whose number is known (``is_counted``)."""
        return _share(self.residents_share[self.is_counted], self._weights[self.is_counted])

    @property
    def whole_basis(self) -> WholeBasis | None:
        """What that share rests on; ``mixed`` where areas differ."""
        by_households = self.is_by_households[self.is_counted]
        if not len(by_households):
            return None
        if by_households.all():
            return "households"
        return "mixed" if by_households.any() else "areal"

    @property
    def is_counted(self) -> Flags:
        """Which areas stand in the share of all residents.

        Those whose residents are known; where no area's are, those with households.
        """
        return np.asarray(self._weights > 0)

    @property
    def _weights(self) -> Floats:
        known = np.nan_to_num(self.residents, nan=0.0)
        return known if known.any() else self.households


def reach(
    ground: Ground, facilities: Facilities, *, residents: Floats, dwellings: Dwellings | None = None
) -> Reach:
    """Return what facilities reach in a straight line, of each area.

    Parameters
    ----------
    ground
        n areas.
    facilities
        Inside the areas or not; places within reach of several count once.
    residents
        Shape ``(n,)``, 0 or more, NaN for unknown.
    dwellings
        Where they are known; an area without any is told by its ground alone.

    Returns
    -------
    Reach
        Circles are true circles in the metric frame of each area, whose meter is the ground's to
        within 4 parts in 10,000 in China. Shares of ground are exact in that plane but for
        rounding below a billionth; edges longer than 200 m are bent as they are in degrees. A place
        exactly at the radius is within reach.

    Raises
    ------
    InvalidCoordinates
        A frame that cannot hold its area or a facility near it.
    """
    count = len(ground.geometries)
    share, reached = np.zeros(count), np.zeros(count)
    given = dwellings or _NO_DWELLINGS
    for plane in planes(ground, facilities):
        areas, discs = plane.areas, plane.discs
        share[areas] = ground_shares(ground.geometries[areas], plane)
        at = np.flatnonzero(np.isin(given.area, areas))
        x, y = points_to_metric(lon=given.lon[at], lat=given.lat[at], metric_frame=plane.frame)
        within = at[are_within(discs, x=x, y=y)]
        reached += sums(given.area[within], given.households[within], count=count)
    return Reach(
        ground_share=share,
        ground_m2=area_m2(ground.geometries),
        residents=residents,
        households=sums(given.area, given.households, count=count),
        households_reached=reached,
    )


def gaps(ground: Ground, facilities: Facilities, found: Reach) -> OpenGround:
    """Return what no facility reaches, area by area, in EPSG:4490 degrees.

    An area that nothing reaches is returned as it is, bit for bit; of one reached in part the parts
    of ``SLIVER_M2`` and more, see ``open_ground`` for how closely they follow the circles.

    Parameters
    ----------
    ground, facilities
        As ``reach`` took them.
    found
        What it returned.
    """
    left = ground.geometries.copy()
    left[found.ground_share == 1.0] = None
    is_partial = (found.ground_share > 0.0) & (found.ground_share < 1.0)
    for plane in planes(ground, facilities):
        at = plane.areas[is_partial[plane.areas]]
        if len(at):
            left[at] = open_ground(left[at], plane.discs, metric_frame=plane.frame)
    partial = without_slivers(left[is_partial])
    size_m2 = np.where(found.ground_share == 0.0, found.ground_m2, 0.0)
    left[is_partial], size_m2[is_partial] = partial.geometries, partial.area_m2
    return partial._replace(geometries=left, area_m2=size_m2)


def _share(shares: Floats, weights: Floats) -> float | None:
    whole = float(weights.sum())
    return float((shares * weights).sum()) / whole if whole > 0.0 else None
