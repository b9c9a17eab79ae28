"""Lines and outlines as people draw them, read before anything is done with them."""

import numpy as np
import shapely

from geo_service.errors import InvalidCoordinates, LimitExceeded, UnfitLine
from geo_service.layers.arcs import AreaKey
from geo_service.layers.area import Floats

MOST_PLACES = 10_000
"""More vertices than a person draws in a day; it bounds the time that an operation takes."""


def drawn_line(places: Floats, key: AreaKey) -> Floats:
    """Return a drawn line without repeated places, shape ``(n, 2)`` with n of at least 2.

    Raises
    ------
    InvalidCoordinates
        A place is not finite.
    LimitExceeded
        It has more than MOST_PLACES vertices.
    UnfitLine
        It is one place only.
    """
    line = np.array(places, dtype=np.float64).reshape(-1, 2) + 0.0
    if len(line) > MOST_PLACES:
        raise LimitExceeded(
            "所画线的顶点数", "the number of drawn vertices", len(line), MOST_PLACES
        )
    is_bad = ~np.isfinite(line).all(axis=1)
    if is_bad.any():
        x, y = line[is_bad][0].tolist()
        raise InvalidCoordinates(" ".join(key), x, y, "不是有限的数", "they are not finite")
    line = np.asarray(line[np.r_[True, (line[1:] != line[:-1]).any(axis=1)][: len(line)]])
    if len(line) > 1:
        return line
    x, y = line[0].tolist() if len(line) else (0.0, 0.0)
    raise UnfitLine(" ".join(key), "只有一个点", "it is a single place", x, y)


def drawn_ring(places: Floats, key: AreaKey) -> shapely.Polygon:
    """Return the ground inside a drawn outline, closed where it is open.

    Raises
    ------
    InvalidCoordinates
        A place is not finite.
    LimitExceeded
        It has more than MOST_PLACES vertices.
    UnfitLine
        It crosses or touches itself, or encloses nothing.
    """
    line = drawn_line(places, key)
    ring = shapely.Polygon(line) if len(line) > 2 else shapely.Polygon()  # noqa: PLR2004 # a triangle
    if ring.is_empty or not ring.is_valid:
        x, y = line[0].tolist()
        raise UnfitLine(
            " ".join(key),
            "轮廓自己相交，或没有围出面",
            "the outline crosses itself or encloses nothing",
            x,
            y,
        )
    return ring
