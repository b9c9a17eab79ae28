"""Several lines at once, as roads come: parted where they cross, joined where they go on."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo_service.errors import InvalidCoordinates, LimitExceeded
from geo_service.layers.arcs import AreaKey
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
        Open lines are made longer by this at both ends, so that one that ends at another, but for
        rounding, meets it.

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
    longer = [_longer(line, np.array(scale), snap_m) for line in near]
    noded = shapely.line_merge(shapely.union_all(np.array(longer, dtype=object)))
    paths = [shapely.get_coordinates(part) + 0.0 for part in shapely.get_parts(noded)]
    return sorted(paths, key=lambda path: path.tolist())


def _as_lines(shape: shapely.Geometry) -> shapely.Geometry:
    has_area = shapely.get_dimensions(shape) > 1
    return shapely.boundary(shape) if has_area else shape


def _refuse_infinite(lines: Geometries, key: AreaKey) -> None:
    places = shapely.get_coordinates(lines)
    is_bad = ~np.isfinite(places).all(axis=1)
    if is_bad.any():
        x, y = places[is_bad][0].tolist()
        raise InvalidCoordinates(" ".join(key), x, y, "不是有限的数", "they are not finite")


def _longer(line: shapely.Geometry, scale: Floats, by_m: float) -> shapely.Geometry:
    places = shapely.get_coordinates(shapely.remove_repeated_points(line))
    if (places[0] == places[-1]).all():
        return line
    ends = []
    for end, next_ in ((places[0], places[1]), (places[-1], places[-2])):
        way = (end - next_) * scale
        ends.append(end + way / np.hypot(*way) * by_m / scale)
    return shapely.LineString(np.vstack([ends[0], places, ends[1]]))
