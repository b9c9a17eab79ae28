"""Several lines at once, as roads come: parted where they cross, joined where they go on."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from geo_service.errors import InvalidCoordinates, LimitExceeded
from geo_service.layers.arcs import AreaKey, Place
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.redraw.drawing.drawn import MOST_PLACES
from geo_service.layers.topology import Scale


def network(
    lines: Sequence[shapely.Geometry],
    ground: shapely.Geometry,
    key: AreaKey,
    *,
    scale: Scale,
    snap_m: float,
) -> list[Floats]:
    """Return paths, ``(n, 2)`` each, that meet in their ends only, from any lines near ground.

    Parameters
    ----------
    lines
        Lines, or polygons whose borders count, in the frame of the coverage. What lies outside
        the box around the ground is left out.
    scale
        Metres per unit.
    snap_m
        Lines are made longer by this at ends that meet no other, so that one that ends at another
        but for rounding meets it.

    Raises
    ------
    InvalidCoordinates
        A place is not finite.
    LimitExceeded
        There are more than MOST_PLACES vertices near the ground.
    """
    every = np.array([_as_lines(line) for line in lines], dtype=object)
    _refuse_infinite(every, key)
    margin = 2 * snap_m / min(scale)
    west, south, east, north = shapely.bounds(ground).tolist()
    box = west - margin, south - margin, east + margin, north + margin
    near = shapely.get_parts(shapely.clip_by_rect(every, *box))
    near = near[shapely.get_dimensions(near) == 1]
    count = int(shapely.get_num_coordinates(near).sum())
    if count > MOST_PLACES:
        raise LimitExceeded("线的顶点数", "the number of vertices of the lines", count, MOST_PLACES)
    noded = _noded(near)
    ends = Counter(end for line in noded for end in _ends(line))
    longer = [_longer(line, ends, np.array(scale), snap_m) for line in noded]
    paths = [shapely.get_coordinates(part) + 0.0 for part in _noded(longer)]
    return sorted(paths, key=lambda path: path.tolist())


def _noded(lines: Sequence[shapely.Geometry] | Geometries) -> Geometries:
    """Return the same lines, parted where they meet and joined where only two of them do."""
    merged = shapely.line_merge(shapely.union_all(np.array(lines, dtype=object)))
    parts: Geometries = shapely.get_parts(merged)
    return parts


def _ends(line: shapely.Geometry) -> list[Place]:
    places = shapely.get_coordinates(line)
    return [(x, y) for x, y in places[[0, -1]].tolist()]


def _as_lines(shape: shapely.Geometry) -> shapely.Geometry:
    has_area = shapely.get_dimensions(shape) > 1
    return shapely.boundary(shape) if has_area else shape


def _refuse_infinite(lines: Geometries, key: AreaKey) -> None:
    places = shapely.get_coordinates(lines)
    is_bad = ~np.isfinite(places).all(axis=1)
    if is_bad.any():
        x, y = places[is_bad][0].tolist()
        raise InvalidCoordinates(" ".join(key), x, y, "不是有限的数", "they are not finite")


def _longer(
    line: shapely.Geometry, ends: Mapping[Place, int], scale: Floats, by_m: float
) -> shapely.Geometry:
    """Return a line that goes on, straight, at those ends where no other line is."""
    places = shapely.get_coordinates(line)
    parts = [places]
    first, last = _ends(line)
    if ends[first] == 1:
        parts.insert(0, _beyond(places[0], places[1], scale, by_m))
    if ends[last] == 1:
        parts.append(_beyond(places[-1], places[-2], scale, by_m))
    return shapely.LineString(np.vstack(parts))


def _beyond(end: Floats, before: Floats, scale: Floats, by_m: float) -> Floats:
    way = (end - before) * scale
    return np.asarray(end + way / np.hypot(*way) * by_m / scale)
