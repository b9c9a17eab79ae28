"""The ground around buildings: of several groups of them, each place goes to the nearest one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.errors import InvalidValue
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.topology import Scale
from geo_service.layers.topology.linework import Ints

_STEP_M = 2.0
"""Walls are known at places this far apart."""
_SMOOTH_M = 0.5
"""Borders between groups bend no more often than this asks for."""
_GRID_M = 0.001
_NOBODY, _BOUNDING, _FAR = -1, 8, 4


class Building(NamedTuple):
    """A building by its name or address, and its footprint or its point in some frame."""

    name: str
    ground: shapely.Geometry


class Cells(NamedTuple):
    """Lines that part ground among groups of buildings, and the ground of each group.

    Both in the frame of the buildings. ``grounds``, ``(n,)``, may overlap by a millimetre; one is
    empty where all its buildings lie in those of others.
    """

    lines: shapely.Geometry
    grounds: Geometries

    def groups_at(self, places: Geometries) -> Ints:
        """Return the group that each point belongs to, the nearest one where none has it."""
        away = np.array([shapely.distance(ground, places) for ground in self.grounds])
        return np.asarray(np.where(np.isnan(away), np.inf, away).argmin(axis=0))


def places_of(buildings: Sequence[Building]) -> Geometries:
    """Return a point in each building, shape ``(n,)``.

    Raises
    ------
    InvalidValue
        A building is neither a point nor a valid polygon.
    """
    grounds = np.array([building.ground for building in buildings], dtype=object)
    is_fit = np.isin(shapely.get_dimensions(grounds), (0, 2)) & shapely.is_valid(grounds)
    is_fit &= np.isfinite(shapely.bounds(grounds).reshape(-1, 4)).all(axis=1)
    if not is_fit.all():
        raise InvalidValue(
            where=buildings[int(is_fit.argmin())].name,
            expected_zh="一个点或有效的面",
            expected_en="a point or a valid polygon",
        )
    points: Geometries = shapely.point_on_surface(grounds)
    return points


def cells(
    buildings: Sequence[Building], groups: Ints, ground: shapely.Geometry, scale: Scale
) -> Cells:
    """Return the ground around each group of buildings, as far as some ground reaches.

    Parameters
    ----------
    buildings
        As `places_of` takes them.
    groups
        ``(n,)``: the group of each building, from 0 on; none is empty.
    ground
        What is to be parted, in the frame of the buildings; cells reach beyond it.
    scale
        Metres per unit.

    Notes
    -----
    Voronoi cells of points, and of places two metres apart along walls, put together by group,
    their borders smoothed by half a metre. A footprint then wholly belongs to its group; where two
    of different groups overlap, to the one with the lower number.
    """
    unit, origin = np.array(scale), shapely.bounds(ground)[:2]
    shapes = np.array([building.ground for building in buildings], dtype=object)
    plane = shapely.transform(shapes, lambda places: (places - origin) * unit)
    extent = shapely.transform(ground, lambda places: (places - origin) * unit)
    frame = shapely.envelope(shapely.union_all([*shapely.envelope(plane), extent]))
    around = shapely.buffer(frame, _STEP_M, join_style="mitre")
    between = _between(*_sites(plane, groups), around)
    grounds = _grounds(between, around, plane, groups)
    near = shapely.STRtree(plane).query(between, predicate="dwithin", distance=2 * _SMOOTH_M)
    by_group = _with_footprints(grounds, plane[near], groups[near])
    lines = shapely.union_all(shapely.boundary(by_group), grid_size=_GRID_M)
    return Cells(
        shapely.transform(lines, lambda places: places / unit + origin),
        shapely.transform(by_group, lambda places: places / unit + origin),
    )


def _between(sites: Floats, groups: Ints, around: shapely.Geometry) -> shapely.Geometry:
    """Return the borders between Voronoi cells of different groups, inside a frame, smoothed."""
    from scipy.spatial import Voronoi  # loads for a quarter of a second: locating does without

    west, south, east, north = shapely.bounds(around)
    middle, reach = np.array([west + east, south + north]) / 2, _FAR * (east - west + north - south)
    angles = np.arange(_BOUNDING) * 2 * np.pi / _BOUNDING
    # Sites of nobody, far away, bound all others.
    far = middle + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    owners = np.r_[groups, np.full(_BOUNDING, _NOBODY)]
    found = Voronoi(np.vstack([sites, far]))
    pair = owners[found.ridge_points]
    is_border = (pair[:, 0] != pair[:, 1]) & (pair != _NOBODY).all(axis=1)
    ends = np.array(found.ridge_vertices)[is_border]
    edges = shapely.linestrings(found.vertices[ends]) if len(ends) else []
    noded = shapely.union_all(shapely.intersection(edges, around), grid_size=_GRID_M)
    merged = shapely.get_parts(shapely.line_merge(noded))
    return shapely.union_all(shapely.simplify(merged, _SMOOTH_M), grid_size=_GRID_M)


def _grounds(
    between: shapely.Geometry, around: shapely.Geometry, shapes: Geometries, groups: Ints
) -> Geometries:
    """Return the ground of each group: faces of a frame, each to the building nearest to it."""
    work = shapely.union_all([shapely.boundary(around), between], grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(work)))
    nearest = groups[shapely.STRtree(shapes).nearest(shapely.point_on_surface(faces))]
    every = range(int(groups.max()) + 1)
    return np.array([shapely.union_all(faces[nearest == group]) for group in every], dtype=object)


def _sites(shapes: Geometries, groups: Ints) -> tuple[Floats, Ints]:
    """Return places in buildings and along walls, ``(n, 2)``, no two the same, and their groups."""
    walls, owner = shapely.get_coordinates(shapely.segmentize(shapes, _STEP_M), return_index=True)
    places = np.vstack([walls, shapely.get_coordinates(shapely.point_on_surface(shapes))])
    owner = np.r_[owner, np.arange(len(shapes))]
    sites, first, at = np.unique(
        np.round(places / _GRID_M), axis=0, return_index=True, return_inverse=True
    )
    lowest, highest = (np.full(len(sites), groups[owner[first]]) for _ in range(2))
    np.minimum.at(lowest, at, groups[owner])
    np.maximum.at(highest, at, groups[owner])
    # A wall that two groups share is nobody's: the border runs along it, as beyond its ends.
    is_shared = (lowest != highest) & (shapely.get_dimensions(shapes)[owner[first]] > 0)
    is_shared &= first < len(walls)
    return sites[~is_shared] * _GRID_M, groups[owner[first]][~is_shared]


def _with_footprints(grounds: Geometries, shapes: Geometries, groups: Ints) -> Geometries:
    found = []
    taken: shapely.Geometry = shapely.Polygon()
    for group, ground in enumerate(grounds):
        own, later = (shapely.union_all(shapes[i]) for i in (groups == group, groups > group))
        mine = shapely.union(shapely.difference(ground, later), _areal(own))
        found.append(shapely.difference(mine, taken, grid_size=_GRID_M))
        taken = shapely.union(taken, found[-1], grid_size=_GRID_M)
    return np.array(found, dtype=object)


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) > 1])
