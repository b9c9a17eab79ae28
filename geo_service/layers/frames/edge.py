"""Edges of geometries: where they are too long to be bent into another frame, they get nodes."""

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from geo_service.errors import InvalidCoordinates, InvalidGeometry
from geo_service.layers.area import Floats, Geometries
from geo_service.layers.frames import epsg
from geo_service.layers.frames.name import parse_frame

_Indices = NDArray[np.intp]

_LINES = (GeometryType.LINESTRING, GeometryType.MULTILINESTRING)
POLYGONS = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)
_REFUSED = (GeometryType.LINEARRING, GeometryType.GEOMETRYCOLLECTION)
_MULTI = (GeometryType.MULTILINESTRING, GeometryType.MULTIPOLYGON)

SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_SQUARED = (2.0 - 1.0 / 298.257222101) / 298.257222101
"""Ellipsoid of CGCS2000, the same as GRS 80."""

_MOST_M_PER_DEGREE = 111_700.0
"""More than a degree of any great ellipse; the longest is the meridian's last, 111 694 m."""

_SLACK = 1e-6
"""Part of the greatest length by which an edge may exceed it: pieces must not be cut again."""


class Paths(NamedTuple):
    """Lines or rings with their vertices in one array, and where each belongs."""

    vertices: Floats
    """Shape ``(v, 2)``."""
    path_of_vertex: _Indices
    part_of_path: _Indices
    """The first path of a polygon is its shell, the others are holes."""
    geometry_of_part: _Indices

    @property
    def is_edge(self) -> NDArray[np.bool_]:
        """Whether vertex i and i + 1 are of one path, shape ``(v - 1,)``."""
        same: NDArray[np.bool_] = self.path_of_vertex[1:] == self.path_of_vertex[:-1]
        return same


def densify(geometries: Geometries, *, source_frame: str, max_edge_m: float = 200.0) -> Geometries:
    """Cut edges longer than ``max_edge_m`` into equal pieces.

    The nodes of an edge depend on its two ends only, not on its direction: a border that two rings
    pass in opposite directions gets the same nodes, bit for bit.

    Parameters
    ----------
    geometries
        Polygons, lines (multi-part or not) and points in one array, without Z; None and empty
        geometries stay.
    source_frame
        As ``parse_frame`` reads it. Length is measured in the plane of a projected frame, and with
        the ellipsoid's radii in degrees: the bound is kept everywhere, and near it, within 0.01 %,
        an edge of middle latitudes may be cut although it is just short enough.
    max_edge_m
        Meters, above 0; a millionth more passes, so that pieces are not cut again.

    Returns
    -------
    Geometries
        A new array. Every old vertex is still there with its bits.

    Raises
    ------
    InvalidGeometry
        Z values, which would be lost, or a geometry collection.
    InvalidCoordinates
        A vertex is not finite.
    UnknownFrame, UnsupportedFrame
        As ``parse_frame``.
    """
    frame = parse_frame(source_frame)
    dense = two_dimensional(geometries).copy()
    kinds = shapely.get_type_id(dense)
    _refuse(dense, np.isin(kinds, _REFUSED))
    for family in (_LINES, POLYGONS):
        chosen = np.isin(kinds, family) & ~shapely.is_empty(dense)
        dense[chosen] = _densified(dense[chosen], frame=frame, max_edge_m=max_edge_m)
    return dense


def two_dimensional(geometries: Geometries) -> Geometries:
    """Return the same array; raises InvalidGeometry for the first geometry with Z values."""
    _refuse(geometries, shapely.has_z(geometries))
    return geometries


def _refuse(geometries: Geometries, is_refused: NDArray[np.bool_]) -> None:
    if is_refused.any():
        first = int(is_refused.argmax())
        kind = geometries[first].geom_type
        raise InvalidGeometry(
            where=f"[{first}]", reason=f"{kind} Z" if geometries[first].has_z else kind
        )


def _refuse_endless(vertices: Floats, *, where: str) -> None:
    is_endless = ~np.isfinite(vertices).all(axis=1)
    if is_endless.any():
        x, y = vertices[is_endless][0]
        raise InvalidCoordinates(
            where=where,
            x=float(x),
            y=float(y),
            reason_zh="不是有限的数（空值或无穷大）",
            reason_en="not a finite number",
        )


def paths_of(geometries: Geometries) -> Paths:
    """Return the rings of polygons, or the lines themselves; not both in one array."""
    parts, geometry_of_part = shapely.get_parts(geometries, return_index=True)
    is_full = ~shapely.is_empty(parts)
    parts, geometry_of_part = parts[is_full], geometry_of_part[is_full]
    paths, part_of_path = parts, np.arange(len(parts))
    if np.isin(shapely.get_type_id(parts), POLYGONS).any():
        paths, part_of_path = shapely.get_rings(parts, return_index=True)
    vertices, path_of_vertex = shapely.get_coordinates(paths, return_index=True)
    return Paths(vertices, path_of_vertex, part_of_path, geometry_of_part)


def _densified(geometries: Geometries, *, frame: str, max_edge_m: float) -> Geometries:
    paths = paths_of(geometries)
    _refuse_endless(paths.vertices, where=frame)
    start, end = paths.vertices[:-1], paths.vertices[1:]
    pieces = np.ones(len(start), dtype=np.intp)
    long = np.flatnonzero(paths.is_edge & _may_be_longer(start, end, max_edge_m, frame=frame))
    length_m = _length_m(start[long], end[long], frame=frame)
    pieces[long] = np.maximum(np.ceil(length_m / max_edge_m - _SLACK), 1.0)
    if pieces.max(initial=1) == 1:  # also where there is no edge at all
        return geometries
    nodes, edge_of_node = _nodes(start, end, pieces)
    dense = paths._replace(
        vertices=np.vstack((nodes, paths.vertices[-1:])),
        path_of_vertex=np.append(paths.path_of_vertex[edge_of_node], paths.path_of_vertex[-1]),
    )
    return _rebuilt(geometries, dense)


def _nodes(start: Floats, end: Floats, pieces: _Indices) -> tuple[Floats, _Indices]:
    """Return the start of every piece of every edge, and the edge it lies on."""
    edge = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    is_backward = (start[:, 0] > end[:, 0]) | (
        (start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1])
    )
    low = np.where(is_backward[:, None], end, start)
    span = np.where(is_backward[:, None], start, end) - low
    share = np.where(is_backward[edge], pieces[edge] - step, step) / pieces[edge]
    nodes = low[edge] + span[edge] * share[:, None]
    # low + (high - low) need not be high: old vertices keep their bits
    is_old = step == 0
    nodes[is_old] = start
    return nodes, edge


def _rebuilt(geometries: Geometries, paths: Paths) -> Geometries:
    """Build geometries of the same types from other paths."""
    kinds = shapely.get_type_id(geometries)
    if np.isin(kinds, POLYGONS).any():
        rings: Any = shapely.linearrings(paths.vertices, indices=paths.path_of_vertex)
        parts: Any = shapely.polygons(rings, indices=paths.part_of_path)
        rebuilt: Any = shapely.multipolygons(parts, indices=paths.geometry_of_part)
    else:
        parts = shapely.linestrings(paths.vertices, indices=paths.path_of_vertex)
        rebuilt = shapely.multilinestrings(parts, indices=paths.geometry_of_part)
    is_single = ~np.isin(kinds, _MULTI)
    rebuilt[is_single] = parts[is_single[paths.geometry_of_part]]
    return np.asarray(rebuilt, dtype=object)


def _may_be_longer(
    start: Floats, end: Floats, max_edge_m: float, *, frame: str
) -> NDArray[np.bool_]:
    """Sort out at once the edges that are short wherever they lie: nearly all."""
    most_m = _MOST_M_PER_DEGREE if epsg.is_geographic(frame) else epsg.meters_per_unit(frame)
    longer: NDArray[np.bool_] = _norm(end - start) * most_m > max_edge_m
    return longer


def _length_m(start: Floats, end: Floats, *, frame: str) -> Floats:
    """Return lengths of edges, in degrees rather too long than too short; symmetric in its ends."""
    if not epsg.is_geographic(frame):
        return _norm(end - start) * epsg.meters_per_unit(frame)
    lat = np.radians(np.stack((start[:, 1], end[:, 1])))
    nearest = np.where((lat > 0).all(axis=0) | (lat < 0).all(axis=0), np.abs(lat).min(axis=0), 0.0)
    farthest = np.abs(lat).max(axis=0)
    # parallels are longest at the latitude next to the equator, meridian arcs next to the pole
    parallel_m = np.cos(nearest) * SEMI_MAJOR_M / np.sqrt(_flattening(nearest))
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / _flattening(farthest) ** 1.5
    return _norm(np.radians(end - start) * np.column_stack((parallel_m, meridian_m)))


def _flattening(latitude_rad: Floats) -> Floats:
    return 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude_rad) ** 2


def _norm(vectors: Floats) -> Floats:
    return np.sqrt(vectors[:, 0] ** 2 + vectors[:, 1] ** 2)
