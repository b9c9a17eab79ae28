"""Points to locate: uniform and clustered, in random order and sorted by place; and hard ones."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

CLUSTERS = 50
_MEDIAN_SHARE = 0.02
"""Half of a cluster's points lie nearer to its center than this share of the land's width."""


class PointSet(NamedTuple):
    """Points with a name for the table."""

    name: str
    lon: Floats
    lat: Floats

    def sample(self, count: int) -> "PointSet":
        """Return so many points, spread as all are, in the same order."""
        at = self.at(count)
        return PointSet(self.name, self.lon[at], self.lat[at])

    def at(self, count: int) -> NDArray[np.intp]:
        """Return the positions of such a sample."""
        return np.linspace(0, len(self.lon) - 1, min(count, len(self.lon))).astype(np.intp)


def point_sets(areas: Geometries, count: int) -> list[PointSet]:
    """Return the four sets, all within the box of the areas."""
    random = np.random.default_rng(1)
    box = shapely.total_bounds(areas)
    sets = []
    for name, (lon, lat) in {
        "uniform": _uniform(random, box, count),
        "clustered": _clustered(random, box, count),
    }.items():
        sets.append(PointSet(f"{name}, random order", lon, lat))
        strip = np.floor((lat - box[1]) * (np.sqrt(count) / (box[3] - box[1])))
        order = np.lexsort((lon, strip))
        sets.append(PointSet(f"{name}, sorted by place", lon[order], lat[order]))
    return sets


def hard_points(areas: Geometries, count: int) -> PointSet:
    """Return vertices, and middles of edges: on the edge, or next to it by rounding."""
    random = np.random.default_rng(2)
    rings = shapely.get_rings(areas[random.integers(0, len(areas), 2_000)])
    places, ring = shapely.get_coordinates(rings, return_index=True)
    at = random.choice(np.flatnonzero(ring[1:] == ring[:-1]), count // 2)
    middles = (places[at] + places[at + 1]) / 2
    return PointSet("on borders", *np.concatenate([places[at], middles]).T)


def _uniform(random: np.random.Generator, box: Floats, count: int) -> tuple[Floats, Floats]:
    west, south, east, north = box
    return random.uniform(west, east, count), random.uniform(south, north, count)


def _clustered(random: np.random.Generator, box: Floats, count: int) -> tuple[Floats, Floats]:
    """Return points around random centers, at log-normal distances; none outside the box."""
    west, south, east, north = box
    center_lon, center_lat = _uniform(random, box, CLUSTERS)
    lon, lat = np.empty(0), np.empty(0)
    while len(lon) < count:
        cluster = random.integers(0, CLUSTERS, count)
        angle = random.uniform(0, 2 * np.pi, count)
        distance = random.lognormal(np.log(_MEDIAN_SHARE), 1.0, count)
        x = center_lon[cluster] + distance * np.cos(angle) * (east - west)
        y = center_lat[cluster] + distance * np.sin(angle) * (north - south)
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        lon, lat = np.append(lon, x[inside]), np.append(lat, y[inside])
    return lon[:count], lat[:count]
