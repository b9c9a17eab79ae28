"""The exact index over areas that do not overlap: one per layer, or per sheet of an overlay."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_service.errors import CoverageOverlap
from geo_service.layers.area import AreaSet, Floats, Geometries, Positions
from geo_service.layers.index.cells import Words, built, opened
from geo_service.layers.index.linework import Counts, CrowdedEdge, Linework, linework
from geo_service.layers.index.lookup import find_owner, find_owners, labels_at
from geo_service.layers.index.nearness import (
    edges_near,
    edges_near_each,
    labels_within_each,
)
from geo_service.layers.index.orientation import TINY
from geo_service.layers.index.soundness import find_overlaps

_POINTS_PER_THREAD = 65_536
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

        parts = _parts(len(lon))
        if len(parts) == 1:
            return CoverageOwners(positions, shared, find(parts[0]))
        with ThreadPoolExecutor(len(parts)) as pool:
            return CoverageOwners(positions, shared, sum(pool.map(find, parts)))

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

    def edges_near_each(self, *, lon: Floats, lat: Floats, reach_m: float) -> tuple[Counts, Floats]:
        """Return the same for many points, and which point each row is of."""
        return edges_near_each(self.words, _column(lon), _column(lat), reach_m)

    def areas_within_each(
        self, *, lon: Floats, lat: Floats, reach_m: Floats
    ) -> tuple[Counts, Positions]:
        """Return the areas whose border comes within each point's own reach (flat map).

        Pairs of point and area, by point, each once, in no order.
        """
        point, label = labels_within_each(self.words, _column(lon), _column(lat), _column(reach_m))
        return point, (label - 1).astype(np.int32)


def coverage_index(areas: AreaSet, layer: str, positions: Sequence[int]) -> CoverageIndex:
    """Return the index over the areas at some positions of a layer.

    Raises
    ------
    CoverageOverlap
        Two of them hold the same ground; names them and the place.
    """
    return index_of(lines_of(areas, layer, positions), areas, layer)


def index_of(lines: Linework, areas: AreaSet, layer: str) -> CoverageIndex:
    """Return the index over edges of some areas of a layer; raises CoverageOverlap."""
    words = built(lines)
    for lon, lat in find_overlaps(_fixed(words), 1).tolist():
        raise _overlap(areas, layer, lon, lat)
    return CoverageIndex(words)


def index_or_overlaps(
    areas: AreaSet, layer: str, positions: Sequence[int]
) -> tuple[CoverageIndex | None, Floats]:
    """Return the index over some areas, or else places where they overlap, shape ``(n, 2)``."""
    words = built(lines_of(areas, layer, positions))
    places = find_overlaps(_fixed(words), _PLACES_AT_ONCE)
    return (None if len(places) else CoverageIndex(words)), places


def lines_of(areas: AreaSet, layer: str, positions: Sequence[int] | None = None) -> Linework:
    """Return the distinct edges of areas, by default of all; raises CoverageOverlap."""
    chosen = np.arange(len(areas)) if positions is None else np.asarray(positions, dtype=np.intp)
    try:
        return linework(areas.geometries[chosen], chosen.astype(np.int32) + np.int32(1))
    except CrowdedEdge as error:
        raise _overlap(areas, layer, *error.middle) from None


def _parts(count: int) -> list[slice]:
    """Cut a batch for our own threads: what is small enough stays whole."""
    threads = max(1, min(os.cpu_count() or 1, count // _POINTS_PER_THREAD))
    cuts = np.linspace(0, count, threads + 1).astype(np.int64).tolist()
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def _overlap(areas: AreaSet, layer: str, lon: float, lat: float) -> CoverageOverlap:
    """Name the areas near a place that hold the same ground, or all near it if none seem to."""
    _, near = shapely.STRtree(areas.geometries).query(places_around([(lon, lat)]), "intersects")
    pairs = np.array(list(combinations(sorted(near.tolist()), 2)), dtype=np.intp).reshape(-1, 2)
    left, right = areas.geometries[pairs[:, 0]], areas.geometries[pairs[:, 1]]
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
