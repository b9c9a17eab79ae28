"""Outlines in metric planes, as the edges that circles are measured against; each made once."""

from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import meters_per_degree, metric_plane
from geo_service.layers.index import Edges, edges_of, shares_of_disc, shares_of_discs

_MANY_VERTICES = 500
"""Longer outlines are cut to the circle's surroundings: far vertices need no conversion."""
_EDGES_KEPT = 1 << 20
"""Of one plane, 40 bytes each."""

Points = NDArray[np.intp]


class Circles(NamedTuple):
    """Circles of accuracy: their middles (degrees), radii in meters, and the planes they lie in."""

    lon: Floats
    lat: Floats
    radius_m: Floats
    metric_frames: NDArray[np.object_]

    def take(self, chosen: Points | slice) -> "Circles":
        """Return some of them."""
        return Circles(
            self.lon[chosen], self.lat[chosen], self.radius_m[chosen], self.metric_frames[chosen]
        )


class FlatOutlines:
    """Outlines (EPSG:4490 degrees, shape ``(k,)``), asked from any thread what circles they hold.

    The edges of those that were asked for are kept, plane by plane.
    """

    def __init__(self, outlines: Geometries) -> None:
        self._outlines = outlines
        self._is_long = shapely.get_num_coordinates(outlines) > _MANY_VERTICES
        self._has_long = bool(self._is_long.any())
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def shares(self, pairs: tuple[Points, Points], circles: Circles) -> Floats:
        """Return the share of each pair's circle that the outline at a position holds.

        Parameters
        ----------
        pairs
            The numbers of circles and the positions of outlines, shape ``(n,)`` each.
        """
        point, position = pairs
        frames = circles.metric_frames[point]
        names = set(frames.tolist())
        if len(names) == 1:
            return self._shares_in(names.pop(), position, circles.take(point))
        shares = np.zeros(len(point))
        for frame in names:
            chosen = np.flatnonzero(frames == frame)
            shares[chosen] = self._shares_in(frame, position[chosen], circles.take(point[chosen]))
        return shares

    def shares_alone(
        self, positions: Points, frame: str, *, lon: float, lat: float, radius_m: float
    ) -> Floats:
        """Return the shares of one circle, in one plane, that the outlines at positions hold."""
        if self._has_long and self._is_long[positions].any():
            x, y, radii_m = (np.full(len(positions), each) for each in (lon, lat, radius_m))
            frames = np.full(len(positions), frame, dtype=object)
            return self._shares_in(frame, positions, Circles(x, y, radii_m, frames))
        edges, at = self._edges(frame, positions)
        x_m, y_m = metric_plane(frame)(lon, lat)
        return shares_of_disc(edges, at, x=x_m, y=y_m, radius_m=radius_m)

    def _shares_in(self, frame: str, position: Points, circles: Circles) -> Floats:
        centers = np.column_stack(metric_plane(frame)(circles.lon, circles.lat))
        is_long = self._is_long[position]
        if not is_long.any():
            edges, at = self._edges(frame, position)
            return shares_of_discs(edges, at, centers=centers, radii_m=circles.radius_m)
        shares = np.empty(len(position))
        for chosen in (np.flatnonzero(~is_long), np.flatnonzero(is_long)):
            own = circles.take(chosen)
            if is_long[chosen].all():
                around = _around(self._outlines[position[chosen]], own)
                edges, at = edges_of(_projected(around, frame)), np.arange(len(chosen))
            else:
                edges, at = self._edges(frame, position[chosen])
            shares[chosen] = shares_of_discs(
                edges, at, centers=centers[chosen], radii_m=own.radius_m
            )
        return shares

    def _edges(self, frame: str, position: Points) -> tuple[Edges, Points]:
        """Return the edges of outlines in a plane, and where among them each one's are."""
        kept = self._kept.get(frame)
        if kept is not None:
            at = kept.place[position]
            if (at >= 0).all():
                return kept.edges, at  # read after the places: it holds them all
        with self._lock:
            kept = self._kept.get(frame)
            if kept is None or len(kept.edges.sign) > _EDGES_KEPT:
                kept = self._kept[frame] = _Kept(len(self._outlines))
            new = np.unique(position[kept.place[position] < 0])
            kept.add(new, edges_of(_projected(self._outlines[new], frame)))
            return kept.edges, kept.place[position]


class _Kept:
    """Edges of some outlines in one plane; ``place`` tells where each one's are, or -1.

    What is there stays where it is, so that others may read while more is added.
    """

    def __init__(self, count: int) -> None:
        self.place = np.full(count, -1, dtype=np.intp)
        self._columns = [_Growing(np.float64) for _ in Edges._fields[:-1]]
        self._first = _Growing(np.intp)
        self.edges = Edges._make([*(each.values for each in self._columns), self._first.add([0])])

    def add(self, positions: Points, edges: Edges) -> None:
        """Put the edges of more outlines behind the others."""
        *columns, first = edges
        before, count = len(self.edges.first) - 1, len(self.edges.sign)
        grown = [each.add(new) for each, new in zip(self._columns, columns, strict=True)]
        self.edges = Edges._make([*grown, self._first.add(first[1:] + count)])
        self.place[positions] = before + np.arange(len(positions))


class _Growing:
    """A column with room for more behind it."""

    def __init__(self, kind: Any) -> None:
        self.values = np.empty(0, dtype=kind)
        self._room = self.values

    def add(self, more: Any) -> NDArray[Any]:
        """Return the column with more values; the one that was returned before stays as it is."""
        count, total = len(self.values), len(self.values) + len(more)
        if total > len(self._room):
            self._room = np.empty(2 * total, dtype=self._room.dtype)
            self._room[:count] = self.values
        self._room[count:total] = more
        self.values = self._room[:total]
        return self.values


def _projected(outlines: Geometries, frame: str) -> Geometries:
    plane = metric_plane(frame)
    found = shapely.transform(outlines, lambda points: np.column_stack(plane(*points.T)))
    return np.asarray(found)


def _around(outlines: Geometries, circles: Circles) -> Geometries:
    """Cut each outline to a box that holds its circle."""
    lon, lat, radius_m, _ = circles
    scale_x, scale_y = meters_per_degree(lat=lat)
    wide, high = 2.0 * radius_m / scale_x, 2.0 * radius_m / scale_y
    boxes = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
    return np.asarray(shapely.intersection(outlines, boxes))
