"""The exact index over areas that do not overlap: one per layer, or per sheet of an overlay."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_service.errors import CoverageOverlap
from geo_service.layers.area import AreaSet, Floats, Geometries, Positions
from geo_service.layers.index.building import (
    CrowdedEdge,
    Linework,
    built,
    find_overlaps,
    linework,
)
from geo_service.layers.index.building.linework import Counts
from geo_service.layers.index.cells import Words, opened
from geo_service.layers.index.compiling import in_threads
from geo_service.layers.index.distances.nearness import edges_near, edges_near_each
from geo_service.layers.index.distances.within import labels_within_each
from geo_service.layers.index.lookup import find_owner, find_owners, labels_at
from geo_service.layers.index.orientation import TINY

_POINTS_PER_THREAD = 65_536
_SEARCHES_PER_THREAD = 4096
"""Looking for the nearest edge takes about as much longer."""
_BORDERS_PER_THREAD = 4096
_PLACES_AT_ONCE = 4096

INTERIORS_MEET = "T********"
"""How two areas that overlap relate, in the words of GEOS."""


class CoverageOwners(NamedTuple):
    """Owners of n points in one coverage: positions ``(n,)``, -1 for none.

    ``is_shared`` marks the points that lie exactly on a border of several areas.
    """

    position: Positions
    is_shared: NDArray[np.bool_]
    without_owner: int


class CoverageIndex:
    """Exact owners in one coverage: any number of points, from any thread.

    ``words`` is the whole index, one flat array; where it comes from a file it is memory-mapped.
    """

    def __init__(self, words: Words) -> None:
        self.words = _fixed(words)
        lattice = opened(self.words).lattice
        self._holds_zero = (
            lattice.first_x <= 0.0 <= lattice.first_x + lattice.columns
            or lattice.first_y <= 0.0 <= lattice.first_y + lattice.rows
        )

    def owners(self, *, lon: Floats, lat: Floats) -> "CoverageOwners":
        """Return the owner of each point.

        Parameters
        ----------
        lon, lat
            Degrees, shape ``(n,)``; a point that is not finite has no owner.

        Returns
        -------
        CoverageOwners
            On a border the lowest of the areas that meet there.
        """
        lon, lat = _column(lon), _column(lat)
        if len(lon) != len(lat):  # kernels check no bounds
            raise ValueError(f"{len(lon)} longitudes and {len(lat)} latitudes")
        if self._holds_zero:
            lon, lat = _column(_settled(lon)), _column(_settled(lat))
        positions = np.empty(len(lon), dtype=np.int32)
        shared = np.zeros(len(lon), dtype=np.bool_)

        def find(part: slice) -> int:
            return find_owners(self.words, lon[part], lat[part], positions[part], shared[part])[0]

        without_owner = in_threads(find, len(lon), per_thread=_POINTS_PER_THREAD)
        return CoverageOwners(positions, shared, sum(without_owner))

    def owner(self, *, lon: float, lat: float) -> tuple[int, bool]:
        """Return the owner of one point (-1 for none), and whether several areas meet there."""
        return find_owner(self.words, _settled_one(lon), _settled_one(lat))

    def holding(self, *, lon: float, lat: float) -> list[int]:
        """Return every area that holds a point, borders included, ascending."""
        labels = labels_at(self.words, _settled_one(lon), _settled_one(lat))
        return [label - 1 for label in labels.tolist()]

    def edges_near(self, *, lon: float, lat: float, reach_m: float) -> Floats:
        """Return the edges that may be nearest to one point; see ``nearness.edges_near``."""
        return edges_near(self.words, lon, lat, reach_m)

    def edges_near_each(
        self,
        *,
        lon: Floats,
        lat: Floats,
        reach_m: float,
        is_asked: NDArray[np.bool_] | None = None,
    ) -> tuple[Counts, Floats]:
        """Return the same for many points, and which point each row is of.

        ``is_asked`` tells for each area of the layer whether its edges count; all do without it.
        """
        asked = _fixed(np.empty(0, dtype=np.bool_) if is_asked is None else is_asked)
        lon, lat = _column(lon), _column(lat)

        def find(part: slice) -> tuple[Counts, Floats]:
            point, rows = edges_near_each(self.words, lon[part], lat[part], reach_m, asked)
            return point + part.start, rows

        found = in_threads(find, len(lon), per_thread=_SEARCHES_PER_THREAD)
        if len(found) == 1:
            return found[0]
        points, rows = zip(*found, strict=True)
        return np.concatenate(points), np.concatenate(rows)

    def areas_within_each(
        self, *, lon: Floats, lat: Floats, reach_m: Floats
    ) -> tuple[Counts, Positions]:
        """Return the areas whose border comes within each point's own reach (flat map).

        Pairs of point and area, by point, each once, in no order.
        """
        point, label = labels_within_each(self.words, _column(lon), _column(lat), _column(reach_m))
        return point, (label - 1).astype(np.int32)

    def areas_within(self, *, lon: float, lat: float, reach_m: float) -> list[int]:
        """Return the same of one point, in no order."""
        here = (np.array([lon]), np.array([lat]), np.array([reach_m]))
        return [label - 1 for label in labels_within_each(self.words, *here)[1].tolist()]


def coverage_index(areas: AreaSet, layer: str, positions: Sequence[int]) -> CoverageIndex:
    """Return the index over the areas at some positions of a layer.

    Raises
    ------
    CoverageOverlap
        Two of them hold the same ground; names them and the place.
    """
    return index_of(lines_of(areas, layer, positions), areas, layer)


def index_of(
    lines: Linework, areas: AreaSet, layer: str, *, is_brief: bool = False
) -> CoverageIndex:
    """Return the index over edges of some areas of a layer; raises CoverageOverlap.

    One that ``is_brief`` is made sooner and answers later.
    """
    words = built(lines, is_brief=is_brief)
    for lon, lat in _overlaps(words, 1).tolist():
        raise _overlap(areas, layer, lon, lat)
    return CoverageIndex(words)


def index_or_overlaps(
    areas: AreaSet, layer: str, positions: Sequence[int]
) -> tuple[CoverageIndex | None, Floats]:
    """Return the index over some areas, or else places where they overlap, shape ``(n, 2)``."""
    words = built(lines_of(areas, layer, positions))
    places = _overlaps(words, _PLACES_AT_ONCE)
    return (None if len(places) else CoverageIndex(words)), places


def lines_of(areas: AreaSet, layer: str, positions: Sequence[int] | None = None) -> Linework:
    """Return the distinct edges of areas, by default of all; raises CoverageOverlap."""
    chosen = np.arange(len(areas)) if positions is None else np.asarray(positions, dtype=np.intp)
    try:
        return linework(areas.geometries[chosen], chosen.astype(np.int32) + np.int32(1))
    except CrowdedEdge as error:
        raise _overlap(areas, layer, *error.middle) from None


def _overlaps(words: Words, most: int) -> Floats:
    """Return places where areas overlap: at least one, where there are any, ``most`` at most."""
    fixed = _fixed(words)
    count = len(opened(fixed).borders)
    found = in_threads(
        lambda part: find_overlaps(fixed, part.start, part.stop, most),
        count,
        per_thread=_BORDERS_PER_THREAD,
    )
    return np.concatenate(found)[:most]


def _overlap(areas: AreaSet, layer: str, lon: float, lat: float) -> CoverageOverlap:
    """Name the areas near a place that hold the same ground, or all near it if none seem to."""
    _, near = shapely.STRtree(areas.geometries).query(places_around([(lon, lat)]), "intersects")
    pairs = np.array(list(combinations(sorted(near.tolist()), 2)), dtype=np.intp).reshape(-1, 2)
    # around the place itself numbers are finest: what overlaps by their last digits is seen there
    moved = shapely.transform(areas.geometries[near], lambda points: points - (lon, lat))
    outlines = dict(zip(near.tolist(), moved, strict=True))
    left, right = (np.array([outlines[i] for i in each.tolist()], object) for each in pairs.T)
    overlapping = pairs[shapely.relate_pattern(left, right, INTERIORS_MEET)]
    named = np.unique(overlapping if len(overlapping) else near)
    return CoverageOverlap(layer=layer, codes=[areas.codes[i] for i in named], lon=lon, lat=lat)


def places_around(places: ArrayLike) -> Geometries:
    """Return boxes around places (degrees, shape ``(n, 2)``) that rounding does not leave."""
    lon, lat = np.asarray(places, dtype=np.float64).T
    breath = 64.0 * np.spacing(np.maximum(np.abs(lon), np.abs(lat)))
    boxes: Geometries = shapely.box(lon - breath, lat - breath, lon + breath, lat + breath)
    return boxes


def _column(degrees: Floats) -> Floats:
    column: Floats = _fixed(np.ascontiguousarray(degrees, dtype=np.float64))
    return column


def _fixed(values: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view: what is mapped or comes from Arrow is no second type to compile."""
    view = np.asarray(values).view()
    view.flags.writeable = False
    return view


def _settled(degrees: Floats) -> Floats:
    """Return coordinates with 0.0 for those that are zero but for underflow."""
    return np.where(np.abs(degrees) < TINY, 0.0, degrees)


def _settled_one(degrees: float) -> float:
    return 0.0 if -TINY < degrees < TINY else degrees
