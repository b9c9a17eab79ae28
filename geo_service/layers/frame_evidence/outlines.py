"""Outlines in a plane of meters: samples along them, and how near points lie to them."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Geometries

Flags: TypeAlias = NDArray[np.bool_]

_POLYGONS = (3, 6)


def lines_of(geometries: Geometries) -> Geometries:
    """Return the outlines of areas; lines are their own outlines, shape ``(n,)``."""
    return np.where(_are_polygons(geometries), shapely.boundary(geometries), geometries)


def points_along(geometries: Geometries, *, count: int) -> Floats:
    """Return points evenly along outlines, whatever the density of their vertices.

    Parameters
    ----------
    geometries
        Areas or lines in any frame, shape ``(n,)``.
    count
        About how many points in all; short outlines get at least one.

    Returns
    -------
    Floats
        Shape ``(m, 2)``, in the units of the geometries; empty where there is no length.
    """
    parts = shapely.get_parts(lines_of(geometries))
    lengths = shapely.length(parts)
    parts, lengths = parts[lengths > 0.0], lengths[lengths > 0.0]
    if len(parts) == 0:
        return np.empty((0, 2))
    each = np.maximum(1, np.rint(count * lengths / lengths.sum())).astype(np.intp)
    which = np.repeat(np.arange(len(parts)), each)
    rank = np.arange(len(which)) - np.repeat(np.cumsum(each) - each, each)
    along = (rank + 0.5) / each[which] * lengths[which]
    return shapely.get_coordinates(shapely.line_interpolate_point(parts[which], along))


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of meters for one neighborhood: coordinates times a number for each axis."""

    x_m: float
    y_m: float

    def points(self, x: Floats, y: Floats) -> Floats:
        """Return points of the plane, shape ``(n, 2)``."""
        return np.column_stack([x * self.x_m, y * self.y_m])

    def geometries(self, geometries: Geometries) -> Geometries:
        """Return geometries in the plane, new ones."""
        scaled: Geometries = shapely.transform(geometries, lambda at: at * (self.x_m, self.y_m))
        return scaled


class Outlines:
    """The outlines of areas in one plane of meters."""

    def __init__(self, geometries: Geometries) -> None:
        """Take areas or lines, in meters; they are prepared in place."""
        is_polygon = _are_polygons(geometries)
        self._lines = lines_of(geometries)
        # lines hold no ground: what lies among them all counts as theirs
        around = shapely.convex_hull(shapely.geometrycollections(geometries[~is_polygon]))
        self._areas: Geometries = np.array([*geometries[is_polygon], around], dtype=object)
        self._line_tree = shapely.STRtree(self._lines)
        self._area_tree = shapely.STRtree(self._areas)
        shapely.prepare(self._areas)
        shapely.prepare(self._lines)

    def near(self, points: Floats, *, within_m: float) -> tuple[Flags, Flags]:
        """Return which points lie near an outline, and which lie in or near any area.

        Parameters
        ----------
        points
            Meters, shape ``(n, 2)``.
        within_m
            How near, meters, included.

        Returns
        -------
        tuple[Flags, Flags]
            Shape ``(n,)`` each; whatever is near an outline is near an area.
        """
        x, y = points.T
        boxes = shapely.box(x - within_m, y - within_m, x + within_m, y + within_m)
        shapes: Geometries = np.asarray(shapely.points(points))
        near, held = np.zeros(len(points), dtype=bool), np.zeros(len(points), dtype=bool)
        at, line = self._line_tree.query(boxes)
        near[at[shapely.dwithin(self._lines[line], shapes[at], within_m)]] = True
        at, area = self._area_tree.query(shapes)
        held[at[shapely.intersects(self._areas[area], shapes[at])]] = True
        return near, near | held

    def distances_m(self, points: Floats) -> Floats:
        """Return how far each point is from the nearest outline, shape ``(n,)``, meters."""
        found: Floats = np.full(len(points), np.nan)
        (at, _), distances = self._line_tree.query_nearest(
            shapely.points(points), all_matches=False, return_distance=True
        )
        found[at] = distances
        return found


def _are_polygons(geometries: Geometries) -> Flags:
    return np.isin(shapely.get_type_id(geometries), _POLYGONS)
