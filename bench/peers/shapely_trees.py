"""shapely's STRtree both ways, and tuned by hand: prepared areas behind a sieve of boxes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import numpy as np
import shapely

from bench.peers.peer import Pairs, Peer
from geo_service.layers.area import Floats, Geometries

Join = Callable[[Floats, Floats, Geometries], Pairs]
"""From lon, lat and the same as geometries."""


class ShapelyJoin:
    """One way to join; several threads take a slice of the points each."""

    can_use_all_cores = True

    def __init__(self, name: str, join: Join) -> None:
        self.name = f"shapely, {name}"
        self._join = join

    def load(self, lon: Floats, lat: Floats, *, threads: int) -> None:
        """Take points, and cut them into a slice for each thread."""
        self._points = lon, lat, shapely.points(lon, lat)
        cuts = np.linspace(0, len(lon), threads + 1).astype(int).tolist()
        self._parts = [slice(cuts[i], cuts[i + 1]) for i in range(threads)]

    def pairs(self) -> Pairs:
        """Join, each thread a slice."""
        if len(self._parts) == 1:
            return self._join(*self._points)
        with ThreadPoolExecutor(len(self._parts)) as pool:
            found = list(pool.map(self._joined, self._parts))
        shifted = [pairs.point + part.start for pairs, part in zip(found, self._parts, strict=True)]
        return Pairs(np.concatenate(shifted), np.concatenate([pairs.area for pairs in found]))

    def _joined(self, part: slice) -> Pairs:
        lon, lat, points = self._points
        return self._join(lon[part], lat[part], points[part])


@contextmanager
def peers(areas: Geometries) -> Iterator[list[Peer]]:
    """Open all of them; trees are built by their first query."""
    tree = shapely.STRtree(areas)
    tree.query(shapely.Point(0, 0))
    prepared = shapely.from_wkb(shapely.to_wkb(areas))  # other peers keep theirs unprepared
    shapely.prepare(prepared)
    yield [
        ShapelyJoin("points ask a tree of areas, intersects", partial(_by_areas, tree)),
        ShapelyJoin("areas ask a tree of points, contains", partial(_by_points, areas, "contains")),
        ShapelyJoin("areas ask a tree of points, covers", partial(_by_points, areas, "covers")),
        ShapelyJoin("tree of boxes, prepared areas", partial(_by_boxes, tree, prepared)),
        ShapelyJoin("points sorted in strips, prepared areas", partial(_by_strips, prepared)),
    ]


def _by_areas(tree: shapely.STRtree, _lon: Floats, _lat: Floats, points: Geometries) -> Pairs:
    return Pairs(*tree.query(points, predicate="intersects"))


def _by_points(
    areas: Geometries, predicate: str, _lon: Floats, _lat: Floats, points: Geometries
) -> Pairs:
    area, point = shapely.STRtree(points).query(areas, predicate=predicate)
    return Pairs(point, area)


def _by_boxes(
    tree: shapely.STRtree, prepared: Geometries, lon: Floats, lat: Floats, points: Geometries
) -> Pairs:
    """Take area after area, so that each is in the cache when its points come."""
    point, area = tree.query(points)
    order = np.argsort(area, kind="stable")
    point, area = point[order], area[order]
    holds = shapely.intersects_xy(prepared[area], lon[point], lat[point])
    return Pairs(point[holds], area[holds])


def _by_strips(prepared: Geometries, lon: Floats, lat: Floats, _points: Geometries) -> Pairs:
    """Sort points by strip, then from west to east: an area's box is a run in each strip."""
    boxes = shapely.bounds(prepared)
    west, south, east, north = shapely.total_bounds(prepared)
    strips = max(1, int(np.sqrt(len(prepared))))

    def strip(y: Floats) -> Floats:
        return np.clip(np.floor((y - south) * (strips / (north - south))), 0, strips - 1)

    def place(x: Floats) -> Floats:  # less than 1, so that a strip's points stay in it
        return (x - west) * (0.999 / (east - west))

    key = strip(lat) + place(lon)
    order = np.argsort(key)
    key, lon, lat = key[order], lon[order], lat[order]
    first, last = strip(boxes[:, 1]), strip(boxes[:, 3])
    slack = 1e-9
    from_x, to_x = place(boxes[:, 0]) - slack, place(boxes[:, 2]) + slack
    points, areas = [], []
    for i in range(len(prepared)):
        rows = np.arange(first[i], last[i] + 1)
        starts = np.searchsorted(key, rows + from_x[i])
        stops = np.searchsorted(key, rows + to_x[i])
        runs = [np.arange(a, b) for a, b in zip(starts, stops, strict=True)]
        at = np.concatenate(runs)
        at = at[shapely.intersects_xy(prepared[i], lon[at], lat[at])]
        points.append(order[at])
        areas.append(np.full(len(at), i))
    return Pairs(np.concatenate(points), np.concatenate(areas))
