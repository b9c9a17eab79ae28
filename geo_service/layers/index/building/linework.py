"""The distinct edges of a layer, each once, with the areas on its two sides."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.index.compiling import compiled
from geo_service.layers.index.orientation import TINY

Labels = NDArray[np.int32]
"""1 + the position of an area; 0 stands for "outside every area"."""
Counts = NDArray[np.int64]

_EDGES_PER_BUCKET = 4


class Linework(NamedTuple):
    """The m distinct edges of some areas, neighbors near each other in memory.

    ``ends`` (m, 4) holds lon, lat, lon, lat of both ends, the western (then southern) end first.
    ``owners`` (m, 2) holds the labels of the areas that have the edge, the lower one first; 0 where
    only one has it. An edge that one area has twice separates nothing and is left out.
    """

    ends: Floats
    owners: Labels


class CrowdedEdge(Exception):
    """An edge that three areas have: two of them overlap beside it."""

    def __init__(self, ends: Floats) -> None:
        super().__init__()
        self.middle = (float(ends[0] + ends[2]) / 2, float(ends[1] + ends[3]) / 2)


def linework(geometries: Geometries, labels: Labels) -> Linework:
    """Return the distinct edges of (Multi)Polygons.

    Parameters
    ----------
    geometries, labels
        The outlines and the label of each, shape ``(n,)``.

    Raises
    ------
    CrowdedEdge
        Three areas have one edge.
    """
    vertices, ring_starts, ring_labels = _rings(geometries, labels)
    buckets = _buckets(vertices)
    bucket_starts = _bucket_starts(vertices, ring_starts, buckets)
    ends, edge_labels = _edges_by_place(vertices, ring_starts, ring_labels, buckets, bucket_starts)
    owners = np.zeros((len(ends), 2), dtype=np.int32)
    count, crowded = _merge(ends, edge_labels, bucket_starts, owners)
    if crowded >= 0:
        raise CrowdedEdge(ends[crowded])
    return Linework(ends[:count], owners[:count])


def _rings(geometries: Geometries, labels: Labels) -> tuple[Floats, Counts, Labels]:
    """Return the vertices of all rings, where each ring starts (and the end), each ring's label."""
    if len(geometries) == 0:
        return np.empty((0, 2)), np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32)
    kind, vertices, offsets = shapely.to_ragged_array(geometries, include_z=False)
    ring_starts, first_rings = offsets[0], offsets[1]
    if kind is shapely.GeometryType.MULTIPOLYGON:
        first_rings = first_rings[offsets[2]]
    ring_labels = np.repeat(labels, np.diff(first_rings))
    return vertices, ring_starts.astype(np.int64), ring_labels


class Buckets(NamedTuple):
    """A coarse raster, ``side`` x ``side``, that orders edges by place."""

    side: int
    west: float
    south: float
    scale_x: float
    scale_y: float


@compiled
def _buckets(vertices: Floats) -> Buckets:
    """Return the raster over all vertices; what is zero but for underflow becomes 0.0."""
    side = max(1, int(np.sqrt(len(vertices) / _EDGES_PER_BUCKET)))
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for i in range(len(vertices)):
        for k in range(2):
            if -TINY < vertices[i, k] < TINY:
                vertices[i, k] = 0.0
        x, y = vertices[i, 0], vertices[i, 1]
        west, south, east, north = min(west, x), min(south, y), max(east, x), max(north, y)
    least = 1e-300  # areas on one line have no extent across it
    return Buckets(
        side, west, south, side / max(east - west, least), side / max(north - south, least)
    )


@compiled
def _bucket_of(buckets: Buckets, x: float, y: float) -> int:
    column = min(buckets.side - 1, int((x - buckets.west) * buckets.scale_x))
    row = min(buckets.side - 1, int((y - buckets.south) * buckets.scale_y))
    return row * buckets.side + column


@compiled
def _is_reversed(vertices: Floats, i: int) -> bool:
    """Whether the edge after vertex i starts with its eastern (then northern) end."""
    west_to_east = vertices[i + 1, 0] - vertices[i, 0]
    return bool(west_to_east < 0.0 or (west_to_east == 0.0 and vertices[i + 1, 1] < vertices[i, 1]))


@compiled
def _has_length(vertices: Floats, i: int) -> bool:
    return bool(vertices[i, 0] != vertices[i + 1, 0] or vertices[i, 1] != vertices[i + 1, 1])


@compiled
def _bucket_starts(vertices: Floats, ring_starts: Counts, buckets: Buckets) -> Counts:
    """Return where the edges of each bucket will stand, and how many edges there are."""
    starts = np.zeros(buckets.side * buckets.side + 1, dtype=np.int64)
    for ring in range(len(ring_starts) - 1):
        for i in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            if _has_length(vertices, i):
                first = i + _is_reversed(vertices, i)
                starts[_bucket_of(buckets, vertices[first, 0], vertices[first, 1]) + 1] += 1
    for bucket in range(len(starts) - 1):
        starts[bucket + 1] += starts[bucket]
    return starts


@compiled
def _edges_by_place(
    vertices: Floats,
    ring_starts: Counts,
    ring_labels: Labels,
    buckets: Buckets,
    bucket_starts: Counts,
) -> tuple[Floats, Labels]:
    """Return every ring's edges bucket by bucket, each with the label of its ring."""
    ends = np.empty((bucket_starts[-1], 4))
    labels = np.empty(bucket_starts[-1], dtype=np.int32)
    free = bucket_starts[:-1].copy()
    for ring in range(len(ring_starts) - 1):
        for i in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            if not _has_length(vertices, i):
                continue
            first = i + _is_reversed(vertices, i)
            last = 2 * i + 1 - first
            bucket = _bucket_of(buckets, vertices[first, 0], vertices[first, 1])
            place = free[bucket]
            free[bucket] += 1
            ends[place, 0], ends[place, 1] = vertices[first, 0], vertices[first, 1]
            ends[place, 2], ends[place, 3] = vertices[last, 0], vertices[last, 1]
            labels[place] = ring_labels[ring]
    return ends, labels


@compiled
def _merge(ends: Floats, labels: Labels, bucket_starts: Counts, owners: Labels) -> tuple[int, int]:
    """Merge equal edges in place; return how many remain, and the first that three areas have."""
    kept = 0
    for bucket in range(len(bucket_starts) - 1):
        start, stop = bucket_starts[bucket], bucket_starts[bucket + 1]
        _sort(ends, labels, start, stop)
        i = start
        while i < stop:
            same = i + 1
            while same < stop and _are_equal(ends, same, i):
                same += 1
            sides = 0
            while i < same:
                if i + 1 < same and labels[i] == labels[i + 1]:
                    i += 2  # labels of one edge ascend: an area that has it twice stands together
                    continue
                if sides == 2:
                    return kept, i
                owners[kept, sides] = labels[i]
                sides += 1
                ends[kept] = ends[i]
                i += 1
            if sides > 0:
                kept += 1
    return kept, -1


@compiled
def _sort(ends: Floats, labels: Labels, start: int, stop: int) -> None:
    """Order edges by their ends, then by label: Shell's sort, as buckets are short."""
    gap = 1
    while gap < (stop - start) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(start + gap, stop):
            ax, ay, bx, by, label = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3], labels[i]
            j = i
            while j - gap >= start and _is_after(
                ends[j - gap], labels[j - gap], (ax, ay, bx, by), label
            ):
                ends[j] = ends[j - gap]
                labels[j] = labels[j - gap]
                j -= gap
            ends[j, 0], ends[j, 1], ends[j, 2], ends[j, 3], labels[j] = ax, ay, bx, by, label
        gap //= 3


@compiled
def _is_after(
    ends: Floats, label: int, others: tuple[float, float, float, float], other_label: int
) -> bool:
    for k in range(4):
        if ends[k] != others[k]:
            return bool(ends[k] > others[k])
    return label > other_label


@compiled
def _are_equal(ends: Floats, i: int, j: int) -> bool:
    for k in range(4):
        if ends[i, k] != ends[j, k]:
            return False
    return True
