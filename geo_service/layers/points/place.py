"""Many places as they were sent, in columns: which are no place and why, and where the rest lie."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import InvalidCoordinates
from geo_service.layers.area import Floats
from geo_service.layers.assignment.border import FARTHEST_M
from geo_service.layers.frames import (
    are_inside,
    is_degrees,
    is_in_degrees,
    parse_frame,
    to_storage,
)
from geo_service.layers.points.column import (
    ACCURACY,
    MISSING,
    NONE,
    NOT_FINITE,
    OUT_OF_RANGE,
    OUTSIDE_FRAME,
    ZERO,
    Problems,
)


@dataclass(frozen=True, eq=False)
class Places:
    """Coordinates of n places as they were sent, columns of shape ``(n,)``.

    ``x``, ``y`` are longitude and latitude in degrees, or easting and northing in the frame's unit.
    ``accuracy_m`` is the radius within which the true place lies, NaN where none was given; None
    where it was given for no row. ``problem`` tells rows that are known to be no place already.
    """

    x: Floats
    y: Floats
    accuracy_m: Floats | None
    problem: Problems

    def exchanged(self, rows: NDArray[np.intp]) -> "Places":
        """Return some of the rows with their axes exchanged, and nothing else known of them."""
        return Places(self.y[rows], self.x[rows], None, np.zeros(len(rows), dtype=np.int8))


Numbers = tuple[Floats, Problems]


def places_of(x: Numbers, y: Numbers, accuracy_m: Numbers | None = None) -> Places:
    """Return the places of columns of numbers; an accuracy that is no number spoils its row."""
    problem = np.where(x[1] != NONE, x[1], y[1])
    if accuracy_m is None:
        return Places(x[0], y[0], None, problem)
    is_spoiled = (accuracy_m[1] != NONE) & (accuracy_m[1] != MISSING)
    _mark(problem, is_spoiled, ACCURACY)
    return Places(x[0], y[0], accuracy_m[0], problem)


def stored_places(places: Places, *, source_frame: str) -> tuple[Floats, Floats, Problems]:
    """Return longitude and latitude of each place, or why it is none.

    Parameters
    ----------
    places
        n places in ``source_frame``.
    source_frame
        As ``parse_frame`` reads it.

    Returns
    -------
    tuple[Floats, Floats, Problems]
        EPSG:4490 degrees, shape ``(n,)``, NaN where there is a problem. A row is a place exactly
        where it would be one alone, whatever stands beside it.

    Raises
    ------
    UnknownFrame, UnsupportedFrame
        As ``parse_frame``, and for a frame without published datum parameters.
    """
    frame = parse_frame(source_frame)
    x, y, problem = places.x, places.y, places.problem.copy()
    if not _are_plain(x, y, frame):
        _mark(problem, ~(np.isfinite(x) & np.isfinite(y)), NOT_FINITE)
        _mark(problem, (x == 0.0) & (y == 0.0), ZERO)
        outside = OUT_OF_RANGE if is_degrees(frame) else OUTSIDE_FRAME
        _mark(problem, ~are_inside(x=x, y=y, source_frame=frame), outside)
    if places.accuracy_m is not None:
        fits = (places.accuracy_m >= 0.0) & (places.accuracy_m <= FARTHEST_M)
        _mark(problem, ~(fits | np.isnan(places.accuracy_m)), ACCURACY)
    if not problem.any():
        lon, lat = _converted(x, y, frame)
    else:
        sound = np.flatnonzero(problem == NONE)
        lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
        lon[sound], lat[sound] = _converted(x[sound], y[sound], frame)
    _mark(problem, np.isnan(lon), OUTSIDE_FRAME)
    return lon, lat, problem


def _are_plain(x: Floats, y: Floats, frame: str) -> bool:
    """Tell of most batches, by four numbers, that all are degrees within range and none is 0, 0."""
    if not (len(x) and is_degrees(frame)):
        return False
    west, south, east, north = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    is_zero_among = west <= 0.0 <= east and south <= 0.0 <= north
    return is_in_degrees(west, south) and is_in_degrees(east, north) and not is_zero_among


def _mark(problem: Problems, rows: NDArray[np.bool_], why: int) -> None:
    """Give a problem to rows that have none."""
    if rows.any():
        problem[rows & (problem == NONE)] = why


def _converted(x: Floats, y: Floats, frame: str) -> tuple[Floats, Floats]:
    """Convert points; those that have no place in the storage frame are NaN, found by halving."""
    try:
        return to_storage(x=x, y=y, source_frame=frame)
    except InvalidCoordinates:
        if len(x) == 1:
            return np.array([np.nan]), np.array([np.nan])
    half = len(x) // 2
    first, second = _converted(x[:half], y[:half], frame), _converted(x[half:], y[half:], frame)
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
