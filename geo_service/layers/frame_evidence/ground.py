"""The ground that a file and trusted areas share, and how well the file's outlines fit there."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frame_evidence.outlines import Flags, Outlines, Plane, points_along
from geo_service.layers.frame_evidence.reading import Reading, looks_like_degrees
from geo_service.layers.frames import meters_per_degree

POINTS = 600
"""So many points are taken along the file's outlines, and as many along the trusted ones."""

FARTHEST_M = 1500.0
"""GCJ-02 moves by up to 0.8 km, BD-09 by up to 1.6 km; trusted areas so far around are kept."""

FEWEST_POINTS = 30
"""A share of fewer points than this is not told."""

_AREAS, _PLACES = 400, 8
_LEAST_WITHIN_M, _MOST_WITHIN_M = 5.0, 20.0
_WITHIN_SHARE = 0.02


class Fit(NamedTuple):
    """How outlines fit under k shifts, shape ``(2, k)``: file to trusted, trusted to file.

    Of the points ``held`` on common ground, those ``near`` lie on the other side's outlines.
    """

    near: NDArray[np.intp]
    held: NDArray[np.intp]

    @property
    def shares(self) -> Floats:
        """The matched share in the better direction, shape ``(k,)``; 0 without common ground."""
        shares = self.near / np.maximum(self.held, 1)
        best: Floats = np.where(self.held < FEWEST_POINTS, 0.0, shares).max(axis=0)
        return best

    @property
    def rates(self) -> Floats:
        """The matched share in each direction over all shifts, shape ``(2,)``."""
        rates: Floats = self.near.sum(axis=1) / np.maximum(self.held.sum(axis=1), 1)
        return rates


class Ground:
    """Two sets of outlines, compared in either direction under any reading of the file's frame.

    File to trusted finds a street's outline again among trusted grids; trusted to file finds it
    among the file's grids. What lies outside the other side's areas says nothing and is left out.
    """

    def __init__(self, file: Geometries, trusted: Geometries) -> None:
        """Take the file's geometries in its own frame and the trusted ones in EPSG:4490."""
        self.file = _some_places(file)
        self.x, self.y = points_along(self.file, count=POINTS).T
        self._all_trusted = trusted
        self._tree = shapely.STRtree(trusted)
        self._reached: set[int] = set()
        self._met: set[int] = set()

    @property
    def lons(self) -> tuple[float, float]:
        """The westernmost and easternmost longitude of the trusted areas."""
        west, _, east, _ = shapely.total_bounds(self._all_trusted).tolist()
        return west, east

    def admit(self, reading: Reading) -> bool:
        """Return whether the file, read so, comes near trusted areas; these are then looked at."""
        lon, lat = reading.to_storage(self.x, self.y)
        lon_m, lat_m = meters_per_degree(lat=lat)
        wide, high = FARTHEST_M / lon_m, FARTHEST_M / lat_m
        around = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
        near = self._tree.query(around)[1]
        self._reached |= set(near.tolist())
        self._met |= set(self._tree.query(shapely.points(lon, lat))[1].tolist())
        return len(near) > 0

    @cached_property
    def within_m(self) -> float:
        """How near counts as the same line: a fiftieth of the narrower side's typical width."""
        widths = [_width_m(self._plane.geometries(self._trusted))]
        widths += [_width_m(self._file_plane.geometries(self.file))]
        narrow = _WITHIN_SHARE * min(widths)
        return min(max(narrow, _LEAST_WITHIN_M), _MOST_WITHIN_M)

    def moved_m(self, one: Reading, other: Reading) -> float:
        """Return how far apart two readings put the file, median in meters."""
        here = self._plane.points(*one.to_storage(self.x, self.y))
        there = self._plane.points(*other.to_storage(self.x, self.y))
        return float(np.median(np.hypot(*(here - there).T)))

    def fit(self, reading: Reading, shifts_m: Floats) -> Fit:
        """Return how the file fits when it is read so and then shifted, for each of k shifts.

        Parameters
        ----------
        reading
            One that was admitted.
        shifts_m
            East and north, meters, shape ``(k, 2)``.

        Returns
        -------
        Fit
            Of ``POINTS`` points, about, in each direction.
        """
        near, held = [], []
        for outlines, points in (
            self._to_trusted(reading, shifts_m),
            self._to_file(reading, -shifts_m),
        ):
            flags = outlines.near(points, within_m=self.within_m)
            matched, met = (_by_shift(each, len(shifts_m)) for each in flags)
            near.append(matched)
            held.append(met)
        return Fit(np.array(near), np.array(held))

    def distance_m(self, reading: Reading) -> float | None:
        """Return the median distance of outlines on common ground; None without such ground."""
        still = np.zeros((1, 2))
        medians = []
        for outlines, points in (self._to_trusted(reading, still), self._to_file(reading, still)):
            _, is_held = outlines.near(points, within_m=self.within_m)
            if np.count_nonzero(is_held) >= FEWEST_POINTS:
                medians.append(float(np.median(outlines.distances_m(points[is_held]))))
        return min(medians, default=None)

    def _to_trusted(self, reading: Reading, shifts_m: Floats) -> tuple[Outlines, Floats]:
        points = self._plane.points(*reading.to_storage(self.x, self.y))
        return self._outlines, (points[None] + shifts_m[:, None]).reshape(-1, 2)

    def _to_file(self, reading: Reading, shifts_m: Floats) -> tuple[Outlines, Floats]:
        points = (self._trusted_points[None] + shifts_m[:, None]).reshape(-1, 2)
        lon, lat = points[:, 0] / self._plane.x_m, points[:, 1] / self._plane.y_m
        outlines = self._swapped_outlines if reading.is_swapped else self._file_outlines
        return outlines, self._file_plane.points(*reading.from_storage(lon=lon, lat=lat))

    @cached_property
    def _trusted(self) -> Geometries:
        return self._all_trusted[sorted(self._reached)]

    @cached_property
    def _plane(self) -> Plane:
        _, south, _, north = shapely.total_bounds(self._trusted).tolist()
        lon_m, lat_m = meters_per_degree(lat=np.array([(south + north) / 2.0]))
        return Plane(float(lon_m[0]), float(lat_m[0]))

    @cached_property
    def _file_plane(self) -> Plane:
        return self._plane if looks_like_degrees(self.x, self.y) else Plane(1.0, 1.0)

    @cached_property
    def _outlines(self) -> Outlines:
        return Outlines(self._plane.geometries(self._trusted))

    @cached_property
    def _trusted_points(self) -> Floats:
        met = self._all_trusted[sorted(self._met)]
        return points_along(self._plane.geometries(_some_places(met)), count=POINTS)

    @cached_property
    def _file_outlines(self) -> Outlines:
        return Outlines(self._file_plane.geometries(self.file))

    @cached_property
    def _swapped_outlines(self) -> Outlines:
        flipped: Geometries = shapely.transform(self.file, lambda at: at[:, ::-1])
        return Outlines(self._file_plane.geometries(flipped))


def _width_m(geometries: Geometries) -> float:
    return float(np.median(np.sqrt(shapely.area(geometries))))


def _some_places(geometries: Geometries) -> Geometries:
    """Return all of a few geometries; of many, those around some places evenly in their order."""
    if len(geometries) <= _AREAS:
        return geometries
    west, south, east, north = shapely.bounds(geometries).T
    x, y = (west + east) / 2.0, (south + north) / 2.0
    chosen: set[int] = set()
    for place in np.linspace(0, len(geometries) - 1, _PLACES).astype(np.intp):
        away = np.hypot(x - x[place], y - y[place])
        chosen |= set(np.argpartition(away, _AREAS // _PLACES)[: _AREAS // _PLACES].tolist())
    return geometries[sorted(chosen)]


def _by_shift(flags: Flags, shifts: int) -> NDArray[np.intp]:
    counts: NDArray[np.intp] = flags.reshape(shifts, len(flags) // shifts).sum(axis=1)
    return counts
